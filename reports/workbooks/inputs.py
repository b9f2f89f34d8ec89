"""The cells for what rules ask: a label that is protected, and beside it a cell for the answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from reports import rule_inputs
from reports.automatic import bound_inputs
from reports.imports.layout import INPUT_HEADERS, INPUT_LABELS
from reports.imports.score_inputs import shown
from reports.models import Criterion, Score
from reports.readers import SPREADSHEET_DIGITS
from reports.rule_inputs import Question
from reports.rules import Levels, Measure, PercentOfMax, Rule, SchemaError, parse

from .book import Book, words_of
from .scores import allow, choose, listed_at

WIDTHS = (22, 16)


@dataclass
class InputCells:
    """The pairs of columns of one sheet from `first` on, and the lists that its choices stand in."""

    book: Book
    page: Any
    first: int
    pairs: int
    choices: list[list[str]] = field(default_factory=list)

    @property
    def heads(self) -> list[str]:
        pairs = list(zip(INPUT_LABELS, INPUT_HEADERS, strict=True))[: self.pairs]
        return [head for pair in pairs for head in pair]

    @property
    def widths(self) -> tuple[int, ...]:
        return WIDTHS * self.pairs

    def write(self, row: int, rule: Rule | None, score: Score, figures: Mapping[str, Decimal]) -> None:
        """Write what a component asks and what stands; `figures` are the system's own, shown and protected."""
        questions = rule_inputs.questions(rule)
        known = bound_inputs(rule, figures) if rule else {}
        for nth in range(self.pairs):
            column = self.first + 2 * nth
            if rule is None or nth >= len(questions):
                self.page.write_row(row, column, ("", ""), self.book.fixed)
                continue
            question = questions[nth]
            self.page.write_string(row, column, question.label, self.book.fixed)
            if question.name in known:
                text, style = f"{known[question.name]:f}", self.book.fixed_number
            else:
                text, style = score.self_inputs.get(question.name, ""), self._style(rule, question)
            self._answer(row, column + 1, rule, question, text, style)

    def validate(self, first_row: int, last_row: int, rule: Rule | None) -> None:
        """Offer and check what the rows of one component take."""
        for nth, question in enumerate(rule_inputs.questions(rule)):
            assert rule is not None
            column = self.first + 2 * nth + 1
            if question.choices:
                self._offer(first_row, last_row, column, rule, question)
            elif not isinstance(rule, PercentOfMax):
                message = f"{question.label}: ghi số từ 0 trở lên; muốn xóa, ghi “Chưa nhập”."
                condition = "{cell}=INT({cell})" if _is_count(rule, question) else "{cell}<1E+15"
                allow(self.page, (first_row, last_row, column), condition, "Số liệu không hợp lệ", message)

    def _answer(self, row: int, column: int, rule: Rule, question: Question, stored: str, style: Any) -> None:
        """Write a number as one; as a text where a spreadsheet would lose digits of it or the percent's mark."""
        text = shown(rule, question, stored)
        is_text = bool(question.choices) or isinstance(rule, PercentOfMax)
        if not text:
            self.page.write_blank(row, column, None, style)
        elif is_text or sum(map(str.isdigit, text)) > SPREADSHEET_DIGITS:
            self.page.write_string(row, column, text, style)
        else:
            self.page.write_number(row, column, float(stored), style)

    def _offer(self, first_row: int, last_row: int, column: int, rule: Rule, question: Question) -> None:
        words = [label for _, label in question.choices]
        self.choices.append(words)
        choose(self.page, first_row, last_row, column, listed_at(len(self.choices), len(words)))
        if isinstance(rule, Levels):
            listed = "\n".join(f"{level.label}: {words_of(level.points)}" for level in rule.levels)
            self.page.write_comment(first_row, column, listed, {"x_scale": 2})

    def _style(self, rule: Rule, question: Question) -> Any:
        if question.choices or isinstance(rule, PercentOfMax):
            return self.book.open_words
        return self.book.open_count if _is_count(rule, question) else self.book.open_amount


def most_questions(rules: Sequence[Rule | None]) -> int:
    """Return how many pairs of columns the rules need."""
    return max((len(rule_inputs.questions(rule)) for rule in rules), default=0)


def rule_of(leaf: Criterion) -> Rule | None:
    """Return a component's rule; None where there is none, or one that is still being written."""
    if not leaf.rule or leaf.max_points is None:
        return None
    try:
        return parse(leaf.rule, leaf.max_points)
    except SchemaError:
        return None


def is_bound(rule: Rule | None) -> bool:
    """Return whether a rule reads any figure of the system."""
    return any(question.binding for question in rule_inputs.questions(rule))


def _is_count(rule: Rule, question: Question) -> bool:
    return (
        not isinstance(rule, PercentOfMax)
        and rule_inputs.variable_of(rule, question.name).measure == Measure.COUNT
    )
