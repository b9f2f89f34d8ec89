"""A unit's dashboard of one year: its index, its areas against the others, and the figures beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import (
    BigIntegerField,
    OuterRef,
    QuerySet,
    Subquery,
)
from django.db.models.fields.json import KeyTextTransform

from districts.models import Organiser, Unit
from districts.prepared import Asked, Prepared
from reports.models import (
    AssessmentYear,
    CriteriaSet,
    Criterion,
    PointsState,
    Publication,
    PublishedScore,
    ScopeKind,
    ScoreOrigin,
    Source,
    Standing,
)
from reports.models.criteria import adjustment_of
from reports.scoring import ADJUSTMENT, RoundAt, capped_sum, round_half_up

from .contents import UNIT
from .dossiers import DossierSummary, dossier_rows, summaries_of_year
from .figures import UnitFigures, figure_rows, figures_of_year
from .results import Stood, UnitResult
from .unit_results import results_of_unit

# What a page shows of a component beside its points.
OF_CRITERION = (
    *("criterion__code", "criterion__title", "criterion__max_points", "criterion__origin"),
    KeyTextTransform("kind", "criterion__rule"),
)


OF_SCORE = ("points", "max_points", "state")
# The set itself comes with the components: joined to every standing it would cost the database as much again.
OF_SET = tuple(
    field.attname
    for field in CriteriaSet._meta.concrete_fields
    if field.name not in ("printed_counts", "note")
)

# Where its columns begin, behind the area's code.
SET_FROM = 1 + len(OF_SCORE) + len(OF_CRITERION)


@dataclass(frozen=True)
class ComponentResult:
    """Final points of one component, as published."""

    code: str
    title: str
    points: Decimal | None
    maximum: Decimal | None
    state: str
    origin: str
    # "bonus" or "penalty" outside the full scale, whose points are magnitudes; else empty.
    adjustment: str = ""

    @property
    def signed(self) -> Decimal | None:
        """What it moves the total by, before the caps of the year."""
        return -self.points if self.points is not None and self.adjustment == "penalty" else self.points

    @property
    def lost(self) -> Decimal | None:
        return None if self.points is None or self.maximum is None else self.maximum - self.points


@dataclass(frozen=True)
class AreaResult:
    """A unit's points in an area beside the year's mean, best and lowest."""

    code: str
    title: str
    points: Decimal | None
    maximum: Decimal | None
    mean: Decimal | None
    best: Decimal | None
    lowest: Decimal | None
    rank: int | None
    rank_of: int
    is_tied: bool
    points_change: Decimal | None
    components: tuple[ComponentResult, ...]

    @property
    def percent(self) -> Decimal | None:
        return Decimal(100) * self.points / self.maximum if self.points is not None and self.maximum else None


@dataclass(frozen=True)
class Adjustment:
    """A unit's bonuses and penalties: each way together, capped; None where none of that way was declared.

    `net` is what was published as having moved the total.
    """

    net: Decimal | None
    bonus: Decimal | None
    penalty: Decimal | None
    bonus_max: Decimal | None
    penalty_max: Decimal | None
    components: tuple[ComponentResult, ...]


@dataclass(frozen=True)
class TotalSpread:
    """The year's mean, best and lowest total among units with figures."""

    mean: Decimal | None
    best: Decimal | None
    lowest: Decimal | None
    ranked_count: int


@dataclass(frozen=True)
class Dashboard:
    unit: Unit
    organiser: Organiser
    year: int
    assessment_year: AssessmentYear | None
    result: UnitResult | None
    spread: TotalSpread | None
    areas: tuple[AreaResult, ...]
    history: tuple[UnitResult, ...]
    dossiers: tuple[DossierSummary, ...]
    figures: UnitFigures | None
    # Every year of which anything is known here, newest first.
    years: tuple[int, ...]
    sources: tuple[Source, ...]
    adjustment: Adjustment | None = None

    @property
    def criteria_set(self) -> CriteriaSet | None:
        """The set by which the shown points were given, where its components are known."""
        return self.result.publication.criteria_set if self.result and self.result.publication else None

    @property
    def is_empty(self) -> bool:
        return self.result is None and not self.dossiers and self.figures is None


def dashboard(organiser: Organiser, year: int, unit: Unit) -> Dashboard:
    """Return everything known of a unit in a year; a constant number of queries."""
    history = tuple(results_of_unit(unit, organiser, areas_of=(year, year)))
    result = next((r for r in history if r.year.year == year), None)
    all_dossiers = dossier_rows(unit)
    dossiers = tuple(summaries_of_year(all_dossiers.get(year, ())))
    all_figures = figure_rows(unit, dossiers)
    figures = figures_of_year(all_figures[year]) if year in all_figures else None
    years = {r.year.year for r in history} | set(all_dossiers) | set(all_figures)
    publication = result.publication if result else None
    standings = result.standings if result else ()
    components = _components(publication, unit) if publication else {}
    return Dashboard(
        unit=unit,
        organiser=organiser,
        year=year,
        assessment_year=result.year if result else None,
        result=result,
        spread=next((_spread(s) for s in standings if s.scope.kind == ScopeKind.TOTAL), None),
        areas=areas_of(result, components) if result else (),
        adjustment=_adjustment(result, components) if result else None,
        history=history,
        dossiers=dossiers,
        figures=figures,
        years=tuple(sorted(years, reverse=True)),
        sources=_sources(result, dossiers, figures),
    )


def _spread(standing: Standing | Stood) -> TotalSpread:
    scope = standing.scope
    return TotalSpread(scope.mean, scope.best, scope.lowest, scope.ranked_count)


def _components(publication: Publication, unit: Unit) -> dict[str, list[ComponentResult]]:
    """Return what a unit got on each component, by area; bonuses and penalties under ADJUSTMENT."""
    components: dict[str, list[ComponentResult]] = {}
    scores = SCORES(publication=publication.pk, unit=unit.pk)
    origins = {str(origin): str(origin.label) for origin in ScoreOrigin}
    if scores and scores[0][SET_FROM] == publication.criteria_set_id:
        database = SCORES.queryset.db
        publication.criteria_set = CriteriaSet.from_db(database, OF_SET, scores[0][SET_FROM:])
    for own_area, points, own_maximum, state, code, title, maximum, origin, kind, *_set in scores:
        adjustment = adjustment_of({"kind": kind})
        components.setdefault(ADJUSTMENT if adjustment else own_area, []).append(
            ComponentResult(
                code=code,
                title=title,
                points=points,
                maximum=own_maximum or maximum,
                state="" if state == PointsState.VALUE else str(PointsState(state).label),
                origin=origins[origin],
                adjustment=adjustment,
            )
        )
    return components


def _scores() -> QuerySet[PublishedScore, tuple[Any, ...]]:
    # The order of a set is depth first: a component's area is the last one before it.
    areas = Criterion.objects.filter(criteria_set=OuterRef("criterion__criteria_set"), depth=0)
    area = areas.filter(order__lte=OuterRef("criterion__order")).order_by("-order").values("code")[:1]
    return (
        PublishedScore.objects.filter(publication=Asked("publication", BigIntegerField()), unit=UNIT)
        .order_by("criterion__order")
        .values_list(
            Subquery(area), *OF_SCORE, *OF_CRITERION, *(f"criterion__criteria_set__{name}" for name in OF_SET)
        )
    )


SCORES = Prepared(_scores)


def _adjustment(result: UnitResult, components: dict[str, list[ComponentResult]]) -> Adjustment | None:
    found, part = components.get(ADJUSTMENT), result.part(ADJUSTMENT)
    publication = result.publication
    if not found or publication is None or publication.criteria_set is None:
        return None
    caps = publication.criteria_set.bonus_max, publication.criteria_set.penalty_max
    return Adjustment(
        part.points.value if part and part.points else None,
        _together(found, "bonus", caps[0], publication),
        _together(found, "penalty", caps[1], publication),
        *caps,
        tuple(found),
    )


def _together(
    components: list[ComponentResult], way: str, cap: Decimal | None, publication: Publication
) -> Decimal | None:
    given = [one.points for one in components if one.adjustment == way and one.points is not None]
    leaf_digits = publication.digits if publication.round_at == RoundAt.LEAF else None
    return round_half_up(capped_sum(given, cap, leaf_digits), publication.digits) if given else None


def areas_of(
    result: UnitResult, components: Mapping[str, Sequence[ComponentResult]] | None = None
) -> tuple[AreaResult, ...]:
    """Return what a published result has in each area, where its standings in areas were asked for."""
    publication, components = result.publication, components or {}
    if publication is None:
        return ()
    return tuple(
        AreaResult(
            code=s.scope.key,
            title=s.scope.label,
            points=s.points,
            maximum=s.max_points or s.scope.max_points,
            mean=s.scope.mean,
            best=s.scope.best,
            lowest=s.scope.lowest,
            rank=s.rank,
            rank_of=publication.roster_size,
            is_tied=s.is_tied,
            points_change=s.points_change,
            components=tuple(components.get(s.scope.key, ())),
        )
        for s in result.standings
        if s.scope.kind == ScopeKind.AREA
    )


def _sources(
    result: UnitResult | None, dossiers: tuple[DossierSummary, ...], figures: UnitFigures | None
) -> tuple[Source, ...]:
    """Return the sources of everything on the page, each once, in the order in which they appear."""
    found = [*(result.sources if result else ()), *(s for d in dossiers for s in d.sources)]
    if figures is not None:
        rows = [
            *(row for s in figures.satisfaction for row in s.rows),
            *(o.row for t in figures.topics for o in t.observations),
            *figures.initiatives,
            *(row for group in figures.activities.groups for row in group.rows),
        ]
        found += [row.source for row in rows]
    return tuple({s.pk: s for s in found}.values())
