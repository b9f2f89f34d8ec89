"""Results an old decision printed, from a file or a form: taken as printed, checked against themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db import transaction
from django.db.models import Q, QuerySet

from districts.audit import Act, Entry, record
from districts.models import Level, Unit
from reports import readers
from reports.models import AssessmentYear, OfficialResult, Source
from reports.numbers_vi import number
from reports.readers import ReadError, text_of
from reports.sheet_files import Table

from .findings import Fate, Finding, Shown, Summary, at_cell
from .layout import HEADER_ROWS, IDENTITY_SHEET, INSTRUCTIONS_SHEET, labelled
from .places import UnitIndex
from .result_fields import FIELDS, LABELS, RESULT_FIELDS, Figure, ResultField, ResultRow, read_figure
from .result_warnings import contradictions

__all__ = [
    "FIELDS",
    "RESULT_FIELDS",
    "ResultCheck",
    "ResultField",
    "ResultRow",
    "apply_results",
    "check_results",
    "contradictions",
    "units_of",
]

_NO_HEADER = (
    "Không tìm thấy hàng tiêu đề có “Đơn vị” (hoặc “Mã đơn vị”) và ít nhất một cột như “Tổng điểm”, “Hạng”; "
    "hãy dùng tệp mẫu và không trộn ô ở hàng này."
)


@dataclass(frozen=True)
class ResultCheck:
    """What a file would store of a year's results; nothing is written where it has an error."""

    year: AssessmentYear
    source: Source
    rows: list[ResultRow]
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
            told.update(repr((row.unit.pk, row.fate, sorted(row.changes.items()))).encode())
        return told.hexdigest()


def units_of(year: AssessmentYear) -> QuerySet[Unit]:
    """Return the units a year's results may speak of: those of the group's levels below the organiser's units."""
    above = year.organiser.units.values("pk")
    path = Q(parent__in=above) | Q(parent__parent__in=above) | Q(pk__in=year.sheets.values("unit"))
    known = Q(pk__in=year.official_results.values("unit"))
    return (
        Unit.objects.filter((path & Q(level__in=year.group.levels or Level.values)) | known)
        .prefetch_related("versions")
        .order_by("sort_key", "scheme_id", "code")
    )


def check_results(year: AssessmentYear, source: Source, tables: Sequence[Table]) -> ResultCheck:
    """Check a whole file of printed results; figures are never refused for contradicting themselves, but flagged."""
    findings: list[Finding] = []
    headers = [found for table in tables if (found := _header(table))]
    if len(headers) != 1:
        message = _NO_HEADER if not headers else "Có nhiều trang tính có kết quả; hãy để lại một trang."
        return ResultCheck(year, source, [], [Finding(message)])
    table, header, columns = headers[0]
    findings += _identity_findings(year, tables)
    index = UnitIndex(units_of(year), among=f"thuộc {year.organiser.name}")
    standing = {
        row.unit_id: row for row in OfficialResult.objects.filter(assessment_year=year, source=source)
    }
    rows: list[ResultRow] = []
    seen: dict[int, int] = {}
    for row_number in range(header + 1, len(table.rows)):
        row = _read_row(year, table, row_number, columns, index, findings)
        if row and row.unit.pk in seen:
            first = seen[row.unit.pk] + 1
            findings.append(
                at_cell(table, row_number, _unit_column(columns), f"Lặp lại đơn vị ở hàng {first}.")
            )
        elif row:
            seen[row.unit.pk] = row_number
            rows.append(
                ResultRow(row.unit, table, row_number, row.figures, columns, standing.get(row.unit.pk))
            )
    if not rows and not findings:
        findings.append(Finding("Tệp không có dòng kết quả nào."))
    return ResultCheck(year, source, rows, [*findings, *contradictions(rows)])


@transaction.atomic
def apply_results(check: ResultCheck, act: Act) -> int:
    """Store the rows of a check that has no error; returns how many rows were new or changed."""
    written = [row for row in check.rows if row.fate != Fate.UNCHANGED]
    stored = [(row, _stored(check, row)) for row in written]
    record([entry for row, result in stored for entry in _entries(check.year, row, result)], act)
    return len(written)


def _stored(check: ResultCheck, row: ResultRow) -> OfficialResult:
    result = row.before or OfficialResult(assessment_year=check.year, unit=row.unit, source=check.source)
    for name, value in row.figures.items():
        setattr(result, name, value)
    result.full_clean(exclude=["source", "assessment_year", "unit"], validate_unique=False)
    result.save()
    return result


def _entries(year: AssessmentYear, row: ResultRow, result: OfficialResult) -> Iterator[Entry]:
    for name, (before, after) in row.changes.items():
        yield Entry(
            model="reports.officialresult",
            object_id=result.pk,
            label=f"{row.unit.full_name} · {FIELDS[name].title}",
            field=name,
            before=None if before in (None, "") else str(before),
            after=None if after is None else str(after),
            unit_id=row.unit.pk,
            context=f"{year.organiser.slug}/{year.year}/{year.group.slug}",
        )


def _identity_findings(year: AssessmentYear, tables: Sequence[Table]) -> Iterator[Finding]:
    said = {
        text_of(row[0]): text_of(row[1])
        for table in tables
        if table.name == IDENTITY_SHEET
        for row in table.rows
        if len(row) > 1
    }
    if said.get("year", str(year.year)) != str(year.year):
        yield Finding(f"Tệp này của năm {said['year']}, không phải năm {year.year}.")
    if said.get("organiser", year.organiser.slug) != year.organiser.slug:
        yield Finding(f"Tệp này của cơ quan khác, không phải của {year.organiser.name}.")


def _header(table: Table) -> tuple[Table, int, dict[str, int]] | None:
    if table.name in (IDENTITY_SHEET, INSTRUCTIONS_SHEET):
        return None
    for number_, row in enumerate(table.rows[:HEADER_ROWS]):
        columns = labelled(row, LABELS)
        if {"unit_code", "unit_name"} & columns.keys() and columns.keys() & FIELDS.keys():
            return table, number_, columns
    return None


def _unit_column(columns: Mapping[str, int]) -> int:
    return columns.get("unit_code", columns.get("unit_name", 0))


def _read_row(
    year: AssessmentYear,
    table: Table,
    row_number: int,
    columns: Mapping[str, int],
    index: UnitIndex,
    findings: list[Finding],
) -> ResultRow | None:
    cells = {name: _cell(table.rows[row_number], column) for name, column in columns.items()}
    if not any(text_of(cells[name]) for name in cells if name in FIELDS):
        return None
    if text_of(cells.get("year")) not in ("", str(year.year)):
        findings.append(at_cell(table, row_number, columns["year"], f"Không phải năm {year.year}."))
    figures: dict[str, Figure] = {}
    for name, column in columns.items():
        if name in FIELDS:
            try:
                value = read_figure(FIELDS[name], cells[name], (row_number, column) in table.broken)
            except ReadError as error:
                findings.append(at_cell(table, row_number, column, str(error)))
                continue
            if value is not None:
                figures[name] = value
            if isinstance(value, Decimal) and (remark := readers.read_as(cells[name], value)):
                findings.append(at_cell(table, row_number, column, remark, is_error=False))
    rank, of = figures.get("rank"), figures.get("rank_of")
    if isinstance(rank, int) and isinstance(of, int) and rank > of:
        findings.append(at_cell(table, row_number, columns["rank"], f"Hạng {rank} lớn hơn số đơn vị {of}."))
    try:
        unit = index.find(cells.get("unit_code"), cells.get("unit_name"))
    except ReadError as error:
        findings.append(at_cell(table, row_number, _unit_column(columns), str(error)))
        return None
    return ResultRow(unit, table, row_number, figures, columns, None)


def _cell(row: list[object], column: int) -> object:
    return row[column] if column < len(row) else None


def _shown(row: ResultRow) -> Iterator[Shown]:
    place = at_cell(row.table, row.row, _unit_column(row.columns), "").place
    for name, (before, after) in row.changes.items():
        yield Shown(row.fate, row.unit.full_name, FIELDS[name].title, _words(before), _words(after), place)


def _words(value: Figure) -> str:
    return number(value, 4) if isinstance(value, Decimal) else "–" if value in (None, "") else str(value)
