"""Is a workbook safe to be given to a parser? Opened only after a look inside the archive. Pure.

Nothing in it is trusted: sizes, ratios and addresses are counted first, one part at a time.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

MEGABYTE = 1 << 20
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

_ADDRESS = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,3})?(\d{1,7})["']""")
_CELL = re.compile(
    rb"""<(?:\w+:)?c\s(?P<attributes>[^>]*?)(?:/>|>(?P<content>.*?)</(?:\w+:)?c>)""", re.DOTALL
)
_CELL_START = re.compile(rb"<(?:\w+:)?c[\s>/]")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_ERROR_TYPE = re.compile(rb"""\bt\s*=\s*["']e["']""")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

BOMB = "Tệp nén giãn ra quá lớn nên không được mở."
DAMAGED = "Tệp bị hỏng, không mở được; hãy lưu lại từ bảng tính rồi tải lên lần nữa."
ENCRYPTED = "Tệp đặt mật khẩu; hãy bỏ mật khẩu rồi tải lên lại."
NOT_A_SHEET = "Không phải bảng tính; hãy tải lên tệp Excel (.xlsx) hoặc CSV."

Place = tuple[int, int]


class FileError(ValueError):
    """The file cannot be taken as it is; the message says why, in Vietnamese."""


@dataclass(frozen=True)
class Limits:
    """How much a parser may have to hold; `too_many_rows` is what is said of more than `rows`."""

    rows: int = 1 << 20
    cells: int = MAX_CELLS
    area: int = MAX_AREA
    too_many_rows: str = "Bảng quá lớn."
    # Whether the places of formulas and of broken cells are wanted.
    with_places: bool = True


@dataclass
class Inside:
    """What the look inside has counted; places by part of the archive, `parts` by name of the sheet."""

    cells: int = 0
    longest_text: int = 0
    formulas: dict[str, set[Place]] = field(default_factory=dict)
    broken: dict[str, set[Place]] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)


def open_workbook(content: bytes, limits: Limits | None = None) -> tuple[CalamineWorkbook, Inside]:
    """Return an XLSX file opened, to be closed by the caller, and what is inside.

    Raises FileError where it is packed to explode, too big for `limits`, encrypted, damaged, or no spreadsheet.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            inside = _look_inside(archive, limits or Limits())
            inside.parts = _sheet_parts(archive)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise FileError(DAMAGED) from error
    except (ElementTree.ParseError, KeyError, ValueError, OverflowError) as error:
        raise error if isinstance(error, FileError) else FileError(DAMAGED) from error
    with parsing():
        return CalamineWorkbook.from_filelike(io.BytesIO(content)), inside


@contextmanager
def parsing() -> Iterator[None]:
    """Turn whatever the parser may raise into FileError."""
    try:
        yield
    except PasswordError as error:
        raise FileError(ENCRYPTED) from error
    except FileError:
        raise
    except (CalamineError, ValueError, OSError) as error:
        raise FileError(DAMAGED) from error
    except BaseException as error:
        # A panic of the parser is no Exception, and says nothing about our own process.
        if type(error).__name__ == "PanicException":
            raise FileError(DAMAGED) from None
        raise


def _look_inside(archive: zipfile.ZipFile, limits: Limits) -> Inside:
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
    inside = Inside()
    for member in members:
        _look_at(archive, member, inside, limits)
    if inside.cells * inside.longest_text > MAX_TEXT_IN_CELLS:
        raise FileError(BOMB)
    return inside


def _is_bomb(member: zipfile.ZipInfo) -> bool:
    return member.file_size > MEGABYTE and member.file_size > MAX_RATIO * max(member.compress_size, 1)


def _look_at(archive: zipfile.ZipFile, member: zipfile.ZipInfo, inside: Inside, limits: Limits) -> None:
    """Unpack one part, which proves its stated size, and count what a parser would have to hold."""
    with archive.open(member) as stream:
        if member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml"):
            _look_at_sheet(stream, member.filename, inside, limits)
        elif member.filename == "xl/sharedStrings.xml":
            text = _plain_xml(stream.read())
            inside.longest_text = max(map(len, text.split(b"<")), default=0)
        else:
            for chunk in iter(lambda: stream.read(_CHUNK), b""):
                if b"<!DOCTYPE" in chunk:
                    raise FileError(DAMAGED)


def _look_at_sheet(stream: IO[bytes], part: str, inside: Inside, limits: Limits) -> None:
    text = _plain_xml(stream.read())
    last_row = last_column = 0
    for address in _ADDRESS.finditer(text):
        last_row = max(last_row, int(address[2]))
        last_column = max(last_column, _column_number(address[1] or b""))
    inside.cells += sum(1 for _ in _CELL_START.finditer(text))
    if last_row > limits.rows:
        raise FileError(limits.too_many_rows)
    if inside.cells > limits.cells or last_row * max(last_column, 1) > limits.area:
        raise FileError(f"Bảng quá lớn: đến hàng {last_row}, cột {column_letter(last_column - 1)}.")
    if limits.with_places:
        _note_places(text, part, inside)


def _note_places(text: bytes, part: str, inside: Inside) -> None:
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


def column_letter(column: int) -> str:
    """Return the letter a spreadsheet shows for a column counted from 0: 0 → A, 27 → AB."""
    letters = ""
    column += 1
    while column:
        column, left = divmod(column - 1, 26)
        letters = chr(65 + left) + letters
    return letters
