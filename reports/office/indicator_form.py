"""What the form of a year's indicators posts: texts in, writes out, and what became of each row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django.http import QueryDict

from districts.audit import Act
from districts.models import Unit
from reports.indicator_checks import MEASURED
from reports.models import Indicator, Observation, Quality
from reports.numbers_vi import date_vi, number
from reports.readers import ReadError, parse_count, parse_date, parse_decimal, text_of, whole_number
from reports.workflow.figures import RowResult, RowWrite, write_rows

NUMBERS = ("value", "numerator", "denominator")
DAYS = ("starts_on", "ends_on")
TEXTS = ("wording", "note", "gap_reason")
NEEDS_DAY = "Hãy ghi ngày mà số liệu tính đến."
OTHER_YEAR = "Ngày cuối kỳ phải trong năm %d; số liệu năm khác thì chọn năm đó ở đầu trang."
HAS_FIGURE = "Chỉ tiêu đã có số liệu: hãy sửa số, không để trống."


@dataclass
class IndicatorRow:
    """One line of the form: the indicator, the figure that stands, what was typed, and what was said of it.

    `period` is what a new figure is of unless somebody says otherwise; no first day means: counted at the last.
    """

    indicator: Indicator
    row: Observation | None
    before: Observation | None
    period: tuple[dt.date | None, dt.date]
    typed: Mapping[str, str] | None = None
    errors: dict[str, str] = field(default_factory=dict)
    message: str = ""

    @property
    def is_ratio(self) -> bool:
        return bool(self.indicator.denominator_label)

    @property
    def is_percent(self) -> bool:
        """Return whether counts may stand behind a share that is asked for without them."""
        return not self.is_ratio and self.indicator.unit_of_measure == "%"

    @property
    def shown(self) -> dict[str, str]:
        """Return what stands in the fields: what was typed, else the figure."""
        if self.typed is not None:
            return dict(self.typed)
        row = self.row
        found = {name: _number(getattr(row, name, None)) for name in NUMBERS}
        found |= {name: getattr(row, name) if row else "" for name in TEXTS}
        days = (row.starts_on, row.ends_on) if row else self.period
        found |= {name: date_vi(day) if day else "" for name, day in zip(DAYS, days, strict=True)}
        return found | {"quality": row.quality if row else Quality.EXACT.value}

    @property
    def is_unusual(self) -> bool:
        """Return whether more is said than the number, so that its block stands open."""
        usual = replace(self, row=None, typed=None).shown
        shown = self.shown
        counts = ("numerator", "denominator") if self.is_percent else ()
        said = any(shown[name] != usual[name] for name in (*DAYS, *TEXTS, *counts, "quality"))
        return said or self.has_problem

    @property
    def share(self) -> Decimal | None:
        return _share(self.row)

    @property
    def before_share(self) -> Decimal | None:
        return _share(self.before)

    @property
    def has_problem(self) -> bool:
        return bool(self.errors or self.message)

    def read(self, post: QueryDict) -> None:
        """Take what was typed; what a form does not carry stays as it is shown."""
        names, pk = (*NUMBERS, *DAYS, *TEXTS, "quality"), self.indicator.pk
        typed = {name: text_of(post.get(f"{pk}-{name}", self.shown[name])) for name in names}
        self.typed = typed | {"quality": typed["quality"] or Quality.EXACT.value}

    @property
    def is_changed(self) -> bool:
        return self.typed != replace(self, typed=None).shown

    def take(self, result: RowResult) -> None:
        if result.outcome in ("saved", "unchanged"):
            self.row, self.typed = result.row, None
        else:
            self.errors, self.message = dict(result.errors), result.message


def rows_of(unit: Unit, year: int, scope: str, added: Collection[int] = ()) -> list[IndicatorRow]:
    """Return the indicators asked for, those `added`, and those that have a figure of the year or the one before.

    Two queries.
    """
    found: dict[int, dict[int, Observation]] = {}
    known = Observation.objects.in_work().filter(unit=unit, scope=scope, ends_on__year__in=[year - 1, year])
    for row in known.order_by("ends_on"):
        found.setdefault(row.indicator_id, {})[row.ends_on.year] = row
    every = Indicator.objects.all()
    wanted = [one for one in every if one.is_active or one.pk in found or one.pk in added]
    wanted.sort(key=lambda one: (Indicator.Topic.values.index(one.topic), one.order, one.slug))
    first, last = period_of(unit, year)
    return [
        IndicatorRow(
            one,
            found.get(one.pk, {}).get(year),
            found.get(one.pk, {}).get(year - 1),
            (first if one.aggregation == Indicator.Aggregation.SUM else None, last),
        )
        for one in wanted
    ]


def period_of(unit: Unit, year: int) -> tuple[dt.date, dt.date]:
    """Return the part of a year in which the unit existed: a closed unit's figures end with it."""
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    if unit.valid_from and unit.valid_from.year == year:
        first = unit.valid_from
    if unit.valid_to and unit.valid_to.year == year:
        last = unit.valid_to
    return first, last


def save(unit: Unit, year: int, scope: str, rows: list[IndicatorRow], post: QueryDict, act: Act) -> int:
    """Write the rows that were changed and return how many; each says for itself why it was refused."""
    writes: list[tuple[IndicatorRow, RowWrite]] = []
    for row in rows:
        row.read(post)
        values = _values(row, year) if row.is_changed else None
        if values is not None and (row.row is not None or any(values[name] is not None for name in NUMBERS)):
            writes.append((row, _write(row, scope, values, post)))
    results = write_rows(unit, [write for _row, write in writes], act) if writes else []
    for (row, _), result in zip(writes, results, strict=True):
        row.take(result)
    return sum(result.outcome == "saved" for result in results)


def _write(row: IndicatorRow, scope: str, values: dict[str, Any], post: QueryDict) -> RowWrite:
    seen = post.get(f"{row.indicator.pk}-version", "0")
    key: dict[str, object] = {"pk": row.row.pk} if row.row is not None else {}
    if row.row is None:
        key = {"indicator": row.indicator, "scope": scope, "ends_on": values.pop("ends_on")}
    return RowWrite(Observation, key, values, expected_version=whole_number(seen) or 0)


def _values(row: IndicatorRow, year: int) -> dict[str, Any] | None:
    """Return the typed row as values; what cannot be read becomes an error of the row."""
    assert row.typed is not None
    read = parse_decimal if row.indicator.unit_of_measure in MEASURED else parse_count
    values: dict[str, Any] = {}
    # What a share is a share of was counted: "1.674" is thousands there.
    counted = parse_count if row.indicator.unit_of_measure == "%" else read
    readers: dict[str, Callable[[object], Any]] = {
        "value": read,
        "numerator": counted,
        "denominator": counted,
        **dict.fromkeys(DAYS, parse_date),
    }
    for name, reader in readers.items():
        try:
            values[name] = reader(row.typed[name]) if row.typed[name] else None
        except ReadError as error:
            row.errors[name] = str(error)
    if row.errors:
        return None
    is_empty = all(values[name] is None for name in NUMBERS)
    if is_empty and row.row is not None:
        row.errors["value"] = HAS_FIGURE
    elif not is_empty and values["ends_on"] is None:
        row.errors["ends_on"] = NEEDS_DAY
    elif not is_empty and values["ends_on"].year != year:
        row.errors["ends_on"] = OTHER_YEAR % year
    if row.errors:
        return None
    return values | {name: row.typed[name] for name in (*TEXTS, "quality")}


def _number(value: Decimal | None) -> str:
    """Return a number as either reader takes it back: "1.674" would be thousands here and decimals there."""
    return "" if value is None else number(value, 4).replace(".", "")


def _share(row: Observation | None) -> Decimal | None:
    if row is None or row.numerator is None or not row.denominator:
        return None
    return 100 * row.numerator / row.denominator
