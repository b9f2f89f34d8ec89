"""Which answers would a survey have got to give these points? Counts for the fictional province, exact to the point."""

from __future__ import annotations

from decimal import Decimal

from reports.models import AssessmentYear, Score, SurveyAnswerCount, SurveyRound
from reports.rules import Survey
from reports.survey_points import survey_components

from .places import NOTE

# With a hundred answers to a question each hundredth of its mean can be met.
FORMS = 100
SENT = 118


def answers_giving(rule: Survey, points: Decimal) -> list[dict[str, int]] | None:
    """Return how many of 100 people chose each option, a question a row, so that the rule gives just these points.

    None where no whole numbers of people do: for options A 100, B 60, C 20, D 0 and a maximum that is the number of
    questions they always do, to two decimals.
    """
    hundredths = points * rule.questions * 100 / rule.max_points
    weights = [option.weight_percent for option in rule.options]
    if hundredths != int(hundredths) or weights != [100, 60, 20, 0] or rule.groups:
        return None
    whole, more = divmod(int(hundredths), rule.questions)
    keys = [option.key for option in rule.options]
    return [
        dict(zip(keys, _spread(whole + (question < more)), strict=True)) for question in range(rule.questions)
    ]


def _spread(mean: int) -> tuple[int, int, int, int]:
    """Return how many of 100 chose A, B, C and D for a mean of so many per cent: most of the weak near the best."""
    weak = FORMS - mean
    # Five who choose B instead of A cost 2 of 100, five who choose C cost 4; few are left where the mean is low.
    fives_of_c = min(weak // 12, mean // 6)
    fives_of_b = min((weak - 4 * fives_of_c) * 3 // 8, mean // 6)
    b, c = 5 * fives_of_b, 5 * fives_of_c
    a = mean - 3 * fives_of_b - fives_of_c
    return a, b, c, FORMS - a - b - c


def write_answers(year: AssessmentYear) -> None:
    """Write one round whose answers give the survey points the year's units have."""
    components = survey_components(year)
    scores = Score.objects.filter(sheet__assessment_year=year, criterion__in=components)
    asked = scores.exclude(survey_points=None).values("sheet").distinct().count()
    row = SurveyRound.objects.create(
        assessment_year=year,
        name=f"Điều tra xã hội học năm {year.year}",
        forms_sent=SENT * asked,
        forms_valid=FORMS * asked,
        is_random_sample=True,
        design_effect=Decimal("1.2"),
        note=NOTE,
    )
    rules = {leaf.pk: rule for leaf, rule in components.items()}
    SurveyAnswerCount.objects.bulk_create(
        count for score in scores for count in _counts(row, score, rules[score.criterion_id])
    )


def _counts(row: SurveyRound, score: Score, rule: Survey) -> list[SurveyAnswerCount]:
    found = answers_giving(rule, score.survey_points) if score.survey_points is not None else None
    return [
        SurveyAnswerCount(
            round=row,
            sheet_id=score.sheet_id,
            criterion_id=score.criterion_id,
            question=question,
            option=option,
            count=count,
        )
        for question, asked in enumerate(found or [], 1)
        for option, count in asked.items()
    ]
