"""The columns of a sheet of satisfaction figures: the sheet that goes out comes in again."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from reports import scale
from reports.models import Factor, Satisfaction, Scope
from reports.numbers_vi import date_vi
from reports.readers import ReadError, parse_count, parse_date, parse_decimal, parse_percent, text_of
from reports.spreadsheets import FORMULA_STARTS, Cell, Sheet

TITLE = "Mức độ hài lòng"
MOST_LEVELS = max(scale.WORDS)
TEXT_LENGTH = 2000
FACTOR_COUNTS = (
    ("satisfied", "hài lòng"),
    ("respondents", "người trả lời"),
    ("percent", "tỷ lệ (%)"),
)


@dataclass(frozen=True)
class Column:
    """A column by its name, its header, and how a cell of it is read; an empty cell is None. Raises ReadError."""

    name: str
    label: str
    read: Callable[[object], Any]


def _choice(choices: list[tuple[str, Any]]) -> Callable[[object], str | None]:
    words = {str(label).casefold(): value for value, label in choices} | {
        value: value for value, _ in choices
    }

    def read(cell: object) -> str | None:
        text = text_of(cell)
        if not text:
            return None
        if text.casefold() not in words:
            raise ReadError("Chỉ ghi một trong: " + "; ".join(str(label) for _, label in choices) + ".")
        return words[text.casefold()]

    return read


def _yes_or_no(cell: object) -> bool | None:
    text = text_of(cell).casefold()
    if not text:
        return None
    if text not in ("có", "không"):
        raise ReadError("Chỉ ghi “có” hoặc “không”.")
    return text == "có"


def _text(cell: object) -> str | None:
    text = text_of(cell)
    # Our own sheets put an apostrophe before what a spreadsheet would run.
    if text[:1] == "'" and text[1:].startswith(FORMULA_STARTS):
        text = text[1:]
    if len(text) > TEXT_LENGTH:
        raise ReadError(f"Dài hơn {TEXT_LENGTH} ký tự.")
    return text or None


READ_FACTOR = {"satisfied": parse_count, "respondents": parse_count, "percent": parse_percent}
KEY = ("scope", "kind", "starts_on", "ends_on")
COLUMNS: tuple[Column, ...] = (
    Column("kind", "Loại", _choice(Satisfaction.Kind.choices)),
    Column("scope", "Phạm vi", _choice(Scope.choices)),
    Column("starts_on", "Từ ngày", parse_date),
    Column("ends_on", "Đến ngày", parse_date),
    Column("satisfied", "Số hài lòng và rất hài lòng", parse_count),
    Column("respondents", "Số người trả lời (lượt đánh giá)", parse_count),
    Column("percent", "Tỷ lệ (%)", parse_percent),
    Column("percent_change", "Tăng, giảm theo báo cáo (điểm phần trăm)", parse_decimal),
    Column("is_random_sample", "Mẫu ngẫu nhiên (có/không)", _yes_or_no),
    Column("design_effect", "Hệ số thiết kế mẫu", parse_decimal),
    *(Column(f"level_{n}", f"Mức {n}", parse_count) for n in range(1, MOST_LEVELS + 1)),
    *(
        Column(f"factor.{key}.{name}", f"{label}: {words}", READ_FACTOR[name])
        for key, label in Factor.choices
        for name, words in FACTOR_COUNTS
    ),
    Column("gap_reason", "Giải thích chênh lệch", _text),
    Column("note", "Ghi chú", _text),
)


def satisfaction_sheet(rows: Iterable[Satisfaction]) -> Sheet:
    """Return rows, their factors fetched, as one sheet that can be changed and uploaded again."""
    return Sheet(TITLE, [column.label for column in COLUMNS], [_cells(row) for row in rows])


def values_of(row: Satisfaction) -> dict[str, Any]:
    """Return a row's values by the names of the columns; what is empty is left out."""
    found: dict[str, Any] = {
        column.name: getattr(row, column.name) for column in COLUMNS if hasattr(row, column.name)
    }
    found |= {f"level_{level}": n for level, n in row.level_counts.items()}
    for factor in row.factors.all():
        found |= {f"factor.{factor.factor}.{name}": getattr(factor, name) for name, _ in FACTOR_COUNTS}
    return {name: value for name, value in found.items() if value not in (None, "")}


def _cells(row: Satisfaction) -> list[Cell]:
    found = values_of(row)
    found |= {
        "kind": str(row.get_kind_display()),
        "scope": str(row.get_scope_display()),
        "starts_on": date_vi(row.starts_on),
        "ends_on": date_vi(row.ends_on),
        "is_random_sample": "có" if row.is_random_sample else "không",
    }
    return [_cell(column, found.get(column.name)) for column in COLUMNS]


def _cell(column: Column, value: Any) -> Cell:
    # As text: a bare 0.985 cannot be told from 98,5 %.
    return None if value is None else f"{value:f} %" if column.read is parse_percent else value
