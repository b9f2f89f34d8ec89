"""Other points for one unit, everybody else's as published: exact, by the code that scores and ranks."""

from decimal import Decimal as D
from fractions import Fraction as F
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.analytics.what_if import Field, outcome, smallest_set, with_area, with_points
from reports.ranking import RankingRule
from reports.rules import NotApplicable
from reports.scoring import Band, Leaf, Part, RankOn, RoundAt, Rules, State, score_sheet
from reports.worked_examples import what_if_example, what_if_rows

from .test_pages import text_of

RULES = st.builds(
    Rules,
    round_at=st.sampled_from(RoundAt),
    digits=st.integers(0, 2),
    rank_on=st.sampled_from(RankOn),
    is_rescaled=st.booleans(),
    bands=st.just((Band("Tốt", D(80)), Band("Khá", D(65)))),
)
FIELDS = st.builds(
    Field,
    st.lists(st.fractions(0, 60, max_denominator=100), max_size=6).map(tuple),
    st.sampled_from(RankingRule),
    st.just(7),
)


@st.composite
def sheets(draw: st.DrawFn) -> list[Leaf]:
    leaves = []
    for number in range(draw(st.integers(1, 5))):
        maximum = draw(st.decimals("0.5", "10", places=1))
        applies = number == 0 or draw(st.booleans()) or draw(st.booleans())
        points = draw(st.decimals(0, maximum, places=3)) if applies else None
        leaves.append(
            Leaf(
                str(number),
                draw(st.sampled_from("12")),
                draw(st.sampled_from(Part)),
                maximum,
                State.VALUE if applies else State.NOT_APPLICABLE,
                points,
                draw(st.sampled_from(NotApplicable)),
            )
        )
    return leaves


def test_the_worked_example_comes_out_as_by_hand():
    made, reach = what_if_example()
    assert (made.result.total.points, made.place.rank, made.place.is_tied) == (D("80.00"), 1, True)
    assert reach is not None and (reach.keys, reach.needed) == (("1",), F(3))
    assert what_if_rows() == [
        ("Đã công bố", "75", "3/3"),
        ("Nếu tiêu chí 1 đạt 15", "80", "1/3"),
        ("Cần thêm để đạt hạng 2", "3", "1 tiêu chí"),
    ]


@given(sheets(), RULES, FIELDS)
def test_recorded_points_put_in_again_change_nothing(leaves, rules, field):
    recorded = {leaf.key: leaf.points for leaf in leaves if leaf.points is not None}
    assert outcome(with_points(leaves, recorded), rules, field) == outcome(leaves, rules, field)


@given(sheets(), RULES, FIELDS, st.data())
def test_raising_a_component_never_lowers_the_rank(leaves, rules, field, data):
    leaf = data.draw(st.sampled_from([leaf for leaf in leaves if leaf.points is not None]))
    raised = data.draw(st.decimals(leaf.points, leaf.maximum, places=3))
    before, after = (
        outcome(sheet, rules, field) for sheet in (leaves, with_points(leaves, {leaf.key: raised}))
    )
    assert before.place.rank is not None and after.place.rank is not None
    assert after.place.rank <= before.place.rank


@settings(max_examples=60)
@given(sheets(), RULES, FIELDS, st.integers(1, 7))
def test_the_smallest_set_reaches_the_place_and_no_smaller_one_does(leaves, rules, field, rank):
    found = smallest_set(leaves, rules, field, rank)
    open_ones = [leaf for leaf in leaves if leaf.points is not None]

    def reaches(chosen):
        raised = with_points(leaves, {leaf.key: leaf.maximum for leaf in chosen})
        place = outcome(raised, rules, field).place.rank
        return place is not None and place <= rank

    smallest = next(
        (size for size in range(len(open_ones) + 1) if any(map(reaches, combinations(open_ones, size)))), None
    )
    assert (None if found is None else len(found.keys)) == smallest
    if found is not None:
        assert reaches([leaf for leaf in leaves if leaf.key in found.keys])


@given(sheets(), st.data())
def test_an_area_makes_just_the_points_it_is_given(leaves, data):
    area = leaves[0].area
    own = [leaf for leaf in leaves if leaf.area == area and not leaf.leaves_maximum]
    least = sum((leaf.maximum for leaf in own if leaf.points is None), D(0))
    wanted = data.draw(st.decimals(least, sum((leaf.maximum for leaf in own), D(0)), places=3))
    made = score_sheet(with_area(leaves, area, wanted), Rules(is_rescaled=False)).areas[area]
    assert made.exact == F(wanted)


def test_an_area_cannot_make_more_than_it_has():
    leaves = [Leaf("1", "1", Part.APPRAISED, D(5), State.VALUE, D(2))]
    for wrong in (D("-0.1"), D("5.1")):
        with pytest.raises(ValueError, match="area 1"):
            with_area(leaves, "1", wrong)


def test_the_next_grade_and_the_next_place_are_told_in_points():
    leaves = [Leaf("1", "1", Part.APPRAISED, D(100), State.VALUE, D(78))]
    rules = Rules(bands=(Band("Tốt", D(80)), Band("Xuất sắc", D(90))))
    found = outcome(leaves, rules, Field((F(85), F(79), F(60)), RankingRule.COMPETITION, 5))
    assert (found.place.rank, found.to_next_place, found.to_next_grade) == (3, F(1), F(2))
    assert found.next_band is not None and found.next_band.name == "Tốt"


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
class TestPages:
    address = "/tinh-minh-hoa/2024/units/MH03/what-if/"

    @pytest.mark.parametrize("code", [f"MH{number:02}" for number in (1, 3, 5, 8, 10)])
    def test_every_sheet_scored_again_makes_what_was_published(self, client, code):
        page = client.get(f"/tinh-minh-hoa/2024/units/{code}/what-if/")
        result = client.get(f"/tinh-minh-hoa/2024/units/{code}/").context["summary"].result
        published = page.context["sheet"].published
        assert published.result.total.points == result.total.value
        assert (published.place.rank, published.size) == (result.rank.value, result.rank_of)
        assert published.result.grade == result.grade

    def test_other_points_show_another_total_and_say_that_it_is_thought(self, client):
        page = text_of(client, f"{self.address}?c-6.1.1=2")
        assert "Giả định, không phải kết quả công bố" in page
        assert "Tổng điểm sẽ là 90,89 (đã công bố: 90,49)" in page

    def test_a_place_names_the_fewest_components_that_reach_it(self, client):
        answer = client.get(f"{self.address}?rank=1")
        found = answer.context["reached"]
        assert found.components and "Để đạt hạng 1 cần thêm ít nhất" in answer.content.decode()
        asked = "&".join(f"c-{one.criterion.code}={one.leaf.maximum}" for one in found.components)
        assert client.get(f"{self.address}?{asked}").context["outcome"].place.rank == 1

    @pytest.mark.parametrize(
        ("asked", "said"),
        [
            ("c-6.1.1=99", "Nhập từ 0 đến 2 điểm."),
            ("c-6.1.1=-1", "Nhập từ 0 đến 2 điểm."),
            ("c-6.1.1=abc", "Không phải là số; hãy ghi như 92,41."),
            ("a-1=99", "Lĩnh vực này nhận từ 0 đến 12 điểm"),
            ("rank=0", "Nhập một thứ hạng từ 1 đến 12."),
            ("rank=²", "Nhập một thứ hạng từ 1 đến 12."),
            ("rank=999999999999999999999", "Nhập một thứ hạng từ 1 đến 12."),
        ],
    )
    def test_what_cannot_be_is_said_at_its_field_and_the_rest_is_computed(self, client, asked, said):
        answer = client.get(f"{self.address}?{asked}&c-2.1.1=1,5")
        assert said in answer.content.decode() and "Có ô chưa hợp lệ" in answer.content.decode()
        assert answer.context["outcome"].result.total.points == D("90.49")

    @pytest.mark.parametrize("asked", ["c-x=1", "c-6.1.1=%00", "zzz=1", "c-6.1.1=" + "9" * 5000, "a-99=1"])
    def test_nonsense_harms_nothing(self, client, asked):
        assert client.get(f"{self.address}?{asked}").status_code == 200

    def test_it_is_not_for_search_engines_and_asks_few_queries(self, client, django_assert_max_num_queries):
        with django_assert_max_num_queries(10):
            page = client.get(f"{self.address}?rank=1&c-6.1.1=2").content.decode()
        assert '<meta name="robots" content="noindex">' in page

    @pytest.mark.parametrize("path", ["/ha-noi/2024/units/280/", "/tinh-minh-hoa/2021/units/MH99/"])
    def test_without_published_components_there_is_no_page(self, client, path):
        assert client.get(f"{path}what-if/").status_code == 404
