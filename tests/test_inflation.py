"""Self-scored against appraised points: by unit, area and year, and where units misjudge alike."""

from decimal import Decimal as D
from fractions import Fraction as F
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from reports.analytics.inflation import Direction, Judged, inflation, inflations, misjudged_alike
from reports.models import Criterion, Score
from reports.worked_examples import inflation_example, inflation_rows

from .factories import OfficeYear, make_criteria_set, make_office_year, make_sheet, make_unit, make_year

POINTS = st.integers(0, 200).map(lambda hundredths: D(hundredths) / 100)
CELLS = st.lists(
    st.builds(
        Judged,
        st.integers(1, 5),
        st.sampled_from([2024, 2025]),
        st.sampled_from("12"),
        st.sampled_from(["1.1", "2.1", "2.2"]),
        POINTS,
        POINTS,
        st.just(D(2)),
    ),
    max_size=12,
)


def test_the_worked_example_comes_out_as_by_hand():
    found = inflation_example()
    assert (found.over, found.under, found.counted) == (2, 0, 3)
    assert (found.mean_gap, found.mean_share, found.direction) == (F(1, 2), F(1, 4), Direction.OVER)
    assert inflation_rows()[1] == ("Đơn vị tự chấm cao hơn thẩm định", "2/3")


@given(CELLS)
def test_the_parts_add_up_to_the_whole_whichever_way_one_cuts(cells):
    for key in (lambda c: c.unit, lambda c: (c.year, c.area)):
        parts = inflations(cells, key).values()
        assert sum((one.gap for one in parts), D(0)) == inflation(cells).gap
        assert sum(one.counted for one in parts) == len(cells)


@given(CELLS)
def test_who_judges_as_strictly_as_the_appraisal_is_nowhere_inflated(cells):
    same = [Judged(c.unit, c.year, c.area, c.component, c.given, c.given, c.maximum) for c in cells]
    assert inflation(same).gap == 0
    assert misjudged_alike(same) == []


def cell(unit: int, claimed: str, given: str, maximum: str = "2") -> Judged:
    return Judged(unit, 2025, "1", "1.1", D(claimed), D(given), D(maximum))


def test_a_component_is_misjudged_alike_from_half_of_three_units_on():
    assert misjudged_alike([cell(1, "2", "1"), cell(2, "2", "1")]) == []
    (found,) = misjudged_alike([cell(1, "0", "1"), cell(2, "0", "1"), cell(3, "2", "1")])
    assert (found.direction, found.alike, found.share) == (Direction.UNDER, 2, F(2, 3))
    assert misjudged_alike([cell(1, "2", "1"), cell(2, "1", "1"), cell(3, "1", "1")]) == []


def test_what_lies_outside_the_scale_counts_in_points_and_not_in_shares():
    assert inflation([cell(1, "1", "0", "0")]).share is None
    assert misjudged_alike([cell(n, "1", "0", "0") for n in range(4)]) == []


@pytest.fixture
def office(db: None) -> OfficeYear:
    """A year in reply: "an" claims 10 and 2 and got 8 and 2, "binh" and "cat" claim 9 and got 8."""
    office = make_office_year("reply")
    judge(office, "an", "1.2", "10", "8")
    judge(office, "an", "1.1", "2", "2")
    judge(office, "binh", "1.2", "9", "8")
    judge(office, "cat", "1.2", "9", "8")
    return office


def judge(office: OfficeYear, unit: str, code: str, claimed: str, given: str) -> None:
    Score.objects.create(
        sheet=office.sheets[unit],
        criterion=office.leaves[code],
        self_state="value",
        self_points=D(claimed),
        appraised_state="value",
        appraised_points=D(given),
    )


def page(office: OfficeYear, person: str, query: str = "") -> Any:
    client = Client()
    client.force_login(office.people[person])
    return client.get(reverse("office:inflation", args=[office.year.pk]) + query)


def test_the_office_sees_all_units_and_what_they_misjudge_alike(office):
    found = page(office, "appraiser").context["found"]
    points = {row.unit.name: row.cells[0].points for row in found.rows}
    assert points == {"An": D(2), "Bình": D(1), "Cát": D(1)}
    assert [(one.criterion.code, one.figures.over, one.mean_share) for one in found.alike] == [
        ("1.2", 3, D("13.3"))
    ]
    (column,) = found.columns
    assert (column.mean, column.units) == (D("1.33"), 3)


def test_an_area_can_be_chosen(office):
    found = page(office, "publisher", "?area=2").context["found"]
    assert found.area.code == "2"
    assert all(row.cells == (None,) for row in found.rows)


def test_a_unit_sees_its_own_and_no_other(office):
    response = page(office, "viewer")
    (own,) = response.context["own"]
    assert [(row.area and row.area.code, row.cells[0].points) for row in own.rows] == [(None, 2), ("1", 2)]
    assert "Bình" not in response.content.decode()
    assert b"B\xc3\xacnh" not in page(office, "viewer", "?export=csv").content


@pytest.mark.parametrize("stage", ["round1", "round2", "council"])
def test_a_unit_sees_nothing_of_an_appraisal_that_is_still_being_written(office, stage):
    office.year.stage = stage
    office.year.save()
    (own,) = page(office, "lead").context["own"]
    assert own.rows == ()


def test_the_organiser_s_viewer_is_refused(office):
    assert page(office, "overseer").status_code == 403


def test_years_of_other_criteria_are_marked_and_areas_matched(office):
    earlier = make_criteria_set({"1.1": ("4", "appraised")}, slug="bo-truoc")
    area = Criterion.objects.get(criteria_set=office.criteria_set, code="1")
    area.previous = Criterion.objects.get(criteria_set=earlier, code="1")
    area.save()
    past = make_year(2024, organiser=office.organiser, criteria_set=earlier, stage="published")
    sheet = make_sheet(past, office.units["an"], {"1.1": "3"})
    sheet.scores.update(self_state="value", self_points=4)
    found = page(office, "appraiser", "?area=1").context["found"]
    assert [(column.year.year, column.is_break) for column in found.columns] == [(2024, False), (2025, True)]
    assert [cell.points for cell in found.rows[0].cells] == [1, 2]


def test_penalties_count_against_the_unit_and_lie_outside_the_scale(office):
    leaf = office.leaves["1.1"]
    leaf.rule = {"kind": "penalty", "per_case": "1"}
    leaf.save()
    Score.objects.filter(criterion=leaf).update(self_points=1, appraised_points=2)
    row = page(office, "appraiser").context["found"].rows[0]
    assert (row.cells[0].points, row.cells[0].share) == (3, 30)


def test_the_export_holds_the_figures_of_the_page(office):
    lines = page(office, "appraiser", "?export=csv").content.decode("utf-8-sig").splitlines()
    assert lines[1].split(",")[1:] == ["Huyện An", "2.0000", "16.7"]
    assert page(office, "appraiser", "?export=xlsx").content.startswith(b"PK")


def test_the_number_of_queries_does_not_grow_with_the_units(office):
    few = queries(office)
    province = office.units["an"].parent
    for n in range(6):
        unit = make_unit(f"Mới {n}", code=f"M{n}", parent=province)
        sheet = make_sheet(office.year, unit, {"1.1": "1", "1.2": "7"})
        sheet.scores.update(self_state="value", self_points=2)
    assert queries(office) == few


def queries(office: OfficeYear) -> int:
    client = Client()
    client.force_login(office.people["appraiser"])
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("office:inflation", args=[office.year.pk]))
    return len(captured)
