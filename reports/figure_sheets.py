"""Indicators, initiatives and activities as sheets: the same columns go out and come in again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, TextChoices

from districts.models import Unit
from districts.names import fold
from reports.models import Activity, Indicator, Initiative, Observation, Quality, Releasable, Scope
from reports.numbers_vi import date_vi, number
from reports.readers import ReadError, parse_count, parse_date, parse_decimal, text_of
from reports.spreadsheets import FORMULA_STARTS, Cell, Sheet


@dataclass(frozen=True)
class Column:
    """A field with its heading; `read` takes a cell's raw value and raises ReadError, `is_key` names the row."""

    name: str
    title: str
    read: Callable[[object], Any]
    is_key: bool = False
    is_needed: bool = False


@dataclass(frozen=True)
class FigureSheet:
    """What one sheet holds: rows of one model."""

    title: str
    model: type[Releasable]
    columns: tuple[Column, ...]

    @property
    def labels(self) -> Mapping[str, str]:
        """Return the column each folded heading stands for."""
        return {fold(column.title): column.name for column in self.columns}


def text(length: int) -> Callable[[object], str]:
    """Return a reader of texts up to a length; an apostrophe our own sheets put before a formula is taken off."""

    def read(raw: object) -> str:
        said = text_of(raw)
        if said[:1] == "'" and said[1:].startswith(FORMULA_STARTS):
            said = said[1:]
        if len(said) > length:
            raise ReadError(f"Dài hơn {length} ký tự.")
        return said

    return read


def choice(choices: type[TextChoices], default: TextChoices | None = None) -> Callable[[object], str]:
    """Return a reader of one of some choices, by label or value; nothing is the default, where there is one."""

    def read(raw: object) -> str:
        said = fold(text_of(raw))
        if not said and default is not None:
            return str(default.value)
        for one in choices:
            if said in (fold(str(one.label)), one.value):
                return str(one.value)
        raise ReadError(f"Chỉ ghi một trong: {', '.join(str(one.label) for one in choices)}.")

    return read


def day(raw: object) -> dt.date | None:
    """Read a day, None where there is nothing."""
    return parse_date(raw) if text_of(raw) else None


def amount(raw: object) -> Decimal | None:
    """Read a number that is not negative, None where there is nothing."""
    value = parse_decimal(raw)
    if value is not None and value < 0:
        raise ReadError("Không thể âm.")
    return value


_SOURCE_COLUMNS = (
    Column("quality", "Độ chính xác", choice(Quality, Quality.EXACT)),
    Column("wording", "Nguyên văn", text(500)),
    Column("note", "Ghi chú", text(1000)),
    Column("gap_reason", "Giải thích chênh lệch", text(1000)),
)
OBSERVATIONS = FigureSheet(
    "Chỉ tiêu",
    Observation,
    (
        Column("indicator", "Mã chỉ tiêu", text(80), is_key=True, is_needed=True),
        Column("scope", "Phạm vi", choice(Scope, Scope.OWN), is_key=True),
        Column("starts_on", "Từ ngày", day),
        Column("ends_on", "Đến ngày", day, is_key=True, is_needed=True),
        Column("value", "Giá trị", amount),
        Column("numerator", "Tử số", amount),
        Column("denominator", "Mẫu số", amount),
        *_SOURCE_COLUMNS,
    ),
)
INITIATIVES = FigureSheet(
    "Sáng kiến",
    Initiative,
    (
        Column("name", "Tên sáng kiến, mô hình", text(300), is_key=True, is_needed=True),
        Column("description", "Nội dung", text(4000)),
        Column("starts_on", "Từ ngày", day, is_key=True, is_needed=True),
        Column("ends_on", "Đến ngày", day, is_key=True, is_needed=True),
        Column("dossiers", "Hồ sơ", parse_count),
        Column("hours_saved", "Giờ tiết kiệm", amount),
        Column("dong_saved", "Đồng tiết kiệm", parse_count),
        *_SOURCE_COLUMNS,
    ),
)
ACTIVITIES = FigureSheet(
    "Hoạt động",
    Activity,
    (
        Column("title", "Tên hoạt động", text(400), is_key=True, is_needed=True),
        Column("kind", "Loại", choice(Activity.Kind), is_needed=True),
        Column("starts_on", "Từ ngày", day, is_key=True, is_needed=True),
        Column("ends_on", "Đến ngày", day, is_key=True, is_needed=True),
        *_SOURCE_COLUMNS,
    ),
)
SHEETS = (OBSERVATIONS, INITIATIVES, ACTIVITIES)


def figure_sheets(unit: Unit, year: int | None = None) -> list[Sheet]:
    """Return what a unit has entered as three sheets, each with its heading even where it is empty; three queries."""
    return [Sheet(one.title, [c.title for c in one.columns], list(_rows(one, unit, year))) for one in SHEETS]


def _rows(sheet: FigureSheet, unit: Unit, year: int | None) -> Iterable[list[Cell]]:
    rows = sheet.model.objects.in_work().filter(Q(unit=unit))
    if year is not None:
        rows = rows.filter(Q(ends_on__year=year))
    related = ["indicator"] if sheet.model is Observation else []
    for row in rows.select_related(*related).order_by("ends_on", "pk"):
        yield [shown(getattr(row, column.name), sheet.model, column.name) for column in sheet.columns]


def shown(value: Any, model: type[Releasable], name: str) -> Cell:
    """Return a value as a cell: choices in words, days as dd/mm/yyyy, an indicator by its code."""
    if value in (None, ""):
        return None
    if isinstance(value, Indicator):
        return value.slug
    if isinstance(value, dt.date):
        return date_vi(value)
    choices = dict(model._meta.get_field(name).flatchoices or ())  # type: ignore[union-attr]
    if choices:
        return str(choices[value])
    return value if isinstance(value, str | int | Decimal) else str(value)


def words(value: Any, model: type[Releasable], name: str) -> str:
    """Return a value as a preview shows it."""
    cell = shown(value, model, name)
    if cell is None:
        return "–"
    return number(cell, 4) if isinstance(cell, Decimal | int) else cell
