"""The results of all units of a year, or of several: who stood where."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple, overload

from django.db.models import (
    BigIntegerField,
    F,
    IntegerField,
    Prefetch,
    Q,
    QuerySet,
    Value,
    prefetch_related_objects,
)
from django.db.models.functions import Coalesce
from django.db.models.lookups import In
from django.utils.functional import cached_property

from districts.models import Unit
from reports.models import AssessmentYear, OfficialResult, Publication, PublishedScope, ScopeKind, Standing

from .prepared import Asked, Prepared
from .results import PUBLIC_STAGE, PublishedResult, Stood, UnitResult, grouped, stated_result

# Columns of a Standing for a Stood.
COLUMNS = ("scope_id", *Stood._fields[1:])
# Of so many units the parts too is read at once: a second question costs more than what it spares.
FEW = 100
# Of so many units, or a multiple, parts of a list are asked for.
PAGE = 50
# Comes after every place: the largest that a column of places holds.
LAST = 32_767


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
    def unit_id(self) -> int:
        return self._total.unit_id

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
    """The units of published years and how they stood: in total at once, as units when asked for.

    How they stood in parts is read at once of few of them, of many when asked for.
    """

    def __init__(self, publications: Iterable[Publication], most: int | None = None) -> None:
        """Know the publications, and of how many units at most there will be something to read."""
        self._publications = {publication.pk: publication for publication in publications}
        scopes = [scope for publication in self._publications.values() for scope in publication.compared]
        self._totals = {scope.pk: scope for scope in scopes if scope.kind == ScopeKind.TOTAL}
        self._parts = {scope.pk: scope for scope in scopes if scope.kind == ScopeKind.PART}
        sizes = (one.roster_size for one in self._publications.values())
        self._is_small = (sum(sizes) if most is None else most) <= FEW
        self._standings: dict[tuple[int, int], list[Stood]] = {}
        self._has_all_parts = not self._parts

    def results(self) -> Iterator[ResultOfYear]:
        """Yield every unit's result of every year."""
        rows: Iterable[tuple[Any, ...]]
        if len(self._publications) == 1:
            rows = _standings_of_one(is_small=self._is_small)(publication=next(iter(self._publications)))
        else:
            rows = _standings(Q(scope__publication__in=self._publications), is_small=self._is_small)
        return self._made_of(rows)

    def results_of(self, units: Sequence[int]) -> Iterator[ResultOfYear]:
        """Yield the results of a few units."""
        scopes = [*self._totals, *self._parts]
        # One question for each length that pages have: what lacks to it is asked for twice.
        asked = [*units, *[units[-1]] * (-len(units) % PAGE)]
        values = {f"scope{n}": key for n, key in enumerate(scopes)}
        values |= {f"unit{n}": key for n, key in enumerate(asked)}
        return self._made_of(_standings_of_some(len(scopes), len(asked))(**values))

    def _made_of(self, rows: Iterable[tuple[Any, ...]]) -> Iterator[ResultOfYear]:
        in_parts, width = [], len(COLUMNS)
        for row in rows:
            scope = self._totals.get(row[0])
            if scope is None:
                in_parts.append(row[:width])
                continue
            total = Stood(scope, *row[1:width])
            publication = self._publications[scope.publication_id]
            yield ResultOfYear(publication, total, UnitRow(*row[width:]), self)
        if self._is_small:
            self._keep_all_parts(in_parts)

    @cached_property
    def units(self) -> dict[int, Unit]:
        standings = Standing.objects.filter(scope__in=self._totals)
        return {unit.pk: unit for unit in Unit.objects.filter(pk__in=standings.values("unit"))}

    def parts_of(self, publication: int, unit: int) -> list[Stood]:
        """Return a unit's standings in parts, in the order of the scopes; the first call reads those of all."""
        found = self._standings.get((publication, unit))
        if found is None and not self._has_all_parts:
            self._keep_all_parts(Standing.objects.filter(scope__in=self._parts).values_list(*COLUMNS))
            found = self._standings.get((publication, unit))
        return found or []

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
    """Select how units stand: where they are few in total and in parts, else in total."""
    kinds = [ScopeKind.TOTAL, ScopeKind.PART] if is_small else [ScopeKind.TOTAL]
    return _with_units(Standing.objects.filter(whose, scope__kind__in=kinds))


def _with_units(rows: QuerySet[Standing]) -> QuerySet[Standing, tuple[Any, ...]]:
    return rows.values_list(*COLUMNS, *(f"unit__{name}" for name in UnitRow._fields))


def _total_place() -> Coalesce:
    return Coalesce(F("rank"), Value(LAST), output_field=IntegerField())


SCOPES: Prepared[PublishedScope] = Prepared(
    lambda: PublishedScope.objects.filter(publication=Asked("publication", BigIntegerField())).order_by(
        "order"
    )
)
# Of every unit of a publication what Listed has.
LISTED: Prepared[tuple[Any, ...]] = Prepared(
    lambda: (
        Standing.objects.filter(
            scope__publication=Asked("publication", BigIntegerField()), scope__kind=ScopeKind.TOTAL
        )
        .annotate(place=_total_place())
        .values_list("place", "unit__sort_key", "unit_id", "points", "rank_change", "unit__type")
    )
)


@cache
def _standings_of_some(scopes: int, units: int) -> Prepared[tuple[Any, ...]]:
    """Ask how so many units stand in so many scopes: by keys alone, as PostgreSQL would else read all their years."""
    asked = [
        In(F(f"{name}_id"), [Asked(f"{name}{n}", BigIntegerField()) for n in range(number)])
        for name, number in (("scope", scopes), ("unit", units))
    ]
    return Prepared(lambda: _with_units(Standing.objects.filter(*asked)))


@cache
def _standings_of_one(*, is_small: bool) -> Prepared[tuple[Any, ...]]:
    whose = Q(scope__publication=Asked("publication", BigIntegerField()))
    return Prepared(lambda: _standings(whose, is_small=is_small))


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

    @property
    def ranked_count(self) -> int:
        return sum(one.place is not None for one in self._made)

    @property
    def with_figures(self) -> int:
        return sum(one.has_figures for one in self._made)

    @property
    def types(self) -> set[str]:
        return {one.unit_type for one in self._made}

    @property
    def totals(self) -> list[Decimal]:
        return [one.points for one in self._made if one.points is not None]


class Listed(NamedTuple):
    """By what many results are ordered, counted and cut."""

    place: int
    sort_key: str
    unit_id: int
    points: Decimal | None
    rank_change: int | None
    type: str


class ListedResults(Results):
    """Results of a published year with many units: they are made of the part that is looked at, all in one question."""

    def __init__(self, publication: Publication, rows: list[Listed]) -> None:
        self._publication, self._rows = publication, rows

    def __len__(self) -> int:
        return len(self._rows)

    def _cut(self, at: slice) -> Results:
        return ListedResults(self._publication, self._rows[at])

    @cached_property
    def _made(self) -> Sequence[UnitResult]:  # type: ignore[override]
        if not self._rows:
            return []
        roster = Roster([self._publication], most=len(self._rows))
        units = [row.unit_id for row in self._rows]
        made = roster.results_of(units) if len(units) <= FEW else roster.results()
        found = {one.unit_id: one for one in made}
        return [found[unit] for unit in units]

    @property
    def ranked_count(self) -> int:
        return sum(row.place < LAST for row in self._rows)

    @property
    def with_figures(self) -> int:
        return sum(
            row.place < LAST or row.points is not None or row.rank_change is not None for row in self._rows
        )

    @property
    def types(self) -> set[str]:
        return {row.type for row in self._rows}

    @property
    def totals(self) -> list[Decimal]:
        return [row.points for row in self._rows if row.points is not None]


def listed_results(year: AssessmentYear) -> Results:
    """Return every unit's public result of a year as `results_of_year` does; of many only those that are looked at."""
    publication = year.current_publication
    if publication is None or publication.roster_size <= FEW:
        return Results(results_of_year(year))
    _read_scopes([publication])
    publication.assessment_year = year
    return ListedResults(publication, sorted(Listed(*row) for row in LISTED(publication=publication.pk)))


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
