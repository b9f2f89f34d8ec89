"""Write the assessment years of the fictional province: sheets, scores, publications, a correction."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django.utils import timezone

from districts.models import Level, Organiser, Unit
from reports import rules
from reports.models import (
    AssessmentYear,
    CriteriaSet,
    Criterion,
    Group,
    PointsState,
    Score,
    ScoreOrigin,
    ScoreSheet,
    Source,
)
from reports.workflow import publish

from .answers import write_answers
from .chance import Chance
from .dossiers import SCOPES
from .figures import bound_figures, sipas
from .places import (
    ANSWERED_YEAR,
    CORRECTED_YEAR,
    NOTE,
    SLIP,
    TIED,
    TIED_ON,
    TIED_YEAR,
    UNREPORTED,
    WITHOUT_SERVICE_UNITS,
    Place,
    roster,
)
from .points import Mark, mark
from .write_figures import YearCounts

BANDS = [
    {"name": "Xuất sắc", "from": "90"},
    {"name": "Tốt", "from": "80"},
    {"name": "Khá", "from": "70"},
    {"name": "Trung bình", "from": "50"},
    {"name": "Yếu", "from": "0"},
]


def write_year(
    organiser: Organiser,
    units: dict[str, Unit],
    criteria_set: CriteriaSet,
    year: int,
    counts: YearCounts,
    source: Source,
) -> None:
    """Score every unit of a year and publish it; the corrected year once with a slip and once without."""
    group, _ = Group.objects.get_or_create(
        slug="huyen", defaults={"name": "UBND cấp huyện", "levels": [Level.DISTRICT]}
    )
    opened = AssessmentYear.objects.create(
        organiser=organiser,
        year=year,
        group=group,
        criteria_set=criteria_set,
        stage=AssessmentYear.Stage.FINAL,
        grade_bands=BANDS,
        note=NOTE,
    )
    leaves = list(Criterion.objects.filter(criteria_set=criteria_set, is_leaf=True).order_by("order"))
    marks = {place.code: _marks(place, year, leaves, counts) for place in roster(year)}
    if year == TIED_YEAR:
        _tie(marks)
    _write_scores(opened, units, leaves, marks)
    if year == ANSWERED_YEAR:
        write_answers(opened)
    if year == CORRECTED_YEAR:
        _publish_with_slip(opened, units, source)
    else:
        _publish(opened, 1, dt.date(year + 1, 1, 14), source)


def _publish(
    year: AssessmentYear, number: int, decided_on: dt.date, source: Source, reason: str = ""
) -> None:
    """Publish in the morning after a decision whose number says that it is none."""
    morning = dt.time(9, tzinfo=timezone.get_default_timezone())
    publish(
        year,
        published_at=dt.datetime.combine(decided_on + dt.timedelta(days=1), morning),
        decision_number=f"QĐ mẫu {number:02}/{decided_on.year}",
        decided_on=decided_on,
        reason=reason,
        source=source,
    )


def _publish_with_slip(year: AssessmentYear, units: dict[str, Unit], source: Source) -> None:
    """Publish once with two digits in the wrong order, and again as a correction."""
    code, leaf = SLIP
    score = Score.objects.get(sheet__assessment_year=year, sheet__unit=units[code], criterion__code=leaf)
    right = score.appraised_points
    assert right is not None
    _set_points(score, swapped(right))
    _publish(year, 1, dt.date(year.year + 1, 1, 15), source)
    _set_points(score, right)
    _publish(year, 5, dt.date(year.year + 1, 3, 8), source, _reason(units[code], leaf, right))


def _set_points(score: Score, points: Decimal) -> None:
    score.appraised_points = points
    score.save(update_fields=["appraised_points"])


def swapped(points: Decimal) -> Decimal:
    """Return points of two decimals with these two digits in the wrong order, as one mistypes them."""
    whole, digits = f"{points:.2f}".split(".")
    return Decimal(f"{whole}.{digits[::-1]}")


def _reason(unit: Unit, leaf_code: str, right: Decimal) -> str:
    wrong, meant = (f"{value:.2f}".replace(".", ",") for value in (swapped(right), right))
    return (
        f"Đính chính điểm tiêu chí thành phần {leaf_code} của {unit.full_name}: {meant} điểm, "
        f"không phải {wrong} điểm (nhập đảo chữ số)."
    )


def _marks(place: Place, year: int, leaves: list[Criterion], counts: YearCounts) -> dict[str, Mark]:
    if (place.code, year) == UNREPORTED:
        return {}
    own = [(scope, counts[place.code, scope, year]) for scope in SCOPES]
    bound = bound_figures(own, sipas(place, year).percent)
    marks = {}
    for leaf in leaves:
        assert leaf.max_points is not None
        area = leaf.code.split(".")[0]
        marks[leaf.code] = mark(
            rules.parse(leaf.rule, leaf.max_points),
            place.level(year, area),
            Chance(place.code, year, leaf.code),
            bound,
            applies=(place.code, year, leaf.code) != WITHOUT_SERVICE_UNITS,
        )
    return marks


def _tie(marks: dict[str, dict[str, Mark]]) -> None:
    """Give the lower of two neighbours as many survey points more as make their totals equal."""
    totals = {code: sum((m.points or Decimal(0) for m in marks[code].values()), Decimal(0)) for code in TIED}
    lower, higher = sorted(TIED, key=lambda code: totals[code])
    before = marks[lower][TIED_ON]
    assert before.points is not None
    points = before.points + totals[higher] - totals[lower]
    marks[lower][TIED_ON] = Mark(before.state, points, points)


def _write_scores(
    opened: AssessmentYear,
    units: dict[str, Unit],
    leaves: list[Criterion],
    marks: dict[str, dict[str, Mark]],
) -> None:
    status = ScoreSheet.Status
    sheets = ScoreSheet.objects.bulk_create(
        ScoreSheet(
            assessment_year=opened, unit=units[code], status=status.CLOSED if given else status.NOT_REPORTED
        )
        for code, given in marks.items()
    )
    Score.objects.bulk_create(
        _score(sheet, leaf, given[leaf.code])
        for sheet, given in zip(sheets, marks.values(), strict=True)
        for leaf in leaves
        if given
    )


def _score(sheet: ScoreSheet, leaf: Criterion, given: Mark) -> Score:
    """Return a leaf's row; units do not score themselves where a survey gives the points."""
    none = PointsState.NOT_APPLICABLE
    if leaf.origin == ScoreOrigin.SURVEY:
        return Score(
            sheet=sheet,
            criterion=leaf,
            self_state=none,
            appraised_state=none,
            survey_state=given.state,
            survey_points=given.points,
        )
    return Score(
        sheet=sheet,
        criterion=leaf,
        self_state=given.state,
        self_points=given.self_points,
        appraised_state=given.state,
        appraised_points=given.points,
        survey_state=none,
    )
