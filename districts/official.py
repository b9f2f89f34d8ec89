"""What do the packaged official lists say? Reads districts/data/units; no database."""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from . import names
from .lineage import Edge, derived_edges, with_plain_kinds

OFFICIAL_UNITS = Path(__file__).parent / "data" / "units"
OLD, NEW = "gso2004", "qd19-2025"
REFORM_ON = dt.date(2025, 7, 1)
# Resolution of 12/06/2025: 63 provinces become 34. The acts for the communes are not in the data.
PROVINCE_MERGER_ACT = "Nghị quyết 202/2025/QH15"


@dataclass(frozen=True, slots=True)
class OfficialScheme:
    code: str
    name: str
    legal_act: str
    valid_from: dt.date | None
    valid_to: dt.date | None


SCHEMES = (
    OfficialScheme(
        OLD,
        "Danh mục đơn vị hành chính đến ngày 30/06/2025 (63 tỉnh, thành phố)",
        "",
        None,
        REFORM_ON - dt.timedelta(days=1),
    ),
    OfficialScheme(
        NEW,
        "Danh mục đơn vị hành chính từ ngày 01/07/2025 (34 tỉnh, thành phố)",
        "Quyết định 19/2025/QĐ-TTg",
        REFORM_ON,
        None,
    ),
)


@dataclass(frozen=True, slots=True)
class OfficialVersion:
    """A type and a name, from when to when; `legal_act` is what brought them about, where known."""

    type: str
    name: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    legal_act: str = ""


@dataclass(frozen=True, slots=True)
class OfficialUnit:
    scheme: str
    code: str
    level: int
    parent: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    versions: tuple[OfficialVersion, ...]

    @property
    def key(self) -> tuple[str, str]:
        return self.scheme, self.code

    @property
    def last(self) -> OfficialVersion:
        return self.versions[-1]

    @property
    def sort_key(self) -> str:
        return names.unit_sort_key(self.last.name, self.last.type)

    @property
    def search_key(self) -> str:
        """What it is and was called, the last name first."""
        return names.search_key([(version.type, version.name) for version in reversed(self.versions)])


def read_units(folder: Path = OFFICIAL_UNITS) -> list[OfficialUnit]:
    """The units of both schemes with their dated names, provinces before districts before communes.

    Raises ValueError where an amendment names a unit otherwise than the list does.
    """
    units = {unit.key: unit for unit in map(_unit, _rows(folder / "units.csv"))}
    for row in sorted(_rows(folder / "amendments_2026.csv"), key=lambda row: row["effective"]):
        key = NEW, row["code"]
        units[key] = _amended(units[key], row)
    return sorted(units.values(), key=lambda unit: (unit.level, unit.scheme, unit.code))


def read_edges(units: list[OfficialUnit], folder: Path = OFFICIAL_UNITS) -> list[Edge]:
    """The 10,602 edges between communes as stated, then those of provinces and districts derived from them."""
    by_key = {unit.key: unit for unit in units}
    stated = [
        Edge(
            # D318 is the district 318, which had no communes.
            predecessor=by_key[OLD, row["old_code"].removeprefix("D")].key,
            successor=by_key[NEW, row["new_code"]].key,
            kind=row["kind"],
            is_main_part=True if row["main_part"] == "1" else (False if row["kind"] == "split" else None),
        )
        for row in _rows(folder / "lineage.csv")
    ]
    levels = {unit.key: unit.level for unit in units}
    parents = {unit.key: (unit.scheme, unit.parent) for unit in units if unit.parent}
    titles = {unit.key: (unit.versions[0].type, names.canonical(unit.versions[0].name)) for unit in units}
    edges = [*with_plain_kinds(stated, levels, titles), *derived_edges(stated, levels, parents)]
    return [
        replace(edge, legal_act=PROVINCE_MERGER_ACT)
        if levels[edge.predecessor] == 1 and edge.kind == "merge"
        else edge
        for edge in edges
    ]


def children_counts(units: list[OfficialUnit]) -> dict[tuple[str, int], int]:
    """How many units each scheme has at each level."""
    counts: dict[tuple[str, int], int] = defaultdict(int)
    for unit in units:
        counts[unit.scheme, unit.level] += 1
    return dict(counts)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _unit(row: dict[str, str]) -> OfficialUnit:
    since, until = _day(row["valid_from"]), _day(row["valid_to"])
    first = OfficialVersion(row["type"], row["name"], since, until)
    return OfficialUnit(row["scheme"], row["code"], int(row["level"]), row["parent"], since, until, (first,))


def _amended(unit: OfficialUnit, row: dict[str, str]) -> OfficialUnit:
    last, effective = unit.last, dt.date.fromisoformat(row["effective"])
    if row["old_name"] != f"{last.type} {last.name}":
        raise ValueError(f"{row['code']}: {row['old_name']!r} is called {last.type} {last.name} in the list")
    type_, name = _split_title(row["new_name"])
    ended = replace(last, valid_to=effective - dt.timedelta(days=1))
    amended = OfficialVersion(type_, name, effective, last.valid_to, row["decree"])
    return replace(unit, versions=(*unit.versions[:-1], ended, amended))


def _split_title(title: str) -> tuple[str, str]:
    for word in names.TYPE_WORDS:
        start = f"{word[0].upper()}{word[1:]} "
        if title.startswith(start):
            return start.strip(), title.removeprefix(start)
    raise ValueError(f"{title!r} begins with no known type of unit")
