"""Indicators, initiatives and activities of a unit from a spreadsheet of up to three sheets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Q

from districts.audit import Act
from districts.models import Unit
from reports.figure_sheets import OBSERVATIONS, SHEETS, Column, FigureSheet, words
from reports.models import ImportBatch, Indicator
from reports.readers import ReadError, text_of
from reports.sheet_files import Table
from reports.workflow.figures import RowResult, RowWrite, write_rows

from .findings import Fate, Finding, Shown, Summary, at_cell
from .layout import HEADER_ROWS, labelled
from .scores import ImportRefused

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
    def fate(self) -> Fate:
        if self.stands is None:
            return Fate.NEW
        return Fate.CHANGED if self.changes else Fate.UNCHANGED

    @property
    def write(self) -> RowWrite:
        version = self.stands.version if self.stands is not None else 0
        return RowWrite(self.sheet.model, self.key, self.said, expected_version=version)


@dataclass(frozen=True)
class FigureCheck:
    """What a file would do to a unit's figures; rows it does not name stay as they are."""

    unit: Unit
    rows: Sequence[FigureRow]
    findings: list[Finding] = field(default_factory=list)

    @property
    def summary(self) -> Summary:
        lines = [line for row in self.rows for line in _shown(row)]
        unchanged = sum(row.fate == Fate.UNCHANGED for row in self.rows)
        return Summary(lines, self.findings, unchanged, len(self.rows))

    @property
    def digest(self) -> str:
        """Return what tells whether the same file would still do the same."""
        told = hashlib.sha256()
        for row in self.rows:
            told.update(repr((row.sheet.title, sorted(row.key.items(), key=str), row.changes)).encode())
        return told.hexdigest()


def check_figures_file(
    batch: ImportBatch, tables: list[Table], act: Act, _progress: object = None
) -> FigureCheck:
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
    check = FigureCheck(batch.unit, rows, findings)
    if rows and not check.summary.errors:
        with transaction.atomic():
            findings += _outcomes(check, write_rows(check.unit, [row.write for row in rows], act))
            transaction.set_rollback(True)
    return check


@transaction.atomic
def apply_figures(check: FigureCheck, act: Act, _progress: object = None) -> int:
    """Write the rows of a check that has no error; returns how many were new or changed. Raises ImportRefused."""
    results = write_rows(check.unit, [row.write for row in check.rows], act)
    if refused := [finding for finding in _outcomes(check, results) if finding.is_error]:
        raise ImportRefused(refused)
    return sum(result.outcome == "saved" for result in results)


def _outcomes(check: FigureCheck, results: Sequence[RowResult]) -> Iterator[Finding]:
    for row, result in zip(check.rows, results, strict=True):
        place = row.place
        if result.outcome in ("refused", "conflict"):
            yield Finding(result.message, place.sheet, place.row)
        else:
            for said in result.said:
                yield Finding(said.text, place.sheet, place.row, is_error=False)


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


def _shown(row: FigureRow) -> Iterator[Shown]:
    titles = {column.name: column.title for column in row.sheet.columns}
    name = str(next(iter(row.key.values())))[:80]
    for field_name, (before, after) in row.changes.items():
        yield Shown(
            fate=row.fate,
            unit=name,
            what=titles[field_name],
            before=words(before, row.sheet.model, field_name),
            after=words(after, row.sheet.model, field_name),
            place=row.place.place,
        )
