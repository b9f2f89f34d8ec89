"""Counts against counts of other periods, fields and communes."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.periods import Period
from reports.row_checks import ADDED, Between, Row, added, carried_over, cumulative

JANUARY = Period(dt.date(2025, 1, 1), dt.date(2025, 1, 31))
FEBRUARY = Period(dt.date(2025, 2, 1), dt.date(2025, 2, 28))
MARCH = Period(dt.date(2025, 3, 1), dt.date(2025, 3, 31))
QUARTER = Period(dt.date(2025, 1, 1), dt.date(2025, 3, 31))
YEAR_BEFORE = Period(dt.date(2024, 1, 1), dt.date(2024, 12, 31))
COUNTS = st.integers(0, 10**5)


def row(period: Period, convention: str = "", **counts: int) -> Row:
    return Row(period, counts, convention)


def test_what_is_carried_over_is_what_was_pending():
    before = row(JANUARY, pending=12)
    assert carried_over(row(FEBRUARY, carried_over=12), [before]) == []
    (gap,) = carried_over(row(FEBRUARY, carried_over=15), [before])
    assert (gap.left, gap.right, gap.gap, gap.period) == (15, 12, 3, JANUARY)


def test_only_the_period_right_before_counts():
    assert carried_over(row(MARCH, carried_over=15), [row(JANUARY, pending=12)]) == []


def test_any_period_that_ends_the_day_before_may_be_the_one():
    others = [
        row(YEAR_BEFORE, pending=9),
        row(Period(dt.date(2024, 12, 1), dt.date(2024, 12, 31)), pending=8),
    ]
    assert carried_over(row(JANUARY, carried_over=9), others) == []
    (gap,) = carried_over(row(JANUARY, carried_over=7), others)
    assert gap.right == 8, "the month is told of the month, not of the year"


@pytest.mark.parametrize(("convention", "gaps"), [("", 0), ("beside", 0), ("inside", 1)])
def test_dossiers_that_wait_beside_are_carried_over_too(convention, gaps):
    before = row(JANUARY, convention, pending=12, awaiting_supplement=3)
    assert len(carried_over(row(FEBRUARY, carried_over=15), [before])) == gaps


def test_fields_add_up_to_the_total_column_by_column():
    total = row(JANUARY, received=10, resolved=7)
    parts = [row(JANUARY, received=6, resolved=4), row(JANUARY, received=4, resolved=2)]
    (gap,) = added(total, parts, Between.FIELDS)
    assert (gap.column, gap.left, gap.right, gap.gap) == ("resolved", 7, 6, 1)


def test_while_communes_are_missing_only_too_many_is_a_gap():
    block = row(JANUARY, received=10)
    assert added(block, [row(JANUARY, received=6)], Between.COMMUNES, of=2) == []
    (gap,) = added(block, [row(JANUARY, received=11)], Between.COMMUNES, of=2)
    assert (gap.gap, gap.count, gap.of) == (-1, 1, 2)
    (gap,) = added(block, [row(JANUARY, received=6), row(JANUARY, received=3)], Between.COMMUNES, of=2)
    assert gap.gap == 1


def test_a_field_that_is_not_counted_leaves_the_sum_open():
    assert added(row(JANUARY, received=10), [row(JANUARY, received=6), row(JANUARY)], Between.FIELDS) == []


def test_a_longer_period_is_not_less_than_a_part_of_it():
    quarter = row(QUARTER, resolved=10, pending=1)
    (gap,) = cumulative(quarter, [row(JANUARY, resolved=4), row(FEBRUARY, resolved=11, pending=5)])
    assert (gap.column, gap.left, gap.right, gap.period) == ("resolved", 10, 11, FEBRUARY)


def test_what_is_only_a_bound_decides_nothing():
    about = Row(FEBRUARY, {"carried_over": 15}, inexact=frozenset({"carried_over"}))
    assert carried_over(about, [row(JANUARY, pending=12)]) == []


@given(
    st.lists(st.tuples(COUNTS, COUNTS), min_size=1, max_size=8), st.integers(1, 50), st.sampled_from([0, 1])
)
def test_sums_hold_and_one_altered_count_is_found_with_its_gap(parts, more, which):
    names = ("received", "resolved")
    rows = [row(JANUARY, received=a, resolved=b) for a, b in parts]
    sums = {name: sum(one.counts[name] for one in rows) for name in names}
    assert added(row(JANUARY, **sums), rows, Between.FIELDS) == []
    altered = {**sums, names[which]: sums[names[which]] + more}
    (gap,) = added(row(JANUARY, **altered), rows, Between.FIELDS)
    assert (gap.column, gap.gap) == (names[which], more)


@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=2, max_size=12), st.integers(1, 50))
def test_a_year_of_months_hands_on_what_it_leaves_and_one_altered_month_is_found(months, more):
    start, rows, waiting = dt.date(2025, 1, 1), [], 0
    for number, (received, asked) in enumerate(months, start=1):
        end = (dt.date(2025, number, 28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
        resolved = min(asked, waiting + received)
        counts = {"carried_over": waiting, "resolved": resolved, "received_online": received}
        waiting += received - resolved
        rows.append(row(Period(start, end), **counts, pending=waiting))
        start = end + dt.timedelta(days=1)
    total = {name: sum(one.counts[name] for one in rows) for name in ("resolved", "received_online")}
    whole = row(Period(rows[0].period.start, rows[-1].period.end), carried_over=0, pending=waiting, **total)
    assert not any(carried_over(one, rows) for one in rows) and cumulative(whole, rows) == []
    wrong = Row(rows[1].period, {**rows[1].counts, "carried_over": rows[1].counts["carried_over"] + more})
    assert [gap.gap for gap in carried_over(wrong, rows)] == [more]
    less = Row(whole.period, {**whole.counts, "resolved": max(one.counts["resolved"] for one in rows) - 1})
    assert [gap.column for gap in cumulative(less, rows)] == ["resolved"]


def test_every_column_that_is_added_is_a_column_of_the_form():
    assert len(set(ADDED)) == 20
