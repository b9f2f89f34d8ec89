"""A unit's workbook: a row a component, with what its rule asks beside the points."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from reports import rule_inputs
from reports.automatic import bound_inputs, figures_of, has_bindings
from reports.imports.layout import (
    CRITERION_CODE,
    INPUT_HEADERS,
    INPUT_LABELS,
    LONG_POINTS,
    NOTE_HEADER,
    STATE_HEADER,
    UNIT_CODE,
    UNIT_NAME,
)
from reports.imports.places import unit_code
from reports.imports.score_inputs import shown
from reports.models import Criterion, Score, ScoreSheet
from reports.readers import SPREADSHEET_DIGITS
from reports.rule_inputs import Question
from reports.rule_prose import prose
from reports.rules import Levels, PercentOfMax, RatioRule, Rule, SchemaError, parse
from reports.stages import Cell
from reports.workflow.cells import ORIGINS

from .book import HEADER_ROW, Book, number_of, words_of
from .scores import (
    CHOSEN_STATES,
    STATES,
    allow,
    allow_points,
    choose,
    close,
    leaves_of,
    listed_at,
    score_page,
)

FIRST_INPUT = 6
HELP = (
    "Số liệu của quy tắc ghi ở “Giá trị 1”, “Giá trị 2”, bên phải tên số liệu; ô khóa là số liệu hệ thống đã có.",
    "Có đủ số liệu mà để trống ô điểm, hoặc đổi số liệu mà không đổi điểm: điểm được tính theo quy tắc.",
    "Phần trăm ghi kèm dấu %, ví dụ 98,5%. Điểm khác điểm tính theo quy tắc thì phải nêu lý do ở “Thuyết minh”.",
)


@dataclass
class _Page:
    """The one sheet of points being written, and the lists that its rows offer."""

    book: Book
    sheet: ScoreSheet
    figures: dict[str, Decimal]
    page: Any
    pairs: int
    choices: list[list[str]] = field(default_factory=list)

    @property
    def points_column(self) -> int:
        return FIRST_INPUT + 2 * self.pairs


def unit_workbook(sheet: ScoreSheet) -> bytes:
    """Return a unit's sheet as XLSX: a row a component to self-score, filled with what stands; five queries.

    Uploaded again unchanged it changes nothing.
    """
    year = sheet.assessment_year
    leaves = [leaf for leaf in leaves_of(year) if leaf.origin in ORIGINS[Cell.SELF]]
    rules = [_rule(leaf) for leaf in leaves]
    is_bound = any(rule and has_bindings(leaf) for leaf, rule in zip(leaves, rules, strict=True))
    figures = figures_of([sheet.unit_id], year.year).get(sheet.unit_id, {}) if is_bound else {}
    scores = {score.criterion_id: score for score in sheet.scores.all()}
    book = Book()
    title = f"{sheet.unit.full_name} · {year.organiser.name} {year.year}"
    pairs = max((len(rule_inputs.questions(rule)) for rule in rules), default=0)
    page = _Page(book, sheet, figures, score_page(book, "self", title), pairs)
    _heads(page)
    for row, (leaf, rule) in enumerate(zip(leaves, rules, strict=True), start=HEADER_ROW + 1):
        _row(page, row, leaf, rule, scores.get(leaf.pk) or Score(sheet=sheet, criterion=leaf))
    state_column, last = page.points_column + 1, HEADER_ROW + max(len(leaves), 1)
    choose(page.page, HEADER_ROW + 1, last, state_column, listed_at(0, len(CHOSEN_STATES)))
    said = {"kind": "unit", "unit": unit_code(sheet.unit)}
    close(book, year, said, more_help=HELP, choices=page.choices)
    return book.content()


def _heads(page: _Page) -> None:
    inputs = [
        head for pair in list(zip(INPUT_LABELS, INPUT_HEADERS, strict=True))[: page.pairs] for head in pair
    ]
    heads = [UNIT_CODE, UNIT_NAME, CRITERION_CODE, "Nội dung", "Tối đa", "Quy tắc", *inputs]
    heads += [LONG_POINTS["self"], STATE_HEADER, NOTE_HEADER]
    widths = (12, 16, 10, 50, 8, 60, *(22, 16) * page.pairs, 14, 18, 50)
    page.page.write_row(HEADER_ROW, 0, heads, page.book.head)
    for column, width in enumerate(widths):
        page.page.set_column(column, column, width, None, {"hidden": column < 2})


def _row(page: _Page, row: int, leaf: Criterion, rule: Rule | None, score: Score) -> None:
    book, unit, column = page.book, page.sheet.unit, page.points_column
    page.page.write_row(row, 0, (unit_code(unit), unit.full_name, leaf.code, leaf.title), book.fixed)
    page.page.write(row, 4, number_of(leaf.max_points), book.fixed)
    page.page.write_string(row, 5, prose(rule) if rule else "", book.fixed)
    if leaf.evidence_hint:
        page.page.write_comment(row, 3, f"Tài liệu kiểm chứng: {leaf.evidence_hint}")
    _inputs(page, row, rule, score)
    has_state = score.self_state in CHOSEN_STATES[:2]
    page.page.write(row, column, number_of(score.self_points), book.open)
    page.page.write(row, column + 1, STATES[score.self_state] if has_state else None, book.open_text)
    page.page.write(row, column + 2, score.self_note or None, book.open_text)
    allow_points(page.page, row, row, column, leaf.max_points)


def _inputs(page: _Page, row: int, rule: Rule | None, score: Score) -> None:
    questions = rule_inputs.questions(rule)
    known = bound_inputs(rule, page.figures) if rule else {}
    for nth in range(page.pairs):
        column = FIRST_INPUT + 2 * nth
        if rule is None or nth >= len(questions):
            page.page.write_row(row, column, ("", ""), page.book.fixed)
            continue
        question = questions[nth]
        page.page.write_string(row, column, question.label, page.book.fixed)
        if question.name in known:
            _number(
                page, row, column + 1, rule, question, f"{known[question.name]:f}", page.book.fixed_number
            )
        elif question.choices:
            _choice(page, row, column + 1, rule, question, score)
        else:
            stored = score.self_inputs.get(question.name, "")
            _number(page, row, column + 1, rule, question, stored, _open(page.book, rule, question))
            _allow_number(page, row, column + 1, rule, question)


def _number(
    page: _Page, row: int, column: int, rule: Rule, question: Question, stored: str, style: Any
) -> None:
    """Write a number as one; as a text where a spreadsheet would lose digits of it or the percent's mark."""
    text = shown(rule, question, stored)
    if not text:
        page.page.write_blank(row, column, None, style)
    elif isinstance(rule, PercentOfMax) or sum(map(str.isdigit, text)) > SPREADSHEET_DIGITS:
        page.page.write_string(row, column, text, style)
    else:
        page.page.write_number(row, column, float(stored), style)


def _choice(page: _Page, row: int, column: int, rule: Rule, question: Question, score: Score) -> None:
    words = [label for _, label in question.choices]
    page.choices.append(words)
    chosen = shown(rule, question, score.self_inputs.get(question.name, ""))
    page.page.write_string(row, column, chosen, page.book.open_words)
    choose(page.page, row, row, column, listed_at(len(page.choices), len(words)))
    if isinstance(rule, Levels):
        listed = "\n".join(f"{level.label}: {words_of(level.points)}" for level in rule.levels)
        page.page.write_comment(row, column, listed, {"x_scale": 2})


def _allow_number(page: _Page, row: int, column: int, rule: Rule, question: Question) -> None:
    if isinstance(rule, PercentOfMax):
        return
    message = f"{question.label}: ghi số từ 0 trở lên; muốn xóa, ghi “Chưa nhập”."
    condition = "{cell}=INT({cell})" if _is_count(rule, question) else "{cell}<1E+15"
    allow(page.page, (row, row, column), condition, "Số liệu không hợp lệ", message)


def _open(book: Book, rule: Rule, question: Question) -> Any:
    if isinstance(rule, PercentOfMax):
        return book.open_words
    return book.open_count if _is_count(rule, question) else book.open_amount


def _is_count(rule: Rule, question: Question) -> bool:
    return not isinstance(rule, RatioRule) or question.binding.startswith("dossiers.")


def _rule(leaf: Criterion) -> Rule | None:
    if not leaf.rule or leaf.max_points is None:
        return None
    try:
        return parse(leaf.rule, leaf.max_points)
    except SchemaError:
        return None
