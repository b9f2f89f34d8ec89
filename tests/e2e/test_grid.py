"""The score grid in a browser: keys, saving on leaving a cell, pasting, refusals, two people, no script."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Page, Route, expect

from .accessibility import violations
from .browser import Window
from .office import log_in, password
from .site import Site

OpenWindow = Callable[..., Window]


def open_sheet(window: Window, site: Site, person: str, area: str) -> Page:
    """Log in, and open an area of the first sheet on the person's home."""
    page = log_in(window, person, password(site))
    page.goto(f"{window.address}/office/")
    sheet = page.get_by_role("link", name="Mở phiếu").first.get_attribute("href") or ""
    return window.open(f"{sheet.split('?')[0]}?area={area}")


def row(page: Page, code: str):
    return page.locator("tr[data-row]").filter(has=page.locator(".code", has_text=code))


def points(page: Page, code: str):
    return row(page, code).locator("[data-col=points]")


@pytest.fixture
def grid(window: OpenWindow, site: Site) -> Page:
    return open_sheet(window(), site, "nhaplieu", "7")


def test_a_cell_is_saved_on_leaving_it_and_moves_the_totals(grid):
    before = grid.locator("[data-sum='7'][data-part='points']").first.text_content()
    first = grid.locator("tr[data-row]").first
    cells = first.locator(".inputs input")
    cells.nth(0).fill("1")
    cells.nth(1).fill("1")
    cells.nth(1).press("Tab")
    expect(first.locator("[data-said-words]")).to_have_text("Đã lưu")
    expect(first.locator("[data-explained]")).to_contain_text("Tự tính")
    expect(grid.locator("[data-sum='7'][data-part='points']").first).not_to_have_text(before or "")


def test_a_refused_cell_says_why_and_keeps_what_was_typed(grid):
    cell = grid.locator("tr[data-row] [data-col=points]").last
    cell.fill("999")
    cell.press("Tab")
    last = grid.locator("tr[data-row]").last
    expect(last.locator("[data-said-message]")).to_contain_text("vượt điểm tối đa")
    expect(cell).to_have_value("999")
    expect(cell).to_have_attribute("aria-invalid", "true")
    cell.press("Escape")
    expect(cell).not_to_have_value("999")


def test_arrows_and_enter_walk_down_the_column(grid):
    cells = grid.locator("tr[data-row] [data-col=points]")
    cells.nth(0).focus()
    grid.keyboard.press("ArrowDown")
    expect(cells.nth(1)).to_be_focused()
    grid.keyboard.press("Enter")
    expect(cells.nth(2)).to_be_focused()
    grid.keyboard.press("ArrowUp")
    expect(cells.nth(1)).to_be_focused()


PASTE = """(cell, text) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  cell.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def test_a_pasted_column_fills_down_and_each_row_is_answered(window, site):
    page = open_sheet(window(), site, "nhaplieu", "8")
    cells = page.locator("tr[data-row] [data-col=points]")
    cells.nth(0).focus()
    cells.nth(0).evaluate(PASTE, "không áp dụng\nabc")
    expect(page.locator("tr[data-row]").nth(0).locator("[data-said-words]")).to_have_text("Đã lưu")
    expect(page.locator("tr[data-row]").nth(0).locator("[data-col=state]")).to_have_value("not_applicable")
    expect(page.locator("tr[data-row]").nth(1).locator("[data-said-words]")).to_have_text("Chưa lưu")


def test_the_second_of_two_people_is_shown_both_values_and_chooses(window, site):
    mine, theirs = open_sheet(window(), site, "nhaplieu", "1"), open_sheet(window(), site, "lanhdao", "1")
    own, other = (page.locator("tr[data-row]").first.locator("[data-col=note]") for page in (mine, theirs))
    other.fill("Của lãnh đạo")
    other.press("Tab")
    expect(theirs.locator("tr[data-row]").first.locator("[data-said-words]")).to_have_text("Đã lưu")
    own.fill("Của người nhập")
    own.press("Tab")
    first = mine.locator("tr[data-row]").first
    expect(first.locator("[data-theirs]")).to_contain_text("Của lãnh đạo")
    expect(own).to_have_value("Của người nhập")
    first.get_by_role("button", name="Lấy của họ").click()
    expect(own).to_have_value("Của lãnh đạo")
    own.fill("Đã thống nhất")
    own.press("Tab")
    expect(first.locator("[data-said-words]")).to_have_text("Đã lưu")


def test_without_script_the_area_is_saved_by_its_button(window, site):
    page = open_sheet(window(script=False), site, "nhaplieu", "2")
    page.locator("tr[data-row]").first.locator("[data-col=note]").fill("Ghi không cần JavaScript")
    page.get_by_role("button", name="Lưu lĩnh vực này").click()
    expect(page.get_by_role("status").first).to_contain_text("Đã lưu 1 dòng.")
    expect(page.locator("tr[data-row]").first.locator("[data-col=note]")).to_have_value(
        "Ghi không cần JavaScript"
    )


def notes(page: Page, texts: list[str], *, since: int = 0) -> None:
    """Type a remark in as many rows, one after the other, and leave the last."""
    cells = page.locator("tr[data-row] [data-col=note]")
    for number, text in enumerate(texts, since):
        cells.nth(number).fill(text)
        cells.nth(number).press("Tab")


def expect_saved(page: Page, texts: list[str]) -> None:
    """All rows are stored, nothing says otherwise, and they are there when the page is opened again."""
    for number in range(len(texts)):
        expect(page.locator("tr[data-row] [data-said]").nth(number)).to_have_attribute(
            "data-outcome", re.compile("saved|unchanged")
        )
    expect(page.locator("[data-unsaved]")).to_be_hidden()
    page.reload()
    for number, text in enumerate(texts):
        expect(page.locator("tr[data-row] [data-col=note]").nth(number)).to_have_value(text)


def log_out(page: Page) -> None:
    page.get_by_role("button", name="Đăng xuất").click()
    page.wait_for_url("**/office/login/")


def test_what_is_typed_after_the_session_has_ended_is_sent_once_one_has_logged_in_again(window, site):
    tab = window()
    page = open_sheet(tab, site, "nhaplieu", "3")
    other = Window(page.context.new_page(), tab.address)
    log_out(other.open("/office/"))
    notes(page, ["Một", "Hai"])
    line = page.locator("[data-unsaved]")
    expect(line).to_contain_text("2 dòng chưa lưu.")
    expect(line).to_contain_text("Phiên làm việc đã hết.")
    expect(line.get_by_role("link", name="Đăng nhập ở thẻ mới")).to_be_visible()
    log_in(other, "nhaplieu", password(site))
    notes(page, ["Ba"], since=2)
    expect_saved(page, ["Một", "Hai", "Ba"])


def test_rows_are_not_sent_in_the_name_of_another_person(window, site):
    tab = window()
    page = open_sheet(tab, site, "nhaplieu", "4")
    before = page.locator("tr[data-row] [data-col=note]").first.input_value()
    other = Window(page.context.new_page(), tab.address)
    log_out(other.open("/office/"))
    log_in(other, "lanhdao", password(site))
    notes(page, ["Của người nhập"])
    expect(page.locator("[data-unsaved]")).to_contain_text("đang đăng nhập bằng tài khoản khác")
    expect(page.locator("tr[data-row] [data-col=note]").first).to_have_value("Của người nhập")
    shown = other.open(page.url.removeprefix(tab.address))
    expect(shown.locator("tr[data-row] [data-col=note]").first).to_have_value(before)


def test_rows_typed_without_a_connection_are_sent_when_it_is_back(window, site):
    page = open_sheet(window(), site, "nhaplieu", "5")
    page.context.set_offline(True)
    texts = ["Không mạng 1", "Không mạng 2", "Không mạng 3"]
    notes(page, texts)
    expect(page.locator("[data-unsaved]")).to_contain_text("3 dòng chưa lưu.")
    page.context.set_offline(False)
    expect_saved(page, texts)


def test_a_row_that_is_saved_takes_along_those_that_failed(window, site):
    page = open_sheet(window(), site, "nhaplieu", "6")
    page.route("**/cells/", lambda route: route.abort())
    notes(page, ["Lỗi 1", "Lỗi 2"])
    expect(page.locator("[data-unsaved]")).to_contain_text("2 dòng chưa lưu.")
    page.unroute("**/cells/")
    notes(page, ["Được"], since=2)
    expect_saved(page, ["Lỗi 1", "Lỗi 2", "Được"])


def test_failed_rows_are_sent_by_their_button_and_until_then_the_page_is_not_left_unasked(window, site):
    page = open_sheet(window(), site, "nhaplieu", "2")
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    def lose_answer(route: Route) -> None:
        route.fetch()
        route.abort()

    page.on("dialog", stay)
    page.route("**/cells/", lose_answer)
    notes(page, ["Chưa biết đã lưu"])
    line = page.locator("[data-unsaved]")
    expect(line).to_contain_text("1 dòng chưa lưu.")
    page.get_by_role("link", name="Việc của tôi").first.click()
    expect(line).to_be_visible()
    assert asked == ["beforeunload"]
    page.unroute("**/cells/")
    line.get_by_role("button", name="Lưu lại").click()
    expect_saved(page, ["Chưa biết đã lưu"])


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_home_grid_and_evidence_are_accessible_and_within_the_screen(window, site, width, theme):
    tab = window(width=width, theme=theme)
    page = open_sheet(tab, site, "nhaplieu", "1")
    seen = [page.url, f"{tab.address}/office/"]
    seen.append(
        tab.address + (page.locator("a", has_text="Tài liệu kiểm chứng").first.get_attribute("href") or "")
    )
    for url in seen:
        page.goto(url)
        assert violations(page) == [], url
        assert page.evaluate("document.documentElement.scrollWidth") <= width, url
    assert tab.all_faults() == []
