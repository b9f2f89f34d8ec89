"""Do the private files and the rows that name them still belong together?"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from reports.backups.contents import private_files
from reports.models import Evidence, ImportBatch

# A file is there before its row: what is younger may still get one.
UPLOAD_SECONDS = 3600


def evidence_files() -> dict[str, int | None]:
    """Return each file of evidence that a row names, with its size where the row tells it."""
    return dict(Evidence.objects.exclude(file="").values_list("file", "size"))


def lost_files() -> Iterator[str]:
    """Yield the names of files of evidence that are gone, or are not as long as they were.

    Uploaded spreadsheets are none of them: whoever sent one can send it again.
    """
    for name, size in sorted(evidence_files().items()):
        path = settings.PRIVATE_DIR / name
        if not path.is_file() or (size is not None and path.stat().st_size != size):
            yield name


def orphaned_files() -> Iterator[str]:
    """Yield the names of private files that no row names and that are too old for an upload under way."""
    imports = ImportBatch.objects.exclude(file="").values_list("file", flat=True)
    named, youngest = evidence_files().keys() | set(imports), time.time() - UPLOAD_SECONDS
    for path in private_files():
        name = path.relative_to(settings.PRIVATE_DIR).as_posix()
        if name not in named and _is_older(path, youngest):
            yield name


def _is_older(path: Path, moment: float) -> bool:
    """Return whether a file was last written before; one that is gone meanwhile was not."""
    try:
        return path.stat().st_mtime < moment
    except FileNotFoundError:
        return False
