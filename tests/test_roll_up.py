"""An organiser's indicators over its units: added as each declares, with who is missing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from reports.indicators import load_indicators
from reports.models import Indicator, Observation
from reports.summaries.roll_up import RollUp, roll_up
from reports.workflow.figures import own_source
from tests.factories import OfficeYear, make_office_year

pytestmark = pytest.mark.django_db
CLASSES, MAIL, PROCEDURES = "lop-tap-huan", "tai-khoan-thu-cong-vu", "tthc-tai-cau-truc"


@pytest.fixture
def office() -> OfficeYear:
    load_indicators()
    return make_office_year()


def tell(office: OfficeYear, unit: str, slug: str, **values: Any) -> None:
    found = office.units[unit]
    values = {"scope": "own", "ends_on": "2025-12-31", **values}
    indicator = Indicator.objects.get(slug=slug)
    Observation.objects.create(unit=found, source=own_source(found), indicator=indicator, **values)


def row_of(office: OfficeYear, slug: str, scope: str = "own") -> RollUp:
    rows = roll_up(office.organiser, 2025)
    (found,) = [row for row in rows if row.indicator.slug == slug and row.scope == scope]
    return found


def page(office: OfficeYear, person: str = "appraiser", query: str = "?year=2025"):
    client = Client()
    client.force_login(office.people[person])
    return client.get(reverse("office:organiser_indicators", args=[office.organiser.slug]) + query)


def test_what_is_declared_a_sum_is_added_over_the_units_that_told_it(office):
    tell(office, "an", CLASSES, value=3)
    tell(office, "binh", CLASSES, value=9)
    row = row_of(office, CLASSES)
    assert [row.total, row.share, row.covered] == [12, None, "2/3"]
    assert [unit.name for unit in row.missing] == ["Cát"]


def test_a_share_is_all_numerators_over_all_denominators_not_the_mean_of_shares(office):
    tell(office, "an", MAIL, numerator=10, denominator=10)
    tell(office, "binh", MAIL, numerator=0, denominator=90)
    row = row_of(office, MAIL)
    assert [row.numerator, row.denominator, row.share] == [10, 100, 10]
    assert [row.middle, row.total] == [50, None]


def test_a_share_without_its_counts_is_covered_but_not_added(office):
    tell(office, "an", MAIL, numerator=1, denominator=2)
    tell(office, "binh", MAIL, value=90)
    row = row_of(office, MAIL)
    assert [row.share, row.covered, len(row.uncounted)] == [50, "2/3", 1]
    assert "1 đơn vị không ghi số đếm" in page(office).content.decode()


def test_what_is_not_declared_to_be_added_shows_its_spread_only(office):
    for unit, value in (("an", 10), ("binh", 40), ("cat", 20)):
        tell(office, unit, PROCEDURES, value=value)
    row = row_of(office, PROCEDURES)
    assert [row.total, row.share] == [None, None]
    assert row.lowest and row.highest
    assert [row.lowest.unit.name, row.middle, row.highest.unit.name] == ["An", 20, "Bình"]


def test_scopes_are_never_added(office):
    tell(office, "an", CLASSES, value=3)
    tell(office, "binh", CLASSES, value=5, scope="territory")
    assert [row_of(office, CLASSES, scope).total for scope in ("own", "territory")] == [3, 5]


def test_a_bound_among_exact_figures_makes_the_sum_a_bound(office):
    tell(office, "an", CLASSES, value=3)
    assert row_of(office, CLASSES).quality == "exact"
    tell(office, "binh", CLASSES, value=20, quality="lower", wording="trên 20 lớp")
    assert row_of(office, CLASSES).quality == "lower"
    tell(office, "cat", CLASSES, value=20, quality="upper", wording="dưới 20 lớp")
    assert row_of(office, CLASSES).quality == "about"


def test_a_unit_s_latest_figure_counts_and_different_periods_are_said(office):
    tell(office, "an", CLASSES, value=3, starts_on="2025-01-01", ends_on="2025-05-31")
    tell(office, "an", CLASSES, value=8, starts_on="2025-01-01")
    tell(office, "binh", CLASSES, value=2, starts_on="2025-01-01", ends_on="2025-05-31")
    row = row_of(office, CLASSES)
    assert [row.total, row.periods] == [10, ["5 tháng đầu năm 2025", "Năm 2025"]]
    assert "kỳ khác nhau" in page(office).content.decode()


def test_an_indicator_nobody_told_says_so_and_one_that_is_not_asked_for_stays_away(office):
    rows = {row.indicator.slug: row for row in roll_up(office.organiser, 2025)}
    assert [rows[CLASSES].covered, rows[CLASSES].total] == ["0/3", None]
    assert PROCEDURES not in rows


def test_the_page_names_who_is_missing_and_leaves_other_years_alone(office):
    tell(office, "an", CLASSES, value=1234, ends_on="2024-12-31")
    tell(office, "an", CLASSES, value=7)
    text = page(office).content.decode()
    assert "1/3 đơn vị có số liệu" in text and "Huyện Bình, Huyện Cát" in text
    assert "1.234" not in text and "1.234" in page(office, query="?year=2024").content.decode()


def test_only_the_organiser_s_people_see_it(office):
    assert page(office, "reporter").status_code == 404
    assert page(office, "publisher").status_code == 200


def test_it_is_taken_away_as_shown(office):
    tell(office, "an", CLASSES, value=3)
    tell(office, "binh", CLASSES, value=Decimal("9"))
    lines = page(office, query="?year=2025&export=csv").content.decode().splitlines()
    (line,) = [line for line in lines if line.startswith(CLASSES)]
    assert ",12," in line.replace(".0000", "") and "Huyện Cát" in line
    assert page(office, query="?year=2025&export=xlsx")["Content-Type"].endswith("sheet")


def test_the_queries_do_not_grow_with_the_figures(office, django_assert_max_num_queries):
    for unit in office.units:
        for indicator in Indicator.objects.all():
            tell(office, unit, indicator.slug, value=1)
    with django_assert_max_num_queries(4):
        assert all(row.covered == "3/3" and row.periods for row in roll_up(office.organiser, 2025))
    client = Client()
    client.force_login(office.people["appraiser"])
    with django_assert_max_num_queries(12):
        client.get(reverse("office:organiser_indicators", args=[office.organiser.slug]) + "?year=2025")


def test_the_page_of_releases_leads_here(office):
    client = Client()
    client.force_login(office.people["publisher"])
    address = reverse("office:organiser_indicators", args=[office.organiser.slug])
    assert (
        f'href="{address}?year=2025"'
        in client.get(f"{reverse('office:releases')}?year=2025").content.decode()
    )
