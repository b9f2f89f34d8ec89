"""Do the figures of a survey or of ratings agree with each other? Declared once, as data of the row. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction

from reports import scale
from reports.checks import Level, printed_digits, quantised

# Stratified samples are seldom better than five times, clustered ones seldom worse than a hundred times, a simple one.
LEAST_EFFECT, MOST_EFFECT = Decimal("0.2"), Decimal(100)


@dataclass(frozen=True)
class Said:
    """What a row says of one survey or of a period's ratings; `levels` are counts by level, the lowest is 1."""

    satisfied: int | None = None
    respondents: int | None = None
    percent: Decimal | None = None
    levels: Mapping[str, object] = field(default_factory=dict)
    is_random_sample: bool = False
    design_effect: Decimal | None = None
    is_rating: bool = False


@dataclass(frozen=True)
class Gap:
    """Two figures that do not agree, or one that cannot be: `left` as said, `right` what stands against it."""

    key: str
    level: Level
    fields: tuple[str, ...]
    left: Decimal | int | None = None
    right: Decimal | int | None = None


def gaps(said: Said) -> list[Gap]:
    """Return what does not agree, what cannot be first."""
    found = [*_impossible(said), *_of_percent(said), *_of_levels(said)]
    return sorted(found, key=lambda gap: gap.level is not Level.BLOCK)


def _impossible(said: Said) -> Iterator[Gap]:
    if said.percent is not None and not 0 <= said.percent <= 100:
        yield Gap("percent_range", Level.BLOCK, ("percent",), said.percent)
    if said.satisfied is not None and said.respondents is not None and said.satisfied > said.respondents:
        yield Gap("part_of_whole", Level.BLOCK, ("satisfied",), said.satisfied, said.respondents)
    if said.is_rating and said.is_random_sample:
        yield Gap("rating_sample", Level.BLOCK, ("is_random_sample",))
    if said.design_effect is not None and not said.is_random_sample:
        yield Gap("effect_without_sample", Level.BLOCK, ("design_effect",))
    if said.is_random_sample and said.respondents == 0:
        yield Gap("empty_sample", Level.BLOCK, ("respondents",))
    if said.design_effect is not None and not LEAST_EFFECT <= said.design_effect <= MOST_EFFECT:
        yield Gap("effect_range", Level.BLOCK, ("design_effect",), said.design_effect)


def _of_percent(said: Said) -> Iterator[Gap]:
    if said.percent is None or said.satisfied is None or not said.respondents:
        return
    if not 0 <= said.percent <= 100:
        return
    exact, digits = Fraction(said.satisfied * 100, said.respondents), printed_digits(said.percent)
    rounded = quantised(exact, digits, ROUND_HALF_UP)
    if rounded != said.percent:
        is_cut = quantised(exact, digits, ROUND_DOWN) == said.percent
        key, level = ("percent_cut", Level.NOTE) if is_cut else ("percent", Level.WARN)
        yield Gap(key, level, ("percent",), said.percent, rounded)


def _of_levels(said: Said) -> Iterator[Gap]:
    if not said.levels:
        return
    counts = _counts(said.levels)
    if counts is None:
        yield Gap("scale", Level.BLOCK, ("level_counts",))
        return
    total, upper = sum(counts.values()), scale.satisfied(counts, len(counts))
    if said.respondents is not None and total != said.respondents:
        yield Gap("levels_total", Level.WARN, ("respondents",), said.respondents, total)
    if said.satisfied is not None and upper != said.satisfied:
        yield Gap("levels_satisfied", Level.WARN, ("satisfied",), said.satisfied, upper)


def _counts(levels: Mapping[str, object]) -> dict[int, int] | None:
    """Return the counts of a scale of three to five levels, every level named; None where it is no such scale."""
    if len(levels) not in scale.WORDS or set(levels) != {str(n + 1) for n in range(len(levels))}:
        return None
    counts = {int(level): n for level, n in levels.items() if type(n) is int and n >= 0}
    return counts if len(counts) == len(levels) else None
