"""Where do the unit's own points and the appraisal's differ? By component, by area, and for the year by unit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from reports.automatic import Calculation, Figures, calculation, figures_of
from reports.models import (
    AssessmentYear,
    Criterion,
    Evidence,
    Judgement,
    PointsState,
    Score,
    ScoreOrigin,
    ScoreSheet,
)
from reports.rules import InputError

from .sheet import Row, sheet_of

ZERO = Decimal(0)
# From which loss of points on, in percent of the area's maximum, a cell of the heat table is how warm.
HEAT = ((Decimal(20), 4), (Decimal(10), 3), (Decimal(5), 2), (Decimal(0), 1))


@dataclass(frozen=True)
class Line:
    """A component as the appraiser sees it; `earlier` is the first round's value, `automatic` what the rule gives."""

    row: Row
    evidence: tuple[Evidence, ...]
    is_mine: bool
    earlier: Judgement | None = None
    automatic: Calculation | None = None

    @property
    def criterion(self) -> Criterion:
        return self.row.criterion

    @property
    def score(self) -> Score:
        return self.row.score

    @property
    def is_judged(self) -> bool:
        return self.score.appraised_state != PointsState.NOT_ENTERED

    @property
    def gap(self) -> Decimal | None:
        """What the appraisal took from the unit: None where one of the values has no points.

        Self-scored less appraised points; of a penalty the other way round.
        """
        return _gap(self.score, self.criterion)

    @property
    def differs(self) -> bool:
        """Whether the appraisal says something else than the unit: other points, or another state."""
        score = self.score
        return self.is_judged and (
            (score.self_state, score.self_points) != (score.appraised_state, score.appraised_points)
        )


@dataclass(frozen=True)
class AreaLines:
    """The components of an area that are appraised, with both sums over those that have both values."""

    area: Criterion
    lines: tuple[Line, ...]

    @property
    def counted(self) -> list[Line]:
        """The lines that must be judged: bonuses and penalties lie outside the scale."""
        return [line for line in self.lines if not line.criterion.adjustment]

    @property
    def is_outside(self) -> bool:
        """Whether the area has bonuses and penalties only; its sums are then signed and not capped."""
        return not self.counted

    @property
    def judged(self) -> int:
        return sum(line.is_judged for line in self.counted)

    @property
    def maximum(self) -> Decimal:
        return sum((line.criterion.max_points or ZERO for line in self.counted), ZERO)

    @property
    def self_points(self) -> Decimal:
        return sum((_signed(line, line.score.self_points) or ZERO for line in self._summed), ZERO)

    @property
    def appraised_points(self) -> Decimal | None:
        return _sum(_signed(line, line.score.appraised_points) for line in self._summed)

    @property
    def _summed(self) -> Sequence[Line]:
        return self.counted or self.lines

    @property
    def gap(self) -> Decimal | None:
        return _sum(line.gap for line in self.lines)

    @property
    def is_mine(self) -> bool:
        return any(line.is_mine for line in self.lines)


@dataclass(frozen=True)
class AppraisalSheet:
    """A sheet's appraised components by area."""

    sheet: ScoreSheet
    areas: tuple[AreaLines, ...]
    year_before: int | None

    @property
    def lines(self) -> list[Line]:
        return [line for area in self.areas for line in area.lines]

    @property
    def counted(self) -> list[Line]:
        return [line for area in self.areas for line in area.counted]

    @property
    def judged(self) -> int:
        return sum(area.judged for area in self.areas)

    @property
    def gap(self) -> Decimal | None:
        return _sum(area.gap for area in self.areas)


@dataclass(frozen=True)
class GapCell:
    """Self-scored less appraised points of a unit in an area; `heat` 0 (no loss) to 4 (a fifth or more is lost)."""

    points: Decimal | None
    heat: int = 0


@dataclass(frozen=True)
class GapRow:
    sheet: ScoreSheet
    cells: tuple[GapCell, ...]
    total: GapCell
    judged: int
    replies: int


@dataclass(frozen=True)
class GapTable:
    """A year's units by areas: how far the appraisal is, and what it took away."""

    year: AssessmentYear
    areas: tuple[Criterion, ...]
    rows: tuple[GapRow, ...]
    leaves: int


def appraisal_sheet(sheet: ScoreSheet, *, mine: Collection[int], for_unit: bool = False) -> AppraisalSheet:
    """Return a sheet for the appraiser; `mine` are the keys of the leaves one may judge. Ten queries at most.

    `for_unit` is what the unit itself may see of it now.
    """
    base = sheet_of(sheet, for_unit=for_unit)
    evidence: dict[int, list[Evidence]] = defaultdict(list)
    for one in Evidence.objects.filter(score__sheet=sheet, removed_at=None).select_related("score"):
        evidence[one.score.criterion_id].append(one)
    earlier = _first_round(sheet)
    figures = figures_of([sheet.unit_id], sheet.assessment_year.year).get(sheet.unit_id, {})

    def line(row: Row) -> Line:
        key = row.criterion.pk
        return Line(row, tuple(evidence[key]), key in mine, earlier.get(key), _automatic(row, figures))

    areas = tuple(
        AreaLines(area, tuple(line(row) for row in base.rows_of(area) if not row.is_survey))
        for area in base.areas
    )
    return AppraisalSheet(sheet, tuple(area for area in areas if area.lines), base.year_before)


def gap_table(year: AssessmentYear) -> GapTable:
    """Return the gap by unit and area, in four queries whatever the size of the year."""
    nodes = {n.pk: n for n in Criterion.objects.filter(criteria_set=year.criteria_set_id).order_by("order")}
    parents = {pk: node.parent_id for pk, node in nodes.items()}
    area_of = {pk: list(_upwards(pk, parents))[-1] for pk, node in nodes.items() if node.is_leaf}
    counted = [pk for pk in area_of if nodes[pk].origin != ScoreOrigin.SURVEY]
    areas = tuple(nodes[pk] for pk in dict.fromkeys(area_of[leaf] for leaf in counted))
    maxima: dict[int, Decimal] = defaultdict(Decimal)
    scale = {pk for pk in counted if not nodes[pk].adjustment}
    for pk in scale:
        maxima[area_of[pk]] += nodes[pk].max_points or ZERO
    scores: dict[int, list[Score]] = defaultdict(list)
    for score in Score.objects.filter(sheet__assessment_year=year, criterion__in=counted):
        scores[score.sheet_id].append(score)
    sheets = year.sheets.select_related("unit").order_by("unit__sort_key", "unit__code")
    for score in (one for given in scores.values() for one in given):
        score.criterion = nodes[score.criterion_id]
    rows = tuple(_gap_row(sheet, scores[sheet.pk], areas, area_of, maxima) for sheet in sheets)
    return GapTable(year, areas, rows, len(scale))


def _gap_row(
    sheet: ScoreSheet,
    scores: list[Score],
    areas: Iterable[Criterion],
    area_of: Mapping[int, int],
    maxima: Mapping[int, Decimal],
) -> GapRow:
    gaps: dict[int, Decimal] = {}
    for score in scores:
        gap = _gap(score, score.criterion)
        if gap is not None:
            area = area_of[score.criterion_id]
            gaps[area] = gaps.get(area, ZERO) + gap
    cells = tuple(_cell(gaps.get(area.pk), maxima[area.pk]) for area in areas)
    return GapRow(
        sheet=sheet,
        cells=cells,
        total=_cell(_sum(gaps.values()), sum(maxima.values(), ZERO)),
        judged=sum(
            score.appraised_state != PointsState.NOT_ENTERED and not score.criterion.adjustment
            for score in scores
        ),
        replies=sum(bool(score.reply) for score in scores),
    )


def _gap(score: Score, criterion: Criterion) -> Decimal | None:
    if score.self_points is None or score.appraised_points is None:
        return None
    taken = score.self_points - score.appraised_points
    return -taken if criterion.adjustment == "penalty" else taken


def _signed(line: Line, points: Decimal | None) -> Decimal | None:
    return -points if points is not None and line.criterion.adjustment == "penalty" else points


def _cell(gap: Decimal | None, maximum: Decimal) -> GapCell:
    if gap is None or gap <= 0 or not maximum:
        return GapCell(gap)
    share = gap * 100 / maximum
    return GapCell(gap, next(heat for least, heat in HEAT if share >= least))


def _automatic(row: Row, figures: Figures) -> Calculation | None:
    if row.rule is None:
        return None
    try:
        return calculation(row.rule, row.score.self_inputs, figures)
    except InputError:
        return None


def _first_round(sheet: ScoreSheet) -> dict[int, Judgement]:
    """Return what the first round gave in the end, by component."""
    rows = Judgement.objects.filter(score__sheet=sheet, stage=Judgement.Stage.ROUND1).select_related("score")
    return {row.score.criterion_id: row for row in rows.order_by("at", "pk")}


def _upwards(pk: int | None, parents: Mapping[int, int | None]) -> Iterable[int]:
    while pk is not None:
        yield pk
        pk = parents[pk]


def _sum(values: Iterable[Any]) -> Decimal | None:
    known = [value for value in values if value is not None]
    return sum(known, ZERO) if known else None
