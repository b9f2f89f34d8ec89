"""What do the five reports say, sentence by sentence: the table in reports/data/demo. No database here.

Each file is one source. Its rows quote the source exactly (`says`, NFC) and carry the fields of one row of the
database; what is a number and no figure (a document's number, a list word) is named with its reason.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent / "data" / "demo"
SHARED_FILE = "organisers.toml"
# Rows of these models say where a printed number went without being written by load_demo.
NOT_WRITTEN = frozenset({"CriteriaSet", "Source"})
ROW_KEYS = frozenset({"id", "model", "says", "unit", "year", "indicator", "period", "slug"})


@dataclass(frozen=True)
class UnitCode:
    """An administrative unit by its scheme and code."""

    scheme: str
    code: str


@dataclass(frozen=True)
class Row:
    """One row of the database and the exact words it stands for; `says` is empty where the row is derived."""

    id: str
    model: str
    says: tuple[str, ...]
    unit: UnitCode
    fields: dict[str, Any]
    year: int | None = None
    indicator: str = ""
    slug: str = ""

    @property
    def is_written(self) -> bool:
        return self.model not in NOT_WRITTEN


@dataclass(frozen=True)
class NotFigure:
    """Words with a number in them that is no figure, and why."""

    says: str
    reason: str


@dataclass(frozen=True)
class Report:
    """One source: its own description, whom it is about, its rows and its numbers that are no figures."""

    name: str
    source: dict[str, Any]
    organiser: str
    unit: UnitCode
    rows: tuple[Row, ...]
    not_figures: tuple[NotFigure, ...]

    def row(self, row_id: str) -> Row:
        """Return the row of that id; raise LookupError where there is none."""
        for row in self.rows:
            if row.id == row_id:
                return row
        raise LookupError(f"{self.name}: no row {row_id!r}")


def read_toml(path: Path) -> dict[str, Any]:
    """Return a file of the table; numbers with a decimal point are Decimal, never float."""
    with path.open("rb") as file:
        return tomllib.load(file, parse_float=Decimal)


def shared() -> dict[str, Any]:
    """Return what all reports share: the organisers, their years, and the group they rank."""
    return read_toml(FOLDER / SHARED_FILE)


def reports() -> list[Report]:
    """Return the reports in the order of their files: the five, then the press item that confirms one."""
    return [read_report(path) for path in sorted(FOLDER.glob("*.toml")) if path.name != SHARED_FILE]


def read_report(path: Path) -> Report:
    """Return one file of the table; raise ValueError where two rows share an id."""
    table = read_toml(path)
    about = table["about"]
    unit = UnitCode(about["scheme"], about["code"])
    rows = tuple(_row(entry, unit) for entry in table["rows"])
    if len({row.id for row in rows}) != len(rows):
        raise ValueError(f"{path.name}: two rows share an id")
    return Report(
        name=path.stem,
        source=table["source"],
        organiser=about["organiser"],
        unit=unit,
        rows=rows,
        not_figures=tuple(NotFigure(**entry) for entry in table.get("not_figures", ())),
    )


def _row(entry: dict[str, Any], unit: UnitCode) -> Row:
    return Row(
        id=entry["id"],
        model=entry["model"],
        says=tuple(entry["says"]),
        unit=UnitCode(**entry["unit"]) if "unit" in entry else unit,
        fields=dict(_fields(entry)),
        year=entry.get("year"),
        indicator=entry.get("indicator", ""),
        slug=entry.get("slug", ""),
    )


def _fields(entry: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    yield from ((key, value) for key, value in entry.items() if key not in ROW_KEYS)
    if "period" in entry:
        starts_on, ends_on = entry["period"]
        yield from _dates(starts_on, ends_on)


def _dates(starts_on: dt.date, ends_on: dt.date) -> Iterator[tuple[str, dt.date]]:
    yield "starts_on", starts_on
    yield "ends_on", ends_on
