"""Finished pages in files, where there is no Redis."""

from __future__ import annotations

import itertools

from django.core.cache.backends.filebased import FileBasedCache

WRITES = 100
_writes = itertools.count()


class PageFiles(FileBasedCache):
    """Django's cache in files, which looks at each write how many there are: here at one of WRITES.

    With 20,000 files a look takes as long as making a page. There may be WRITES files of each process too many.
    """

    def _cull(self) -> None:
        if next(_writes) % WRITES == 0:
            super()._cull()  # type: ignore[misc]
