"""Who should be reminded of what? One message per person, with the sheets and the tasks that wait for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from districts.models import Membership, Role, User
from reports.models import AssessmentYear, ScoreSheet
from reports.summaries.office import SheetProgress, Stage, progress_of
from reports.summaries.tasks import Todo, open_todos

WAITING_STAGES = (Stage.SELF_SCORING, Stage.ROUND1, Stage.REPLY)


@dataclass(frozen=True)
class Reminder:
    """A person with their sheets and their units' tasks, the most urgent first."""

    user: User
    sheets: tuple[SheetProgress, ...]
    todos: tuple[Todo, ...] = ()

    @property
    def subject(self) -> str:
        late, late_tasks = sum(one.is_late for one in self.sheets), sum(one.is_late for one in self.todos)
        if late:
            return f"Nhắc việc chấm điểm CCHC: {late} phiếu đã quá hạn"
        if self.sheets:
            return f"Nhắc việc chấm điểm CCHC: {len(self.sheets)} phiếu sắp đến hạn"
        if late_tasks:
            return f"Nhắc việc CCHC: {late_tasks} nhiệm vụ đã quá hạn"
        return f"Nhắc việc CCHC: {len(self.todos)} nhiệm vụ sắp đến hạn"

    def body(self, address: str) -> str:
        """Return the text; `address` is the site's, with the scheme and without a slash at the end, or empty."""
        name = self.user.get_full_name() or self.user.get_username()
        lines = [f"Kính gửi {name},", ""]
        if self.sheets:
            lines += ["Các phiếu chấm điểm sau đang chờ đơn vị:", ""]
        for one in self.sheets:
            lines += _lines(one, address)
        if self.todos:
            lines += ["Các nhiệm vụ sau đã hoặc sắp đến hạn:", "", *map(_task_line, self.todos), ""]
        if self.todos and address:
            lines += [f"Cập nhật tình trạng tại {address}/office/tasks/.", ""]
        return "\n".join([*lines, "Thư này được gửi tự động; xin đừng trả lời.", ""])


def reminders(within: dt.timedelta, now: dt.datetime | None = None) -> list[Reminder]:
    """Return whom to remind of what is due `within`: people who enter for a unit or lead it.

    Of sheets that are their turn, and of open tasks that their unit planned or is responsible for. What is late is
    always among them; who has no e-mail address or may not log in is left out.
    """
    now = now or timezone.now()
    sheets, todos = _waiting_sheets(now, now + within), _waiting_tasks(timezone.localdate(now), within)
    members = Membership.objects.filter(
        unit__in={*sheets, *todos}, role__in=[Role.REPORTER, Role.LEAD], user__is_active=True
    ).exclude(user__email="")
    units: dict[int, set[int]] = {}
    people: dict[int, User] = {}
    for member in members.select_related("user").order_by("user__username"):
        assert member.unit_id is not None
        people[member.user_id] = member.user
        units.setdefault(member.user_id, set()).add(member.unit_id)
    return [
        Reminder(person, _urgent_first(sheets, units[pk]), _tasks_of(todos, units[pk]))
        for pk, person in people.items()
    ]


def _waiting_sheets(now: dt.datetime, until: dt.datetime) -> dict[int, list[SheetProgress]]:
    years = AssessmentYear.objects.filter(stage__in=WAITING_STAGES)
    sheets = ScoreSheet.objects.filter(assessment_year__in=years).select_related(
        "unit", "assessment_year__organiser", "assessment_year__group"
    )
    waiting: dict[int, list[SheetProgress]] = {}
    for one in progress_of(list(sheets), now):
        if one.due is not None and one.due.at <= until:
            waiting.setdefault(one.sheet.unit_id, []).append(one)
    return waiting


def _waiting_tasks(today: dt.date, within: dt.timedelta) -> dict[int, list[Todo]]:
    """Return open tasks by the units they wait for: whose they are, and who is responsible."""
    waiting: dict[int, list[Todo]] = {}
    for one in open_todos(today + within, today):
        for unit_id in {one.unit.pk, one.row.responsible_id or one.unit.pk}:
            waiting.setdefault(unit_id, []).append(one)
    return waiting


def _tasks_of(waiting: dict[int, list[Todo]], units: Iterable[int]) -> tuple[Todo, ...]:
    found = {(one.kind, one.row.pk): one for unit in units for one in waiting.get(unit, [])}
    return tuple(sorted(found.values(), key=lambda one: (one.row.due_on or dt.date.max, one.row.pk)))


def _urgent_first(waiting: dict[int, list[SheetProgress]], units: Iterable[int]) -> tuple[SheetProgress, ...]:
    sheets = [one for unit in units for one in waiting.get(unit, [])]
    return tuple(
        sorted(sheets, key=lambda one: (one.due.at if one.due else timezone.now(), one.sheet.unit.sort_key))
    )


def _task_line(one: Todo) -> str:
    late = ", quá hạn" if one.is_late else ""
    return f"- {one.row.title} ({one.unit.full_name}; {one.kind}): hạn {one.row.due_on:%d/%m/%Y}{late}."


def _lines(one: SheetProgress, address: str) -> list[str]:
    year = one.sheet.assessment_year
    lines = [
        f"- {one.sheet.unit}, {year.organiser} năm {year.year} ({year.get_stage_display()})",
        f"  Đã nhập {one.done}/{one.total} tiêu chí thành phần; phiếu {one.sheet.get_status_display()}.",
    ]
    if one.due:
        lines.append(f"  Hạn {timezone.localtime(one.due.at):%H:%M %d/%m/%Y} ({one.due.words}).")
    if address:
        lines.append(f"  {address}/office/sheets/{one.sheet.pk}/")
    return [*lines, ""]
