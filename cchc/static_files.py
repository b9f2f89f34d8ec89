"""Collected static files: those of several releases stand side by side, each with its own list of names."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from whitenoise.storage import CompressedManifestStaticFilesStorage


def manifest_name() -> str:
    """Return the name of this release's list, after the folder that it lies in: /opt/cchc/releases/2 is "2"."""
    return f"staticfiles.{settings.BASE_DIR.name}.json"


class StaticFiles(CompressedManifestStaticFilesStorage):
    """A release that starts again finds its own files, after another one was collected too."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.manifest_name = manifest_name()
        super().__init__(*args, **kwargs)
