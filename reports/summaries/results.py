"""A unit's index result of a year, in one shape: as published here, or as an outside document printed it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple, TypeVar

from django.db.models import (
    BigIntegerField,
    F,
    IntegerField,
    Model,
    Prefetch,
    Q,
    QuerySet,
    prefetch_related_objects,
)
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from districts.models import Organiser, Unit
from reports.models import (
    AssessmentYear,
    Group,
    NoMovement,
    OfficialResult,
    Publication,
    PublishedScope,
    Quality,
    ScopeKind,
    Source,
    Standing,
    Unranked,
)
from reports.terms import term

from .contents import UNIT, rows_of
from .prepared import Asked, Prepared

Row = TypeVar("Row")
# What the office knows of a year before, printed figures included, waits for its publication.
PUBLIC_STAGE = AssessmentYear.Stage.PUBLISHED


@dataclass(frozen=True)
class Figure:
    """A value with how exact it is; `source` is None for what is published or computed here."""

    value: Any
    quality: str = Quality.EXACT
    wording: str = ""
    source: Source | None = None
    note: str = ""

    @property
    def is_derived(self) -> bool:
        return self.quality == Quality.DERIVED

    @property
    def is_bound(self) -> bool:
        return self.quality in (Quality.LOWER, Quality.UPPER, Quality.ABOUT)


@dataclass(frozen=True)
class PartResult:
    """Points, maximum, place and change in one part of the index (thẩm định, ĐTXHH)."""

    key: str
    title: str
    points: Figure | None = None
    maximum: Decimal | None = None
    rank: Figure | None = None
    rank_of: int | None = None
    points_change: Figure | None = None
    rank_change: Figure | None = None


class PublishedPart(PartResult):
    """A part as published here; its figures are made when asked for."""

    def __init__(self, standing: Standing | Stood, rank_of: int | None) -> None:
        scope = standing.scope
        # As every frozen dataclass does, past its own __setattr__. A part that is not ranked is out of nothing.
        self.__dict__.update(
            key=scope.key, rank_of=rank_of if scope.ranked_count else None, _standing=standing
        )

    _standing: Standing | Stood

    @property
    def title(self) -> str:
        return self._standing.scope.label

    @property
    def maximum(self) -> Decimal | None:
        return self._standing.max_points or self._standing.scope.max_points

    @cached_property
    def points(self) -> Figure | None:
        return _figure(self._standing.points)

    @cached_property
    def rank(self) -> Figure | None:
        return _figure(self._standing.rank)

    @cached_property
    def points_change(self) -> Figure | None:
        return _figure(self._standing.points_change)

    @cached_property
    def rank_change(self) -> Figure | None:
        return _figure(self._standing.rank_change)


class Stood(NamedTuple):
    """What a page needs of a Standing, of which a year has thousands."""

    scope: PublishedScope
    unit_id: int
    unit_name: str
    points: Decimal | None
    max_points: Decimal | None
    rank: int | None
    is_tied: bool
    unranked: str
    grade: str
    points_change: Decimal | None
    rank_change: int | None
    no_movement: str
    criteria_changed: bool
    roster_changed: bool


# Columns of a Standing for a Stood; those of a whole unit.
COLUMNS = ("scope_id", *Stood._fields[1:])
WHOLE_UNIT = tuple(field.attname for field in Unit._meta.concrete_fields)
# Of so many units everything is read at once: a second question costs more than what it spares.
FEW = 100
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
        ("scope__publication", Publication, ("grade_bands",)),
        ("scope__publication__assessment_year", AssessmentYear, ("grade_bands", "note")),
        ("scope__publication__assessment_year__group", Group, ("levels",)),
        ("scope__publication__source", Source, ("note",)),
        ("scope__publication__assessment_year__organiser", Organiser, ()),
    )
)


@dataclass(frozen=True)
class UnitResult:
    """One unit in one assessment year; every figure may be absent."""

    unit: Unit
    unit_name: str
    year: AssessmentYear
    publication: Publication | None = None
    total: Figure | None = None
    maximum: Decimal | None = None
    rank: Figure | None = None
    rank_of: int | None = None
    is_tied: bool = False
    points_change: Figure | None = None
    rank_change: Figure | None = None
    no_movement: str = ""
    remarks: tuple[str, ...] = ()
    unranked: str = ""
    grade: str = ""
    position: str = ""
    parts: tuple[PartResult, ...] = ()
    sources: tuple[Source, ...] = ()
    # As published here, in the order of the scopes; areas only where they were asked for.
    standings: tuple[Standing | Stood, ...] = ()

    @property
    def url(self) -> str:
        """Return the address of the unit's dashboard of that year."""
        return f"{_above_units(self.year.organiser.slug, self.year.year, get_language())}{self.unit_code}/"

    @property
    def unit_code(self) -> str:
        return self.unit.code

    @property
    def unit_type(self) -> str:
        return self.unit.type

    @property
    def sort_key(self) -> str:
        return self.unit.sort_key

    @property
    def place(self) -> int | None:
        return self.rank.value if self.rank else None

    @property
    def points(self) -> Decimal | None:
        return self.total.value if self.total else None

    @property
    def has_figures(self) -> bool:
        """Whether anything is known of the unit's total or place."""
        return bool(self.total or self.rank or self.rank_change)

    @property
    def appraised(self) -> PartResult | None:
        return self.part("appraised")

    @property
    def survey(self) -> PartResult | None:
        return self.part("survey")

    @property
    def adjustment(self) -> PartResult | None:
        """What bonuses and penalties outside the scale moved the total by; it has no place."""
        return self.part("adjustment")

    def part(self, key: str) -> PartResult | None:
        return next((p for p in self.parts if p.key == key), None)


class PublishedResult(UnitResult):
    """A result as published here; its figures are made when asked for: of hundreds a page shows some."""

    def __init__(
        self, year: AssessmentYear, publication: Publication, total: Standing | Stood, **more: Any
    ) -> None:
        # As every frozen dataclass does, past its own __setattr__.
        self.__dict__.update(
            year=year,
            publication=publication,
            unit_name=total.unit_name,
            is_tied=total.is_tied,
            rank_of=publication.roster_size,
            _total=total,
            **more,
        )

    publication: Publication
    _total: Standing | Stood

    @property
    def place(self) -> int | None:
        return self._total.rank

    @property
    def points(self) -> Decimal | None:
        return self._total.points

    @property
    def has_figures(self) -> bool:
        total = self._total
        return not (total.points is None and total.rank is None and total.rank_change is None)

    @cached_property
    def total(self) -> Figure | None:
        return _figure(self._total.points)

    @cached_property
    def maximum(self) -> Decimal | None:
        return self._total.max_points or self._total.scope.max_points

    @cached_property
    def rank(self) -> Figure | None:
        return _figure(self._total.rank)

    @cached_property
    def points_change(self) -> Figure | None:
        return _figure(self._total.points_change)

    @cached_property
    def rank_change(self) -> Figure | None:
        return _figure(self._total.rank_change)

    @cached_property
    def no_movement(self) -> str:
        reason = self._total.no_movement
        return str(NoMovement(reason).label) if reason else ""

    @cached_property
    def remarks(self) -> tuple[str, ...]:
        return (
            *([_("bộ tiêu chí đã đổi so với năm trước")] if self._total.criteria_changed else []),
            *([_("số đơn vị được xếp hạng đã đổi so với năm trước")] if self._total.roster_changed else []),
        )

    @cached_property
    def unranked(self) -> str:
        reason = self._total.unranked
        return str(Unranked(reason).label) if reason else ""

    @cached_property
    def grade(self) -> str:
        return term(self._total.grade)

    @cached_property
    def parts(self) -> tuple[PartResult, ...]:
        return tuple(self._part(s) for s in self.standings if s.scope.kind == ScopeKind.PART)

    def part(self, key: str) -> PartResult | None:
        wanted = (ScopeKind.PART, key)
        return next((self._part(s) for s in self.standings if (s.scope.kind, s.scope.key) == wanted), None)

    def _part(self, standing: Standing | Stood) -> PartResult:
        return PublishedPart(standing, self.rank_of)

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        source = self.publication.source
        return (source,) if source else ()


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
        for said in _grouped(stated, lambda r: (r.assessment_year_id, r.unit_id)):
            year = by_key[said[0].assessment_year_id]
            found[year.pk].append(_stated(year, said))
    return {key: sorted(results, key=_by_rank) for key, results in found.items()}


def results_of_unit(
    unit: Unit, organiser: Organiser | None = None, areas_of: int | None = None
) -> list[UnitResult]:
    """Return a unit's results of all years, newest first, each with organiser and group. Two queries at most.

    `organiser` leaves out what others ranked. With the one year that is shown, `areas_of`, its results have the
    standings in each area too, and those of other years in the total alone; else all have those in parts.
    """
    asked = {"year": areas_of, "organiser": organiser.pk if organiser else None}
    published = _published_results(unit, asked, organiser)
    stated = rows_of(unit, _official_results(of_organiser=organiser is not None), **asked)
    printed = [
        _stated(rows[0].assessment_year, rows, unit)
        for rows in _grouped(stated, lambda r: r.assessment_year_id)
    ]
    results = [*published, *printed]
    return sorted(results, key=lambda r: (-r.year.year, r.year.organiser.slug, r.year.group.order))


def _published_results(
    unit: Unit, asked: Mapping[str, Any], organiser: Organiser | None
) -> list[ResultOfUnit]:
    """Read the unit's standings with what stands above each: publication, year, group, and so on, made once."""
    query = _unit_standings(of_organiser=organiser is not None, of_year=asked["year"] is not None)
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
def _unit_standings(*, of_organiser: bool, of_year: bool) -> Prepared[tuple[Any, ...]]:
    """Prepare where a unit stands in current publications: of one organiser or all, in full of one year or all."""
    own = Q(**{ORGANISER.path: Asked("organiser", BigIntegerField())}) if of_organiser else Q()
    year = Q(**{f"{YEAR.path}__year": Asked("year", IntegerField())})
    parts = (
        Q(scope__kind__in=[ScopeKind.PART, ScopeKind.AREA]) & year
        if of_year
        else Q(scope__kind=ScopeKind.PART)
    )
    above = [one for one in ABOVE if one is not ORGANISER or not of_organiser]
    return Prepared(
        lambda: (
            Standing.objects.filter(own, Q(scope__kind=ScopeKind.TOTAL) | parts, unit=UNIT)
            .filter(**{f"{YEAR.path}__current_publication": F(PUBLICATION.path)})
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


def _grouped(rows: Iterable[Row], key: Callable[[Row], Hashable]) -> list[list[Row]]:
    groups: dict[Hashable, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return list(groups.values())


def _by_rank(result: UnitResult) -> tuple[bool, int, str]:
    place = result.place
    return (place is None, place or 0, result.sort_key)


@cache
def _above_units(organiser: str, year: int, language: str | None) -> str:
    """Return the address below which the dashboards of a year's units are."""
    return reverse("reports:dashboard", args=[organiser, year, "0"]).removesuffix("0/")


def _figure(value: Any) -> Figure | None:
    return None if value is None else Figure(value)


def _stated(year: AssessmentYear, rows: list[OfficialResult], unit: Unit | None = None) -> UnitResult:
    """Merge what several documents say of one unit and year: an exact figure goes before a derived one."""
    rows = sorted(rows, key=lambda r: r.quality == Quality.DERIVED)

    def figure(name: str) -> Figure | None:
        for row in rows:
            value = getattr(row, name)
            if value is not None:
                return Figure(value, row.quality_of(name), row.wording_of(name), row.source, row.note)
        return None

    def plain(name: str) -> Any:
        found = figure(name)
        return found.value if found else None

    rank_of = plain("rank_of") or year.printed_roster_size
    parts = tuple(
        PartResult(
            key=key,
            title=title,
            points=figure(f"{key}_points"),
            maximum=plain(f"{key}_max"),
            rank=figure(f"{key}_rank"),
            rank_of=rank_of,
            points_change=figure(f"{key}_change"),
        )
        for key, title in (("appraised", _("Điểm thẩm định")), ("survey", _("Điểm điều tra xã hội học")))
    )
    unit = unit or rows[0].unit
    return UnitResult(
        unit=unit,
        unit_name=unit.full_name,
        year=year,
        total=figure("total"),
        maximum=plain("total_max") or _whole(parts),
        rank=figure("rank"),
        rank_of=rank_of,
        points_change=figure("total_change"),
        rank_change=figure("rank_change"),
        grade=term(next((r.grade for r in rows if r.grade), "")),
        position=term(next((r.position for r in rows if r.position), "")),
        parts=tuple(p for p in parts if p.points or p.points_change or p.rank),
        sources=tuple({r.source_id: r.source for r in rows}.values()),
    )


def _whole(parts: tuple[PartResult, ...]) -> Decimal | None:
    """The maximum of a total is that of its parts together, where all are printed (70 + 30)."""
    maxima = [p.maximum for p in parts]
    return None if None in maxima else sum((m for m in maxima if m is not None), Decimal(0))
