"""What a list of results says of all its units at once: how many there are of each, and how their points lie. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from reports.analytics.distribution import Bin, histogram


class Counted(NamedTuple):
    """A unit in a list, in total."""

    type: str
    points: Decimal | None
    rank: int | None
    rank_change: int | None


@dataclass(frozen=True)
class Tally:
    """Of a year's units: how many have a place, of how many anything is known, their types, how their points lie."""

    ranked: int
    with_figures: int
    types: tuple[str, ...]
    bins: tuple[Bin, ...]

    def stored(self) -> dict[str, Any]:
        """Return what a publication keeps of it, as JSON."""
        bins = [[str(one.low), str(one.high), one.count] for one in self.bins]
        return {
            "ranked": self.ranked,
            "with_figures": self.with_figures,
            "types": list(self.types),
            "bins": bins,
        }


def tally(units: Iterable[Counted], *, by_place: bool = True) -> Tally:
    """Count units; `by_place` leaves those without a place out of the points, as where we rank."""
    units = list(units)
    ranked = [one for one in units if one.rank is not None]
    compared = ranked if by_place else units
    return Tally(
        ranked=len(ranked),
        with_figures=sum(one[1:] != (None, None, None) for one in units),
        types=tuple(sorted({one.type for one in units})),
        bins=tuple(histogram([one.points for one in compared if one.points is not None])),
    )


def tally_of(stored: Any) -> Tally:
    """Return a tally as a publication keeps it."""
    bins = tuple(Bin(Decimal(low), Decimal(high), count) for low, high, count in stored["bins"])
    return Tally(stored["ranked"], stored["with_figures"], tuple(stored["types"]), bins)
