"""Who should be reminded of what? One message per person, with all their sheets that wait for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from districts.models import Membership, Role, User
from reports.models import AssessmentYear, ScoreSheet
from reports.summaries.office import SheetProgress, Stage, progress_of

WAITING_STAGES = (Stage.SELF_SCORING, Stage.ROUND1, Stage.REPLY)


@dataclass(frozen=True)
class Reminder:
    """A person and their sheets, the most urgent first."""

    user: User
    sheets: tuple[SheetProgress, ...]

    @property
    def subject(self) -> str:
        late = sum(one.is_late for one in self.sheets)
        if late:
            return f"Nhắc việc chấm điểm CCHC: {late} phiếu đã quá hạn"
        return f"Nhắc việc chấm điểm CCHC: {len(self.sheets)} phiếu sắp đến hạn"

    def body(self, address: str) -> str:
        """Return the text; `address` is the site's, with the scheme and without a slash at the end, or empty."""
        name = self.user.get_full_name() or self.user.get_username()
        lines = [f"Kính gửi {name},", "", "Các phiếu chấm điểm sau đang chờ đơn vị:", ""]
        for one in self.sheets:
            lines += _lines(one, address)
        return "\n".join([*lines, "Thư này được gửi tự động; xin đừng trả lời.", ""])


def reminders(within: dt.timedelta, now: dt.datetime | None = None) -> list[Reminder]:
    """Return whom to remind: people who enter for a unit or lead it, of sheets that are their turn and due `within`.

    What is late is always among them; who has no e-mail address or may not log in is left out.
    """
    now = now or timezone.now()
    years = AssessmentYear.objects.filter(stage__in=WAITING_STAGES)
    sheets = ScoreSheet.objects.filter(assessment_year__in=years).select_related(
        "unit", "assessment_year__organiser", "assessment_year__group"
    )
    waiting: dict[int, list[SheetProgress]] = {}
    for one in progress_of(list(sheets), now):
        if one.due is not None and one.due.at <= now + within:
            waiting.setdefault(one.sheet.unit_id, []).append(one)
    return _by_person(waiting)


def _by_person(waiting: dict[int, list[SheetProgress]]) -> list[Reminder]:
    members = Membership.objects.filter(
        unit__in=list(waiting), role__in=[Role.REPORTER, Role.LEAD], user__is_active=True
    ).exclude(user__email="")
    units: dict[int, set[int]] = {}
    people: dict[int, User] = {}
    for member in members.select_related("user").order_by("user__username"):
        assert member.unit_id is not None
        people[member.user_id] = member.user
        units.setdefault(member.user_id, set()).add(member.unit_id)
    return [Reminder(person, _urgent_first(waiting, units[pk])) for pk, person in people.items()]


def _urgent_first(waiting: dict[int, list[SheetProgress]], units: Iterable[int]) -> tuple[SheetProgress, ...]:
    sheets = [one for unit in units for one in waiting[unit]]
    return tuple(
        sorted(sheets, key=lambda one: (one.due.at if one.due else timezone.now(), one.sheet.unit.sort_key))
    )


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
