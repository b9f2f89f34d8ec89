import datetime as dt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reports.periods import Period, finest_series, months_until, moved, named_period


def months(first: int, last: int, year: int = 2024) -> list[Period]:
    return [Period(dt.date(year, m, 1), _end(year, m)) for m in range(first, last + 1)]


def _end(year: int, month: int) -> dt.date:
    return dt.date(year + month // 12, month % 12 + 1, 1) - dt.timedelta(days=1)


YEAR = Period(dt.date(2024, 1, 1), dt.date(2024, 12, 31))
HALF = Period(dt.date(2024, 1, 1), dt.date(2024, 6, 30))


@pytest.mark.parametrize(
    ("start", "end", "shape"),
    [
        ((2024, 1, 1), (2024, 12, 31), ("year", 2024)),
        ((2024, 1, 1), (2024, 5, 31), ("months_from_january", 5)),
        ((2024, 7, 1), (2024, 12, 31), ("half", 2)),
        ((2024, 4, 1), (2024, 6, 30), ("quarter", 2)),
        ((2024, 2, 1), (2024, 2, 29), ("month", 2)),
        ((2023, 2, 1), (2023, 2, 27), ("other", 0)),
        ((2023, 12, 1), (2024, 1, 31), ("other", 0)),
    ],
)
def test_periods_are_named_as_reports_name_them(start, end, shape):
    assert Period(dt.date(*start), dt.date(*end)).shape == shape


def test_twelve_months_go_before_the_year_they_make_up():
    assert finest_series([YEAR, *months(1, 12)]) == months(1, 12)


def test_a_year_goes_before_five_of_its_months():
    assert finest_series([*months(1, 5), YEAR]) == [YEAR]


def test_a_half_and_the_months_after_it_are_joined_without_overlap():
    assert finest_series([HALF, *months(5, 12)]) == [HALF, *months(7, 12)]


def test_a_missing_month_ends_the_series():
    assert finest_series([*months(1, 3), *months(5, 12)]) == months(5, 12)


def chains(periods: list[Period]) -> list[list[Period]]:
    """Return every row of adjoining periods there is."""
    found = [[period] for period in periods]
    for chain in found:
        found += [
            [*chain, period] for period in periods if period.start - chain[-1].end == dt.timedelta(days=1)
        ]
    return found


days = st.integers(0, 9)


@given(st.lists(st.tuples(days, days), min_size=1, max_size=9, unique=True))
@example([(0, 9), (0, 4), (5, 9), (0, 1)])
def test_no_other_series_covers_more_days_or_as_many_by_more_periods(bounds):
    first = dt.date(2024, 2, 25)
    periods = [Period(*(first + dt.timedelta(days=day) for day in sorted(both))) for both in bounds]
    weights = {
        (sum(period.days for period in chain), len(chain), first - chain[0].start): chain
        for chain in chains(sorted(set(periods)))
    }
    best = finest_series(periods)
    assert (sum(period.days for period in best), len(best), first - best[0].start) == max(weights)


def test_no_period_gives_no_series():
    assert finest_series([]) == []


@pytest.mark.parametrize(
    ("shape", "number", "start", "end"),
    [
        ("year", 0, (1, 1), (12, 31)),
        ("half", 2, (7, 1), (12, 31)),
        ("quarter", 2, (4, 1), (6, 30)),
        ("month", 2, (2, 1), (2, 29)),
        ("months_from_january", 5, (1, 1), (5, 31)),
    ],
)
def test_a_period_is_found_by_its_name_and_has_that_name(shape, number, start, end):
    found = named_period(shape, number, 2024)
    assert found == Period(dt.date(2024, *start), dt.date(2024, *end))
    assert found.shape[0] == shape


@pytest.mark.parametrize(("shape", "number"), [("quarter", 5), ("month", 0), ("half", 3), ("other", 1)])
def test_there_is_no_fifth_quarter(shape, number):
    with pytest.raises(ValueError, match="no period"):
        named_period(shape, number, 2024)


def test_the_last_months_are_those_that_are_over_the_latest_first():
    assert months_until(dt.date(2024, 2, 29), 3) == [*months(1, 2)[::-1], *months(12, 12, 2023)]
    assert months_until(dt.date(2024, 2, 28), 1) == months(1, 1)


@pytest.mark.parametrize(
    ("shape", "number", "steps", "found"),
    [
        ("month", 12, 1, ("month", 1, 2025)),
        ("month", 1, -1, ("month", 12, 2023)),
        ("quarter", 4, 1, ("quarter", 1, 2025)),
        ("half", 1, -1, ("half", 2, 2023)),
        ("year", 0, 1, ("year", 0, 2025)),
    ],
)
def test_the_period_before_and_after_is_of_the_same_kind(shape, number, steps, found):
    assert moved(named_period(shape, number, 2024), steps) == named_period(*found)


def test_a_period_without_a_name_has_no_neighbour():
    assert moved(Period(dt.date(2024, 1, 15), dt.date(2024, 2, 14)), 1) is None
    assert moved(named_period("months_from_january", 5, 2024), 1) is None
