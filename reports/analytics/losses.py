"""Where do units of a group lose points, and who got them back? Pure.

A component's loss of a unit is its maximum less its points; what did not apply is no loss. A weakness is common where
many units lose; how cheaply it is mended is told by those that lost there the year before and have regained since.

Worked example: of three units with at most 2 points, A has 1, B 2 and C 1,5: two of three lose, 1,5 points together,
0,75 each on average. The year before A had 0, B 2 and C 0,5: both losers regained 1 point.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from statistics import median


@dataclass(frozen=True)
class Cell:
    """What a unit lost on a component, and what it lost there the year before; None where that is not known."""

    component: str
    unit: int
    lost: Decimal
    lost_before: Decimal | None = None


@dataclass(frozen=True)
class Weakness:
    """A component over a group of units.

    `losing` of `counted` units lose `total` points there; of the `were_losing` that lost something the year before and
    are counted in both years, `regained` lose less now, `regain` points in the median.
    """

    component: str
    counted: int
    losing: int
    total: Decimal
    most: Decimal
    were_losing: int
    regained: int
    regain: Decimal | None

    @property
    def share(self) -> Fraction:
        """Return which share of the units loses."""
        return Fraction(self.losing, self.counted)

    @property
    def mean(self) -> Fraction:
        """Return what a unit that loses loses on average."""
        return Fraction(self.total) / self.losing if self.losing else Fraction(0)


def weaknesses(cells: Iterable[Cell]) -> list[Weakness]:
    """Return the components on which anybody loses: most units first, then most points."""
    by_component: dict[str, list[Cell]] = defaultdict(list)
    for cell in cells:
        by_component[cell.component].append(cell)
    found = [_weakness(component, own) for component, own in by_component.items()]
    return sorted(
        (one for one in found if one.losing), key=lambda one: (-one.losing, -one.total, one.component)
    )


def _weakness(component: str, cells: list[Cell]) -> Weakness:
    losses = [cell.lost for cell in cells if cell.lost > 0]
    were = [cell for cell in cells if cell.lost_before is not None and cell.lost_before > 0]
    gains = [
        cell.lost_before - cell.lost for cell in were if cell.lost_before and cell.lost < cell.lost_before
    ]
    return Weakness(
        component=component,
        counted=len(cells),
        losing=len(losses),
        total=sum(losses, Decimal(0)),
        most=max(losses, default=Decimal(0)),
        were_losing=len(were),
        regained=len(gains),
        regain=median(gains) if gains else None,
    )
