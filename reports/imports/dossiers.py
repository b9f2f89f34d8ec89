"""Form II.06/VPCP/KSTT from a spreadsheet: the file takes the place of what stands for its scopes and period."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.db.models import Q

from districts.audit import Act
from districts.models import Change, Unit
from districts.names import fold
from reports.dossier_columns import COLUMNS, FORM_COLUMNS, cell_text, read_cells
from reports.dossier_sheets import CONVENTION_LABEL, FIELD_LABEL, REASON_LABEL, days, label, tier_name
from reports.models import DossierCount, DossierField, ImportBatch, Scope
from reports.periods import Period
from reports.readers import ReadError, parse_date, text_of
from reports.sheet_files import Table
from reports.workflow.dossier_fields import field_named
from reports.workflow.figures import RowResult, RowWrite, replace_rows

from .findings import Fate, Finding, Shown, Summary, at_cell, fate_of_value
from .layout import HEADER_ROWS, NOT_READ, OWN_SHEETS, identity
from .scores import ImportRefused

DATES = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}", re.ASCII)
NO_HEADER = (
    "Không tìm thấy hàng số cột “(1)”, “(2)”, “(3)” … của biểu; hãy dùng tệp mẫu và không bỏ hàng này."
)
NO_PERIOD = "Không đọc được kỳ báo cáo; phía trên bảng phải có “từ ngày 01/01/2025 đến ngày 31/01/2025”."
NO_TIER = "Dòng này không nằm dưới phạm vi nào; phía trên phải có dòng “%s”."
NO_NAME = "Thiếu tên lĩnh vực."
TWICE = "Lặp lại dòng ở hàng %d."
OTHER_UNIT = "Biểu này là của đơn vị mang mã %s, không phải của %s; hãy nộp ở trang của đơn vị ấy."
SOUGHT = "hàng số cột “(1)”, “(2)”, “(3)” … của biểu II.06"
UNKNOWN_CONVENTION = "Không nhận ra cách đếm; hãy chép một trong: %s."
NEW_FIELD = "Lĩnh vực mới, sẽ được thêm vào danh mục."
GOES = "(bỏ dòng)"
WORDS: Mapping[str, str] = {one.name: f"{one.group}: {one.label}" for one in COLUMNS}
TIERS = {fold(tier_name(scope)): str(scope) for scope in Scope}
CONVENTIONS = {fold(str(words)): value for value, words in DossierCount.Convention.choices}
# What "nothing" is where it is not None.
NOTHING: Mapping[str, Any] = {"convention": "", "gap_reason": "", "qualified": {}}
# Scope, folded name of the field ("" is the total), period.
Key = tuple[str, str, Period]


@dataclass(frozen=True)
class FileRow:
    """One row of a form: what it says of which field, and what stands now; nothing is said of a row that goes."""

    scope: str
    field: str
    period: Period
    values: Mapping[str, Any] | None
    before: DossierCount | None
    place: Finding
    # The cell of each column, in words.
    cells: Mapping[str, str]

    @property
    def name(self) -> str:
        return f"{tier_name(self.scope)}{f', {self.field}' if self.field else ''}, {days(self.period)}"

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        if self.values is None:
            return {"gap_reason": (None, GOES)}
        stands = {n: getattr(self.before, n) if self.before else NOTHING.get(n) for n in self.values}
        return {n: (stands[n], value) for n, value in self.values.items() if stands[n] != value}

    @property
    def fate(self) -> Fate:
        if self.before is None:
            return Fate.NEW
        return Fate.CHANGED if self.changes else Fate.UNCHANGED


@dataclass(frozen=True)
class DossierCheck:
    """What a file would do to a unit's dossiers."""

    unit: Unit
    rows: Sequence[FileRow]
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
            told.update(repr((row.name, row.fate, sorted(row.changes.items(), key=str))).encode())
        return told.hexdigest()


def check_dossiers_file(
    batch: ImportBatch, tables: list[Table], _act: Act, _progress: object = None
) -> DossierCheck:
    """Check a whole file as it would be written, identities included, without writing it."""
    assert batch.unit is not None
    unit, said = batch.unit, identity(tables).get("unit", "")
    if said and said != f"{unit.scheme_id}/{unit.code}":
        return DossierCheck(unit, [], [Finding(OTHER_UNIT % (said.split("/")[-1], unit.full_name))])
    findings: list[Finding] = []
    forms = [form for table in tables if (form := _form(table, findings)) is not None]
    if not forms and not any(one.is_error for one in findings):
        findings.append(Finding(NO_HEADER))
    rows = _rows(unit, forms, findings)
    check = DossierCheck(unit, rows, findings)
    if rows and not check.summary.errors:
        findings += _outcomes(check, _tried(check))
    return check


@transaction.atomic
def apply_dossiers(check: DossierCheck, act: Act, _progress: object = None) -> int:
    """Write the rows of a check that has no error; returns how many were new or changed. Raises ImportRefused."""
    results = _write(check, act)
    if refused := [one for one in _outcomes(check, results) if one.is_error]:
        raise ImportRefused(refused)
    return sum(row.fate is not Fate.UNCHANGED for row in check.rows)


def _tried(check: DossierCheck) -> list[RowResult]:
    """Return what writing would say: it is written and undone, so that rows that go are gone for the checks."""
    with transaction.atomic():
        results = _write(check, Act(None, Change.How.COMMAND))
        transaction.set_rollback(True)
    return results


def _write(check: DossierCheck, act: Act) -> list[RowResult]:
    names = {fold(row.field): row.field for row in check.rows if row.field and row.values is not None}
    fields = {key: field_named(name, act) for key, name in names.items()}
    writes = [
        RowWrite(
            DossierCount,
            {
                "scope": row.scope,
                "starts_on": row.period.start,
                "ends_on": row.period.end,
                "field": fields.get(fold(row.field)),
            },
            row.values,
        )
        for row in check.rows
        if row.values is not None
    ]
    places = {(row.scope, row.period) for row in check.rows}
    return replace_rows(check.unit, DossierCount, _within(places), writes, act)


def _within(places: set[tuple[str, Period]]) -> Q:
    within = Q(pk__in=[])
    for scope, period in places:
        within |= Q(scope=scope, starts_on=period.start, ends_on=period.end)
    return within


def _outcomes(check: DossierCheck, results: Sequence[RowResult]) -> Iterator[Finding]:
    written = [row for row in check.rows if row.values is not None]
    for row, result in zip(written, results, strict=True):
        place = row.place
        if result.outcome in ("refused", "conflict"):
            yield Finding(result.message, place.sheet, place.row, what=row.name)
        else:
            for said in result.said:
                yield Finding(said.text, place.sheet, place.row, is_error=False, what=row.name)


@dataclass(frozen=True)
class _Form:
    """A table whose row of column numbers and whose period are found."""

    table: Table
    header: int
    columns: Mapping[str, int]
    period: Period


def _form(table: Table, findings: list[Finding]) -> _Form | None:
    header = next(
        (n for n, row in enumerate(table.rows[: 2 * HEADER_ROWS]) if _numbers(row) >= {"(1)", "(2)", "(3)"}),
        None,
    )
    if header is None:
        if fold(table.name) not in OWN_SHEETS:
            findings.append(Finding(NOT_READ % SOUGHT, sheet=table.name, is_error=False))
        return None
    period = _period(table.rows[:header])
    if period is None:
        findings.append(Finding(NO_PERIOD, sheet=table.name))
        return None
    return _Form(table, header, _columns(table, header), period)


def _numbers(row: Sequence[object]) -> set[str]:
    return {text_of(cell) for cell in row}


def _period(rows: Sequence[Sequence[object]]) -> Period | None:
    for row in rows:
        for cell in row:
            text = text_of(cell)
            dates = DATES.findall(text) if "tu ngay" in fold(text) else []
            if len(dates) == 2:
                return _between(*dates)
    return None


def _between(first: str, last: str) -> Period | None:
    try:
        start, end = parse_date(first), parse_date(last)
    except ReadError:
        return None
    return Period(start, end) if start and end and start <= end else None


def _columns(table: Table, header: int) -> dict[str, int]:
    """Return where each column is: the form's by their numbers, the others by their heads above."""
    numbered = {f"({one.number})": one.name for one in FORM_COLUMNS}
    labelled = {fold(label(one)): one.name for one in COLUMNS if one.number is None}
    labelled |= {fold(CONVENTION_LABEL): "convention", fold(REASON_LABEL): "gap_reason"}
    found = {"name": 1}
    for place, cell in enumerate(table.rows[header]):
        if name := numbered.get(text_of(cell)):
            found[name] = place
    for row in table.rows[max(0, header - 2) : header]:
        for place, cell in enumerate(row):
            if name := labelled.get(fold(text_of(cell))):
                found[name] = place
            elif fold(text_of(cell)) == fold(FIELD_LABEL):
                found["name"] = place
    return found


def _rows(unit: Unit, forms: Sequence[_Form], findings: list[Finding]) -> list[FileRow]:
    standing = _standing(unit, [form.period for form in forms])
    known = {fold(one.name) for one in DossierField.objects.all()}
    rows: dict[Key, FileRow] = {}
    for form in forms:
        for row in _form_rows(form, standing, findings):
            key = (row.scope, fold(row.field), row.period)
            if key in rows:
                findings.append(_moved(row.place, TWICE % rows[key].place.row))
                continue
            rows[key] = row
            if row.field and fold(row.field) not in known:
                findings.append(_moved(row.place, NEW_FIELD, is_error=False))
    places = {(scope, period) for scope, _, period in rows}
    gone = [key for key in standing if (key[0], key[2]) in places and key not in rows]
    for key in gone:
        stood = standing[key]
        name = stood.field.name if stood.field else ""
        rows[key] = FileRow(key[0], name, key[2], None, stood, Finding(""), {})
    return list(rows.values())


def _moved(place: Finding, message: str, *, is_error: bool = True) -> Finding:
    return Finding(message, place.sheet, place.row, place.column, place.value, is_error)


def _standing(unit: Unit, periods: Sequence[Period]) -> dict[Key, DossierCount]:
    within = Q(pk__in=[])
    for period in periods:
        within |= Q(starts_on=period.start, ends_on=period.end)
    rows = DossierCount.objects.in_work().filter(within, unit=unit).select_related("field")
    return {
        (row.scope, fold(row.field.name) if row.field else "", Period(row.starts_on, row.ends_on)): row
        for row in rows
    }


def _form_rows(
    form: _Form, standing: Mapping[Key, DossierCount], findings: list[Finding]
) -> Iterator[FileRow]:
    scope = ""
    for number in range(form.header + 1, len(form.table.rows)):
        cells = form.table.rows[number]
        name = text_of(_cell(cells, form.columns["name"]))
        tier = TIERS.get(fold(name), "")
        scope = tier or scope
        values = _read(form, number, findings)
        # The help below the table is no row: nothing is said in its columns.
        if all(values.get(one) in (None, "") for one in (*WORDS, "gap_reason")):
            continue
        if not name:
            findings.append(at_cell(form.table, number, form.columns["name"], NO_NAME))
            continue
        place = at_cell(form.table, number, form.columns["name"], "")
        if not scope:
            findings.append(_moved(place, NO_TIER % tier_name(Scope.OWN)))
            continue
        field = "" if tier else name
        before = standing.get((scope, fold(field), form.period))
        places = {one: at_cell(form.table, number, at, "").place for one, at in form.columns.items()}
        yield FileRow(scope, field, form.period, _with_kept(values, before), before, place, places)


def _with_kept(values: dict[str, Any], before: DossierCount | None) -> dict[str, Any]:
    """Return what a row says; words about a count of which the file has no column stay."""
    kept = {n: said for n, said in (before.qualified if before else {}).items() if n not in values}
    return values | {"qualified": kept | values["qualified"]}


def _cell(cells: Sequence[object], place: int) -> object:
    return cells[place] if place < len(cells) else None


def _read(form: _Form, number: int, findings: list[Finding]) -> dict[str, Any]:
    cells, columns = form.table.rows[number], form.columns
    read = read_cells({one.name: _cell(cells, columns[one.name]) for one in COLUMNS if one.name in columns})
    for name, message in read.errors.items():
        what = f"{text_of(_cell(cells, columns['name']))} · {WORDS[name]}"
        findings.append(replace(at_cell(form.table, number, columns[name], message), what=what))
    values: dict[str, Any] = {**read.values, "qualified": {k: dict(v) for k, v in read.qualified.items()}}
    if "gap_reason" in columns:
        values["gap_reason"] = text_of(_cell(cells, columns["gap_reason"]))
    if "convention" in columns:
        words = text_of(_cell(cells, columns["convention"]))
        values["convention"] = CONVENTIONS.get(fold(words), "")
        if words and not values["convention"]:
            known = "; ".join(f"“{words}”" for _, words in DossierCount.Convention.choices)
            findings.append(at_cell(form.table, number, columns["convention"], UNKNOWN_CONVENTION % known))
    return values


def _shown(row: FileRow) -> Iterator[Shown]:
    labels = {**WORDS, "convention": "Cách đếm", "gap_reason": "Giải thích chênh lệch"}
    for name, (before, after) in row.changes.items():
        if name != "qualified":
            words = labels[name] if row.values is not None else "cả dòng"
            yield Shown(
                Fate.CHANGED if row.values is None else fate_of_value(before),
                row.name,
                words,
                _words(name, before),
                _words(name, after),
                row.cells.get(name, row.place.place),
            )


def _words(name: str, value: Any) -> str:
    if value in (None, ""):
        return "–"
    return cell_text(name, value, {}) if name in WORDS else str(value)
