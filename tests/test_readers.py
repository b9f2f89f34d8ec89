"""Numbers, dates and texts as people type them: read for certain, or refused."""

import datetime as dt
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.numbers_vi import count, number
from reports.readers import (
    ReadError,
    parse_count,
    parse_date,
    parse_decimal,
    parse_percent,
    parse_state,
    read_as,
    text_of,
    whole_number,
    whole_year,
)


@pytest.mark.parametrize(
    ("cell", "points"),
    [
        ("92,41", "92.41"),
        ("92.41", "92.41"),
        ("  92,41\u00a0 ", "92.41"),
        ("1,674", "1.674"),
        ("0.674", "0.674"),
        ("12.5", "12.5"),
        ("1.6745", "1.6745"),
        ("1.674,5", "1674.5"),
        ("1,674.5", "1674.5"),
        ("1 674,5", "1674.5"),
        ("1.234.567", "1234567"),
        (",5", "0.5"),
        ("92,41 điểm", "92.41"),
        (unicodedata.normalize("NFD", "92,41 điểm"), "92.41"),
        ("\u22121,06", "-1.06"),
        ("'92,41", "92.41"),
        (92.41, "92.41"),
        (0.1 + 0.2, "0.3"),
        (7, "7"),
    ],
)
def test_points_are_read_with_comma_or_dot(cell, points):
    assert parse_decimal(cell) == Decimal(points)


@pytest.mark.parametrize("cell", [None, "", "   ", "\u00a0", "\u200b"])
def test_an_empty_cell_is_no_number_and_not_0(cell):
    assert parse_decimal(cell) is None
    assert parse_count(cell) is None
    assert parse_percent(cell) is None
    assert parse_date(cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        *(
            "trên 5",
            "khoảng 92",
            "98,5%",
            "1e5",
            "0x10",
            "٣",
            "５",
            "1.2.3",
            "5.",
            "--5",
            "(1,06)",
            "1.674",
            "1.000 điểm",
            "1,23456",
        ),
        *("-", "x", "92,41 lần", "1 2", "1,67,4", "NaN", "inf", "9" * 80, "5 5 điểm"),
        *(True, float("nan"), float("inf"), 1 / 3, dt.date(2024, 5, 12), dt.time(3), object()),
    ],
)
def test_what_is_not_certainly_points_is_refused(cell):
    with pytest.raises(ReadError):
        parse_decimal(cell)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("1.674", 1674),
        ("1,674", 1674),
        ("1674", 1674),
        ("1.674 hồ sơ", 1674),
        ("351.000", 351000),
        (1674.0, 1674),
    ],
)
def test_in_a_count_a_mark_before_three_digits_stands_for_thousands(cell, expected):
    assert parse_count(cell) == expected


@pytest.mark.parametrize("cell", ["1,5", "0.674", "1.67", 1.674, "12 điểm", "98%"])
def test_a_count_that_is_not_whole_is_refused(cell):
    with pytest.raises(ReadError):
        parse_count(cell)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("98,5%", "98.5"),
        ("98.5 %", "98.5"),
        (98.5, "98.5"),
        ("0,5 phần trăm", "0.5"),
        ("0,5%", "0.5"),
        (0, "0"),
    ],
)
def test_a_percentage_is_read_as_printed(cell, expected):
    assert parse_percent(cell) == Decimal(expected)


@pytest.mark.parametrize("cell", [0.985, "0,985", "%", 1.0])
def test_a_bare_share_is_not_guessed_to_be_a_percentage(cell):
    with pytest.raises(ReadError):
        parse_percent(cell)


@pytest.mark.parametrize(
    "cell", ["05/03/2024", "5-3-2024", "2024-03-05", "ngày 05 tháng 3 năm 2024", dt.datetime(2024, 3, 5, 7)]
)
def test_the_day_comes_first(cell):
    assert parse_date(cell) == dt.date(2024, 3, 5)


@pytest.mark.parametrize("cell", ["31/02/2024", "03/13/2024", "5/3/24", "2024", 45000.0, "05/03/0024"])
def test_a_day_that_is_not_certain_is_refused(cell):
    with pytest.raises(ReadError):
        parse_date(cell)


def test_texts_are_composed_and_carry_one_kind_of_space():
    assert text_of(unicodedata.normalize("NFD", " Phú \u00a0Xuyên\u200b ")) == "Phú Xuyên"
    assert text_of(31.0) == "31"


def test_empty_states_are_known_by_their_words_with_or_without_marks():
    assert parse_state("Không áp dụng") == "not_applicable"
    assert parse_state("KHONG DANH GIA") == "not_assessed"
    assert parse_state("92,41") is None


# What one mark means, in each kind of field; text: the refusal holds it.
MARKS = [
    # typed      count      points and amounts     percent
    ("1000", 1000, "1000", "1000"),
    ("1.000", 1000, "1000 nếu là hàng nghìn, 1,000 nếu là số thập phân", "ghi kèm dấu %"),
    ("1,000", 1000, "1", "ghi kèm dấu %"),
    ("1.500", 1500, "1500 nếu là hàng nghìn, 1,500 nếu là số thập phân", "1.5"),
    ("351.000", 351000, "351000 nếu là hàng nghìn, 351,000 nếu là số thập phân", "351"),
    ("1.234.567", 1234567, "1234567", "1234567"),
    ("1.674,5", "số nguyên", "1674.5", "1674.5"),
    ("12.5", "số nguyên", "12.5", "12.5"),
    ("12,5", "số nguyên", "12.5", "12.5"),
    ("1.5000", "số nguyên", "1.5", "1.5"),
    ("1234.567", "số nguyên", "1234.567", "1234.567"),
]


def read_or_refused(parse, text):
    try:
        return parse(text)
    except ReadError as error:
        return str(error)


@pytest.mark.parametrize(("text", "counted", "points", "percent"), MARKS)
def test_a_mark_means_the_same_wherever_a_kind_of_field_is_filled_in(text, counted, points, percent):
    for parse, expected in ((parse_count, counted), (parse_decimal, points), (parse_percent, percent)):
        found = read_or_refused(parse, text)
        if isinstance(found, str):
            assert str(expected) in found
        else:
            assert found == Decimal(expected)


@pytest.mark.parametrize(
    ("text", "value", "said"),
    [
        ("1.500", 1500, "“1.500” được hiểu là 1500 (dấu chấm ngăn cách hàng nghìn)."),
        ("1,500", 1500, "“1,500” được hiểu là 1500 (dấu phẩy ngăn cách hàng nghìn)."),
        ("1,5", Decimal("1.5"), ""),
        (1500, 1500, ""),
        (
            "1,500",
            Decimal("1.5"),
            "“1,500” được hiểu là số thập phân 1,500 (dấu phẩy là dấu thập phân), không phải 1500.",
        ),
    ],
)
def test_a_reading_that_was_chosen_is_said(text, value, said):
    assert read_as(text, value) == said


@pytest.mark.parametrize(
    ("parse", "example"), [(parse_decimal, "92,41"), (parse_count, "1674"), (parse_percent, "98,5%")]
)
def test_what_is_no_number_is_answered_with_how_one_is_written(parse, example):
    for cell in ("hai", float("nan"), "12 x", True):
        with pytest.raises(ReadError, match=f"hãy (chỉ )?ghi (con số )?như {example}"):
            parse(cell)


@given(st.decimals(0, 99999, places=4, allow_nan=False))
def test_points_printed_the_vietnamese_way_are_read_back(points):
    # Of points above 999 the thousands dot alone could be a decimal one; such a text is refused.
    text = number(points, 4)
    found = read_or_refused(parse_decimal, text)
    assert found == points or (points == int(points) > 999 and "hai cách đọc" in found)


@given(st.integers(0, 10**9))
def test_counts_printed_the_vietnamese_way_are_read_back(value):
    assert parse_count(count(value)) == value


@given(st.floats(0, 10_000).map(lambda value: round(value, 4)))
def test_a_number_cell_is_read_as_the_spreadsheet_shows_it(value):
    assert parse_decimal(value) == Decimal(repr(value)).quantize(Decimal("0.0001"))


@given(st.one_of(st.text(), st.from_regex(r"[0-9., \-+%điểm]{0,12}"), st.floats(), st.booleans(), st.dates()))
def test_readers_raise_nothing_else_and_accept_only_finite_numbers(cell):
    for parse in (parse_decimal, parse_count, parse_percent, parse_date):
        try:
            value = parse(cell)
        except ReadError as error:
            assert str(error)
        else:
            assert not isinstance(value, Decimal) or value.is_finite()


@given(
    st.from_regex(r"[0-9]{0,3}[a-wyzđ!?/=][0-9]{0,3}", fullmatch=True).filter(
        lambda text: not text.endswith(("đ", "d"))
    )
)
def test_garbage_around_digits_is_never_a_number(text):
    with pytest.raises(ReadError):
        parse_decimal(text)


@pytest.mark.parametrize(
    "text", [None, "", "-1", "+1", " 1", "1.0", "²", "٣", "1e9", "9" * 5000, "1000000000000001"]
)
def test_an_address_asks_for_no_other_number_than_plain_digits(text):
    assert whole_number(text) is None


def test_an_address_asks_for_a_number_within_bounds():
    assert whole_number("0") == 0 and whole_number("007") == 7
    assert whole_number("5", most=4) is None and whole_number("5", least=6) is None
    assert [whole_year(text) for text in ("1899", "1900", "2100", "2101")] == [None, 1900, 2100, None]
