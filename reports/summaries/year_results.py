"""The results of all units of a year, or of several: who stood where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple, overload

from django.db.models import BigIntegerField, F, FilteredRelation, Prefetch, Q, prefetch_related_objects
from django.utils.functional import cached_property

from districts.models import Unit
from districts.prepared import Asked, Prepared
from reports.models import AssessmentYear, OfficialResult, Publication, PublishedScope, ScopeKind, Standing
from reports.tally import Counted, Tally, tally, tally_of

from .results import PUBLIC_STAGE, PublishedResult, Stood, UnitResult, grouped, stated_result

# Columns of a Standing for a Stood.
COLUMNS = ("scope_id", *Stood._fields[1:])
# So many results a page of a list has.
PAGE = 50
# What of a Standing differs from scope to scope.
OF_SCOPE = COLUMNS[3:]


class UnitRow(NamedTuple):
    """What a list of results is made with of each unit."""

    code: str
    type: str
    sort_key: str


OF_UNIT = tuple(f"unit__{name}" for name in UnitRow._fields)
# Where in a row of a list the total ends, where the unit; where in what follows it is said whether there was a tie.
WIDTH, WHOLE = len(COLUMNS), len(COLUMNS) + len(OF_UNIT)
TIED = OF_SCOPE.index("is_tied")


class ResultOfYear(PublishedResult):
    """One of a year's results; its unit and its parts are read when asked for, with those of all others."""

    def __init__(
        self, publication: Publication, total: Stood, unit: UnitRow, roster: Roster | PublishedResults
    ) -> None:
        super().__init__(publication.assessment_year, publication, total, _unit_row=unit, _roster=roster)

    _total: Stood
    _unit_row: UnitRow
    _roster: Roster | PublishedResults

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
    """The units of several published years and how they stood: in total at once, the rest when asked for."""

    def __init__(self, publications: Iterable[Publication]) -> None:
        self._publications = {publication.pk: publication for publication in publications}
        scopes = [scope for publication in self._publications.values() for scope in publication.compared]
        self._totals = {scope.pk: scope for scope in scopes if scope.kind == ScopeKind.TOTAL}
        self._parts = {scope.pk: scope for scope in scopes if scope.kind == ScopeKind.PART}

    def results(self) -> Iterator[ResultOfYear]:
        """Yield every unit's result of every year."""
        columns, width = (*COLUMNS, *OF_UNIT), len(COLUMNS)
        for row in Standing.objects.filter(scope__in=self._totals).values_list(*columns):
            scope = self._totals[row[0]]
            publication = self._publications[scope.publication_id]
            yield ResultOfYear(publication, Stood(scope, *row[1:width]), UnitRow(*row[width:]), self)

    @cached_property
    def units(self) -> dict[int, Unit]:
        standings = Standing.objects.filter(scope__in=self._totals)
        return {unit.pk: unit for unit in Unit.objects.filter(pk__in=standings.values("unit"))}

    def parts_of(self, publication: int, unit: int) -> list[Stood]:
        """Return a unit's standings in parts, in the order of the scopes; the first call reads those of all."""
        return self._standings_in_parts.get((publication, unit), [])

    @cached_property
    def _standings_in_parts(self) -> dict[tuple[int, int], list[Stood]]:
        by_scope: dict[int, list[Any]] = {key: [] for key in self._parts}
        for row in Standing.objects.filter(scope__in=self._parts).values_list(*COLUMNS):
            by_scope[row[0]].append(row)
        found: dict[tuple[int, int], list[Stood]] = {}
        for key, scope in self._parts.items():
            for row in by_scope[key]:
                found.setdefault((scope.publication_id, row[1]), []).append(Stood(scope, *row[1:]))
        return found


SCOPES: Prepared[PublishedScope] = Prepared(
    lambda: PublishedScope.objects.filter(publication=Asked("publication", BigIntegerField())).order_by(
        "order"
    )
)


@cache
def _listed(
    parts: int, first: int = 0, end: int | None = None, *, ranked: bool = True
) -> Prepared[tuple[Any, ...]]:
    """Ask how the units of a publication stand in total and beside it in so many parts, from one row to another.

    Else all that are not ranked.
    """
    beside = {
        f"part{n}": FilteredRelation(
            "unit__standings", condition=Q(unit__standings__scope=Asked(f"part{n}", BigIntegerField()))
        )
        for n in range(parts)
    }
    columns = [*COLUMNS, *OF_UNIT, *(f"{part}__{name}" for part in beside for name in OF_SCOPE)]
    rows = Standing.objects.filter(scope=Asked("total", BigIntegerField())).annotate(**beside)
    if not ranked:
        rows = rows.filter(rank=None)
    elif end:
        # Nobody's place is behind that in the list; with it the database reads of an index what it needs.
        rows = rows.filter(rank__lte=end)
    in_order = rows.order_by(F("rank").asc(nulls_last=True), "unit__sort_key", "unit_id")
    return Prepared(lambda: in_order.values_list(*columns)[first:end])


class Results(Sequence[UnitResult]):
    """A year's results, the ranked first by place, then the others by name; a part of it is one too."""

    def __init__(self, made: Sequence[UnitResult]) -> None:
        self._made = made

    def __len__(self) -> int:
        return len(self._made)

    @overload
    def __getitem__(self, at: int) -> UnitResult: ...
    @overload
    def __getitem__(self, at: slice) -> Results: ...
    def __getitem__(self, at: int | slice) -> UnitResult | Results:
        return self._cut(at) if isinstance(at, slice) else self._made[at]

    def __iter__(self) -> Iterator[UnitResult]:
        return iter(self._made)

    def _cut(self, at: slice) -> Results:
        return Results(self._made[at])


class PublishedResults(Results):
    """Results of a published year from one place in its list to another, read when one of them is looked at."""

    def __init__(self, publication: Publication, first: int, end: int) -> None:
        self._publication, self._first, self._end = publication, first, end

    def __len__(self) -> int:
        return self._end - self._first

    def _cut(self, at: slice) -> Results:
        first, end, step = at.indices(len(self))
        if step != 1 or len(self) <= PAGE:
            return Results(self._made[at])
        return PublishedResults(self._publication, self._first + first, self._first + max(first, end))

    @cached_property
    def _made(self) -> list[UnitResult]:  # type: ignore[override]
        return [
            ResultOfYear(
                self._publication, Stood(self._total, *row[1:WIDTH]), UnitRow(*row[WIDTH:WHOLE]), self
            )
            for row in self._rows
        ]

    @cached_property
    def _total(self) -> PublishedScope:
        return next(one for one in self._publication.compared if one.kind == ScopeKind.TOTAL)

    @cached_property
    def _parts(self) -> list[PublishedScope]:
        return [one for one in self._publication.compared if one.kind == ScopeKind.PART]

    @cached_property
    def _rows(self) -> list[tuple[Any, ...]]:
        if not len(self):
            return []
        parts, first, end = len(self._parts), self._first, self._end
        asked = {"total": self._total.pk} | {f"part{n}": scope.pk for n, scope in enumerate(self._parts)}
        if (first, end) == (0, self._publication.roster_size):
            return _listed(parts)(**asked)
        ranked = counted(self._publication).ranked
        if first >= ranked:
            return _listed(parts, ranked=False)(**asked)[first - ranked : end - ranked]
        if end > ranked:
            return _listed(parts)(**asked)[first:end]
        # By whole pages, so that few questions are written and planned.
        start = first - first % PAGE
        return _listed(parts, start, -(-end // PAGE) * PAGE)(**asked)[first - start : end - start]

    @cached_property
    def _by_unit(self) -> dict[int, tuple[Any, ...]]:
        return {row[1]: row for row in self._rows}

    def parts_of(self, _publication: int, unit: int) -> Iterator[Stood]:
        """Yield a unit's standings in parts, in the order of the scopes."""
        row = self._by_unit[unit]
        for at, scope in enumerate(self._parts):
            values = row[WHOLE + at * len(OF_SCOPE) : WHOLE + (at + 1) * len(OF_SCOPE)]
            if values[TIED] is not None:
                yield Stood(scope, *row[1:3], *values)

    @cached_property
    def units(self) -> dict[int, Unit]:
        if len(self) == self._publication.roster_size:
            return {unit.pk: unit for unit in Unit.objects.filter(standings__scope=self._total)}
        return Unit.objects.in_bulk(list(self._by_unit))


def counted(publication: Publication) -> Tally:
    """Return what a publication's lists say of all its units; a release before this one published without it."""
    if publication.tally is None:
        totals = Standing.objects.filter(scope__publication=publication, scope__kind=ScopeKind.TOTAL)
        rows = totals.values_list("unit__type", "points", "rank", "rank_change")
        publication.tally = tally(Counted(*row) for row in rows).stored()
    return tally_of(publication.tally)


def listed_results(year: AssessmentYear) -> Results:
    """Return every unit's public result of a year as `results_of_year` does; of many only those that are looked at."""
    publication = year.current_publication
    if publication is None:
        return Results(results_of_year(year))
    _read_scopes([publication])
    publication.assessment_year = year
    return PublishedResults(publication, 0, publication.roster_size)


def results_of_year(year: AssessmentYear) -> list[UnitResult]:
    """Return every unit's public result of a year, the ranked first by place, then the others by name.

    Of a year that is neither published here nor known by a document alone there is none. Three queries at most.
    """
    if year.current_publication:
        return list(listed_results(year))
    return results_of_years([year])[year.pk]


def results_of_years(years: Iterable[AssessmentYear]) -> dict[int, list[UnitResult]]:
    """Return the results of each year by its key, as `results_of_year` does. Four queries at most."""
    by_key = {year.pk: year for year in years}
    published = {
        y.current_publication.pk: y.current_publication for y in by_key.values() if y.current_publication
    }
    _read_scopes(list(published.values()))
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


def _read_scopes(publications: list[Publication]) -> None:
    """Read what units were compared by: a dozen rows a year, and pages name its areas too."""
    if len(publications) == 1:
        publications[0].compared = SCOPES(publication=publications[0].pk)
    else:
        in_order = PublishedScope.objects.order_by("order")
        prefetch_related_objects(publications, Prefetch("scopes", in_order, to_attr="compared"))


def _by_rank(result: UnitResult) -> tuple[bool, int, str]:
    place = result.place
    return (place is None, place or 0, result.sort_key)
