"""How is a number printed? In Vietnamese 92,41 · 351.000 · 98,5 % · 05/03/2024, in English 92.41 · 351,000."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, cached_property

from django.utils.formats import date_format, get_format
from django.utils.translation import get_language

MINUS = "\u2212"
# Before a percent sign: narrow, and the line never breaks there.
NARROW_SPACE = "\u202f"
NOTHING = "–"

Number = Decimal | int | None
QUANTA = [Decimal(1).scaleb(-digits) for digits in range(9)]


class Numbers:
    """How one language writes numbers and days; what is asked by name below is of the language of the page."""

    def __init__(self, language: str | None) -> None:
        self.language = language

    @cached_property
    def marks(self) -> dict[int, str]:
        """What stands for "," and "." in a number; formats do not change while a process runs."""
        separators = {
            ",": get_format("THOUSAND_SEPARATOR", self.language),
            ".": get_format("DECIMAL_SEPARATOR", self.language),
        }
        return str.maketrans(separators)

    @cached_property
    def decimal_mark(self) -> str:
        return self.marks[ord(".")]

    @cached_property
    def percent_sign(self) -> str:
        return "%" if self.language == "en" else f"{NARROW_SPACE}%"

    def points(self, value: Number, digits: int = 2) -> str:
        """Return points with all their decimals, rounded half up: 92.4 → "92,40"."""
        return NOTHING if value is None else self._fixed(value, digits)

    def number(self, value: Number, digits: int = 2) -> str:
        """Return a number without trailing zeros, rounded half up: 92.4000 → "92,4", 351000 → "351.000"."""
        return NOTHING if value is None else self._trimmed(self._fixed(value, digits))

    def count(self, value: Number) -> str:
        """Return a whole number with its thousands: 1139 → "1.139"."""
        return NOTHING if value is None else self._fixed(value, 0)

    def signed(self, value: Number, digits: int = 2) -> str:
        """Return a change with its sign and without trailing zeros: 0.8 → "+0,8", −1.06 → "−1,06", 0 → "0"."""
        if value is None:
            return NOTHING
        text = self._trimmed(self._fixed(value, digits))
        return text if text == "0" or text.startswith(MINUS) else f"+{text}"

    def signed_points(self, value: Number, digits: int = 2) -> str:
        """Return a change with its sign and all its decimals, to stand in a column: 1.3 → "+1,30", 0 → "0,00"."""
        if value is None:
            return NOTHING
        return f"+{self._fixed(value, digits)}" if value > 0 else self._fixed(value, digits)

    def percent(self, value: Number, digits: int = 2) -> str:
        """Return a value that already is in percent, without trailing zeros: 98.500 → "98,5 %", in English "98.5%"."""
        return NOTHING if value is None else self.number(value, digits) + self.percent_sign

    def percent_fixed(self, value: Number, digits: int = 1) -> str:
        """Return a percent that was computed, with all its decimals, to stand in a column: 92 → "92,0 %"."""
        return NOTHING if value is None else self._fixed(value, digits) + self.percent_sign

    def rate(self, value: Number, digits: int = 1) -> str:
        """Return a rate of 0–1 as percent, rounded half up: 0.98513 → "98,5 %"."""
        return NOTHING if value is None else self.percent(value * 100, digits)

    def _fixed(self, value: Decimal | int, digits: int) -> str:
        exact = value if isinstance(value, Decimal) else Decimal(value)
        rounded = exact.quantize(QUANTA[digits], rounding=ROUND_HALF_UP)
        text = f"{rounded:,f}"
        if text[0] == "-":
            # What is rounded to nothing has no sign.
            text = f"{MINUS if rounded else ''}{text[1:]}"
        # Few numbers have thousands, and translating is the slower of the two.
        return text.translate(self.marks) if "," in text else text.replace(".", self.decimal_mark)

    def _trimmed(self, text: str) -> str:
        return text.rstrip("0").rstrip(self.decimal_mark) if self.decimal_mark in text else text


@cache
def numbers_of(language: str | None) -> Numbers:
    return Numbers(language)


def points(value: Number, digits: int = 2) -> str:
    return numbers_of(get_language()).points(value, digits)


def number(value: Number, digits: int = 2) -> str:
    return numbers_of(get_language()).number(value, digits)


def count(value: Number) -> str:
    return numbers_of(get_language()).count(value)


def signed(value: Number, digits: int = 2) -> str:
    return numbers_of(get_language()).signed(value, digits)


def signed_points(value: Number, digits: int = 2) -> str:
    return numbers_of(get_language()).signed_points(value, digits)


def percent(value: Number, digits: int = 2) -> str:
    return numbers_of(get_language()).percent(value, digits)


def percent_fixed(value: Number, digits: int = 1) -> str:
    return numbers_of(get_language()).percent_fixed(value, digits)


def rate(value: Number, digits: int = 1) -> str:
    return numbers_of(get_language()).rate(value, digits)


def rank(place: int | None, of: int | None = None) -> str:
    """Return a place among the ranked: "23/30", or "23/?" where their number is unknown."""
    if place is None:
        return NOTHING
    return f"{place}/{'?' if of is None else of}"


def date_vi(value: dt.date | None) -> str:
    """Return a day as the language of the page writes it: 05/03/2024, 5 Mar 2024."""
    return NOTHING if value is None else date_format(value, "DATE_FORMAT")
