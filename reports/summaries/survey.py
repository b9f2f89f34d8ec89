"""How far is a year's survey? Its rounds with forms and response, and in how many units each component has answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count

from reports.models import AssessmentYear, Criterion, ScoreSheet, SurveyAnswerCount, SurveyRound
from reports.rules import Survey
from reports.survey_points import survey_components


@dataclass(frozen=True)
class RoundLine:
    """A round, and in how many units anything was counted in it."""

    round: SurveyRound
    units: int

    @property
    def response_rate(self) -> Decimal | None:
        """The valid forms of those sent, 0–1; None where either is not known or none was sent."""
        sent, valid = self.round.forms_sent, self.round.forms_valid
        return None if not sent or valid is None else Decimal(valid) / sent


@dataclass(frozen=True)
class ComponentLine:
    """A component with its rule, where its first question stands in a whole form, and units with answers by round."""

    criterion: Criterion
    rule: Survey
    first: int
    by_round: Mapping[int, int]
    units: int

    @property
    def last(self) -> int:
        return self.first + self.rule.questions - 1


@dataclass(frozen=True)
class UnitLine:
    """A unit's sheet, and how many components have answers in a round."""

    sheet: ScoreSheet
    components: int


@dataclass(frozen=True)
class SurveyOverview:
    rounds: Sequence[RoundLine]
    components: Sequence[ComponentLine]
    units: int


def survey_overview(year: AssessmentYear) -> SurveyOverview:
    """Return the rounds and components of a year's survey, and N. Six queries."""
    rounds = list(year.survey_rounds.all())
    answers = SurveyAnswerCount.objects.filter(round__assessment_year=year).order_by()
    units = dict(answers.values_list("round_id").annotate(Count("sheet", distinct=True)))
    return SurveyOverview(
        [RoundLine(one, units.get(one.pk, 0)) for one in rounds],
        _components(year),
        year.sheets.count(),
    )


def _components(year: AssessmentYear) -> list[ComponentLine]:
    answers = SurveyAnswerCount.objects.filter(round__assessment_year=year).order_by()
    counted = dict(answers.values_list("criterion_id").annotate(Count("sheet", distinct=True)))
    by_round: dict[int, dict[int, int]] = defaultdict(dict)
    for criterion, round_id, units in answers.values_list("criterion_id", "round_id").annotate(
        Count("sheet", distinct=True)
    ):
        by_round[criterion][round_id] = units
    lines, first = [], 1
    for leaf, rule in survey_components(year).items():
        lines.append(ComponentLine(leaf, rule, first, by_round[leaf.pk], counted.get(leaf.pk, 0)))
        first += rule.questions
    return lines


def unit_lines(round_: SurveyRound) -> list[UnitLine]:
    """Return the units of a round's year with how many components have answers in it. Two queries."""
    answers = SurveyAnswerCount.objects.filter(round=round_).order_by()
    counted = dict(answers.values_list("sheet_id").annotate(Count("criterion", distinct=True)))
    sheets = round_.assessment_year.sheets.select_related("unit").order_by("unit__sort_key", "unit__code")
    return [UnitLine(sheet, counted.get(sheet.pk, 0)) for sheet in sheets]
