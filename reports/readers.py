"""What do the words of a cell mean? Numbers, dates and texts as people type them in Vietnam. Pure.

A dot or a comma may stand for decimals or for thousands. Mostly the text itself tells: "1.674,5", "1.234.567", "12.5",
"0.674". Of one mark before exactly three digits the kind of field decides, here and nowhere else:

                            1.674                           1,674
    a count                 1674                            1674: a count has no decimals
    points, an amount       refused, both readings shown    1,674: the comma is the decimal mark
    a percentage            1,674: none has thousands       1,674

`read_as` says which reading was taken. Whatever cannot be read for certain is refused.
"""

from __future__ import annotations

import datetime as dt
import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum, auto

from districts.names import fold

MAX_LENGTH = 60
# Excel keeps and shows no more digits than these of a number.
SPREADSHEET_DIGITS = 15
FIRST_YEAR, LAST_YEAR = 1900, 2100
# Beyond what any key, version or row of ours can be, within what both databases take.
MOST_NUMBER = 10**15

# What may follow a number, without marks.
POINT_WORDS = frozenset({"diem", "d"})
PERCENT_WORDS = frozenset({"phan tram"})
COUNT_WORDS = frozenset(
    {
        *(
            "ho so",
            "hs",
            "don vi",
            "co quan",
            "tthc",
            "thu tuc",
            "luot",
            "phieu",
            "nguoi",
            "van ban",
            "nhiem vu",
        ),
        *("cau", "cong chuc", "truong hop", "y kien", "bac", "xa", "huyen"),
    }
)
BOUND_WORDS = frozenset({"tren", "hon", "duoi", "gan", "khoang", "chung", "it nhat", "toi da"})
# What a cell says that has no points. Logic uses the keys, which are those of PointsState.
STATE_WORDS = {
    "not_applicable": ("không áp dụng", "kad"),
    "not_assessed": ("không đánh giá", "kdg"),
    "not_entered": ("chưa nhập", "xóa"),
    "not_published": ("chưa công bố",),
}
_STATES = {fold(word): state for state, words in STATE_WORDS.items() for word in words}


class _Three(Enum):
    """What one dot before exactly three digits stands for."""

    THOUSANDS = auto()
    DECIMALS = auto()
    REFUSED = auto()


@dataclass(frozen=True)
class _Kind:
    """What may follow a number of a kind, how its doubtful dot is read, and how one is written."""

    words: frozenset[str]
    dot: _Three
    example: str


_POINTS = _Kind(POINT_WORDS, _Three.REFUSED, "92,41")
_PERCENT = _Kind(PERCENT_WORDS, _Three.DECIMALS, "98,5%")
_COUNT = _Kind(COUNT_WORDS, _Three.THOUSANDS, "1674")

_NUMBER = re.compile(r"(?P<sign>[-+]?)(?P<body>[0-9][0-9., ]*|[.,][0-9]+)(?P<rest>.*)", re.ASCII)
# One mark before exactly three digits, after what thousands could stand before.
_DOUBTFUL = re.compile(r"[1-9][0-9]{0,2}[.,][0-9]{3}", re.ASCII)
_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00)?)?", re.ASCII)
_LONG_DATE = re.compile(r"(?:ngay )?(\d{1,2}) thang (\d{1,2}) nam (\d{4})", re.ASCII)


class ReadError(ValueError):
    """The value cannot be read for certain; the message says why, in Vietnamese."""


def text_of(value: object) -> str:
    """Return a cell as text: NFC, one kind of space, none at the ends, nothing invisible; empty for None.

    A whole number as a spreadsheet keeps it (31.0) is written without decimals.
    """
    if value is None:
        return ""
    if isinstance(value, float) and math.isfinite(value):
        value = _plain(_from_float(value))
    text = str(value)
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    text = unicodedata.normalize("NFC", text)
    kept = (" " if sign.isspace() else sign for sign in text if sign.isspace() or not _is_invisible(sign))
    return " ".join("".join(kept).split())


def parse_decimal(value: object, *, digits: int = 4) -> Decimal | None:
    """Return points or an amount, None for an empty cell: 92,41 · 92.41 · 1.674,5 · "92,41 điểm".

    Raises ReadError, also for "1.674" and where there are more than `digits` decimals.
    """
    number = _decimal(value, _POINTS)
    if number is not None and _places(number) > digits:
        raise ReadError(f"Có hơn {digits} chữ số thập phân; hãy làm tròn trước khi nhập.")
    return number


def parse_count(value: object) -> int | None:
    """Return a whole number, None for an empty cell: 1674 · 1.674 · 1 674 · "1.674 hồ sơ". Raises ReadError."""
    number = _decimal(value, _COUNT)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise ReadError("Phải là số nguyên, không có phần thập phân, ví dụ 1674 hoặc 1.674.")
    return int(number)


def parse_percent(value: object) -> Decimal | None:
    """Return a percentage as printed (98.5 for 98,5 %), None for an empty cell.

    A bare number above 0 and up to 1 may be 0,985 % or the 98,5 % that a spreadsheet keeps as 0.985: refused.
    Raises ReadError.
    """
    if isinstance(value, str) and text_of(value).endswith("%"):
        number = _number_in(text_of(value)[:-1], _PERCENT)
        if number is None:
            raise ReadError("Thiếu số trước dấu %.")
        return number
    number = _decimal(value, _PERCENT)
    said = isinstance(value, str) and fold(value).endswith(tuple(PERCENT_WORDS))
    if number is not None and 0 < abs(number) <= 1 and not said:
        raise ReadError("Không rõ là tỷ lệ hay phần trăm; hãy ghi kèm dấu %, ví dụ 98,5%.")
    return number


def whole_number(text: str | None, *, most: int = MOST_NUMBER, least: int = 0) -> int | None:
    """Return what an address or a hidden field says in digits; None for anything else, or outside the bounds."""
    if not text or len(text) > len(str(most)) or not (text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if least <= number <= most else None


def whole_year(text: str | None) -> int | None:
    """Return a year that an address asks for; None for anything that is no year of ours."""
    return whole_number(text, least=FIRST_YEAR, most=LAST_YEAR)


def parse_date(value: object) -> dt.date | None:
    """Return a day, None for an empty cell: 05/03/2024 · 5-3-2024 · "ngày 05 tháng 3 năm 2024" · a date cell.

    The day comes first, the year has four digits. Raises ReadError.
    """
    if isinstance(value, dt.datetime):
        value = value.date()
    if isinstance(value, dt.date):
        return _plausible(value)
    if value is not None and not isinstance(value, str):
        raise ReadError("Không phải ngày; hãy ghi ngày/tháng/năm, ví dụ 05/03/2024.")
    text = text_of(value)
    if not text:
        return None
    if iso := _ISO_DATE.fullmatch(text):
        year, month, day = iso.groups()
    elif (found := _DATE.fullmatch(text)) or (found := _LONG_DATE.fullmatch(fold(text))):
        day, month, year = found.groups()
    else:
        raise ReadError("Không đọc được ngày; hãy ghi ngày/tháng/năm, ví dụ 05/03/2024.")
    try:
        return _plausible(dt.date(int(year), int(month), int(day)))
    except ValueError as error:
        if isinstance(error, ReadError):
            raise
        raise ReadError("Không có ngày này trong lịch.") from None


def parse_state(value: object) -> str | None:
    """Return the empty state that a text names ("not_applicable", …), None where it names none."""
    return _STATES.get(fold(text_of(value))) if isinstance(value, str) else None


def read_as(value: object, number: Decimal | int) -> str:
    """Return how a text like "1.674" was read, where it could be read in two ways; empty where there is no doubt."""
    found = _NUMBER.fullmatch(_signed(text_of(value))) if isinstance(value, str) else None
    body = found["body"].strip() if found else ""
    if not _DOUBTFUL.fullmatch(body):
        return ""
    mark, joined = "chấm" if "." in body else "phẩy", re.sub(r"[.,]", "", body)
    if abs(number) == int(joined):
        return f"“{body}” được hiểu là {joined} (dấu {mark} ngăn cách hàng nghìn)."
    decimal = body.replace(".", ",")
    return f"“{body}” được hiểu là số thập phân {decimal} (dấu {mark} là dấu thập phân), không phải {joined}."


def _is_invisible(sign: str) -> bool:
    return unicodedata.category(sign) in ("Cf", "Cc", "Cs")


def _decimal(value: object, kind: _Kind) -> Decimal | None:
    if value is None:
        return None
    if isinstance(value, bool):
        raise ReadError(f"Ô chứa giá trị đúng/sai, không phải số; hãy ghi như {kind.example}.")
    if isinstance(value, int | Decimal):
        return Decimal(value)
    if isinstance(value, float) and math.isfinite(value):
        return _from_float(value)
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        raise ReadError("Bảng tính đã đổi số thành ngày giờ; hãy định dạng ô là số hoặc chữ rồi nhập lại.")
    if isinstance(value, str):
        return _number_in(value, kind)
    raise _not_a_number(kind)


def _not_a_number(kind: _Kind) -> ReadError:
    return ReadError(f"Không phải là số; hãy ghi như {kind.example}.")


def _number_in(raw: str, kind: _Kind) -> Decimal | None:
    text = text_of(raw).removeprefix("'").strip()
    if not text:
        return None
    if len(text) > MAX_LENGTH:
        raise ReadError(f"Quá dài, không phải là số; hãy ghi như {kind.example}.")
    if re.match(rf"(?:{'|'.join(sorted(BOUND_WORDS))})\b", fold(text)):
        raise ReadError("“Trên”, “hơn”, “khoảng”… là giá trị gần đúng; hãy ghi con số chính xác.")
    found = _NUMBER.fullmatch(_signed(text))
    if not found:
        raise _not_a_number(kind)
    rest = found["rest"].strip().lower()
    if rest == "%":
        raise ReadError(f"Ô này không ghi phần trăm; hãy ghi con số như {kind.example}.")
    if rest and (not any(sign.isalpha() for sign in rest) or fold(rest) not in kind.words):
        raise ReadError(f"Có chữ không hiểu được sau con số; hãy chỉ ghi con số như {kind.example}.")
    number = _digits(found["body"].strip(), kind.dot)
    return -number if found["sign"] == "-" and number else number


def _digits(body: str, dot: _Three) -> Decimal:
    marks = [sign for sign in body if not sign.isdigit()]
    if not marks:
        return Decimal(body)
    last = marks[-1]
    same = set(marks)
    if _DOUBTFUL.fullmatch(body):
        return _doubtful(body, last, dot)
    if len(same) == 1 and last != " " and len(marks) == 1:
        whole, _, fraction = body.partition(last)
        if not fraction:
            raise ReadError("Thiếu chữ số sau dấu thập phân.")
        return Decimal(f"{whole or 0}.{fraction}")
    if len(same) == 1 and _grouped(body, last):
        return Decimal(body.replace(last, ""))
    whole, _, fraction = body.rpartition(last)
    if len(same) == 2 and last != " " and marks.count(last) == 1 and fraction and _grouped(whole, marks[0]):
        return Decimal(f"{whole.replace(marks[0], '')}.{fraction}")
    raise ReadError("Dấu chấm, dấu phẩy không đúng chỗ; hãy ghi như 92,41 hoặc 1.674,5.")


def _doubtful(body: str, mark: str, dot: _Three) -> Decimal:
    joined = body.replace(mark, "")
    if dot is _Three.THOUSANDS:
        return Decimal(joined)
    if mark == "." and dot is _Three.REFUSED:
        decimal = body.replace(".", ",")
        raise ReadError(
            f"“{body}” có hai cách đọc; hãy ghi {joined} nếu là hàng nghìn, {decimal} nếu là số thập phân."
        )
    return Decimal(body.replace(",", "."))


def _grouped(body: str, mark: str) -> bool:
    return bool(re.fullmatch(rf"[1-9][0-9]{{0,2}}(?:{re.escape(mark)}[0-9]{{3}})+", body))


def _signed(text: str) -> str:
    return text.replace("\u2212", "-", 1) if text.startswith("\u2212") else text


def _from_float(value: float) -> Decimal:
    return Decimal(f"{value:.{SPREADSHEET_DIGITS}g}")


def _plain(number: Decimal) -> str:
    whole = number.to_integral_value()
    return f"{whole:f}" if number == whole else f"{number:f}"


def _places(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _plausible(day: dt.date) -> dt.date:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ReadError(f"Năm phải trong khoảng {FIRST_YEAR}–{LAST_YEAR}.")
    return day
