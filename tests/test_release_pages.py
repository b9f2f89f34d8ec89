"""The figures of a unit at a glance, and the page that makes figures public."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from reports.models import DossierCount, Release
from reports.periods import Period
from reports.summaries.entered import missing_months
from reports.summaries.readiness import readiness
from reports.workflow.figures import RowWrite, write_rows
from tests.factories import OfficeYear, make_office_year
from tests.test_workflow_figures import MARCH, act, dossiers

PERIOD = "?starts_on=01/03/2025&ends_on=31/03/2025"


@pytest.fixture
def office(db: None) -> OfficeYear:
    return make_office_year()


def logged_in(office: OfficeYear, person: str) -> Client:
    client = Client()
    client.force_login(office.people[person])
    return client


def address(office: OfficeYear) -> str:
    return reverse("office:release", args=[office.organiser.slug, "dossiers"]) + PERIOD


def entered(office: OfficeYear, **values: object) -> None:
    write_rows(office.units["an"], [dossiers(**values)], act(office))


def test_the_page_says_how_many_units_have_figures_and_which_have_not(office):
    entered(office, withdrawn=1)
    page = logged_in(office, "publisher").get(address(office)).content.decode()
    assert "1/3" in page and "Huyện Bình" in page and "Huyện Cát" in page


def test_the_publisher_releases_with_a_confirmation_and_the_next_version_with_a_reason(office):
    client = logged_in(office, "publisher")
    entered(office, withdrawn=1)
    assert "đánh dấu" in client.post(address(office)).content.decode()
    assert not Release.objects.exists()
    assert client.post(address(office), {"sure": "on"}).status_code == 302
    entered(office, withdrawn=2)
    page = client.get(address(office)).content.decode()
    assert "1 → 2" in page
    assert client.post(address(office), {"sure": "on"}).status_code == 200
    assert client.post(address(office), {"sure": "on", "reason": "soát lại"}).status_code == 302
    assert DossierCount.objects.public().get().withdrawn == 2
    assert "soát lại" in client.get(reverse("office:releases") + "?year=2025").content.decode()


def test_who_may_not_publish_sees_no_button_and_cannot_post(office):
    entered(office, withdrawn=1)
    client = logged_in(office, "appraiser")
    assert "Công khai Tháng" not in client.get(address(office)).content.decode()
    assert client.post(address(office), {"sure": "on"}).status_code == 403
    assert not Release.objects.exists()


def test_the_list_says_what_is_public_and_what_is_not(office):
    client = logged_in(office, "publisher")
    entered(office, withdrawn=1)
    listed = reverse("office:releases") + "?year=2025"
    page = client.get(listed).content.decode()
    assert "chưa công khai" in page and "1/3" in page
    client.post(address(office), {"sure": "on"})
    assert "đã công khai" in client.get(listed).content.decode()
    entered(office, withdrawn=2)
    assert "đã sửa, chưa công khai" in client.get(listed).content.decode()


def test_a_unit_s_page_says_what_stands_and_which_months_are_missing(office):
    entered(office, withdrawn=1)
    page = (
        logged_in(office, "viewer").get(reverse("office:unit", args=[office.units["an"].pk])).content.decode()
    )
    assert "Tháng 3/2025" in page and "chưa công khai" in page


def test_a_month_within_a_longer_period_is_not_missing(office):
    quarter = {"scope": "own", "starts_on": dt.date(2025, 1, 1), "ends_on": dt.date(2025, 3, 31)}
    write_rows(office.units["an"], [RowWrite(DossierCount, quarter, {"withdrawn": 1})], act(office))
    missing = missing_months(office.units["an"], dt.date(2025, 6, 10))
    assert [one.start.month for one in missing] == [4, 5]


def test_of_a_closed_unit_the_months_of_its_last_year_are_missing(office):
    unit = office.units["an"]
    unit.valid_to = dt.date(2024, 2, 29)
    assert [one.end for one in missing_months(unit, dt.date(2026, 1, 1))] == [
        dt.date(2024, 1, 31),
        dt.date(2024, 2, 29),
    ]


def test_readiness_costs_the_same_for_many_units(office, django_assert_max_num_queries):
    for key, person in (("an", "reporter"), ("binh", "stranger")):
        write_rows(office.units[key], [RowWrite(DossierCount, MARCH, {"withdrawn": 1})], act(office, person))
    with django_assert_max_num_queries(16):
        ready = readiness(office.organiser, "dossiers", Period(dt.date(2025, 3, 1), dt.date(2025, 3, 31)))
    assert (ready.covered, ready.new) == ("2/3", 2)
