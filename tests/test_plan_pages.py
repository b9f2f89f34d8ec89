"""The pages of plans and remedies: forms without a script, rights, exports, the calendar."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core import signing
from django.core.exceptions import ValidationError
from django.urls import reverse
from icalendar import Calendar

from districts.models import Unit
from reports.models import Criterion, Plan, RemediationTask, Task
from reports.office.plans import FEED_SALT, feed_key
from reports.workflow import publish
from tests.factories import OfficeYear, at, make_criteria_set, make_office_year, make_sheet, make_year

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> OfficeYear:
    return make_office_year()


@pytest.fixture
def unit(office) -> Unit:
    return office.units["an"]


@pytest.fixture
def publication(office, unit):
    criteria = make_criteria_set({"1.1": ("70", "appraised"), "2.1": ("30", "survey")}, slug="bo-cu")
    year = make_year(2023, organiser=office.organiser, criteria_set=criteria)
    make_sheet(year, unit, {"1.1": "60", "2.1": "30"})
    make_sheet(year, office.units["binh"], {"1.1": "70", "2.1": "20"})
    return publish(year, published_at=at(2024, 2))


@pytest.fixture
def clerk(client, office):
    client.force_login(office.people["reporter"])
    return client


def test_a_loss_becomes_a_task_by_a_form(clerk, unit, publication):
    page = clerk.get(reverse("office:remedies", args=[unit.pk]))
    leaf = Criterion.objects.get(criteria_set=publication.criteria_set, code="1.1")
    address = (
        reverse("office:remedy_new", args=[unit.pk]) + f"?publication={publication.pk}&criterion={leaf.pk}"
    )
    assert address.replace("&", "&amp;") in page.content.decode()
    assert 'value="10' in clerk.get(address).content.decode()
    said = {"title": "Rà soát", "expected_points": "2,5", "due_on": "30/06/2024", "state": "open"}
    clerk.post(address, said)
    row = RemediationTask.objects.get()
    assert (row.title, str(row.expected_points), str(row.due_on)) == ("Rà soát", "2.5000", "2024-06-30")


def test_a_refused_form_keeps_what_was_typed_and_says_why(clerk, unit, publication):
    leaf = Criterion.objects.get(criteria_set=publication.criteria_set, code="1.1")
    address = (
        reverse("office:remedy_new", args=[unit.pk]) + f"?publication={publication.pk}&criterion={leaf.pk}"
    )
    answer = clerk.post(address, {"title": "Rà soát", "expected_points": "99", "state": "open"})
    assert answer.status_code == 422
    assert "Không thể lấy lại nhiều hơn số điểm đã mất (10)." in answer.content.decode()
    assert "Rà soát" in answer.content.decode() and not RemediationTask.objects.exists()


def test_a_component_without_loss_leads_back_to_the_list(clerk, unit, publication):
    answer = clerk.get(reverse("office:remedy_new", args=[unit.pk]), {"criterion": "0"}, follow=True)
    assert "Hãy chọn một tiêu chí thành phần mà đơn vị mất điểm." in answer.content.decode()


def test_a_unit_without_published_components_is_told_so(clerk, unit):
    assert "Chưa có kết quả công bố" in clerk.get(reverse("office:remedies", args=[unit.pk])).content.decode()


def test_the_list_of_losses_takes_the_same_queries_for_more_tasks(
    clerk, unit, publication, django_assert_max_num_queries
):
    leaf = Criterion.objects.get(criteria_set=publication.criteria_set, code="1.1")
    for number in range(8):
        RemediationTask.objects.create(
            unit=unit, publication=publication, criterion=leaf, title=f"Việc {number}", responsible=unit
        )
    with django_assert_max_num_queries(24):
        clerk.get(reverse("office:remedies", args=[unit.pk]))


def test_a_plan_is_made_with_its_tasks(clerk, unit):
    plans = reverse("office:plans", args=[unit.pk])
    said = {"year": "2024", "title": "Kế hoạch 2024", "stated_key_tasks": "7", "stated_specific_tasks": "66"}
    page = clerk.post(plans, said, follow=True)
    plan = Plan.objects.get()
    assert "7 trọng tâm, 66 cụ thể" in page.content.decode()
    new = reverse("office:task_new", args=[unit.pk, plan.pk])
    clerk.post(new, {"kind": "key", "title": "Số hóa", "state": "done", "done_on": "01/03/2024"})
    task = Task.objects.get()
    assert (task.kind, str(task.done_on)) == ("key", "2024-03-01")
    board = clerk.get(reverse("office:plan", args=[unit.pk, plan.pk]), {"view": "board"}).content.decode()
    assert "Đã hoàn thành" in board and "Số hóa" in board


def test_who_is_done_says_when(clerk, unit):
    plan = Plan.objects.create(unit=unit, year=2024, title="Kế hoạch")
    new = reverse("office:task_new", args=[unit.pk, plan.pk])
    answer = clerk.post(new, {"kind": "key", "title": "Số hóa", "state": "done"})
    assert "Việc đã hoàn thành thì ghi ngày hoàn thành." in answer.content.decode()


def test_two_people_on_one_task_the_second_is_told(clerk, unit):
    plan = Plan.objects.create(unit=unit, year=2024, title="Kế hoạch")
    task = plan.tasks.create(title="Việc", version=3)
    address = reverse("office:task", args=[unit.pk, plan.pk, task.pk])
    answer = clerk.post(address, {"kind": "key", "title": "Khác", "state": "open", "version": "2"})
    assert "Người khác vừa sửa nhiệm vụ này" in answer.content.decode()
    assert Task.objects.get().title == "Việc"


def test_a_plan_is_removed_with_a_post_and_its_log_stays(clerk, unit):
    plan = Plan.objects.create(unit=unit, year=2024, title="Kế hoạch")
    clerk.post(reverse("office:plan_remove", args=[unit.pk, plan.pk]))
    assert not Plan.objects.exists()


def test_remedies_are_taken_away_with_what_they_brought(clerk, unit, publication):
    leaf = Criterion.objects.get(criteria_set=publication.criteria_set, code="1.1")
    RemediationTask.objects.create(unit=unit, publication=publication, criterion=leaf, title="Việc")
    year = make_year(
        2024, organiser=publication.assessment_year.organiser, criteria_set=publication.criteria_set
    )
    make_sheet(year, unit, {"1.1": "66.5", "2.1": "30"})
    publish(year, published_at=at(2025, 2))
    out = clerk.get(reverse("office:remedies", args=[unit.pk]), {"export": "csv"}).content.decode("utf-8-sig")
    assert out.splitlines()[1].endswith("60.0000,66.5000,6.5000")
    page = clerk.get(reverse("office:remedies", args=[unit.pk]), {"view": "table"}).content.decode()
    assert "60,00 → 66,50 (+6,5 điểm, năm 2024)" in page


def test_the_calendar_has_a_day_for_each_open_task_and_needs_no_log_in(clerk, client, office, unit):
    plan = Plan.objects.create(unit=unit, year=2024, title="Kế hoạch")
    plan.tasks.create(title="Số hóa, giai đoạn 2; toàn bộ", due_on=dt.date(2024, 6, 30))
    plan.tasks.create(title="Không hạn")
    plan.tasks.create(title="Xong", due_on=dt.date(2024, 6, 1), state="done", done_on=dt.date(2024, 6, 1))
    feed = clerk.get(reverse("office:tasks")).context["feed"]
    client.logout()
    answer = client.get(feed)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert event["SUMMARY"] == "nhiệm vụ cụ thể: Số hóa, giai đoạn 2; toàn bộ"
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (dt.date(2024, 6, 30), dt.date(2024, 7, 1))


def test_a_calendar_address_ends_with_the_password_and_cannot_be_guessed(clerk, client, office):
    feed = clerk.get(reverse("office:tasks")).context["feed"]
    user = office.people["reporter"]
    user.set_password("mot-mat-khau-khac")
    user.save()
    assert client.get(feed).status_code == 404
    assert client.get(reverse("office:calendar", args=["abc"])).status_code == 404


def test_a_calendar_address_tells_nothing_of_the_password(office):
    user = office.people["reporter"]
    user.set_password("mot-mat-khau-khac")
    told = str(signing.loads(feed_key(user), salt=FEED_SALT))
    assert len(user.password) > 40
    assert not any(user.password[place : place + 6] in told for place in range(len(user.password) - 6))


def test_a_day_at_the_end_of_time_is_refused_and_harms_no_calendar(clerk, client, unit):
    plan = Plan.objects.create(unit=unit, year=2024, title="Kế hoạch")
    plan.tasks.create(title="Mãi mãi", due_on=dt.date.max)
    with pytest.raises(ValidationError, match="Năm phải trong khoảng 1900–2100"):
        plan.tasks.get().full_clean()
    answer = client.get(clerk.get(reverse("office:tasks")).context["feed"])
    (event,) = Calendar.from_ical(answer.content).walk("VEVENT")
    assert event["DTSTART"].dt == dt.date.max and "DTEND" not in event
