"""An organiser's results across mergers: as published, and restated to the units of its newest year."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.db.models import Q
from django.utils.translation import gettext as _

from districts.models import Organiser, Succession, Unit
from reports.analytics.restated import Former, Gap, Restated, Rule, received, restated
from reports.models import AssessmentYear, DossierCount, Group, Scope
from reports.periods import Period
from reports.scoring import round_half_up

from .dossiers import summary_of
from .organisers import public_years
from .results import UnitResult
from .year_results import results_of_years


@dataclass(frozen=True)
class YearCell:
    """A unit in a year: what was published, or else what it is restated to; dossiers received, own or added up."""

    year: AssessmentYear
    published: UnitResult | None = None
    restated: Restated | None = None
    dossiers: int | None = None

    @property
    def points(self) -> Decimal | None:
        """The restated points with the digits of the year; None where nothing is restated."""
        if self.restated is None or self.restated.points is None:
            return None
        return round_half_up(self.restated.points, self.year.digits)

    @property
    def gap(self) -> str:
        """Return why nothing is restated, "" where something is."""
        if self.restated is None or self.restated.gap is None:
            return ""
        return {
            Gap.NOTHING: _("không có đơn vị tiền thân trong năm"),
            Gap.DIVIDED: _("đơn vị tiền thân bị chia"),
            Gap.NO_POINTS: _("đơn vị tiền thân không có điểm"),
            Gap.NO_DOSSIERS: _("không rõ số hồ sơ của các đơn vị tiền thân"),
            Gap.SCALE: _("thang điểm khác nhau"),
        }[self.restated.gap]


@dataclass(frozen=True)
class Line:
    """A unit through the years."""

    unit: Unit
    unit_name: str
    cells: tuple[YearCell, ...]


@dataclass(frozen=True)
class Family:
    """A unit of the newest year with all that it came from; the years before the break are restated."""

    today: Line
    formers: tuple[Line, ...]


@dataclass(frozen=True)
class AcrossMergers:
    """A group's years, oldest first, with the units of the newest that were made of others."""

    organiser: Organiser
    group: Group
    groups: tuple[Group, ...]
    rule: Rule
    years: tuple[AssessmentYear, ...]
    families: tuple[Family, ...]
    unchanged: int


def across_mergers(organiser: Organiser, rule: Rule, group: str = "") -> AcrossMergers | None:
    """Return an organiser's results restated to its units of today; None without public years.

    Queries grow with years, not with units.
    """
    every = list(public_years().filter(organiser=organiser).order_by("year"))
    groups = {one.group.slug: one.group for one in every}
    if not groups:
        return None
    chosen = groups.get(group) or every[-1].group
    records = _records([one for one in every if one.group_id == chosen.pk])
    before = {pk: [one for one in formers if one in records.units] for pk, formers in records.made_of.items()}
    families = tuple(
        Family(records.restated_line(pk, own, rule), tuple(records.line(one) for one in own))
        for pk, own in before.items()
        if own
    )
    return AcrossMergers(
        organiser,
        chosen,
        tuple(groups.values()),
        rule,
        tuple(records.years),
        families,
        sum(not formers for formers in records.made_of.values()),
    )


@dataclass(frozen=True)
class _Lineage:
    """Who went on as whom until a day; `parts` says of each step whether the main part went there.

    `came_from` has the same steps the other way round, between units of one level, with the year of each.
    """

    parts: Mapping[int, Mapping[int, bool]]
    came_from: Mapping[int, Mapping[int, int]]

    def formers(self, unit: int, since: int = 0) -> list[int]:
        """Return all that a unit came from in the years after `since`, the nearest first."""
        found: dict[int, None] = {}
        waiting = [unit]
        while waiting:
            steps = self.came_from.get(waiting.pop(0), {})
            fresh = [old for old, year in steps.items() if year > since and old not in found and old != unit]
            found |= dict.fromkeys(fresh)
            waiting += fresh
        return list(found)

    def stood_in(self, year: int, unit: int) -> list[int]:
        """Return the units of a year that later went into one: those that themselves came from none since."""
        return [old for old in self.formers(unit, year) if not self.formers(old, year)]

    def is_whole(self, old: int, unit: int, seen: frozenset[int] = frozenset()) -> bool:
        """Tell whether all of a unit went into another, over any number of steps; a circle leads nowhere."""
        news = self.parts.get(old, {})
        return old == unit or (
            len(news) == 1 and old not in seen and self.is_whole(next(iter(news)), unit, seen | {old})
        )

    def is_main(self, old: int, unit: int, seen: frozenset[int] = frozenset()) -> bool:
        """Tell whether the main part of a unit went into another, over any number of steps."""
        return old == unit or any(
            is_main and new not in seen and self.is_main(new, unit, seen | {old})
            for new, is_main in self.parts.get(old, {}).items()
        )


@dataclass(frozen=True)
class _Records:
    """What is known of a group's years: results by year and unit, and where units came from others, their dossiers.

    `made_of` has the units of the newest year, each with all that it came from.
    """

    years: Sequence[AssessmentYear]
    results: Mapping[int, Mapping[int, UnitResult]]
    units: Mapping[int, Unit]
    names: Mapping[int, str]
    made_of: Mapping[int, Sequence[int]]
    dossiers: Mapping[tuple[int, int], int]
    lineage: _Lineage

    def line(self, pk: int) -> Line:
        """Return a unit's results as they were published."""
        cells = tuple(
            YearCell(year, self.results[year.pk].get(pk), None, self.dossiers.get((pk, year.year)))
            for year in self.years
        )
        return Line(self.units[pk], self.names[pk], cells)

    def restated_line(self, pk: int, before: Sequence[int], rule: Rule) -> Line:
        """Return a unit's results with what it is restated to where those it came from had results of their own."""
        cells = []
        for cell in self.line(pk).cells:
            own = [one for one in (pk, *before) if one in self.results[cell.year.pk]]
            # Who has no result of the year has no points, but was there.
            missing = [one for one in self.lineage.stood_in(cell.year.year, pk) if one not in own]
            if own != [pk] or missing:
                formers = [self._former(one, pk, cell.year) for one in (*own, *missing)]
                cell = replace(cell, restated=restated(formers, rule), dossiers=received(formers))
            cells.append(cell)
        return Line(self.units[pk], self.names[pk], tuple(cells))

    def _former(self, pk: int, unit: int, year: AssessmentYear) -> Former:
        result = self.results[year.pk].get(pk)
        total = result.total if result else None
        return Former(
            pk,
            None if total is None or total.is_bound else Decimal(total.value),
            result.maximum if result else None,
            self.dossiers.get((pk, year.year)),
            self.lineage.is_whole(pk, unit),
            self.lineage.is_main(pk, unit),
        )


def _records(years: Sequence[AssessmentYear]) -> _Records:
    results = {
        key: {result.unit.pk: result for result in own} for key, own in results_of_years(years).items()
    }
    every = [result for own in results.values() for result in own.values()]
    units = {result.unit.pk: result.unit for result in every}
    lineage = _lineage(units.values(), dt.date(years[-1].year, 12, 31))
    # What went on before the first year is no merger between years; one within it may be.
    since = years[0].year - 1
    made_of = {pk: lineage.formers(pk, since) for pk in results[years[-1].pk]}
    moved = {one for pk, formers in made_of.items() if formers for one in (pk, *formers)}
    return _Records(
        years,
        results,
        units,
        {result.unit.pk: result.unit_name for result in every},
        made_of,
        _received([units[pk] for pk in moved if pk in units], years),
        lineage,
    )


def _lineage(units: Iterable[Unit], until: dt.date) -> _Lineage:
    edges = Succession.objects.filter(
        predecessor__scheme__in={unit.scheme_id for unit in units},
        successor__isnull=False,
        effective_on__lte=until,
    ).order_by("predecessor__code", "pk")
    parts: dict[int, dict[int, bool]] = defaultdict(dict)
    came_from: dict[int, dict[int, int]] = defaultdict(dict)
    told = ("predecessor", "successor", "is_main_part", "effective_on__year")
    for old, new, is_main, year, above, below in edges.values_list(
        *told, "predecessor__level", "successor__level"
    ):
        parts[old][new] = bool(is_main)
        if above == below:
            came_from[new][old] = year
    for news in parts.values():
        if len(news) == 1:
            news[next(iter(news))] = True
    return _Lineage(parts, came_from)


def _received(units: Iterable[Unit], years: Sequence[AssessmentYear]) -> dict[tuple[int, int], int]:
    """Return the dossiers that units' own offices received in whole years, by unit and year. One query."""
    rows = DossierCount.objects.public().filter(
        Q(unit__in=list(units)), scope=Scope.OWN, field=None, ends_on__year__in=[year.year for year in years]
    )
    by_place: dict[tuple[int, int], list[DossierCount]] = defaultdict(list)
    for row in rows.select_related("source").order_by("pk"):
        by_place[row.unit_id, row.ends_on.year].append(row)
    found = {}
    for place, own in by_place.items():
        told = summary_of(Scope.OWN, own)
        count = told.counts.get("received")
        whole = Period(dt.date(place[1], 1, 1), dt.date(place[1], 12, 31))
        if told.period == whole and count is not None and not count.is_bound:
            found[place] = int(count.value)
    return found
