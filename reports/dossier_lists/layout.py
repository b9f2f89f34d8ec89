"""Where are the columns of a list? By the words of its heading row. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reports.readers import text_of
from reports.row_streams import Row
from reports.workbook_archives import FileError

from .words import COLUMN_NAMES, Column, heading_of

HEADER_ROWS = 20
REQUIRED = (Column.RECEIVED, Column.DUE, Column.FINISHED)


@dataclass(frozen=True)
class Layout:
    """Where a list's columns are; `ignored` are headings that mean the same as the one that is read."""

    headings: tuple[str, ...]
    columns: Mapping[Column, int]
    ignored: tuple[str, ...] = ()

    @property
    def said(self) -> dict[str, str]:
        """Return which heading was taken for what, in words: "Ngày tiếp nhận" → "Ngày nhận hồ sơ"."""
        return {COLUMN_NAMES[column]: self.headings[place] for column, place in self.columns.items()}


def find_layout(rows: Iterator[tuple[int, Row]]) -> Layout:
    """Read down to the heading row, which is consumed, and return where the columns are.

    Raises FileError where the first rows have no such headings; the message names the missing ones.
    """
    best: Layout | None = None
    for _, (_, row) in zip(range(HEADER_ROWS), rows, strict=False):
        layout = _layout(row)
        if all(column in layout.columns for column in REQUIRED):
            return layout
        if best is None or len(layout.columns) > len(best.columns):
            best = layout
    missing = [COLUMN_NAMES[c] for c in REQUIRED if best is None or c not in best.columns]
    raise FileError(
        f"Không tìm thấy hàng tiêu đề có đủ các cột; còn thiếu: {', '.join(f'“{name}”' for name in missing)}."
    )


def _layout(row: Row) -> Layout:
    found: dict[Column, tuple[int, int]] = {}
    ignored = []
    for place, cell in enumerate(row):
        if (meaning := heading_of(cell)) is None:
            continue
        column, rank = meaning
        if column not in found or rank < found[column][0]:
            if column in found:
                ignored.append(text_of(row[found[column][1]]))
            found[column] = (rank, place)
        else:
            ignored.append(text_of(cell))
    columns = {column: found[column][1] for column in Column if column in found}
    return Layout(tuple(text_of(cell) for cell in row), columns, tuple(ignored))
