"""A unit's index result of a year, in one shape: as published here, or as an outside document printed it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Any, NamedTuple, TypeVar

from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from districts.models import Unit
from reports.models import (
    AssessmentYear,
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

Row = TypeVar("Row")
# What the office knows of a year before, printed figures included, waits for its publication.
PUBLIC_STAGE = AssessmentYear.Stage.PUBLISHED


class Figure(NamedTuple):
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


def grouped(rows: Iterable[Row], key: Callable[[Row], Hashable]) -> list[list[Row]]:
    groups: dict[Hashable, list[Row]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return list(groups.values())


@cache
def _above_units(organiser: str, year: int, language: str | None) -> str:
    """Return the address below which the dashboards of a year's units are."""
    return reverse("reports:dashboard", args=[organiser, year, "0"]).removesuffix("0/")


def _figure(value: Any) -> Figure | None:
    return None if value is None else Figure(value)


def stated_result(year: AssessmentYear, rows: list[OfficialResult], unit: Unit | None = None) -> UnitResult:
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
