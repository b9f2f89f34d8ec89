"""What is in the file somebody uploaded? XLSX and CSV as plain tables, opened only after a look inside. Pure.

Nothing in a file is trusted: sizes, ratios and addresses are counted before a parser reads it.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from python_calamine import CalamineWorkbook

from .readers import text_of
from .workbook_archives import (
    BOMB,
    DAMAGED,
    ENCRYPTED,
    MAX_CELLS,
    MEGABYTE,
    NOT_A_SHEET,
    FileError,
    Inside,
    Place,
    column_letter,
    open_workbook,
    parsing,
)

__all__ = [
    "BOMB",
    "DAMAGED",
    "ENCRYPTED",
    "NOT_A_SHEET",
    "FileError",
    "Table",
    "column_letter",
    "read_tables",
]

MAX_BYTES = 50 * MEGABYTE

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

TOO_BIG = "Tệp lớn hơn 50 MB; hãy chia nhỏ."
OLD_EXCEL = "Tệp Excel kiểu cũ (.xls); hãy lưu lại thành .xlsx."
EMPTY = "Tệp không có dữ liệu."
RAGGED = (
    "Hàng %d có %d ô, khác hàng tiêu đề (%d ô). Nếu tệp ngăn cách bằng dấu phẩy thì số thập phân phải dùng dấu chấm "
    "hoặc đặt trong ngoặc kép; nên ngăn cách bằng dấu chấm phẩy."
)


@dataclass(frozen=True)
class Table:
    """One sheet: rows of cells from A1 on, counted from 0; a CSV file is one table without a name.

    `formulas` and `broken` (#REF! and the like) are places of cells, `merged` the first and last cell of a block.
    """

    name: str
    rows: list[list[object]]
    formulas: frozenset[Place] = field(default_factory=frozenset)
    broken: frozenset[Place] = field(default_factory=frozenset)
    merged: tuple[tuple[Place, Place], ...] = ()


def read_tables(content: bytes) -> list[Table]:
    """Return the sheets of an XLSX file or the one table of a CSV file, whatever its name says.

    Raises FileError where the file is too big, packed to explode, encrypted, damaged, empty, or no spreadsheet.
    """
    if len(content) > MAX_BYTES:
        raise FileError(TOO_BIG)
    if not content.strip(b"\0 \t\r\n"):
        raise FileError(EMPTY)
    if content.startswith(b"PK"):
        tables = _workbook_tables(content)
    elif content.startswith(OLE):
        raise FileError(ENCRYPTED if "EncryptedPackage".encode("utf-16-le") in content else OLD_EXCEL)
    else:
        tables = [_csv_table(content)]
    if not any(text_of(cell) for table in tables for row in table.rows for cell in row):
        raise FileError(EMPTY)
    return tables


def _workbook_tables(content: bytes) -> list[Table]:
    book, inside = open_workbook(content)
    with parsing(), book:
        return [_table(book, name, inside) for name in book.sheet_names]


def _table(book: CalamineWorkbook, name: str, inside: Inside) -> Table:
    sheet, part = book.get_sheet_by_name(name), inside.parts.get(name, "")
    merged = tuple((start, end) for start, end in sheet.merged_cell_ranges or ())
    rows: list[list[object]] = [list(row) for row in sheet.to_python(skip_empty_area=False)]
    formulas, broken = inside.formulas.get(part, set()), inside.broken.get(part, set())
    return Table(name, rows, frozenset(formulas), frozenset(broken), merged)


def _csv_table(content: bytes) -> Table:
    text = _decoded(content)
    lines = text.splitlines()
    separator = separator_of(lines)
    try:
        rows: list[list[object]] = [list(row) for row in csv.reader(io.StringIO(text), delimiter=separator)]
    except csv.Error as error:
        raise FileError(NOT_A_SHEET) from error
    if sum(map(len, rows)) > MAX_CELLS:
        raise FileError("Bảng quá lớn.")
    if lines and lines[0].lower().startswith("sep="):
        rows[0] = []
    if max(map(len, rows), default=0) < 2:
        raise FileError(NOT_A_SHEET)
    _refuse_ragged(rows)
    return Table("", rows)


def _refuse_ragged(rows: list[list[object]]) -> None:
    """Rows of another length than the header are a decimal comma taken for a separator: never guessed."""
    header, width = max(enumerate(map(len, rows[:15])), key=lambda found: (found[1], -found[0]))
    filled = ((number, row) for number, row in enumerate(rows) if any(text_of(cell) for cell in row))
    for number, row in filled:
        if number > header and len(row) != width:
            raise FileError(RAGGED % (number + 1, len(row), width))
    earlier = [len(row) for row in rows[:header] if sum(bool(text_of(cell)) for cell in row) > 1]
    if earlier and width > max(earlier):
        raise FileError(RAGGED % (header + 1, width, max(earlier)))


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\0" in content:
        raise FileError(NOT_A_SHEET)
    else:
        encodings = ["utf-8-sig", "cp1258"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileError(NOT_A_SHEET)


def separator_of(lines: list[str]) -> str:
    """Return by which sign the lines of a CSV file are cut; the first ones are enough."""
    if lines and (said := re.fullmatch(r"sep=(.)", lines[0].strip(), re.IGNORECASE)):
        return said[1]
    head = list(_filled(lines))[:15]
    # The one that cuts the head into most columns; a semicolon first, as Vietnamese Excel writes it.
    return max(";\t,", key=lambda mark: max((_cuts(line, mark) for line in head), default=0))


def _cuts(line: str, mark: str) -> int:
    return re.sub(r'"[^"]*"', "", line).count(mark)


def _filled(lines: list[str]) -> Iterator[str]:
    return (line for line in lines if line.strip())
