"""Where units lose points together, and who regained them."""

from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.analytics.losses import Cell, weaknesses
from reports.worked_examples import losses_example, losses_rows

from .test_pages import text_of

LOST = st.decimals("0", "5", places=2)


def test_the_worked_example_comes_out_as_by_hand():
    found = losses_example()
    assert (found.losing, found.counted, found.total, float(found.mean)) == (2, 3, D("1.5"), 0.75)
    assert (found.were_losing, found.regained, found.regain) == (2, 2, D(1))
    assert losses_rows()[0] == ("Đơn vị mất điểm", "2/3")


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(1, 9), LOST, st.none() | LOST),
        unique_by=lambda c: c[:2],
    )
)
def test_all_losses_are_counted_once_and_the_order_of_telling_does_not_matter(told):
    cells = [Cell(*one) for one in told]
    found = weaknesses(cells)
    assert sum((one.total for one in found), D(0)) == sum((cell.lost for cell in cells), D(0))
    assert found == weaknesses(reversed(cells))
    assert all(one.regained <= one.were_losing <= one.counted and one.losing <= one.counted for one in found)


def test_what_was_not_lost_before_is_not_regained():
    (found,) = weaknesses([Cell("a", 1, D(1), D(0)), Cell("a", 2, D(1), None), Cell("a", 3, D(1), D(1))])
    assert (found.were_losing, found.regained, found.regain) == (1, 0, None)


def test_many_losers_go_before_all_of_a_few():
    few = [Cell("few", unit, D(2)) for unit in range(2)]
    many = [Cell("many", unit, D("0.1") if unit < 9 else D(0)) for unit in range(12)]
    assert [(one.component, one.losing, one.counted) for one in weaknesses([*few, *many])] == [
        ("many", 9, 12),
        ("few", 2, 2),
    ]


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_the_page_says_where_most_units_lose(client):
    weak = client.get("/tinh-minh-hoa/2024/huyen/losses/").context["weak"]
    assert weak.units == 12 and weak.components
    first = weak.components[0]
    assert str(first.criterion.code) in text_of(client, "/tinh-minh-hoa/2024/huyen/losses/")
    losing = [one.figures.losing for one in weak.components]
    assert losing == sorted(losing, reverse=True)


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_what_units_lost_is_the_maximum_less_what_is_published(client):
    dashboard = client.get("/tinh-minh-hoa/2024/units/MH03/").context["summary"]
    own = {c.code: c.lost for area in dashboard.areas for c in area.components if c.lost}
    weak = client.get("/tinh-minh-hoa/2024/huyen/losses/").context["weak"]
    by_code = {one.criterion.code: one.figures for one in weak.components}
    assert own and all(by_code[code].most >= lost for code, lost in own.items())


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_the_page_asks_a_constant_number_of_queries(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        client.get("/tinh-minh-hoa/2024/huyen/losses/")
    assert client.get("/ha-noi/2024/huyen/losses/").status_code == 404
    assert client.get("/tinh-minh-hoa/2024/huyen/losses/?export=csv").content.startswith("\ufeffMã,".encode())
