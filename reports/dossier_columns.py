"""The columns of form II.06/VPCP/KSTT and what stands beside them: names, numbers, and what people type in. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from districts.names import fold

from .numbers_vi import count, percent
from .readers import ReadError, parse_count, parse_percent, text_of

FORM_NUMBER = "Biểu số II.06/VPCP/KSTT"
UNIT_OF_MEASURE = "Đơn vị tính: số hồ sơ TTHC"
RECEIVED, RESOLVED, PENDING = "Tiếp nhận", "Đã giải quyết", "Đang giải quyết"
WAITING, LATE, DIGITISED, UNSPLIT = "Tình trạng khác", "Hồ sơ quá hạn", "Số hóa", "Số liệu không tách"
# "trên 351.000" is a bound and not a value; what it is called in the model.
_BOUNDS = {
    **dict.fromkeys(("tren", "hon", "it nhat"), "lower"),
    **dict.fromkeys(("duoi", "gan", "toi da"), "upper"),
    **dict.fromkeys(("khoang", "chung"), "about"),
}
_BOUND = re.compile(rf"({'|'.join(_BOUNDS)}) +(\S.*)")
WORDING_LENGTH = 60


@dataclass(frozen=True)
class Column:
    """A count or printed rate of a dossier count; `number` is its column in the form, None beside it."""

    name: str
    group: str
    label: str
    number: int | None = None
    is_rate: bool = False
    # Filled in only where a source does not say more.
    is_rare: bool = False


COLUMNS: tuple[Column, ...] = (
    Column("received", RECEIVED, "Tổng số", 3),
    Column("received_online", RECEIVED, "Trực tuyến", 4),
    Column("received_direct", RECEIVED, "Trực tiếp, dịch vụ bưu chính", 5),
    Column("carried_over", RECEIVED, "Từ kỳ trước", 6),
    Column("resolved", RESOLVED, "Tổng số", 7),
    Column("resolved_early", RESOLVED, "Trước hạn", 8),
    Column("resolved_on_time", RESOLVED, "Đúng hạn", 9),
    Column("resolved_late", RESOLVED, "Quá hạn", 10),
    Column("pending", PENDING, "Tổng số", 11),
    Column("pending_on_time", PENDING, "Trong hạn", 12),
    Column("pending_late", PENDING, "Quá hạn", 13),
    Column("awaiting_supplement", WAITING, "Chờ bổ sung"),
    Column("suspended", WAITING, "Tạm dừng xử lý"),
    Column("returned", WAITING, "Trả lại, không đủ điều kiện"),
    Column("withdrawn", WAITING, "Rút hồ sơ"),
    Column("apologised", LATE, "Có thư xin lỗi"),
    Column("rescheduled", LATE, "Có hẹn lại ngày trả"),
    Column("digitised_on_receipt", DIGITISED, "Khi tiếp nhận (trên hồ sơ tiếp nhận)"),
    Column("digitised_results", DIGITISED, "Kết quả (trên hồ sơ đã giải quyết)"),
    Column("on_time_or_early", UNSPLIT, "Trước và đúng hạn", is_rare=True),
    Column("late_unspecified", UNSPLIT, "Trễ hạn, không rõ đã hay đang giải quyết", is_rare=True),
    Column(
        "printed_on_time_rate", UNSPLIT, "Tỷ lệ trước và đúng hạn đã công bố (%)", is_rate=True, is_rare=True
    ),
    Column("printed_digitised_rate", UNSPLIT, "Tỷ lệ số hóa đã công bố (%)", is_rate=True, is_rare=True),
)
BY_NAME: Mapping[str, Column] = {column.name: column for column in COLUMNS}
FORM_COLUMNS = tuple(column for column in COLUMNS if column.number is not None)


@dataclass(frozen=True)
class Read:
    """What a row's cells say: values by column, what each is where it is no exact value, and what cannot be read."""

    values: Mapping[str, int | Decimal | None]
    qualified: Mapping[str, Mapping[str, str]]
    errors: Mapping[str, str]

    @property
    def is_empty(self) -> bool:
        return not self.errors and all(value is None for value in self.values.values())


def read_cells(cells: Mapping[str, object]) -> Read:
    """Return the cells of one row, by column name: "1.674", "trên 351.000", "98,5%"; an empty cell is None."""
    values: dict[str, int | Decimal | None] = {}
    qualified: dict[str, dict[str, str]] = {}
    errors: dict[str, str] = {}
    for name, cell in cells.items():
        bound, rest = _bound(cell)
        try:
            values[name] = parse_percent(rest) if BY_NAME[name].is_rate else _count(rest)
        except ReadError as error:
            errors[name] = str(error)
            continue
        if bound:
            qualified[name] = {"quality": bound, "wording": text_of(cell)[:WORDING_LENGTH]}
    return Read(values, qualified, errors)


def cell_text(name: str, value: int | Decimal | None, qualified: Mapping[str, Mapping[str, str]]) -> str:
    """Return a stored value as it is typed: what `read_cells` reads back."""
    if value is None:
        return ""
    if wording := qualified.get(name, {}).get("wording"):
        return wording
    return percent(Decimal(value), 3).replace("\u202f", "") if BY_NAME[name].is_rate else count(value)


def _bound(cell: object) -> tuple[str, object]:
    found = _BOUND.fullmatch(fold(cell)) if isinstance(cell, str) else None
    return (_BOUNDS[found.group(1)], found.group(2)) if found else ("", cell)


def _count(cell: object) -> int | None:
    number = parse_count(cell)
    if number is not None and number < 0:
        raise ReadError("Số hồ sơ không thể âm.")
    return number
