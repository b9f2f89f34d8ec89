"""What do the counted answers of a survey say? Counts by question, group and option → distribution and points. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from .rules import Option, Outcome, RespondentGroup, Survey, evaluate

# What an integer of the database holds.
MOST = 2_147_483_647


@dataclass(frozen=True, order=True)
class Place:
    """One option of one question (counted from 1), as a group of respondents ("": everybody) was asked it."""

    question: int
    group: str
    option: str


Counts = Mapping[Place, int]


@dataclass(frozen=True)
class Chosen:
    """How many of all valid answers chose an option; `share` of 0–1, None where nobody answered."""

    option: Option
    count: int
    share: Fraction | None

    @property
    def rate(self) -> Decimal | None:
        """The share to the precision of Decimal, to be shown."""
        return _decimal(self.share)


@dataclass(frozen=True)
class GroupTally:
    """A group's valid forms (the most answers one of its questions got) and the mean weight (0–1) it gave."""

    group: RespondentGroup
    forms: int
    mean: Fraction | None

    @property
    def rate(self) -> Decimal | None:
        """The mean to the precision of Decimal, to be shown."""
        return _decimal(self.mean)


@dataclass(frozen=True)
class Tally:
    """The answers to one component: forms, valid answers, how they were spread, and what the rule makes of them."""

    forms: int
    answers: int
    chosen: tuple[Chosen, ...]
    groups: tuple[GroupTally, ...]
    outcome: Outcome

    @property
    def mean(self) -> Fraction | None:
        """The weighed mean of the answers, 0–1; None where there are none."""
        return self.outcome.ratio

    @property
    def rate(self) -> Decimal | None:
        """The mean to the precision of Decimal, to be shown."""
        return _decimal(self.mean)

    @property
    def points(self) -> Decimal | None:
        """The points the rule gives, unrounded."""
        return self.outcome.points


def places(rule: Survey, groups: Iterable[str] | None = None) -> list[Place]:
    """Return all places of a rule, or of some of its groups: by group, question, option as the rule declares them."""
    asked = [group.key for group in rule.asked_groups] if groups is None else groups
    return [
        Place(question, group, option.key)
        for group in asked
        for question in range(1, rule.questions + 1)
        for option in rule.options
    ]


def refusal(rule: Survey, counts: Mapping[Place, int | None]) -> str | None:
    """Return why counts cannot belong to a rule, in Vietnamese; None where they can."""
    options = {option.key for option in rule.options}
    groups = {group.key for group in rule.asked_groups}
    for place, count in counts.items():
        if not 1 <= place.question <= rule.questions:
            return f"Tiêu chí này chỉ có {rule.questions} câu hỏi, không có câu {place.question}."
        if place.group not in groups:
            return f"Tiêu chí này không có nhóm trả lời “{place.group}”."
        if place.option not in options:
            return f"Tiêu chí này không có phương án “{place.option}”."
        if count is not None and not 0 <= count <= MOST:
            return "Số phiếu phải là số nguyên từ 0 trở lên."
    return None


def answers_of(rule: Survey, counts: Counts) -> dict[str, list[dict[str, int]]]:
    """Return counts as `rules.evaluate` takes them; what was not counted is nobody."""
    return {
        group.key: [
            {option.key: counts.get(Place(question, group.key, option.key), 0) for option in rule.options}
            for question in range(1, rule.questions + 1)
        ]
        for group in rule.asked_groups
    }


def tally(rule: Survey, counts: Counts) -> Tally | None:
    """Return what counts say under a rule; None where nothing was counted. Raises rules.InputError."""
    if not counts:
        return None
    answers = answers_of(rule, counts)
    outcome = evaluate(rule, {"answers": answers})
    total = sum(counts.values())
    groups = tuple(_group(rule, group, answers[group.key]) for group in rule.asked_groups)
    return Tally(
        forms=sum(group.forms for group in groups),
        answers=total,
        chosen=tuple(_chosen(option, counts, total) for option in rule.options),
        groups=groups,
        outcome=outcome,
    )


def digest(counts: Mapping[Place, int | None]) -> str:
    """Return what tells whether the same places still say the same: no count and none at all are different."""
    said = sorted((place.question, place.group, place.option, count) for place, count in counts.items())
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]


def words(counts: Mapping[str, int | None]) -> str | None:
    """Return counts by option as the log and a preview write them: "A 12 · B 5"; None where there are none."""
    told = [f"{option} {count}" for option, count in counts.items() if count is not None]
    return " · ".join(told) or None


def _decimal(value: Fraction | None) -> Decimal | None:
    return None if value is None else Decimal(value.numerator) / value.denominator


def _chosen(option: Option, counts: Counts, total: int) -> Chosen:
    count = sum(number for place, number in counts.items() if place.option == option.key)
    return Chosen(option, count, Fraction(count, total) if total else None)


def _group(rule: Survey, group: RespondentGroup, answers: list[dict[str, int]]) -> GroupTally:
    weights = {option.key: Fraction(Decimal(option.weight_percent)) / 100 for option in rule.options}
    means = [
        sum((weights[key] * count for key, count in asked.items()), Fraction(0)) / sum(asked.values())
        for asked in answers
        if sum(asked.values())
    ]
    mean = sum(means, Fraction(0)) / len(means) if means else None
    return GroupTally(group, max(sum(asked.values()) for asked in answers), mean)
