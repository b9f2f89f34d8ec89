"""How far is a unit from what it wants to reach? Each target with the figure it is measured by, and what remains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Q

from districts.models import Unit
from reports.models import DossierCount, Observation, Satisfaction, Scope, ScopeKind, Standing, Target
from reports.numbers_vi import number, percent, rank

from .dossiers import DossierSummary, summary_of

Measure = Target.Measure
# The rate of the dossiers by the label that summaries.dossiers gives it.
RATES = {Measure.ON_TIME: "Trước và đúng hạn", Measure.ONLINE: "Nộp trực tuyến", Measure.DIGITISED: "Số hóa"}
IN_PERCENT = frozenset({Measure.ON_TIME, Measure.ONLINE, Measure.DIGITISED, Measure.SATISFACTION})


@dataclass(frozen=True)
class Now:
    """What a measure says now: the value, in words, and of which period."""

    value: Decimal
    words: str
    of: str = ""


@dataclass(frozen=True)
class Progress:
    """A target with where it stands: `is_met` None where nothing can be said yet."""

    target: Target
    wanted: str
    now: Now | None
    is_met: bool | None
    remaining: str = ""

    @property
    def words(self) -> str:
        if self.is_met is None:
            return "chưa có số liệu" if self.now is None else "theo dõi"
        return "đạt" if self.is_met else "chưa đạt"


def targets_of(unit: Unit, year: int | None = None) -> list[Progress]:
    """Return a unit's targets, the latest year first; the queries do not grow with their number."""
    targets = Target.objects.filter(unit=unit).select_related("indicator")
    if year is not None:
        targets = targets.filter(year=year)
    wanted = list(targets)
    years = {target.year for target in wanted}
    figures = _Figures(unit, years) if wanted else None
    return [_progress(target, figures.now(target) if figures else None) for target in wanted]


class _Figures:
    """The figures that a unit's targets of some years are measured by, read together."""

    def __init__(self, unit: Unit, years: Iterable[int]) -> None:
        wanted = set(years)
        standings = Standing.objects.filter(
            unit=unit,
            scope__kind=ScopeKind.TOTAL,
            scope__publication__assessment_year__year__in=wanted,
            scope__publication__assessment_year__current_publication=F("scope__publication"),
        ).select_related("scope__publication__assessment_year")
        self.standings = {row.scope.publication.assessment_year.year: row for row in standings}
        # What the unit has entered counts, public or not: these are its own pages.
        within = Q(unit=unit, ends_on__year__in=wanted, release=None)
        self.dossiers = self._dossiers(
            DossierCount.objects.filter(within, field=None, scope=Scope.OWN).select_related("source")
        )
        self.satisfaction = self._latest(Satisfaction.objects.filter(within, scope=Scope.OWN))
        self.observations: dict[tuple[int, int], Observation] = {}
        for row in Observation.objects.filter(within, scope=Scope.OWN).order_by("ends_on", "pk"):
            self.observations[row.indicator_id, row.ends_on.year] = row

    def now(self, target: Target) -> Now | None:
        """Return where a target's measure stands, None where it is not known."""
        readers: Mapping[str, Callable[[Target], Now | None]] = {
            Measure.RANK: self._rank,
            Measure.PLACES_UP: self._places,
            Measure.TOTAL: self._total,
            Measure.SATISFACTION: self._satisfied,
            Measure.INDICATOR: self._indicator,
        }
        return readers.get(target.measure, self._rate)(target)

    def _rank(self, target: Target) -> Now | None:
        row = self.standings.get(target.year)
        if row is None or row.rank is None:
            return None
        return Now(Decimal(row.rank), rank(row.rank, row.scope.publication.roster_size), f"năm {target.year}")

    def _places(self, target: Target) -> Now | None:
        row = self.standings.get(target.year)
        if row is None or row.rank_change is None:
            return None
        change = Decimal(row.rank_change)
        return Now(change, f"{number(change)} bậc", f"năm {target.year}")

    def _total(self, target: Target) -> Now | None:
        row = self.standings.get(target.year)
        if row is None or row.points is None:
            return None
        return Now(row.points, number(row.points), f"năm {target.year}")

    def _rate(self, target: Target) -> Now | None:
        summary = self.dossiers.get(target.year)
        label = RATES[Measure(target.measure)]
        found = next((r.percent for r in summary.rates if r.label == label), None) if summary else None
        return None if found is None or summary is None else Now(found, percent(found), summary.label)

    def _satisfied(self, target: Target) -> Now | None:
        row = self.satisfaction.get(target.year)
        if row is None:
            return None
        share = row.percent
        if row.satisfied is not None and row.respondents:
            share = Decimal(100) * row.satisfied / row.respondents
        return None if share is None else Now(share, percent(share), str(row.get_kind_display()))

    def _indicator(self, target: Target) -> Now | None:
        row = self.observations.get((target.indicator_id or 0, target.year))
        if row is None:
            return None
        if row.value is not None:
            return Now(row.value, number(row.value), f"{row.ends_on:%d/%m/%Y}")
        if row.numerator is None or not row.denominator:
            return None
        share = Decimal(100) * row.numerator / row.denominator
        words = f"{number(row.numerator)}/{number(row.denominator)} ({percent(share)})"
        return Now(share, words, f"{row.ends_on:%d/%m/%Y}")

    @staticmethod
    def _dossiers(rows: Iterable[DossierCount]) -> dict[int, DossierSummary]:
        by_year: dict[int, list[DossierCount]] = {}
        for row in rows:
            by_year.setdefault(row.ends_on.year, []).append(row)
        return {year: summary_of(Scope.OWN, found) for year, found in by_year.items()}

    @staticmethod
    def _latest(rows: Iterable[Satisfaction]) -> dict[int, Satisfaction]:
        """Return one row a year: a survey goes before turns at the counter, the latest before earlier ones."""
        order = (Satisfaction.Kind.RATING, Satisfaction.Kind.SURVEY, Satisfaction.Kind.SIPAS)
        best: dict[int, Satisfaction] = {}
        for row in sorted(rows, key=lambda one: (order.index(Satisfaction.Kind(one.kind)), one.ends_on)):
            best[row.ends_on.year] = row
        return best


def _progress(target: Target, now: Now | None) -> Progress:
    wanted = _wanted(target)
    if now is None:
        return Progress(target, wanted, None, None)
    goal = target.value
    if goal is None:
        # "Thăng hạng" alone: any place up will do.
        is_met = now.value > 0 if target.measure == Measure.PLACES_UP else None
        return Progress(target, wanted, now, is_met)
    falls = target.measure == Measure.RANK or (
        target.indicator is not None and target.indicator.direction == "down"
    )
    is_met = now.value <= goal if falls else now.value >= goal
    return Progress(target, wanted, now, is_met, "" if is_met else _remaining(target, abs(goal - now.value)))


def _wanted(target: Target) -> str:
    if target.value is None:
        return target.note or str(target.get_measure_display())
    return percent(target.value) if target.measure in IN_PERCENT else number(target.value, 4)


def _remaining(target: Target, gap: Decimal) -> str:
    if target.measure in (Measure.RANK, Measure.PLACES_UP):
        return f"còn {number(gap)} bậc"
    if target.measure in IN_PERCENT:
        return f"còn {number(gap)} điểm phần trăm"
    return f"còn {number(gap, 4)} điểm" if target.measure == Measure.TOTAL else f"còn {number(gap, 4)}"
