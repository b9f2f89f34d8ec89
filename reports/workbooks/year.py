"""A year's workbook: a row a unit, a column a component, a sheet a stage."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from reports.imports.layout import STAGE_SHEETS, UNIT_CODE, UNIT_NAME
from reports.imports.places import unit_code
from reports.models import AssessmentYear, Criterion, PointsState, Score, ScoreSheet
from reports.stages import Cell
from reports.workflow.cells import ORIGINS

from .book import HEADER_ROW, Book, number_of
from .scores import STATES, allow_points, close, leaves_of, score_page

NO_INPUTS = (
    "Tệp này chỉ có điểm. Số liệu của quy tắc mà đơn vị đã nhập được giữ nguyên; muốn sửa số liệu, "
    "dùng mẫu của từng đơn vị."
)


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
    close(book, year, {"kind": "year"}, more_help=(NO_INPUTS,))
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


def _written(score: Score | None, stage: str) -> str | float | None:
    if score is None:
        return None
    state = getattr(score, f"{stage}_state")
    if state == PointsState.VALUE:
        return number_of(getattr(score, f"{stage}_points"))
    return None if state == PointsState.NOT_ENTERED else STATES[state]
