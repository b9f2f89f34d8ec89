"""What would today's units have had before they merged? Points of the units they came from, by a declared rule.

In prose: a unit that had a result in a year keeps it, as published. One that was made later, or took others in,
has none for what it is today; by rule it is given either the result of its main part (of the units whose main part
went into it, the one that received most dossiers that year) or the mean of their results weighted by the dossiers
they received. Points of different scales are not put together, no part is made up where a unit was divided, and
ranks are never restated. Counts of dossiers add up along the lineage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction


class Rule(StrEnum):
    """How the results of several units become one."""

    MAIN = "main"
    DOSSIERS = "dossiers"


class Gap(StrEnum):
    """Why nothing is restated."""

    NOTHING = "nothing"
    DIVIDED = "divided"
    NO_POINTS = "no_points"
    NO_DOSSIERS = "no_dossiers"
    SCALE = "scale"


@dataclass(frozen=True)
class Former:
    """A unit of a year that today's unit came from.

    `is_whole`: all of it went there, `is_main`: at least its main part did; `dossiers` received in the whole year,
    None where they are not known.
    """

    key: int
    points: Decimal | None
    maximum: Decimal | None
    dossiers: int | None = None
    is_whole: bool = True
    is_main: bool = True


@dataclass(frozen=True)
class Restated:
    """Points of today's unit in a year before: exact, of `maximum`; `taken` are the units they come from.

    `known` of `units` have points. Without points `gap` says why.
    """

    points: Fraction | None = None
    maximum: Decimal | None = None
    taken: tuple[int, ...] = ()
    known: int = 0
    units: int = 0
    gap: Gap | None = None


def restated(formers: Sequence[Former], rule: Rule) -> Restated:
    """Return what a unit made of `formers` would have had, by rule."""
    known = sum(one.points is not None for one in formers)
    found = _main(formers) if rule == Rule.MAIN else _weighed(formers)
    if isinstance(found, Gap):
        return Restated(known=known, units=len(formers), gap=found)
    points, taken = found
    return Restated(points, taken[0].maximum, tuple(one.key for one in taken), known, len(formers))


def received(formers: Sequence[Former]) -> int | None:
    """Return the dossiers that the units received together; None where one is unknown or went elsewhere in part."""
    if not formers or not all(one.is_whole for one in formers):
        return None
    counts = [one.dossiers for one in formers]
    return None if None in counts else sum(count or 0 for count in counts)


def _main(formers: Sequence[Former]) -> tuple[Fraction, tuple[Former, ...]] | Gap:
    candidates = [one for one in formers if one.is_main]
    if not candidates:
        return Gap.DIVIDED if formers else Gap.NOTHING
    if len(candidates) > 1 and any(one.dossiers is None for one in candidates):
        return Gap.NO_DOSSIERS
    main = max(candidates, key=lambda one: (one.dossiers or 0, -one.key))
    return Gap.NO_POINTS if main.points is None else (Fraction(main.points), (main,))


def _weighed(formers: Sequence[Former]) -> tuple[Fraction, tuple[Former, ...]] | Gap:
    if not formers:
        return Gap.NOTHING
    if not all(one.is_whole for one in formers):
        return Gap.DIVIDED
    if any(one.points is None for one in formers):
        return Gap.NO_POINTS
    if len({one.maximum for one in formers}) > 1:
        return Gap.SCALE
    total = sum(one.dossiers or 0 for one in formers)
    if any(one.dossiers is None for one in formers) or not total:
        return Gap.NO_DOSSIERS
    worth = sum((Fraction(one.points or 0) * (one.dossiers or 0) for one in formers), Fraction(0))
    return worth / total, tuple(formers)
