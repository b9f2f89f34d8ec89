"""The results of one unit in all its years, each with organiser and group."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, IntegerField, Model, Q

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
    published = _published_results(unit, asked, organiser)
    stated = rows_of(unit, _official_results(of_organiser=organiser is not None), **asked)
    printed = [
        stated_result(rows[0].assessment_year, rows, unit)
        for rows in grouped(stated, lambda r: r.assessment_year_id)
    ]
    results = [*published, *printed]
    return sorted(results, key=lambda r: (-r.year.year, r.year.organiser.slug, r.year.group.order))


def _published_results(
    unit: Unit, asked: Mapping[str, Any], organiser: Organiser | None
) -> list[ResultOfUnit]:
    """Read the unit's standings with what stands above each: publication, year, group, and so on, made once."""
    query = _unit_standings(of_organiser=organiser is not None, of_years=asked["first"] is not None)
    database = query.queryset.db
    made: dict[tuple[type[Model], Any], Any] = {}
    results: dict[int, tuple[Publication, list[Stood]]] = {}

    def instance(above: Above, row: tuple[Any, ...]) -> Any:
        values = row[above.columns]
        key = (above.model, values[0])
        if key not in made:
            made[key] = None if values[0] is None else above.model.from_db(database, above.names, values)
        return made[key]

    for row in rows_of(unit, query, **asked):
        scope = instance(SCOPE, row)
        if scope.publication_id not in results:
            publication, year = instance(PUBLICATION, row), instance(YEAR, row)
            publication.assessment_year = year
            publication.source = instance(SOURCE, row)
            year.group, year.organiser = instance(GROUP, row), organiser or instance(ORGANISER, row)
            results[scope.publication_id] = publication, []
        results[scope.publication_id][1].append(Stood(scope, unit.pk, *row[: SCOPE.columns.start]))
    return [
        ResultOfUnit(publication.assessment_year, publication, standings, unit)
        for publication, standings in results.values()
    ]


@cache
def _unit_standings(*, of_organiser: bool, of_years: bool) -> Prepared[tuple[Any, ...]]:
    """Prepare where a unit stands in current publications: of one organiser or all, in full of some years or all."""
    own = Q(**{ORGANISER.path: Asked("organiser", BigIntegerField())}) if of_organiser else Q()
    current = Q(**{f"{YEAR.path}__isnull": False})
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
    return Prepared(
        lambda: (
            Standing.objects.filter(own, current, Q(scope__kind=ScopeKind.TOTAL) | parts, unit=UNIT)
            .order_by("scope__order")
            .values_list(*OF_STANDING, *(f"{one.path}__{name}" for one in above for name in one.names))
        )
    )


@cache
def _official_results(*, of_organiser: bool) -> Prepared[OfficialResult]:
    """Prepare what documents say of a unit in years not published here."""
    own = Q(assessment_year__organiser=Asked("organiser", BigIntegerField())) if of_organiser else Q()
    return Prepared(
        lambda: (
            OfficialResult.objects.filter(own, unit=UNIT)
            .filter(assessment_year__current_publication=None, assessment_year__stage=PUBLIC_STAGE)
            .select_related("source", "assessment_year__organiser", "assessment_year__group")
            .order_by("pk")
        )
    )
