"""The versions of a published result: what a correction changed, and what an earlier version said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, F, IntegerField
from django.urls import reverse

from districts.engine import Among, Keys
from districts.models import Unit
from districts.prepared import Asked, Prepared
from reports.models import (
    AssessmentYear,
    Criterion,
    PointsState,
    Publication,
    PublishedScope,
    PublishedScore,
    ScopeKind,
    Standing,
)

from .contents import UNIT

# A unit and a component.
Cell = tuple[int, int]
Value = tuple[str, Decimal | None]
NOTHING: Value = (PointsState.NOT_ENTERED, None)


OF_SCORE = ("publication_id", "unit_id", "criterion_id", "state", "points")
TOTALS = Standing.objects.filter(scope__kind=ScopeKind.TOTAL).select_related("scope__publication")
# Of one unit, in a year's versions up to one.
UNIT_TOTALS: Prepared[Standing] = Prepared(
    lambda: TOTALS.filter(
        unit=UNIT,
        scope__publication__assessment_year=Asked("year", BigIntegerField()),
        scope__publication__version__lte=Asked("version", IntegerField()),
    ).order_by("scope__publication__version")
)
UNIT_SCORES = Prepared(
    lambda: PublishedScore.objects.filter(
        Among(F("publication"), Asked("publications", Keys())), unit=UNIT
    ).values_list(*OF_SCORE)
)


class Place(NamedTuple):
    """Where a unit stands by the total in one version."""

    unit_name: str
    points: Decimal | None
    rank: int | None


@dataclass(frozen=True)
class Correction:
    """What a corrected publication changed in one unit's total and place."""

    unit_id: int
    unit_name: str
    points_before: Decimal | None
    points_after: Decimal | None
    rank_before: int | None
    rank_after: int | None


@dataclass(frozen=True)
class CorrectedCell:
    """What a corrected publication changed in one unit's one component: state and points before → after."""

    unit_id: int
    unit_name: str
    code: str
    title: str
    state_before: str
    points_before: Decimal | None
    state_after: str
    points_after: Decimal | None

    @property
    def before_words(self) -> str:
        return str(PointsState(self.state_before).label)

    @property
    def after_words(self) -> str:
        return str(PointsState(self.state_after).label)


@dataclass(frozen=True)
class Changes:
    """A version beside the one before it; `cells` are the single components, `totals` what came of them."""

    publication: Publication
    before: Publication
    totals: tuple[Correction, ...]
    cells: tuple[CorrectedCell, ...]

    @property
    def before_url(self) -> str:
        """Return the permanent address of the version before."""
        return version_url(self.before)


@dataclass(frozen=True)
class Version:
    """One version as it was published: its standings, the ranked by place, then the others by name."""

    publication: Publication
    scope: PublishedScope
    standings: tuple[Standing, ...]
    current: Publication
    changes: Changes | None

    @property
    def is_corrected(self) -> bool:
        """Return whether a later version stands in its place."""
        return self.current.pk != self.publication.pk


def version_url(publication: Publication) -> str:
    """Return the permanent address of a version."""
    year = publication.assessment_year
    return reverse(
        "reports:version", args=[year.organiser.slug, year.year, year.group.slug, publication.version]
    )


def version_of(year: AssessmentYear, number: int) -> Version | None:
    """Return a version of a public year as it was published, None where there is none. Five queries."""
    publication = Publication.objects.filter(assessment_year=year, version=number).first()
    total = PublishedScope.objects.filter(publication=publication, kind=ScopeKind.TOTAL).first()
    if publication is None or total is None or year.current_publication is None:
        return None
    publication.assessment_year = year
    standings = total.standings.select_related("unit").order_by("unit__sort_key")
    return Version(
        publication=publication,
        scope=total,
        standings=tuple(sorted(standings, key=lambda s: (s.rank is None, s.rank or 0))),
        current=year.current_publication,
        changes=changes_of(publication),
    )


def changes_of(publication: Publication) -> Changes | None:
    """Return what a version changed against the one before; None of a first. At most three queries."""
    if publication.version == 1:
        return None
    year, both = publication.assessment_year, [publication.version - 1, publication.version]
    rows = TOTALS.filter(scope__publication__assessment_year=year, scope__publication__version__in=both)
    standings = list(rows.order_by("scope__publication__version", "unit__sort_key", "unit"))
    of_both = PublishedScore.objects.filter(publication__in={row.scope.publication_id for row in standings})
    return next(iter(_changes(year, standings, of_both.values_list(*OF_SCORE))), None)


def changes_of_unit(publication: Publication, unit: Unit) -> tuple[Changes, ...]:
    """Return the corrections, up to a version, that moved a unit's own figures. At most three queries."""
    if publication.version == 1:
        return ()
    year = publication.assessment_year
    standings = UNIT_TOTALS(unit=unit.pk, year=year.pk, version=publication.version)
    scores = UNIT_SCORES(unit=unit.pk, publications=[row.scope.publication_id for row in standings])
    return tuple(one for one in _changes(year, standings, scores) if one.totals or one.cells)


def _changes(
    year: AssessmentYear, standings: Iterable[Standing], scores: Iterable[tuple[Any, ...]]
) -> list[Changes]:
    """Compare each of a year's versions with the next, for the units that stand in both."""
    publications, places = _places(year, standings)
    values = _values(places, scores)
    moved = {(old, new): _moved(values[old], values[new]) for old, new in pairwise(places)}
    keys = {leaf for cells in moved.values() for _unit, leaf in cells}
    leaves = list(Criterion.objects.filter(pk__in=keys).order_by("order", "pk")) if keys else []
    return [
        Changes(
            publication=publications[new],
            before=publications[old],
            totals=_totals(places[old], places[new]),
            cells=_cells(places[new], leaves, cells),
        )
        for (old, new), cells in moved.items()
    ]


def _places(
    year: AssessmentYear, standings: Iterable[Standing]
) -> tuple[dict[int, Publication], dict[int, dict[int, Place]]]:
    """Return the publications by key, and where units stand by the total in each, as they come."""
    publications: dict[int, Publication] = {}
    places: dict[int, dict[int, Place]] = {}
    for row in standings:
        publication = publications.setdefault(row.scope.publication_id, row.scope.publication)
        publication.assessment_year = year
        places.setdefault(publication.pk, {})[row.unit_id] = Place(row.unit_name, row.points, row.rank)
    return publications, places


def _values(publications: Iterable[int], scores: Iterable[tuple[Any, ...]]) -> dict[int, dict[Cell, Value]]:
    """Return the points of cells by publication."""
    found: dict[int, dict[Cell, Value]] = {pk: {} for pk in publications}
    for publication, unit_id, leaf, state, points in scores:
        found[publication][unit_id, leaf] = (state, points)
    return found


def _moved(old: dict[Cell, Value], new: dict[Cell, Value]) -> dict[Cell, tuple[Value, Value]]:
    """Return the cells that differ, before and after; points are never compared in the database."""
    pairs = {cell: (old.get(cell, NOTHING), new.get(cell, NOTHING)) for cell in old | new}
    return {cell: pair for cell, pair in pairs.items() if pair[0] != pair[1]}


def _totals(stood: dict[int, Place], stands: dict[int, Place]) -> tuple[Correction, ...]:
    return tuple(
        Correction(pk, now.unit_name, old.points, now.points, old.rank, now.rank)
        for pk, now in stands.items()
        if (old := stood.get(pk)) is not None and (old.points, old.rank) != (now.points, now.rank)
    )


def _cells(
    stands: dict[int, Place], leaves: list[Criterion], moved: dict[Cell, tuple[Value, Value]]
) -> tuple[CorrectedCell, ...]:
    return tuple(
        CorrectedCell(pk, standing.unit_name, leaf.code, leaf.title, *pair[0], *pair[1])
        for pk, standing in stands.items()
        for leaf in leaves
        if (pair := moved.get((pk, leaf.pk)))
    )
