"""A year as a file of points meets it: whose sheets, what stands, and what the workflow would refuse."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property

from districts import access
from districts.audit import Act
from districts.models import Change, User
from reports.automatic import Calculation, Figures, bound_inputs, figures_of, has_bindings, parsed_rule
from reports.models import AssessmentYear, Criterion, Score, ScoreSheet
from reports.readers import ReadError
from reports.rules import Rule
from reports.stages import Cell as Kind
from reports.survey_points import calculations_of
from reports.workflow.cells import correction_refusal, wanted
from reports.workflow.reach import NOT_ASSIGNED, Reach, YearInWork, lock_of, reach_of

from .places import UnitIndex
from .score_cells import Cell

# What stands where nothing was written yet: every field at its default.
NO_SCORE = Score()


class StandingYear:
    """Everything a check compares with, read once: a dozen queries whatever the size of year and file."""

    def __init__(self, year: AssessmentYear, act: Act, leaves: Mapping[str, Criterion]) -> None:
        self.year, self.act, self.leaves = year, act, leaves
        sheets = year.sheets.select_related("unit").prefetch_related("unit__versions")
        self.sheets = {sheet.unit_id: sheet for sheet in sheets}
        self.units = UnitIndex(
            (sheet.unit for sheet in self.sheets.values()), among="trong danh sách của năm"
        )
        scores = Score.objects.filter(sheet__assessment_year=year)
        self.scores = {(score.sheet_id, score.criterion_id): score for score in scores}
        self.work = YearInWork.read(year.pk, act.actor)
        self.visible = self._visible(act.actor)
        self.rules: Mapping[int, Rule | None] = {leaf.pk: parsed_rule(leaf) for leaf in leaves.values()}
        self._bound = {leaf.pk for leaf in leaves.values() if has_bindings(leaf)}
        self._figures = figures_of(list(self.sheets), year.year) if self._bound else {}
        self._reaches: dict[tuple[int, str], Reach] = {}
        self._locks: dict[tuple[int, str], str | None] = {}

    def _visible(self, user: User | None) -> set[int]:
        """Return the units the sender may know of; a program without a person may all."""
        assigned = {one.unit_id for one in self.work.assignments}
        if None in assigned or (user is None and self.act.how == Change.How.COMMAND):
            return set(self.sheets)
        if user is None:
            return set()
        seen = access.units_of(user).filter(sheets__assessment_year=self.year)
        return {*seen.values_list("pk", flat=True), *(pk for pk in assigned if pk is not None)}

    def only_sheet(self) -> ScoreSheet:
        """Return the sheet of the one unit a sender has: that of a file that names no unit. Raises ReadError."""
        if len(self.visible) != 1:
            raise ReadError("Tệp không ghi đơn vị nào; hãy thêm cột “Mã đơn vị”.")
        return self.sheets[next(iter(self.visible))]

    def figures(self, sheet: ScoreSheet) -> Figures:
        """Return the system's own figures of a unit, by binding."""
        return self._figures.get(sheet.unit_id, {})

    def known(self, sheet: ScoreSheet, criterion: Criterion) -> Mapping[str, Decimal]:
        """Return the variables of a component's rule that the system knows of a unit, by name."""
        rule = self.rules[criterion.pk]
        if rule is None or criterion.pk not in self._bound:
            return {}
        return bound_inputs(rule, self.figures(sheet))

    def is_hidden(self, stage: str) -> bool:
        """Whether even "unchanged" would tell the sender something: a unit must not guess what the appraisal gave."""
        actor, organiser = self.act.actor, self.year.organiser
        return stage != "self" and actor is not None and not access.can_view_organiser(actor, organiser)

    def refusal(self, cell: Cell) -> str | None:
        """Return why the workflow would refuse the value: a right, a lock, the rule, a reason that is missing."""
        kind, key = Kind(cell.stage), (cell.sheet.pk, cell.stage)
        if key not in self._reaches:
            self._reaches[key] = reach_of(self.act, cell.sheet, kind, self.work)
            self._locks[key] = lock_of(cell.sheet, kind, self.work)
        reach = self._reaches[key]
        if not reach.includes(cell.criterion.pk):
            return reach.refusal or NOT_ASSIGNED
        surveyed = (
            self._surveyed.get((cell.sheet.pk, cell.criterion.pk)) if cell.stage == Kind.SURVEY else None
        )
        asked = wanted(
            cell.score or NO_SCORE,
            cell.criterion,
            cell.write(),
            self.figures(cell.sheet),
            self.act.reason,
            surveyed,
        )
        return self._locks[key] or asked.refusal or correction_refusal(self.year, asked.reason)

    @cached_property
    def _surveyed(self) -> dict[tuple[int, int], Calculation]:
        """Return what counted answers give, read where a file has points of the survey at all."""
        return calculations_of([sheet.pk for sheet in self.sheets.values()], self.leaves.values())
