"""Who stands where, and who moved? Places, spread and movement from figures; no Django here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)
Number = Decimal | Fraction


class RankingRule(StrEnum):
    """What follows a tie; mirrors reports.models.RankingRule."""

    COMPETITION = "competition"
    DENSE = "dense"


@dataclass(frozen=True)
class Place:
    """A rank, 1 being the best; None for a unit without a figure."""

    rank: int | None = None
    is_tied: bool = False


@dataclass(frozen=True)
class Spread:
    """How the figures of a scope are distributed; `mean` is exact."""

    count: int
    mean: Fraction
    best: Decimal
    lowest: Decimal


class Reason(StrEnum):
    """Why a movement is not given; mirrors reports.models.NoMovement."""

    FIRST = "first"
    NO_FIGURE = "no_figure"
    MERGED = "merged"
    SCALE = "scale"


@dataclass(frozen=True)
class Position:
    """A unit's published figure in one scope of one publication."""

    points: Decimal | None
    maximum: Decimal | None
    rank: int | None


@dataclass(frozen=True)
class Movement:
    """Change since the publication before: positive points were gained, positive places climbed."""

    points: Decimal | None = None
    places: int | None = None
    reason: Reason | None = None


def places(values: Mapping[Key, Number | None], rule: RankingRule) -> dict[Key, Place]:
    """Return the place of every key, the highest value first; a key without a value is unranked.

    Competition ranks are SQL's rank() (1-2-2-4), dense ranks its dense_rank() (1-2-2-3). Values must come
    rounded or unrounded as the year declares: equal values tie.
    """
    counts = Counter(Fraction(value) for value in values.values() if value is not None)
    ranks: dict[Fraction, int] = {}
    ahead = 0
    for value in sorted(counts, reverse=True):
        ranks[value] = ahead + 1
        ahead += counts[value] if rule == RankingRule.COMPETITION else 1
    return {
        key: Place() if value is None else Place(ranks[Fraction(value)], counts[Fraction(value)] > 1)
        for key, value in values.items()
    }


def spread(values: Iterable[Decimal | None]) -> Spread | None:
    """Return the mean and the extremes of the figures there are, None where there are none."""
    known = [value for value in values if value is not None]
    if not known:
        return None
    mean = sum((Fraction(value) for value in known), Fraction(0)) / len(known)
    return Spread(len(known), mean, max(known), min(known))


def movement(
    now: Position, before: Position | None, *, is_merged: bool = False, is_ranked: bool = True
) -> Movement:
    """Return the change between two publications of the same organiser and group, or why there is none.

    `before` is None where the unit was not in the earlier publication. A unit that took in or gave up
    territory in between is not compared, nor are figures out of different maxima. What is not ranked moves in
    points only.
    """
    if is_merged:
        return Movement(reason=Reason.MERGED)
    if before is None:
        return Movement(reason=Reason.FIRST)
    if now.points is None or before.points is None:
        return Movement(reason=Reason.NO_FIGURE)
    if now.maximum != before.maximum:
        return Movement(reason=Reason.SCALE)
    change = now.points - before.points
    if not is_ranked:
        return Movement(change)
    if now.rank is None or before.rank is None:
        return Movement(reason=Reason.NO_FIGURE)
    return Movement(change, before.rank - now.rank)
