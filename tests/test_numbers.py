"""Numbers print the Vietnamese way, and an absent one is never 0."""

import datetime as dt
from decimal import Decimal

import pytest
from django.template import engines
from hypothesis import given
from hypothesis import strategies as st

from reports import numbers_vi
from reports.templating.numbers import position


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (Decimal("92.4100"), "92,41"),
        (Decimal("90"), "90,00"),
        (Decimal("64.325"), "64,33"),
        (Decimal("-1.06"), "−1,06"),
        (Decimal("-0.001"), "0,00"),
        (None, "–"),
    ],
)
def test_points_keep_two_decimals_and_round_half_up(value, printed):
    assert numbers_vi.points(value) == printed


@pytest.mark.parametrize(
    ("value", "printed"), [(1139, "1.139"), (108440000, "108.440.000"), (0, "0"), (None, "–"), (999, "999")]
)
def test_counts_group_thousands_with_dots(value, printed):
    assert numbers_vi.count(value) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (Decimal("0.8000"), "+0,8"),
        (Decimal("1.86"), "+1,86"),
        (Decimal("-1.06"), "−1,06"),
        (Decimal("0.00"), "0"),
        (7, "+7"),
        (10, "+10"),
    ],
)
def test_changes_carry_their_sign(value, printed):
    assert numbers_vi.signed(value) == printed


def test_percent_takes_percents_and_rate_takes_shares():
    assert numbers_vi.percent(Decimal("98.520")) == "98,52\u202f%"
    assert numbers_vi.percent(100) == "100\u202f%"
    assert numbers_vi.rate(Decimal("0.985132")) == "98,5\u202f%"


def test_a_computed_percent_keeps_its_decimals_in_a_column():
    assert numbers_vi.percent_fixed(Decimal("92.0")) == "92,0\u202f%"
    assert numbers_vi.percent_fixed(Decimal("77.1"), 2) == "77,10\u202f%"
    assert numbers_vi.percent_fixed(None) == "–"


def test_whole_numbers_keep_their_zeros_when_trimmed():
    assert numbers_vi.number(Decimal("351000.0000")) == "351.000"
    assert numbers_vi.number(Decimal("92.40")) == "92,4"


def test_rank_says_when_the_number_of_units_is_unknown():
    assert numbers_vi.rank(23, 30) == "23/30"
    assert numbers_vi.rank(23) == "23/?"
    assert numbers_vi.rank(None, 30) == "–"


def test_days_are_printed_day_first():
    assert numbers_vi.date_vi(dt.date(2024, 3, 5)) == "05/03/2024"


def test_absent_number_is_a_dash_said_in_words():
    page = engines["jinja2"].from_string("{{ x|points }}{{ 0|count }}").render({"x": None})
    assert 'aria-hidden="true">–<' in page
    assert "chưa có số liệu" in page
    assert page.endswith("0")


def test_a_figure_of_a_result_that_is_not_there_is_absent():
    page = engines["jinja2"].from_string("{{ result.total.value|points }}").render({"result": None})
    assert "chưa có số liệu" in page


def test_places_moved_are_signed():
    page = engines["jinja2"].from_string("{{ 7|places }}, {{ down|places }}").render({"down": -2})
    assert page == "+7 bậc, −2 bậc"


def test_position_stays_on_the_scale():
    assert position(Decimal(85), Decimal(80), Decimal(90)) == "50.00%"
    assert position(Decimal(95), Decimal(80), Decimal(90)) == "100.00%"
    assert position(None, Decimal(80), Decimal(90)) == "50%"


@given(st.decimals(-1000, 1000, places=4))
def test_printed_points_read_back_as_the_rounded_value(value):
    printed = numbers_vi.points(value).replace(".", "").replace(",", ".").replace("−", "-")
    assert abs(Decimal(printed) - value) <= Decimal("0.005")


def test_changes_in_a_column_keep_their_decimals():
    assert numbers_vi.signed_points(Decimal("1.3")) == "+1,30"
    assert numbers_vi.signed_points(Decimal("-1.06")) == "−1,06"
    assert numbers_vi.signed_points(0) == "0,00"
