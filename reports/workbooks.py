"""Workbooks that come back: templates and exports that can be uploaded again, and files with their errors beside."""

from __future__ import annotations

import datetime as dt
import io
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import xlsxwriter

from reports.imports.findings import Finding
from reports.imports.layout import (
    CRITERION_CODE,
    ERRORS_SHEET,
    IDENTITY_SHEET,
    INSTRUCTIONS_SHEET,
    LISTS_SHEET,
    LONG_POINTS,
    NOTE_HEADER,
    STAGE_SHEETS,
    STATE_HEADER,
    UNIT_CODE,
    UNIT_NAME,
)
from reports.imports.places import unit_code
from reports.imports.results import RESULT_FIELDS
from reports.models import (
    AssessmentYear,
    Criterion,
    OfficialResult,
    PointsState,
    Score,
    ScoreSheet,
)
from reports.readers import STATE_WORDS
from reports.rule_prose import prose
from reports.rules import Levels, Rule, SchemaError, YesNo, parse
from reports.sheet_files import Table
from reports.stages import Cell
from reports.workflow.cells import ORIGINS

OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
STATES = {state: words[0].capitalize() for state, words in STATE_WORDS.items()}
CHOSEN_STATES = ("not_applicable", "not_assessed", "not_entered")
# A spreadsheet shows no longer message beside a cell.
MESSAGE_LENGTH, TITLE_LENGTH = 255, 32
HELP = (
    "Mỗi ô điểm ghi một số (92,41 hoặc 92.41), hoặc “Không áp dụng”, “Không đánh giá”.",
    "Ô để trống: giữ nguyên giá trị đang có trên hệ thống. Muốn xóa giá trị, ghi “Chưa nhập”.",
    "Không đổi tên trang tính, không sửa mã đơn vị và mã tiêu chí, không trộn ô; có thể bỏ bớt hàng hoặc cột.",
    "Tệp được kiểm tra toàn bộ trước khi ghi; nếu có một lỗi thì không giá trị nào được ghi.",
    "Điểm không được vượt điểm tối đa; tối đa 4 chữ số thập phân.",
)
HEADER_ROW = 4


class _Book:
    """A workbook being written, with the formats all of them share."""

    def __init__(self) -> None:
        self.buffer = io.BytesIO()
        self.book = xlsxwriter.Workbook(self.buffer, OPTIONS)
        add = self.book.add_format
        self.title = add({"bold": True, "font_size": 14})
        self.help = add({"italic": True, "font_color": "#555555"})
        self.head = add(
            {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#DCE6F1", "border": 1}
        )
        self.fixed = add({"text_wrap": True, "valign": "top", "bg_color": "#F2F2F2", "border": 1})
        self.open = add({"locked": False, "num_format": "0.00##", "border": 1, "valign": "top"})
        self.open_text = add({"locked": False, "text_wrap": True, "border": 1, "valign": "top"})
        self.wrong = add({"bg_color": "#FDE0DD", "border": 2, "border_color": "#B30000"})
        self.wrong_text = add({"font_color": "#B30000", "text_wrap": True, "bold": True})

    def sheet(self, name: str, *, is_hidden: bool = False) -> Any:
        page = self.book.add_worksheet(name)
        if is_hidden:
            page.very_hidden()
        return page

    def content(self) -> bytes:
        self.book.close()
        return self.buffer.getvalue()


def unit_workbook(sheet: ScoreSheet) -> bytes:
    """Return a unit's sheet as XLSX: a row a component to self-score, filled with what stands; three queries."""
    year = sheet.assessment_year
    leaves = [leaf for leaf in _leaves(year) if leaf.origin in ORIGINS[Cell.SELF]]
    scores = {score.criterion_id: score for score in sheet.scores.all()}
    book = _Book()
    page = _score_page(book, "self", f"{sheet.unit.full_name} · {year.organiser.name} {year.year}")
    widths = (12, 16, 10, 50, 8, 60, 14, 18, 50)
    headers = (UNIT_CODE, UNIT_NAME, CRITERION_CODE, "Nội dung", "Tối đa", "Quy tắc", LONG_POINTS["self"])
    page.write_row(HEADER_ROW, 0, (*headers, STATE_HEADER, NOTE_HEADER), book.head)
    for column, width in enumerate(widths):
        page.set_column(column, column, width, None, {"hidden": column < 2})
    for row, leaf in enumerate(leaves, start=HEADER_ROW + 1):
        _unit_row(book, page, row, sheet, leaf, scores.get(leaf.pk))
    _list_choice(
        page, HEADER_ROW + 1, HEADER_ROW + len(leaves), 7, [STATES[state] for state in CHOSEN_STATES]
    )
    _close(book, year, {"kind": "unit", "unit": unit_code(sheet.unit)})
    return book.content()


def _unit_row(
    book: _Book, page: Any, row: int, sheet: ScoreSheet, leaf: Criterion, score: Score | None
) -> None:
    rule = _rule(leaf)
    fixed = (unit_code(sheet.unit), sheet.unit.full_name, leaf.code, leaf.title)
    page.write_row(row, 0, fixed, book.fixed)
    page.write(row, 4, _number(leaf.max_points), book.fixed)
    page.write_string(row, 5, prose(rule) if rule else "", book.fixed)
    points = score.self_points if score else None
    page.write(row, 6, _number(points), book.open)
    has_state = score is not None and score.self_state in CHOSEN_STATES[:2]
    page.write(row, 7, STATES[score.self_state] if score and has_state else None, book.open_text)
    page.write(row, 8, score.self_note or None if score else None, book.open_text)
    if leaf.evidence_hint:
        page.write_comment(row, 3, f"Tài liệu kiểm chứng: {leaf.evidence_hint}")
    if isinstance(rule, Levels):
        listed = "\n".join(f"{level.label}: {_vi(level.points)}" for level in rule.levels)
        page.write_comment(row, 6, listed, {"x_scale": 2})
        _list_choice(page, row, row, 6, [float(level.points) for level in rule.levels])
    elif isinstance(rule, YesNo) and leaf.max_points is not None:
        _list_choice(page, row, row, 6, [float(leaf.max_points), 0])
    else:
        _between(page, row, row, 6, leaf.max_points)


def year_workbook(
    year: AssessmentYear, sheets: Sequence[ScoreSheet], stages: Iterable[str] = tuple(STAGE_SHEETS)
) -> bytes:
    """Return a year as XLSX, a row a unit and a column a component, a sheet a stage, filled with what stands.

    Uploaded again unchanged it changes nothing. `sheets` (with their units) are those the reader may see.
    """
    leaves = _leaves(year)
    scores: dict[int, dict[int, Score]] = defaultdict(dict)
    for score in Score.objects.filter(sheet__in=[sheet.pk for sheet in sheets]):
        scores[score.sheet_id][score.criterion_id] = score
    book = _Book()
    for stage in stages:
        own = [leaf for leaf in leaves if leaf.origin in ORIGINS[Cell(stage)]]
        if own:
            _year_page(book, year, stage, own, sheets, scores)
    _close(book, year, {"kind": "year"})
    return book.content()


def _year_page(
    book: _Book,
    year: AssessmentYear,
    stage: str,
    leaves: Sequence[Criterion],
    sheets: Sequence[ScoreSheet],
    scores: dict[int, dict[int, Score]],
) -> None:
    page = _score_page(book, stage, f"{STAGE_SHEETS[stage]} · {year.organiser.name} {year.year}")
    page.freeze_panes(HEADER_ROW + 1, 2)
    page.set_column(0, 0, 12, None, {"hidden": True})
    page.set_column(1, 1, 28)
    page.set_column(2, 1 + len(leaves), 11)
    page.set_row(HEADER_ROW - 2, 75)
    page.write_row(HEADER_ROW - 2, 1, ["Nội dung", *(leaf.title for leaf in leaves)], book.fixed)
    page.write_row(HEADER_ROW - 1, 1, ["Tối đa", *(_number(leaf.max_points) for leaf in leaves)], book.fixed)
    page.write_row(HEADER_ROW, 0, [UNIT_CODE, UNIT_NAME, *(leaf.code for leaf in leaves)], book.head)
    for row, sheet in enumerate(sheets, start=HEADER_ROW + 1):
        page.write_row(row, 0, (unit_code(sheet.unit), sheet.unit.full_name), book.fixed)
        for column, leaf in enumerate(leaves, start=2):
            page.write(row, column, _written(scores[sheet.pk].get(leaf.pk), stage), book.open)
    for column, leaf in enumerate(leaves, start=2):
        _between(page, HEADER_ROW + 1, HEADER_ROW + max(len(sheets), 1), column, leaf.max_points)


def results_workbook(
    year: AssessmentYear, units: Sequence[tuple[str, str]], rows: dict[str, OfficialResult]
) -> bytes:
    """Return the form for the annex of an old decision: a row a unit; `rows` are what stands, by unit code."""
    book = _Book()
    page = book.sheet("Kết quả")
    page.write(0, 0, f"Kết quả đã công bố · {year.organiser.name} {year.year}", book.title)
    page.write(1, 0, "Ghi đúng như văn bản in; cột nào văn bản không có thì để trống.", book.help)
    page.write_row(HEADER_ROW, 0, [UNIT_CODE, UNIT_NAME, *(one.title for one in RESULT_FIELDS)], book.head)
    page.set_column(0, 0, 16)
    page.set_column(1, 1, 28)
    page.set_column(2, 1 + len(RESULT_FIELDS), 13)
    page.freeze_panes(HEADER_ROW + 1, 2)
    for row, (code, name) in enumerate(units, start=HEADER_ROW + 1):
        page.write_row(row, 0, (code, name), book.fixed)
        standing = rows.get(code)
        for column, one in enumerate(RESULT_FIELDS, start=2):
            value = getattr(standing, one.name) if standing else None
            page.write(row, column, _number(value) if value != "" else None, book.open)
    page.protect("", {"format_columns": True, "format_rows": True, "insert_rows": True, "delete_rows": True})
    _identify(book, year, {"kind": "results"})
    return book.content()


def error_workbook(tables: Sequence[Table], findings: Sequence[Finding]) -> bytes:
    """Return an uploaded file again, with each error in the cell's note, and in a column beside the row."""
    book = _Book()
    listed = book.sheet(ERRORS_SHEET)
    listed.write_row(0, 0, ("Trang tính", "Hàng", "Cột", "Giá trị", "Loại", "Nội dung"), book.head)
    listed.set_column(0, 4, 14)
    listed.set_column(5, 5, 90)
    for row, finding in enumerate(findings, start=1):
        kind = "Lỗi" if finding.is_error else "Lưu ý"
        place = (finding.sheet, finding.row or None, finding.column, finding.value, kind, finding.message)
        listed.write_row(row, 0, place)
    for table in tables:
        if table.name not in (ERRORS_SHEET, IDENTITY_SHEET):
            _copy(book, table, [finding for finding in findings if finding.sheet == table.name])
        elif table.name == IDENTITY_SHEET:
            _write_rows(book.sheet(IDENTITY_SHEET, is_hidden=True), table.rows)
    return book.content()


def _copy(book: _Book, table: Table, findings: Sequence[Finding]) -> None:
    page = book.sheet(_free_name(book, table.name or "Dữ liệu"))
    _write_rows(page, table.rows)
    by_row: dict[int, list[Finding]] = defaultdict(list)
    by_cell: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        if finding.row:
            by_row[finding.row].append(finding)
        if finding.row and finding.column:
            by_cell[f"{finding.column}{finding.row}"].append(finding)
    for cell, found in by_cell.items():
        page.write_comment(cell, "\n".join(one.message for one in found), {"x_scale": 2})
        page.conditional_format(cell, {"type": "formula", "criteria": "=TRUE", "format": book.wrong})
    width = max(map(len, table.rows), default=0)
    if by_row:
        page.set_column(width, width, 60)
    for row, found in by_row.items():
        page.write_string(row - 1, width, "; ".join(one.message for one in found), book.wrong_text)


def _free_name(book: _Book, name: str) -> str:
    """Return the sheet's own name, or another where a spreadsheet would not take it."""
    taken = {page.name.lower() for page in book.book.worksheets()}
    clean = "".join(sign for sign in name if sign not in "[]:*?/\\").strip("'")[:31] or "Trang"
    return clean if clean.lower() not in taken else f"{clean[:27]} ({len(taken)})"


def _write_rows(page: Any, rows: Sequence[Sequence[object]]) -> None:
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if isinstance(cell, bool | int | float):
                page.write(number, column, cell)
            elif isinstance(cell, dt.date):
                page.write_string(number, column, f"{cell:%d/%m/%Y}")
            elif cell not in (None, ""):
                page.write_string(number, column, str(cell)[:32_000])


def _score_page(book: _Book, stage: str, title: str) -> Any:
    page = book.sheet(STAGE_SHEETS[stage])
    page.write(0, 1 if stage != "self" else 2, title, book.title)
    page.write(1, 2, HELP[0], book.help)
    allowed = ("format_columns", "format_rows", "delete_rows", "sort", "autofilter", "select_unlocked_cells")
    page.protect("", dict.fromkeys(allowed, True))
    page.freeze_panes(HEADER_ROW + 1, 4)
    return page


def _close(book: _Book, year: AssessmentYear, said: dict[str, str]) -> None:
    help_page = book.sheet(INSTRUCTIONS_SHEET)
    help_page.set_column(0, 0, 110)
    help_page.write(0, 0, INSTRUCTIONS_SHEET, book.title)
    for row, line in enumerate(HELP, start=2):
        help_page.write(row, 0, line)
    lists = book.sheet(LISTS_SHEET, is_hidden=True)
    lists.write_column(0, 0, [STATES[state] for state in CHOSEN_STATES])
    _identify(book, year, said)


def _identify(book: _Book, year: AssessmentYear, said: dict[str, str]) -> None:
    page = book.sheet(IDENTITY_SHEET, is_hidden=True)
    told = {
        "format": "1",
        "organiser": year.organiser.slug,
        "year": str(year.year),
        "group": year.group.slug,
        **({"criteria_set": year.criteria_set.slug} if year.criteria_set else {}),
        **said,
    }
    for row, (key, value) in enumerate(told.items()):
        page.write_row(row, 0, (key, value))


def _list_choice(page: Any, first: int, last: int, column: int, choices: Sequence[str | float]) -> None:
    # A list separates its choices with commas, so a decimal keeps its dot there.
    page.data_validation(
        first,
        column,
        last,
        column,
        {
            "validate": "list",
            "source": [f"{one:g}" if isinstance(one, float | int) else one for one in choices],
            "error_title": "Giá trị không có trong danh sách",
            "error_message": "Hãy chọn trong danh sách, hoặc để trống.",
            "error_type": "warning",
        },
    )


def _between(page: Any, first: int, last: int, column: int, maximum: Decimal | None) -> None:
    """Allow 0 to the maximum, or one of the states."""
    cell = xlsxwriter.utility.xl_rowcol_to_cell(first, column)
    highest = "1E+9" if maximum is None else f"{maximum:f}"
    states = f"COUNTIF('{LISTS_SHEET}'!$A$1:$A${len(CHOSEN_STATES)},{cell})>0"
    page.data_validation(
        first,
        column,
        last,
        column,
        {
            "validate": "custom",
            "value": f"=OR(AND(ISNUMBER({cell}),{cell}>=0,{cell}<={highest}),{states})",
            "error_title": "Điểm không hợp lệ",
            "error_message": f"Ghi số từ 0 đến {_vi(maximum)}, hoặc Không áp dụng, Không đánh giá."[
                :MESSAGE_LENGTH
            ],
            "error_type": "warning",
        },
    )


def _written(score: Score | None, stage: str) -> str | float | None:
    if score is None:
        return None
    state = getattr(score, f"{stage}_state")
    if state == PointsState.VALUE:
        return _number(getattr(score, f"{stage}_points"))
    return None if state == PointsState.NOT_ENTERED else STATES[state]


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value


def _vi(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}".replace(".", ",")


def _rule(leaf: Criterion) -> Rule | None:
    if not leaf.rule or leaf.max_points is None:
        return None
    try:
        return parse(leaf.rule, leaf.max_points)
    except SchemaError:
        return None


def _leaves(year: AssessmentYear) -> list[Criterion]:
    return list(Criterion.objects.filter(criteria_set=year.criteria_set_id, is_leaf=True).order_by("order"))
