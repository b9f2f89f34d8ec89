"""What does a rule ask for, and what was answered? Typed texts → stored texts → values for `rules.evaluate`. Pure.

Stored inputs are texts by variable name: numbers as plain decimals ("98", "12.5"), an answer as "yes" or "no",
a level by its key. What a survey asked is no input of a unit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from .readers import ReadError, parse_count, parse_decimal, parse_percent, text_of
from .rules import (
    Levels,
    Measure,
    PercentOfMax,
    Rule,
    Survey,
    Variable,
    YesNo,
    variables,
)

YES, NO = "yes", "no"


@dataclass(frozen=True)
class Question:
    """One thing to fill in; `choices` are (stored text, label), none for a number."""

    name: str
    label: str
    choices: tuple[tuple[str, str], ...] = ()
    binding: str = ""


def questions(rule: Rule | None) -> tuple[Question, ...]:
    """Return what a unit is asked, in the rule's order; nothing for a survey or where there is no rule."""
    if rule is None or isinstance(rule, Survey):
        return ()
    if isinstance(rule, YesNo):
        return (Question("answer", "Kết quả", ((YES, "Có"), (NO, "Không"))),)
    if isinstance(rule, Levels):
        return (Question("level", "Mức đạt", tuple((level.key, level.label) for level in rule.levels)),)
    return tuple(Question(v.name, v.label, binding=v.binding) for v in variables(rule))


def variable_of(rule: Rule, name: str) -> Variable:
    """Return the number that a rule asks for under a name."""
    return next(variable for variable in variables(rule) if variable.name == name)


def read(rule: Rule, name: str, typed: object) -> str:
    """Return one answer, typed or from a spreadsheet's cell, as it is stored; empty for nothing. Raises ReadError."""
    text = text_of(typed)
    if not text:
        return ""
    asked = {question.name: question for question in questions(rule)}[name]
    if asked.choices:
        if text not in dict(asked.choices):
            raise ReadError(f"{asked.label}: không có lựa chọn này.")
        return text
    try:
        number = _reader(rule, variable_of(rule, name))(text if isinstance(typed, str) else typed)
    except ReadError as error:
        raise ReadError(f"{asked.label}: {error}") from error
    return "" if number is None else f"{Decimal(number):f}"


def values(rule: Rule, stored: Mapping[str, str]) -> dict[str, object]:
    """Return stored inputs as `rules.evaluate` takes them; what is missing is left out."""
    found: dict[str, object] = {}
    for question in questions(rule):
        text = stored.get(question.name, "")
        if text == "":
            continue
        if isinstance(rule, YesNo):
            found[question.name] = text == YES
        else:
            found[question.name] = text if question.choices else Decimal(text)
    return found


def is_complete(rule: Rule | None, stored: Mapping[str, str]) -> bool:
    """Return whether everything the rule asks a unit has an answer."""
    asked = questions(rule)
    return bool(asked) and all(stored.get(question.name, "") != "" for question in asked)


def _reader(rule: Rule, variable: Variable) -> Callable[[object], Decimal | int | None]:
    if isinstance(rule, PercentOfMax):
        return parse_percent
    return parse_count if variable.measure == Measure.COUNT else parse_decimal
