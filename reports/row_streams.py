"""The rows of a spreadsheet one after the other, however many there are. Pure.

CSV is read as it comes, in constant memory. A workbook is held in memory by its parser, so it is refused above a
number of rows before the parser sees it.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from .sheet_files import EMPTY, MAX_BYTES, OLD_EXCEL, OLE, TOO_BIG, separator_of
from .workbook_archives import ENCRYPTED, NOT_A_SHEET, FileError, Limits, open_workbook, parsing

MAX_WORKBOOK_ROWS = 100_000
# Headings and what stands above them.
ABOVE = 20
TOO_MANY_ROWS = (
    "Bảng Excel có hơn 100.000 hàng; hãy lưu lại thành CSV "
    "(trong Excel: Lưu thành… → CSV UTF-8) rồi nhập tệp CSV."
)
LIMITS = Limits(
    rows=MAX_WORKBOOK_ROWS + ABOVE,
    cells=4_000_000,
    area=8_000_000,
    too_many_rows=TOO_MANY_ROWS,
    with_places=False,
)
HEAD_LINES = 15
TOLD_EVERY = 5_000
LONGEST_CELL = 131_072  # characters
UNCLOSED = "Hàng %d: ô quá dài, có lẽ dấu ngoặc kép không được đóng."
_CHUNK = 1 << 20

Row = Sequence[Any]
# Told how much is done, and of how much.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class RowSheet:
    """One sheet; its rows can be read once, each with the number a spreadsheet shows, from column A on."""

    name: str
    rows: Iterator[tuple[int, Row]]


def open_rows(stream: BinaryIO, progress: Progress | None = None) -> Iterator[RowSheet]:
    """Yield the sheets of an XLSX file, or the one table of a CSV file, whatever its name says.

    `stream` must be seekable; it is read from its beginning and left open. Raises FileError.
    """
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    start = stream.read(8)
    if not size:
        raise FileError(EMPTY)
    if start.startswith(b"PK"):
        yield from _workbook(stream, size, progress)
    elif start.startswith(OLE):
        raise FileError(_why_old(stream, size))
    else:
        yield RowSheet("", _csv(stream, size, progress))


def _why_old(stream: BinaryIO, size: int) -> str:
    stream.seek(0)
    # The list of parts stands at the end of some files and at the beginning of others.
    is_encrypted = size <= MAX_BYTES and "EncryptedPackage".encode("utf-16-le") in stream.read()
    return ENCRYPTED if is_encrypted else OLD_EXCEL


def _workbook(stream: BinaryIO, size: int, progress: Progress | None) -> Iterator[RowSheet]:
    if size > MAX_BYTES:
        raise FileError(TOO_BIG)
    stream.seek(0)
    book, _inside = open_workbook(stream.read(), LIMITS)
    with book:
        for name in book.sheet_names:
            with parsing():
                sheet = book.get_sheet_by_name(name)
            yield RowSheet(name, _sheet_rows(sheet, progress))


def _sheet_rows(sheet: Any, progress: Progress | None) -> Iterator[tuple[int, Row]]:
    if sheet.start is None:
        return
    # The parser leaves out empty columns at the left, though not empty rows above.
    before = [""] * sheet.start[1]
    with parsing():
        for number, row in enumerate(sheet.iter_rows(), start=1):
            yield number, [*before, *row]
            if progress and number % TOLD_EVERY == 0:
                progress(number, sheet.total_height)
    if progress:
        progress(sheet.total_height, sheet.total_height)


def _csv(stream: BinaryIO, size: int, progress: Progress | None) -> Iterator[tuple[int, Row]]:
    csv.field_size_limit(
        LONGEST_CELL
    )  # the module's own default, which any library of the process may change
    text = io.TextIOWrapper(stream, _encoding(stream), newline="")
    number = 0
    try:
        for number, row in enumerate(csv.reader(text, delimiter=_separator(text)), start=1):
            if number > 1 or not _says_separator(row):
                yield number, row
            if progress and number % TOLD_EVERY == 0:
                progress(min(stream.tell(), size), size)
    except UnicodeDecodeError as error:
        raise FileError(NOT_A_SHEET) from error
    except csv.Error as error:
        raise FileError(UNCLOSED % (number + 1)) from error
    finally:
        # The stream belongs to the caller, who may have closed it before the last row was read.
        if not stream.closed:
            text.detach()
    if progress:
        progress(size, size)


def _separator(text: io.TextIOWrapper) -> str:
    head = [text.readline(1 << 16).rstrip("\r\n") for _ in range(HEAD_LINES)]
    text.seek(0)
    return separator_of(head)


def _says_separator(row: Row) -> bool:
    return bool(row) and str(row[0]).lower().startswith("sep=")


def _encoding(stream: BinaryIO) -> str:
    """Return how the text is written, after a look at all of it: Unicode, else the old Vietnamese code page."""
    stream.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    found = "utf-8-sig"
    for chunk in iter(lambda: stream.read(_CHUNK), b""):
        if chunk.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and stream.tell() <= _CHUNK:
            found = "utf-16"
            break
        if b"\0" in chunk:
            raise FileError(NOT_A_SHEET)
        try:
            if found == "utf-8-sig":
                decoder.decode(chunk)
        except UnicodeDecodeError:
            found = "cp1258"
    stream.seek(0)
    return found
