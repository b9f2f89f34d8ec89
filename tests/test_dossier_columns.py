"""The form's columns, and what people type into them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.dossier_columns import COLUMNS, FORM_COLUMNS, cell_text, read_cells
from reports.models import DossierCount


def test_columns_3_to_13_are_those_of_the_form_in_its_order():
    assert [column.number for column in FORM_COLUMNS] == list(range(3, 14))


def test_every_column_is_a_field_of_the_model():
    assert {column.name for column in COLUMNS} <= {field.name for field in DossierCount._meta.fields}


def test_counts_and_rates_are_read_as_people_type_them():
    read = read_cells({"received": "1.674", "resolved": "1 547 hồ sơ", "printed_digitised_rate": "98,5%"})
    assert read.values == {"received": 1674, "resolved": 1547, "printed_digitised_rate": Decimal("98.5")}
    assert not read.errors and not read.qualified


@pytest.mark.parametrize(
    ("typed", "quality"),
    [("trên 351.000", "lower"), ("gần 351.000 hồ sơ", "upper"), ("khoảng 351000", "about")],
)
def test_a_bound_keeps_its_words_and_comes_back_as_typed(typed, quality):
    read = read_cells({"received": typed})
    assert read.values == {"received": 351000}
    assert read.qualified == {"received": {"quality": quality, "wording": typed}}
    assert cell_text("received", 351000, read.qualified) == typed


@pytest.mark.parametrize("typed", ["-3", "1,5", "nhiều", "12a"])
def test_what_is_no_count_is_refused(typed):
    read = read_cells({"received": typed, "resolved": "4"})
    assert list(read.errors) == ["received"] and read.values == {"resolved": 4}


def test_an_empty_row_says_nothing():
    assert read_cells({"received": "", "resolved": None}).is_empty
    assert not read_cells({"received": "0"}).is_empty


@given(st.integers(0, 10**9))
def test_what_is_shown_is_read_back(value):
    assert read_cells({"received": cell_text("received", value, {})}).values == {"received": value}


@given(st.integers(0, 100000))
def test_a_rate_that_is_shown_is_read_back(thousandths):
    rate = Decimal(thousandths).scaleb(-3)
    text = cell_text("printed_on_time_rate", rate, {})
    assert read_cells({"printed_on_time_rate": text}).values == {"printed_on_time_rate": rate}
