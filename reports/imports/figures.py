"""Indicators, initiatives and activities of a unit from a spreadsheet of up to three sheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from districts.audit import Act
from districts.models import Unit
from reports.figure_sheets import OBSERVATIONS, SHEETS, Column, FigureSheet, words
from reports.models import ImportBatch, Indicator
from reports.readers import ReadError, text_of
from reports.sheet_files import Table
from reports.workflow.figures import RowWrite

from .findings import Fate, Finding, Shown, at_cell, fate_of_value
from .layout import HEADER_ROWS, labelled
from .row_checks import RowsCheck, fate_of, tried

Values = Mapping[str, Any]
NO_SHEET = "Không tìm thấy trang “Chỉ tiêu”, “Sáng kiến” hoặc “Hoạt động” có hàng tiêu đề; hãy dùng tệp mẫu."
NO_INDICATOR = "Không có chỉ tiêu mang mã này trong danh mục."


@dataclass(frozen=True)
class FigureRow:
    """One row of the file: what it names, what it says, and the row that stands, if any."""

    sheet: FigureSheet
    key: Values
    said: Values
    stands: Any
    place: Finding

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        """Return before and after of what differs; of a new row all that is said."""
        if self.stands is None:
            return {name: (None, value) for name, value in self.said.items() if value not in (None, "")}
        stand = {name: getattr(self.stands, name) for name in self.said}
        return {name: (stand[name], value) for name, value in self.said.items() if stand[name] != value}

    @property
    def name(self) -> str:
        return f"{self.sheet.title}: {' · '.join(str(value) for value in self.key.values())}"

    @property
    def fate(self) -> Fate:
        return fate_of(self.stands, self.changes)

    @property
    def lines(self) -> Iterator[Shown]:
        titles = {column.name: column.title for column in self.sheet.columns}
        for name, (before, after) in self.changes.items():
            yield Shown(
                fate=fate_of_value(before),
                unit=str(next(iter(self.key.values())))[:80],
                what=titles[name],
                before=words(before, self.sheet.model, name),
                after=words(after, self.sheet.model, name),
                place=self.place.place,
            )

    @property
    def write(self) -> RowWrite:
        version = self.stands.version if self.stands is not None else 0
        return RowWrite(self.sheet.model, self.key, self.said, expected_version=version)


def check_figures_file(
    batch: ImportBatch, tables: list[Table], _act: Act, _progress: object = None
) -> RowsCheck[FigureRow]:
    """Check a whole file as it would be written, without writing it: reasons that are missing are errors too."""
    assert batch.unit is not None
    findings: list[Finding] = []
    rows: list[FigureRow] = []
    met = False
    for table in tables:
        header = _header(table)
        if header is not None:
            met = True
            rows += _read(batch.unit, table, *header, findings)
    if not met:
        findings.append(Finding(NO_SHEET))
    elif not rows and not findings:
        findings.append(Finding("Tệp không có dòng số liệu nào."))
    check = RowsCheck(batch.unit, rows, findings)
    findings += tried(check)
    return check


def _header(table: Table) -> tuple[FigureSheet, int, dict[str, int]] | None:
    """Return which sheet a table is and where its heading stands: the one most of whose columns it has."""
    for number_, row in enumerate(table.rows[:HEADER_ROWS]):
        for sheet in SHEETS:
            columns = labelled(row, sheet.labels)
            if {column.name for column in sheet.columns if column.is_needed} <= columns.keys():
                return sheet, number_, columns
    return None


def _read(
    unit: Unit,
    table: Table,
    sheet: FigureSheet,
    header: int,
    columns: Mapping[str, int],
    findings: list[Finding],
) -> Iterator[FigureRow]:
    standing = _standing(unit, sheet)
    known = Indicator.objects.in_bulk(field_name="slug") if sheet is OBSERVATIONS else {}
    seen: dict[tuple[Any, ...], int] = {}
    for number_ in range(header + 1, len(table.rows)):
        cells = {name: _cell(table, number_, column) for name, column in columns.items()}
        if not any(text_of(cell) for cell in cells.values()):
            continue
        said = _values(table, number_, sheet, columns, cells, findings)
        if said is None:
            continue
        key = {column.name: said.pop(column.name) for column in sheet.columns if column.is_key}
        if sheet is OBSERVATIONS and (slug := key["indicator"]) not in known:
            findings.append(at_cell(table, number_, columns["indicator"], NO_INDICATOR))
            continue
        if sheet is OBSERVATIONS:
            key["indicator"] = known[slug]
        named = _named(key)
        if named in seen:
            message = f"Lặp lại hàng {seen[named] + 1}."
            findings.append(at_cell(table, number_, min(columns.values()), message))
            continue
        seen[named] = number_
        yield FigureRow(sheet, key, said, standing.get(named), at_cell(table, number_, None, ""))


def _values(
    table: Table,
    number_: int,
    sheet: FigureSheet,
    columns: Mapping[str, int],
    cells: Mapping[str, object],
    findings: list[Finding],
) -> dict[str, Any] | None:
    said: dict[str, Any] = {}
    before = len(findings)
    for column in sheet.columns:
        if column.name not in columns:
            if column.is_key:
                said[column.name] = column.read("")
            continue
        try:
            said[column.name] = _value(column, cells[column.name])
        except ReadError as error:
            findings.append(at_cell(table, number_, columns[column.name], str(error)))
    return said if len(findings) == before else None


def _value(column: Column, raw: object) -> Any:
    if column.is_needed and not text_of(raw):
        raise ReadError(f"Chưa ghi “{column.title}”.")
    return column.read(raw)


def _standing(unit: Unit, sheet: FigureSheet) -> dict[tuple[Any, ...], Any]:
    keys = [column.name for column in sheet.columns if column.is_key]
    rows = sheet.model.objects.in_work().filter(Q(unit=unit))
    return {_named({name: getattr(row, name) for name in keys}): row for row in rows}


def _named(key: Values) -> tuple[Any, ...]:
    return tuple(getattr(value, "pk", value) for value in key.values())


def _cell(table: Table, number_: int, column: int) -> object:
    row = table.rows[number_]
    return row[column] if column < len(row) else None
