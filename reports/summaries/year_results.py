"""The results of all units of a year, or of several: who stood where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, Prefetch, Q, QuerySet, prefetch_related_objects
from django.utils.functional import cached_property

from districts.models import Unit
from reports.models import AssessmentYear, OfficialResult, Publication, PublishedScope, ScopeKind, Standing

from .prepared import Asked, Prepared
from .results import PUBLIC_STAGE, PublishedResult, Stood, UnitResult, grouped, stated_result

# Columns of a Standing for a Stood; those of a whole unit.
COLUMNS = ("scope_id", *Stood._fields[1:])
WHOLE_UNIT = tuple(field.attname for field in Unit._meta.concrete_fields)
# Of so many units everything is read at once: a second question costs more than what it spares.
FEW = 100


class UnitRow(NamedTuple):
    """What a list of results is made with of each unit."""

    code: str
    type: str
    sort_key: str


class ResultOfYear(PublishedResult):
    """One of a year's results; its unit and its parts are read when asked for, with those of all others."""

    def __init__(self, publication: Publication, total: Stood, unit: UnitRow, roster: Roster) -> None:
        super().__init__(publication.assessment_year, publication, total, _unit_row=unit, _roster=roster)

    _total: Stood
    _unit_row: UnitRow
    _roster: Roster

    @property
    def unit_code(self) -> str:
        return self._unit_row.code

    @property
    def unit_type(self) -> str:
        return self._unit_row.type

    @property
    def sort_key(self) -> str:
        return self._unit_row.sort_key

    @cached_property
    def unit(self) -> Unit:
        return self._roster.units[self._total.unit_id]

    @cached_property
    def standings(self) -> tuple[Stood, ...]:
        return (self._total, *self._roster.parts_of(self.publication.pk, self._total.unit_id))


class Roster:
    """The units of published years and how they stood: in total at once, in parts and as units when asked for.

    Of few units everything is read at once.
    """

    def __init__(self, publications: Iterable[Publication]) -> None:
        self._publications = {publication.pk: publication for publication in publications}
        scopes = [scope for publication in self._publications.values() for scope in publication.scopes.all()]
        self._totals = {scope.pk: scope for scope in scopes if scope.kind == ScopeKind.TOTAL}
        self._parts = {scope.pk: scope for scope in scopes if scope.kind == ScopeKind.PART}
        self._is_small = sum(one.roster_size for one in self._publications.values()) <= FEW
        self._standings: dict[tuple[int, int], list[Stood]] = {}
        self._has_all_parts = not self._parts

    def results(self) -> Iterator[ResultOfYear]:
        """Yield every unit's result of every year."""
        rows: Iterable[tuple[Any, ...]]
        if len(self._publications) == 1:
            rows = _standings_of_one(is_small=self._is_small)(publication=next(iter(self._publications)))
        else:
            rows = _standings(Q(scope__publication__in=self._publications), is_small=self._is_small)
        in_parts, width = [], len(COLUMNS)
        for row in rows:
            scope = self._totals.get(row[0])
            if scope is None:
                in_parts.append(row[:width])
                continue
            unit_row = self._kept(row[width:]) if self._is_small else UnitRow(*row[width:])
            total = Stood(scope, *row[1:width])
            yield ResultOfYear(self._publications[scope.publication_id], total, unit_row, self)
        if self._is_small:
            self._keep_all_parts(in_parts)

    def _kept(self, values: tuple[Any, ...]) -> UnitRow:
        unit = Unit.from_db(Unit.objects.db, WHOLE_UNIT, values)
        self.units[unit.pk] = unit
        return UnitRow(unit.code, unit.type, unit.sort_key)

    @cached_property
    def units(self) -> dict[int, Unit]:
        if self._is_small:
            return {}
        standings = Standing.objects.filter(scope__in=self._totals)
        return {unit.pk: unit for unit in Unit.objects.filter(pk__in=standings.values("unit"))}

    def parts_of(self, publication: int, unit: int) -> list[Stood]:
        """Return a unit's standings in parts, in the order of the scopes; the first call reads those of all."""
        found = self._standings.get((publication, unit))
        if found is None and not self._has_all_parts:
            self._keep_all_parts(self._rows(Q()))
            found = self._standings.get((publication, unit))
        return found or []

    def read_parts(self, units: Iterable[int]) -> None:
        """Read the standings in parts of these units, and of these alone."""
        if not self._has_all_parts:
            self._keep_parts(self._rows(Q(unit__in=list(units))))

    def _rows(self, whose: Q) -> Iterable[tuple[Any, ...]]:
        return Standing.objects.filter(whose, scope__in=self._parts).values_list(*COLUMNS)

    def _keep_all_parts(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._keep_parts(rows)
        self._has_all_parts = True

    def _keep_parts(self, rows: Iterable[tuple[Any, ...]]) -> None:
        by_scope: dict[int, list[Any]] = {key: [] for key in self._parts}
        for row in rows:
            by_scope[row[0]].append(row)
        found: dict[tuple[int, int], list[Stood]] = {}
        for key, scope in self._parts.items():
            for row in by_scope[key]:
                found.setdefault((scope.publication_id, row[1]), []).append(Stood(scope, *row[1:]))
        self._standings |= found


def _standings(whose: Q, *, is_small: bool) -> QuerySet[Standing, tuple[Any, ...]]:
    """Select how units stand: where they are few in total and in parts, with the whole unit, else in total."""
    kinds = [ScopeKind.TOTAL, ScopeKind.PART] if is_small else [ScopeKind.TOTAL]
    unit_columns = WHOLE_UNIT if is_small else UnitRow._fields
    rows = Standing.objects.filter(whose, scope__kind__in=kinds)
    return rows.values_list(*COLUMNS, *(f"unit__{name}" for name in unit_columns))


@cache
def _standings_of_one(*, is_small: bool) -> Prepared[tuple[Any, ...]]:
    whose = Q(scope__publication=Asked("publication", BigIntegerField()))
    return Prepared(lambda: _standings(whose, is_small=is_small))


def read_ahead(results: Iterable[UnitResult]) -> None:
    """Read the parts of the results that a page shows, where it shows a few of many."""
    shown = [result for result in results if isinstance(result, ResultOfYear)]
    if shown:
        shown[0]._roster.read_parts([result._total.unit_id for result in shown])


def results_of_year(year: AssessmentYear) -> list[UnitResult]:
    """Return every unit's public result of a year, the ranked first by place, then the others by name.

    Of a year that is neither published here nor known by a document alone there is none. Three queries at most.
    """
    return results_of_years([year])[year.pk]


def results_of_years(years: Iterable[AssessmentYear]) -> dict[int, list[UnitResult]]:
    """Return the results of each year by its key, as `results_of_year` does. Four queries at most."""
    by_key = {year.pk: year for year in years}
    published = {
        y.current_publication.pk: y.current_publication for y in by_key.values() if y.current_publication
    }
    # All scopes of a year are a dozen rows, and pages name its areas too.
    prefetch_related_objects(
        list(published.values()), Prefetch("scopes", PublishedScope.objects.order_by("order"))
    )
    printed = [y for y in by_key.values() if not y.current_publication and y.stage == PUBLIC_STAGE]
    found: dict[int, list[UnitResult]] = {key: [] for key in by_key}
    if published:
        for publication in published.values():
            publication.assessment_year = by_key[publication.assessment_year_id]
        for result in Roster(published.values()).results():
            found[result.year.pk].append(result)
    if printed:
        stated = (
            OfficialResult.objects.filter(assessment_year__in=printed)
            .select_related("unit", "source")
            .order_by("pk")
        )
        for said in grouped(stated, lambda r: (r.assessment_year_id, r.unit_id)):
            year = by_key[said[0].assessment_year_id]
            found[year.pk].append(stated_result(year, said))
    return {key: sorted(results, key=_by_rank) for key, results in found.items()}


def _by_rank(result: UnitResult) -> tuple[bool, int, str]:
    place = result.place
    return (place is None, place or 0, result.sort_key)
