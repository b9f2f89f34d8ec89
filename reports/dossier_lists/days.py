"""On which day, in Vietnam? Dates and times as one-stop systems write them; only the day counts. Pure."""

from __future__ import annotations

import datetime as dt
import math
import re
from functools import lru_cache

from reports.readers import ReadError, text_of

# Asia/Ho_Chi_Minh: UTC+7 the year round since 13/06/1975, so that an offset is all there is to know.
VIETNAM = dt.timezone(dt.timedelta(hours=7))
FIRST_YEAR, LAST_YEAR = 1990, 2100
# Day 1 of a spreadsheet is 01/01/1900, and it believes in 29/02/1900.
SERIAL_ZERO = dt.date(1899, 12, 30)
# A time of day in a spreadsheet is kept to about a microsecond.
HALF_SECOND = 0.5 / 86_400

_DAY = r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}|\d{4}[-/]\d{1,2}[-/]\d{1,2}"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?(?:AM|PM|SA|CH))?"
_STAMP = re.compile(
    rf"(?:(?P<first>{_CLOCK})[ ,]+)?(?P<day>{_DAY})(?:[T ,]+(?P<clock>{_CLOCK})? ?(?P<offset>Z|[+-]\d\d:?\d\d)?)?",
    re.ASCII | re.IGNORECASE,
)
_SERIAL = re.compile(r"(\d{5})(?:[.,](\d+))?", re.ASCII)
UNREADABLE = "Không đọc được ngày; hãy ghi ngày/tháng/năm, ví dụ 05/03/2024."


def day_of(cell: object) -> dt.date | None:
    """Return a day in Vietnam, None for an empty cell: 05/03/2024 · 05/03/2024 14:30:05 · 14:30 05/03/2024 ·
    2024-03-05T17:30:00Z (which is 06/03/2024) · a date cell · the number a spreadsheet keeps (45356).

    The day comes before the month, the year has four digits. A time without an offset is Vietnamese. Raises ReadError.
    """
    if cell is None or cell == "":
        return None
    if isinstance(cell, str):
        return _day_in(cell)
    if isinstance(cell, dt.datetime):
        return _plausible((cell.astimezone(VIETNAM) if cell.tzinfo else cell).date())
    if isinstance(cell, dt.date):
        return _plausible(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _of_serial(float(cell))
    raise ReadError(UNREADABLE)


def _day_in(raw: str) -> dt.date | None:
    found = _STAMP.fullmatch(raw)
    if found is None:
        text = text_of(raw).removeprefix("'")
        if not text:
            return None
        if serial := _SERIAL.fullmatch(text):
            return _of_serial(float(f"{serial[1]}.{serial[2] or 0}"))
        found = _STAMP.fullmatch(text)
        if found is None:
            raise ReadError(UNREADABLE)
    first, written, clock, offset = found.groups()
    day = _written(written)
    if first or clock or offset:
        if offset and not (first or clock):
            raise ReadError(UNREADABLE)
        return _moved(day, _days_later(first or clock, offset or ""))
    return day


@lru_cache(maxsize=8192)
def _written(text: str) -> dt.date:
    parts = re.split(r"[/.-]", text)
    day, month, year = parts if len(parts[0]) < 3 else reversed(parts)
    try:
        return _plausible(dt.date(int(year), int(month), int(day)))
    except ValueError as error:
        raise error if isinstance(error, ReadError) else ReadError("Không có ngày này trong lịch.") from None


@lru_cache(maxsize=8192)
def _days_later(clock: str, offset: str) -> int:
    """Return by how many days a moment lies on another day in Vietnam than as written: −1, 0 or 1."""
    digits = [int(part) for part in re.findall(r"\d+", clock)[:3]]
    hour, minute, second = (*digits, 0)[:3]
    half = clock[-2:].upper()
    if half in ("PM", "CH", "AM", "SA") and hour <= 12:
        hour = hour % 12 + (12 if half in ("PM", "CH") else 0)
    if hour > 23 or minute > 59 or second > 59:
        raise ReadError("Không có giờ này trong ngày.")
    if not offset:
        return 0
    ahead = 0
    if offset not in "zZ":
        signed = -1 if offset[0] == "-" else 1
        ahead = signed * (int(offset[1:3]) * 60 + int(offset[-2:]))
    return (hour * 60 + minute - ahead + 7 * 60) // (24 * 60)


def _moved(day: dt.date, days: int) -> dt.date:
    return day + dt.timedelta(days=days) if days else day


def _of_serial(number: float) -> dt.date:
    if not math.isfinite(number) or not 0 < number < 200_000:
        raise ReadError(UNREADABLE)
    return _plausible(SERIAL_ZERO + dt.timedelta(days=math.floor(number + HALF_SECOND)))


def _plausible(day: dt.date) -> dt.date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ReadError(f"Năm phải trong khoảng {FIRST_YEAR}–{LAST_YEAR}.")
    return day
