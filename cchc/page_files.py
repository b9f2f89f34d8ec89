"""Finished pages in files, where there is no Redis."""

from __future__ import annotations

import itertools
import os
import tempfile
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.filebased import FileBasedCache

WRITES = 100
_writes = itertools.count()


class PageFiles(FileBasedCache):
    """Django's cache in files, which looks at each write how many there are: here at one of WRITES.

    With 20,000 files a look takes as long as making a page. There may be WRITES files of each process too many.
    """

    def add(
        self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Write what is not there yet; of several processes at once one is told that it did."""
        if self.has_key(key, version):
            return False
        self._createdir()  # type: ignore[attr-defined]
        with tempfile.NamedTemporaryFile(dir=self._dir) as file:  # type: ignore[attr-defined]
            self._write_content(file, timeout, value)  # type: ignore[attr-defined]
            file.flush()
            try:
                os.link(file.name, self._key_to_file(key, version))  # type: ignore[attr-defined]
            except FileExistsError:
                return False
        return True

    def _cull(self) -> None:
        if next(_writes) % WRITES == 0:
            super()._cull()  # type: ignore[misc]
