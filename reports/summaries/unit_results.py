"""The results of one unit in all its years, each with organiser and group."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, IntegerField, Model, Q, QuerySet

from districts.models import Organiser, Unit
from districts.prepared import Asked, Prepared
from reports.models import (
    AssessmentYear,
    Group,
    OfficialResult,
    Publication,
    PublishedScope,
    ScopeKind,
    Source,
    Standing,
)

from .contents import UNIT, rows_of
from .results import PUBLIC_STAGE, PublishedResult, Stood, UnitResult, grouped, stated_result

OF_STANDING = Stood._fields[2:]


class Above(NamedTuple):
    """A row that a standing refers to, near or far: by which path, and which of a query's columns are its."""

    path: str
    model: type[Model]
    names: tuple[str, ...]
    columns: slice


def _above(*places: tuple[str, type[Model], tuple[str, ...]]) -> Iterator[Above]:
    """Lay the columns of these rows one after the other, behind a standing's own, without those named."""
    start = len(OF_STANDING)
    for path, model, without in places:
        names = tuple(f.attname for f in model._meta.concrete_fields if f.name not in without)
        yield Above(path, model, names, slice(start, start + len(names)))
        start += len(names)


# Left out is what is long and of no use beside a result. An organiser that is known need not be read: the last.
ABOVE = SCOPE, PUBLICATION, YEAR, GROUP, SOURCE, ORGANISER = tuple(
    _above(
        ("scope", PublishedScope, ()),
        ("scope__publication", Publication, ("grade_bands", "tally")),
        ("scope__publication__current_of", AssessmentYear, ("grade_bands", "note")),
        ("scope__publication__current_of__group", Group, ("levels",)),
        ("scope__publication__source", Source, ("note",)),
        ("scope__publication__current_of__organiser", Organiser, ()),
    )
)


class ResultOfUnit(PublishedResult):
    """A result of a unit whose standings are all at hand."""

    def __init__(
        self,
        year: AssessmentYear,
        publication: Publication,
        standings: Sequence[Standing | Stood],
        unit: Unit,
    ) -> None:
        total = next(s for s in standings if s.scope.kind == ScopeKind.TOTAL)
        super().__init__(year, publication, total, standings=tuple(standings), unit=unit)


def results_of_unit(
    unit: Unit, organiser: Organiser | None = None, areas_of: tuple[int, int] | None = None
) -> list[UnitResult]:
    """Return a unit's results of all years, newest first, each with organiser and group. Two queries at most.

    `organiser` leaves out what others ranked. With the first and last of the years that are shown, `areas_of`, their
    results have the standings in each area too, and those of other years in the total alone; else all have those in
    parts.
    """
    first, last = areas_of or (None, None)
    asked = {"first": first, "last": last, "organiser": organiser.pk if organiser else None}
    query = _unit_standings(of_organiser=organiser is not None, of_years=first is not None)
    published = _published_results(query, rows_of(unit, query, **asked), {unit.pk: unit}, organiser)
    stated = rows_of(unit, _official_results(of_organiser=organiser is not None), **asked)
    printed = [
        stated_result(rows[0].assessment_year, rows, unit)
        for rows in grouped(stated, lambda r: r.assessment_year_id)
    ]
    results = [*published, *printed]
    return sorted(results, key=lambda r: (-r.year.year, r.year.organiser.slug, r.year.group.order))


def newest_results_of_formers(unit: Unit, formers: Mapping[int, Unit]) -> list[UnitResult]:
    """Return the newest result of each unit that this one came from, which are given by key. Two queries."""
    published = _published_results(FORMER_STANDINGS, FORMER_STANDINGS(unit=unit.pk), formers)
    printed = [
        stated_result(rows[0].assessment_year, rows, formers[rows[0].unit_id])
        for rows in grouped(FORMER_DOCUMENTS(unit=unit.pk), lambda r: (r.assessment_year_id, r.unit_id))
    ]
    newest: dict[int, UnitResult] = {}
    for result in sorted([*published, *printed], key=lambda r: r.year.year):
        if result.total or result.rank:
            newest[result.unit.pk] = result
    return list(newest.values())


def newest_years(units: Collection[int]) -> dict[int, int]:
    """Return the newest year with a public result of those units that have one. One query."""
    published = Standing.objects.filter(
        unit__in=units, scope__kind=ScopeKind.TOTAL, scope__publication__current_of__isnull=False
    ).values_list("unit_id", "scope__publication__current_of__year")
    printed = _documents(unit__in=units).order_by().values_list("unit_id", "assessment_year__year")
    newest: dict[int, int] = {}
    for unit, year in published.union(printed):
        newest[unit] = max(year, newest.get(unit, year))
    return newest


def _published_results(
    query: Prepared[tuple[Any, ...]],
    rows: Iterable[tuple[Any, ...]],
    units: Mapping[int, Unit],
    organiser: Organiser | None = None,
) -> list[ResultOfUnit]:
    """Make results of standings with what stands above each: publication, year, group, and so on, made once."""
    database = query.queryset.db
    made: dict[tuple[type[Model], Any], Any] = {}
    results: dict[tuple[int, int], tuple[Publication, list[Stood]]] = {}

    def instance(above: Above, row: tuple[Any, ...]) -> Any:
        values = row[above.columns]
        key = (above.model, values[0])
        if key not in made:
            made[key] = None if values[0] is None else above.model.from_db(database, above.names, values)
        return made[key]

    for row in rows:
        scope, unit = instance(SCOPE, row), row[-1]
        if (scope.publication_id, unit) not in results:
            publication, year = instance(PUBLICATION, row), instance(YEAR, row)
            publication.assessment_year = year
            publication.source = instance(SOURCE, row)
            year.group, year.organiser = instance(GROUP, row), organiser or instance(ORGANISER, row)
            results[scope.publication_id, unit] = publication, []
        results[scope.publication_id, unit][1].append(Stood(scope, unit, *row[: SCOPE.columns.start]))
    return [
        ResultOfUnit(publication.assessment_year, publication, standings, units[unit])
        for (_publication, unit), (publication, standings) in results.items()
    ]


@cache
def _unit_standings(*, of_organiser: bool, of_years: bool) -> Prepared[tuple[Any, ...]]:
    """Prepare where a unit stands in current publications: of one organiser or all, in full of some years or all."""
    own = Q(**{ORGANISER.path: Asked("organiser", BigIntegerField())}) if of_organiser else Q()
    shown = Q(
        **{
            f"{YEAR.path}__year__gte": Asked("first", IntegerField()),
            f"{YEAR.path}__year__lte": Asked("last", IntegerField()),
        }
    )
    parts = (
        Q(scope__kind__in=[ScopeKind.PART, ScopeKind.AREA]) & shown
        if of_years
        else Q(scope__kind=ScopeKind.PART)
    )
    above = [one for one in ABOVE if one is not ORGANISER or not of_organiser]
    wanted = own & (Q(scope__kind=ScopeKind.TOTAL) | parts)
    return Prepared(lambda: _standings(wanted, above).filter(unit=UNIT))


def _standings(wanted: Q, above: Sequence[Above] = ABOVE) -> QuerySet[Standing, tuple[Any, ...]]:
    """Return standings of current publications: their own columns, those of the rows above, the unit."""
    names = (f"{one.path}__{name}" for one in above for name in one.names)
    return (
        Standing.objects.filter(wanted, **{f"{YEAR.path}__isnull": False})
        .order_by("scope__order")
        .values_list(*OF_STANDING, *names, "unit_id")
    )


@cache
def _official_results(*, of_organiser: bool) -> Prepared[OfficialResult]:
    """Prepare what documents say of a unit in years not published here."""
    own = Q(assessment_year__organiser=Asked("organiser", BigIntegerField())) if of_organiser else Q()
    return Prepared(lambda: _documents(own, unit=UNIT))


def _documents(*wanted: Q, **of_unit: Any) -> QuerySet[OfficialResult]:
    return (
        OfficialResult.objects.filter(*wanted, **of_unit)
        .filter(assessment_year__current_publication=None, assessment_year__stage=PUBLIC_STAGE)
        .select_related("source", "assessment_year__organiser", "assessment_year__group")
        .order_by("pk")
    )


# Of all the units that one came from.
FORMER_STANDINGS: Prepared[tuple[Any, ...]] = Prepared(
    lambda: _standings(Q(scope__kind=ScopeKind.TOTAL, unit__succeeded_by__successor=UNIT))
)
FORMER_DOCUMENTS: Prepared[OfficialResult] = Prepared(lambda: _documents(unit__succeeded_by__successor=UNIT))
