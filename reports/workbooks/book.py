"""A workbook being written: its formats, what it says it is for, and how a number goes into a cell."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any

from reports.imports.layout import IDENTITY_SHEET
from reports.models import AssessmentYear
from reports.xlsx import new_workbook

HEADER_ROW = 4


class Book:
    """A workbook being written, with the formats all of them share."""

    def __init__(self) -> None:
        self.buffer = io.BytesIO()
        self.book = new_workbook(self.buffer)
        add = self.book.add_format
        self.title = add({"bold": True, "font_size": 14})
        self.help = add({"italic": True, "font_color": "#555555"})
        self.head = add(
            {"bold": True, "text_wrap": True, "valign": "top", "bg_color": "#DCE6F1", "border": 1}
        )
        self.fixed = add({"text_wrap": True, "valign": "top", "bg_color": "#F2F2F2", "border": 1})
        self.open = add({"locked": False, "num_format": "0.00##", "border": 1, "valign": "top"})
        self.open_text = add({"locked": False, "text_wrap": True, "border": 1, "valign": "top"})
        self.fixed_number = add({"valign": "top", "bg_color": "#F2F2F2", "border": 1})
        self.sum = add(
            {"bold": True, "num_format": "0.00##", "valign": "top", "bg_color": "#DCE6F1", "border": 1}
        )
        self.open_count = add({"locked": False, "num_format": "0", "border": 1, "valign": "top"})
        self.open_amount = add({"locked": False, "border": 1, "valign": "top"})
        # Typed into a cell of texts, "98,5%" stays what it says.
        self.open_words = add(
            {"locked": False, "num_format": "@", "border": 1, "valign": "top", "text_wrap": True}
        )
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


def identify(book: Book, year: AssessmentYear, said: dict[str, str]) -> None:
    """Write the hidden sheet by which an upload knows what the book is for."""
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


def number_of(value: Any) -> Any:
    """Return a number as a cell keeps it; anything else as it is."""
    return float(value) if isinstance(value, Decimal) else value


def words_of(value: Decimal | None) -> str:
    """Return a number as people write it: a decimal comma, no zeros at the end."""
    return "" if value is None else f"{value.normalize():f}".replace(".", ",")
