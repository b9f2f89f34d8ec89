"""Which units are like one? And how does a group spread: mean, median, quartiles. Pure.

A unit's profile is its share of the maximum in each area. The distance of two units is the mean absolute difference of
their shares over the areas both have, in percentage points: 0 is the same profile. It says nothing of who is better.

Worked example: A has 80 % and 60 % in two areas, B 90 % and 60 %, C 70 % and 90 %. A and B are (10 + 0) / 2 = 5 points
apart, A and C (10 + 30) / 2 = 20: B is like A.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
# Share of the maximum, 0–1, by area.
Profile = Mapping[str, Fraction]


def distance(one: Profile, other: Profile) -> Fraction | None:
    """Return how far apart two profiles are in percentage points, None where they share no area."""
    common = one.keys() & other.keys()
    if not common:
        return None
    return 100 * sum((abs(one[key] - other[key]) for key in common), Fraction(0)) / len(common)


def nearest(of: Key, profiles: Mapping[Key, Profile], number: int) -> list[tuple[Key, Fraction]]:
    """Return the `number` nearest to one, the nearest first, each with its distance; equal ones in the given order."""
    own = profiles.get(of, {})
    found = [
        (key, away)
        for key, profile in profiles.items()
        if key != of and (away := distance(own, profile)) is not None
    ]
    return sorted(found, key=lambda pair: pair[1])[:number]


@dataclass(frozen=True)
class Spread:
    """How values lie: quartiles by linear interpolation (as spreadsheets' QUARTILE.INC), exact."""

    count: int
    least: Decimal
    lower: Fraction
    median: Fraction
    upper: Fraction
    most: Decimal
    mean: Fraction


def spread(values: Sequence[Decimal]) -> Spread | None:
    """Return how values lie, None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    lower, median, upper = (_quantile(ordered, Fraction(n, 4)) for n in (1, 2, 3))
    mean = sum((Fraction(value) for value in ordered), Fraction(0)) / len(ordered)
    return Spread(len(ordered), ordered[0], lower, median, upper, ordered[-1], mean)


def _quantile(ordered: Sequence[Decimal], share: Fraction) -> Fraction:
    place = share * (len(ordered) - 1)
    below = int(place)
    if below + 1 == len(ordered):
        return Fraction(ordered[below])
    low, high = Fraction(ordered[below]), Fraction(ordered[below + 1])
    return low + (high - low) * (place - below)
