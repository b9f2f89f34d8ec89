"""Points: a worked example small enough for paper, then what holds for any sheet."""

from __future__ import annotations

from decimal import Decimal as D
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.rules import NotApplicable
from reports.scoring import (
    Adjusts,
    Band,
    Gap,
    Leaf,
    Part,
    RankOn,
    Result,
    RoundAt,
    Rules,
    State,
    grade,
    round_half_up,
    score_sheet,
)

BANDS = (Band("Xuất sắc", D(90)), Band("Tốt", D(80)), Band("Khá", D(70)))


def leaf(key: str, maximum: str, points: str | State, part: Part = Part.APPRAISED, **more: object) -> Leaf:
    state, value = (points, None) if isinstance(points, State) else (State.VALUE, D(points))
    return Leaf(key, key[0], part, D(maximum), state, value, **more)


def sheet(**changes: Leaf) -> list[Leaf]:
    """Area 1: 1.1 of 40, 1.2 of 10, surveyed 1.3 of 10; area 2: 2.1 of 20, surveyed 2.2 of 20."""
    leaves = {
        "a": leaf("1.1", "40", "31.005"),
        "b": leaf("1.2", "10", "7.5"),
        "c": leaf("1.3", "10", "8.335", Part.SURVEY),
        "d": leaf("2.1", "20", "16"),
        "e": leaf("2.2", "20", "18.005", Part.SURVEY),
    }
    return list({**leaves, **changes}.values())


def test_the_worked_example_adds_up_in_every_scope() -> None:
    result = score_sheet(sheet(), Rules(bands=BANDS))
    assert (result.total.points, result.total.maximum) == (D("80.85"), D(100))
    assert {k: (r.points, r.maximum) for k, r in result.parts.items()} == {
        "appraised": (D("54.51"), D(70)),  # 54.505
        "survey": (D("26.34"), D(30)),
    }
    assert {k: (r.points, r.maximum) for k, r in result.areas.items()} == {
        "1": (D("46.84"), D(60)),
        "2": (D("34.01"), D(40)),  # 34.005
    }
    assert result.grade == "Tốt"


@pytest.mark.parametrize(
    ("round_at", "total"),
    # Exact: 31.005 + 7.5 + 8.335 + 16 + 18.005 = 80.845. By leaf: 31.01 + 7.50 + 8.34 + 16 + 18.01.
    # By part: 54.51 + 26.34.
    [(RoundAt.TOTAL, "80.85"), (RoundAt.PART, "80.85"), (RoundAt.LEAF, "80.86")],
)
def test_the_place_of_rounding_decides_the_total(round_at: RoundAt, total: str) -> None:
    result = score_sheet(sheet(), Rules(round_at=round_at)).total
    assert result.points == D(total)
    assert result.exact == Fraction(D("80.845"))


def test_rounding_by_part_makes_printed_parts_add_up_to_the_printed_total() -> None:
    leaves = [leaf("1.1", "70", "54.505"), leaf("1.2", "30", "26.345", Part.SURVEY)]
    by_part = score_sheet(leaves, Rules(round_at=RoundAt.PART))
    at_total = score_sheet(leaves, Rules(round_at=RoundAt.TOTAL))
    assert [r.points for r in by_part.parts.values()] == [D("54.51"), D("26.35")]
    assert by_part.total.points == D("80.86")
    assert at_total.total.points == D("80.85")


def test_a_leaf_not_entered_leaves_its_scopes_without_points_and_the_others_with_theirs() -> None:
    result = score_sheet(sheet(b=leaf("1.2", "10", State.NOT_ENTERED)), Rules(bands=BANDS))
    assert (result.total.points, result.total.gap, result.grade) == (None, Gap.INCOMPLETE, "")
    assert result.parts["appraised"].points is None
    assert result.parts["survey"].points == D("26.34")
    assert result.areas["1"].points is None
    assert result.areas["2"].points == D("34.01")


def test_zero_points_are_a_value() -> None:
    result = score_sheet(sheet(b=leaf("1.2", "10", "0")), Rules())
    assert result.total.points == D("73.35")


def test_a_leaf_not_applicable_leaves_the_maximum_and_the_year_says_whether_points_are_brought_back() -> None:
    leaves = sheet(d=leaf("2.1", "20", State.NOT_APPLICABLE))
    kept = score_sheet(leaves, Rules(is_rescaled=False))
    rescaled = score_sheet(leaves, Rules(is_rescaled=True))
    assert (kept.total.points, kept.total.maximum) == (D("64.85"), D(80))  # 64.845
    assert (rescaled.total.points, rescaled.total.maximum) == (D("81.06"), D(100))  # 64.845 / 80
    assert (kept.areas["2"].points, kept.areas["2"].maximum) == (D("18.01"), D(20))
    assert (rescaled.areas["2"].points, rescaled.areas["2"].maximum) == (D("36.01"), D(40))
    assert rescaled.parts["survey"].points == D("26.34")


def test_a_leaf_not_applicable_may_count_as_full_points() -> None:
    full = leaf("2.1", "20", State.NOT_APPLICABLE, not_applicable=NotApplicable.FULL_POINTS)
    result = score_sheet(sheet(d=full), Rules())
    assert (result.total.points, result.total.maximum) == (D("84.85"), D(100))


def test_a_year_without_survey_is_rescaled_to_the_full_maximum() -> None:
    none = {"c": leaf("1.3", "10", State.NOT_ASSESSED, Part.SURVEY)}
    none["e"] = leaf("2.2", "20", State.NOT_ASSESSED, Part.SURVEY)
    result = score_sheet(sheet(**none), Rules())
    assert (result.total.points, result.total.maximum) == (D("77.86"), D(100))  # 54.505 / 70
    assert (result.parts["survey"].points, result.parts["survey"].gap) == (None, Gap.NOT_ASSESSED)
    assert result.areas["2"].points == D("32.00")
    assert score_sheet(sheet(**none), Rules(is_rescaled=False)).total.gap == Gap.NOT_ASSESSED


def test_one_leaf_not_assessed_is_not_an_absent_survey() -> None:
    result = score_sheet(sheet(c=leaf("1.3", "10", State.NOT_ASSESSED, Part.SURVEY)), Rules())
    assert (result.total.points, result.total.gap) == (None, Gap.NOT_ASSESSED)


def test_a_sheet_where_nothing_applies_has_no_points() -> None:
    result = score_sheet([leaf("1.1", "10", State.NOT_APPLICABLE)], Rules())
    assert result.total == Result(maximum=D(10), gap=Gap.NOT_ASSESSED)


@pytest.mark.parametrize(("rank_on", "name"), [(RankOn.ROUNDED, "Xuất sắc"), (RankOn.UNROUNDED, "Tốt")])
def test_a_grade_uses_the_declared_value(rank_on: RankOn, name: str) -> None:
    result = Result(D("90.00"), Fraction(D("89.995")), D(100))
    assert grade(result, Rules(rank_on=rank_on, bands=BANDS)) == name


def test_a_grade_is_a_share_of_the_maximum_and_below_all_bands_there_is_none() -> None:
    assert grade(Result(D(72), Fraction(72), D(80)), Rules(bands=BANDS)) == "Xuất sắc"
    assert grade(Result(D(69), Fraction(69), D(100)), Rules(bands=BANDS)) == ""


@pytest.mark.parametrize(
    ("value", "digits", "rounded"),
    [
        ("0.125", 2, "0.13"),
        ("2.5", 0, "3"),
        ("92.405", 2, "92.41"),
        ("92.4049999", 2, "92.40"),
        ("1", 2, "1.00"),
    ],
)
def test_a_half_goes_up(value: str, digits: int, rounded: str) -> None:
    assert str(round_half_up(D(value), digits)) == rounded


@given(st.decimals("-100", "100", places=4), st.integers(0, 3))
def test_a_deduction_is_rounded_as_its_size_is(value: D, digits: int) -> None:
    assert round_half_up(-value, digits) == -round_half_up(value, digits)
    assert round_half_up(D("-0.125"), 2) == D("-0.13")


@pytest.mark.parametrize(
    ("state", "points"), [(State.VALUE, None), (State.NOT_ENTERED, D(0)), (State.VALUE, D(11))]
)
def test_a_leaf_refuses_what_contradicts_itself(state: State, points: D | None) -> None:
    with pytest.raises(ValueError, match=r"1\.1"):
        Leaf("1.1", "1", Part.APPRAISED, D(10), state, points)


POINTS = st.decimals(0, 10, places=4)
LEAVES = st.lists(
    st.tuples(st.sampled_from("12345"), st.sampled_from(Part), st.one_of(st.none(), POINTS)),
    min_size=1,
    max_size=30,
).map(
    lambda rows: [
        Leaf(
            f"{area}.{i}",
            area,
            part,
            D(10),
            *((State.VALUE, p) if p is not None else (State.NOT_APPLICABLE, None)),
        )
        for i, (area, part, p) in enumerate(rows)
    ]
)


@given(LEAVES, st.sampled_from(RoundAt), st.booleans())
def test_points_stay_within_the_maximum(leaves: list[Leaf], round_at: RoundAt, is_rescaled: bool) -> None:
    total = score_sheet(leaves, Rules(round_at=round_at, is_rescaled=is_rescaled)).total
    assert total.points is None or (total.maximum is not None and 0 <= total.points <= total.maximum)


@given(LEAVES)
def test_without_rescaling_parts_and_areas_add_up_exactly(leaves: list[Leaf]) -> None:
    result = score_sheet(leaves, Rules(is_rescaled=False))
    for scopes in (result.parts, result.areas):
        assert sum(r.exact or 0 for r in scopes.values()) == (result.total.exact or 0)
        assert sum(r.maximum or 0 for r in scopes.values()) == result.total.maximum


def adjusted(way: Adjusts, points: str | State, maximum: str = "5") -> Leaf:
    return leaf("9.1", maximum, points, adjusts=way)


def test_adjustments_move_the_total_and_nothing_else() -> None:
    outside = [adjusted(Adjusts.BONUS, "1.5"), adjusted(Adjusts.PENALTY, "0.25")]
    with_them, without = score_sheet([*sheet(), *outside], Rules()), score_sheet(sheet(), Rules())
    assert (with_them.total.points, with_them.total.maximum) == (D("82.10"), D(100))  # 80.845 + 1.25
    assert with_them.parts["adjustment"] == Result(D("1.25"), Fraction(D("1.25")))
    assert with_them.areas == without.areas
    assert {**with_them.parts, "adjustment": None} == {**without.parts, "adjustment": None}


def test_a_rescaled_year_does_not_rescale_the_adjustment() -> None:
    leaves = [leaf("1.1", "70", "63"), leaf("1.2", "30", State.NOT_ASSESSED, Part.SURVEY)]
    result = score_sheet([*leaves, adjusted(Adjusts.BONUS, "2")], Rules())
    assert result.total.points == D("92.00")


def test_the_caps_of_the_year_hold_each_way() -> None:
    outside = [adjusted(Adjusts.BONUS, "5"), adjusted(Adjusts.BONUS, "4"), adjusted(Adjusts.PENALTY, "5")]
    rules = Rules(bonus_max=D(6), penalty_max=D(2))
    assert score_sheet([*sheet(), *outside], rules).parts["adjustment"].points == D("4.00")


def test_a_penalty_takes_no_total_below_0_and_the_parts_still_add_up() -> None:
    result = score_sheet([leaf("1.1", "10", "1"), adjusted(Adjusts.PENALTY, "3")], Rules())
    assert (result.total.points, result.parts["adjustment"].points) == (D(0), D(-1))


def test_an_adjustment_without_a_value_is_no_gap_and_no_zero() -> None:
    result = score_sheet([*sheet(), adjusted(Adjusts.BONUS, State.NOT_ENTERED)], Rules())
    assert (result.total.points, result.parts["adjustment"].points) == (D("80.85"), None)


def test_a_gap_in_the_scale_stays_one() -> None:
    leaves = [*sheet(b=leaf("1.2", "10", State.NOT_ENTERED)), adjusted(Adjusts.BONUS, "1")]
    result = score_sheet(leaves, Rules())
    assert (result.total.points, result.total.gap) == (None, Gap.INCOMPLETE)
    assert result.parts["adjustment"].points == D("1.00")


@pytest.mark.parametrize(
    ("round_at", "adjustment", "total"),
    # 80.845 with 0.003 + 0.003; by leaf 80.86 with 0.00 + 0.00; by part 54.51 + 26.34 with 0.01.
    [(RoundAt.TOTAL, "0.01", "80.85"), (RoundAt.PART, "0.01", "80.86"), (RoundAt.LEAF, "0.00", "80.86")],
)
def test_adjustments_are_rounded_where_the_year_rounds(
    round_at: RoundAt, adjustment: str, total: str
) -> None:
    outside = [adjusted(Adjusts.BONUS, "0.003"), adjusted(Adjusts.BONUS, "0.003")]
    result = score_sheet([*sheet(), *outside], Rules(round_at=round_at))
    assert (result.parts["adjustment"].points, result.total.points) == (D(adjustment), D(total))


OUTSIDE = st.lists(
    st.builds(
        lambda way, points: Leaf("9.1", "9", Part.APPRAISED, D(10), State.VALUE, points, adjusts=way),
        st.sampled_from(Adjusts),
        POINTS,
    ),
    max_size=6,
)
CAPS = st.one_of(st.none(), st.decimals(0, 12, places=2))


@given(LEAVES, OUTSIDE, CAPS, CAPS, st.sampled_from(RoundAt))
def test_parts_with_the_adjustment_make_the_total(
    leaves: list[Leaf], outside: list[Leaf], bonus_max: D | None, penalty_max: D | None, round_at: RoundAt
) -> None:
    rules = Rules(round_at=round_at, is_rescaled=False, bonus_max=bonus_max, penalty_max=penalty_max)
    result = score_sheet([*leaves, *outside], rules)
    if result.total.exact is None or result.total.points is None:
        return
    assert sum(r.exact or 0 for r in result.parts.values()) == result.total.exact
    assert result.total.points >= 0
    if round_at == RoundAt.PART:
        assert sum(r.points or 0 for r in result.parts.values()) == result.total.points


@given(LEAVES, OUTSIDE, CAPS, CAPS, st.sampled_from(Adjusts), POINTS)
def test_a_bonus_never_lowers_and_a_penalty_never_raises(
    leaves: list[Leaf], outside: list[Leaf], bonus_max: D | None, penalty_max: D | None, way: Adjusts, more: D
) -> None:
    rules = Rules(bonus_max=bonus_max, penalty_max=penalty_max)
    extra = Leaf("9.9", "9", Part.APPRAISED, D(10), State.VALUE, more, adjusts=way)
    before = score_sheet([*leaves, *outside], rules).total.exact
    after = score_sheet([*leaves, *outside, extra], rules).total.exact
    if before is not None and after is not None:
        assert after >= before if way == Adjusts.BONUS else after <= before


@given(LEAVES, OUTSIDE, st.decimals(0, 12, places=2), st.decimals(0, 12, places=2))
def test_caps_hold_and_the_scale_stays_what_it_was(
    leaves: list[Leaf], outside: list[Leaf], bonus_max: D, penalty_max: D
) -> None:
    capped = score_sheet([*leaves, *outside], Rules(bonus_max=bonus_max, penalty_max=penalty_max))
    plain = score_sheet(leaves, Rules())
    assert capped.areas == plain.areas
    if capped.total.exact is not None and plain.total.exact is not None:
        assert -penalty_max <= capped.total.exact - plain.total.exact <= bonus_max
    assert outside or capped == plain
