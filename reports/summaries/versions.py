"""The versions of a published result: what a correction changed, and what an earlier version said."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from django.urls import reverse

from districts.models import Unit
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

# A unit and a component.
Cell = tuple[int, int]
Value = tuple[str, Decimal | None]
NOTHING: Value = (PointsState.NOT_ENTERED, None)


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
    """Return a version of a public year as it was published, None where there is none. Six queries."""
    found = {p.version: p for p in _publications(year, [number, number - 1])}
    total = PublishedScope.objects.filter(publication=found.get(number), kind=ScopeKind.TOTAL).first()
    if total is None or year.current_publication is None:
        return None
    standings = total.standings.select_related("unit").order_by("unit__sort_key")
    return Version(
        publication=found[number],
        scope=total,
        standings=tuple(sorted(standings, key=lambda s: (s.rank is None, s.rank or 0))),
        current=year.current_publication,
        changes=next(iter(_changes(list(found.values()))), None),
    )


def changes_of(publication: Publication) -> Changes | None:
    """Return what a version changed against the one before; None of a first. At most four queries."""
    if publication.version == 1:
        return None
    versions = [publication.version - 1, publication.version]
    return next(iter(_changes(_publications(publication.assessment_year, versions))), None)


def changes_of_unit(publication: Publication, unit: Unit) -> tuple[Changes, ...]:
    """Return the corrections, up to a version, that moved a unit's own figures. At most four queries."""
    if publication.version == 1:
        return ()
    versions = list(range(1, publication.version + 1))
    changes = _changes(_publications(publication.assessment_year, versions), unit)
    return tuple(one for one in changes if one.totals or one.cells)


def _publications(year: AssessmentYear, versions: list[int]) -> list[Publication]:
    rows = list(Publication.objects.filter(assessment_year=year, version__in=versions).order_by("version"))
    for row in rows:
        row.assessment_year = year
    return rows


def _changes(publications: list[Publication], unit: Unit | None = None) -> list[Changes]:
    """Compare each version with the next, for all units or one. Three queries, none for a single version."""
    pairs = list(pairwise(sorted(publications, key=lambda p: p.version)))
    if not pairs:
        return []
    standings, values = _standings(publications, unit), _values(publications, unit)
    moved = {(old.pk, new.pk): _moved(values[old.pk], values[new.pk]) for old, new in pairs}
    keys = {leaf for changed in moved.values() for _unit, leaf in changed}
    leaves = list(Criterion.objects.filter(pk__in=keys).order_by("order", "pk")) if keys else []
    return [
        Changes(
            publication=new,
            before=old,
            totals=_totals(standings[old.pk], standings[new.pk]),
            cells=_cells(standings[new.pk], leaves, moved[old.pk, new.pk]),
        )
        for old, new in pairs
    ]


def _standings(publications: list[Publication], unit: Unit | None) -> dict[int, dict[int, Place]]:
    """Return where units stand by the total, by publication and unit, in the units' order."""
    rows = Standing.objects.filter(scope__publication__in=publications, scope__kind=ScopeKind.TOTAL)
    if unit is not None:
        rows = rows.filter(unit=unit)
    found: dict[int, dict[int, Place]] = {p.pk: {} for p in publications}
    columns = ("scope__publication", "unit", *Place._fields)
    for publication, unit_id, *place in rows.order_by("unit__sort_key", "unit").values_list(*columns):
        found[publication][unit_id] = Place(*place)
    return found


def _values(publications: list[Publication], unit: Unit | None) -> dict[int, dict[Cell, Value]]:
    rows = PublishedScore.objects.filter(publication__in=publications)
    if unit is not None:
        rows = rows.filter(unit=unit)
    found: dict[int, dict[Cell, Value]] = {p.pk: {} for p in publications}
    columns = ("publication_id", "unit_id", "criterion_id", "state", "points")
    for publication, unit_id, leaf, state, points in rows.values_list(*columns).iterator():
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
