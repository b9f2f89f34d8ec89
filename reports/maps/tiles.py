"""Where does each unit's square stand? A small CSV file, checked line by line."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

NEEDED = ("scheme", "code", "column", "row")
OPTIONAL = ("short", "first_year", "last_year")
MOST_SQUARES = 40
LONGEST_LINE = 8


@dataclass(frozen=True)
class Tile:
    """One unit's square, counted from 1 at the top left; `first_year` and `last_year` bound where they are given.

    `short` is what stands in the square in place of the name, its lines parted by "|".
    """

    scheme: str
    code: str
    column: int
    row: int
    line: int
    short: str = ""
    first_year: int | None = None
    last_year: int | None = None

    def is_in(self, year: int) -> bool:
        return (self.first_year or year) <= year <= (self.last_year or year)

    def meets(self, other: Tile) -> bool:
        """Tell whether both stand on the map in some year."""
        start = max(self.first_year or 0, other.first_year or 0)
        return start <= min(self.last_year or 9999, other.last_year or 9999)


class TileFileError(ValueError):
    """What is wrong with a file of tiles, in Vietnamese, one line a fault, each naming file and line."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


def read_tiles(text: str, name: str) -> tuple[Tile, ...]:
    """Return the tiles a file declares; raises TileFileError with all its faults."""
    text = unicodedata.normalize("NFC", text.removeprefix("\ufeff"))
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    faults: list[str] = []
    tiles: list[Tile] = []
    try:
        headings = [heading.strip() for heading in reader.fieldnames or []]
        reader.fieldnames = headings
        faults += _heading_faults(headings, name)
        if not faults:
            for row in reader:
                found = _tile(row, reader.line_num)
                if isinstance(found, Tile):
                    tiles.append(found)
                else:
                    faults += [f"{name}, dòng {reader.line_num}: {fault}" for fault in found]
    except csv.Error:
        faults.append(f"{name}, dòng {reader.reader.line_num}: không đúng cú pháp CSV.")
    faults += [f"{name}, dòng {line}: {fault}" for line, fault in _clashes(tiles)]
    if not faults and not tiles:
        faults.append(f"{name}: không có đơn vị nào.")
    if faults:
        raise TileFileError(faults)
    return tuple(tiles)


def _heading_faults(headings: list[str], name: str) -> list[str]:
    missing = [one for one in NEEDED if one not in headings]
    unknown = [one for one in headings if one not in NEEDED + OPTIONAL]
    faults = []
    if missing:
        faults.append(f"{name}, dòng 1: thiếu cột {', '.join(missing)}.")
    if unknown:
        faults.append(f"{name}, dòng 1: cột không biết: {', '.join(unknown)}.")
    if len(set(headings)) < len(headings):
        faults.append(f"{name}, dòng 1: có cột ghi hai lần.")
    return faults


def _tile(row: Mapping[str | None, object], line: int) -> Tile | list[str]:
    """Return the line's tile, or what is wrong with it."""
    if None in row or None in row.values():
        return ["số ô không khớp với dòng tiêu đề."]
    said = {key: str(value).strip() for key, value in row.items() if key is not None}
    faults = [f"thiếu {key}." for key in ("scheme", "code") if not said[key]]
    places = {key: _whole(said[key], 1, MOST_SQUARES) for key in ("column", "row")}
    faults += [
        f"{key} phải là số nguyên từ 1 đến {MOST_SQUARES}, không phải “{said[key]}”."
        for key, value in places.items()
        if value is None
    ]
    years = {key: _whole(said.get(key, ""), 2000, 2100) for key in ("first_year", "last_year")}
    faults += [
        f"{key} phải là năm từ 2000 đến 2100 hoặc để trống, không phải “{said[key]}”."
        for key, value in years.items()
        if value is None and said.get(key)
    ]
    first, last = years["first_year"], years["last_year"]
    if first and last and first > last:
        faults.append(f"first_year {first} sau last_year {last}.")
    short = said.get("short", "")
    if any(len(part) > LONGEST_LINE for part in short.split("|")) or short.count("|") > 1:
        faults.append(f"short có nhiều nhất hai dòng cách nhau bằng |, mỗi dòng đến {LONGEST_LINE} chữ.")
    column, place = places["column"], places["row"]
    if faults or column is None or place is None:
        return faults
    return Tile(said["scheme"], said["code"], column, place, line, short, first, last)


def _whole(text: str, low: int, high: int) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        return None
    return int(text) if low <= int(text) <= high else None


def _clashes(tiles: list[Tile]) -> Iterator[tuple[int, str]]:
    """Yield, by the later line, two lines of one unit and two units on one square in the same year."""
    units: dict[tuple[str, str], list[Tile]] = {}
    squares: dict[tuple[int, int], list[Tile]] = {}
    for tile in tiles:
        for other in units.setdefault((tile.scheme, tile.code), []):
            if tile.meets(other):
                yield tile.line, f"đơn vị {tile.code} đã được đặt ở dòng {other.line}."
        for other in squares.setdefault((tile.column, tile.row), []):
            if tile.meets(other) and (tile.scheme, tile.code) != (other.scheme, other.code):
                yield (
                    tile.line,
                    f"ô cột {tile.column}, hàng {tile.row} đã có đơn vị {other.code} (dòng {other.line}).",
                )
        units[tile.scheme, tile.code].append(tile)
        squares[tile.column, tile.row].append(tile)


def short_lines(name: str, short: str = "") -> tuple[str, ...]:
    """Return what stands in a square: one or two lines, parted where the longer one is shortest.

    A line that is still too long for its square is cut and ends in a point.
    """
    if short:
        return tuple(part.strip() for part in short.split("|"))
    words = name.split()
    if len(words) < 2:
        return (_cut(name),)
    halves = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    first, second = min(halves, key=lambda pair: (max(map(len, pair)), -len(pair[0])))
    return _cut(first), _cut(second)


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[: LONGEST_LINE - 1]}."
