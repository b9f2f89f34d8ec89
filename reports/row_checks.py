"""Do dossier counts agree with each other from period to period, field to field, commune to commune? Pure.

What `checks` is for one row, this is for several. A gap is reported with both sides; nothing is filled in.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from .periods import DAY, Period

# Columns that several fields or communes add up to.
ADDED = (
    *("received", "received_online", "received_direct", "carried_over"),
    *("resolved", "resolved_early", "resolved_on_time", "resolved_late", "on_time_or_early"),
    *("pending", "pending_on_time", "pending_late"),
    *("awaiting_supplement", "suspended", "returned", "withdrawn", "apologised", "rescheduled"),
    *("digitised_on_receipt", "digitised_results"),
)
# What happened in a period: of a longer one it cannot be less.
FLOWS = (
    *("received_online", "received_direct", "resolved", "resolved_early", "resolved_on_time"),
    *("resolved_late", "on_time_or_early", "returned", "withdrawn"),
    *("digitised_on_receipt", "digitised_results"),
)
# What may wait beside column 11 when a period ends.
WAITING = ("awaiting_supplement", "suspended")


class Between(StrEnum):
    """Which rows a gap is between."""

    CARRIED_OVER = "carried_over"
    FIELDS = "fields"
    COMMUNES = "communes"
    TERRITORY = "territory"
    CUMULATIVE = "cumulative"


@dataclass(frozen=True)
class Row:
    """The counts of one row: what is not counted is absent."""

    period: Period
    counts: Mapping[str, int] = field(default_factory=dict)
    convention: str = ""
    # Counts of which the source gives no exact value: they decide nothing.
    inexact: frozenset[str] = frozenset()

    def exact(self, name: str) -> int | None:
        return None if name in self.inexact else self.counts.get(name)


@dataclass(frozen=True)
class RowGap:
    """A column of a row that does not agree with other rows: `left` is the row's own count, `right` the others'.

    `period` is the other row's where it is another. `of` of the rows that should be there `count` are.
    """

    between: Between
    column: str
    left: int
    right: int
    period: Period | None = None
    count: int = 0
    of: int = 0

    @property
    def gap(self) -> int:
        return self.left - self.right


def carried_over(row: Row, others: Iterable[Row]) -> list[RowGap]:
    """Compare column 6 with column 11 of the period that ends the day before.

    Where several end there, any of them may be the one before. A unit that counts waiting dossiers beside column 11
    may carry them over with it.
    """
    left = row.exact("carried_over")
    before = [one for one in others if one.period.end + DAY == row.period.start]
    known = [one for one in before if one.exact("pending") is not None]
    if left is None or not known or any(left in _left_over(one) for one in known):
        return []
    nearest = min(known, key=lambda one: abs(one.period.days - row.period.days))
    right = nearest.counts["pending"]
    return [RowGap(Between.CARRIED_OVER, "carried_over", left, right, nearest.period)]


def _left_over(row: Row) -> set[int]:
    """Return what a period may hand on, by its convention."""
    apart = () if row.convention == "inside" else tuple(row.exact(name) or 0 for name in WAITING)
    sizes = range(len(apart) + 1)
    chosen = (one for size in sizes for one in itertools.combinations(apart, size))
    return {row.counts["pending"] + sum(one) for one in chosen}


def added(whole: Row, parts: Sequence[Row], between: Between, of: int = 0) -> list[RowGap]:
    """Compare each column of a row with the sum of its parts, column by column; `of` parts there should be.

    While parts are missing only a sum that is already too great is a gap.
    """
    found = []
    is_whole = len(parts) >= of
    for column in ADDED:
        left, values = whole.exact(column), [part.exact(column) for part in parts]
        known = [value for value in values if value is not None]
        right = sum(known)
        if left is None or not known:
            continue
        if right > left or (right < left and is_whole and len(known) == len(values)):
            found.append(RowGap(between, column, left, right, count=len(parts), of=of or len(parts)))
    return found


def cumulative(row: Row, others: Iterable[Row]) -> list[RowGap]:
    """Compare what happened in a period with what happened in each part of it."""
    inside = [one for one in others if _lies_within(one.period, row.period)]
    found = []
    for column in FLOWS:
        left = row.exact(column)
        counts = [(right, one.period) for one in inside if (right := one.exact(column)) is not None]
        if left is not None and counts and max(counts)[0] > left:
            right, period = max(counts)
            found.append(RowGap(Between.CUMULATIVE, column, left, right, period))
    return found


def _lies_within(part: Period, whole: Period) -> bool:
    return whole.start <= part.start and part.end <= whole.end and part != whole
