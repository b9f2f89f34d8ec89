"""A unit's dossiers of a year in full: month by month, tier by tier, field by field, and beside the other units."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import DateField, F, Q, QuerySet

from districts import access
from districts.engine import Among, Keys
from districts.models import Level, Organiser, Unit
from districts.prepared import Asked, Prepared
from reports.models import DossierCount, Quality, Scope
from reports.periods import Period
from reports.row_checks import ADDED

from .contents import UNIT, rows_of
from .dossiers import (
    LABELS,
    DossierSummary,
    Rate,
    finest_rows,
    label_of_row,
    percent_of,
    period_label,
    period_of,
    shares,
    summary_of,
)
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


class OtherCounts(NamedTuple):
    """What another unit is compared by of one of its rows."""

    unit_id: int
    scope: str
    starts_on: dt.date
    ends_on: dt.date
    is_reported: bool
    quality: str
    qualified: dict[str, dict[str, str]]
    received_online: int | None
    received_direct: int | None
    resolved: int | None
    resolved_early: int | None
    resolved_on_time: int | None
    on_time_or_early: int | None
    returned: int | None
    digitised_on_receipt: int | None
    digitised_results: int | None

    def exact(self, name: str) -> int | None:
        """Return a count where it is known exactly."""
        quality = self.qualified.get(name, {}).get("quality", self.quality)
        return getattr(self, name) if quality == Quality.EXACT else None


COUNTED = OtherCounts._fields[7:]
FIRST_DAY, LAST_DAY = Asked("first_day", DateField()), Asked("last_day", DateField())


def _public(*whose: Q | Among, **more: Any) -> QuerySet[DossierCount]:
    found = DossierCount.objects.public().filter(*whose, ends_on__lte=LAST_DAY, **more)
    return found.order_by("starts_on", "pk").select_related("source")


# Of the year before only the totals are looked at.
OWN = Prepared(
    lambda: _public(
        Q(ends_on__gte=Asked("new_year", DateField())) | Q(field=None), unit=UNIT, ends_on__gte=FIRST_DAY
    ).select_related("source", "field")
)
OTHERS = Prepared(
    lambda: (
        _public(Among(F("unit"), Asked("units", Keys())), field=None, ends_on__gte=FIRST_DAY)
        .annotate(is_reported=Q(source__reported_by__isnull=False))
        .values_list(*OtherCounts._fields)
    )
)
YEARS: Prepared[tuple[int]] = Prepared(
    lambda: (
        DossierCount.objects.public()
        .filter(unit=UNIT)
        .order_by("-ends_on__year")
        .values_list("ends_on__year")
        .distinct()
    )
)
COMMUNES = Prepared(
    lambda: _public(
        unit__parent=UNIT, unit__level=Level.COMMUNE, scope=Scope.OWN, field=None, ends_on__gte=FIRST_DAY
    )
)


def dossier_years(unit: Unit) -> list[int]:
    """Return the years of which a unit has public dossiers, newest first. One query."""
    return [year for (year,) in rows_of(unit, YEARS)]


def dossier_detail(organiser: Organiser, year: int, unit: Unit) -> DossierDetail | None:
    """Return a unit's public dossiers of a year; None where there are none. A constant number of queries."""
    rows = rows_of(unit, OWN, new_year=dt.date(year, 1, 1), **_days(year - 1, year))
    for row in rows:
        row.unit = unit
    this_year = [row for row in rows if row.ends_on.year == year]
    if not this_year:
        return None
    others = _Others(organiser, unit)
    scopes = [
        _scope(others, scope, this_year, rows)
        for scope in Scope.values
        if any(row.scope == scope for row in this_year)
    ]
    return DossierDetail(unit, organiser, year, scopes, _roll_up(unit, scopes), this_year)


def _days(first: int, last: int) -> dict[str, dt.date]:
    return {"first_day": dt.date(first, 1, 1), "last_day": dt.date(last, 12, 31)}


class _Others:
    """The organiser's units of the same level with their public totals, and of how many figures are expected."""

    def __init__(self, organiser: Organiser, unit: Unit) -> None:
        self.organiser, self.level = organiser, unit.level
        self._expected: dict[Period, int] = {}
        self._rows: dict[int, list[OtherCounts]] = {}

    def expected(self, period: Period) -> int:
        if period not in self._expected:
            units = expected_units(self.organiser, period)
            self._expected[period] = sum(unit.level == self.level for unit in units)
        return self._expected[period]

    def shares(self, scope: str, period: Period) -> Iterator[dict[str, Decimal | None]]:
        """Yield each unit's shares in percent, of those that have the very same period."""
        by_unit: defaultdict[int, list[OtherCounts]] = defaultdict(list)
        for row in self._public_rows(period.end.year):
            if row.scope == scope:
                by_unit[row.unit_id].append(row)
        for rows in by_unit.values():
            # Of one period a unit's own figures go before what others printed of it.
            chosen = finest_rows(sorted(rows, key=lambda row: row.is_reported))
            if period_of(chosen) == period:
                yield {key: percent_of(*counts) for key, counts in shares(_exact(chosen)).items()}

    def _public_rows(self, year: int) -> list[OtherCounts]:
        if year not in self._rows:
            rows = OTHERS(units=self._units, **_days(year, year))
            self._rows[year] = [OtherCounts(*row) for row in rows]
        return self._rows[year]

    @cached_property
    def _units(self) -> list[int]:
        return access.keys_assessed_by(self.organiser, self.level)


def _exact(rows: Sequence[OtherCounts]) -> dict[str, int]:
    """Return the counts of one row that are exact, or the sums of several, as `summary_of` does."""
    if len(rows) == 1:
        found = {name: rows[0].exact(name) for name in COUNTED}
    else:
        columns = zip(COUNTED, zip(*(row[-len(COUNTED) :] for row in rows), strict=True), strict=True)
        found = {name: None if None in values else sum(values) for name, values in columns}
    return {name: value for name, value in found.items() if value is not None}


def _scope(
    others: _Others, scope: str, rows: Sequence[DossierCount], both_years: Sequence[DossierCount]
) -> ScopeDetail:
    own = [row for row in rows if row.scope == scope]
    totals = [row for row in own if row.field_id is None] or own
    summary = summary_of(scope, totals)
    return ScopeDetail(
        summary=summary,
        months=_months(summary, both_years),
        fields=_fields(scope, own),
        compared=_compared(summary, others),
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


def _compared(summary: DossierSummary, others: _Others) -> list[Compared]:
    """Compare with the plain mean of the units' rates, of those units that have the very same period."""
    known = [rate for rate in summary.rates if rate.key in COMPARED and rate.percent is not None]
    if not known:
        return []
    of_units = list(others.shares(summary.scope, summary.period))
    found = []
    for rate in known:
        percents = [percent for one in of_units if (percent := one[rate.key]) is not None]
        mean = sum(percents, Decimal(0)) / len(percents) if percents else None
        found.append(Compared(rate, mean, len(percents), max(others.expected(summary.period), len(percents))))
    return found


def _roll_up(unit: Unit, scopes: Sequence[ScopeDetail]) -> RollUp | None:
    """Add up what the unit's communes have made public themselves, over the period of its own figure for them."""
    block = next((one.summary for one in scopes if one.summary.scope == Scope.COMMUNES), None)
    period = block.period if block else max((one.summary.period for one in scopes), default=None)
    if period is None:
        return None
    by_unit: dict[int, list[DossierCount]] = defaultdict(list)
    for row in COMMUNES(unit=unit.pk, **_days(period.end.year, period.end.year)):
        by_unit[row.unit_id].append(row)
    same = [one for own in by_unit.values() if (one := summary_of(Scope.OWN, own)).period == period]
    if not same:
        return None
    return RollUp(period, len(same), unit.children.filter(level=Level.COMMUNE).count(), _sums(same, block))


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
