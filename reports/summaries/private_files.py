"""Do the private files and the rows that name them still belong together?"""

from __future__ import annotations

import time
from collections.abc import Iterator

from django.conf import settings

from reports.backups.contents import private_files
from reports.models import Evidence, ImportBatch

# A file is there before its row: what is younger may still get one.
UPLOAD_SECONDS = 3600


def named_files() -> dict[str, int | None]:
    """Return each file that a row names, with its size where the row tells it."""
    found: dict[str, int | None] = dict(Evidence.objects.exclude(file="").values_list("file", "size"))
    imports = ImportBatch.objects.exclude(file="").values_list("file", flat=True)
    return dict.fromkeys(imports) | found


def lost_files() -> Iterator[str]:
    """Yield the names of files that rows name and that are gone, or are not as long as they were."""
    for name, size in sorted(named_files().items()):
        path = settings.PRIVATE_DIR / name
        if not path.is_file() or (size is not None and path.stat().st_size != size):
            yield name


def orphaned_files() -> Iterator[str]:
    """Yield the names of private files that no row names and that are too old for an upload under way."""
    named, youngest = named_files().keys(), time.time() - UPLOAD_SECONDS
    for path in private_files():
        name = path.relative_to(settings.PRIVATE_DIR).as_posix()
        if name not in named and path.stat().st_mtime < youngest:
            yield name
