from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import scale
from reports.checks import Level
from reports.satisfaction_rules import Said, gaps


def keys(said: Said) -> list[tuple[str, Level]]:
    return [(gap.key, gap.level) for gap in gaps(said)]


@pytest.mark.parametrize(
    ("percent", "expected"),
    [
        ("98.5", []),
        ("98.50", []),
        ("98.4", [("percent", Level.WARN)]),
        ("98.51", [("percent", Level.WARN)]),
        ("100.1", [("percent_range", Level.BLOCK)]),
        ("-1", [("percent_range", Level.BLOCK)]),
    ],
)
def test_a_printed_share_must_follow_from_its_counts(percent, expected):
    assert keys(Said(satisfied=1971, respondents=2001, percent=D(percent))) == expected


def test_a_share_that_was_cut_and_not_rounded_is_remarked():
    assert keys(Said(satisfied=468, respondents=469, percent=D("99.78"))) == [("percent_cut", Level.NOTE)]
    assert keys(Said(satisfied=468, respondents=469, percent=D("99.79"))) == []


def test_levels_add_up_to_who_answered_and_the_upper_ones_to_who_is_satisfied():
    levels = {"1": 1, "2": 0, "3": 9, "4": 20, "5": 70}
    assert keys(Said(90, 100, levels=levels)) == []
    (gap,) = gaps(Said(90, 101, levels=levels))
    assert (gap.key, gap.left, gap.right) == ("levels_total", 101, 100)
    (gap,) = gaps(Said(91, 100, levels=levels))
    assert (gap.key, gap.left, gap.right) == ("levels_satisfied", 91, 90)


@pytest.mark.parametrize(
    "levels",
    [
        {"1": 1, "2": 2},
        {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "6": 6},
        {"0": 1, "1": 2, "2": 3},
        {"1": 1, "2": -1, "3": 0},
        {"1": 1, "2": "2", "3": 0},
        {"1": True, "2": 2, "3": 0},
    ],
)
def test_a_scale_has_three_to_five_counted_levels(levels):
    assert keys(Said(levels=levels)) == [("scale", Level.BLOCK)]


def test_what_cannot_be_is_blocked():
    assert keys(Said(11, 10)) == [("part_of_whole", Level.BLOCK)]
    assert keys(Said(9, 10, is_rating=True, is_random_sample=True)) == [("rating_sample", Level.BLOCK)]
    assert keys(Said(9, 10, design_effect=D(2))) == [("effect_without_sample", Level.BLOCK)]
    for effect in ("0", "0.19", "100.01"):
        said = Said(9, 10, is_random_sample=True, design_effect=D(effect))
        assert keys(said) == [("effect_range", Level.BLOCK)]
    assert keys(Said(0, 0, is_random_sample=True)) == [("empty_sample", Level.BLOCK)]
    assert keys(Said(0, 0, is_rating=True)) == []


@given(st.sampled_from(sorted(scale.WORDS)), st.lists(st.integers(0, 10**6), min_size=5, max_size=5))
def test_counted_levels_always_agree_with_what_follows_from_them(levels, counts):
    by_level = dict(enumerate(counts[:levels], start=1))
    said = Said(
        scale.satisfied(by_level, levels),
        sum(by_level.values()),
        levels={str(level): n for level, n in by_level.items()},
        is_rating=True,
    )
    assert gaps(said) == []
