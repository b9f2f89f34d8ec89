"""The 766 index: its maxima, what counts would give, and printed scores that do not add up."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.index766 import COMPONENTS, GROUPS, adds_up, explained, group_of


def test_the_six_groups_are_out_of_100():
    assert {group.key: group.maximum for group in GROUPS} == {
        "transparency": 18,
        "progress": 20,
        "online": 12,
        "digitised": 22,
        "payment": 10,
        "satisfaction": 18,
    }


@pytest.mark.parametrize(
    ("key", "numerator", "denominator", "points"),
    [
        ("progress.in_time", 9728, 10_000, "19.456"),
        ("online.dossiers", 40, 100, "4.8"),
        ("online.dossiers", 50, 100, "6"),
        ("online.dossiers", 70, 100, "6"),
        ("online.offered", 60, 100, "1.5"),
        ("digitised.reused", 8, 10, "2"),
        ("payment.used", 2, 10, "0.5"),
        ("satisfaction.dossiers", 9, 10, "6"),
        ("satisfaction.dossiers", 45, 100, "3"),
    ],
)
def test_counts_give_the_points_of_the_fitted_formula(key, numerator, denominator, points):
    assert explained(COMPONENTS[key], numerator, denominator) == Fraction(points)


def test_no_petition_earns_all_points_and_no_rating_none():
    assert explained(COMPONENTS["satisfaction.petitions_in_time"], 0, 0) == 6
    assert explained(COMPONENTS["satisfaction.dossiers"], 0, 0) == 0
    assert explained(COMPONENTS["progress.in_time"], 0, 0) is None


def test_a_count_that_is_not_known_is_not_zero():
    assert explained(COMPONENTS["progress.in_time"], None, 10) is None
    assert explained(COMPONENTS["progress.in_time"], 0, 10) == 0


def test_a_part_is_not_greater_than_its_whole():
    with pytest.raises(ValueError, match="tử số 11 lớn hơn mẫu số 10"):
        explained(COMPONENTS["progress.in_time"], 11, 10)


@given(
    st.sampled_from(sorted(COMPONENTS)),
    st.integers(0, 10**6).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))),
)
def test_points_stay_within_the_maximum(key, counts):
    points = explained(COMPONENTS[key], *counts)
    assert points is None or 0 <= points <= COMPONENTS[key].maximum


def test_printed_scores_that_do_not_add_up_are_found_with_both_sums():
    points = {"": "90.09", "transparency": "17", "progress": "19.5", "online": "11", "digitised": "18.59"}
    points |= {"payment": "8", "satisfaction": "16"}
    assert adds_up({key: Decimal(text) for key, text in points.items()}) == []
    points["payment"] = "8.5"
    assert adds_up({key: Decimal(text) for key, text in points.items()}) == [
        ("", Decimal("90.09"), Decimal("90.59"))
    ]


def test_a_whole_without_all_its_parts_is_not_judged():
    assert adds_up({"": Decimal(90), "transparency": Decimal(18)}) == []


def test_a_key_belongs_to_a_group():
    assert group_of("online.used").key == group_of("online").key == "online"
    with pytest.raises(KeyError):
        group_of("x")
