"""The way to a month's dossiers: one list with what is entered and missing, each a link to form and file."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from districts.audit import Act
from districts.models import Change
from reports.models import DossierCount
from reports.office.dossier_form import address_of
from reports.periods import Period, months_until, moved, named_period
from reports.sheet_files import read_tables
from reports.summaries.dossier_entry import entered_forms, last_months
from reports.workflow.figures import RowWrite, write_rows

from .factories import OfficeYear, make_office_year

TODAY = dt.date(2026, 11, 30)


@pytest.fixture
def office(db: None) -> OfficeYear:
    return make_office_year()


@pytest.fixture
def reporter(office: OfficeYear) -> Client:
    client = Client()
    client.force_login(office.people["reporter"])
    return client


def enter(office: OfficeYear, period: Period, scope: str = "own") -> None:
    key = {"scope": scope, "starts_on": period.start, "ends_on": period.end}
    act = Act(office.people["reporter"], Change.How.FORM)
    write_rows(office.units["an"], [RowWrite(DossierCount, key, {"received": 12, "withdrawn": 1})], act)


def last_month() -> Period:
    return months_until(timezone.localdate() - dt.timedelta(days=1), 1)[0]


def page(client: Client, office: OfficeYear, name: str):
    return client.get(reverse(f"office:{name}", args=[office.units["an"].pk]))


def test_the_list_has_the_last_twelve_months_with_what_is_entered_and_missing(office):
    unit = office.units["an"]
    enter(office, named_period("month", 10, 2026))
    enter(office, named_period("quarter", 3, 2026))
    enter(office, named_period("month", 6, 2026), "communes")
    found = last_months(unit, entered_forms(unit), TODAY)
    assert [(one.period.start.month, one.period.start.year) for one in found[:1] + found[-1:]] == [
        (10, 2026),
        (11, 2025),
    ]
    missing = [one.period.start.month for one in found if one.is_missing]
    assert missing == [6, 5, 4, 3, 2, 1, 12, 11]
    by_month = {one.period.start.month: one for one in found}
    assert [one.scope for one in by_month[6].forms] == ["communes"]
    assert by_month[8].within is not None and by_month[8].within.label == "Quý III/2026"


def test_a_closed_unit_has_the_months_until_its_end(office):
    unit = office.units["an"]
    unit.valid_from, unit.valid_to = dt.date(2025, 5, 1), dt.date(2025, 6, 30)
    assert [one.period.start.month for one in last_months(unit, [], TODAY)] == [6, 5]


def test_each_month_of_the_list_opens_its_form_and_its_own_file(office, reporter):
    (first, *_) = page(reporter, office, "dossiers").context["months"]
    assert first.month.period == last_month()
    form = reporter.get(first.address)
    assert (form.status_code, form.context["entry"].period) == (200, last_month())
    assert f"{last_month().start:%d.%m.%Y}-{last_month().end:%d.%m.%Y}" in [
        table.name for table in read_tables(reporter.get(first.sheet).content)
    ]


def test_a_missing_month_on_the_unit_s_page_is_a_link_to_its_form(office, reporter):
    unit = office.units["an"]
    text = page(reporter, office, "unit").content.decode().replace("&amp;", "&")
    assert f'href="{address_of(unit, "own", last_month())}"' in text


def test_a_month_leads_to_those_beside_it_and_to_its_other_scopes(office, reporter):
    unit, month = office.units["an"], named_period("month", 1, 2025)
    context = reporter.get(address_of(unit, "territory", month)).context
    before, after = moved(month, -1), moved(month, 1)
    assert before and after
    assert context["before"] == ("Tháng 12/2024", address_of(unit, "territory", before))
    assert context["after"] == ("Tháng 2/2025", address_of(unit, "territory", after))
    assert [bool(address) for _, address in context["scopes"]] == [True, True, False]


def test_there_is_no_way_into_a_month_that_has_not_begun(office, reporter):
    today = timezone.localdate()
    running = named_period("month", today.month, today.year)
    assert reporter.get(address_of(office.units["an"], "own", running)).context["after"] is None


def test_a_file_of_a_period_that_is_none_is_asked_for_again(office, reporter):
    sheet = reverse("office:dossier_sheet", args=[office.units["an"].pk])
    response = reporter.get(sheet, {"scope": "own", "shape": "quarter", "number": "5"}, follow=True)
    assert "Chưa rõ kỳ của biểu mẫu" in response.content.decode()
