"""What is in the file somebody uploaded? XLSX and CSV as plain tables, opened only after a look inside. Pure.

Nothing in a file is trusted: sizes, ratios and addresses are counted before a parser reads it.
"""

from __future__ import annotations

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from .readers import text_of

MEGABYTE = 1 << 20
MAX_BYTES = 50 * MEGABYTE
MAX_UNPACKED = 256 * MEGABYTE
# XML of a spreadsheet packs 10 to 40 times; a bomb a thousand times.
MAX_RATIO = 200
MAX_PARTS = 1_000
MAX_CELLS = 1_000_000
# A parser may lay out the whole rectangle up to the last cell.
MAX_AREA = 3_000_000
# Each use of a shared text may become a copy.
MAX_TEXT_IN_CELLS = 1_000_000_000
_CHUNK = MEGABYTE

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ADDRESS = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,3})?(\d{1,7})["']""")
_CELL = re.compile(
    rb"""<(?:\w+:)?c\s(?P<attributes>[^>]*?)(?:/>|>(?P<content>.*?)</(?:\w+:)?c>)""", re.DOTALL
)
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_ERROR_TYPE = re.compile(rb"""\bt\s*=\s*["']e["']""")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

TOO_BIG = "Tệp lớn hơn 50 MB; hãy chia nhỏ."
BOMB = "Tệp nén giãn ra quá lớn nên không được mở."
DAMAGED = "Tệp bị hỏng, không mở được; hãy lưu lại từ bảng tính rồi tải lên lần nữa."
ENCRYPTED = "Tệp đặt mật khẩu; hãy bỏ mật khẩu rồi tải lên lại."
NOT_A_SHEET = "Không phải bảng tính; hãy tải lên tệp Excel (.xlsx) hoặc CSV."
OLD_EXCEL = "Tệp Excel kiểu cũ (.xls); hãy lưu lại thành .xlsx."
EMPTY = "Tệp không có dữ liệu."
RAGGED = (
    "Hàng %d có %d ô, khác hàng tiêu đề (%d ô). Nếu tệp ngăn cách bằng dấu phẩy thì số thập phân phải dùng dấu chấm "
    "hoặc đặt trong ngoặc kép; nên ngăn cách bằng dấu chấm phẩy."
)

Place = tuple[int, int]


class FileError(ValueError):
    """The file cannot be taken as it is; the message says why, in Vietnamese."""


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
    elif content.startswith(_OLE):
        raise FileError(ENCRYPTED if "EncryptedPackage".encode("utf-16-le") in content else OLD_EXCEL)
    else:
        tables = [_csv_table(content)]
    if not any(text_of(cell) for table in tables for row in table.rows for cell in row):
        raise FileError(EMPTY)
    return tables


def column_letter(column: int) -> str:
    """Return the letter a spreadsheet shows for a column counted from 0: 0 → A, 27 → AB."""
    letters = ""
    column += 1
    while column:
        column, left = divmod(column - 1, 26)
        letters = chr(65 + left) + letters
    return letters


@dataclass
class _Inside:
    """What the look inside has counted."""

    cells: int = 0
    longest_text: int = 0
    formulas: dict[str, set[Place]] = field(default_factory=dict)
    broken: dict[str, set[Place]] = field(default_factory=dict)


def _workbook_tables(content: bytes) -> list[Table]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = _look_inside(archive)
            parts = _sheet_parts(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise FileError(DAMAGED) from error
    except (ElementTree.ParseError, KeyError, ValueError, OverflowError) as error:
        raise error if isinstance(error, FileError) else FileError(DAMAGED) from error
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            return [_table(book, name, parts.get(name, ""), inside) for name in book.sheet_names]
    except PasswordError as error:
        raise FileError(ENCRYPTED) from error
    except (CalamineError, ValueError, OSError) as error:
        raise FileError(DAMAGED) from error
    except BaseException as error:
        # A panic of the parser is no Exception, and says nothing about our own process.
        if type(error).__name__ == "PanicException":
            raise FileError(DAMAGED) from None
        raise


def _table(book: CalamineWorkbook, name: str, part: str, inside: _Inside) -> Table:
    sheet = book.get_sheet_by_name(name)
    merged = tuple((start, end) for start, end in sheet.merged_cell_ranges or ())
    rows: list[list[object]] = [list(row) for row in sheet.to_python(skip_empty_area=False)]
    formulas, broken = inside.formulas.get(part, set()), inside.broken.get(part, set())
    return Table(name, rows, frozenset(formulas), frozenset(broken), merged)


def _look_inside(archive: zipfile.ZipFile) -> _Inside:
    members = archive.infolist()
    names = {member.filename for member in members}
    if any(member.flag_bits & 1 for member in members):
        raise FileError(ENCRYPTED)
    if "xl/workbook.xml" not in names:
        raise FileError(NOT_A_SHEET)
    if len(members) > MAX_PARTS or len(names) < len(members):
        raise FileError(BOMB if len(members) > MAX_PARTS else DAMAGED)
    if sum(member.file_size for member in members) > MAX_UNPACKED or any(map(_is_bomb, members)):
        raise FileError(BOMB)
    inside = _Inside()
    for member in members:
        _look_at(archive, member, inside)
    if inside.cells * inside.longest_text > MAX_TEXT_IN_CELLS:
        raise FileError(BOMB)
    return inside


def _is_bomb(member: zipfile.ZipInfo) -> bool:
    return member.file_size > MEGABYTE and member.file_size > MAX_RATIO * max(member.compress_size, 1)


def _look_at(archive: zipfile.ZipFile, member: zipfile.ZipInfo, inside: _Inside) -> None:
    """Unpack one part, which proves its stated size, and count what a parser would have to hold."""
    with archive.open(member) as stream:
        if member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml"):
            _look_at_sheet(stream, member.filename, inside)
        elif member.filename == "xl/sharedStrings.xml":
            text = _plain_xml(stream.read())
            inside.longest_text = max(map(len, text.split(b"<")), default=0)
        else:
            for chunk in iter(lambda: stream.read(_CHUNK), b""):
                if b"<!DOCTYPE" in chunk:
                    raise FileError(DAMAGED)


def _look_at_sheet(stream: IO[bytes], part: str, inside: _Inside) -> None:
    text = _plain_xml(stream.read())
    last_row = last_column = 0
    for letters, number in _ADDRESS.findall(text):
        last_row = max(last_row, int(number))
        last_column = max(last_column, _column_number(letters))
    inside.cells += len(re.findall(rb"<(?:\w+:)?c[\s>/]", text))
    if inside.cells > MAX_CELLS or last_row * max(last_column, 1) > MAX_AREA:
        raise FileError(f"Bảng quá lớn: đến hàng {last_row}, cột {column_letter(last_column - 1)}.")
    inside.formulas[part], inside.broken[part] = set(), set()
    for cell in _CELL.finditer(text):
        is_formula = bool(_FORMULA.search(cell["content"] or b""))
        is_broken = bool(_ERROR_TYPE.search(cell["attributes"]))
        address = _ADDRESS.search(cell["attributes"]) if is_formula or is_broken else None
        if address and address[1]:
            place = (int(address[2]) - 1, _column_number(address[1]) - 1)
            (inside.broken if is_broken else inside.formulas)[part].add(place)


def _plain_xml(text: bytes) -> bytes:
    """Refuse encodings that hide what is looked for, and document types, which XLSX never has."""
    if b"\0" in text[:200] or b"<!DOCTYPE" in text:
        raise FileError(DAMAGED)
    return text


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the part of the archive in which each named sheet is."""
    relations = {
        relation.get("Id"): relation.get("Target", "")
        for relation in _xml(archive, "xl/_rels/workbook.xml.rels").iter()
        if relation.get("Id")
    }
    parts = {}
    for node in _xml(archive, "xl/workbook.xml").iter():
        if node.tag.rpartition("}")[2] == "sheet":
            target = relations.get(node.get(_RELATION), "")
            parts[node.get("name", "")] = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return parts


def _xml(archive: zipfile.ZipFile, part: str) -> ElementTree.Element:
    # No document type, so no entities: `_look_at` has refused them.
    return ElementTree.fromstring(_plain_xml(archive.read(part)))  # noqa: S314


def _csv_table(content: bytes) -> Table:
    text = _decoded(content)
    lines = text.splitlines()
    separator = _separator(lines)
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


def _separator(lines: list[str]) -> str:
    if lines and (said := re.fullmatch(r"sep=(.)", lines[0].strip(), re.IGNORECASE)):
        return said[1]
    head = list(_filled(lines))[:15]
    # The one that cuts the head into most columns; a semicolon first, as Vietnamese Excel writes it.
    return max(";\t,", key=lambda mark: max((_cuts(line, mark) for line in head), default=0))


def _cuts(line: str, mark: str) -> int:
    return re.sub(r'"[^"]*"', "", line).count(mark)


def _filled(lines: list[str]) -> Iterator[str]:
    return (line for line in lines if line.strip())
