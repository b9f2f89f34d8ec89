"""The public page of a unit's dossiers: months, tiers, fields, the other units, the communes."""

import csv
import datetime as dt
import io
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from districts.audit import Act
from districts.models import Change, Level, Unit
from reports.dossier_charts import detail_charts
from reports.models import DossierCount, DossierField
from reports.summaries.dossier_detail import DossierDetail, _year_before, dossier_detail
from reports.workflow.releases import release
from tests.factories import OfficeYear, make_office_year, make_source, make_unit
from tests.test_dossier_checks import BY_COMMAND, write

DAY = dt.date


@pytest.fixture
def office(db: None) -> OfficeYear:
    return make_office_year()


def month(
    number: int, scope: str = "own", year: int = 2025, field: DossierField | None = None
) -> dict[str, object]:
    end = (DAY(year, number, 28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    return {"scope": scope, "starts_on": DAY(year, number, 1), "ends_on": end, "field": field}


def published(office: OfficeYear, *years: int) -> None:
    for year in years or (2025,):
        act = Act(office.people["publisher"], Change.How.FORM)
        release(office.organiser, "dossiers", DAY(year, 1, 1), DAY(year, 12, 31), act)


def shown(office: OfficeYear, key: str = "an") -> DossierDetail:
    found = dossier_detail(office.organiser, 2025, office.units[key])
    assert found is not None
    return found


def page(office: OfficeYear, export: str = "") -> str:
    address = reverse("reports:unit_dossiers", args=["tinh-thu", 2025, office.units["an"].code])
    return Client().get(address, {"export": export} if export else {}).content.decode()


def test_nothing_is_shown_before_its_release(office):
    write(office.units["an"], month(1), received=10)
    assert dossier_detail(office.organiser, 2025, office.units["an"]) is None
    published(office)
    assert shown(office).scopes[0].summary.counts["received"].value == 10


def test_months_are_added_up_and_the_overlapping_quarter_is_named_not_added(office):
    for number, resolved in enumerate((5, 6, 7), start=1):
        write(office.units["an"], month(number), resolved=resolved)
    write(office.units["an"], {**month(1), "ends_on": DAY(2025, 3, 31)}, resolved=18)
    published(office)
    (one,) = shown(office).scopes
    assert one.summary.counts["resolved"].value == 18
    text = page(office)
    assert "Các kỳ được cộng: Tháng 1/2025 – Tháng 3/2025" in text
    assert "Không cộng số liệu của các kỳ chồng lên: Quý I/2025" in text


def test_the_page_leads_to_other_years_of_dossiers_and_back_to_its_own_year(office):
    for year in (2024, 2025):
        write(office.units["an"], month(1, year=year), resolved=4)
    published(office, 2024, 2025)
    text = page(office)
    code = office.units["an"].code
    assert f'href="/tinh-thu/2024/units/{code}/dossiers/"' in text
    assert f'href="/tinh-thu/2025/units/{code}/dossiers/" aria-current="page"' in text
    assert f"{office.units['an'].full_name}, năm 2025</a>" in text


def test_the_year_before_is_a_line_beside_the_months(office):
    for year, resolved in ((2024, 4), (2025, 5)):
        for number in (1, 2):
            write(office.units["an"], month(number, year=year), resolved=resolved + number)
    published(office, 2024, 2025)
    trend = detail_charts(shown(office))["own"][0]
    assert [(one.label, one.values, one.role) for one in trend.series] == [
        ("Năm 2025", (6, 7), "unit"),
        ("Năm 2024", (5, 6), "previous"),
    ]


def test_the_end_of_february_is_compared_with_the_end_of_february():
    assert _year_before(DAY(2025, 2, 28)) == DAY(2024, 2, 29)
    assert _year_before(DAY(2024, 2, 29)) == DAY(2023, 2, 28)


def test_fields_are_ranked_by_their_share_of_late_dossiers(office):
    fields = {name: DossierField.objects.create(slug=name, name=name) for name in ("a", "b", "c")}
    for name, (resolved, late) in {"a": (100, 1), "b": (10, 2), "c": (5, None)}.items():
        counts = {"resolved": resolved, **({"resolved_late": late} if late is not None else {})}
        write(office.units["an"], month(1, field=fields[name]), **counts, gap_reason="thiếu cột")
    write(office.units["an"], month(1), resolved=115)
    published(office)
    lines = shown(office).scopes[0].fields
    assert [(one.name, one.late_rate) for one in lines] == [("b", 20), ("a", 1), ("c", None)]


def test_the_mean_is_of_units_with_the_very_same_period_and_says_how_many(office):
    for key, number in (("an", 8), ("binh", 6)):
        write(office.units[key], month(1), resolved=10, resolved_early=number, resolved_on_time=10 - number)
    write(office.units["cat"], month(2), resolved=10, resolved_early=0, resolved_on_time=10)
    published(office)
    compared = {one.rate.key: one for one in shown(office).scopes[0].compared}
    early = compared["early"]
    assert (early.rate.percent, early.mean, early.difference) == (Decimal(80), Decimal(70), Decimal(10))
    assert (early.units, early.of) == (2, 3)


def test_the_mean_adds_months_up_and_leaves_out_what_is_not_exact(office):
    source = make_source()

    def printed(key: str, first: int, last: int, resolved: int, early: int, **more: object) -> None:
        days = {"starts_on": month(first)["starts_on"], "ends_on": month(last)["ends_on"], "scope": "own"}
        unit, counts = office.units[key], {"resolved": resolved, "resolved_early": early}
        DossierCount.objects.create(unit=unit, source=source, **days, **counts, **more)

    printed("an", 1, 2, 100, 50)
    printed("binh", 1, 1, 10, 5)
    printed("binh", 2, 2, 30, 25)
    printed("cat", 1, 2, 100, 90, qualified={"resolved_early": {"quality": "about", "wording": "khoảng 90"}})
    (early,) = (one for one in shown(office).scopes[0].compared if one.rate.key == "early")
    assert (early.mean, early.units, early.of) == (Decimal("62.5"), 2, 3)


@pytest.mark.parametrize("level", [Level.COMMUNE, Level.AGENCY, Level.DISTRICT])
def test_a_unit_is_compared_with_its_like_whoever_is_assessed(office, level):
    def shares(level: Level, parent: Unit | None, numbers: tuple[int, ...]) -> list[Unit]:
        made = [
            make_unit(f"{level}{number}", code=f"{level}{number}", level=level, parent=parent, type="x")
            for number in numbers
        ]
        for unit, number in zip(made, numbers, strict=True):
            write(unit, month(1), resolved=10, resolved_early=number, resolved_on_time=10 - number)
        return made

    units = {
        Level.COMMUNE: shares(Level.COMMUNE, office.units["an"], (1, 2, 6)),
        Level.AGENCY: shares(Level.AGENCY, office.units["an"].parent, (2, 3, 7)),
        Level.DISTRICT: shares(Level.DISTRICT, office.units["an"].parent, (3, 4, 8)),
    }
    published(office)
    found = dossier_detail(office.organiser, 2025, units[level][0])
    assert found
    (early,) = (one for one in found.scopes[0].compared if one.rate.key == "early")
    mean = {Level.COMMUNE: 30, Level.AGENCY: 40, Level.DISTRICT: 50}[level]
    assert (early.mean, early.units, early.of) == (Decimal(mean), 3, 3)


def test_communes_that_report_themselves_are_added_up_beside_the_district_s_own_figure(office):
    communes = [
        make_unit(name, code=name, level=Level.COMMUNE, type="Xã", parent=office.units["an"])
        for name in ("Ba", "Bon")
    ]
    for commune, received in zip(communes, (6, 3), strict=True):
        write(commune, month(1), received=received)
    write(office.units["an"], month(1, "communes"), received=10, gap_reason="một xã nộp bổ sung")
    published(office)
    roll_up = shown(office).roll_up
    assert roll_up is not None and (roll_up.units, roll_up.of) == (2, 2)
    assert list(roll_up.lines) == [("tiếp nhận", 9, 1)]
    assert "một xã nộp bổ sung" in page(office)


def test_a_unit_s_own_released_figure_goes_before_what_was_printed_of_the_same_period(office):
    DossierCount.objects.create(unit=office.units["an"], source=make_source(), received=9, **month(1))
    write(office.units["an"], month(1), received=10)
    assert shown(office).scopes[0].summary.counts["received"].value == 9
    published(office)
    assert shown(office).scopes[0].summary.counts["received"].value == 10


def test_the_table_to_take_away_holds_every_row_with_its_source_and_reason(office):
    write(office.units["an"], month(1), received=10, received_online=7, gap_reason="= nhận bàn giao")
    published(office)
    (row,) = csv.DictReader(io.StringIO(page(office, "csv").lstrip("\ufeff")))
    assert (row["Đơn vị"], row["Tiếp nhận"], row["Từ ngày"]) == ("Huyện An", "10", "01/01/2025")
    assert row["Giải thích chênh lệch"] == "'= nhận bàn giao"
    assert "Huyện An báo cáo" in row["Nguồn"]


def test_the_page_is_not_there_without_figures(office):
    address = reverse("reports:unit_dossiers", args=["tinh-thu", 2025, office.units["an"].code])
    assert Client().get(address).status_code == 404


def test_the_page_costs_the_same_for_many_months_and_units(office, django_assert_max_num_queries):
    for number in range(1, 13):
        for unit in office.units.values():
            write(unit, month(number), resolved=number)
    published(office)
    assert BY_COMMAND.is_program
    with django_assert_max_num_queries(16):
        shown(office)
