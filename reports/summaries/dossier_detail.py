"""A unit's dossiers of a year in full: month by month, tier by tier, field by field, and beside the other units."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet

from districts import access
from districts.models import Level, Organiser, Unit
from reports.models import DossierCount, Scope
from reports.periods import Period
from reports.row_checks import ADDED

from .dossiers import LABELS, DossierSummary, Rate, label_of_row, period_label, summary_of
from .entered import expected_units

# The rates that units are compared by.
COMPARED = ("on_time", "early", "online", "digitised_on_receipt", "digitised_results", "returned")


@dataclass(frozen=True)
class FieldLine:
    """One field's dossiers over the shown period, and how many of those resolved were late."""

    name: str
    summary: DossierSummary

    def count(self, name: str) -> int | None:
        figure = self.summary.counts.get(name)
        return figure.value if figure else None

    @property
    def resolved(self) -> int | None:
        return self.count("resolved")

    @property
    def late(self) -> int | None:
        return self.count("resolved_late")

    @property
    def pending_late(self) -> int | None:
        return self.count("pending_late")

    @property
    def late_rate(self) -> Decimal | None:
        """Return the share of the resolved that were late, in percent."""
        if self.late is None or not self.resolved:
            return None
        return Decimal(100) * self.late / self.resolved


@dataclass(frozen=True)
class Compared:
    """A rate beside the mean of the organiser's units that have the same period: `units` of `of`."""

    rate: Rate
    mean: Decimal | None
    units: int
    of: int

    @property
    def difference(self) -> Decimal | None:
        """Return by how many percentage points it is above the mean."""
        own = self.rate.percent
        return None if own is None or self.mean is None else own - self.mean


@dataclass(frozen=True)
class RollUp:
    """What communes report themselves, added up, beside the unit's own figure for them: columns that both have."""

    period: Period
    units: int
    of: int
    lines: Sequence[tuple[str, int, int | None]]

    @property
    def label(self) -> str:
        return period_label(self.period)


@dataclass(frozen=True)
class Month:
    """What was resolved and received in one period of the year and in the same one of the year before."""

    label: str
    row: DossierCount
    before: DossierCount | None


@dataclass(frozen=True)
class ScopeDetail:
    """One tier: its summary, its months, its fields by lateness, its rates beside the organiser's mean."""

    summary: DossierSummary
    months: Sequence[Month]
    fields: Sequence[FieldLine]
    compared: Sequence[Compared]


@dataclass(frozen=True)
class DossierDetail:
    unit: Unit
    organiser: Organiser
    year: int
    scopes: Sequence[ScopeDetail]
    roll_up: RollUp | None
    rows: Sequence[DossierCount]

    @property
    def tiers(self) -> list[tuple[str, list[Rate | None]]]:
        """Return each rate with its value in every scope, side by side; the scopes are those of `scopes`."""
        labels = {rate.key: rate for one in self.scopes for rate in one.summary.rates}
        return [
            (
                f"{rate.label} ({rate.of})",
                [next((r for r in one.summary.rates if r.key == key), None) for one in self.scopes],
            )
            for key, rate in labels.items()
        ]


def dossier_detail(organiser: Organiser, year: int, unit: Unit) -> DossierDetail | None:
    """Return a unit's public dossiers of a year; None where there are none. A constant number of queries."""
    # Of the year before only the totals are looked at.
    shown = Q(unit=unit) & (Q(ends_on__year=year) | Q(field=None))
    rows = list(_public(shown, (year - 1, year)).select_related("source", "field"))
    for row in rows:
        row.unit = unit
    this_year = [row for row in rows if row.ends_on.year == year]
    if not this_year:
        return None
    others = _others(organiser, unit, year)
    expected = _Expected(organiser)
    scopes = [
        _scope(expected, scope, this_year, rows, others)
        for scope in Scope.values
        if any(row.scope == scope for row in this_year)
    ]
    return DossierDetail(unit, organiser, year, scopes, _roll_up(unit, scopes), this_year)


def _public(whose: Q, years: Iterable[int]) -> QuerySet[DossierCount]:
    found = DossierCount.objects.public().filter(whose, ends_on__year__in=list(years))
    return found.order_by("starts_on", "pk")


class _Expected(dict[Period, int]):
    """How many units should have figures of a period; scopes mostly have the same."""

    def __init__(self, organiser: Organiser) -> None:
        super().__init__()
        self.organiser = organiser

    def __missing__(self, period: Period) -> int:
        count = self[period] = len(expected_units(self.organiser, period))
        return count


def _scope(
    expected: _Expected,
    scope: str,
    rows: Sequence[DossierCount],
    both_years: Sequence[DossierCount],
    others: Mapping[str, Mapping[int, list[DossierCount]]],
) -> ScopeDetail:
    own = [row for row in rows if row.scope == scope]
    totals = [row for row in own if row.field_id is None] or own
    summary = summary_of(scope, totals)
    return ScopeDetail(
        summary=summary,
        months=_months(summary, both_years),
        fields=_fields(scope, own),
        compared=_compared(expected, summary, others.get(scope, {})),
    )


def _months(summary: DossierSummary, rows: Sequence[DossierCount]) -> list[Month]:
    before = {
        (row.starts_on, row.ends_on): row
        for row in rows
        if row.scope == summary.scope and row.field_id is None
    }
    return [
        Month(label_of_row(row), row, before.get((_year_before(row.starts_on), _year_before(row.ends_on))))
        for row in summary.months
    ]


def _year_before(day: dt.date) -> dt.date:
    following = day + dt.timedelta(days=1)
    if following.day == 1:
        # The end of a month stays the end of the month, whatever February is like.
        return following.replace(year=following.year - 1) - dt.timedelta(days=1)
    return day.replace(year=day.year - 1, day=min(day.day, 28) if day.month == 2 else day.day)


def _fields(scope: str, rows: Sequence[DossierCount]) -> list[FieldLine]:
    """Return the fields, the one with the greatest share of late dossiers first; unknown shares last."""
    by_field: dict[str, list[DossierCount]] = defaultdict(list)
    for row in rows:
        if row.field is not None:
            by_field[row.field.name].append(row)
    lines = [FieldLine(name, summary_of(scope, own)) for name, own in by_field.items()]
    return sorted(
        lines, key=lambda one: (one.late_rate is None, -(one.late_rate or 0), -(one.late or 0), one.name)
    )


def _others(organiser: Organiser, unit: Unit, year: int) -> dict[str, dict[int, list[DossierCount]]]:
    """Return the public totals of the organiser's units of the same level in a year, by scope and unit."""
    units = access.units_assessed_by(organiser).filter(level=unit.level)
    found: dict[str, dict[int, list[DossierCount]]] = defaultdict(lambda: defaultdict(list))
    for row in _public(Q(unit__in=units.values("pk"), field=None), (year,)).select_related("source"):
        found[row.scope][row.unit_id].append(row)
    return found


def _compared(
    expected: _Expected, summary: DossierSummary, others: Mapping[int, list[DossierCount]]
) -> list[Compared]:
    """Compare with the plain mean of the units' rates, of those units that have the very same period."""
    same = [
        one for rows in others.values() if (one := summary_of(summary.scope, rows)).period == summary.period
    ]
    found = []
    for rate in summary.rates:
        if rate.key not in COMPARED or rate.percent is None:
            continue
        shares = [
            other.percent
            for one in same
            for other in one.rates
            if other.key == rate.key and other.percent is not None
        ]
        mean = sum(shares, Decimal(0)) / len(shares) if shares else None
        found.append(Compared(rate, mean, len(shares), max(expected[summary.period], len(shares))))
    return found


def _roll_up(unit: Unit, scopes: Sequence[ScopeDetail]) -> RollUp | None:
    """Add up what the unit's communes have made public themselves, over the period of its own figure for them."""
    block = next((one.summary for one in scopes if one.summary.scope == Scope.COMMUNES), None)
    period = block.period if block else max((one.summary.period for one in scopes), default=None)
    if period is None:
        return None
    by_unit: dict[int, list[DossierCount]] = defaultdict(list)
    communes = unit.children.filter(level=Level.COMMUNE)
    rows = _public(Q(unit__in=communes.values("pk"), scope=Scope.OWN, field=None), (period.end.year,))
    for row in rows.select_related("source"):
        by_unit[row.unit_id].append(row)
    same = [one for own in by_unit.values() if (one := summary_of(Scope.OWN, own)).period == period]
    if not same:
        return None
    return RollUp(period, len(same), communes.count(), _sums(same, block))


def _sums(
    summaries: Sequence[DossierSummary], block: DossierSummary | None
) -> list[tuple[str, int, int | None]]:
    """Return each column's sum, and the difference of the unit's own figure to it where there is one."""
    found = []
    for name in ADDED:
        values = [one.counts[name].value for one in summaries if name in one.counts]
        if len(values) < len(summaries):
            continue
        total = sum(values)
        own = block.counts.get(name) if block else None
        found.append((str(LABELS[name]), total, own.value - total if own else None))
    return found
