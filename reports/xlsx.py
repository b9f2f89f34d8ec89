"""New XLSX workbooks: xlsxwriter, imported when the first one is written (11 MB that a worker may never need)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xlsxwriter import Workbook

# What looks like a formula, an address or a number stays the text it is.
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def new_workbook(buffer: io.BytesIO) -> Workbook:
    """Return a workbook that is written into the buffer when it is closed."""
    from xlsxwriter import Workbook

    return Workbook(buffer, OPTIONS)


def column_name(column: int) -> str:
    """Return "A" for 0."""
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))


def cell_name(row: int, column: int) -> str:
    """Return "A1" for 0, 0."""
    return f"{column_name(column)}{row + 1}"
