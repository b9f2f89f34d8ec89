"""Points of a year from a file: the whole file is checked, compared with what stands, then written at once."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from django.db import transaction

from districts import access
from districts.audit import Act
from districts.models import Change, User
from reports import readers
from reports.automatic import Calculation, Figures, figures_of, has_bindings
from reports.models import AssessmentYear, Criterion, PointsState, Score, ScoreSheet
from reports.numbers_vi import number
from reports.readers import ReadError, text_of
from reports.sheet_files import Table
from reports.stages import Cell as Kind
from reports.survey_points import calculations_of
from reports.workflow.cells import NOT_OF_THIS_CELL, ORIGINS, correction_refusal, wanted
from reports.workflow.entering import CellResult, CellWrite, write_sheets
from reports.workflow.reach import NOT_ASSIGNED, Reach, YearInWork, lock_of, reach_of

from .findings import Fate, Finding, Shown, Summary, at_cell
from .layout import STAGE_SHEETS, Layout, identity, score_layouts
from .places import UnitIndex

TWO_READINGS = "Được đọc là %s; nếu là số hàng nghìn, hãy ghi liền các chữ số."
# What is held in memory at a time while writing; the transaction is one.
SHEETS_AT_ONCE = 100
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Value:
    """What a cell says, or what stands: a state, points where there are any, and a remark."""

    state: str
    points: Decimal | None
    note: str | None = None


@dataclass(frozen=True)
class Cell:
    """A value of a file at its place, beside the one that stands."""

    sheet: ScoreSheet
    criterion: Criterion
    stage: str
    table: Table
    row: int
    column: int
    value: Value
    before: Value
    score: Score | None

    @property
    def version(self) -> int:
        return self.score.version if self.score else 0

    def write(self) -> CellWrite:
        """Return it as the workflow takes it; the rule's variables stay where only the remark changes."""
        is_same_value = (self.value.state, self.value.points) == (self.before.state, self.before.points)
        return CellWrite(
            criterion_id=self.criterion.pk,
            stage=self.stage,
            state=self.value.state,
            points=self.value.points,
            inputs=self.score.self_inputs if self.score and is_same_value and self.stage == "self" else {},
            note=self.value.note,
            expected_version=self.version,
        )

    @property
    def fate(self) -> Fate:
        has_note = self.value.note not in (None, self.before.note or "")
        if (self.value.state, self.value.points) == (self.before.state, self.before.points) and not has_note:
            return Fate.UNCHANGED
        return Fate.NEW if self.before.state == PointsState.NOT_ENTERED else Fate.CHANGED


@dataclass(frozen=True)
class ScoreCheck:
    """What a file would do to a year; nothing is written where it has an error."""

    year: AssessmentYear
    cells: list[Cell]
    findings: list[Finding] = field(default_factory=list)
    rows: int = 0
    blanks: int = 0

    @property
    def changes(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.fate != Fate.UNCHANGED]

    @property
    def summary(self) -> Summary:
        changes = self.changes
        return Summary(
            [_shown(cell) for cell in changes],
            self.findings,
            len(self.cells) - len(changes),
            self.rows,
            self.blanks,
        )

    @property
    def digest(self) -> str:
        """Return what tells whether the same file would still do the same."""
        told = hashlib.sha256()
        for cell in self.changes:
            key = (cell.sheet.pk, cell.criterion.pk, cell.stage, cell.value, cell.before, cell.version)
            told.update(repr(key).encode())
        return told.hexdigest()


class ImportRefused(ValueError):
    """Writing was refused after the check: nothing has been written; the findings say where and why."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(findings[0].message if findings else "")
        self.findings = findings


def check_scores(
    year: AssessmentYear,
    tables: list[Table],
    act: Act,
    *,
    default_stage: str = "self",
    progress: Progress | None = None,
) -> ScoreCheck:
    """Check a whole file against a year, as `act` would write it: a dozen queries, whatever its size.

    Rights, locks, rules and reasons are the workflow's own. Nothing is written. `default_stage` is what a CSV
    file's points are. `progress` is told rows done and rows in all.
    """
    leaves = {leaf.code: leaf for leaf in _leaves(year)}
    layouts, findings = score_layouts(tables, leaves, default_stage)
    findings = [*_identity_findings(year, identity(tables)), *findings]
    if any(finding.is_error and not finding.row for finding in findings):
        return ScoreCheck(year, [], findings)
    reading = _Reading(year, act, leaves, findings, sum(len(layout.table.rows) for layout in layouts))
    for layout in layouts:
        reading.read(layout, progress)
    return ScoreCheck(year, reading.cells, findings, reading.rows, reading.blanks)


def apply_scores(check: ScoreCheck, act: Act, progress: Progress | None = None) -> int:
    """Write what a check found, all or nothing, in one transaction; returns how many values were written.

    Raises ImportRefused where the workflow refuses a value (a stage that is locked, a right that is missing)
    or somebody else has changed one since the check.
    """
    if errors := check.summary.errors:
        raise ImportRefused(errors)
    by_sheet: dict[int, list[Cell]] = defaultdict(list)
    for cell in check.changes:
        by_sheet[cell.sheet.pk].append(cell)
    refused: list[Finding] = []
    batches = list(by_sheet.values())
    with transaction.atomic():
        for start in range(0, len(batches), SHEETS_AT_ONCE):
            some = batches[start : start + SHEETS_AT_ONCE]
            results = write_sheets(
                [(cells[0].sheet, [cell.write() for cell in cells]) for cells in some], act
            )
            for cells, found in zip(some, results, strict=True):
                refused += _refusals(cells, found)
            if progress:
                progress(start + len(some), len(batches))
        if refused:
            raise ImportRefused(refused)
    return sum(map(len, by_sheet.values()))


def _refusals(cells: list[Cell], results: list[CellResult]) -> Iterator[Finding]:
    for cell, result in zip(cells, results, strict=True):
        if result.outcome == "conflict":
            yield at_cell(
                cell.table, cell.row, cell.column, "Người khác vừa sửa giá trị này; hãy kiểm tra lại tệp."
            )
        elif result.outcome == "refused":
            yield at_cell(cell.table, cell.row, cell.column, result.message)


def _leaves(year: AssessmentYear) -> list[Criterion]:
    return list(Criterion.objects.filter(criteria_set=year.criteria_set_id, is_leaf=True).order_by("order"))


def _identity_findings(year: AssessmentYear, said: dict[str, str]) -> Iterator[Finding]:
    expected = {
        "organiser": (
            year.organiser.slug,
            f"Tệp này của cơ quan khác, không phải của {year.organiser.name}.",
        ),
        "year": (str(year.year), f"Tệp này của năm {said.get('year', '')}, không phải năm {year.year}."),
        "group": (year.group.slug, f"Tệp này của nhóm khác, không phải nhóm {year.group.name}."),
        "criteria_set": (
            year.criteria_set.slug if year.criteria_set else "",
            "Tệp này theo bộ tiêu chí khác với bộ tiêu chí của năm; hãy tải mẫu mới.",
        ),
    }
    for key, (value, message) in expected.items():
        if key in said and said[key] != value:
            yield Finding(message)


class _Reading:
    """One pass over the tables of a file."""

    def __init__(
        self,
        year: AssessmentYear,
        act: Act,
        leaves: dict[str, Criterion],
        findings: list[Finding],
        total: int,
    ) -> None:
        self.year, self.act, self.leaves, self.findings = year, act, leaves, findings
        self.total, self.rows, self.blanks, self.cells = total, 0, 0, list[Cell]()
        sheets = year.sheets.select_related("unit").prefetch_related("unit__versions")
        self.sheets = {sheet.unit_id: sheet for sheet in sheets}
        self.units = UnitIndex(
            (sheet.unit for sheet in self.sheets.values()), among="trong danh sách của năm"
        )
        self.scores = {(score.sheet_id, score.criterion_id): score for score in self._scores()}
        self.work = YearInWork.read(year.pk, act.actor)
        self.visible = self._visible(act.actor)
        self.figures = self._figures()
        self.reaches: dict[tuple[int, str], Reach] = {}
        self.locks: dict[tuple[int, str], str | None] = {}
        self.seen: dict[tuple[int, int, str], tuple[Table, int]] = {}

    def _scores(self) -> Iterator[Score]:
        yield from Score.objects.filter(sheet__assessment_year=self.year)

    def _visible(self, user: User | None) -> set[int]:
        """Return the units the sender may know of; a program without a person may all."""
        assigned = {one.unit_id for one in self.work.assignments}
        if None in assigned or (user is None and self.act.how == Change.How.COMMAND):
            return set(self.sheets)
        if user is None:
            return set()
        seen = access.units_of(user).filter(sheets__assessment_year=self.year)
        return {*seen.values_list("pk", flat=True), *(pk for pk in assigned if pk is not None)}

    def _figures(self) -> dict[int, Figures]:
        is_bound = any(has_bindings(leaf) for leaf in self.leaves.values())
        return dict(figures_of(list(self.sheets), self.year.year)) if is_bound else {}

    def error(self, table: Table, row: int, column: int | None, message: str) -> None:
        self.findings.append(at_cell(table, row, column, message))

    def read(self, layout: Layout, progress: Progress | None) -> None:
        for row_number, row in layout.rows():
            self.rows += 1
            if progress:
                progress(self.rows, self.total)
            sheet = self._sheet_of(layout, row_number, row)
            if sheet and self._is_this_year(layout, row_number, row):
                (self._read_wide if layout.is_wide else self._read_long)(layout, row_number, row, sheet)

    def _is_this_year(self, layout: Layout, number: int, row: list[object]) -> bool:
        text = text_of(layout.cell(row, "year"))
        if text and text != str(self.year.year):
            self.error(layout.table, number, layout.columns["year"], f"Không phải năm {self.year.year}.")
            return False
        return True

    def _sheet_of(self, layout: Layout, number: int, row: list[object]) -> ScoreSheet | None:
        column = layout.columns.get("unit_code", layout.columns.get("unit_name"))
        try:
            if column is None:
                return self._only_sheet()
            unit = self.units.find(layout.cell(row, "unit_code"), layout.cell(row, "unit_name"))
        except ReadError as error:
            self.error(layout.table, number, column, str(error))
            return None
        if unit.pk not in self.visible:
            self.error(layout.table, number, column, "Đơn vị này không thuộc quyền của anh/chị.")
            return None
        return self.sheets[unit.pk]

    def _only_sheet(self) -> ScoreSheet:
        """A file that names no unit is about the one unit its sender has."""
        if len(self.visible) != 1:
            raise ReadError("Tệp không ghi đơn vị nào; hãy thêm cột “Mã đơn vị”.")
        return self.sheets[next(iter(self.visible))]

    def _read_wide(self, layout: Layout, number: int, row: list[object], sheet: ScoreSheet) -> None:
        for column, code in layout.criteria.items():
            raw = row[column] if column < len(row) else None
            self._take(layout, number, column, raw, sheet, self.leaves[code], layout.stage or "self")

    def _read_long(self, layout: Layout, number: int, row: list[object], sheet: ScoreSheet) -> None:
        code = text_of(layout.cell(row, "criterion")).removeprefix("'")
        if not code:
            return
        if code not in self.leaves:
            self.error(
                layout.table, number, layout.columns["criterion"], "Bộ tiêu chí của năm không có mã này."
            )
            return
        labels = [label for label in ("self", "appraised", "survey", "points") if label in layout.columns]
        for label in labels:
            stage = (layout.stage or "self") if label == "points" else label
            state, raw = text_of(layout.cell(row, "state")), layout.cell(row, label)
            raw = state if state and len(labels) == 1 and not text_of(raw) else raw
            note = text_of(layout.cell(row, "note")) or None if label == labels[0] else None
            self._take(layout, number, layout.columns[label], raw, sheet, self.leaves[code], stage, note)
            if state and text_of(raw) and raw is not state and readers.parse_state(state):
                column = layout.columns["state"]
                self.error(layout.table, number, column, "Đã có điểm thì không chọn tình trạng này.")

    def _take(
        self,
        layout: Layout,
        number: int,
        column: int,
        raw: object,
        sheet: ScoreSheet,
        criterion: Criterion,
        stage: str,
        note: str | None = None,
    ) -> None:
        table, place = layout.table, (number, column)
        score = self.scores.get((sheet.pk, criterion.pk))
        before = _standing(score, stage)
        is_blank = not text_of(raw) and place not in table.broken and place not in table.formulas
        if is_blank and note in (None, before.note):
            self.blanks += 1
            return
        first = self.seen.setdefault((sheet.pk, criterion.pk, stage), (table, number))
        if first != (table, number):
            self.error(table, number, column, f"Lặp lại đơn vị và tiêu chí đã có ở hàng {first[1] + 1}.")
            return
        try:
            value = (
                Value(before.state, before.points, note) if is_blank else self._value(table, place, raw, note)
            )
            _require_possible(value, criterion, stage)
        except ReadError as error:
            self.error(table, number, column, str(error))
            return
        cell = Cell(sheet, criterion, stage, table, number, column, value, before, score)
        if (cell.fate != Fate.UNCHANGED or self._is_hidden(stage)) and (refusal := self._refusal(cell)):
            self.error(table, number, column, refusal)
            return
        self.cells.append(cell)

    def _is_hidden(self, stage: str) -> bool:
        """Whether even "unchanged" would tell the sender something: a unit must not guess what the appraisal gave."""
        actor, organiser = self.act.actor, self.year.organiser
        return stage != "self" and actor is not None and not access.can_view_organiser(actor, organiser)

    def _refusal(self, cell: Cell) -> str | None:
        """Return why the workflow would refuse the value: a right, a lock, the rule, a reason that is missing."""
        kind, key = Kind(cell.stage), (cell.sheet.pk, cell.stage)
        if key not in self.reaches:
            self.reaches[key] = reach_of(self.act, cell.sheet, kind, self.work)
            self.locks[key] = lock_of(cell.sheet, kind, self.work)
        reach = self.reaches[key]
        if not reach.includes(cell.criterion.pk):
            return reach.refusal or NOT_ASSIGNED
        score = cell.score or Score(sheet=cell.sheet, criterion=cell.criterion)
        figures = self.figures.get(cell.sheet.unit_id, {})
        surveyed = (
            self._surveyed.get((cell.sheet.pk, cell.criterion.pk)) if cell.stage == Kind.SURVEY else None
        )
        asked = wanted(score, cell.criterion, cell.write(), figures, self.act.reason, surveyed)
        return self.locks[key] or asked.refusal or correction_refusal(self.year, asked.reason)

    @cached_property
    def _surveyed(self) -> dict[tuple[int, int], Calculation]:
        """Return what counted answers give, read where a file has points of the survey at all."""
        return calculations_of([sheet.pk for sheet in self.sheets.values()], self.leaves.values())

    def _value(self, table: Table, place: tuple[int, int], raw: object, note: str | None) -> Value:
        if place in table.broken:
            raise ReadError("Ô công thức bị lỗi (#REF!, #DIV/0!…); hãy sửa công thức hoặc ghi số.")
        if state := readers.parse_state(raw):
            return Value(state, None, note)
        points = readers.parse_decimal(raw)
        if points is None:
            raise ReadError("Ô công thức chưa có kết quả; hãy mở tệp bằng bảng tính, lưu lại hoặc ghi số.")
        if place in table.formulas:
            self._warn(table, place, f"Ô công thức: lấy kết quả đã lưu là {number(points, 4)}.")
        elif readers.has_two_readings(raw):
            self._warn(table, place, TWO_READINGS % number(points, 4))
        return Value(PointsState.VALUE, points, note)

    def _warn(self, table: Table, place: tuple[int, int], message: str) -> None:
        self.findings.append(at_cell(table, *place, message, is_error=False))


def _standing(score: Score | None, stage: str) -> Value:
    if score is None:
        return Value(PointsState.NOT_ENTERED, None, "")
    note = {"self": score.self_note, "appraised": score.appraised_reason}.get(stage, "")
    return Value(getattr(score, f"{stage}_state"), getattr(score, f"{stage}_points"), note)


def _require_possible(value: Value, criterion: Criterion, stage: str) -> None:
    """Raise ReadError for points the component cannot have at the stage."""
    if criterion.origin not in ORIGINS[Kind(stage)]:
        raise ReadError(NOT_OF_THIS_CELL[Kind(stage)])
    if value.points is None:
        return
    if value.points < 0:
        raise ReadError("Điểm không thể âm.")
    if criterion.max_points is not None and value.points > criterion.max_points:
        raise ReadError(f"Vượt điểm tối đa {number(criterion.max_points, 4)}.")


def _shown(cell: Cell) -> Shown:
    place = at_cell(cell.table, cell.row, cell.column, "").place
    return Shown(
        cell.fate,
        cell.sheet.unit.full_name,
        f"{cell.criterion.code} · {STAGE_SHEETS[cell.stage]}",
        _words(cell.before),
        _words(cell.value),
        place,
    )


def _words(value: Value) -> str:
    words = PointsState(value.state).label if value.points is None else number(value.points, 4)
    return f"{words} – {value.note}" if value.note else str(words)
