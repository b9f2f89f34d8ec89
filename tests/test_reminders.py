"""Reminders: to the people of units whose sheets wait for them, one letter a person."""

from __future__ import annotations

import datetime as dt
import io
import smtplib
from collections.abc import Sequence

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.core.management import CommandError, call_command
from django.utils import timezone

from districts.models import Membership, Role, User
from reports.models import Deadline, ScoreSheet

from .factories import OfficeYear, make_office_year


@pytest.fixture
def office(db: None) -> OfficeYear:
    return make_office_year()


def run(*args: str) -> str:
    said = io.StringIO()
    call_command("send_reminders", *args, stdout=said)
    return said.getvalue()


def due_in(days: int) -> None:
    Deadline.objects.update(at=timezone.now() + dt.timedelta(days=days))


def test_reporters_and_leads_are_reminded_viewers_and_the_organiser_are_not(office):
    due_in(3)
    run()
    assert sorted(letter.to[0] for letter in mail.outbox) == [
        "lead@example.vn",
        "reporter@example.vn",
        "stranger@example.vn",
    ]


def test_a_letter_says_the_unit_how_far_and_until_when(office):
    due_in(3)
    run("--address", "https://cchc.example.vn/")
    letter = next(one for one in mail.outbox if one.to == ["reporter@example.vn"])
    assert letter.subject == "Nhắc việc chấm điểm CCHC: 1 phiếu sắp đến hạn"
    assert "Huyện An" in letter.body and "Đã nhập 0/3" in letter.body and "còn 3 ngày" in letter.body
    assert f"https://cchc.example.vn/office/sheets/{office.sheet.pk}/" in letter.body


def test_a_person_of_two_units_gets_one_letter(office):
    due_in(3)
    Membership.objects.create(user=office.people["reporter"], unit=office.units["binh"], role=Role.LEAD)
    run()
    letters = [one for one in mail.outbox if one.to == ["reporter@example.vn"]]
    assert len(letters) == 1 and "Huyện Bình" in letters[0].body


def test_nobody_is_reminded_long_before_the_deadline(office):
    due_in(30)
    run()
    assert mail.outbox == []


def test_what_is_late_is_always_reminded_of(office):
    due_in(-2)
    run("--days", "0")
    assert {letter.subject for letter in mail.outbox} == {"Nhắc việc chấm điểm CCHC: 1 phiếu đã quá hạn"}


def test_who_has_handed_in_or_cannot_log_in_is_left_alone(office):
    due_in(3)
    ScoreSheet.objects.filter(unit=office.units["an"]).update(status="submitted")
    User.objects.filter(username="stranger").update(is_active=False)
    run()
    assert mail.outbox == []


def test_a_dry_run_sends_nothing_and_says_what_it_would(office):
    due_in(3)
    said = run("--dry-run")
    assert mail.outbox == []
    assert "reporter@example.vn" in said and "Chạy thử: 3 thư" in said


class ServerThatKnowsNoLead(EmailBackend):
    """A mail server that refuses one recipient."""

    def send_messages(self, messages: Sequence[mail.EmailMessage]) -> int:
        if any(message.to == ["lead@example.vn"] for message in messages):
            raise smtplib.SMTPRecipientsRefused({"lead@example.vn": (550, b"no such user")})
        return super().send_messages(messages)


def test_a_recipient_that_is_refused_keeps_no_letter_from_the_others(office, settings, capsys):
    settings.EMAIL_BACKEND = f"{__name__}.ServerThatKnowsNoLead"
    due_in(3)
    with pytest.raises(CommandError, match="1 thư không gửi được") as end:
        call_command("send_reminders")
    assert end.value.returncode == 1
    assert sorted(one.to[0] for one in mail.outbox) == ["reporter@example.vn", "stranger@example.vn"]
    said = "".join(capsys.readouterr())
    assert "Đã gửi 2 thư." in said and "SMTPRecipientsRefused" in said and "@" not in said


def plan_task(office: OfficeYear, days: int, **fields: object) -> None:
    plan = office.units["an"].plans.create(year=2025, title="Kế hoạch")
    day = timezone.localdate() + dt.timedelta(days=days)
    plan.tasks.create(title="Số hóa kết quả", due_on=day, **fields)


def test_open_tasks_that_come_due_are_in_the_letter(office):
    due_in(30)
    plan_task(office, 3)
    run("--address", "https://cchc.example.vn")
    assert sorted(letter.to[0] for letter in mail.outbox) == ["lead@example.vn", "reporter@example.vn"]
    assert mail.outbox[0].subject == "Nhắc việc CCHC: 1 nhiệm vụ sắp đến hạn"
    assert "Số hóa kết quả (Huyện An; nhiệm vụ cụ thể)" in mail.outbox[0].body
    assert "https://cchc.example.vn/office/tasks/" in mail.outbox[0].body


def test_who_is_responsible_for_a_task_is_reminded_too(office):
    due_in(30)
    plan_task(office, -1, responsible=office.units["binh"])
    run()
    letter = next(one for one in mail.outbox if one.to == ["stranger@example.vn"])
    assert letter.subject == "Nhắc việc CCHC: 1 nhiệm vụ đã quá hạn"


def test_what_is_done_or_far_off_is_not_reminded_of(office):
    due_in(30)
    plan_task(office, 20)
    plan_task_done = {"state": "done", "done_on": timezone.localdate()}
    office.units["an"].plans.get().tasks.create(title="Xong", due_on=timezone.localdate(), **plan_task_done)
    run()
    assert mail.outbox == []
