"""Is a dossier in the list twice? Codes remembered without being kept. Pure."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

from reports.readers import text_of
from reports.row_streams import Row


class Codes:
    """The codes of the dossiers of a list, twelve bytes each and none of them legible, to find those met twice.

    Two different codes are taken for one with a chance of about 1 to 37 million in a million dossiers.
    """

    SHELVES = 256

    def __init__(self, column: int | None) -> None:
        self.column = column
        self.hashes = [array("q") for _ in range(self.SHELVES)]
        self.rows = [array("I") for _ in range(self.SHELVES)]

    def add(self, number: int, row: Row) -> None:
        """Note the code of a row, if there is one."""
        if self.column is None or self.column >= len(row) or row[self.column] in ("", None):
            return
        raw = row[self.column]
        code = hash(raw.strip() if isinstance(raw, str) else text_of(raw))
        shelf = code % self.SHELVES
        self.hashes[shelf].append(code)
        self.rows[shelf].append(number)

    def repeated(self) -> Iterator[tuple[int, int]]:
        """Yield rows whose code an earlier row has, with that row."""
        for hashes, rows in zip(self.hashes, self.rows, strict=True):
            if len(set(hashes)) == len(hashes):
                continue
            first: dict[int, int] = {}
            for code, row in zip(hashes, rows, strict=True):
                if first.setdefault(code, row) != row:
                    yield row, first[code]
