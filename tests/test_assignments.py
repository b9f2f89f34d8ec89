"""Assignments: who gives which node to whom, and who may take it back."""

from __future__ import annotations

import pytest
from django.urls import reverse

from districts.models import Change
from reports.models import Assignment, Criterion, ScoreSheet
from reports.workflow.entering import cell_refusal

from .factories import OfficeYear, make_office_year, make_unit, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> OfficeYear:
    return make_office_year()


def post(client, office: OfficeYear, who: str, **fields: object):
    client.force_login(office.people[who])
    area = Criterion.objects.get(criteria_set=office.criteria_set, code="1")
    return client.post(reverse("office:assignments", args=[office.year.pk]), {"criterion": area.pk, **fields})


def test_the_organiser_gives_an_area_to_an_appraiser(client, office):
    post(client, office, "publisher", task="appraise", user=office.people["appraiser"].pk)
    made = Assignment.objects.get()
    assert (made.user, made.unit, made.criterion.code) == (office.people["appraiser"], None, "1")
    assert Change.objects.get(model="reports.assignment").after == "thẩm định: appraiser"


def test_a_department_may_appraise_its_own(client, office):
    province = office.organiser.units.get()
    agency = make_unit("Nội vụ", level=4, type="Sở", code="SNV", parent=province)
    post(client, office, "publisher", task="appraise", agency=agency.pk)
    assert Assignment.objects.get().agency == agency


def test_a_lead_gives_an_area_of_the_own_unit_to_its_office(client, office):
    room = make_unit("Tư pháp", level=4, type="Phòng", code="PTP", parent=office.units["an"])
    post(client, office, "lead", task="enter", unit=office.units["an"].pk, agency=room.pk)
    assert Assignment.objects.get().agency == room


def test_a_lead_gives_nothing_of_another_unit(client, office):
    reporter = office.people["reporter"]
    post(client, office, "lead", task="enter", unit=office.units["binh"].pk, user=reporter.pk)
    assert not Assignment.objects.exists()


def test_a_lead_gives_no_appraisal(client, office):
    post(client, office, "lead", task="appraise", user=office.people["reporter"].pk)
    assert not Assignment.objects.exists()


def test_a_person_and_an_agency_at_once_are_refused(client, office):
    room = make_unit("Tư pháp", level=4, type="Phòng", code="PTP", parent=office.units["an"])
    user = office.people["reporter"].pk
    post(client, office, "lead", task="enter", unit=office.units["an"].pk, agency=room.pk, user=user)
    assert not Assignment.objects.exists()


def test_who_only_reports_assigns_nothing(client, office):
    assert post(client, office, "reporter", task="enter").status_code == 403


def test_a_unit_sees_its_own_assignments_alone(client, office):
    area = Criterion.objects.get(criteria_set=office.criteria_set, code="1")
    given = {"assessment_year": office.year, "criterion": area, "task": "enter"}
    Assignment.objects.create(unit=office.units["binh"], user=make_user("nguoi-binh"), **given)
    client.force_login(office.people["lead"])
    address = reverse("office:assignments", args=[office.year.pk])
    assert "nguoi-binh" not in client.get(address).content.decode()
    client.force_login(office.people["overseer"])
    assert "nguoi-binh" in client.get(address).content.decode()


def test_an_assignment_is_taken_back_by_who_may_give_it(client, office):
    area = Criterion.objects.get(criteria_set=office.criteria_set, code="1")
    made = Assignment.objects.create(
        assessment_year=office.year, criterion=area, task="appraise", user=office.people["appraiser"]
    )
    address = reverse("office:assignment_remove", args=[office.year.pk, made.pk])
    client.force_login(office.people["appraiser"])
    assert client.post(address).status_code == 403
    client.force_login(office.people["publisher"])
    client.post(address)
    assert not Assignment.objects.exists()


@pytest.mark.parametrize(("role", "outcome"), [("viewer", "Chỉ người thẩm định"), ("reporter", None)])
def test_who_only_views_at_an_agency_appraises_nothing_of_what_it_was_given(role, outcome):
    office = make_office_year(stage="round1")
    ScoreSheet.objects.filter(pk=office.sheet.pk).update(status="submitted")
    agency = make_unit("Nội vụ", level=4, type="Sở", code="SNV", parent=office.organiser.units.get())
    leaf = office.leaves["1.1"]
    office.year.assignments.create(criterion=leaf, agency=agency, task="appraise")
    sheet, user = ScoreSheet.objects.get(pk=office.sheet.pk), make_user("so-noi-vu", unit=agency, role=role)
    refusal = cell_refusal(user, sheet, "appraised", leaf)
    assert refusal is None if outcome is None else outcome in (refusal or "")


def test_nobody_is_given_the_appraisal_of_the_own_unit(client, office):
    room = make_unit("Tư pháp", level=4, type="Phòng", code="PTP", parent=office.units["an"])
    unit = office.units["an"].pk
    page = post(client, office, "publisher", task="appraise", unit=unit, user=office.people["lead"].pk)
    assert "Người này thuộc đơn vị được thẩm định." in page.content.decode()
    page = post(client, office, "publisher", task="appraise", unit=unit, agency=room.pk)
    assert "Cơ quan này thuộc đơn vị được thẩm định." in page.content.decode()
    assert not Assignment.objects.exists()


def test_an_appraiser_with_a_role_at_a_unit_appraises_the_others_alone():
    office = make_office_year("round1")
    appraiser = office.people["appraiser"]
    appraiser.memberships.create(unit=office.units["an"], role="viewer")
    ScoreSheet.objects.update(status="submitted")
    said = {
        name: cell_refusal(appraiser, ScoreSheet.objects.get(pk=sheet.pk), "appraised")
        for name, sheet in office.sheets.items()
    }
    assert said == {"an": "Không ai thẩm định phiếu của đơn vị mình.", "binh": None, "cat": None}
