"""Files on disk that are there whole or not at all."""

from __future__ import annotations

from pathlib import Path

from django.core.files.base import File
from django.core.files.storage import FileSystemStorage


class WholeFiles(FileSystemStorage):
    """Take away what was begun when the disk is full: nobody would know of it, and it holds the last bytes of room."""

    def _save(self, name: str, content: File) -> str:
        try:
            return str(super()._save(name, content))  # type: ignore[misc]  # the stubs leave it out
        except OSError:
            Path(self.path(name)).unlink(missing_ok=True)
            raise
