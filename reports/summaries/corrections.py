"""What would a correction change? Published points beside what the sheets say now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from districts.models import Unit
from reports.models import (
    AssessmentYear,
    Criterion,
    Judgement,
    PointsState,
    PublishedScore,
    Score,
    ScoreOrigin,
    ScoreSheet,
)


@dataclass(frozen=True)
class Pending:
    """A cell that differs from what is published: before → after, with the reason of the change."""

    sheet: ScoreSheet
    criterion: Criterion
    before_state: str
    before: Decimal | None
    after_state: str
    after: Decimal | None
    reason: str = ""

    @property
    def unit(self) -> Unit:
        return self.sheet.unit

    @property
    def before_words(self) -> str:
        return str(PointsState(self.before_state).label)

    @property
    def after_words(self) -> str:
        return str(PointsState(self.after_state).label)


def pending_corrections(year: AssessmentYear) -> list[Pending]:
    """Return the cells that differ from the year's current publication, by unit and component; four queries."""
    if year.current_publication_id is None or year.basis != AssessmentYear.Basis.SCORED:
        return []
    sheets = {s.unit_id: s for s in year.sheets.select_related("unit").order_by("unit__sort_key")}
    scores = {
        (score.sheet_id, score.criterion_id): score
        for score in Score.objects.filter(sheet__assessment_year=year)
    }
    reasons = _reasons(year)
    published = PublishedScore.objects.filter(publication=year.current_publication_id)
    found = [
        _compared(row, sheets[row.unit_id], scores.get((sheets[row.unit_id].pk, row.criterion_id)), reasons)
        for row in published.select_related("criterion").order_by("unit__sort_key", "criterion__order")
        if row.unit_id in sheets
    ]
    return [one for one in found if (one.before_state, one.before) != (one.after_state, one.after)]


def _reasons(year: AssessmentYear) -> dict[int, str]:
    """Return why a score was last judged since the year was published, by score."""
    assert year.current_publication is not None
    judged = Judgement.objects.filter(
        score__sheet__assessment_year=year, at__gte=year.current_publication.published_at
    )
    return dict(judged.order_by("at", "pk").values_list("score", "reason"))


def _compared(
    row: PublishedScore, sheet: ScoreSheet, score: Score | None, reasons: Mapping[int, str]
) -> Pending:
    part = "survey" if row.criterion.origin == ScoreOrigin.SURVEY else "appraised"
    return Pending(
        sheet=sheet,
        criterion=row.criterion,
        before_state=row.state,
        before=row.points,
        after_state=getattr(score, f"{part}_state") if score else PointsState.NOT_ENTERED,
        after=getattr(score, f"{part}_points") if score else None,
        reason=reasons.get(score.pk, "") if score else "",
    )
