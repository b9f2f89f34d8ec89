"""Which of a few steps of colour does a figure fall in? Exact bounds, the same that the legend states."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from reports.scoring import round_half_up

STEPS = 5


@dataclass(frozen=True)
class Step:
    """From `low` to `high`; the upper bound belongs to the next step, but to the last one where there is none.

    `number` is 1 to 5 for what goes from little to much; −2 to 2 for falls and rises, 0 being no change at all.
    """

    number: int
    low: Decimal
    high: Decimal
    is_last: bool = False


def sequence(values: Iterable[Decimal], digits: int = 2) -> tuple[Step, ...]:
    """Return up to five steps of equal width from the lowest value to the highest; none for no values.

    Bounds are rounded to `digits`, the outer ones outwards. Values that hardly differ get fewer steps.
    """
    told = sorted(values)
    if not told:
        return ()
    unit = Decimal(1).scaleb(-digits)
    low, high = told[0].quantize(unit, ROUND_FLOOR), told[-1].quantize(unit, ROUND_CEILING)
    if low == high:
        return (Step(STEPS, low, high, is_last=True),)
    inner = [round_half_up(low + (high - low) * number / STEPS, digits) for number in range(1, STEPS)]
    bounds = sorted({low, *inner, high})
    count = len(bounds) - 1
    return tuple(Step(_spread(at, count), bounds[at], bounds[at + 1], at == count - 1) for at in range(count))


def _spread(at: int, count: int) -> int:
    """Return which of the five colours the step has, so that the darkest is always used."""
    return STEPS - count + 1 + at


def step_of(value: Decimal, steps: tuple[Step, ...]) -> Step:
    """Return the step of a sequence that a value between its ends falls in."""
    at = bisect_right([step.low for step in steps], value) - 1
    return steps[max(at, 0)]


def movement_steps(values: Iterable[Decimal], digits: int = 2) -> tuple[Step, ...]:
    """Return five steps around no change, as far to either side as the greatest movement; none for no values.

    ±1 is up to half of the greatest movement, ±2 is more; 0 is exactly nothing.
    """
    told = [abs(value) for value in values]
    if not told:
        return ()
    unit, zero = Decimal(1).scaleb(-digits), Decimal(0)
    most = max(told).quantize(unit, ROUND_CEILING)
    half = round_half_up(most / 2, digits)
    return (
        Step(-2, -most, -half),
        Step(-1, -half, zero),
        Step(0, zero, zero),
        Step(1, zero, half),
        Step(2, half, most),
    )


def movement_step_of(value: Decimal, steps: tuple[Step, ...]) -> Step:
    """Return the step of a movement; half of the greatest still belongs to the weaker one."""
    half = steps[3].high
    size = 0 if value == 0 else 1 if abs(value) <= half else 2
    return steps[2 + (size if value > 0 else -size)]
