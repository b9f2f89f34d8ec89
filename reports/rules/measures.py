"""What is a variable a number of? Counts are whole; money and what else is measured has decimals. Pure.

Where a rule does not declare it, only what its label names as counted one by one is held to whole numbers: whoever
enters could do nothing against a rule that is mistaken.
"""

from __future__ import annotations

import re
from decimal import Decimal

from districts.names import fold

from .kinds import AboveWhole, Measure, Variable

# What is measured and not counted, where a label's last parentheses name it: "vốn đã giải ngân (triệu đồng)".
_UNITS = frozenset(
    {"dong", "usd", "ha", "m2", "m3", "km", "km2", "kg", "tan", "gio", "ngay", "phut", "thang", "diem", "kwh"}
)
_MEASURED = re.compile(
    r"\b(?:kinh phi|so tien|tien luong|von|du toan|ngan sach|doanh thu|thu nhap|chi phi|gia tri|dien tich"
    r"|trung binh|binh quan|ty le|thoi gian|diem|gio|ngay|phut|thang|muc do|quy mo|quy doi|he so)\b"
)
_COUNTED = re.compile(
    r"\b(?:so luong|van ban|ho so|nhiem vu|thu tuc|tthc|can bo|cong chuc|vien chuc|luot|phieu|cuoc|hoi nghi"
    r"|y kien|kien nghi|phan anh|truong hop|sang kien|mo hinh)\b"
)
_LAST_PARENTHESES = re.compile(r"\(([^()]*)\)\s*$")


def measure_of(label: str, binding: str) -> Measure:
    """Return what a variable is measured in where its rule does not declare it: by its unit, by what its label names.

    >>> measure_of("vốn đầu tư công được giao (triệu đồng)", ""), measure_of("văn bản đã trao đổi", "")
    (<Measure.AMOUNT: 'amount'>, <Measure.COUNT: 'count'>)
    """
    if binding:
        return Measure.AMOUNT if binding.endswith(".percent") else Measure.COUNT
    found = _LAST_PARENTHESES.search(label)
    unit = found.group(1) if found else ""
    words = fold(label)
    if "%" in unit or _UNITS & set(fold(unit).split()) or _MEASURED.search(words):
        return Measure.AMOUNT
    return Measure.COUNT if _COUNTED.search(words) else Measure.AMOUNT


def above_whole_of(numerator: Variable, denominator: Variable, highest_percent: Decimal) -> AboveWhole:
    """Return what a share above 100 % asks for where its rule does not declare it.

    Of things counted the part is rarely more than the whole: somebody says why. Money may come in above its estimate,
    and so may what a rule itself asks for more than 100 % of.
    """
    counted = numerator.measure == denominator.measure == Measure.COUNT
    return AboveWhole.EXPLAINED if counted and highest_percent <= 100 else AboveWhole.ALLOWED
