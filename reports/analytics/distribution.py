"""Distributions, comparisons and simulations over published figures. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

# Widths a reader can name, in points.
BIN_WIDTHS = tuple(Decimal(w) for w in ("0.5", "1", "2", "5", "10", "20"))


@dataclass(frozen=True)
class Bin:
    """How many values lie from `low` up to but not including `high`."""

    low: Decimal
    high: Decimal
    count: int


def histogram(values: Sequence[Decimal], *, most_bins: int = 12) -> list[Bin]:
    """Return equal bins over all values, empty ones included, of the least width that needs few enough.

    `values` are points; at most `most_bins` bins; a value on a border counts in the upper bin.
    """
    if not values:
        return []
    for width in BIN_WIDTHS:
        first, last = _floor(min(values), width), _floor(max(values), width)
        number = int((last - first) / width) + 1
        if number <= most_bins:
            break
    counts = [0] * number
    for value in values:
        counts[int((value - first) / width)] += 1
    return [Bin(first + i * width, first + (i + 1) * width, count) for i, count in enumerate(counts)]


def _floor(value: Decimal, width: Decimal) -> Decimal:
    return (value / width).to_integral_value(ROUND_FLOOR) * width
