"""One pass over a file of survey answers: rows counted already, or forms counted here; what cannot be is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from districts.audit import Act
from districts.names import fold
from reports.models import Criterion, ScoreSheet, SurveyRound
from reports.numbers_vi import count as shown_count
from reports.readers import ReadError, parse_count, parse_state, text_of
from reports.rules import Survey
from reports.sheet_files import Table
from reports.stages import Cell
from reports.survey_points import counts_of
from reports.survey_tally import MOST, Place
from reports.workflow.cells import correction_refusal
from reports.workflow.reach import NOT_ASSIGNED, Reach, YearInWork, lock_of, reach_of

from .findings import Fate, Finding, at_cell
from .places import UnitIndex
from .scores import Progress
from .survey_layout import AnswerLayout

Key = tuple[int, int, int, str]


@dataclass(frozen=True)
class Asked:
    """The answers of one group of one unit to one question, as the file counts them, beside what stands."""

    sheet: ScoreSheet
    criterion: Criterion
    question: int
    group: str
    counts: Mapping[Place, int | None]
    before: Mapping[Place, int | None]
    place: Finding

    @property
    def fate(self) -> Fate:
        if self.counts == self.before:
            return Fate.UNCHANGED
        return Fate.NEW if set(self.before.values()) == {None} else Fate.CHANGED


@dataclass
class Taken:
    """Answers found so far to one question: a count an option, and where they were first found."""

    sheet: ScoreSheet
    criterion: Criterion
    place: tuple[Table, int, int]
    counts: dict[str, int | None] = field(default_factory=dict)


class AnswerReading:
    """One pass over the tables of a file."""

    def __init__(
        self, round_: SurveyRound, act: Act, components: Mapping[Criterion, Survey], findings: list[Finding]
    ) -> None:
        self.round, self.act, self.findings = round_, act, findings
        self.components = {leaf.code: (leaf, rule) for leaf, rule in components.items()}
        self.spellings = {leaf.code: _spellings(rule) for leaf, rule in components.items()}
        self.groups = {leaf.code: _group_spellings(rule) for leaf, rule in components.items()}
        year = round_.assessment_year
        sheets = year.sheets.select_related("unit").prefetch_related("unit__versions")
        self.sheets = {sheet.unit_id: sheet for sheet in sheets}
        self.units = UnitIndex((one.unit for one in self.sheets.values()), among="trong danh sách của năm")
        self.work = YearInWork.read(year.pk, act.actor)
        self.reaches: dict[int, tuple[Reach, str | None]] = {}
        self.taken: dict[Key, Taken] = {}
        self.rows, self.blanks = 0, 0

    def read(self, layout: AnswerLayout, progress: Progress | None) -> None:
        before = self.rows
        for number, row in layout.rows():
            self.rows += 1
            if progress:
                progress(number, len(layout.table.rows))
            sheet = self._sheet(layout, number, row)
            if sheet is not None:
                (self._read_form if layout.is_raw else self._read_counts)(layout, number, row, sheet)
        sent = self.round.forms_valid
        if layout.is_raw and sent is not None and self.rows - before > sent:
            read = shown_count(self.rows - before)
            said = f"Tệp có {read} phiếu, nhiều hơn {shown_count(sent)} phiếu hợp lệ của đợt."
            self.findings.append(Finding(said, sheet=layout.table.name, is_error=False))

    def asked(self) -> list[Asked]:
        """Return what was found, beside what stands in the round. One query."""
        keys = self.taken.items()
        stored = counts_of({key[0] for key, _ in keys}, {key[1] for key, _ in keys}, self.round.pk)
        return [self._asked(key, taken, stored.get(key[:2], {})) for key, taken in keys]

    def _asked(self, key: Key, taken: Taken, stored: Mapping[Place, int]) -> Asked:
        counts = {Place(key[2], key[3], option): count for option, count in taken.counts.items()}
        return Asked(
            taken.sheet,
            taken.criterion,
            key[2],
            key[3],
            counts,
            {place: stored.get(place) for place in counts},
            at_cell(*taken.place, ""),
        )

    def _error(self, layout: AnswerLayout, number: int, column: int | None, message: str) -> None:
        self.findings.append(at_cell(layout.table, number, column, message))

    def _sheet(self, layout: AnswerLayout, number: int, row: Sequence[object]) -> ScoreSheet | None:
        column = layout.columns.get("unit_code", layout.columns.get("unit_name"))
        try:
            unit = self.units.find(layout.cell(row, "unit_code"), layout.cell(row, "unit_name"))
        except ReadError as error:
            self._error(layout, number, column, str(error))
            return None
        return self.sheets[unit.pk]

    def _refusal(self, sheet: ScoreSheet, criterion: Criterion) -> str | None:
        if sheet.pk not in self.reaches:
            reach = reach_of(self.act, sheet, Cell.SURVEY, self.work)
            self.reaches[sheet.pk] = (reach, lock_of(sheet, Cell.SURVEY, self.work))
        reach, lock = self.reaches[sheet.pk]
        if not reach.includes(criterion.pk):
            return reach.refusal or NOT_ASSIGNED
        return lock or correction_refusal(self.work.year, self.act.reason)

    def _component(self, layout: AnswerLayout, number: int, row: Sequence[object]) -> str | None:
        code = text_of(layout.cell(row, "criterion")).removeprefix("'")
        if code in self.components:
            return code
        said = "Bộ tiêu chí của năm không có tiêu chí khảo sát mã này." if code else "Thiếu mã tiêu chí."
        self._error(layout, number, layout.columns["criterion"], said)
        return None

    def _group(self, layout: AnswerLayout, number: int, row: Sequence[object], code: str) -> str | None:
        """Return the key of who answered; None where it cannot be told, or is told of a rule without groups."""
        rule = self.components[code][1]
        label = "group" if text_of(layout.cell(row, "group")) else "group_name"
        text = text_of(layout.cell(row, label))
        if not rule.groups and (not text or layout.is_raw):
            return rule.asked_groups[0].key
        known = self.groups[code].get(fold(text)) if rule.groups else None
        if known is None:
            said = "Thiếu nhóm trả lời." if not text else f"Tiêu chí {code} không có nhóm trả lời này."
            self._error(layout, number, layout.columns.get(label, layout.columns.get("group")), said)
        return known

    def _take(
        self,
        layout: AnswerLayout,
        at: tuple[int, int],
        sheet: ScoreSheet,
        code: str,
        question: int,
        group: str,
    ) -> Taken | None:
        """Return where the answers to a question are gathered; None where there is none such, or not for them."""
        leaf, rule = self.components[code]
        key = (sheet.pk, leaf.pk, question, group)
        if key in self.taken:
            return self.taken[key]
        why = self._refusal(sheet, leaf)
        if not 1 <= question <= rule.questions:
            why = f"Tiêu chí {code} chỉ có {rule.questions} câu hỏi."
        if why is not None:
            self._error(layout, *at, why)
            return None
        return self.taken.setdefault(key, Taken(sheet, leaf, (layout.table, *at)))

    # A row a question, counted already

    def _read_counts(
        self, layout: AnswerLayout, number: int, row: Sequence[object], sheet: ScoreSheet
    ) -> None:
        code = self._component(layout, number, row)
        group = self._group(layout, number, row, code) if code else None
        question = self._question(layout, number, row)
        if code is None or group is None or question is None:
            return
        counts = self._counts(layout, number, row, code)
        if not counts:
            self.blanks += 1
            return
        at = (number, min(layout.options))
        before = len(self.taken)
        taken = self._take(layout, at, sheet, code, question, group)
        if taken is not None and len(self.taken) == before:
            said = f"Lặp lại đơn vị, tiêu chí, câu hỏi và nhóm đã có ở hàng {taken.place[1] + 1}."
            self._error(layout, number, layout.columns["question"], said)
        elif taken is not None:
            taken.counts |= counts

    def _question(self, layout: AnswerLayout, number: int, row: Sequence[object]) -> int | None:
        try:
            question = parse_count(text_of(layout.cell(row, "question")).lower().removeprefix("câu"))
        except ReadError as error:
            self._error(layout, number, layout.columns["question"], str(error))
            return None
        if question is None:
            self._error(layout, number, layout.columns["question"], "Thiếu số thứ tự câu hỏi.")
        return question

    def _counts(
        self, layout: AnswerLayout, number: int, row: Sequence[object], code: str
    ) -> dict[str, int | None]:
        known = {option.key for option in self.components[code][1].options}
        counts: dict[str, int | None] = {}
        for column, option in layout.options.items():
            raw = row[column] if column < len(row) else None
            if not text_of(raw):
                continue
            try:
                counts[option] = _count(raw)
            except ReadError as error:
                self._error(layout, number, column, str(error))
                continue
            if option not in known:
                self._error(layout, number, column, f"Tiêu chí {code} không có phương án này.")
        return counts

    # A row a form

    def _read_form(self, layout: AnswerLayout, number: int, row: Sequence[object], sheet: ScoreSheet) -> None:
        own = self._component(layout, number, row) if "criterion" in layout.columns else ""
        if own is None:
            return
        groups: dict[str, str | None] = {}
        for column, (named, question) in layout.questions.items():
            code, text = named or own, text_of(row[column]) if column < len(row) else ""
            if not text:
                self.blanks += 1
                continue
            if code not in groups:
                groups[code] = self._group(layout, number, row, code)
            group, option = groups[code], self.spellings[code].get(fold(text))
            if option is None:
                said = f"Không có phương án này; tiêu chí {code} chỉ có {', '.join(_keys(self.components[code][1]))}."
                self._error(layout, number, column, said)
            elif group is not None:
                taken = self._take(layout, (number, column), sheet, code, question, group)
                if taken is not None:
                    self._add(taken, code, option)

    def _add(self, taken: Taken, code: str, option: str) -> None:
        if not taken.counts:
            # What nobody chose is counted too: what stood there before is replaced as a whole.
            taken.counts = dict.fromkeys(_keys(self.components[code][1]), 0)
        taken.counts[option] = (taken.counts[option] or 0) + 1


def _count(raw: object) -> int | None:
    """Return a count, None for "not entered", which takes it away."""
    state = parse_state(raw)
    if state == "not_entered":
        return None
    if state is not None:
        raise ReadError("Số phiếu ghi bằng số; muốn xóa, ghi “Chưa nhập”.")
    count = parse_count(raw)
    if count is None or not 0 <= count <= MOST:
        raise ReadError("Số phiếu phải là số nguyên từ 0 trở lên.")
    return count


def _keys(rule: Survey) -> list[str]:
    return [option.key for option in rule.options]


def _spellings(rule: Survey) -> dict[str, str]:
    """An answer may be written by its key or by its words."""
    words_ = {fold(option.label): option.key for option in rule.options if option.label}
    return words_ | {fold(option.key): option.key for option in rule.options}


def _group_spellings(rule: Survey) -> dict[str, str]:
    return {fold(text): group.key for group in rule.groups for text in (group.label, group.key)}
