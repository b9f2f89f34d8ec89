"""Everything the five reports say beside the index, typed into the office's own forms by a clerk of each unit."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from districts.models import Organiser, Role, Unit
from reports import demo
from reports.criteria import load_files
from reports.criteria_files import PACKAGED
from reports.demo_rows import KEYS, find_unit, load_report, load_shared
from reports.dossier_columns import BY_NAME, cell_text
from reports.models import (
    Activity,
    DossierCount,
    Indicator,
    Initiative,
    Observation,
    Plan,
    Releasable,
    Release,
    Satisfaction,
    Target,
)
from reports.numbers_vi import date_vi, number
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("ground")]
SEEDS = ("0-phu-xuyen", "1-xuan-truong", "2-thach-that", "3-tay-hoa", "4-phu-yen")
REPORTS = {report.name: report for report in demo.reports() if report.name in SEEDS}
MODELS: tuple[type[Releasable], ...] = (DossierCount, Satisfaction, Observation, Initiative, Activity)
NAMES = frozenset(model.__name__ for model in MODELS)
# What an outside source and a unit's own entry differ in: who told it, and the reason the unit owes. The dossier form
# has no remarks of whoever copied a report.
OWN = frozenset({"id", "source", "release", "version", "gap_reason"})
REASON = "Số liệu ghi như báo cáo đã đăng."
Said = dict[str, str]


@pytest.fixture
def ground(official_units: None, db: None) -> None:
    """The real units, their provinces as organisers, and the packaged catalogue."""
    load_files([PACKAGED / "ha-noi-4190-2023.json"])
    load_shared()


def clerk_of(unit: Unit) -> Client:
    client = Client()
    client.force_login(make_user(f"nhap-{unit.code}", unit=unit, role=Role.REPORTER))
    return client


def told(row: demo.Row, *names: str) -> Said:
    """The row's fields as a clerk types them."""
    return {name: typed(row.fields[name]) for name in names if name in row.fields}


def typed(value: object) -> str:
    if isinstance(value, dt.date):
        return date_vi(value)
    return number(value, 4).replace(".", "") if isinstance(value, int | Decimal) else str(value)


def dossiers(client: Client, unit: Unit, row: demo.Row, reason: str = REASON) -> Any:
    texts = {
        n: cell_text(n, row.fields[n], row.fields.get("qualified", {})) for n in BY_NAME if n in row.fields
    }
    said = {f"{name}-0": text for name, text in texts.items()} | {"gap_reason-0": reason, "row": "0"}
    place = told(row, "scope", "starts_on", "ends_on")
    return client.post(reverse("office:dossier_cells", args=[unit.pk]), said | place, follow=True)


def satisfaction(client: Client, unit: Unit, row: demo.Row, reason: str = REASON) -> Any:
    names = ("kind", "scope", "starts_on", "ends_on", "satisfied", "respondents", "percent_change", "note")
    said = told(row, *names)
    if "percent" in row.fields:
        said["percent"] = f"{typed(row.fields['percent'])} %"
    return client.post(reverse("office:satisfaction_new", args=[unit.pk]), said, follow=True)


def observation(client: Client, unit: Unit, row: demo.Row, reason: str = REASON) -> Any:
    """Find the indicator on the page of the figure's year, adding it from the catalogue where it is not there."""
    one = Indicator.objects.get(slug=row.indicator)
    address = reverse("office:indicators", args=[unit.pk])
    query = f"?year={row.fields['ends_on'].year}&scope={row.fields['scope']}"
    page = client.get(f"{address}{query}").content.decode()
    if f'name="{one.pk}-value"' not in page:
        assert f'<option value="{one.pk}">' in page
        query += f"&add={one.pk}"
    names = ("value", "numerator", "denominator", "ends_on", "quality", "wording", "note")
    said = {"starts_on": "", "gap_reason": reason} | told(row, "starts_on", *names)
    return client.post(f"{address}{query}", {f"{one.pk}-{n}": text for n, text in said.items()}, follow=True)


def initiative(client: Client, unit: Unit, row: demo.Row, reason: str = REASON) -> Any:
    return dated(client, unit, row, "initiative")


def activity(client: Client, unit: Unit, row: demo.Row, reason: str = REASON) -> Any:
    return dated(client, unit, row, "activity")


def dated(client: Client, unit: Unit, row: demo.Row, kind: str) -> Any:
    said = {"quality": "exact"} | told(row, *row.fields)
    return client.post(reverse("office:activity_new", args=[unit.pk, kind]), said, follow=True)


FORMS = {
    "DossierCount": dossiers,
    "Satisfaction": satisfaction,
    "Observation": observation,
    "Initiative": initiative,
    "Activity": activity,
}


def enter(report: demo.Report, reason: str = REASON) -> None:
    """Type all of a report's figures, each as a clerk of the unit it is of."""
    rows = [row for row in report.rows if row.model in NAMES]
    units = {row.unit: find_unit(row.unit) for row in rows}
    clerks = {code: clerk_of(unit) for code, unit in units.items()}
    for row in rows:
        page = FORMS[row.model](clerks[row.unit], units[row.unit], row, reason)
        assert page.status_code == 200 and page.redirect_chain, row.id


def publish(slug: str, starts_on: dt.date, ends_on: dt.date) -> None:
    publisher = Client()
    organiser = Organiser.objects.get(slug=slug)
    publisher.force_login(make_user("cong-bo", organiser=organiser, role=Role.PUBLISHER))
    address = reverse("office:release", args=[slug, Release.Kind.DOSSIERS])
    query = f"?starts_on={date_vi(starts_on)}&ends_on={date_vi(ends_on)}"
    assert REASON in publisher.get(f"{address}{query}").content.decode()
    assert publisher.post(f"{address}{query}", {"sure": "on"}).status_code == 302


def stored(rows: Any, model: type[Releasable]) -> list[dict[str, object]]:
    """All that rows say, in an order of their own."""
    left_out = OWN | ({"note"} if model is DossierCount else set())
    fields = [one.attname for one in model._meta.concrete_fields if one.name not in left_out]
    found = [{name: getattr(row, name) for name in fields} for row in rows]
    return sorted(found, key=lambda values: [str(values[name]) for name in ("unit_id", *sorted(values))])


@pytest.mark.parametrize("name", SEEDS)
def test_what_is_typed_stands_exactly_as_the_report_is_loaded(name):
    report = REPORTS[name]
    enter(report)
    load_report(report)
    for model in MODELS:
        entered = stored(model.objects.in_work(), model)
        printed = stored(model.objects.public().filter(source__slug=report.source["slug"]), model)
        assert entered == printed, model.__name__
        assert len(entered) == sum(row.model == model.__name__ for row in report.rows)


def test_nothing_the_five_reports_say_of_units_is_left_out():
    beside = {row.model for report in REPORTS.values() for row in report.rows if row.is_written} - NAMES
    assert beside == {"OfficialResult"}
    assert {model.__name__ for model in KEYS} == NAMES | beside


GAPS = [
    ("1-xuan-truong", "dossiers-own", "tổng số tiếp nhận = 1.674, lệch 248"),
    ("1-xuan-truong", "dossiers-communes", "tổng số tiếp nhận = 8.210, lệch 2"),
    ("4-phu-yen", "dossiers", "= 351.853; tổng số tiếp nhận ghi “trên 351.000"),
]


@pytest.mark.parametrize(("name", "row_id", "gap"), GAPS)
def test_a_contradiction_is_refused_with_its_gap_until_the_clerk_gives_a_reason(name, row_id, gap):
    row = REPORTS[name].row(row_id)
    unit = find_unit(row.unit)
    clerk = clerk_of(unit)
    refused = dossiers(clerk, unit, row, reason="")
    assert refused.status_code == 422 and gap in refused.content.decode()
    assert not DossierCount.objects.exists()
    saved = dossiers(clerk, unit, row)
    assert saved.redirect_chain and gap in saved.content.decode()
    assert DossierCount.objects.get().gap_reason == REASON


def test_a_rate_that_was_cut_off_is_remarked_on_the_form():
    row = REPORTS["1-xuan-truong"].row("dossiers-communes")
    unit = find_unit(row.unit)
    page = dossiers(clerk_of(unit), unit, row).content.decode()
    assert "99,7805\u202f%, làm tròn là 99,8\u202f%; tỷ lệ đã công bố 99,7\u202f% là cắt bớt" in page


@pytest.mark.parametrize(
    ("name", "organiser", "period", "address", "texts"),
    [
        (
            "1-xuan-truong",
            "nam-dinh",
            (dt.date(2024, 1, 1), dt.date(2024, 5, 31)),
            "/nam-dinh/2024/units/364/",
            ("1.674", "248 hồ sơ", "còn 2 hồ sơ", "99,7805\u202f%"),
        ),
        (
            "4-phu-yen",
            "son-la",
            (dt.date(2021, 1, 1), dt.date(2021, 12, 31)),
            "/son-la/2021/units/122/",
            ("trên 351.000", "351.853"),
        ),
    ],
)
def test_after_a_release_the_figure_is_public_with_its_gap_and_the_unit_s_reason(
    name, organiser, period, address, texts
):
    enter(REPORTS[name])
    visitor = Client()
    assert REASON not in visitor.get(address).content.decode()
    publish(organiser, *period)
    page = visitor.get(address).content.decode()
    assert REASON in page
    assert [text for text in texts if text not in page] == []


def test_a_plan_states_its_7_and_66_tasks_and_the_goal_is_a_target():
    unit = find_unit(REPORTS["4-phu-yen"].unit)
    clerk = clerk_of(unit)
    said = {"year": "2021", "title": "Kế hoạch CCHC", "stated_key_tasks": "7", "stated_specific_tasks": "66"}
    page = clerk.post(reverse("office:plans", args=[unit.pk]), said, follow=True)
    plan = Plan.objects.get()
    assert (plan.unit, plan.stated_key_tasks, plan.stated_specific_tasks) == (unit, 7, 66)
    assert "7 trọng tâm, 66 cụ thể" in page.content.decode()
    goal = {"year": "2022", "measure": "places_up", "note": "thăng hạng"}
    clerk.post(reverse("office:targets", args=[unit.pk]), goal)
    assert Target.objects.filter(unit=unit, year=2022, measure="places_up", value=None).exists()
