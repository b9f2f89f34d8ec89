"""What a table is there for can be read on a phone without scrolling, and a table that reaches further shows it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page

from .conftest import OpenWindow
from .pages import PAGES

IN_FRAME = """(cell) => {
  const frame = cell.closest(".table-scroll").getBoundingClientRect();
  const { left, right } = cell.getBoundingClientRect();
  return left >= frame.left - 1 && right <= frame.right + 1;
}"""


def is_in_frame(cell: Locator) -> bool:
    seen: bool = cell.evaluate(IN_FRAME)
    return seen


def background(page: Page) -> str:
    image: str = page.locator(".table-scroll").first.evaluate("(e) => getComputedStyle(e).backgroundImage")
    return image


def test_a_ranking_shows_places_totals_and_movements(window: OpenWindow):
    page = window(width=360).open(PAGES["sample ranking"])
    for name in ("Hạng", "Đơn vị", "Tổng điểm", "Tăng, giảm điểm", "Tăng, giảm bậc"):
        assert is_in_frame(page.get_by_role("columnheader", name=name)), name


def test_what_changed_stands_beside_both_years(window: OpenWindow):
    page = window(width=360).open(PAGES["what changed a sample unit's points"])
    for header in page.get_by_role("columnheader", name="Đóng góp vào thay đổi").all():
        assert is_in_frame(header)


@pytest.mark.parametrize("section", ["points", "dossiers"])
def test_units_stand_beside_each_other(window: OpenWindow, section: str):
    page = window(width=360).open(PAGES["comparison of five"])
    table = page.locator(f"[aria-labelledby={section}] table")
    for row in table.get_by_role("row").all():
        assert [is_in_frame(cell) for cell in row.locator("th, td").all()[:4]] == [True] * 4


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_table_has_a_shadow_where_it_reaches_further(window: OpenWindow, theme: str):
    image = background(window(width=360, theme=theme).open(PAGES["sample ranking"]))
    assert image.count("linear-gradient") == 4
