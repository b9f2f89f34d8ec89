"""What is filled in adds up as one types: formulas on cells that no upload reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from reports.imports.layout import STAGE_SHEETS, SUMS_SHEET
from reports.models import Criterion
from reports.scoring import Adjusts
from reports.xlsx import cell_name

from .book import HEADER_ROW, Book, number_of

SUMS_HELP = (
    f"Trang “{SUMS_SHEET}” và ô tổng phía trên cột điểm tự cộng khi gõ; chúng chỉ để xem, không được đọc khi tải lên.",
    "Tổng chỉ cộng các ô điểm đã ghi. Điểm tính theo quy tắc từ số liệu, và điểm tối đa của tiêu chí “Không áp dụng” "
    "(nếu bộ tiêu chí cho hưởng), chỉ có trên hệ thống sau khi tải tệp lên.",
)
ADJUSTED = {
    Adjusts.BONUS: "Điểm thưởng (chưa tính vào tổng)",
    Adjusts.PENALTY: "Điểm trừ (chưa tính vào tổng)",
}


@dataclass
class Line:
    """What is added up: of which rows of the points, to how much at most, and what it comes to now."""

    code: str
    title: str
    rows: list[int] = field(default_factory=list)
    maximum: Decimal = Decimal(0)
    points: Decimal = Decimal(0)
    filled: int = 0

    def add(self, row: int, leaf: Criterion, points: Decimal | None) -> None:
        self.rows.append(row)
        self.maximum += leaf.max_points or 0
        self.points += points or 0
        self.filled += points is not None


def write_sums(
    book: Book, page: Any, column: int, placed: Sequence[tuple[Criterion, Criterion, Decimal | None]]
) -> None:
    """Write the sheet of sums by area and in total, and the total above the points, which stand in `column`.

    `placed` are area, component and points of each row below the header, in order.
    """
    areas: dict[int, Line] = {}
    apart: Mapping[str, Line] = {way: Line("", title) for way, title in ADJUSTED.items()}
    for row, (area, leaf, points) in enumerate(placed, start=HEADER_ROW + 1):
        own = areas.setdefault(area.pk, Line(area.code, area.title))
        (apart[leaf.adjustment] if leaf.adjustment else own).add(row, leaf, points)
    lines = [line for line in areas.values() if line.rows]
    total = Line("", "Tổng cộng")
    for line in lines:
        total.maximum += line.maximum
        total.points += line.points
        total.filled += line.filled
        total.rows += line.rows
    sums = _sums_page(book)
    for row, line in enumerate(lines, start=HEADER_ROW + 1):
        _write_line(book, sums, row, line, column)
    last = HEADER_ROW + 1 + len(lines)
    _write_total(book, sums, last, total)
    for row, line in enumerate((one for one in apart.values() if one.rows), start=last + 1):
        _write_line(book, sums, row, line, column)
    page.write(HEADER_ROW - 2, column - 1, "Tổng điểm đã ghi", book.head)
    page.write_formula(
        HEADER_ROW - 2, column, f"='{SUMS_SHEET}'!{cell_name(last, 3)}", book.sum, number_of(total.points)
    )
    page.write(HEADER_ROW - 1, column - 1, "Tổng điểm tối đa", book.head)
    page.write(HEADER_ROW - 1, column, number_of(total.maximum), book.sum)


def _sums_page(book: Book) -> Any:
    page = book.sheet(SUMS_SHEET)
    page.protect("", {"format_columns": True, "format_rows": True})
    page.write(0, 0, "Cộng điểm tự chấm theo lĩnh vực", book.title)
    page.write(1, 0, SUMS_HELP[0], book.help)
    heads = ("Mã", "Lĩnh vực", "Tối đa", "Đã ghi", "Số tiêu chí", "Đã ghi điểm")
    page.write_row(HEADER_ROW, 0, heads, book.head)
    for column, width in enumerate((8, 60, 10, 12, 12, 12)):
        page.set_column(column, column, width)
    return page


def _write_line(book: Book, page: Any, row: int, line: Line, column: int) -> None:
    cells = _ranges(line.rows, column)
    page.write_row(row, 0, (line.code, line.title), book.fixed)
    page.write(row, 2, number_of(line.maximum), book.fixed_number)
    page.write_formula(row, 3, f"=SUM({cells})", book.sum, number_of(line.points))
    page.write(row, 4, len(line.rows), book.fixed_number)
    page.write_formula(row, 5, f"=COUNT({cells})", book.fixed_number, line.filled)


def _write_total(book: Book, page: Any, row: int, total: Line) -> None:
    """Write the sum of the areas right above."""
    page.write_row(row, 0, ("", total.title), book.head)
    said = (number_of(total.maximum), number_of(total.points), len(total.rows), total.filled)
    for column, value in enumerate(said, start=2):
        above = f"{cell_name(HEADER_ROW + 1, column)}:{cell_name(row - 1, column)}"
        formula = f"=SUM({above})" if row > HEADER_ROW + 1 else "=0"
        page.write_formula(row, column, formula, book.sum if column < 4 else book.head, value)


def _ranges(rows: Sequence[int], column: int) -> str:
    """Return rows of the points as a formula names them, neighbours together: 'Tự chấm'!K6:K9,'Tự chấm'!K12:K12."""
    runs: list[list[int]] = []
    for row in rows:
        if runs and runs[-1][1] == row - 1:
            runs[-1][1] = row
        else:
            runs.append([row, row])
    name = STAGE_SHEETS["self"]
    return ",".join(f"'{name}'!{cell_name(first, column)}:{cell_name(last, column)}" for first, last in runs)
