"""A unit's index result of a year, in one shape: as published here, or as an outside document printed it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from typing import Any, NamedTuple, TypeVar

from django.db.models import (
    BigIntegerField,
    F,
    IntegerField,
    Model,
    Prefetch,
    Q,
    prefetch_related_objects,
)
from django.urls import reverse
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


class Stood(NamedTuple):
    """What a page needs of a Standing, of which a year has thousands."""

    scope: PublishedScope
    unit: Unit
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
        return reverse("reports:dashboard", args=[self.year.organiser.slug, self.year.year, self.unit.code])

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
        self,
        year: AssessmentYear,
        publication: Publication,
        standings: Sequence[Standing | Stood],
        unit: Unit | None = None,
    ) -> None:
        total = next(s for s in standings if s.scope.kind == ScopeKind.TOTAL)
        # As every frozen dataclass does, past its own __setattr__.
        self.__dict__.update(
            year=year,
            publication=publication,
            standings=tuple(standings),
            unit=unit or total.unit,
            unit_name=total.unit_name,
            is_tied=total.is_tied,
            rank_of=publication.roster_size,
            _total=total,
        )

    publication: Publication
    _total: Standing | Stood

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
        return PartResult(
            key=standing.scope.key,
            title=standing.scope.label,
            points=_figure(standing.points),
            maximum=standing.max_points or standing.scope.max_points,
            rank=_figure(standing.rank),
            # A part that is not ranked is out of nothing.
            rank_of=self.rank_of if standing.scope.ranked_count else None,
            points_change=_figure(standing.points_change),
            rank_change=_figure(standing.rank_change),
        )

    @cached_property
    def sources(self) -> tuple[Source, ...]:
        source = self.publication.source
        return (source,) if source else ()


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
        for standings in _grouped(
            _standings(published.values()), lambda s: (s.scope.publication_id, s.unit.pk)
        ):
            publication = published[standings[0].scope.publication_id]
            year = by_key[publication.assessment_year_id]
            found[year.pk].append(PublishedResult(year, publication, standings))
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


def _standings(publications: Iterable[Publication]) -> Iterator[Stood]:
    """Return the standings in totals and parts, in the order of the scopes. Two queries."""
    # Units and scopes repeat with every standing: fetched once each.
    scopes = [scope for publication in publications for scope in publication.scopes.all()]
    found = {scope.pk: scope for scope in scopes if scope.kind in (ScopeKind.TOTAL, ScopeKind.PART)}
    rows = Standing.objects.filter(scope__in=found)
    units = {unit.pk: unit for unit in Unit.objects.filter(pk__in=rows.values("unit"))}
    by_scope: dict[int, list[tuple[Any, ...]]] = {key: [] for key in found}
    for row in rows.values_list("scope_id", "unit_id", *Stood._fields[2:]):
        by_scope[row[0]].append(row)
    for key, own in by_scope.items():
        for row in own:
            yield Stood(found[key], units[row[1]], *row[2:])


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
) -> list[PublishedResult]:
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
        results[scope.publication_id][1].append(Stood(scope, unit, *row[: SCOPE.columns.start]))
    return [
        PublishedResult(publication.assessment_year, publication, standings, unit)
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
    return (result.rank is None, result.rank.value if result.rank else 0, result.unit.sort_key)


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
