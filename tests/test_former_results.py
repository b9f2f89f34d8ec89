"""A unit without results of its own leads to those of the units it came from, and search tells who has any."""

from __future__ import annotations

import pytest

from districts.models import Succession, Unit
from districts.summaries import unit_lineage
from reports.numbers_vi import points
from reports.summaries.units import former_results
from reports.workflow import publish

from .factories import at, make_criteria_set, make_organiser, make_sheet, make_unit, make_year
from .test_pages import text_of

pytestmark = pytest.mark.django_db
TODAY = "/units/qd19-2025/10273/"


@pytest.mark.usefixtures("demo_content")
def test_a_commune_of_today_shows_the_newest_result_of_the_district_it_came_from(client):
    page = text_of(client, TODAY)
    assert "Huyện Phú Xuyên, năm 2024 : 92,41 điểm, hạng 23/30" in page
    assert "đây không phải kết quả của đơn vị hiện nay" in page
    assert "suy ra từ cấp xã" in page
    assert 'href="/ha-noi/2024/units/280/"' in client.get(TODAY).content.decode()
    assert "Huyện Phú Xuyên có kết quả" in page and "Huyện Thường Tín có kết quả" not in page


@pytest.mark.usefixtures("demo_content")
@pytest.mark.parametrize("path", ["/units/minh-hoa/MH14/", "/units/gso2004/280/"])
def test_a_unit_with_results_of_its_own_shows_no_other(client, path):
    assert "Kết quả của đơn vị cũ" not in text_of(client, path)


@pytest.mark.usefixtures("demo_content")
@pytest.mark.parametrize("htmx", [{}, {"headers": {"HX-Request": "true"}}])
def test_search_marks_the_units_that_have_results(client, htmx):
    page = client.get("/units/?q=phu+xuyen", **htmx).content.decode()
    assert page.count("có kết quả đến năm 2024") == 1
    assert page.index("/units/gso2004/280/") < page.index("có kết quả đến năm 2024")


def test_formers_come_by_name_and_main_part_each_with_its_newest_result():
    criteria_set = make_criteria_set({"1.1": ("10", "appraised")})
    new, units = make_unit("An Bình"), [make_unit(name) for name in ("Cát", "Dương", "An Bình", "Em")]
    organiser = make_organiser()
    for year, given in ((2023, ("5", "6", "7", None)), (2024, ("8", "9", None, None))):
        made = make_year(year, organiser=organiser, criteria_set=criteria_set, stage="council")
        for unit, value in zip(units, given, strict=True):
            if value:
                make_sheet(made, unit, {"1.1": value})
        publish(made, published_at=at(year + 1), decision_number=f"QĐ {year}")
    for unit, main in zip(units, (None, True, None, None), strict=True):
        Succession.objects.create(predecessor=unit, successor=new, kind="merge", is_main_part=main)
    found = former_results(unit_lineage(Unit.objects.get(pk=new.pk)))
    assert [(f.result.unit_name, f.result.year.year, points(f.result.points)) for f in found] == [
        ("Huyện An Bình", 2023, "7,00"),
        ("Huyện Dương", 2024, "9,00"),
        ("Huyện Cát", 2024, "8,00"),
    ]
