from decimal import Decimal as D
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from reports.sampling import Interval, Sample, interval, movement

# Newcombe, Statistics in Medicine 17 (1998), 857–872, table I, method 3: score without continuity correction.
PUBLISHED = [
    (81, 263, "0.2553", "0.3662"),
    (15, 148, "0.0624", "0.1605"),
    (0, 20, "0.0000", "0.1611"),
    (1, 29, "0.0061", "0.1718"),
]
# The same, 873–890, table II, method 10: a/m − b/n.
DIFFERENCES = [
    ((56, 70), (48, 80), "0.0524", "0.3339"),
    ((9, 10), (3, 10), "0.1705", "0.8090"),
    ((6, 7), (2, 7), "0.0582", "0.8062"),
    ((5, 56), (0, 29), "-0.0381", "0.1926"),
    ((0, 10), (0, 20), "-0.1611", "0.2775"),
    ((0, 10), (0, 10), "-0.2775", "0.2775"),
    ((10, 10), (0, 20), "0.6791", "1.0000"),
    ((10, 10), (0, 10), "0.6075", "1.0000"),
]


def is_printed_as(found: Interval, low: str, high: str) -> bool:
    """Ours is rounded outwards to 6 places, the tables to the nearest of 4."""
    return abs(found.low - D(low)) < D("0.000052") and abs(found.high - D(high)) < D("0.000052")


@pytest.mark.parametrize(("satisfied", "n", "low", "high"), PUBLISHED)
def test_the_interval_is_the_published_one(satisfied, n, low, high):
    assert is_printed_as(interval(Sample.of_counts(satisfied, n)), low, high)


@pytest.mark.parametrize(("after", "before", "low", "high"), DIFFERENCES)
def test_the_interval_of_a_difference_is_the_published_one(after, before, low, high):
    found = movement(Sample.of_counts(*before), Sample.of_counts(*after))
    assert is_printed_as(found.interval, low, high)


def test_a_movement_exceeds_sampling_error_where_no_change_lies_outside_its_interval():
    clear = movement(Sample.of_counts(48, 80), Sample.of_counts(56, 70))
    unclear = movement(Sample.of_counts(0, 29), Sample.of_counts(5, 56))
    assert (clear.exceeds_sampling_error, unclear.exceeds_sampling_error) == (True, False)
    assert clear.change == Fraction(1, 5)


def test_a_design_effect_of_two_is_a_sample_half_as_large():
    wide = interval(Sample.of_counts(300, 400, design_effect=D(2)))
    assert wide == interval(Sample.of_counts(150, 200))
    assert is_printed_as(wide, "0.6857", "0.8049")


def test_a_design_effect_can_take_the_meaning_off_a_movement():
    before, after = Sample.of_counts(800, 1000), Sample.of_counts(840, 1000)
    assert movement(before, after).exceeds_sampling_error
    wider = [Sample(s.share, s.respondents, D("2.5")) for s in (before, after)]
    assert not movement(*wider).exceeds_sampling_error


def test_who_asks_everybody_has_no_sampling_error():
    assert interval(Sample.of_counts(3, 4, population=4)) == Interval(D("0.75"), D("0.75"))


def test_a_small_population_narrows_the_interval():
    assert interval(Sample.of_counts(150, 200, population=250)).width < D("0.06")
    assert interval(Sample.of_counts(150, 200)).width > D("0.11")


@pytest.mark.parametrize(
    "fields",
    [
        {"satisfied": 5, "respondents": 4},
        {"satisfied": 0, "respondents": 0},
        {"satisfied": 1, "respondents": 4, "design_effect": D(0)},
        {"satisfied": 1, "respondents": 4, "population": 3},
    ],
)
def test_what_no_sample_can_be_is_refused(fields):
    with pytest.raises(ValueError):
        Sample.of_counts(**fields)


@st.composite
def samples(draw):
    n = draw(st.integers(1, 10**6))
    deff = draw(st.decimals("0.5", "20", places=2))
    return Sample.of_counts(draw(st.integers(0, n)), n, design_effect=deff)


@given(samples())
def test_the_interval_lies_within_nothing_and_all_and_holds_the_share(sample):
    found = interval(sample)
    assert 0 <= found.low <= found.high <= 1
    assert found.contains(sample.share)


@given(samples(), st.integers(2, 50))
def test_the_interval_narrows_as_more_answer(sample, times):
    more = Sample(sample.share, sample.respondents * times, sample.design_effect)
    assert interval(more).width <= interval(sample).width


@given(samples())
def test_the_interval_of_those_not_satisfied_is_the_mirror(sample):
    found, other = (
        interval(sample),
        interval(Sample(1 - sample.share, sample.respondents, sample.design_effect)),
    )
    assert abs((1 - other.high) - found.low) <= D("0.000001")
    assert abs((1 - other.low) - found.high) <= D("0.000001")


@given(samples())
def test_a_share_that_stays_is_no_movement(sample):
    assert not movement(sample, sample).exceeds_sampling_error


@given(samples(), samples())
def test_a_movement_and_its_way_back_mean_the_same(one, other):
    assume(one.share != other.share)
    there, back = movement(one, other), movement(other, one)
    assert there.exceeds_sampling_error == back.exceeds_sampling_error
    assert there.interval.contains(there.change) and there.change == -back.change
