"""Whose values may they write, and is it open? Roles and assignments, stage, deadline, a sheet let in again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.utils import timezone

from districts import access
from districts.audit import Act
from districts.models import Change, User
from reports import stages
from reports.models import AssessmentYear, Assignment, Criterion, Deadline, ScoreSheet
from reports.stages import Cell, Stage

TASKS = {
    Cell.SELF: Assignment.Task.ENTER,
    Cell.REPLY: Assignment.Task.ENTER,
    Cell.APPRAISED: Assignment.Task.APPRAISE,
    Cell.SURVEY: Assignment.Task.APPRAISE,
}
# A deadline locks the units; the organiser's own deadlines only show what is late.
LOCKED_AT_DEADLINE = {Cell.SELF: Stage.SELF_SCORING, Cell.REPLY: Stage.REPLY}
NOT_YOURS = {
    Cell.SELF: "Chỉ người nhập liệu hoặc lãnh đạo của đơn vị được nhập điểm tự chấm.",
    Cell.REPLY: "Chỉ người nhập liệu hoặc lãnh đạo của đơn vị được nhập giải trình.",
    Cell.APPRAISED: "Chỉ người thẩm định của cơ quan tổ chức được nhập điểm thẩm định.",
    Cell.SURVEY: "Chỉ cơ quan tổ chức đánh giá được nhập điểm điều tra xã hội học.",
}
OWN_UNIT = "Không ai thẩm định phiếu của đơn vị mình."
CORRECTION_ONLY = "Kết quả đã chốt: chỉ người có quyền công bố được sửa, kèm lý do đính chính."
NOT_ASSIGNED = "Tiêu chí này được phân công cho người khác."


@dataclass(frozen=True)
class YearInWork:
    """What decides who writes what in a year, read once for any number of sheets and cells."""

    year: AssessmentYear
    nodes: Mapping[int, Criterion]
    deadlines: Mapping[str, dt.datetime]
    assignments: Collection[Assignment] = field(default_factory=tuple)
    now: dt.datetime = field(default_factory=timezone.now)

    @classmethod
    def read(cls, year_id: int, actor: User | None) -> YearInWork:
        """Read a year with its criteria, deadlines and what is assigned to a person. Four queries."""
        year = AssessmentYear.objects.select_related("organiser", "group").get(pk=year_id)
        nodes = Criterion.objects.filter(criteria_set=year.criteria_set_id)
        deadlines = Deadline.objects.filter(assessment_year=year)
        mine: list[Assignment] = []
        if actor is not None:
            given = Assignment.objects.filter(assessment_year=year)
            # Who only views at an agency sees what it was assigned, and writes none of it.
            own_agencies = access.units_entered_by(actor)
            mine = list(given.filter(user=actor) | given.filter(agency__in=own_agencies))
        return cls(year, {node.pk: node for node in nodes}, {d.stage: d.at for d in deadlines}, mine)


@dataclass(frozen=True)
class Reach:
    """Which leaves of a sheet a person may write: all (`only` is None), some, or, with a refusal, none."""

    refusal: str | None = None
    only: frozenset[int] | None = None

    def includes(self, criterion_id: int) -> bool:
        return self.refusal is None and (self.only is None or criterion_id in self.only)


def reach_of(act: Act, sheet: ScoreSheet, cell: Cell, work: YearInWork) -> Reach:
    """Return what of a sheet the actor may write by roles and assignments; a program without an actor may all.

    Who was assigned nodes writes these, with or without a role; who has a role and no assignment writes all. A unit's
    lead and a publisher are never limited. Nobody appraises the unit they belong to.
    """
    if act.actor is None:
        return Reach() if act.is_program else Reach(NOT_YOURS[cell])
    if stages.is_correction(work.year.stage):
        return Reach() if access.can_publish(act.actor, work.year.organiser) else Reach(CORRECTION_ONLY)
    if cell == Cell.APPRAISED and not access.is_almighty(act.actor) and access.is_of(act.actor, sheet.unit):
        return Reach(OWN_UNIT)
    if _is_unlimited(act.actor, sheet, cell, work.year):
        return Reach()
    only = _assigned(sheet, cell, work)
    if only:
        return Reach(only=only)
    return Reach() if _has_role(act.actor, sheet, cell, work.year) else Reach(NOT_YOURS[cell])


def lock_of(sheet: ScoreSheet, cell: Cell, work: YearInWork) -> str | None:
    """Return what is locked and since when, None where the cell is open."""
    is_reopened = is_let_in(sheet, work.now)
    refusal = stages.writable(work.year.stage, sheet.status, cell, is_reopened=is_reopened)
    if refusal is not None:
        ask = stages.whom_to_ask(work.year.stage, sheet.status) if cell == Cell.SELF else ""
        return " ".join(filter(None, (refusal.message, locked_since(sheet, work.year), ask)))
    due = work.deadlines.get(work.year.stage)
    is_due = LOCKED_AT_DEADLINE.get(cell) == work.year.stage and due is not None and due <= work.now
    if is_due and due is not None and not is_reopened:
        return f"{stages.CELL_NAMES[cell]}: đã khóa từ {moment(due)} (hết hạn). Đề nghị cơ quan tổ chức mở lại phiếu."
    return None


def is_let_in(sheet: ScoreSheet, now: dt.datetime) -> bool:
    """Return whether a publisher let the sheet in again and its time has not run out."""
    return sheet.reopened_until is not None and sheet.reopened_until > now


def locked_since(sheet: ScoreSheet, year: AssessmentYear) -> str:
    """Return since when year and sheet stand where they stand, as the audit tells; empty where it does not."""
    steps = Change.objects.filter(model="reports.assessmentyear", object_id=year.pk, field="stage")
    own = Change.objects.filter(model="reports.scoresheet", object_id=sheet.pk, field="status")
    last = (steps | own).order_by("-at").values_list("at", flat=True).first()
    since = last or sheet.submitted_at
    return f"Đã khóa từ {moment(since)}." if since else ""


def moment(at: dt.datetime) -> str:
    """Return an instant in words: "17:00 ngày 05/03/2026"."""
    return f"{timezone.localtime(at):%H:%M ngày %d/%m/%Y}"


def _is_unlimited(user: User, sheet: ScoreSheet, cell: Cell, year: AssessmentYear) -> bool:
    if access.is_almighty(user):
        return True
    if cell in (Cell.SELF, Cell.REPLY):
        return access.can_lead(user, sheet.unit)
    return (
        cell == Cell.SURVEY or year.stage == Stage.COUNCIL
        if access.can_publish(user, year.organiser)
        else False
    )


def _has_role(user: User, sheet: ScoreSheet, cell: Cell, year: AssessmentYear) -> bool:
    if cell in (Cell.SELF, Cell.REPLY):
        return access.can_enter(user, sheet.unit)
    return access.can_appraise(user, year.organiser)


def _assigned(sheet: ScoreSheet, cell: Cell, work: YearInWork) -> frozenset[int]:
    given = {
        one.criterion_id
        for one in work.assignments
        if one.task == TASKS[cell]
        and (one.unit_id == sheet.unit_id or (one.unit_id is None and one.task == Assignment.Task.APPRAISE))
    }
    return (
        frozenset(pk for pk in work.nodes if not given.isdisjoint(_chain(pk, work.nodes)))
        if given
        else frozenset()
    )


def _chain(pk: int | None, nodes: Mapping[int, Criterion]) -> Iterable[int]:
    while pk is not None:
        yield pk
        pk = nodes[pk].parent_id
