"""Finishing the appraisal of all complete sheets at once."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from districts.audit import Act
from districts.models import Change
from reports.models import Score, ScoreSheet
from reports.workflow.finishing import finish_complete

from .factories import OfficeYear, make_office_year
from .test_publishing_pages import scored

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> OfficeYear:
    made = scored(make_office_year(stage="round1"))
    ScoreSheet.objects.filter(assessment_year=made.year).update(status="submitted")
    return made


def act(office: OfficeYear, who: str = "appraiser") -> Act:
    return Act(office.people[who], Change.How.FORM)


def status_of(office: OfficeYear, unit: str) -> str:
    return ScoreSheet.objects.get(pk=office.sheets[unit].pk).status


def test_complete_sheets_are_finished_and_the_others_named(office):
    Score.objects.filter(sheet=office.sheets["binh"], criterion=office.leaves["1.2"]).delete()
    finished = finish_complete(office.year, act(office))
    assert finished.done == 2
    assert [(str(sheet.unit), "1.2" in reason) for sheet, reason in finished.left] == [("Huyện Bình", True)]
    assert [status_of(office, unit) for unit in ("an", "binh", "cat")] == [
        "appraised",
        "submitted",
        "appraised",
    ]


def test_each_finished_sheet_stands_in_the_log(office):
    finish_complete(office.year, act(office))
    changes = Change.objects.filter(model="reports.scoresheet", field="status", after="appraised")
    assert {change.actor for change in changes} == {office.people["appraiser"]} and len(changes) == 3


def test_a_sheet_not_handed_in_is_left_with_its_reason(office):
    ScoreSheet.objects.filter(pk=office.sheets["cat"].pk).update(status="open")
    ((sheet, reason),) = finish_complete(office.year, act(office)).left
    assert sheet.pk == office.sheets["cat"].pk and reason


def test_a_second_time_there_is_nothing_to_do(office):
    finish_complete(office.year, act(office))
    again = finish_complete(office.year, act(office))
    assert (again.done, again.left) == (0, ())


@pytest.mark.parametrize("who", ["lead", "reporter", "overseer"])
def test_only_appraisers_and_publishers_finish(office, who):
    with pytest.raises(PermissionDenied):
        finish_complete(office.year, act(office, who))


def test_two_sheets_take_as_many_queries_as_one(office):
    finish_complete(office.year, act(office))  # what a person may is read once
    counts = []
    for units in (["an"], ["binh", "cat"]):
        others = ScoreSheet.objects.filter(assessment_year=office.year)
        others.update(status="appraised")
        others.filter(unit__in=[office.units[unit] for unit in units]).update(status="submitted")
        with CaptureQueriesContext(connection) as queries:
            finish_complete(office.year, act(office))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_page_has_the_button_and_tells_what_is_left(client: Client, office: OfficeYear):
    Score.objects.filter(sheet=office.sheets["binh"], criterion=office.leaves["1.2"]).delete()
    client.force_login(office.people["publisher"])
    page = client.get(reverse("office:gaps", args=[office.year.pk])).content.decode()
    assert "Kết thúc thẩm định mọi phiếu đã chấm đủ" in page
    told = client.post(reverse("office:finish_all", args=[office.year.pk])).content.decode()
    assert "Đã kết thúc thẩm định 2 phiếu." in told and "Còn 1 phiếu chưa kết thúc được" in told


def test_who_only_views_sees_no_button_and_is_led_back_to_their_work(client: Client, office: OfficeYear):
    client.force_login(office.people["overseer"])
    assert (
        "Kết thúc thẩm định" not in client.get(reverse("office:gaps", args=[office.year.pk])).content.decode()
    )
    refused = client.post(reverse("office:finish_all", args=[office.year.pk]))
    assert refused.status_code == 403 and "Việc của tôi" in refused.content.decode()
