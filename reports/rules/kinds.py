"""Which kinds of scoring rule there are, as frozen values; percents are 0–100, points are Decimal."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum

# The kinds of rule outside the full scale; mirrors reports.models.criteria.ADJUSTMENTS.
ADJUSTMENTS = ("bonus", "penalty")


class NotApplicable(StrEnum):
    """What a component that does not apply to a unit does to the unit's result."""

    LEAVES_MAXIMUM = "leaves_maximum"
    FULL_POINTS = "full_points"


class ZeroDenominator(StrEnum):
    """What a ratio of nothing to nothing earns: no petition arrived, no dossier was late."""

    FULL_POINTS = "full_points"
    ZERO = "zero"
    NOT_APPLICABLE = "not_applicable"


class Measure(StrEnum):
    """What a variable is: things counted, which are whole, or an amount (of money, an area) with decimals."""

    COUNT = "count"
    AMOUNT = "amount"


class AboveWhole(StrEnum):
    """What a share above 100 % asks of whoever enters it: nothing, a remark that says why, or other figures."""

    ALLOWED = "allowed"
    EXPLAINED = "explained"
    REFUSED = "refused"


@dataclass(frozen=True)
class Variable:
    """A number someone enters, or that the system knows: `binding` is one of schema.BINDINGS or empty."""

    name: str
    label: str
    binding: str = ""
    measure: Measure = Measure.COUNT


@dataclass(frozen=True, kw_only=True)
class Rule:
    max_points: Decimal
    not_applicable: NotApplicable


@dataclass(frozen=True, kw_only=True)
class YesNo(Rule):
    """Có: the maximum; không: 0. Input: `answer`, a bool."""


@dataclass(frozen=True)
class Level:
    key: str
    label: str
    points: Decimal


@dataclass(frozen=True, kw_only=True)
class Levels(Rule):
    """Described levels, best first. Input: `level`, the key of one."""

    levels: tuple[Level, ...]


@dataclass(frozen=True, kw_only=True)
class RatioRule(Rule):
    """A rule on numerator / denominator, entered under the two variables' names."""

    numerator: Variable
    denominator: Variable
    zero_denominator: ZeroDenominator
    above_whole: AboveWhole


@dataclass(frozen=True)
class Step:
    """From this percent on (inclusive), these points."""

    from_percent: Decimal
    points: Decimal


@dataclass(frozen=True, kw_only=True)
class Thresholds(RatioRule):
    """The first step, highest first, that the ratio reaches; else `below_points`."""

    steps: tuple[Step, ...]
    below_points: Decimal


@dataclass(frozen=True, kw_only=True)
class Proportional(RatioRule):
    """min(cap, max × ratio / target); a ratio below the floor earns 0."""

    target_percent: Decimal
    floor_percent: Decimal
    cap_points: Decimal


@dataclass(frozen=True, kw_only=True)
class Count(Rule):
    """Points for each item, up to the cap."""

    item: Variable
    points_each: Decimal
    cap_points: Decimal


@dataclass(frozen=True, kw_only=True)
class Deduction(Rule):
    """The maximum less points for each event, never below 0."""

    event: Variable
    points_each: Decimal


@dataclass(frozen=True)
class Option:
    key: str
    label: str
    weight_percent: Decimal


@dataclass(frozen=True)
class RespondentGroup:
    """Who is asked apart from others, and how much of the whole their opinion is; all groups make 100."""

    key: str
    label: str
    weight_percent: Decimal


# Where a rule declares no groups, all who answer are one.
EVERYBODY = RespondentGroup("", "", Decimal(100))


@dataclass(frozen=True, kw_only=True)
class Survey(Rule):
    """max × Σ w·(mean over the questions of the answers' mean weight) / Σ w, over groups with valid answers.

    Input: `answers`, by group key one {option key: number of valid answers} per question (the list alone where
    no groups are declared); `zero_denominator` speaks when no question has a valid answer.
    """

    questions: int
    options: tuple[Option, ...]
    respondents: str
    zero_denominator: ZeroDenominator
    groups: tuple[RespondentGroup, ...] = ()

    @property
    def asked_groups(self) -> tuple[RespondentGroup, ...]:
        """The groups, or everybody as one."""
        return self.groups or (EVERYBODY,)


@dataclass(frozen=True, kw_only=True)
class PercentOfMax(Rule):
    """max × a percentage that someone else measured (SIPAS)."""

    percent: Variable


@dataclass(frozen=True, kw_only=True)
class Adjustment(Rule):
    """A bonus or penalty outside the full scale, as a magnitude from 0 to the cap for the year (`max_points`).

    One that does not apply adjusts nothing.
    """

    is_bonus: bool
    event: Variable
    points_each: Decimal


def variables(rule: Rule) -> tuple[Variable, ...]:
    """The named numbers a rule asks for, in the order they are declared."""
    values = (getattr(rule, field.name) for field in fields(rule))
    return tuple(value for value in values if isinstance(value, Variable))
