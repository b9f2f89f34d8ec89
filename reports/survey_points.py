"""What do the answers counted in all rounds of a survey give? Counts by sheet and component, and the calculation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import Sum

from reports.automatic import DIGITS, Calculation, parsed_rule
from reports.models import AssessmentYear, Criterion, PointsState, ScoreOrigin, SurveyAnswerCount
from reports.rules import Outcome, Survey
from reports.scoring import round_half_up
from reports.survey_tally import Place, Tally, tally

ORIGINS = (ScoreOrigin.SURVEY, ScoreOrigin.BOTH)
Key = tuple[int, int]


def survey_rule(criterion: Criterion) -> Survey | None:
    """Return the rule of a component whose points come from counted answers, None for any other."""
    if criterion.origin not in ORIGINS or criterion.rule.get("kind") != "survey":
        return None
    rule = parsed_rule(criterion)
    return rule if isinstance(rule, Survey) else None


def survey_components(year: AssessmentYear) -> dict[Criterion, Survey]:
    """Return the components of a year that are asked in surveys, in the set's order, with their rules. One query."""
    leaves = Criterion.objects.filter(criteria_set=year.criteria_set_id, is_leaf=True, origin__in=ORIGINS)
    rules = ((leaf, survey_rule(leaf)) for leaf in leaves.order_by("order"))
    return {leaf: rule for leaf, rule in rules if rule is not None}


def counts_of(
    sheets: Iterable[int], criteria: Iterable[int], round_id: int | None = None
) -> dict[Key, dict[Place, int]]:
    """Return the answers to components of sheets, of one round or of all together, by (sheet, component). One query."""
    rows = SurveyAnswerCount.objects.filter(sheet__in=list(sheets), criterion__in=list(criteria))
    if round_id is not None:
        rows = rows.filter(round=round_id)
    by_place = rows.order_by().values_list("sheet_id", "criterion_id", "question", "group", "option")
    found: dict[Key, dict[Place, int]] = defaultdict(dict)
    for sheet, criterion, question, group, option, count in by_place.annotate(Sum("count")):
        found[sheet, criterion][Place(question, group, option)] = count
    return dict(found)


def tallies_of(sheets: Iterable[int], criteria: Iterable[Criterion]) -> dict[Key, Tally]:
    """Return what the answers of all rounds say, by (sheet, component); nothing where none were counted."""
    rules = {leaf.pk: rule for leaf in criteria if (rule := survey_rule(leaf)) is not None}
    found = counts_of(sheets, rules) if rules else {}
    told = ((key, tally(rules[key[1]], counts)) for key, counts in found.items())
    return {key: one for key, one in told if one is not None}


def calculations_of(sheets: Iterable[int], criteria: Iterable[Criterion]) -> dict[Key, Calculation]:
    """Return the points that the answers of all rounds give, by (sheet, component)."""
    return {key: calculation_of(told.outcome) for key, told in tallies_of(sheets, criteria).items()}


def calculation_of(outcome: Outcome) -> Calculation:
    """Return what a survey's rule gave, to the digits a score stores."""
    return Calculation(
        state=PointsState(outcome.state),
        points=None if outcome.exact is None else round_half_up(outcome.exact, DIGITS),
        terms=(),
        ratio=None if outcome.ratio is None else round_half_up(outcome.ratio, 6),
        reason=outcome.reason,
        max_points=outcome.max_points,
        is_automatic=True,
        outcome=outcome,
    )


def chosen_counts(counts: Mapping[Place, int | None], question: int, group: str) -> dict[str, int | None]:
    """Return the counts of one question to one group, by option."""
    return {
        place.option: count
        for place, count in counts.items()
        if (place.question, place.group) == (question, group)
    }
