"""By how much do units score themselves above the appraisal, over the years? For the office, and a unit's own part.

Self-scores are not public: a unit is shown its own alone, and of a year only once nothing of its appraisal is hidden.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from districts.models import Unit
from reports.analytics.inflation import Inflation, Judged, Misjudged, inflations, misjudged_alike
from reports.models import AssessmentYear, Criterion, Judgement, PointsState, Score
from reports.scoring import round_half_up

from .sheet import hidden_stages


@dataclass(frozen=True)
class Figure:
    """What was claimed above the appraisal: `points`, and `share` in percent of the maximum of what is counted."""

    points: Decimal
    share: Decimal | None
    counted: int


@dataclass(frozen=True)
class Column:
    """A year; `is_break` where its criteria are not those of the column before."""

    year: AssessmentYear
    is_break: bool
    units: int
    mean: Decimal | None
    figure: Figure | None


@dataclass(frozen=True)
class UnitRow:
    """A unit of the latest year's roster over the years; None where nothing has both values."""

    unit: Unit
    cells: tuple[Figure | None, ...]


@dataclass(frozen=True)
class AreaRow:
    """An area of the latest year's criteria over the years; None is all areas together."""

    area: Criterion | None
    cells: tuple[Figure | None, ...]


@dataclass(frozen=True)
class Alike:
    """A component that units misjudge the same way."""

    criterion: Criterion
    area: Criterion
    figures: Misjudged

    @property
    def mean(self) -> Decimal:
        return round_half_up(self.figures.mean_gap, 2)

    @property
    def mean_share(self) -> Decimal:
        """Return the mean gap in percent of the maximum."""
        return round_half_up(100 * self.figures.mean_share, 1)

    @property
    def share(self) -> Decimal:
        """Return which share of the units errs so, in percent."""
        return round_half_up(100 * self.figures.share, 1)


@dataclass(frozen=True)
class YearInflation:
    """Units by years, all areas or one, and the components that this year's units misjudge alike."""

    columns: tuple[Column, ...]
    areas: tuple[Criterion, ...]
    area: Criterion | None
    rows: tuple[UnitRow, ...]
    alike: tuple[Alike, ...]


@dataclass(frozen=True)
class UnitInflation:
    """A unit's own areas by years, the first row all of them together."""

    unit: Unit
    columns: tuple[Column, ...]
    rows: tuple[AreaRow, ...]


@dataclass(frozen=True)
class Scale:
    """The criteria of several years: `area_of` tells a leaf's area by the code it has in the latest year, if any."""

    nodes: Mapping[int, Criterion]
    areas: tuple[Criterion, ...]
    area_of: Mapping[int, str]

    def root(self, pk: int) -> Criterion:
        node = self.nodes[pk]
        while node.parent_id is not None:
            node = self.nodes[node.parent_id]
        return node


def years_up_to(year: AssessmentYear) -> list[AssessmentYear]:
    """Return the scored years of the same organiser and group up to this one, the earliest first; one query."""
    years = AssessmentYear.objects.filter(
        organiser=year.organiser_id, group=year.group_id, year__lte=year.year, criteria_set__isnull=False
    )
    scored = years.filter(basis=AssessmentYear.Basis.SCORED).select_related("organiser", "group")
    return list(scored.order_by("year"))


def scale_of(years: Sequence[AssessmentYear]) -> Scale:
    """Return the criteria of the years, areas matched by `previous` with those of the last; one query."""
    sets = {year.criteria_set_id for year in years}
    nodes = {node.pk: node for node in Criterion.objects.filter(criteria_set__in=sets).order_by("order")}
    latest = years[-1].criteria_set_id if years else None
    areas = tuple(n for n in nodes.values() if n.parent_id is None and n.criteria_set_id == latest)
    matched: dict[int, str] = {}
    for area in areas:
        back: Criterion | None = area
        while back is not None and back.pk not in matched:
            matched[back.pk] = area.code
            back = nodes.get(back.previous_id or 0)
    scale = Scale(nodes, areas, {})
    of = {pk: matched.get(scale.root(pk).pk, "") for pk, node in nodes.items() if node.is_leaf}
    return Scale(nodes, areas, of)


def judged_of(years: Iterable[AssessmentYear], scale: Scale, unit: Unit | None = None) -> list[Judged]:
    """Return all components with both values, of all units or of one; one query."""
    value = PointsState.VALUE
    scores = Score.objects.filter(sheet__assessment_year__in=years, self_state=value, appraised_state=value)
    if unit is not None:
        scores = scores.filter(sheet__unit=unit)
    columns = ("sheet__unit", "sheet__assessment_year__year", "criterion", "self_points", "appraised_points")
    return [
        _judged(row_unit, year, scale.nodes[leaf], scale.area_of[leaf], claimed, given)
        for row_unit, year, leaf, claimed, given in scores.values_list(*columns)
        if leaf in scale.area_of
    ]


def _judged(
    unit: int, year: int, leaf: Criterion, area: str, claimed: Decimal | None, given: Decimal | None
) -> Judged:
    assert claimed is not None and given is not None
    sign = -1 if leaf.adjustment == "penalty" else 1
    maximum = Decimal(0) if leaf.adjustment else leaf.max_points or Decimal(0)
    return Judged(unit, year, area, str(leaf.pk), sign * claimed, sign * given, maximum)


def inflation_of_year(year: AssessmentYear, area: str = "") -> YearInflation:
    """Return the units of a year over the years, in one area where one is named; four queries."""
    years = years_up_to(year)
    scale = scale_of(years)
    chosen = next((one for one in scale.areas if one.code == area), None)
    cells = judged_of(years, scale)
    shown = [cell for cell in cells if chosen is None or cell.area == chosen.code]
    by_unit = inflations(shown, lambda cell: (cell.unit, cell.year))
    units = [s.unit for s in year.sheets.select_related("unit").order_by("unit__sort_key", "unit__code")]
    rows = tuple(UnitRow(u, tuple(_figure(by_unit.get((u.pk, y.year))) for y in years)) for u in units)
    alike = misjudged_alike(cell for cell in shown if cell.year == year.year)
    found = tuple(
        Alike(scale.nodes[int(one.component)], scale.root(int(one.component)), one) for one in alike
    )
    return YearInflation(_columns(years, shown), scale.areas, chosen, rows, found)


def inflation_of_unit(year: AssessmentYear, unit: Unit) -> UnitInflation:
    """Return a unit's own inflation by area and year, of the years whose appraisal it may see whole; three queries."""
    survey = {Judgement.Stage.SURVEY}
    years = [one for one in years_up_to(year) if hidden_stages(one) <= survey]
    scale = scale_of(years)
    cells = judged_of(years, scale, unit)
    in_all = inflations(cells, lambda cell: cell.year)
    by_area = inflations(cells, lambda cell: (cell.area, cell.year))
    rows = [AreaRow(None, tuple(_figure(in_all.get(y.year)) for y in years))]
    rows += [
        AreaRow(area, tuple(_figure(by_area.get((area.code, y.year))) for y in years)) for area in scale.areas
    ]
    told = tuple(row for row in rows if any(row.cells))
    return UnitInflation(unit, _columns(years, cells), told)


def _columns(years: Sequence[AssessmentYear], cells: Sequence[Judged]) -> tuple[Column, ...]:
    by_year = inflations(cells, lambda cell: cell.year)
    units: dict[int, set[int]] = {year.year: set() for year in years}
    for cell in cells:
        units[cell.year].add(cell.unit)
    before = [None, *(year.criteria_set_id for year in years)]
    found = []
    for year, previous in zip(years, before, strict=False):
        own, n = by_year.get(year.year), len(units[year.year])
        mean = round_half_up(Fraction(own.gap) / n, 2) if own else None
        is_break = previous is not None and previous != year.criteria_set_id
        found.append(Column(year, is_break, n, mean, _figure(own)))
    return tuple(found)


def _figure(own: Inflation | None) -> Figure | None:
    if own is None:
        return None
    share = None if own.share is None else round_half_up(100 * own.share, 1)
    return Figure(own.gap, share, own.counted)
