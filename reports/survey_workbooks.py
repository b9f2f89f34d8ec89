"""Workbooks of a survey's answers: the template that comes back, and a file without what is nobody's business."""

from __future__ import annotations

import csv
import datetime as dt
import io
import math
from collections.abc import Mapping, Sequence
from typing import Any

from districts.names import fold
from reports.imports.layout import ERRORS_SHEET, IDENTITY_SHEET, INSTRUCTIONS_SHEET
from reports.imports.places import unit_code
from reports.imports.survey_layout import ANSWER_HEADERS, NO_HEADER, answer_layout, merged_findings
from reports.models import Criterion, ScoreSheet, SurveyRound
from reports.readers import text_of
from reports.rules import Survey
from reports.sheet_files import FileError, Table, read_tables
from reports.survey_points import counts_of, survey_components
from reports.survey_tally import Place
from reports.xlsx import new_workbook

HEADER_ROW = 4
# No answer is longer; what is longer is somebody's opinion in the wrong column.
MAX_TEXT = 300
# The same file read in twice gives the same bytes: nothing in it tells the time.
TIMELESS = dt.datetime(2000, 1, 1)
Rows = dict[int, dict[int, str | float]]
OWN = {fold(IDENTITY_SHEET), fold(INSTRUCTIONS_SHEET), fold(ERRORS_SHEET)}
HELP = (
    "Mỗi hàng là một câu hỏi của một tiêu chí đối với một đơn vị (và một nhóm trả lời, nếu có); "
    "mỗi cột phương án ghi số phiếu.",
    "Ô để trống: giữ nguyên số đang có. Không ai chọn thì ghi 0. Muốn xóa số đã nhập, ghi “Chưa nhập”.",
    "Điểm được tính lại từ tổng số phiếu của tất cả các đợt trong năm.",
    "Có thể nộp thẳng tệp xuất từ công cụ khảo sát: mỗi hàng một phiếu, có cột “Mã đơn vị”, “Nhóm trả lời” (nếu có) "
    "và các cột q1, q2, … hoặc 1.7.1-1, 1.7.1-2, … ghi phương án. Các cột khác (họ tên, điện thoại…) không được lưu.",
)


def answer_workbook(round_: SurveyRound) -> bytes:
    """Return a round as XLSX, a row a unit, component, group and question, with what stands.

    Uploaded unchanged it changes nothing.
    """
    year = round_.assessment_year
    components = survey_components(year)
    sheets = list(year.sheets.select_related("unit").order_by("unit__sort_key", "unit__code"))
    counts = counts_of([sheet.pk for sheet in sheets], [leaf.pk for leaf in components], round_.pk)
    buffer, options = io.BytesIO(), _options(components)
    book = new_workbook(buffer)
    bold = book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1, "text_wrap": True})
    page = book.add_worksheet("Phiếu điều tra")
    page.write(0, 0, f"Phiếu điều tra · {round_.name} · {year.organiser.name} {year.year}")
    page.write(1, 0, HELP[0])
    page.write_row(HEADER_ROW, 0, [*ANSWER_HEADERS, *options], bold)
    page.set_column(0, len(ANSWER_HEADERS) - 1, 16)
    page.freeze_panes(HEADER_ROW + 1, 2)
    number = HEADER_ROW
    for sheet in sheets:
        for leaf, rule in components.items():
            for row in _rows(sheet, leaf, rule, options, counts.get((sheet.pk, leaf.pk), {})):
                number += 1
                page.write_row(number, 0, row)
    _close(book, round_)
    return buffer.getvalue()


def _rows(
    sheet: ScoreSheet, leaf: Criterion, rule: Survey, options: Sequence[str], counts: Mapping[Place, int]
) -> list[list[Any]]:
    fixed = (unit_code(sheet.unit), sheet.unit.full_name, leaf.code)
    return [
        [
            *(*fixed, question, group.key or None, group.label or None),
            *(counts.get(Place(question, group.key, option)) for option in options),
        ]
        for group in rule.asked_groups
        for question in range(1, rule.questions + 1)
    ]


def _options(components: Mapping[Criterion, Survey]) -> list[str]:
    return list(dict.fromkeys(option.key for rule in components.values() for option in rule.options))


def _close(book: Any, round_: SurveyRound) -> None:
    year = round_.assessment_year
    help_page = book.add_worksheet(INSTRUCTIONS_SHEET)
    help_page.set_column(0, 0, 120)
    help_page.write_column(0, 0, HELP)
    page = book.add_worksheet(IDENTITY_SHEET)
    page.very_hidden()
    told = {
        "format": "1",
        "kind": "survey",
        "organiser": year.organiser.slug,
        "year": str(year.year),
        "group": year.group.slug,
        "round": str(round_.pk),
    }
    for row, (key, value) in enumerate(told.items()):
        page.write_row(row, 0, (key, value))
    book.close()


def without_strangers(content: bytes, components: Mapping[str, Survey]) -> bytes:
    """Return an uploaded file with its units, groups and answers alone, each in its own cell, as XLSX or CSV.

    Who answered is not for us to know: names, telephones, addresses in other columns are left behind before anything
    is kept, and so is every sheet or line that is not read. Raises FileError where the file cannot be read.
    """
    tables = read_tables(content)
    if not any(answer_layout(table, components) for table in tables):
        raise FileError(NO_HEADER)
    kept = {table.name: _kept(table, components) for table in tables}
    # A table without a name came as CSV; it is one and alone.
    return _as_csv(kept[""]) if "" in kept else _as_workbook(kept)


def _as_csv(rows: Rows) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL, lineterminator="\n")
    width = 1 + max(column for cells in rows.values() for column in cells)
    for number in range(1 + max(rows)):
        cells = rows.get(number)
        writer.writerow([cells.get(column, "") for column in range(width)] if cells else [])
    return text.getvalue().encode()


def _as_workbook(kept: Mapping[str, Rows]) -> bytes:
    buffer = io.BytesIO()
    book = new_workbook(buffer)
    book.set_properties({"created": TIMELESS})
    for name, rows in kept.items():
        page = book.add_worksheet(_name(book, name))
        for number, cells in rows.items():
            for column, cell in cells.items():
                page.write(number, column, cell)
    book.close()
    return buffer.getvalue()


def _kept(table: Table, components: Mapping[str, Survey]) -> Rows:
    if fold(table.name) in OWN:
        return {} if fold(table.name) != fold(IDENTITY_SHEET) else _cells(table, 0, frozenset({0, 1}))
    layout = answer_layout(table, components)
    if layout is None:
        return {}
    merged = next(merged_findings(layout), None)
    if merged is not None:
        raise FileError(f"{merged.place}: {merged.message}")
    rows = _cells(table, layout.header, layout.known_columns)
    header = table.rows[layout.header]
    rows[layout.header] |= {place: text_of(header[place]) for place in layout.strange_questions}
    return rows


def _cells(table: Table, first: int, columns: frozenset[int]) -> Rows:
    rows: Rows = {}
    for number in range(first, len(table.rows)):
        row = table.rows[number]
        found = ((column, _value(table, number, column, row)) for column in sorted(columns))
        if cells := {column: value for column, value in found if value != ""}:
            rows[number] = cells
    return rows


def _value(table: Table, number: int, column: int, row: Sequence[object]) -> str | float:
    """Return a cell as it is kept. A formula with an error, or without a result, is not taken for no answer."""
    cell = row[column] if column < len(row) else None
    text = text_of(cell)[:MAX_TEXT]
    if (number, column) in table.broken or (not text and (number, column) in table.formulas):
        return "#REF!"
    is_number = isinstance(cell, int | float) and not isinstance(cell, bool) and math.isfinite(cell)
    return cell if is_number else text  # type: ignore[return-value]


def _name(book: Any, name: str) -> str:
    taken = {page.name.lower() for page in book.worksheets()}
    clean = "".join(sign for sign in name if sign not in "[]:*?/\\").strip("'")[:31] or "Phiếu"
    return clean if clean.lower() not in taken else f"{clean[:27]} ({len(taken)})"
