"""Form II.06/VPCP/KSTT as a spreadsheet: with the header and the numbers of the form, and it can be uploaded again."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from districts import access
from districts.models import Level, Unit
from reports.dossier_columns import COLUMNS, FORM_NUMBER, UNIT_OF_MEASURE, Column, cell_text
from reports.models import DossierCount, Scope
from reports.numbers_vi import date_vi
from reports.periods import Period
from reports.xlsx import new_workbook

IDENTITY_SHEET = "cchc"
TITLE = "TÌNH HÌNH, KẾT QUẢ GIẢI QUYẾT THỦ TỤC HÀNH CHÍNH"
NUMBER_LABEL, FIELD_LABEL = "TT", "Lĩnh vực, công việc giải quyết theo cấp"
CONVENTION_LABEL, REASON_LABEL = "Cách đếm hồ sơ chờ bổ sung, tạm dừng, trả lại, rút", "Giải thích chênh lệch"
BESIDE = "Ngoài các cột của biểu"
# Rows of the sheet, counted from 0: the header is always there, so that a file of ours is read back by its numbers.
GROUP_ROW, LABEL_ROW, NUMBER_ROW = 6, 7, 8
FIRST_COLUMN = 2
ROMAN = ("I", "II", "III")
HELP = (
    "Mỗi phạm vi (cơ quan của đơn vị, các xã, toàn địa bàn) có một dòng tổng số, dưới đó là các lĩnh vực.",
    "Tải tệp lên thì số liệu của các phạm vi có trong tệp, trong kỳ này, được thay bằng tệp; không cộng thêm.",
    "Ô để trống là không có số liệu, khác với 0. Thêm lĩnh vực: chèn dòng dưới phạm vi của nó.",
)


def dossier_workbook(unit: Unit, forms: Mapping[Period, Sequence[DossierCount]]) -> bytes:
    """Return a workbook with a sheet a period; a period without rows is a form to be filled in."""
    buffer = io.BytesIO()
    book = _Book(new_workbook(buffer))
    for period, rows in forms.items():
        _Form(book, unit, period).write(rows)
    book.finish(unit)
    return buffer.getvalue()


def sheet_name(period: Period) -> str:
    """Return what a period's sheet is called: a slash is not allowed in it."""
    return f"{period.start:%d.%m.%Y}-{period.end:%d.%m.%Y}"


class _Book:
    """The workbook with the formats that all its sheets share."""

    def __init__(self, book: Any) -> None:
        self.book = book
        base = {"font_name": "Times New Roman", "font_size": 11, "valign": "top"}

        def add(**more: object) -> Any:
            return book.add_format(base | more)

        self.plain, self.strong = add(), add(bold=True)
        self.title = add(bold=True, font_size=13, align="center")
        self.right = add(italic=True, align="right")
        self.note = add(italic=True, font_color="#555555")
        self.head = add(bold=True, align="center", valign="vcenter", text_wrap=True, border=1)
        self.number = add(italic=True, align="center", border=1)
        self.text, self.total_text = add(border=1, text_wrap=True), add(border=1, text_wrap=True, bold=True)
        self.count = add(border=1, num_format="#,##0")
        self.total_count = add(border=1, num_format="#,##0", bold=True)

    def finish(self, unit: Unit) -> None:
        hidden = self.book.add_worksheet(IDENTITY_SHEET)
        hidden.write_row(0, 0, ["kind", "dossiers"])
        hidden.write_row(1, 0, ["unit", f"{unit.scheme_id}/{unit.code}"])
        hidden.hide()
        self.book.close()


class _Form:
    """One sheet: header, head of the table, rows."""

    def __init__(self, book: _Book, unit: Unit, period: Period) -> None:
        self.book, self.unit, self.period = book, unit, period
        self.sheet = book.book.add_worksheet(sheet_name(period))
        self.sheet.set_landscape()
        self.sheet.set_paper(9)
        self.sheet.fit_to_pages(1, 0)
        self.last = FIRST_COLUMN + len(COLUMNS) + 1

    def write(self, rows: Sequence[DossierCount]) -> None:
        self._header()
        self._head()
        row = NUMBER_ROW + 1
        for place, (scope, own) in enumerate(_tiers(self.unit, rows)):
            row = self._tier(row, ROMAN[place], scope, own)
        for number, text in enumerate(HELP):
            self.sheet.write_string(row + 1 + number, 1, text, self.book.note)
        self.sheet.freeze_panes(NUMBER_ROW + 1, FIRST_COLUMN)

    def _header(self) -> None:
        sheet, book = self.sheet, self.book
        receiver = access.organiser_above(self.unit)
        sheet.write_string(0, 0, FORM_NUMBER, book.strong)
        sheet.merge_range(1, 2, 1, 12, TITLE, book.title)
        sheet.write_string(2, 0, f"Kỳ báo cáo: {days(self.period)}", book.plain)
        sheet.write_string(3, 0, f"Đơn vị báo cáo: {self.unit.full_name}", book.plain)
        sheet.write_string(4, 0, f"Đơn vị nhận báo cáo: {receiver.name if receiver else '…'}", book.plain)
        sheet.merge_range(5, 8, 5, 12, UNIT_OF_MEASURE, book.right)

    def _head(self) -> None:
        sheet, book = self.sheet, self.book
        sheet.merge_range(GROUP_ROW, 0, LABEL_ROW, 0, NUMBER_LABEL, book.head)
        sheet.merge_range(GROUP_ROW, 1, LABEL_ROW, 1, FIELD_LABEL, book.head)
        for place, column in enumerate(COLUMNS, start=FIRST_COLUMN):
            sheet.write_string(LABEL_ROW, place, label(column), book.head)
            number = f"({column.number})" if column.number else ""
            sheet.write_string(NUMBER_ROW, place, number, book.number)
        first = FIRST_COLUMN
        for group, width in _groups(COLUMNS):
            sheet.merge_range(GROUP_ROW, first, GROUP_ROW, first + width - 1, group, book.head)
            first += width
        sheet.write_string(NUMBER_ROW, 0, "(1)", book.number)
        sheet.write_string(NUMBER_ROW, 1, "(2)", book.number)
        for place, text in ((self.last - 1, CONVENTION_LABEL), (self.last, REASON_LABEL)):
            sheet.merge_range(GROUP_ROW, place, LABEL_ROW, place, text, book.head)
            sheet.write_string(NUMBER_ROW, place, "", book.number)
        sheet.set_column(0, 0, 5)
        sheet.set_column(1, 1, 36)
        sheet.set_column(FIRST_COLUMN, self.last - 2, 11)
        sheet.set_column(self.last - 1, self.last, 30)

    def _tier(self, row: int, number: str, scope: str, rows: Mapping[int | None, DossierCount]) -> int:
        self._line(row, number, tier_name(scope), rows.get(None), is_total=True)
        fields = [one for key, one in rows.items() if key is not None]
        for place, one in enumerate(fields, start=1):
            self._line(row + place, str(place), one.field.name if one.field else "", one)
        return row + 1 + len(fields)

    def _line(
        self, row: int, number: str, name: str, stored: DossierCount | None, *, is_total: bool = False
    ) -> None:
        book = self.book
        text, count = (book.total_text, book.total_count) if is_total else (book.text, book.count)
        self.sheet.write_string(row, 0, number, text)
        self.sheet.write_string(row, 1, name, text)
        for place, column in enumerate(COLUMNS, start=FIRST_COLUMN):
            value = getattr(stored, column.name) if stored else None
            if value is None:
                self.sheet.write_blank(row, place, None, count)
            elif column.is_rate or column.name in (stored.qualified if stored else {}):
                qualified = stored.qualified if stored else {}
                self.sheet.write_string(row, place, cell_text(column.name, value, qualified), text)
            else:
                self.sheet.write_number(row, place, value, count)
        said = (stored.get_convention_display() if stored else "", stored.gap_reason if stored else "")
        for place, words in zip((self.last - 1, self.last), said, strict=True):
            self.sheet.write_string(row, place, words, text)


def days(period: Period) -> str:
    """Return a period as the form's header has it: "từ ngày 01/01/2025 đến ngày 31/01/2025"."""
    return f"từ ngày {date_vi(period.start)} đến ngày {date_vi(period.end)}"


def label(column: Column) -> str:
    """Return the head of a column; beside the form's own columns the group is part of it."""
    return column.label if column.number else f"{column.group}: {column.label}"


def tier_name(scope: str) -> str:
    """Return the name of a scope's row, which holds its totals."""
    words = str(Scope(scope).label)
    return words[:1].upper() + words[1:]


def _tiers(
    unit: Unit, rows: Iterable[DossierCount]
) -> Iterable[tuple[str, Mapping[int | None, DossierCount]]]:
    """Yield the scopes that have rows, in the form's order; of an empty form those of the unit's tier."""
    found: dict[str, dict[int | None, DossierCount]] = {}
    for row in rows:
        found.setdefault(row.scope, {})[row.field_id] = row
    empty = [Scope.OWN] if unit.level >= Level.COMMUNE else [Scope.OWN, Scope.COMMUNES]
    shown = [scope for scope in Scope if scope in found] or empty
    return [(str(scope), found.get(scope, {})) for scope in shown]


def _groups(columns: Iterable[Column]) -> list[tuple[str, int]]:
    found: dict[str, int] = {}
    for column in columns:
        name = column.group if column.number else BESIDE
        found[name] = found.get(name, 0) + 1
    return list(found.items())
