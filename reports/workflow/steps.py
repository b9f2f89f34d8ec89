"""What may be done with a year or a sheet now, and doing it: one name for each step, as its address says it."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from districts import access
from districts.models import User
from reports import stages
from reports.models import AssessmentYear, ScoreSheet

from .reach import is_let_in
from .sheet_steps import (
    close_sheet,
    finish_appraisal,
    mark_not_reported,
    may,
    plan_of,
    reopen,
    send_back,
    send_reply,
    submit,
    withdraw,
    withdrawal_refusal,
)
from .year_steps import (
    close_entry,
    correct,
    decide,
    open_appraisal,
    open_council,
    open_replies,
    open_second_round,
    open_year,
    publish,
    step_back,
)

__all__ = [
    "Step",
    "close_entry",
    "close_sheet",
    "correct",
    "decide",
    "finish_appraisal",
    "mark_not_reported",
    "open_appraisal",
    "open_council",
    "open_replies",
    "open_second_round",
    "open_year",
    "publish",
    "reopen",
    "send_back",
    "send_reply",
    "step_back",
    "steps_for",
    "submit",
    "waits_for_lead",
    "withdraw",
]

NEEDS_REASON = {
    *(stages.Step.WITHDRAW, stages.Step.SEND_BACK, stages.Step.REOPEN, stages.Step.MARK_NOT_REPORTED),
    *(stages.Step.STEP_BACK, stages.Step.CORRECT),
}
NEEDS_UNTIL = {stages.Step.REOPEN}
NEEDS_DECISION = {stages.Step.PUBLISH, stages.Step.CORRECT}


@dataclass(frozen=True)
class Step:
    """A button: `name` is the last part of the address; what the person must say with it."""

    name: str
    label: str
    needs_reason: bool = False
    needs_until: bool = False
    needs_decision: bool = False


def steps_for(user: User, target: AssessmentYear | ScoreSheet) -> list[Step]:
    """Return the steps a person may take now, by role and by where year and sheet stand; in the order of a year."""
    if isinstance(target, ScoreSheet):
        return [_step(step) for step in stages.SHEET_STEPS if _sheet_allows(user, target, step)]
    if not access.can_publish(user, target.organiser):
        return []
    plan = plan_of(target)
    return [
        _step(step) for step in stages.YEAR_STEPS if not stages.allowed(target.stage, None, step, plan=plan)
    ]


def waits_for_lead(user: User, sheet: ScoreSheet) -> bool:
    """Return whether they fill in a sheet that only their unit's lead hands in, and that could be handed in now."""
    is_clerk = access.can_enter(user, sheet.unit) and not access.can_lead(user, sheet.unit)
    return is_clerk and _is_possible(sheet, stages.Step.SUBMIT)


def _sheet_allows(user: User, sheet: ScoreSheet, step: stages.Step) -> bool:
    if not _is_possible(sheet, step) or not may(user, sheet, sheet.assessment_year, step):
        return False
    return step != stages.Step.WITHDRAW or not withdrawal_refusal(sheet)


def _is_possible(sheet: ScoreSheet, step: stages.Step) -> bool:
    year, is_reopened = sheet.assessment_year, is_let_in(sheet, timezone.now())
    return not stages.allowed(year.stage, sheet.status, step, plan=plan_of(year), is_reopened=is_reopened)


def _step(step: stages.Step) -> Step:
    return Step(
        name=str(step),
        label=stages.LABELS[step],
        needs_reason=step in NEEDS_REASON,
        needs_until=step in NEEDS_UNTIL,
        needs_decision=step in NEEDS_DECISION,
    )
