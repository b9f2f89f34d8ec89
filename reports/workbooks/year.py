"""A year's workbook: a row a unit, a column a component, a sheet a stage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from reports.automatic import figures_of
from reports.imports.layout import CRITERION_CODE, INPUTS_SHEET, STAGE_SHEETS, UNIT_CODE, UNIT_NAME
from reports.imports.places import unit_code
from reports.models import AssessmentYear, Criterion, PointsState, Score, ScoreSheet
from reports.rule_inputs import questions
from reports.stages import Cell
from reports.workflow.cells import ORIGINS

from .book import HEADER_ROW, Book, number_of
from .inputs import InputCells, is_bound, most_questions, rule_of
from .scores import INPUTS_HELP, STATES, allow_points, close, leaves_of, protected_page, score_page

FIRST_INPUT = 4


def year_workbook(
    year: AssessmentYear, sheets: Sequence[ScoreSheet], stages: Iterable[str] = tuple(STAGE_SHEETS)
) -> bytes:
    """Return a year as XLSX, a row a unit and a column a component, a sheet a stage, filled with what stands.

    Uploaded again unchanged it changes nothing. `sheets` (with their units) are those the reader may see.
    """
    leaves = leaves_of(year)
    scores: dict[int, dict[int, Score]] = defaultdict(dict)
    for score in Score.objects.filter(sheet__in=[sheet.pk for sheet in sheets]):
        scores[score.sheet_id][score.criterion_id] = score
    book = Book()
    for stage in stages:
        own = [leaf for leaf in leaves if leaf.origin in ORIGINS[Cell(stage)]]
        if own:
            _year_page(book, year, stage, own, sheets, scores)
    own = [leaf for leaf in leaves if leaf.origin in ORIGINS[Cell.SELF] and questions(rule_of(leaf))]
    choices = _inputs_page(book, year, own, sheets, scores) if own and "self" in stages else []
    close(book, year, {"kind": "year"}, more_help=INPUTS_HELP if own else (), choices=choices)
    return book.content()


def _year_page(
    book: Book,
    year: AssessmentYear,
    stage: str,
    leaves: Sequence[Criterion],
    sheets: Sequence[ScoreSheet],
    scores: dict[int, dict[int, Score]],
) -> None:
    page = score_page(book, stage, f"{STAGE_SHEETS[stage]} · {year.organiser.name} {year.year}")
    page.freeze_panes(HEADER_ROW + 1, 2)
    page.set_column(0, 0, 12, None, {"hidden": True})
    page.set_column(1, 1, 28)
    page.set_column(2, 1 + len(leaves), 11)
    page.set_row(HEADER_ROW - 2, 75)
    page.write_row(HEADER_ROW - 2, 1, ["Nội dung", *(leaf.title for leaf in leaves)], book.fixed)
    page.write_row(
        HEADER_ROW - 1, 1, ["Tối đa", *(number_of(leaf.max_points) for leaf in leaves)], book.fixed
    )
    page.write_row(HEADER_ROW, 0, [UNIT_CODE, UNIT_NAME, *(leaf.code for leaf in leaves)], book.head)
    for row, sheet in enumerate(sheets, start=HEADER_ROW + 1):
        page.write_row(row, 0, (unit_code(sheet.unit), sheet.unit.full_name), book.fixed)
        for column, leaf in enumerate(leaves, start=2):
            page.write(row, column, _written(scores[sheet.pk].get(leaf.pk), stage), book.open)
    for column, leaf in enumerate(leaves, start=2):
        allow_points(page, HEADER_ROW + 1, HEADER_ROW + max(len(sheets), 1), column, leaf.max_points)


def _inputs_page(
    book: Book,
    year: AssessmentYear,
    leaves: Sequence[Criterion],
    sheets: Sequence[ScoreSheet],
    scores: dict[int, dict[int, Score]],
) -> list[list[str]]:
    """Write what rules ask of every unit, component by component; returns the lists its choices stand in."""
    rules = [rule_of(leaf) for leaf in leaves]
    has_figures = any(map(is_bound, rules))
    figures = figures_of([sheet.unit_id for sheet in sheets], year.year) if has_figures else {}
    page = protected_page(book, INPUTS_SHEET)
    inputs = InputCells(book, page, FIRST_INPUT, most_questions(rules))
    page.write(0, 1, f"{INPUTS_SHEET} · {year.organiser.name} {year.year}", book.title)
    page.write_row(
        HEADER_ROW, 0, [UNIT_CODE, UNIT_NAME, CRITERION_CODE, "Nội dung", *inputs.heads], book.head
    )
    for column, width in enumerate((12, 28, 10, 50, *inputs.widths)):
        page.set_column(column, column, width, None, {"hidden": column == 0})
    page.freeze_panes(HEADER_ROW + 1, 4)
    page.autofilter(HEADER_ROW, 1, HEADER_ROW + len(leaves) * len(sheets), FIRST_INPUT + 2 * inputs.pairs - 1)
    for nth, (leaf, rule) in enumerate(zip(leaves, rules, strict=True)):
        first = HEADER_ROW + 1 + nth * len(sheets)
        if sheets:
            inputs.validate(first, first + len(sheets) - 1, rule)
        for row, sheet in enumerate(sheets, start=first):
            unit, score = sheet.unit, scores[sheet.pk].get(leaf.pk) or Score(sheet=sheet, criterion=leaf)
            page.write_row(row, 0, (unit_code(unit), unit.full_name, leaf.code, leaf.title), book.fixed)
            inputs.write(row, rule, score, figures.get(sheet.unit_id, {}))
    return inputs.choices


def _written(score: Score | None, stage: str) -> str | float | None:
    if score is None:
        return None
    state = getattr(score, f"{stage}_state")
    if state == PointsState.VALUE:
        return number_of(getattr(score, f"{stage}_points"))
    return None if state == PointsState.NOT_ENTERED else STATES[state]
