"""What the workbooks of points share: protected pages, what their cells allow, the sheets behind them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from reports.imports.layout import INSTRUCTIONS_SHEET, LISTS_SHEET, STAGE_SHEETS
from reports.models import AssessmentYear, Criterion
from reports.readers import STATE_WORDS
from reports.xlsx import cell_name, column_name

from .book import HEADER_ROW, Book, identify, words_of

STATES = {state: words[0].capitalize() for state, words in STATE_WORDS.items()}
CHOSEN_STATES = ("not_applicable", "not_assessed", "not_entered")
# A spreadsheet shows no longer message beside a cell.
MESSAGE_LENGTH = 255
HELP = (
    "Mỗi ô điểm ghi một số (92,41 hoặc 92.41), hoặc “Không áp dụng”, “Không đánh giá”.",
    "Ô để trống: giữ nguyên giá trị đang có trên hệ thống. Muốn xóa giá trị, ghi “Chưa nhập”.",
    "Không đổi tên trang tính, không sửa mã đơn vị và mã tiêu chí, không trộn ô; có thể bỏ bớt hàng hoặc cột.",
    "Tệp được kiểm tra toàn bộ trước khi ghi; nếu có một lỗi thì không giá trị nào được ghi.",
    "Điểm không được vượt điểm tối đa; tối đa 4 chữ số thập phân.",
)

INPUTS_HELP = (
    "Số liệu của quy tắc ghi ở “Giá trị 1”, “Giá trị 2”, bên phải tên số liệu; ô khóa là số liệu hệ thống đã có.",
    "Có đủ số liệu mà để trống ô điểm, hoặc đổi số liệu mà không đổi điểm: điểm được tính theo quy tắc.",
    "Phần trăm ghi kèm dấu %, ví dụ 98,5%. Điểm khác điểm tính theo quy tắc thì phải nêu lý do ở “Thuyết minh”.",
)


def score_page(book: Book, stage: str, title: str) -> Any:
    """Return a new sheet for the points of a stage: protected but for its open cells."""
    page = protected_page(book, STAGE_SHEETS[stage])
    page.write(0, 1 if stage != "self" else 2, title, book.title)
    page.write(1, 2, HELP[0], book.help)
    return page


def protected_page(book: Book, name: str) -> Any:
    """Return a new sheet whose cells are protected where they are not open."""
    page = book.sheet(name)
    allowed = ("format_columns", "format_rows", "delete_rows", "sort", "autofilter", "select_unlocked_cells")
    page.protect("", dict.fromkeys(allowed, True))
    page.freeze_panes(HEADER_ROW + 1, 4)
    return page


def close(
    book: Book,
    year: AssessmentYear,
    said: dict[str, str],
    *,
    more_help: Sequence[str] = (),
    choices: Sequence[Sequence[str]] = (),
) -> None:
    """Write the sheets behind the points: instructions, lists to choose from, and what the book is for."""
    help_page = book.sheet(INSTRUCTIONS_SHEET)
    help_page.set_column(0, 0, 110)
    help_page.write(0, 0, INSTRUCTIONS_SHEET, book.title)
    for row, line in enumerate((*HELP, *more_help), start=2):
        help_page.write(row, 0, line)
    lists = book.sheet(LISTS_SHEET, is_hidden=True)
    lists.write_column(0, 0, [STATES[state] for state in CHOSEN_STATES])
    for column, listed in enumerate(choices, start=1):
        lists.write_column(0, column, listed)
    identify(book, year, said)


def allow_points(page: Any, first: int, last: int, column: int, maximum: Decimal | None) -> None:
    """Allow 0 to the maximum, or one of the states."""
    highest = "1E+9" if maximum is None else f"{maximum:f}"
    message = f"Ghi số từ 0 đến {words_of(maximum)}, hoặc Không áp dụng, Không đánh giá."
    allow(page, (first, last, column), f"{{cell}}<={highest}", "Điểm không hợp lệ", message)


def allow(page: Any, place: tuple[int, int, int], condition: str, title: str, message: str) -> None:
    """Allow numbers from 0 that meet a condition on "{cell}", and states; `place` is first row, last row, column."""
    first, last, column = place
    cell = cell_name(first, column)
    states = f"COUNTIF('{LISTS_SHEET}'!$A$1:$A${len(CHOSEN_STATES)},{cell})>0"
    rule = {
        "validate": "custom",
        "value": f"=OR(AND(ISNUMBER({cell}),{cell}>=0,{condition.format(cell=cell)}),{states})",
        "error_title": title,
        "error_message": message[:MESSAGE_LENGTH],
        "error_type": "warning",
    }
    page.data_validation(first, column, last, column, rule)


def choose(page: Any, first: int, last: int, column: int, source: str) -> None:
    """Offer a list that stands in cells of the hidden sheet: words of any length, commas included."""
    rule = {
        "validate": "list",
        "source": source,
        "error_title": "Giá trị không có trong danh sách",
        "error_message": "Hãy chọn trong danh sách, hoặc để trống.",
        "error_type": "warning",
    }
    page.data_validation(first, column, last, column, rule)


def listed_at(column: int, length: int) -> str:
    """Return where the lists' sheet keeps a list, for `choose`; column 0 has the states."""
    letter = column_name(column)
    return f"='{LISTS_SHEET}'!${letter}$1:${letter}${length}"


def leaves_of(year: AssessmentYear) -> list[Criterion]:
    """Return the components of a year in the set's order."""
    return list(Criterion.objects.filter(criteria_set=year.criteria_set_id, is_leaf=True).order_by("order"))
