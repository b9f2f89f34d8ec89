"""What the writes of a year share: the error they raise, and what the audit calls the year."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from reports.models import AssessmentYear


class WorkflowError(ValidationError):
    """A step or write that is not possible now: the message says why, in Vietnamese."""


def context_of(year: AssessmentYear) -> str:
    """Return what changes of a year are filed under: "ha-noi/2024/huyen"."""
    return f"{year.organiser.slug}/{year.year}/{year.group.slug}"
