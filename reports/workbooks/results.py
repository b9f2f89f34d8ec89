"""The form for the annex of an old decision."""

from __future__ import annotations

from collections.abc import Sequence

from reports.imports.layout import UNIT_CODE, UNIT_NAME
from reports.imports.results import RESULT_FIELDS
from reports.models import AssessmentYear, OfficialResult

from .book import HEADER_ROW, Book, identify, number_of


def results_workbook(
    year: AssessmentYear, units: Sequence[tuple[str, str]], rows: dict[str, OfficialResult]
) -> bytes:
    """Return the form for the annex of an old decision: a row a unit; `rows` are what stands, by unit code."""
    book = Book()
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
            page.write(row, column, number_of(value) if value != "" else None, book.open)
    page.protect("", {"format_columns": True, "format_rows": True, "insert_rows": True, "delete_rows": True})
    identify(book, year, {"kind": "results"})
    return book.content()
