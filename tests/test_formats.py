"""Numbers and dates as Vietnam prints them, through Django's own localisation."""

from datetime import date
from decimal import Decimal

import pytest
from django.template import Context, Template
from django.utils.formats import date_format, number_format


@pytest.mark.parametrize(
    ("number", "printed"),
    [(Decimal("92.41"), "92,41"), (Decimal("-1.06"), "-1,06"), (0, "0"), (351000, "351000")],
)
def test_a_decimal_comma_and_no_grouping_unless_asked(number, printed):
    assert number_format(number) == printed


@pytest.mark.parametrize(
    ("count", "printed"), [(351000, "351.000"), (1674, "1.674"), (999, "999"), (108440000, "108.440.000")]
)
def test_counts_are_grouped_where_it_is_said(count, printed):
    assert number_format(count, force_grouping=True) == printed


def test_a_year_in_a_template_is_not_grouped():
    assert Template("{{ year }}").render(Context({"year": 2025})) == "2025"


def test_points_in_a_template_have_a_comma():
    assert Template("{{ points }}").render(Context({"points": Decimal("92.41")})) == "92,41"


@pytest.mark.parametrize("name", ["DATE_FORMAT", "SHORT_DATE_FORMAT"])
def test_a_date_is_day_month_year(name):
    assert date_format(date(2025, 7, 1), name) == "01/07/2025"
