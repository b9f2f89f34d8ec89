"""Finished pages in files, where there is no Redis."""

from __future__ import annotations

import contextlib
import itertools
import os
import pickle
import struct
import tempfile
import zlib
from pathlib import Path
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.filebased import FileBasedCache

WRITES = 100
CHECKSUM = struct.Struct("<L")
_writes = itertools.count()


class PageFiles(FileBasedCache):
    """Django's cache in files, which looks at each write how many there are: here at one of WRITES.

    With 20,000 files a look takes as long as making a page. There may be WRITES files of each process too many. What a
    page consists of is compressed already, and is not again.
    """

    def add(
        self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Write what is not there yet; of several processes at once one is told that it did."""
        if self.has_key(key, version):
            return False
        self._createdir()  # type: ignore[attr-defined]
        with tempfile.NamedTemporaryFile(dir=self._dir) as file:  # type: ignore[attr-defined]
            self._write_content(file, timeout, value)
            file.flush()
            try:
                os.link(file.name, self._key_to_file(key, version))  # type: ignore[attr-defined]
            except FileExistsError:
                return False
        return True

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        """Return a value; raises UnpicklingError for what a power cut left half written."""
        path = Path(self._key_to_file(key, version))  # type: ignore[attr-defined]
        with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
            if not self._is_expired(file):  # type: ignore[attr-defined]
                checksum, written = file.read(CHECKSUM.size), file.read()
                if checksum != CHECKSUM.pack(zlib.crc32(written)):
                    raise pickle.UnpicklingError("not as it was written")
                return pickle.loads(written)  # noqa: S301 - our own folder, as Django's cache in files
        return default

    def touch(self, key: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        missing = object()
        value = self.get(key, missing, version)
        if value is not missing:
            self.set(key, value, timeout, version)
        return value is not missing

    def _write_content(self, file: Any, timeout: float | None, value: Any) -> None:
        written = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        file.write(pickle.dumps(self.get_backend_timeout(timeout)))
        file.write(CHECKSUM.pack(zlib.crc32(written)))
        file.write(written)

    def _cull(self) -> None:
        if next(_writes) % WRITES == 0:
            super()._cull()  # type: ignore[misc]
