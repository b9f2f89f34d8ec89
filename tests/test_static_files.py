"""Static files of two releases in one folder."""

import json
from pathlib import Path

import pytest
from django.core.management import call_command

from cchc.static_files import StaticFiles


@pytest.fixture
def collected(settings, tmp_path: Path) -> Path:
    """A folder into which two releases collected, one style sheet of theirs being another one."""
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    for release in ("1", "2"):
        settings.BASE_DIR = tmp_path / release
        # A storage is made once; as each release's own process does, each of them here begins with a new one.
        settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "cchc.static_files.StaticFiles"}}
        settings.STATICFILES_DIRS = [tmp_path / release / "static"]
        settings.STATICFILES_DIRS[0].mkdir(parents=True)
        (settings.STATICFILES_DIRS[0] / "site.css").write_text(f"p {{ order: {release} }}")
        call_command("collectstatic", interactive=False, verbosity=0)
    return settings.STATIC_ROOT


def test_each_release_has_a_list_of_its_own_and_all_its_files(collected, settings):
    for release in ("1", "2"):
        names = json.loads((collected / f"staticfiles.{release}.json").read_text())["paths"]
        assert release in (collected / names["site.css"]).read_text()
    settings.BASE_DIR = settings.BASE_DIR.parent / "1"
    assert "order: 1" in Path(StaticFiles().path(StaticFiles().stored_name("site.css"))).read_text()
