"""How many points does a rule give for these inputs? Fractions inside, Decimal points out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import singledispatch

from .kinds import (
    EVERYBODY,
    Adjustment,
    Count,
    Deduction,
    Levels,
    NotApplicable,
    PercentOfMax,
    Proportional,
    RatioRule,
    Rule,
    Survey,
    Thresholds,
    Variable,
    YesNo,
    ZeroDenominator,
    variables,
)

Inputs = Mapping[str, object]


class InputError(ValueError):
    """An input that cannot be: negative, a float, an unknown level; the message is Vietnamese."""


class State(StrEnum):
    """The states of a score (reports.models.PointsState) that a rule can lead to."""

    VALUE = "value"
    NOT_ENTERED = "not_entered"
    NOT_APPLICABLE = "not_applicable"


class Reason(StrEnum):
    """Which clause of the rule decided."""

    COMPUTED = "computed"
    BELOW_FLOOR = "below_floor"
    CAPPED = "capped"
    ZERO_DENOMINATOR = "zero_denominator"
    NOT_APPLICABLE = "not_applicable"
    MISSING = "missing"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a rule gives: `exact` points of `max_points` (0 where the component leaves the maximum)."""

    state: State
    reason: Reason
    max_points: Decimal
    exact: Fraction | None = None
    ratio: Fraction | None = None
    missing: tuple[str, ...] = ()

    @property
    def points(self) -> Decimal | None:
        """The points to the precision of Decimal (28 digits): not rounded to what is printed."""
        return None if self.exact is None else Decimal(self.exact.numerator) / self.exact.denominator


@dataclass(frozen=True)
class _Earned:
    """Points before policies; None points mean a denominator of zero."""

    points: Fraction | None
    reason: Reason = Reason.COMPUTED
    ratio: Fraction | None = None


def evaluate(rule: Rule, inputs: Inputs, *, applies: bool = True) -> Outcome:
    """The outcome of one component for one unit.

    `inputs` are whole numbers, Decimals or Fractions by variable name; `answer` (bool) for yes/no, `level`
    (key) for levels, `answers` (by group, one {option: count} per question; see `Survey`) for surveys. A missing
    or None input is NOT_ENTERED, never 0. Raises InputError for what cannot be.
    """
    if not applies:
        return _not_applicable(rule, Reason.NOT_APPLICABLE)
    missing = tuple(name for name in _asked(rule) if inputs.get(name) is None)
    if missing:
        return Outcome(
            state=State.NOT_ENTERED, reason=Reason.MISSING, max_points=rule.max_points, missing=missing
        )
    earned = _earn(rule, inputs)
    if earned.points is None:
        return _zero_denominator(rule)
    return Outcome(
        state=State.VALUE,
        reason=earned.reason,
        max_points=rule.max_points,
        exact=earned.points,
        ratio=earned.ratio,
    )


def _asked(rule: Rule) -> tuple[str, ...]:
    if isinstance(rule, YesNo):
        return ("answer",)
    if isinstance(rule, Levels):
        return ("level",)
    if isinstance(rule, Survey):
        return ("answers",)
    return tuple(variable.name for variable in variables(rule))


def _full(rule: Rule, reason: Reason) -> Outcome:
    return Outcome(
        state=State.VALUE, reason=reason, max_points=rule.max_points, exact=Fraction(rule.max_points)
    )


def _not_applicable(rule: Rule, reason: Reason) -> Outcome:
    if rule.not_applicable == NotApplicable.FULL_POINTS:
        return _full(rule, reason)
    return Outcome(state=State.NOT_APPLICABLE, reason=reason, max_points=Decimal(0))


def _zero_denominator(rule: Rule) -> Outcome:
    assert isinstance(rule, RatioRule | Survey)
    if rule.zero_denominator == ZeroDenominator.FULL_POINTS:
        return _full(rule, Reason.ZERO_DENOMINATOR)
    if rule.zero_denominator == ZeroDenominator.NOT_APPLICABLE:
        return _not_applicable(rule, Reason.ZERO_DENOMINATOR)
    return Outcome(
        state=State.VALUE, reason=Reason.ZERO_DENOMINATOR, max_points=rule.max_points, exact=Fraction(0)
    )


def _number(value: object, label: str) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | Fraction):
        raise InputError(f"{label}: phải là số nguyên hoặc số thập phân chính xác.")
    if isinstance(value, Decimal) and not value.is_finite():
        raise InputError(f"{label}: không phải là số.")
    if value < 0:
        raise InputError(f"{label}: phải từ 0 trở lên.")
    return Fraction(value)


def _amount(variable: Variable, inputs: Inputs) -> Fraction:
    return _number(inputs[variable.name], variable.label)


def _whole(variable: Variable, inputs: Inputs) -> Fraction:
    amount = _amount(variable, inputs)
    if amount.denominator != 1:
        raise InputError(f"{variable.label}: phải là số nguyên.")
    return amount


def _ratio(rule: RatioRule, inputs: Inputs) -> Fraction | None:
    numerator, denominator = _amount(rule.numerator, inputs), _amount(rule.denominator, inputs)
    if denominator:
        return numerator / denominator
    if numerator:
        raise InputError(f"{rule.numerator.label}: lớn hơn 0 trong khi mẫu số bằng 0.")
    return None


def _capped(points: Fraction, cap: Decimal, ratio: Fraction | None = None) -> _Earned:
    if points > cap:
        return _Earned(Fraction(cap), Reason.CAPPED, ratio)
    return _Earned(points, Reason.COMPUTED, ratio)


@singledispatch
def _earn(rule: Rule, inputs: Inputs) -> _Earned:
    raise TypeError(type(rule))


@_earn.register
def _(rule: YesNo, inputs: Inputs) -> _Earned:
    answer = inputs["answer"]
    if not isinstance(answer, bool):
        raise InputError("Câu trả lời phải là có hoặc không.")
    return _Earned(Fraction(rule.max_points) if answer else Fraction(0))


@_earn.register
def _(rule: Levels, inputs: Inputs) -> _Earned:
    points = {level.key: level.points for level in rule.levels}
    chosen = inputs["level"]
    if chosen not in points:
        raise InputError(f"Không có mức “{chosen}”.")
    return _Earned(Fraction(points[str(chosen)]))


@_earn.register
def _(rule: Thresholds, inputs: Inputs) -> _Earned:
    ratio = _ratio(rule, inputs)
    if ratio is None:
        return _Earned(None)
    reached = (step.points for step in rule.steps if ratio * 100 >= step.from_percent)
    return _Earned(Fraction(next(reached, rule.below_points)), ratio=ratio)


@_earn.register
def _(rule: Proportional, inputs: Inputs) -> _Earned:
    ratio = _ratio(rule, inputs)
    if ratio is None:
        return _Earned(None)
    if ratio * 100 < rule.floor_percent:
        return _Earned(Fraction(0), Reason.BELOW_FLOOR, ratio)
    points = Fraction(rule.max_points) * ratio * 100 / Fraction(rule.target_percent)
    return _capped(points, rule.cap_points, ratio)


@_earn.register
def _(rule: Count, inputs: Inputs) -> _Earned:
    return _capped(_whole(rule.item, inputs) * Fraction(rule.points_each), rule.cap_points)


@_earn.register
def _(rule: Deduction, inputs: Inputs) -> _Earned:
    left = Fraction(rule.max_points) - _whole(rule.event, inputs) * Fraction(rule.points_each)
    return _Earned(Fraction(0), Reason.BELOW_FLOOR) if left < 0 else _Earned(left)


@_earn.register
def _(rule: PercentOfMax, inputs: Inputs) -> _Earned:
    percent = _amount(rule.percent, inputs)
    if percent > 100:
        raise InputError(f"{rule.percent.label}: không thể lớn hơn 100 %.")
    return _Earned(Fraction(rule.max_points) * percent / 100, ratio=percent / 100)


@_earn.register
def _(rule: Adjustment, inputs: Inputs) -> _Earned:
    # A penalty is a magnitude too: `scoring` knows which way it moves the total.
    return _capped(_whole(rule.event, inputs) * Fraction(rule.points_each), rule.max_points)


@_earn.register
def _(rule: Survey, inputs: Inputs) -> _Earned:
    answers = inputs["answers"]
    by_group = answers if isinstance(answers, Mapping) else {EVERYBODY.key: answers}
    weights = {group.key: Fraction(group.weight_percent) for group in rule.asked_groups}
    if not by_group.keys() <= weights.keys():
        raise InputError(f"Chỉ có các nhóm trả lời {', '.join(weights)}.")
    found = {key: _group_mean(rule, asked) for key, asked in by_group.items()}
    # A group that did not answer leaves the weighing: it does not pull the others down.
    means = {key: mean for key, mean in found.items() if mean is not None}
    if not means:
        return _Earned(None)
    weighed = sum((weights[key] * mean for key, mean in means.items()), Fraction(0))
    ratio = weighed / sum(weights[key] for key in means)
    return _Earned(Fraction(rule.max_points) * ratio, ratio=ratio)


def _group_mean(rule: Survey, answers: object) -> Fraction | None:
    """The mean over the questions; one that nobody answered has no mean and does not pull the others down."""
    if not isinstance(answers, Sequence) or len(answers) != rule.questions:
        raise InputError(f"Phải có kết quả của đúng {rule.questions} câu hỏi.")
    means = [mean for counts in answers if (mean := _mean_weight(rule, counts)) is not None]
    return sum(means, Fraction(0)) / len(means) if means else None


def _mean_weight(rule: Survey, counts: object) -> Fraction | None:
    weights = {option.key: Fraction(option.weight_percent) / 100 for option in rule.options}
    if not isinstance(counts, Mapping) or not counts.keys() <= weights.keys():
        raise InputError(f"Chỉ có các phương án {', '.join(weights)}.")
    valid = {key: _number(count, f"Phương án {key}") for key, count in counts.items()}
    total = sum(valid.values(), Fraction(0))
    if not total:
        return None
    return sum((weights[key] * count for key, count in valid.items()), Fraction(0)) / total
