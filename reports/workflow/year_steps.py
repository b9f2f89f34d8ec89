"""A year moves as a whole: open, close entry, appraise, replies, second round, council, decide, publish, correct.

Before it is published it may also step back by one stage.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from districts import access, audit
from districts.audit import Act
from districts.models import Level, Unit
from reports import stages
from reports.models import AssessmentYear, Judgement, Publication, ScoreSheet, Source
from reports.stages import Stage, Status, Step

from . import publication
from .context import WorkflowError, context_of, future_day
from .council import council_decision
from .reach import locked_since
from .sheet_steps import LISTED, NEEDS_REASON, plan_of

YEAR = "reports.assessmentyear"
SHEET = "reports.scoresheet"
MOVED_MEANWHILE = "Trong lúc đó kỳ đánh giá đã chuyển giai đoạn; hãy xem lại rồi mới thực hiện."
LATER_ROUND = (
    "Không quay lại giai đoạn giải trình được: đã có {} điểm do vòng thẩm định sau chấm, các đơn vị sẽ thấy trước khi "
    "kết quả được chốt. Cần bổ sung giải trình thì mở lại từng phiếu."
)
ANOTHER_VERSION = "Trong lúc đó đã có một bản khác được công bố; hãy xem lại rồi mới đính chính."


@dataclass(frozen=True)
class Decision:
    """By what document a result is published, when, and which result was looked at before (None: none was)."""

    number: str
    decided_on: dt.date | None
    source: Source | None
    published_at: dt.datetime
    shown: str | None


def open_year(year: AssessmentYear, act: Act, *, units: Iterable[Unit] | None = None) -> AssessmentYear:
    """Open self-scoring with a sheet for each unit: those given, or the organiser's units of the group's levels.

    Sheets that are there already stay. Raises WorkflowError without criteria, or without a single unit.
    """

    def roster(row: AssessmentYear, sheets: Sequence[ScoreSheet]) -> None:
        known = {sheet.unit_id for sheet in sheets}
        opened = [unit for unit in (units_of_year(row) if units is None else units) if unit.pk not in known]
        if not known and not opened:
            raise WorkflowError("Không tìm thấy đơn vị nào thuộc nhóm được đánh giá.")
        made = ScoreSheet.objects.bulk_create(ScoreSheet(assessment_year=row, unit=unit) for unit in opened)
        audit.record((_entry(row, sheet, None, Status.OPEN) for sheet in made), act)

    return _move(year, Step.OPEN_YEAR, act, roster)


def close_entry(year: AssessmentYear, act: Act) -> AssessmentYear:
    """Lock self-scoring for all units; who has not submitted can only be let in again, sheet by sheet."""
    return _move(year, Step.CLOSE_ENTRY, act)


def open_appraisal(year: AssessmentYear, act: Act) -> AssessmentYear:
    """Begin the first round."""
    return _move(year, Step.OPEN_APPRAISAL, act)


def open_replies(year: AssessmentYear, act: Act) -> AssessmentYear:
    """Show units the appraisal and let them reply; no submitted sheet may still wait for its appraisal."""
    return _move(year, Step.OPEN_REPLIES, act)


def open_second_round(year: AssessmentYear, act: Act) -> AssessmentYear:
    """End the replies and begin the second round."""
    return _move(year, Step.OPEN_SECOND_ROUND, act)


def open_council(year: AssessmentYear, act: Act) -> AssessmentYear:
    """Lay the result before the appraisal council."""
    return _move(year, Step.OPEN_COUNCIL, act)


def decide(year: AssessmentYear, act: Act) -> AssessmentYear:
    """Fix the result: close all appraised sheets; the council, where there is one, must have decided.

    Raises WorkflowError while a unit is neither appraised nor stated not to have reported.
    """

    def close(row: AssessmentYear, sheets: Sequence[ScoreSheet]) -> None:
        _put(
            row,
            [one for one in sheets if one.status in (Status.APPRAISED, Status.REPLIED)],
            Status.CLOSED,
            act,
        )

    return _move(year, Step.DECIDE, act, close)


def step_back(year: AssessmentYear, act: Act) -> AssessmentYear:
    """Take a year that is not published back to the stage before, from where `year` stands; the act gives the reason.

    Out of a decided result its closed sheets come back as appraised. Raises WorkflowError where going back would show
    units what is not theirs to see.
    """
    if not act.reason.strip():
        raise WorkflowError(NEEDS_REASON)
    stood = year.stage

    def reopen(row: AssessmentYear, sheets: Sequence[ScoreSheet]) -> None:
        # Sent twice, it goes back once.
        if row.stage != stood:
            raise WorkflowError(MOVED_MEANWHILE, code="moved")
        if row.stage == Stage.FINAL:
            _put(row, [one for one in sheets if one.status == Status.CLOSED], Status.APPRAISED, act)

    return _move(year, Step.STEP_BACK, act, reopen)


def _put(year: AssessmentYear, sheets: Sequence[ScoreSheet], status: Status, act: Act) -> None:
    audit.record((_entry(year, sheet, sheet.status, status) for sheet in sheets), act)
    ScoreSheet.objects.filter(pk__in=[sheet.pk for sheet in sheets]).update(status=status)


def publish(
    year: AssessmentYear,
    act: Act,
    *,
    decision_number: str = "",
    decided_on: dt.date | None = None,
    source: Source | None = None,
    published_at: dt.datetime | None = None,
    shown: str | None = None,
) -> Publication:
    """Publish the decided result with the decision's number and date. Raises WorkflowError, ValidationError, Denied.

    `shown` stands for the result as the caller saw it (publication.Draft.digest): another one is not published.
    """
    decision = Decision(decision_number, decided_on, source, published_at or timezone.now(), shown)
    return _publish(year, Step.PUBLISH, act, decision)


def correct(
    year: AssessmentYear,
    act: Act,
    *,
    decision_number: str = "",
    decided_on: dt.date | None = None,
    source: Source | None = None,
    published_at: dt.datetime | None = None,
    shown: str | None = None,
) -> Publication:
    """Publish what stands now as a corrected version; the act gives the reason, the decision its document.

    What is put right is the version that `year` names as the caller read it. Raises WorkflowError where another one
    was published since: of two who confirm the same correction one does.
    """
    if not act.reason.strip():
        raise WorkflowError("Bản đính chính phải nêu lý do.")
    decision = Decision(decision_number, decided_on, source, published_at or timezone.now(), shown)
    return _publish(year, Step.CORRECT, act, decision)


def units_of_year(year: AssessmentYear) -> list[Unit]:
    """Return the organiser's units of the group's levels, in force at the end of the year, in Vietnamese order.

    Agencies (sở, phòng) only where they serve the organiser's own unit, not those of its communes.
    """
    last_day, levels = dt.date(year.year, 12, 31), set(year.group.levels)
    own = list(year.organiser.organiser_units.values_list("unit", flat=True))
    below = Q(parent__in=own, level__in=levels)
    deeper = levels - {int(Level.AGENCY)}
    for path in ("parent__parent", "parent__parent__parent"):
        below |= Q(**{f"{path}__in": own}, level__in=deeper)
    in_force = Q(valid_from__isnull=True) | Q(valid_from__lte=last_day)
    not_ended = Q(valid_to__isnull=True) | Q(valid_to__gte=last_day)
    return list(Unit.objects.filter(below & in_force & not_ended).order_by("sort_key", "code"))


@transaction.atomic
def _publish(year: AssessmentYear, step: Step, act: Act, decision: Decision) -> Publication:
    _require_publisher(year, act, stages.LABELS[step])
    if decision.decided_on is not None and decision.decided_on > timezone.localdate():
        raise WorkflowError(future_day(decision.decided_on), code="future")
    row = _locked(year)
    _sheets(row)
    _refuse(row, step)
    if step == Step.CORRECT and row.current_publication_id != year.current_publication_id:
        raise WorkflowError(ANOTHER_VERSION, code="version")
    stood = row.current_publication
    published = publication.publish(
        row,
        published_at=decision.published_at,
        decision_number=decision.number,
        decided_on=decision.decided_on,
        reason=act.reason,
        source=decision.source,
        shown=decision.shown,
    )
    before = None if stood is None else f"{stood.version} · {stood.decision_number}"
    after = f"{published.version} · {decision.number}"
    audit.record(
        [
            _of_year(row, "stage", _stage_before(step, year), Stage.PUBLISHED),
            _of_year(row, "current_publication", before, after),
        ],
        act,
    )
    year.refresh_from_db(fields=["stage", "current_publication"])
    return published


def _stage_before(step: Step, year: AssessmentYear) -> str:
    return Stage.PUBLISHED if step == Step.CORRECT else year.stage


def refusal_of(year: AssessmentYear, step: Step) -> str:
    """Return why a step cannot be taken as year and sheets stand, in the words of its refusal; empty where it can."""
    try:
        _refuse(year, step)
        CHECKS.get(step, _nothing)(year, list(year.sheets.select_related("unit").order_by("pk")))
    except WorkflowError as error:
        return " ".join(error.messages)
    return ""


def _nothing(year: AssessmentYear, sheets: Sequence[ScoreSheet]) -> None:
    """Neither stands against a step nor follows from it."""


def _check_criteria(year: AssessmentYear, sheets: Sequence[ScoreSheet]) -> None:
    if year.criteria_set is None or not year.criteria_set.criteria.filter(is_leaf=True).exists():
        raise WorkflowError("Kỳ đánh giá chưa có bộ tiêu chí với các tiêu chí được chấm.")


def _check_appraised(year: AssessmentYear, sheets: Sequence[ScoreSheet]) -> None:
    _refuse_any(sheets, [Status.SUBMITTED])


def _check_decided(year: AssessmentYear, sheets: Sequence[ScoreSheet]) -> None:
    decision = council_decision(year)
    if year.has_council and not decision.is_valid:
        raise WorkflowError(decision.message, code="council")
    _refuse_any(sheets, [Status.OPEN, Status.RETURNED, Status.SUBMITTED])


def _check_way_back(year: AssessmentYear, sheets: Sequence[ScoreSheet]) -> None:
    """While they reply units see the appraisal as it stands: of a later round there must be nothing yet.

    Out of a decided result they have seen it all.
    """
    target = stages.year_target(year.stage, Step.STEP_BACK, plan_of(year))
    if target == Stage.REPLY and year.stage != Stage.FINAL:
        later = Judgement.objects.filter(
            score__sheet__assessment_year=year, stage__in=[Judgement.Stage.ROUND2, Judgement.Stage.COUNCIL]
        ).count()
        if later:
            raise WorkflowError(LATER_ROUND.format(later), code="later_round")


CHECKS: Mapping[Step, Callable[[AssessmentYear, Sequence[ScoreSheet]], None]] = {
    Step.OPEN_YEAR: _check_criteria,
    Step.OPEN_REPLIES: _check_appraised,
    Step.DECIDE: _check_decided,
    Step.STEP_BACK: _check_way_back,
}


@transaction.atomic
def _move(
    year: AssessmentYear,
    step: Step,
    act: Act,
    change: Callable[[AssessmentYear, Sequence[ScoreSheet]], None] = _nothing,
) -> AssessmentYear:
    _require_publisher(year, act, stages.LABELS[step])
    row = _locked(year)
    # Who is writing into a sheet finishes first; who comes later finds the new stage.
    sheets = _sheets(row)
    _refuse(row, step)
    CHECKS.get(step, _nothing)(row, sheets)
    change(row, sheets)
    before, row.stage = row.stage, stages.year_target(row.stage, step, plan_of(row))
    row.save(update_fields=["stage"])
    audit.record([_of_year(row, "stage", before, row.stage)], act)
    year.stage = row.stage
    return row


def _locked(year: AssessmentYear) -> AssessmentYear:
    rows = AssessmentYear.objects.select_for_update(of=("self",))
    return rows.select_related("organiser", "group", "criteria_set", "current_publication").get(pk=year.pk)


def _sheets(year: AssessmentYear) -> list[ScoreSheet]:
    rows = ScoreSheet.objects.select_for_update(of=("self",)).filter(assessment_year=year)
    return list(rows.select_related("unit").order_by("pk"))


def _require_publisher(year: AssessmentYear, act: Act, what: str) -> None:
    allowed = act.is_program if act.actor is None else access.can_publish(act.actor, year.organiser)
    access.require(allowed, f"Chỉ người có quyền công bố của cơ quan tổ chức được thực hiện “{what}”.")


def _refuse(year: AssessmentYear, step: Step) -> None:
    refusal = stages.allowed(year.stage, None, step, plan=plan_of(year))
    if refusal is not None:
        # A sheet that is none: only the year's own steps are asked for.
        since = locked_since(ScoreSheet(assessment_year=year), year)
        raise WorkflowError(f"{refusal.message} {since}".strip(), code=refusal.why)


def _refuse_any(sheets: Iterable[ScoreSheet], statuses: Sequence[Status]) -> None:
    names = [sheet.unit.full_name for sheet in sheets if sheet.status in statuses]
    if names:
        words = " hoặc ".join(f"“{stages.STATUS_NAMES[status]}”" for status in statuses)
        listed = ", ".join(names[:LISTED]) + (", …" if len(names) > LISTED else "")
        raise WorkflowError(f"Còn {len(names)} phiếu ở tình trạng {words}: {listed}.", code="sheets")


def _entry(year: AssessmentYear, sheet: ScoreSheet, before: str | None, after: str) -> audit.Entry:
    label, context = str(sheet.unit), context_of(year)
    return audit.Entry(SHEET, sheet.pk, label, "status", before, after, sheet.unit_id, context)


def _of_year(year: AssessmentYear, field: str, before: str | None, after: str | None) -> audit.Entry:
    return audit.Entry(YEAR, year.pk, str(year), field, before, after, None, context_of(year))
