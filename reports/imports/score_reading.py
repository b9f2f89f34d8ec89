"""One pass over the tables of a file of points: every cell read, compared with what stands, or refused at its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from reports import readers
from reports.automatic import Calculation, calculation
from reports.models import PointsState, ScoreSheet
from reports.numbers_vi import number
from reports.readers import ReadError, text_of
from reports.rules import InputError
from reports.sheet_files import Table

from .findings import Fate, Finding, at_cell
from .layout import INPUTS, Layout
from .score_cells import NO_INPUTS, Cell, Value, standing
from .score_inputs import BROKEN, FROM_FORMULA, NO_RESULT, Asked, read_inputs, stray_inputs
from .score_said import STAGES, PlacedError, Said, is_of_inputs, require_possible
from .score_year import StandingYear

RECALCULATED = "Số liệu đã đổi: quy tắc cho %s điểm, điểm cũ trong ô này không dùng nữa."
NOT_ENOUGH = "Số liệu không còn đủ: bỏ điểm mà quy tắc đã cho."
STATE_OR_INPUTS = "Số liệu đã đổi thì để trống tình trạng này, hoặc để số liệu như cũ."
Progress = Callable[[int, int], None]


class Reading:
    """The cells a file gives a year and what is to be said of it, row by row.

    Variables may stand on a sheet of their own; they go with the points of the same component, wherever those are.
    """

    def __init__(
        self, standing_year: StandingYear, findings: list[Finding], total: int, progress: Progress | None
    ) -> None:
        self.stands, self.findings, self.total, self.progress = standing_year, findings, total, progress
        self.rows, self.blanks, self.cells = 0, 0, list[Cell]()
        self._seen: dict[tuple[int, int, str], tuple[Table, int, int]] = {}
        self._apart: dict[tuple[int, int], tuple[Said, Mapping[str, str]]] = {}

    def read(self, layouts: Sequence[Layout]) -> None:
        """Read all tables. Nothing is raised: what cannot be read becomes a finding."""
        for layout in sorted(layouts, key=lambda one: not is_of_inputs(one)):
            self._read(layout)
        rest, self._apart = self._apart, {}
        for said, inputs in rest.values():
            self._settle(said, inputs)

    def _read(self, layout: Layout) -> None:
        for row_number, row in layout.rows():
            self.rows += 1
            if self.progress:
                self.progress(self.rows, self.total)
            sheet = self._sheet_of(layout, row_number, row)
            if sheet and self._is_this_year(layout, row_number, row):
                (self._read_wide if layout.is_wide else self._read_long)(layout, row_number, row, sheet)

    def _error(self, table: Table, row: int, column: int | None, message: str) -> None:
        self.findings.append(at_cell(table, row, column, message))

    def _warn(self, said: Said, message: str) -> None:
        self.findings.append(at_cell(said.table, *said.place, message, is_error=False))

    def _is_this_year(self, layout: Layout, number_: int, row: list[object]) -> bool:
        text, year = text_of(layout.cell(row, "year")), self.stands.year.year
        if text and text != str(year):
            self._error(layout.table, number_, layout.columns["year"], f"Không phải năm {year}.")
            return False
        return True

    def _sheet_of(self, layout: Layout, number_: int, row: list[object]) -> ScoreSheet | None:
        column = layout.columns.get("unit_code", layout.columns.get("unit_name"))
        try:
            if column is None:
                return self.stands.only_sheet()
            unit = self.stands.units.find(layout.cell(row, "unit_code"), layout.cell(row, "unit_name"))
        except ReadError as error:
            self._error(layout.table, number_, column, str(error))
            return None
        if unit.pk not in self.stands.visible:
            self._error(layout.table, number_, column, "Đơn vị này không thuộc quyền của anh/chị.")
            return None
        return self.stands.sheets[unit.pk]

    def _read_wide(self, layout: Layout, number_: int, row: list[object], sheet: ScoreSheet) -> None:
        for column, code in layout.criteria.items():
            raw = row[column] if column < len(row) else None
            leaf = self.stands.leaves[code]
            self._take(Said(layout, number_, column, raw, sheet, leaf, layout.stage or "self"), row)

    def _read_long(self, layout: Layout, number_: int, row: list[object], sheet: ScoreSheet) -> None:
        code = text_of(layout.cell(row, "criterion")).removeprefix("'")
        if not code:
            return
        leaf = self.stands.leaves.get(code)
        if leaf is None:
            column = layout.columns["criterion"]
            self._error(layout.table, number_, column, "Bộ tiêu chí của năm không có mã này.")
            return
        # A file of variables alone leaves the points to the rule.
        labels = [label for label in STAGES if label in layout.columns] or ["self"]
        stages = [(layout.stage or "self") if label == "points" else label for label in labels]
        if "self" not in stages:
            self.findings += stray_inputs(layout, number_, row)
        state = self._state(layout, number_, row, labels)
        for nth, (label, stage) in enumerate(zip(labels, stages, strict=True)):
            raw, column = layout.cell(row, label), layout.columns.get(label, layout.columns.get(INPUTS[0], 0))
            is_state = state is not None and len(labels) == 1 and not text_of(raw)
            note = text_of(layout.cell(row, "note")) or None if nth == 0 else None
            said = Said(
                layout,
                number_,
                column,
                layout.cell(row, "state") if is_state else raw,
                sheet,
                leaf,
                stage,
                note,
                layout.columns["state"] if is_state else None,
            )
            self._take(said, row)

    def _state(self, layout: Layout, number_: int, row: list[object], labels: list[str]) -> str | None:
        """Return the state a row names beside its points; an error where it is none, or stands beside points."""
        text = text_of(layout.cell(row, "state"))
        if not text:
            return None
        column, state = layout.columns["state"], readers.parse_state(text)
        if state is None:
            self._error(layout.table, number_, column, "Không có tình trạng này.")
        elif any(text_of(layout.cell(row, label)) for label in labels):
            self._error(layout.table, number_, column, "Đã có điểm thì không chọn tình trạng này.")
        return state

    def _take(self, said: Said, row: list[object]) -> None:
        if not said.layout.has_inputs or said.stage != "self":
            self._settle(said)
        elif (inputs := self._inputs(said, row)) is not None:
            if is_of_inputs(said.layout):
                self._keep_apart(said, row, inputs)
            else:
                self._settle(said, inputs)

    def _before(self, said: Said) -> Value:
        known = self.stands.known(said.sheet, said.criterion) if said.stage == "self" else {}
        return standing(self.stands.scores.get((said.sheet.pk, said.criterion.pk)), said.stage, known)

    def _inputs(self, said: Said, row: list[object]) -> Mapping[str, str] | None:
        """Return the variables of a row, those that stand where it says no others; None for an error."""
        known = self.stands.known(said.sheet, said.criterion)
        asked = Asked(self.stands.rules[said.criterion.pk], self._before(said).inputs, known)
        inputs, remarks = read_inputs(said.layout, said.row, row, asked)
        self.findings += remarks
        return None if any(remark.is_error for remark in remarks) else inputs

    def _keep_apart(self, said: Said, row: list[object], inputs: Mapping[str, str]) -> None:
        key, before = (said.sheet.pk, said.criterion.pk), self._before(said)
        if any(text_of(said.layout.cell(row, name)) for name in INPUTS):
            first = self._seen.setdefault((*key, INPUTS[0]), (said.table, *said.place))
            if first != (said.table, *said.place):
                self._repeated(said, first[1])
                return
        if inputs == before.inputs and said.note in (None, before.note):
            # Its points are counted where they stand.
            return
        try:
            self._calculation(said, inputs)
        except PlacedError as error:
            self._error(said.table, said.row, error.column, str(error))
            return
        self._apart[key] = said, inputs

    def _repeated(self, said: Said, first: int) -> None:
        message = f"Lặp lại đơn vị và tiêu chí đã có ở hàng {first + 1}."
        self._error(said.table, said.row, said.column, message)

    def _settle(self, said: Said, inputs: Mapping[str, str] | None = None) -> None:
        key, before = (said.sheet.pk, said.criterion.pk), self._before(said)
        inputs = before.inputs if inputs is None else inputs
        if said.stage == "self" and key in self._apart and inputs == before.inputs:
            apart, inputs = self._apart.pop(key)
            said = replace(said, note=apart.note if said.note is None else said.note)
        if said.is_blank and said.note in (None, before.note) and inputs == before.inputs:
            self.blanks += 1
            return
        first = self._seen.setdefault((*key, said.stage), (said.table, *said.place))
        if first != (said.table, *said.place):
            self._repeated(said, first[1])
            return
        try:
            value = self._value(said, before, inputs)
            require_possible(value, said.criterion, said.stage)
        except ReadError as error:
            column = error.column if isinstance(error, PlacedError) else said.column
            self._error(said.table, said.row, column, str(error))
            return
        cell = Cell(
            said.sheet,
            said.criterion,
            said.stage,
            said.table,
            said.row,
            said.column,
            value,
            before,
            self.stands.scores.get(key),
        )
        self._keep(cell)

    def _keep(self, cell: Cell) -> None:
        is_compared = cell.fate != Fate.UNCHANGED or self.stands.is_hidden(cell.stage)
        if is_compared and (refusal := self.stands.refusal(cell)):
            self._error(cell.table, cell.row, cell.column, refusal)
            return
        self.cells.append(cell)

    def _value(self, said: Said, before: Value, inputs: Mapping[str, str]) -> Value:
        """Return what a row asks for. Raises ReadError."""
        kept = Value(before.state, before.points, said.note, inputs)
        value = kept if said.is_blank else self._written(said, inputs)
        return value if inputs == before.inputs else self._recalculated(said, before, value)

    def _recalculated(self, said: Said, before: Value, value: Value) -> Value:
        """Return what new variables make of the points: the rule's, unless others were written into the file."""
        counted = self._calculation(said, value.inputs)
        if not said.is_blank and value.points is None:
            if value.state != PointsState.NOT_ENTERED and (counted is None or counted.state != value.state):
                raise PlacedError(STATE_OR_INPUTS, said.column if said.state is None else said.state)
            return value
        if not value.is_worth(before):
            return value
        if counted is not None:
            if value.points not in (None, counted.points) and not said.is_blank:
                self._warn(said, RECALCULATED % number(counted.points, 4))
            return Value(counted.state, counted.points, value.note, value.inputs)
        if value.points is None or self._calculation(said, before.inputs) is None:
            return value
        if not said.is_blank:
            self._warn(said, NOT_ENOUGH)
        return Value(PointsState.NOT_ENTERED, None, value.note, value.inputs)

    def _calculation(self, said: Said, inputs: Mapping[str, str]) -> Calculation | None:
        rule = self.stands.rules[said.criterion.pk]
        if rule is None:
            return None
        try:
            return calculation(rule, inputs, self.stands.figures(said.sheet))
        except (InputError, ArithmeticError, KeyError) as error:
            raise PlacedError(str(error), said.layout.columns.get(INPUTS[0])) from error

    def _written(self, said: Said, inputs: Mapping[str, str] = NO_INPUTS) -> Value:
        table, place, raw = said.table, said.place, said.raw
        if place in table.broken:
            raise ReadError(BROKEN)
        if state := readers.parse_state(raw):
            return Value(state, None, said.note, inputs)
        points = readers.parse_decimal(raw)
        if points is None:
            raise ReadError(NO_RESULT)
        if place in table.formulas:
            self._warn(said, FROM_FORMULA % number(points, 4))
        elif remark := readers.read_as(raw, points):
            self._warn(said, remark)
        return Value(PointsState.VALUE, points, said.note, inputs)
