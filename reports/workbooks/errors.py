"""A file that was uploaded, with its errors beside the cells."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from reports.imports.findings import Finding
from reports.imports.layout import ERRORS_SHEET, IDENTITY_SHEET, SUMS_SHEET
from reports.sheet_files import Table
from reports.workbook_archives import Place

from .book import HEADER_ROW, Book


def error_workbook(tables: Sequence[Table], findings: Sequence[Finding]) -> bytes:
    """Return an uploaded file again, with each error in the cell's note, and in a column beside the row."""
    book = Book()
    listed = book.sheet(ERRORS_SHEET)
    listed.write_row(0, 0, ("Trang tính", "Hàng", "Cột", "Giá trị", "Loại", "Nội dung"), book.head)
    listed.set_column(0, 4, 14)
    listed.set_column(5, 5, 90)
    for row, finding in enumerate(findings, start=1):
        kind = "Lỗi" if finding.is_error else "Lưu ý"
        place = (finding.sheet, finding.row or None, finding.column, finding.value, kind, finding.message)
        listed.write_row(row, 0, place)
    has_sums = any(table.name == SUMS_SHEET for table in tables)
    for table in tables:
        if table.name not in (ERRORS_SHEET, IDENTITY_SHEET, SUMS_SHEET):
            # Our sums are left out: what they came to says nothing once the errors are put right.
            sums = {place for place in table.formulas if place[0] < HEADER_ROW} if has_sums else set()
            _copy(book, table, [finding for finding in findings if finding.sheet == table.name], sums)
        elif table.name == IDENTITY_SHEET:
            _write_rows(book.sheet(IDENTITY_SHEET, is_hidden=True), table.rows)
    return book.content()


def _copy(book: Book, table: Table, findings: Sequence[Finding], left_out: Collection[Place]) -> None:
    page = book.sheet(_free_name(book, table.name or "Dữ liệu"))
    _write_rows(page, table.rows, left_out)
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


def _free_name(book: Book, name: str) -> str:
    """Return the sheet's own name, or another where a spreadsheet would not take it."""
    taken = {page.name.lower() for page in book.book.worksheets()}
    clean = "".join(sign for sign in name if sign not in "[]:*?/\\").strip("'")[:31] or "Trang"
    return clean if clean.lower() not in taken else f"{clean[:27]} ({len(taken)})"


def _write_rows(page: Any, rows: Sequence[Sequence[object]], left_out: Collection[Place] = ()) -> None:
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if (number, column) in left_out:
                continue
            if isinstance(cell, bool | int | float):
                page.write(number, column, cell)
            elif isinstance(cell, dt.date):
                page.write_string(number, column, f"{cell:%d/%m/%Y}")
            elif cell not in (None, ""):
                page.write_string(number, column, str(cell)[:32_000])
