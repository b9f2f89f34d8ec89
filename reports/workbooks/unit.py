"""A unit's workbook: a row a component, with what its rule asks beside the points."""

from __future__ import annotations

from collections.abc import Mapping

from reports.automatic import figures_of
from reports.imports.layout import (
    CRITERION_CODE,
    LONG_POINTS,
    NOTE_HEADER,
    STATE_HEADER,
    UNIT_CODE,
    UNIT_NAME,
)
from reports.imports.places import unit_code
from reports.models import Criterion, Score, ScoreSheet
from reports.rule_prose import prose
from reports.rules import Rule
from reports.stages import Cell
from reports.workflow.cells import ORIGINS

from .book import HEADER_ROW, Book, number_of
from .inputs import InputCells, is_bound, most_questions, rule_of
from .scores import (
    CHOSEN_STATES,
    INPUTS_HELP,
    STATES,
    allow_points,
    choose,
    close,
    listed_at,
    score_page,
)
from .sums import SUMS_HELP, write_sums

FIRST_INPUT = 6


def unit_workbook(sheet: ScoreSheet) -> bytes:
    """Return a unit's sheet as XLSX: a row a component to self-score, filled with what stands; five queries.

    Uploaded again unchanged it changes nothing.
    """
    year = sheet.assessment_year
    nodes = {
        node.pk: node
        for node in Criterion.objects.filter(criteria_set=year.criteria_set_id).order_by("order")
    }
    leaves = [leaf for leaf in nodes.values() if leaf.is_leaf and leaf.origin in ORIGINS[Cell.SELF]]
    rules = [rule_of(leaf) for leaf in leaves]
    has_figures = any(map(is_bound, rules))
    figures = figures_of([sheet.unit_id], year.year).get(sheet.unit_id, {}) if has_figures else {}
    scores = {score.criterion_id: score for score in sheet.scores.all()}
    book = Book()
    page = score_page(book, "self", f"{sheet.unit.full_name} · {year.organiser.name} {year.year}")
    inputs = InputCells(book, page, FIRST_INPUT, most_questions(rules))
    _write_heads(inputs)
    for row, (leaf, rule) in enumerate(zip(leaves, rules, strict=True), start=HEADER_ROW + 1):
        score = scores.get(leaf.pk) or Score(sheet=sheet, criterion=leaf)
        _write_component(inputs, row, sheet, leaf, rule, score)
        inputs.write(row, rule, score, figures)
        inputs.validate(row, row, rule)
    state_column, last = FIRST_INPUT + 2 * inputs.pairs + 1, HEADER_ROW + max(len(leaves), 1)
    choose(page, HEADER_ROW + 1, last, state_column, listed_at(0, len(CHOSEN_STATES)))
    placed = [
        (_area(leaf, nodes), leaf, scores[leaf.pk].self_points if leaf.pk in scores else None)
        for leaf in leaves
    ]
    write_sums(book, page, state_column - 1, placed)
    said = {"kind": "unit", "unit": unit_code(sheet.unit)}
    close(book, year, said, more_help=(*INPUTS_HELP, *SUMS_HELP), choices=inputs.choices)
    return book.content()


def _area(node: Criterion, nodes: Mapping[int, Criterion]) -> Criterion:
    while node.parent_id is not None:
        node = nodes[node.parent_id]
    return node


def _write_heads(inputs: InputCells) -> None:
    heads = [UNIT_CODE, UNIT_NAME, CRITERION_CODE, "Nội dung", "Tối đa", "Quy tắc", *inputs.heads]
    heads += [LONG_POINTS["self"], STATE_HEADER, NOTE_HEADER]
    inputs.page.write_row(HEADER_ROW, 0, heads, inputs.book.head)
    for column, width in enumerate((12, 16, 10, 50, 8, 60, *inputs.widths, 14, 18, 50)):
        inputs.page.set_column(column, column, width, None, {"hidden": column < 2})


def _write_component(
    inputs: InputCells, row: int, sheet: ScoreSheet, leaf: Criterion, rule: Rule | None, score: Score
) -> None:
    book, page, column = inputs.book, inputs.page, FIRST_INPUT + 2 * inputs.pairs
    page.write_row(row, 0, (unit_code(sheet.unit), sheet.unit.full_name, leaf.code, leaf.title), book.fixed)
    page.write(row, 4, number_of(leaf.max_points), book.fixed)
    page.write_string(row, 5, prose(rule) if rule else "", book.fixed)
    if leaf.evidence_hint:
        page.write_comment(row, 3, f"Tài liệu kiểm chứng: {leaf.evidence_hint}")
    has_state = score.self_state in CHOSEN_STATES[:2]
    page.write(row, column, number_of(score.self_points), book.open)
    page.write(row, column + 1, STATES[score.self_state] if has_state else None, book.open_text)
    page.write(row, column + 2, score.self_note or None, book.open_text)
    allow_points(page, row, row, column, leaf.max_points)
