"""Units side by side, those that are like one, and how a group lies."""

import io
from decimal import Decimal as D
from fractions import Fraction as F

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from reports.analytics.likeness import distance, nearest, spread
from reports.models import OfficialResult
from reports.summaries.compare import Line
from reports.summaries.results import Figure
from reports.worked_examples import likeness_rows

from .test_pages import text_of

SHARES = st.fractions(0, 1)
PROFILES = st.dictionaries(st.sampled_from("12345678"), SHARES, min_size=1)


def test_the_worked_example_comes_out_as_by_hand():
    assert likeness_rows() == [
        ("A", "80\u202f%", "60\u202f%", "–"),
        ("B", "90\u202f%", "60\u202f%", "5"),
        ("C", "70\u202f%", "90\u202f%", "20"),
    ]


@given(PROFILES, PROFILES)
def test_a_distance_is_the_same_both_ways_and_none_to_oneself(one, other):
    assert distance(one, other) == distance(other, one)
    assert distance(one, one) == 0


@given(st.dictionaries(st.integers(0, 20), PROFILES, min_size=1))
def test_the_nearest_do_not_depend_on_the_order_they_are_told_in(profiles):
    of = min(profiles)
    turned = dict(reversed(profiles.items()))
    away = [distance_ for _key, distance_ in nearest(of, profiles, 5)]
    assert away == [distance_ for _key, distance_ in nearest(of, turned, 5)] == sorted(away)


def test_profiles_without_a_common_area_are_not_compared():
    assert distance({"1": F(1)}, {"2": F(1)}) is None


def test_quartiles_are_those_of_spreadsheets():
    found = spread([D(1), D(2), D(4), D(8)])
    assert found is not None
    assert (found.lower, found.median, found.upper, found.mean) == (F(7, 4), F(3), F(5), F(15, 4))
    assert spread([]) is None


@given(st.lists(st.decimals("0", "100", places=2), min_size=2, max_size=40))
def test_quartiles_agree_with_pandas(values):
    import pandas as pd

    found = spread(values)
    assert found is not None
    measured = pd.Series([float(value) for value in values]).quantile([0.25, 0.5, 0.75])
    assert [float(found.lower), float(found.median), float(found.upper)] == pytest.approx(list(measured))


pages = [pytest.mark.django_db, pytest.mark.usefixtures("demo_content")]


class TestPages:
    pytestmark = pages
    address = "/tinh-minh-hoa/compare/?year=2024"

    def test_units_stand_in_the_order_they_were_asked_for(self, client):
        found = client.get(f"{self.address}&unit=MH05&unit=MH01").context["comparison"]
        assert [result.unit.code for result in found.results] == ["MH05", "MH01"]
        total = found.lines[0]
        assert total.values == tuple(result.total.value for result in found.results)
        assert total.spread.count == 12

    def test_units_alike_are_of_one_kind_and_come_with_their_distance(self, client):
        found = client.get(f"{self.address}&like=MH03").context["comparison"]
        assert found.results[0].unit.code == "MH03" and len(found.like) >= 1
        assert {result.unit.type for result, _away in found.like} == {found.results[0].unit.type}
        away = [distance for _result, distance in found.like]
        assert away == sorted(away)

    @pytest.mark.parametrize(
        "asked", ["unit=XX", "like=XX", "unit=%00", "year=0", "year=9999", "group=x", "unit="]
    )
    def test_a_choice_that_there_is_not_is_said_and_harms_nothing(self, client, asked):
        answer = client.get(f"/tinh-minh-hoa/compare/?{asked}")
        assert answer.status_code == 200
        if "XX" in asked:
            assert "Không có đơn vị mang mã XX" in answer.content.decode()

    def test_more_than_six_are_cut_and_it_is_said(self, client):
        asked = "".join(f"&unit=MH{number:02}" for number in range(1, 10))
        answer = client.get(self.address + asked)
        assert len(answer.context["comparison"].results) == 6
        assert "So sánh nhiều nhất 6 đơn vị một lần" in answer.content.decode()

    def test_the_table_can_be_taken_away(self, client):
        book = CalamineWorkbook.from_filelike(
            io.BytesIO(client.get(f"{self.address}&unit=MH01&unit=MH03&export=xlsx").content)
        )
        rows = book.get_sheet_by_index(0).to_python()
        assert rows[0][:2] == ["Nội dung", "Điểm tối đa"] and rows[1][0] == "Tổng điểm"

    def test_one_unit_known_by_its_totals_is_shown_without_a_group(self, client):
        page = text_of(client, "/ha-noi/compare/?year=2024&unit=280")
        assert "92,41" in page and "23/30" in page.replace(" ", "")

    def test_the_number_of_queries_does_not_grow_with_units(self, client, django_assert_max_num_queries):
        with django_assert_max_num_queries(9):
            client.get(f"{self.address}&unit=MH01")
        with django_assert_max_num_queries(9):
            client.get(self.address + "".join(f"&unit=MH{number:02}" for number in range(1, 7)))

    def test_an_organiser_without_public_years_has_no_comparison(self, client):
        assert client.get("/khong-co/compare/").status_code == 404

    def test_a_bound_is_no_exact_value_and_nobody_s_best(self, client):
        said = OfficialResult.objects.filter(assessment_year__year=2024, total__isnull=False)
        said.update(qualified={"total": {"quality": "lower", "wording": "trên 92,4"}})
        address = "/ha-noi/compare/?year=2024&unit=280"
        assert "trên 92,41" in text_of(client, address)
        assert "trên 92,4" in client.get(f"{address}&export=csv").content.decode()
        assert "trên 92,41" in text_of(client, "/embed/ha-noi/2024/huyen/")
        assert "trên 92,41" not in text_of(client, "/ha-noi/compare/?year=2023&unit=280")

    def test_what_was_derived_says_so(self, client):
        page = text_of(client, "/ha-noi/compare/?year=2023&unit=280")
        assert "64,32 suy ra" in page and "91,61 suy ra" not in page


def test_the_highest_of_bounds_is_not_known():
    figures = (Figure(D(90), "lower"), Figure(D(91)))
    assert Line("", None, figures, None).best is None
    assert Line("", None, figures[1:] * 2, None).best is None
    assert Line("", None, (Figure(D(89)), None, Figure(D(91))), None).best == 91
