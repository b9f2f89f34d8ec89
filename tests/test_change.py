"""What drove a change: pieces add up, and what is left over says why."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.analytics.change import Piece, explain
from reports.worked_examples import change_example, change_rows

from .test_pages import text_of

POINTS = st.decimals("0", "30", places=2)


def test_the_worked_example_comes_out_as_by_hand():
    found = change_example()
    assert [piece.change for piece in found.pieces] == [D("0.6"), D("-0.2")]
    assert (found.explained, found.remainder, found.is_rounding) == (D("0.4"), D("-0.1"), True)
    assert (found.risen, found.fallen) == (found.pieces[0], found.pieces[1])
    assert change_rows()[-2:] == [("Do làm tròn", "", "", "−0,1"), ("Tổng điểm", "30,8", "31,1", "+0,3")]


@given(st.lists(st.tuples(POINTS, POINTS), min_size=1, max_size=9), st.decimals("-5", "5", places=2))
def test_pieces_and_the_remainder_always_make_the_total(pairs, total):
    pieces = [Piece(str(n), "", before, D(30), after, D(30)) for n, (before, after) in enumerate(pairs)]
    found = explain(pieces, total, 2)
    assert sum((piece.change or D(0) for piece in found.pieces), D(0)) + found.remainder == total


@given(st.lists(POINTS, min_size=1, max_size=9))
def test_a_year_compared_with_itself_changes_nothing(values):
    pieces = [Piece(str(n), "", value, D(30), value, D(30)) for n, value in enumerate(values)]
    found = explain(pieces, D(0), 2)
    assert found.explained == found.remainder == 0
    assert found.risen is None and found.fallen is None
    assert all(piece.share_change == 0 for piece in pieces)


def test_what_is_not_known_is_no_rounding():
    pieces = [Piece("1", "", D(1), D(5), D(2), D(5)), Piece("2", "", None, D(5), D(2), D(5))]
    found = explain(pieces, D("1.01"), 2)
    assert found.unknown == (pieces[1],) and not found.is_rounding


def test_a_thing_that_was_not_there_adds_all_it_has_and_one_that_is_gone_takes_it_off():
    assert Piece("1", "", None, None, D(2), D(5)).change == 2
    assert Piece("1", "", D(2), D(5), None, None).change == -2


def test_a_piece_of_another_maximum_neither_rose_nor_fell():
    smaller = Piece("1", "", D(19), D(20), D(17), D(18))
    pieces = [
        smaller,
        Piece("2", "", D(8), D(10), D("7.5"), D(10)),
        Piece("3", "", None, None, D(4), D(5)),
        Piece("4", "", D(1), None, D(2), D(5)),
    ]
    found = explain(pieces, D("2.5"), 2)
    assert smaller.share_change is not None and smaller.share_change < 0
    assert (found.risen, found.fallen) == (pieces[3], pieces[1])
    assert found.explained == D("2.5")


def test_shares_compare_where_maxima_differ():
    piece = Piece("1", "", D(8), D(10), D(12), D(16))
    assert (piece.share_before, piece.share_after, piece.share_change) == (D(80), D(75), D(-5))
    assert not piece.has_same_maximum


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_phu_xuyen_rose_by_its_survey_although_its_appraisal_fell(client):
    page = text_of(client, "/ha-noi/2024/units/280/change/")
    for words in (
        "Tổng điểm năm 2024 tăng 0,80 điểm so với năm 2023 (91,61 → 92,41).",
        "Tăng nhiều nhất: Điểm điều tra xã hội học (+1,86 điểm).",
        "Giảm nhiều nhất: Điểm thẩm định (−1,06 điểm).",
    ):
        assert words in page


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
@pytest.mark.parametrize("code", ["MH01", "MH03", "MH10"])
def test_areas_of_the_sample_province_add_up_to_the_change_of_the_total(client, code):
    found = client.get(f"/tinh-minh-hoa/2024/units/{code}/change/").context["change"]
    assert found.areas.remainder == 0 or found.areas.is_rounding
    assert found.parts.remainder == 0 or found.parts.is_rounding
    moved = sum(one.piece.change for one in found.moved)
    assert abs(moved - found.total) <= D("0.5")


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
@pytest.mark.parametrize(
    "path", ["/ha-noi/2023/units/280/", "/tinh-minh-hoa/2022/units/MH14/", "/ha-noi/2024/units/999/"]
)
def test_without_two_comparable_years_there_is_no_page(client, path):
    assert client.get(f"{path}change/").status_code == 404


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_the_page_asks_a_constant_number_of_queries(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(14):
        client.get("/tinh-minh-hoa/2024/units/MH03/change/")
