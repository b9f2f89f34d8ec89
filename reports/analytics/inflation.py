"""By how much does a unit score itself above the appraisal, and where do units misjudge alike? Pure.

The inflation of a component is the self-scored less the appraised points, counted only where both are given; below 0
the unit was stricter than the appraisal. Sums are of points; years of other maxima are compared by shares of these.

Worked example: a component of at most 2 points; A claims 2 and gets 1, B claims 2 and gets 1,5, C claims 1 and gets 1.
Two of three over-score, by (1 + 0,5 + 0) / 3 = 0,5 points on average, a quarter of the maximum.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True)
class Judged:
    """A component of a unit's sheet with both values; `maximum` is 0 for what lies outside the scale.

    What a penalty takes off is told as a negative number, so that a claim above the appraisal is always a gain.
    """

    unit: int
    year: int
    area: str
    component: str
    claimed: Decimal
    given: Decimal
    maximum: Decimal

    @property
    def gap(self) -> Decimal:
        return self.claimed - self.given


@dataclass(frozen=True)
class Inflation:
    """What was claimed and given over `counted` components."""

    claimed: Decimal
    given: Decimal
    maximum: Decimal
    counted: int

    @property
    def gap(self) -> Decimal:
        """Return the points claimed above the appraisal; below 0 where the unit was stricter."""
        return self.claimed - self.given

    @property
    def share(self) -> Fraction | None:
        """Return the gap as a share of the maximum of the components counted."""
        return Fraction(self.gap) / Fraction(self.maximum) if self.maximum else None


class Direction(StrEnum):
    """Which way units err together."""

    OVER = "over"
    UNDER = "under"


@dataclass(frozen=True)
class Misjudged:
    """A component which `over` of `counted` units score too high and `under` too low.

    The means are over all units counted, those included whose claim stood.
    """

    component: str
    counted: int
    over: int
    under: int
    mean_gap: Fraction
    mean_share: Fraction

    @property
    def direction(self) -> Direction:
        return Direction.OVER if self.over >= self.under else Direction.UNDER

    @property
    def alike(self) -> int:
        """Return how many units err in the direction of most."""
        return max(self.over, self.under)

    @property
    def share(self) -> Fraction:
        return Fraction(self.alike, self.counted)


def inflations(cells: Iterable[Judged], key: Callable[[Judged], K]) -> dict[K, Inflation]:
    """Return the inflation of each group of cells that `key` makes."""
    groups: dict[K, list[Judged]] = defaultdict(list)
    for cell in cells:
        groups[key(cell)].append(cell)
    return {name: inflation(group) for name, group in groups.items()}


def inflation(cells: Iterable[Judged]) -> Inflation:
    """Return what was claimed and given over cells."""
    rows = list(cells)
    return Inflation(
        claimed=sum((row.claimed for row in rows), Decimal(0)),
        given=sum((row.given for row in rows), Decimal(0)),
        maximum=sum((row.maximum for row in rows), Decimal(0)),
        counted=len(rows),
    )


def misjudged_alike(
    cells: Iterable[Judged], *, least_units: int = 3, least_share: Fraction = Fraction(1, 2)
) -> list[Misjudged]:
    """Return the components that a share of the units misjudges in the same direction, the most alike first.

    Of one year; left out are components with fewer units and those outside the scale.
    """
    by_component: dict[str, list[Judged]] = defaultdict(list)
    for cell in cells:
        if cell.maximum:
            by_component[cell.component].append(cell)
    found = [_misjudged(component, own) for component, own in by_component.items() if len(own) >= least_units]
    alike = [one for one in found if one.alike and one.share >= least_share]
    return sorted(alike, key=lambda one: (-one.share, -abs(one.mean_share), one.component))


def _misjudged(component: str, cells: list[Judged]) -> Misjudged:
    return Misjudged(
        component=component,
        counted=len(cells),
        over=sum(cell.gap > 0 for cell in cells),
        under=sum(cell.gap < 0 for cell in cells),
        mean_gap=sum((Fraction(cell.gap) for cell in cells), Fraction(0)) / len(cells),
        mean_share=sum((Fraction(cell.gap) / Fraction(cell.maximum) for cell in cells), Fraction(0))
        / len(cells),
    )
