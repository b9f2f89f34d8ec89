"""A citizen's visit: find the district by a few letters, and read how it does."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from playwright.sync_api import Page, Route, expect

from .accessibility import violations
from .conftest import OpenWindow
from .pages import PAGES

WHITE = "rgb(255, 255, 255)"


def words(page: Page) -> str:
    """What the page says, with plain single spaces."""
    return " ".join(page.locator("main").inner_text().split())


def type_in(page: Page, query: str) -> None:
    page.get_by_role("searchbox", name="Tìm đơn vị").press_sequentially(query, delay=20)
    expect(page.get_by_role("list", name="Gợi ý")).to_be_visible()


@pytest.mark.parametrize("query", ["phu xuyen", "phú xuyên", "Phú Xuyên"])
def test_from_a_few_letters_to_the_figures_of_a_year(window: OpenWindow, query: str):
    tab = window()
    page = tab.open("/")
    type_in(page, query)
    first = page.get_by_role("list", name="Gợi ý").get_by_role("link").first
    expect(first).to_contain_text("Huyện Phú Xuyên")
    page.keyboard.press("ArrowDown")
    expect(first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Huyện Phú Xuyên")
    page.locator("main").get_by_role("link", name="2024").first.click()
    page.wait_for_url("**/ha-noi/2024/units/280/")
    for said in PHU_XUYEN_2024:
        assert said in words(page)
    assert tab.all_faults() == []


@pytest.mark.parametrize("late", ["phú xuyên", "thanh"])
def test_late_suggestions_leave_the_focus_where_the_reader_put_it(window: OpenWindow, late: str):
    tab = window()
    page = tab.open("/")
    type_in(page, "phú xuy")
    box = page.get_by_role("searchbox", name="Tìm đơn vị")
    links = page.get_by_role("list", name="Gợi ý").get_by_role("link")
    expect(links.first).to_contain_text("Huyện Phú Xuyên")
    held: list[Route] = []
    page.route(lambda url: quote(late.split()[-1]) in url, lambda route: held.append(route))
    with page.expect_request(lambda request: quote(late.split()[-1]) in request.url):
        box.fill(late)
    page.keyboard.press("ArrowDown")
    expect(links.first).to_be_focused()
    shown = links.first.element_handle()
    held[0].continue_()
    page.wait_for_function("link => !link.isConnected", arg=shown)
    expect(links.first if late == "phú xuyên" else box).to_be_focused()
    page.unroute_all()
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Huyện Phú Xuyên" if late == "phú xuyên" else "Tìm")
    assert tab.all_faults() == []


PHU_XUYEN_2024 = (
    "Năm 2024, Huyện Phú Xuyên đạt 92,41 điểm, xếp thứ 23/30.",
    "Tăng 0,8 điểm và tăng 7 bậc so với năm 2023.",
    "Điểm thẩm định 63,26/70, xếp thứ 24/30; điều tra xã hội học 29,15/30, xếp thứ 4/30.",
    "điểm thẩm định giảm (−1,06, số suy ra): bù lại, điểm điều tra xã hội học +1,86.",
    "184/184",
    "6.790/6.790",
    "1.139",
    "4.160",
    "108.440.000",
)


def test_suggestions_are_accessible_while_they_are_open(window: OpenWindow):
    page = window(width=360).open("/")
    type_in(page, "phu xuyen")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    expect(page.get_by_role("status")).to_contain_text("gợi ý")


def test_arrow_keys_walk_round_and_escape_closes(window: OpenWindow):
    page = window().open("/")
    box, suggestions = page.get_by_role("searchbox"), page.locator(".suggestions")
    type_in(page, "phu xuyen")
    page.keyboard.press("ArrowUp")
    expect(suggestions.get_by_role("link").last).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(box).to_be_focused()
    page.keyboard.press("Escape")
    expect(suggestions).to_be_hidden()
    expect(box).to_have_value("phu xuyen")


def test_a_name_that_no_unit_bears_is_said_at_once(window: OpenWindow):
    page = window().open("/")
    type_in(page, "zzzz")
    expect(page.locator(".suggestions")).to_contain_text("Không tìm thấy đơn vị nào tên “zzzz”")


@pytest.mark.parametrize("script", [True, False])
def test_enter_without_a_suggestion_opens_the_results(window: OpenWindow, script: bool):
    page = window(script=script).open("/")
    page.get_by_role("searchbox").fill("phu xuyen")
    page.keyboard.press("Enter")
    page.wait_for_url("**/units/?q=phu+xuyen")
    expect(page.locator("main").get_by_role("link", name="Huyện Phú Xuyên").first).to_be_visible()


def test_back_returns_from_a_suggestion_to_the_search(window: OpenWindow):
    tab = window()
    page = tab.open("/")
    type_in(page, "phu xuyen")
    found = page.get_by_role("list", name="Gợi ý").get_by_role("link").first
    expect(found).to_contain_text("Phú Xuyên")
    found.click()
    expect(page.locator("h1")).to_have_text("Huyện Phú Xuyên")
    page.go_back()
    expect(page.locator("h1")).to_contain_text("Địa phương bạn")
    page.get_by_role("searchbox").fill("")
    type_in(page, "tay hoa")
    expect(page.get_by_role("list", name="Gợi ý").get_by_role("link").first).to_contain_text("Tây Hòa")
    assert tab.all_faults() == []


def test_every_page_but_the_home_page_searches_from_its_header(window: OpenWindow):
    page = window().open(PAGES["Phu Xuyen 2024"])
    type_in(page, "thach that")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Thạch Thất")


def test_the_way_from_a_district_of_yesterday_to_a_commune_of_today(window: OpenWindow):
    page = window().open(PAGES["closed district"])
    assert "Huyện Phú Xuyên kết thúc hoạt động từ ngày 01/07/2025" in words(page)
    page.locator("main").get_by_role("link", name="Xã Phượng Dực").first.click()
    expect(page.locator("h1")).to_have_text("Xã Phượng Dực")
    expect(page.locator("main").get_by_role("link", name="Huyện Phú Xuyên").first).to_be_visible()


def test_the_first_tab_skips_to_the_content(window: OpenWindow):
    page = window().open(PAGES["Phu Xuyen 2024"])
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Đến nội dung chính")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_has_the_focus_is_outlined(window: OpenWindow, theme: str):
    page = window(theme=theme).open(PAGES["sample ranking"])
    bare = "() => getComputedStyle(document.activeElement).outlineStyle === 'none' && document.activeElement.outerHTML"
    for _ in range(25):
        page.keyboard.press("Tab")
        assert page.evaluate(bare) is False


def test_the_chosen_theme_outlives_a_reload_and_reaches_other_pages(window: OpenWindow):
    page = window().open("/")
    page.get_by_role("button", name="Tối").click()
    body = page.locator("body")
    expect(body).not_to_have_css("background-color", WHITE)
    dark = body.evaluate("(body) => getComputedStyle(body).backgroundColor")
    page.reload()
    expect(body).to_have_css("background-color", dark)
    expect(page.get_by_role("button", name="Tối")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="Phương pháp").first.click()
    page.wait_for_url("**/methodology/**")
    expect(body).to_have_css("background-color", dark)
