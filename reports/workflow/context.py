"""What the writes of a year share: the error they raise, and what the audit calls the year."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import ValidationError

from reports.models import AssessmentYear


class WorkflowError(ValidationError):
    """A step or write that is not possible now: the message says why, in Vietnamese."""


def context_of(year: AssessmentYear) -> str:
    """Return what changes of a year are filed under: "ha-noi/2024/huyen"."""
    return f"{year.organiser.slug}/{year.year}/{year.group.slug}"


def future_day(day: dt.date) -> str:
    """Say that something that has happened cannot be of a day to come."""
    return f"Ngày {day:%d/%m/%Y} chưa tới; hãy ghi ngày của văn bản hoặc phiên họp đã có."
