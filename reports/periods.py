"""Reporting periods: which of several make up a year without overlapping, and what they are called. Pure."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

DAY = dt.timedelta(days=1)
Shape = Literal["year", "half", "quarter", "month", "months_from_january", "other"]


class Period(NamedTuple):
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


def months_until(last: dt.date, count: int) -> list[Period]:
    """Return months that are over on a day, the latest first."""
    month = named_period("month", last.month, last.year)
    found: list[Period] = []
    while len(found) < count:
        if month.end <= last:
            found.append(month)
        before = month.start - DAY
        month = named_period("month", before.month, before.year)
    return found


def moved(period: Period, steps: int) -> Period | None:
    """Return the month, quarter, half or year that lies so many of its kind later; None for other periods."""
    shape, number = period.shape
    in_a_year = {"year": 1, "half": 2, "quarter": 4, "month": 12}.get(shape)
    if in_a_year is None:
        return None
    place = period.end.year * in_a_year + (0 if shape == "year" else number - 1) + steps
    return named_period(shape, place % in_a_year + 1, place // in_a_year)


class _Chain(NamedTuple):
    """Adjoining periods: what they are compared by, the last of them, and the chain before that."""

    days: int
    pieces: int
    # The earlier, the more.
    start: int
    last: Period
    before: _Chain | None

    @property
    def weight(self) -> tuple[int, int, int]:
        return self[:3]


def finest_series(periods: Iterable[Period]) -> list[Period]:
    """Return the adjoining periods that cover most days, the finest where several do; never two that overlap.

    Periods that overlap are never added up (a year beside its months is one fact told twice), so exactly one
    chain is chosen: the longest in days, then the one of most pieces, then the earliest.
    """
    return list(_finest(frozenset(periods)))


@lru_cache(maxsize=1024)
def _finest(periods: frozenset[Period]) -> tuple[Period, ...]:
    best: dict[dt.date, _Chain] = {}
    for period in sorted(periods):
        before = best.get(period.start - DAY)
        days, pieces, start = before.weight if before else (0, 0, -period.start.toordinal())
        chain = _Chain(days + period.days, pieces + 1, start, period, before)
        known = best.get(period.end)
        if known is None or chain.weight > known.weight:
            best[period.end] = chain
    chain_of_all = max(best.values(), key=lambda chain: chain.weight, default=None)
    return tuple(_pieces(chain_of_all))[::-1]


def _pieces(chain: _Chain | None) -> Iterator[Period]:
    """Yield the periods of a chain, the last first."""
    while chain:
        yield chain.last
        chain = chain.before
