"""What is said beside a list of dossiers: over which periods, whose work, and how it is counted."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from reports.dossier_lists import PeriodError, cut
from reports.models import DossierCount, Scope
from reports.models.bounds import PLAUSIBLE_DAY
from reports.periods import Period

from .uploads import FileForm

NEW_FIELD = "-new-"
SHAPES = [
    ("month", "từng tháng"),
    ("quarter", "từng quý"),
    ("half", "từng nửa năm"),
    ("year", "từng năm"),
    ("whole", "cả khoảng là một kỳ"),
]
CHANNELS = [
    ("", "theo cột “Hình thức tiếp nhận”"),
    ("online", "trực tuyến"),
    ("direct", "trực tiếp"),
    ("post", "bưu chính"),
]


def year_to_date() -> tuple[dt.date, dt.date]:
    """Return the first and last day of the months that are over, of this year; in January of the year before."""
    first_of_month = timezone.localdate().replace(day=1)
    last = first_of_month - dt.timedelta(days=1)
    return last.replace(month=1, day=1), last


class ListForm(FileForm):
    """A list, and what it does not say itself."""

    starts_on = forms.DateField(
        label="Đếm từ ngày", validators=PLAUSIBLE_DAY, initial=lambda: year_to_date()[0]
    )
    ends_on = forms.DateField(
        label="đến hết ngày", validators=PLAUSIBLE_DAY, initial=lambda: year_to_date()[1]
    )
    shape = forms.ChoiceField(label="Chia kỳ", choices=SHAPES, initial="month")
    scope = forms.ChoiceField(
        label="Phạm vi",
        choices=[
            ("", "theo cột đơn vị, cấp giải quyết; không có cột thì của cơ quan đơn vị"),
            *Scope.choices,
        ],
        required=False,
    )
    convention = forms.ChoiceField(
        label="Hồ sơ chờ bổ sung, tạm dừng, trả lại, rút",
        choices=DossierCount.Convention.choices,
        initial=DossierCount.Convention.INSIDE,
    )
    channel = forms.ChoiceField(label="Hình thức tiếp nhận", choices=CHANNELS, required=False)

    field_order = ("file", "starts_on", "ends_on", "shape", "scope", "convention", "channel")
    periods: list[Period]
    # Said of a file that was not even read.
    too_big = ""

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts_on, ends_on = cleaned.get("starts_on"), cleaned.get("ends_on")
        if starts_on and ends_on:
            try:
                self.periods = cut(starts_on, ends_on, cleaned.get("shape") or "month")
            except PeriodError as error:
                raise forms.ValidationError(str(error)) from None
            if ends_on > timezone.localdate():
                self.add_error("ends_on", "Kỳ chưa kết thúc; chỉ đếm đến ngày đã qua.")
        return cleaned
