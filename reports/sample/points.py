"""What would a unit's inputs to a rule be? Invented so that the points follow the rule and its dossiers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import singledispatch

from reports import rules
from reports.rules import Rule
from reports.scoring import round_half_up

from .chance import Chance, share

# Figures the program itself has, by the names of rules' bindings: {"dossiers.own.resolved": 6120, …}.
Bound = Mapping[str, int | Decimal]
Inputs = dict[str, object]


@dataclass(frozen=True)
class Mark:
    """What a unit gets for a leaf: the appraised or surveyed points, and what it had given itself."""

    state: str
    points: Decimal | None
    self_points: Decimal | None


def mark(rule: Rule, level: int, chance: Chance, bound: Bound, *, applies: bool = True) -> Mark:
    """Return a leaf's mark for a unit of that level (thousandths); the self-score is never the lower one.

    Points have 2 decimals, as they are written in sheets.
    """
    level = max(0, min(1000, level + chance.around(0, 210)))
    final = rules.evaluate(rule, inputs_of(rule, level, chance, bound), applies=applies)
    generous = min(1000, level + chance.between(-150, 260))
    own = rules.evaluate(rule, inputs_of(rule, max(level, generous), chance, bound), applies=applies)
    points = None if final.exact is None else round_half_up(final.exact, 2)
    own_points = None if own.exact is None else round_half_up(own.exact, 2)
    if points is not None and own_points is not None:
        own_points = max(points, own_points)
    return Mark(final.state.value, points, own_points)


@singledispatch
def inputs_of(rule: Rule, level: int, chance: Chance, bound: Bound) -> Inputs:
    """Return what a unit of that level would answer to a rule."""
    raise TypeError(type(rule))


@inputs_of.register
def _(rule: rules.YesNo, level: int, chance: Chance, bound: Bound) -> Inputs:
    return {"answer": level >= 180}


@inputs_of.register
def _(rule: rules.Levels, level: int, chance: Chance, bound: Bound) -> Inputs:
    best_first = [item.key for item in rule.levels]
    place = 0 if level >= 560 else 1 if level >= 180 else 2
    return {"level": best_first[min(place, len(best_first) - 1)]}


@inputs_of.register
def _(rule: rules.Thresholds, level: int, chance: Chance, bound: Bound) -> Inputs:
    top = int(rule.steps[0].from_percent) * 10
    return _ratio(rule, min(1000, top * 45 // 100 + top * 80 * level // 100_000), 30, bound)


@inputs_of.register
def _(rule: rules.Proportional, level: int, chance: Chance, bound: Bound) -> Inputs:
    target, floor = int(rule.target_percent * 10), int(rule.floor_percent * 10)
    low = max(floor, target * 45 // 100)
    ratio = low + (target - low) * level // 1000 if level >= 60 else max(0, floor - 30)
    return _ratio(rule, ratio, Chance(level).between(24, 96), bound)


@inputs_of.register
def _(rule: rules.Count, level: int, chance: Chance, bound: Bound) -> Inputs:
    most = int(rule.cap_points / rule.points_each)
    return {rule.item.name: share(most, min(1000, level + 100))}


@inputs_of.register
def _(rule: rules.Deduction, level: int, chance: Chance, bound: Bound) -> Inputs:
    most = int(rule.max_points / rule.points_each)
    return {rule.event.name: share(most, max(0, 920 - level))}


@inputs_of.register
def _(rule: rules.PercentOfMax, level: int, chance: Chance, bound: Bound) -> Inputs:
    return {rule.percent.name: bound[rule.percent.binding]}


@inputs_of.register
def _(rule: rules.Survey, level: int, chance: Chance, bound: Bound) -> Inputs:
    return {"answers": [_answers(level, chance) for _ in range(rule.questions)]}


def _answers(level: int, chance: Chance) -> dict[str, int]:
    """Return how many of some 60 respondents chose A, B, C or D."""
    asked = chance.between(54, 66)
    weak = max(0, 1000 - level)
    worst, poor = share(asked, weak * 40 // 1000), share(asked, weak * 150 // 1000)
    best = share(asked - worst - poor, chance.around(330 + level * 520 // 1000, 60))
    return {"A": best, "B": asked - best - poor - worst, "C": poor, "D": worst}


def _ratio(rule: rules.RatioRule, permille: int, whole: int, bound: Bound) -> Inputs:
    """Return numerator and denominator: the program's own figures where the rule is bound to them."""
    denominator = bound.get(rule.denominator.binding, whole)
    numerator = bound.get(rule.numerator.binding, share(int(denominator), permille))
    return {rule.numerator.name: numerator, rule.denominator.name: denominator}
