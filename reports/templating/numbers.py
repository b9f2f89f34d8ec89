"""Numbers on pages: an absent one is a dash that a screen reader says in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from jinja2 import Undefined

from reports import numbers_vi
from reports.numbers_vi import Number


class Filters:
    """The filters that print numbers in one language."""

    def __init__(self, language: str) -> None:
        self.numbers = numbers_vi.numbers_of(language)

    def points(self, value: Number, digits: int = 2) -> str:
        return self.numbers.points(value, digits) if is_number(value) else _absent(value)

    def number(self, value: Number, digits: int = 2) -> str:
        return self.numbers.number(value, digits) if is_number(value) else _absent(value)

    def count(self, value: Number) -> str:
        return self.numbers.count(value) if is_number(value) else _absent(value)

    def signed(self, value: Number, digits: int = 2) -> str:
        return self.numbers.signed(value, digits) if is_number(value) else _absent(value)

    def signed_points(self, value: Number, digits: int = 2) -> str:
        return self.numbers.signed_points(value, digits) if is_number(value) else _absent(value)

    def percent(self, value: Number, digits: int = 2) -> str:
        """Print what already is in percent; for a rate of 0–1 use `rate`."""
        return self.numbers.percent(value, digits) if is_number(value) else _absent(value)

    def percent_fixed(self, value: Number, digits: int = 1) -> str:
        return self.numbers.percent_fixed(value, digits) if is_number(value) else _absent(value)

    def rate(self, value: Number, digits: int = 1) -> str:
        return self.numbers.rate(value, digits) if is_number(value) else _absent(value)

    def cell(self, value: Number, digits: int = 2) -> str:
        """Print a value of a chart's table: a decimal with the places of the chart, the others whole."""
        return self.points(value, digits) if isinstance(value, Decimal) else self.count(value)

    def number_text(self, value: Number) -> str:
        """Print a number as `number` does, for use as another component's argument."""
        return self.numbers.number(value)

    def places(self, change: int | None) -> str:
        """Print how many places a unit moved; the sign says up or down: +7 bậc."""
        if not is_number(change):
            return _absent(change)
        return _("%(change)s bậc") % {"change": self.numbers.signed(change)}

    def all(self) -> dict[str, Callable[..., str]]:
        """Return the filters by the names that templates know them by."""
        found = (
            *(self.points, self.number, self.count, self.signed, self.signed_points, self.percent, self.rate),
            *(self.percent_fixed, self.cell, self.number_text, self.places),
        )
        return {one.__name__: one for one in found}


def rank(place: int | None, of: int | None = None) -> str:
    return numbers_vi.rank(place, of) if is_number(place) else _absent(place)


def date_vi(value: dt.date | None) -> str:
    """Print a day; of a moment the day that it was in Vietnam."""
    if isinstance(value, dt.datetime):
        value = timezone.localdate(value)
    return _absent(value) if is_absent(value) else numbers_vi.date_vi(value)


def magnitude(value: Number) -> Number:
    """Return a change without its sign, for sentences that say "tăng" or "giảm" themselves."""
    return value if value is None or value >= 0 else -value


def way(change: Number) -> str:
    """Return where a change goes, as the classes of movements end: up, down, same."""
    return "same" if not change else "up" if change > 0 else "down"


def position(value: Number, low: Number, high: Number) -> str:
    """Return where a value lies from low to high as an SVG length, "0%" to "100%"."""
    if value is None or low is None or high is None or high == low:
        return "50%"
    share = (Decimal(value) - Decimal(low)) / (Decimal(high) - Decimal(low)) * 100
    return f"{min(max(share, Decimal(0)), Decimal(100)):.2f}%"


def is_absent(value: object) -> bool:
    """Tell whether there is nothing to print, as of a figure of a result that is not there."""
    return value is None or value == "" or isinstance(value, Undefined)


def is_number(value: object) -> bool:
    return isinstance(value, Decimal | int)


def _absent(value: object) -> str:
    if not is_absent(value):
        raise TypeError(f"{value!r} is no number")
    return format_html(
        '<span class="none"><span aria-hidden="true">–</span><span class="visually-hidden">{}</span></span>',
        _("chưa có số liệu"),
    )
