"""Self-scored against appraised points: by unit, area and year, and where units misjudge alike."""

from decimal import Decimal as D
from fractions import Fraction as F

from hypothesis import given
from hypothesis import strategies as st

from reports.analytics.inflation import Direction, Judged, inflation, inflations, misjudged_alike
from reports.worked_examples import inflation_example, inflation_rows

POINTS = st.decimals("0", "2", places=2)
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
    )
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
