"""Satisfaction figures of a unit from a spreadsheet: each row a survey or a period's ratings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from districts.audit import Act
from districts.models import Unit
from districts.names import fold
from reports.models import ImportBatch, Satisfaction
from reports.numbers_vi import count, date_vi, number
from reports.readers import ReadError
from reports.satisfaction_sheets import COLUMNS, FACTOR_COUNTS, KEY, MOST_LEVELS, values_of
from reports.sheet_files import Table
from reports.workflow.figures import RowWrite

from .findings import Fate, Finding, Shown, at_cell, fate_of_value
from .layout import HEADER_ROWS, labelled
from .row_checks import RowsCheck, fate_of, tried

LABELS = {fold(column.label): column.name for column in COLUMNS}
TITLES = {column.name: column.label for column in COLUMNS}
NO_HEADER = "Không tìm thấy hàng tiêu đề có “Loại”, “Phạm vi”, “Từ ngày”, “Đến ngày”; hãy dùng tệp mẫu."
Values = Mapping[str, Any]


@dataclass(frozen=True)
class FileRow:
    """One row of the file: the figure it names, what it says of it, and what stands now."""

    key: Values
    said: Values
    before: Values | None
    place: Finding

    @property
    def name(self) -> str:
        key = self.key
        kind = Satisfaction.Kind(key["kind"]).label
        return f"{kind}, {date_vi(key['starts_on'])}–{date_vi(key['ends_on'])}, {key['scope']}"

    @property
    def fate(self) -> Fate:
        return fate_of(self.before, self.changes)

    @property
    def lines(self) -> Iterator[Shown]:
        key = self.key
        what = (
            f"{Satisfaction.Kind(key['kind']).label}, {date_vi(key['starts_on'])}–{date_vi(key['ends_on'])}"
        )
        for name, (before, after) in self.changes.items():
            yield Shown(
                fate_of_value(before), what, TITLES[name], _words(before), _words(after), self.place.place
            )

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        stands = self.before or {}
        return {n: (stands.get(n), value) for n, value in self.said.items() if stands.get(n) != value}

    @property
    def write(self) -> RowWrite:
        """Return the row as it is to be written; levels and factors are written as a whole, what stands included."""
        values = {
            name: value for name, value in self.said.items() if not name.startswith(("level_", "factor."))
        }
        if any(name.startswith("level_") for name in self.said):
            values["level_counts"] = _levels({**(self.before or {}), **self.said})
        has_factors = any(name.startswith("factor.") for name in self.said)
        parts = _factors({**(self.before or {}), **self.said}) if has_factors else None
        return RowWrite(Satisfaction, self.key, values, parts=parts)


def check_satisfaction_file(
    batch: ImportBatch, tables: list[Table], _act: Act, _progress: object = None
) -> RowsCheck[FileRow]:
    """Check a whole file as it would be written, identities included, without writing it."""
    assert batch.unit is not None
    unit = batch.unit
    found = [(table, header) for table in tables if (header := _header(table)) is not None]
    if len(found) != 1:
        said = NO_HEADER if not found else "Có nhiều trang tính có số liệu; hãy để lại một trang."
        return RowsCheck(unit, [], [Finding(said)])
    table, header = found[0]
    findings: list[Finding] = []
    rows = _rows(table, header, _standing(unit), findings)
    if not rows and not findings:
        findings.append(Finding("Tệp không có dòng số liệu nào."))
    check = RowsCheck(unit, rows, findings)
    findings += tried(check)
    return check


def _header(table: Table) -> int | None:
    for number_, row in enumerate(table.rows[:HEADER_ROWS]):
        if labelled(row, LABELS).keys() >= set(KEY):
            return number_
    return None


def _standing(unit: Unit) -> dict[tuple[Any, ...], Values]:
    rows = Satisfaction.objects.in_work().filter(unit=unit, source__reported_by=unit)
    return {
        tuple(getattr(row, name) for name in KEY): values_of(row) for row in rows.prefetch_related("factors")
    }


def _rows(
    table: Table, header: int, standing: Mapping[tuple[Any, ...], Values], findings: list[Finding]
) -> list[FileRow]:
    columns = labelled(table.rows[header], LABELS)
    rows: dict[tuple[Any, ...], FileRow] = {}
    for number_ in range(header + 1, len(table.rows)):
        said, faults = _read(table, number_, columns)
        findings += faults
        missing = [name for name in KEY if name not in said]
        if faults or not said:
            continue
        if missing:
            findings.append(at_cell(table, number_, columns[missing[0]], f"Thiếu “{TITLES[missing[0]]}”."))
            continue
        key = tuple(said.pop(name) for name in KEY)
        if key in rows:
            message = f"Lặp lại số liệu ở hàng {rows[key].place.row}."
            findings.append(at_cell(table, number_, columns["kind"], message))
            continue
        place = at_cell(table, number_, None, "")
        rows[key] = FileRow(dict(zip(KEY, key, strict=True)), said, standing.get(key), place)
    return list(rows.values())


def _read(table: Table, number_: int, columns: Mapping[str, int]) -> tuple[dict[str, Any], list[Finding]]:
    """Return what a row says; an empty cell says nothing, so what stands there stays."""
    said: dict[str, Any] = {}
    faults = []
    cells = table.rows[number_]
    for column in COLUMNS:
        place = columns.get(column.name)
        if place is None or place >= len(cells):
            continue
        try:
            value = column.read(cells[place])
        except ReadError as error:
            faults.append(at_cell(table, number_, place, str(error)))
            continue
        if value is not None:
            said[column.name] = value
    return said, faults


def _levels(values: Values) -> dict[str, int]:
    """Return the counts of the scale: as many levels as the highest that is named, the others 0."""
    named = [n for n in range(1, MOST_LEVELS + 1) if f"level_{n}" in values]
    return {str(n): values.get(f"level_{n}", 0) for n in range(1, max(named) + 1)}


def _factors(values: Values) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, value in values.items():
        if name.startswith("factor."):
            _, factor, part = name.split(".")
            found.setdefault(factor, dict.fromkeys(n for n, _ in FACTOR_COUNTS))[part] = value
    return found


def _words(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, int):
        return count(value)
    return value if isinstance(value, str) else number(value, 4)
