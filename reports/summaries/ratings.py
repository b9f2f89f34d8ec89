"""What the desks of a unit have counted, by month; and what they make of a month as one figure of the unit."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.utils import timezone

from districts.models import Unit
from reports import scale
from reports.models import Desk, Rating, RatingComment, Satisfaction, Scope
from reports.periods import Period

MOST_COMMENTS = 200


@dataclass(frozen=True)
class Tally:
    """Answers on one scale: how many at each of its levels."""

    levels: int
    counts: tuple[tuple[int, int], ...]

    @property
    def respondents(self) -> int:
        return sum(n for _level, n in self.counts)

    @property
    def satisfied(self) -> int:
        return scale.satisfied(dict(self.counts), self.levels)

    @property
    def lines(self) -> list[tuple[str, int]]:
        """Return every level of the scale in words with its count, the highest first."""
        found = dict(self.counts)
        return [(words, found.get(level, 0)) for level, words in scale.choices(self.levels)]


@dataclass(frozen=True)
class Counted:
    """What was answered in one place and time, scale by scale."""

    tallies: tuple[Tally, ...]

    @property
    def respondents(self) -> int:
        return sum(tally.respondents for tally in self.tallies)

    @property
    def satisfied(self) -> int:
        return sum(tally.satisfied for tally in self.tallies)

    @property
    def level_counts(self) -> dict[str, int]:
        """Return the counts by level as a figure stores them; nothing where two scales cannot be put together."""
        if len(self.tallies) != 1:
            return {}
        tally = self.tallies[0]
        found = dict(tally.counts)
        return {str(level): found.get(level, 0) for level in range(1, tally.levels + 1)}


@dataclass(frozen=True)
class DeskMonth:
    desk: Desk
    counted: Counted


@dataclass(frozen=True)
class RatingMonth:
    """A month of a unit: all its desks together, each desk, and the figure that was made of it, if any."""

    period: Period
    counted: Counted
    desks: tuple[DeskMonth, ...]
    row: Satisfaction | None

    @property
    def is_over(self) -> bool:
        """Return whether the month can be a figure: nobody can answer in it any more."""
        return self.period.end < timezone.localdate()

    @property
    def is_confirmed(self) -> bool:
        """Return whether the unit's figure says what the desks counted."""
        row = self.row
        return row is not None and (row.satisfied, row.respondents) == (
            self.counted.satisfied,
            self.counted.respondents,
        )


def months_of_desks(unit: Unit, *, first: dt.date | None = None) -> list[RatingMonth]:
    """Return the months in which a unit's desks were answered at, the newest first. Three queries.

    `first` leaves out the months before it.
    """
    rows = Rating.objects.filter(desk__unit=unit)
    if first is not None:
        rows = rows.filter(on__gte=first)
    counted = (
        rows.annotate(month=TruncMonth("on"))
        .values_list("month", "desk_id", "levels", "level")
        .annotate(n=Count("pk"))
        .order_by("month", "desk_id", "levels", "level")
    )
    desks = {desk.pk: desk for desk in Desk.objects.filter(unit=unit)}
    known = {row.starts_on: row for row in figures_of_desks(unit)}
    by_month: dict[dt.date, list[tuple[int, int, int, int]]] = {}
    for month, desk_id, levels, level, n in counted:
        by_month.setdefault(month, []).append((desk_id, levels, level, n))
    return [
        _month(month, by_month[month], desks, known.get(month)) for month in sorted(by_month, reverse=True)
    ]


def figures_of_desks(unit: Unit) -> Iterable[Satisfaction]:
    """Return the monthly figures of the unit's own ratings that are in work."""
    rows = Satisfaction.objects.in_work().filter(
        unit=unit, source__reported_by=unit, kind=Satisfaction.Kind.RATING, scope=Scope.OWN
    )
    return [row for row in rows if Period(row.starts_on, row.ends_on).shape[0] == "month"]


def comments_of(unit: Unit, state: str) -> list[RatingComment]:
    """Return what was last written at a unit's desks and is in that state, the newest first. One query."""
    rows = RatingComment.objects.filter(rating__desk__unit=unit, state=state)
    return list(rows.select_related("rating__desk").order_by("-rating__on", "-pk")[:MOST_COMMENTS])


def comments_waiting(unit: Unit) -> int:
    """Return how many comments at a unit's desks nobody has moderated yet. One query."""
    return RatingComment.objects.filter(rating__desk__unit=unit, state=RatingComment.State.WAITING).count()


def _month(
    start: dt.date, rows: list[tuple[int, int, int, int]], desks: dict[int, Desk], row: Satisfaction | None
) -> RatingMonth:
    by_desk: dict[int, list[tuple[int, int, int]]] = {}
    for desk_id, levels, level, n in rows:
        by_desk.setdefault(desk_id, []).append((levels, level, n))
    return RatingMonth(
        period=Period(start, start.replace(day=calendar.monthrange(start.year, start.month)[1])),
        counted=_counted([rest for own in by_desk.values() for rest in own]),
        desks=tuple(
            DeskMonth(desks[pk], _counted(own))
            for pk, own in sorted(by_desk.items(), key=lambda item: desks[item[0]].name)
        ),
        row=row,
    )


def _counted(rows: list[tuple[int, int, int]]) -> Counted:
    scales: dict[int, Counter[int]] = {}
    for levels, level, n in rows:
        scales.setdefault(levels, Counter())[level] += n
    return Counted(tuple(Tally(levels, tuple(sorted(n.items()))) for levels, n in sorted(scales.items())))
