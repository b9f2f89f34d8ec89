"""Is the process there, and can it serve?"""

import pytest
from django.core.cache import caches
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from cchc import health


@pytest.fixture(autouse=True)
def _anew():
    health._up_to_date.clear()
    yield
    health._up_to_date.clear()


def test_a_process_lives_without_asking_anything(client, django_assert_num_queries, db):
    with django_assert_num_queries(0):
        assert client.get("/healthz").content == b"ok\n"


def test_what_all_pages_need_is_there(client, db):
    answer = client.get("/readyz")
    everything = dict.fromkeys(("database", "migrations", "cache", "disk"), "ok")
    assert (answer.status_code, answer.json()) == (200, everything)
    assert "no-store" in answer.headers["Cache-Control"]


def test_a_migration_that_waits_is_a_fault_until_it_is_done(client, db):
    applied = MigrationRecorder(connection).migration_qs
    last = applied.filter(app="reports").latest("pk")
    applied.filter(pk=last.pk).delete()
    assert client.get("/readyz").json()["migrations"] == "fault"
    applied.create(app=last.app, name=last.name)
    assert client.get("/readyz").status_code == 200


def test_a_cache_that_forgets_is_a_fault(client, db, settings):
    settings.CACHES = settings.CACHES | {
        "default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}
    }
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["cache"]) == (503, "fault")
    assert caches["default"].get("x") is None


def test_a_full_disk_is_a_fault(client, db, monkeypatch):
    monkeypatch.setattr(health, "LEAST_DISK_BYTES", 2**60)
    assert client.get("/readyz").json()["disk"] == "fault"


def test_a_folder_not_made_yet_is_asked_for_above(tmp_path):
    assert health._existing(tmp_path / "var" / "private") == tmp_path
