"""Write the fictional province's year in work: sheets half filled in, deadlines ahead of the day it is loaded."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from districts.models import Level, Organiser, Unit
from reports import rule_inputs, rules
from reports.models import (
    AssessmentYear,
    CriteriaSet,
    Criterion,
    Deadline,
    Group,
    PointsState,
    Score,
    ScoreOrigin,
    ScoreSheet,
)
from reports.scoring import round_half_up

from .chance import Chance
from .places import NOTE, YEARS, Place, roster
from .points import inputs_of
from .write_years import BANDS

OPEN_YEAR = YEARS[-1] + 1
# How many of the eight areas a unit has filled in; a half area is one begun. The others: from chance.
FILLED = {"MH01": 5, "MH08": 8, "MH05": 8, "MH10": 0, "MH06": 0}
SUBMITTED = ("MH08",)
# Has no public service units, and says so.
DECLARED_NONE = ("MH05", "6.3.1")
DAYS_LEFT = {
    AssessmentYear.Stage.SELF_SCORING: 14,
    AssessmentYear.Stage.ROUND1: 35,
    AssessmentYear.Stage.REPLY: 45,
}
NOTES = {
    ("MH01", "1.1.2"): "Hai nhiệm vụ chuyển sang quý I năm sau theo văn bản đồng ý của tỉnh.",
    DECLARED_NONE: "Đơn vị không có đơn vị sự nghiệp công lập thuộc diện giao tự chủ.",
}


def write_open_year(organiser: Organiser, units: dict[str, Unit], criteria_set: CriteriaSet) -> None:
    """Open the year after the last published one for all units, with some of their self-scores; nothing is public."""
    opened = AssessmentYear.objects.create(
        organiser=organiser,
        year=OPEN_YEAR,
        group=Group.objects.get_or_create(
            slug="huyen", defaults={"name": "UBND cấp huyện", "levels": [Level.DISTRICT]}
        )[0],
        criteria_set=criteria_set,
        stage=AssessmentYear.Stage.SELF_SCORING,
        grade_bands=BANDS,
        note=NOTE,
    )
    Deadline.objects.bulk_create(
        Deadline(assessment_year=opened, stage=stage, at=_at_five(days)) for stage, days in DAYS_LEFT.items()
    )
    leaves = Criterion.objects.filter(criteria_set=criteria_set, is_leaf=True).order_by("order")
    own = [leaf for leaf in leaves if leaf.origin != ScoreOrigin.SURVEY]
    places = roster(YEARS[-1])
    sheets = ScoreSheet.objects.bulk_create(_sheet(opened, place, units[place.code]) for place in places)
    Score.objects.bulk_create(
        score for place, sheet in zip(places, sheets, strict=True) for score in _scores(place, sheet, own)
    )


def _sheet(opened: AssessmentYear, place: Place, unit: Unit) -> ScoreSheet:
    is_submitted = place.code in SUBMITTED
    return ScoreSheet(
        assessment_year=opened,
        unit=unit,
        status=ScoreSheet.Status.SUBMITTED if is_submitted else ScoreSheet.Status.OPEN,
        submitted_at=timezone.now() if is_submitted else None,
    )


def _scores(place: Place, sheet: ScoreSheet, leaves: list[Criterion]) -> list[Score]:
    areas = list(dict.fromkeys(leaf.code.split(".")[0] for leaf in leaves))
    filled = FILLED.get(place.code, Chance(place.code, OPEN_YEAR, "filled").between(1, 7))
    whole, begun = areas[:filled], areas[filled : filled + 1] if filled else []
    return [
        _score(place, sheet, leaf)
        for number, leaf in enumerate(leaves)
        if leaf.code.split(".")[0] in whole or (leaf.code.split(".")[0] in begun and number % 2)
    ]


def _score(place: Place, sheet: ScoreSheet, leaf: Criterion) -> Score:
    note = NOTES.get((place.code, leaf.code), "")
    if (place.code, leaf.code) == DECLARED_NONE:
        return Score(sheet=sheet, criterion=leaf, self_state=PointsState.NOT_APPLICABLE, self_note=note)
    assert leaf.max_points is not None
    rule = rules.parse(leaf.rule, leaf.max_points)
    chance = Chance(place.code, OPEN_YEAR, leaf.code)
    level = max(0, min(1000, place.level(OPEN_YEAR, leaf.code.split(".")[0]) + chance.around(80, 200)))
    given = inputs_of(rule, level, chance, {})
    outcome = rules.evaluate(rule, given)
    points = None if outcome.exact is None else round_half_up(outcome.exact, 4)
    return Score(
        sheet=sheet,
        criterion=leaf,
        self_state=PointsState.NOT_APPLICABLE if points is None else PointsState.VALUE,
        self_points=points,
        self_inputs={name: _text(value) for name, value in given.items()},
        self_note=note,
    )


def _text(value: object) -> str:
    if isinstance(value, bool):
        return rule_inputs.YES if value else rule_inputs.NO
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _at_five(days: int) -> dt.datetime:
    """Return five in the afternoon, so many days from today."""
    day = timezone.localdate() + dt.timedelta(days=days)
    return dt.datetime.combine(day, dt.time(17), tzinfo=timezone.get_default_timezone())
