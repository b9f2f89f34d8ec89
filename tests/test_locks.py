"""The locks name all that pyproject.toml asks for, each version with its hash."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def locked(name: str) -> dict[str, str]:
    """Returns package → what is said of it: version, markers, hashes."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return {entry.split("==")[0]: entry for entry in re.split(r"\n(?=[a-z])", text) if "==" in entry}


def names(requirements: list[str]) -> set[str]:
    return {re.split(r"[\[~=<>!; ]", requirement)[0].lower() for requirement in requirements}


@pytest.mark.parametrize("lock", ["run", "dev"])
def test_what_the_server_needs_is_locked(lock):
    assert names(PROJECT["project"]["dependencies"]) <= locked(lock).keys()


@pytest.mark.parametrize("group", ["dev", "node"])
def test_each_group_of_tools_is_locked(group):
    assert names(PROJECT["dependency-groups"][group]) <= locked(group).keys()


@pytest.mark.parametrize("lock", ["run", "dev", "node"])
def test_every_locked_version_has_a_hash(lock):
    assert [name for name, entry in locked(lock).items() if "--hash=sha256:" not in entry] == []


def test_npm_packages_are_locked_by_hash_and_name_no_host():
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    brought = [entry for path, entry in packages.items() if path]
    assert brought and all("integrity" in entry and "resolved" not in entry for entry in brought)
