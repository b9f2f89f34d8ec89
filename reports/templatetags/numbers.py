"""Numbers on pages: an absent one is a dash that a screen reader says in words."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from reports import numbers_vi
from reports.numbers_vi import Number

register = template.Library()


@register.filter
def points(value: Number, digits: int = 2) -> str:
    return _absent() if _is_absent(value) else numbers_vi.points(value, digits)


@register.filter
def number(value: Number, digits: int = 2) -> str:
    return _absent() if _is_absent(value) else numbers_vi.number(value, digits)


@register.filter
def count(value: Number) -> str:
    return _absent() if _is_absent(value) else numbers_vi.count(value)


@register.filter
def signed(value: Number, digits: int = 2) -> str:
    return _absent() if _is_absent(value) else numbers_vi.signed(value, digits)


@register.filter
def signed_points(value: Number, digits: int = 2) -> str:
    return _absent() if _is_absent(value) else numbers_vi.signed_points(value, digits)


@register.filter
def percent(value: Number, digits: int = 2) -> str:
    """Print what already is in percent; for a rate of 0–1 use `rate`."""
    return _absent() if _is_absent(value) else numbers_vi.percent(value, digits)


@register.filter
def rate(value: Number, digits: int = 1) -> str:
    return _absent() if _is_absent(value) else numbers_vi.rate(value, digits)


@register.filter
def rank(place: int | None, of: int | None = None) -> str:
    return _absent() if _is_absent(place) else numbers_vi.rank(place, of)


@register.filter
def date_vi(value: dt.date | None) -> str:
    """Print a day; of a moment the day that it was in Vietnam."""
    if isinstance(value, dt.datetime):
        value = timezone.localdate(value)
    return _absent() if _is_absent(value) else numbers_vi.date_vi(value)


@register.filter
def cell(value: Number) -> str:
    """Print a value of a chart's table: a decimal with the one or two places it has, the others whole."""
    if not isinstance(value, Decimal):
        return count(value)
    exponent = value.as_tuple().exponent
    return points(value, 1 if exponent == -1 else 2)


@register.filter
def magnitude(value: Number) -> Number:
    """Return a change without its sign, for sentences that say "tăng" or "giảm" themselves."""
    return value if value is None or value >= 0 else -value


@register.filter
def places(change: int | None) -> str:
    """Print how many places a unit moved; the sign says up or down: +7 bậc."""
    if change is None:
        return _absent()
    return _("%(change)s bậc") % {"change": numbers_vi.signed(change)}


@register.simple_tag
def number_text(value: Number) -> str:
    """Print a number as `number` does, for use as another component's argument."""
    return numbers_vi.number(value)


@register.simple_tag
def position(value: Number, low: Number, high: Number) -> str:
    """Return where a value lies from low to high as an SVG length, "0%" to "100%"."""
    if value is None or low is None or high is None or high == low:
        return "50%"
    share = (Decimal(value) - Decimal(low)) / (Decimal(high) - Decimal(low)) * 100
    return f"{min(max(share, Decimal(0)), Decimal(100)):.2f}%"


def _is_absent(value: object) -> bool:
    """Tell whether there is nothing to print; a figure of a result that is not there arrives as an empty text."""
    return value is None or value == ""


def _absent() -> str:
    return format_html(
        '<span class="none"><span aria-hidden="true">–</span><span class="visually-hidden">{}</span></span>',
        _("chưa có số liệu"),
    )
