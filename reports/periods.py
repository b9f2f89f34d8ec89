"""Reporting periods: which of several make up a year without overlapping, and what they are called. Pure."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

DAY = dt.timedelta(days=1)
Shape = Literal["year", "half", "quarter", "month", "months_from_january", "other"]


@dataclass(frozen=True, order=True)
class Period:
    """From `start` to `end`, both included."""

    start: dt.date
    end: dt.date

    @property
    def days(self) -> int:
        return (self.end - self.start).days + 1

    @property
    def shape(self) -> tuple[Shape, int]:
        """Return how reports name the period, with the number of the half, quarter or month, or of months."""
        ends_month = self.end.day == calendar.monthrange(self.end.year, self.end.month)[1]
        if self.start.day != 1 or not ends_month or self.start.year != self.end.year:
            return "other", 0
        months = self.end.month - self.start.month + 1
        if months == 12:
            return "year", self.end.year
        if months == 6 and self.start.month in (1, 7):
            return "half", 1 if self.start.month == 1 else 2
        if months == 3 and self.start.month % 3 == 1:
            return "quarter", self.end.month // 3
        if months == 1:
            return "month", self.end.month
        if self.start.month == 1:
            return "months_from_january", months
        return "other", 0


def named_period(shape: Shape, number: int, year: int) -> Period:
    """Return the period that reports call so: ("quarter", 2, 2025); `number` does not matter for a year.

    Raises ValueError where there is none, as for a fifth quarter.
    """
    months = {"year": 12, "half": 6, "quarter": 3, "month": 1, "months_from_january": number}.get(shape)
    if months is None or not 1 <= months <= 12:
        raise ValueError(f"no period {shape} {number}")
    last = {"year": 12, "months_from_january": number}.get(shape, number * months)
    first = last - months + 1
    if first < 1 or last > 12:
        raise ValueError(f"no period {shape} {number}")
    return Period(dt.date(year, first, 1), dt.date(year, last, calendar.monthrange(year, last)[1]))


def finest_series(periods: Iterable[Period]) -> list[Period]:
    """Return the adjoining periods that cover most days, the finest where several do; never two that overlap.

    Periods that overlap are never added up (a year beside its months is one fact told twice), so exactly one
    chain is chosen: the longest in days, then the one of most pieces, then the earliest.
    """
    best: dict[dt.date, list[Period]] = {}
    ordered = sorted(set(periods), key=lambda p: (p.start, p.end))
    for period in ordered:
        chain = [*best.get(period.start - DAY, []), period]
        known = best.get(period.end)
        if known is None or _weight(chain) > _weight(known):
            best[period.end] = chain
    return max(best.values(), key=_weight, default=[])


def _weight(chain: list[Period]) -> tuple[int, int, int]:
    return (sum(p.days for p in chain), len(chain), -chain[0].start.toordinal())
