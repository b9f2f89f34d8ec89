"""What is odd, in whole Vietnamese sentences: the reason with its numbers, never a verdict."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports.analytics.oddities import Kind
from reports.numbers_vi import count, date_vi, number, percent, signed
from reports.scoring import round_half_up
from reports.summaries.oddities import Listed

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

KINDS: dict[Kind, StrPromise] = {
    Kind.JUMP: gettext_lazy("Thay đổi đột ngột"),
    Kind.DIGITS: gettext_lazy("Chữ số lặp lại"),
    Kind.IDENTICAL: gettext_lazy("Số liệu giống hệt nhau"),
    Kind.FULL_RATE: gettext_lazy("Tỷ lệ đúng bằng 100 %"),
    Kind.LATE: gettext_lazy("Nhập muộn"),
    Kind.EVIDENCE: gettext_lazy("Tài liệu dùng lại"),
}
REASONS: dict[tuple[Kind, str], StrPromise] = {
    (Kind.JUMP, "own_history"): gettext_lazy(
        "Tự chấm %(now)s điểm tối đa; trung vị %(years)s năm trước là %(median)s, thường lệch %(spread)s điểm phần "
        "trăm; năm nay lệch %(value)s điểm phần trăm."
    ),
    (Kind.JUMP, "out_of_group"): gettext_lazy(
        "Tỷ lệ tự chấm thay đổi %(change)s điểm phần trăm so với năm trước; trong %(others)s đơn vị khác, mức thay "
        "đổi lớn nhất là %(next)s."
    ),
    (Kind.DIGITS, "rounded"): gettext_lazy(
        "%(hits)s/%(n)s số liệu hồ sơ tận cùng là 0 hoặc 5; ngẫu nhiên thì trung bình là %(expected)s. Xác suất ngẫu "
        "nhiên, đã nhân với số phép thử: %(chance)s."
    ),
    (Kind.DIGITS, "one_digit"): gettext_lazy(
        "%(hits)s/%(n)s số liệu hồ sơ tận cùng là %(digit)s; ngẫu nhiên thì trung bình là %(expected)s. Xác suất ngẫu "
        "nhiên, đã nhân với số phép thử: %(chance)s."
    ),
    (Kind.IDENTICAL, "sheets"): gettext_lazy(
        "Tự chấm giống %(units)s ở %(same)s/%(n)s tiêu chí thành phần, không kể tiêu chí cả hai đều chấm tối đa."
    ),
    (Kind.IDENTICAL, "rows_of_units"): gettext_lazy(
        "%(own)s dòng số liệu hồ sơ trong kỳ %(first)s–%(last)s trùng từng số với %(units)s; số lớn nhất là %(n)s."
    ),
    (Kind.IDENTICAL, "rows_of_periods"): gettext_lazy(
        "%(own)s kỳ từ %(first)s đến %(last)s có số liệu hồ sơ trùng nhau từng số; số lớn nhất trong dòng là %(n)s."
    ),
    (Kind.FULL_RATE, "on_time"): gettext_lazy("Cả %(n)s hồ sơ đã giải quyết đều trước và đúng hạn."),
    (Kind.FULL_RATE, "digitised"): gettext_lazy("Cả %(n)s hồ sơ đã giải quyết đều được số hóa kết quả."),
    (Kind.FULL_RATE, "satisfied"): gettext_lazy("Cả %(n)s lượt đánh giá đều hài lòng."),
    (Kind.LATE, "after_deadline"): gettext_lazy(
        "%(late)s/%(n)s tiêu chí thành phần có điểm tự chấm nhập hoặc sửa sau hạn."
    ),
    (Kind.LATE, "last_hour"): gettext_lazy(
        "%(rushed)s/%(n)s tiêu chí thành phần mới bắt đầu có điểm tự chấm trong giờ cuối trước hạn."
    ),
    (Kind.EVIDENCE, "other_units"): gettext_lazy(
        "Tệp “%(title)s” cũng là tài liệu kiểm chứng của %(units)s."
    ),
    (Kind.EVIDENCE, "other_components"): gettext_lazy(
        "Tệp “%(title)s” là tài liệu kiểm chứng của %(components)s tiêu chí thành phần."
    ),
}
MOST_NAMES = 5


def reason_sentence(listed: Listed) -> str:
    """Return why it is listed, with the numbers behind it."""
    odd = listed.odd
    said = {name: _said(name, value) for name, value in odd.said.items()}
    said["units"] = _units([str(unit) for unit in listed.others])
    if odd.kind == Kind.JUMP:
        said["value"] = signed(round_half_up(100 * (odd.value or Fraction(0)), 1), 1)
    return str(REASONS[odd.kind, odd.reason]) % said


def place_words(listed: Listed) -> str:
    """Return what of the unit it is about."""
    if listed.criterion is not None:
        return f"{listed.criterion.code} {listed.criterion.title}"
    if listed.area is not None:
        return _("Lĩnh vực %(code)s: %(title)s") % {"code": listed.area.code, "title": listed.area.title}
    if listed.odd.reason == "satisfied":
        return _("Mức độ hài lòng (%(scope)s)") % {"scope": listed.scope.label if listed.scope else ""}
    if listed.scope is not None:
        return _("Số liệu hồ sơ (%(scope)s)") % {"scope": listed.scope.label}
    return _("Số liệu hồ sơ") if listed.odd.kind == Kind.DIGITS else _("Phiếu tự chấm")


def _said(name: str, value: int | Fraction | str) -> str:
    if name in ("first", "last"):
        return date_vi(dt.date.fromisoformat(str(value)))
    if name in ("now", "median"):
        return percent(round_half_up(100 * Fraction(value), 1), 1)
    if name in ("spread", "next"):
        return number(round_half_up(100 * Fraction(value), 1), 1)
    if name == "change":
        return signed(round_half_up(100 * Fraction(value), 1), 1)
    if name == "chance":
        return _chance(Fraction(value))
    if isinstance(value, Fraction):
        return number(round_half_up(value, 1), 1)
    return value if isinstance(value, str) else count(value)


def _chance(chance: Fraction) -> str:
    if chance < Fraction(1, 10000):
        return _("dưới %(least)s") % {"least": percent(round_half_up(Fraction(1, 100), 2), 2)}
    return percent(round_half_up(100 * chance, 2), 2)


def _units(names: list[str]) -> str:
    if len(names) <= MOST_NAMES:
        return ", ".join(names)
    shown, more = ", ".join(names[:MOST_NAMES]), len(names) - MOST_NAMES
    return _("%(names)s và %(n)s đơn vị khác") % {"names": shown, "n": count(more)}
