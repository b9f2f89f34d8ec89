"""A sheet moves: submit, withdraw, send back, appraise, reply, close, let in again; one at a time, locked, audited."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from districts import access, audit
from districts.audit import Act
from districts.models import User
from reports import stages
from reports.models import (
    AssessmentYear,
    Criterion,
    Deadline,
    Judgement,
    PointsState,
    Score,
    ScoreOrigin,
    ScoreSheet,
)
from reports.stages import Status, Step

from .context import WorkflowError, context_of
from .reach import is_let_in, locked_since, moment

# How long a sheet sent back after entry was closed stays open, where nothing else is said.
SENT_BACK_FOR = dt.timedelta(days=5)
NEEDS_REASON = "Phải nêu lý do."
LISTED = 12


def may(user: User, sheet: ScoreSheet, year: AssessmentYear, step: Step) -> bool:
    """Return whether a person's role lets them take a step of a sheet, wherever it stands."""
    if step in (Step.SUBMIT, Step.WITHDRAW, Step.SEND_REPLY):
        return access.can_lead(user, sheet.unit)
    if step in (Step.REOPEN, Step.MARK_NOT_REPORTED):
        return access.can_publish(user, year.organiser)
    if step == Step.CLOSE_SHEET and access.can_publish(user, year.organiser):
        return True
    return access.can_appraise(user, year.organiser)


def submit(sheet: ScoreSheet, act: Act) -> ScoreSheet:
    """Hand a sheet in; every component to be self-scored must have a value or an empty state of its own."""
    return _move(sheet, Step.SUBMIT, act, check=lambda row: _refuse_unscored(row, "self"))


def withdraw(sheet: ScoreSheet, reason: str, act: Act) -> ScoreSheet:
    """Take a sheet back that its unit handed in, with a reason, while self-scores are open and none is appraised."""
    _require_reason(reason)
    return _move(sheet, Step.WITHDRAW, act, reason=reason, check=_refuse_withdrawal)


def send_back(sheet: ScoreSheet, reason: str, act: Act, *, until: dt.datetime | None = None) -> ScoreSheet:
    """Return a submitted sheet to its unit with a reason; after entry was closed it is open until `until` (5 days)."""
    _require_reason(reason)
    return _move(sheet, Step.SEND_BACK, act, reason=reason, until=until)


def finish_appraisal(sheet: ScoreSheet, act: Act) -> ScoreSheet:
    """Say that a sheet is appraised; every component to be appraised must have been."""
    return _move(sheet, Step.FINISH_APPRAISAL, act, check=lambda row: _refuse_unscored(row, "appraised"))


def send_reply(sheet: ScoreSheet, act: Act) -> ScoreSheet:
    """Send the unit's explanations; there must be one."""
    return _move(sheet, Step.SEND_REPLY, act, check=_refuse_silence)


def close_sheet(sheet: ScoreSheet, act: Act) -> ScoreSheet:
    """Close an appraised sheet."""
    return _move(sheet, Step.CLOSE_SHEET, act)


def mark_not_reported(sheet: ScoreSheet, reason: str, act: Act) -> ScoreSheet:
    """State that a unit did not report: it stays in the roster, without a rank."""
    _require_reason(reason)
    return _move(sheet, Step.MARK_NOT_REPORTED, act, reason=reason)


def reopen(sheet: ScoreSheet, until: dt.datetime, act: Act) -> ScoreSheet:
    """Let one sheet in again until an instant to come; the act gives the reason."""
    _require_reason(act.reason)
    if until <= timezone.now():
        raise WorkflowError("Thời hạn mở lại phải ở sau thời điểm hiện tại.")
    return _move(sheet, Step.REOPEN, act, until=until)


@transaction.atomic
def _move(
    sheet: ScoreSheet,
    step: Step,
    act: Act,
    *,
    reason: str = "",
    until: dt.datetime | None = None,
    check: Callable[[ScoreSheet], None] = lambda row: None,
) -> ScoreSheet:
    row = ScoreSheet.objects.select_for_update(of=("self",)).select_related("unit").get(pk=sheet.pk)
    # After the lock: a step of the year that was under way has then been taken.
    year = AssessmentYear.objects.select_related("organiser", "group").get(pk=row.assessment_year_id)
    row.assessment_year = year
    allowed = act.is_program if act.actor is None else may(act.actor, row, year, step)
    access.require(allowed, f"Bạn không có quyền thực hiện “{stages.LABELS[step]}”.")
    _refuse(row, year, step)
    check(row)
    before = told(row)
    advance(row, year, step, until)
    row.save(update_fields=["status", "submitted_at", "reopened_until"])
    _record(row, year, before, act, reason)
    for name in ("status", "submitted_at", "reopened_until"):
        setattr(sheet, name, getattr(row, name))
    return row


def advance(row: ScoreSheet, year: AssessmentYear, step: Step, until: dt.datetime | None) -> None:
    """Put a sheet where a step takes it, not yet saved."""
    now, stood = timezone.now(), row.status
    row.status = stages.sheet_target(year.stage, stood, step)
    if step == Step.SUBMIT:
        row.submitted_at = now
    elif step == Step.WITHDRAW:
        row.submitted_at = None
    if step in (Step.SUBMIT, Step.SEND_REPLY):
        row.reopened_until = None
    if step == Step.REOPEN or (step == Step.SEND_BACK and until is not None):
        row.reopened_until = until
    elif step == Step.SEND_BACK and year.stage != stages.Stage.SELF_SCORING:
        row.reopened_until = now + SENT_BACK_FOR


def _refuse(row: ScoreSheet, year: AssessmentYear, step: Step) -> None:
    refusal = stages.allowed(
        year.stage, row.status, step, plan=plan_of(year), is_reopened=is_let_in(row, timezone.now())
    )
    if refusal is not None:
        raise WorkflowError(f"{refusal.message} {locked_since(row, year)}".strip(), code=refusal.why)


def plan_of(year: AssessmentYear) -> stages.Plan:
    """Return what a year declares about its own way."""
    return stages.Plan(year.has_second_round, year.has_council, year.basis == AssessmentYear.Basis.TOTALS)


def told(row: ScoreSheet) -> dict[str, str | None]:
    """Return what the audit tells of a sheet, as text."""
    until = row.reopened_until
    return {"status": row.status, "reopened_until": until.isoformat() if until else None}


def _record(
    row: ScoreSheet, year: AssessmentYear, before: dict[str, str | None], act: Act, reason: str
) -> None:
    audit.record(audit_entries(row, year, before, reason), act)


def audit_entries(
    row: ScoreSheet, year: AssessmentYear, before: dict[str, str | None], reason: str
) -> list[audit.Entry]:
    """Return what changed of a sheet since `before`."""
    return [
        audit.Entry(
            model="reports.scoresheet",
            object_id=row.pk,
            label=str(row.unit),
            field=name,
            before=before[name],
            after=after,
            unit_id=row.unit_id,
            context=context_of(year),
            reason=reason,
        )
        for name, after in told(row).items()
    ]


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise WorkflowError(NEEDS_REASON)


def unscored(sheet: ScoreSheet, part: str, year: AssessmentYear) -> list[str]:
    """Return the codes of leaves without any value or state of a part ("self", "appraised", "survey"). Two queries.

    A bonus or penalty is nobody's duty; only one that the unit declared has to be appraised.
    """
    states = {
        pk: (said, by_unit)
        for pk, said, by_unit in Score.objects.filter(sheet=sheet).values_list(
            "criterion_id", f"{part}_state", "self_state"
        )
    }
    return without_value(leaves_of(year, part), states)


def leaves_of(year: AssessmentYear, part: str) -> list[Criterion]:
    """Return the leaves that get points in a part ("self", "appraised", "survey"), in order. One query."""
    origin = ScoreOrigin.SURVEY if part == "survey" else ScoreOrigin.APPRAISED
    leaves = Criterion.objects.filter(
        criteria_set=year.criteria_set_id, is_leaf=True, origin__in=(origin, ScoreOrigin.BOTH)
    )
    return list(leaves.order_by("order"))


def without_value(leaves: list[Criterion], states: dict[int, tuple[str, str]]) -> list[str]:
    """Return the codes of the leaves that lack a value; `states`: what a part says and what the unit said, by leaf."""
    nothing = (PointsState.NOT_ENTERED, PointsState.NOT_ENTERED)
    return [
        leaf.code
        for leaf in leaves
        if states.get(leaf.pk, nothing)[0] == PointsState.NOT_ENTERED
        and not (leaf.adjustment and states.get(leaf.pk, nothing)[1] == PointsState.NOT_ENTERED)
    ]


def _refuse_unscored(row: ScoreSheet, part: str) -> None:
    codes = unscored(row, part, row.assessment_year)
    if codes:
        raise WorkflowError(told_unscored(codes, part), code="unscored")


def told_unscored(codes: list[str], part: str) -> str:
    """Say how many components lack a value, and which."""
    listed = ", ".join(codes[:LISTED]) + (", …" if len(codes) > LISTED else "")
    what = "chưa tự chấm" if part == "self" else "chưa thẩm định"
    return f"Còn {len(codes)} tiêu chí {what}: {listed}."


def withdrawal_refusal(row: ScoreSheet) -> str:
    """Return why a sheet that was handed in cannot be taken back by its unit any more; empty where it can."""
    due = Deadline.objects.filter(assessment_year=row.assessment_year_id, stage=stages.Stage.SELF_SCORING)
    at = due.values_list("at", flat=True).first()
    if at is not None and at <= timezone.now():
        return f"Thời hạn tự chấm điểm đã qua ({moment(at)}); hãy đề nghị cơ quan tổ chức đánh giá trả lại phiếu."
    judged = Judgement.objects.filter(score__sheet=row).exclude(
        stage__in=[Judgement.Stage.SELF, Judgement.Stage.SURVEY]
    )
    if judged.exists():
        return "Phiếu đã bắt đầu được thẩm định; hãy đề nghị cơ quan tổ chức đánh giá trả lại phiếu."
    return ""


def _refuse_withdrawal(row: ScoreSheet) -> None:
    if refusal := withdrawal_refusal(row):
        raise WorkflowError(refusal, code="withdrawal")


def _refuse_silence(row: ScoreSheet) -> None:
    if not Score.objects.filter(sheet=row).exclude(reply="").exists():
        raise WorkflowError("Chưa có nội dung giải trình nào để gửi.", code="no_reply")


def is_late(sheet: ScoreSheet, deadline: dt.datetime | None) -> bool:
    """Return whether a sheet was handed in after the deadline of self-scoring, or was not while it has passed."""
    if deadline is None or sheet.status == Status.NOT_REPORTED:
        return False
    return (sheet.submitted_at or timezone.now()) > deadline
