"""The dossier form in a browser: keys, what is said as one types, sums, pasting, two people, no script; releases."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from .accessibility import violations
from .browser import Window
from .office import log_in, password
from .site import Site
from .test_grid import PASTE

OpenWindow = Callable[..., Window]


def unit_address(page: Page, window: Window) -> str:
    page.goto(f"{window.address}/office/")
    return page.get_by_role("link", name="Số liệu của").first.get_attribute("href") or ""


def open_form(window: Window, site: Site, person: str, month: int) -> Page:
    page = log_in(window, person, password(site))
    place = f"scope=own&shape=month&number={month}&year=2025"
    return window.open(f"{unit_address(page, window)}dossiers/counts/?{place}")


def total(page: Page) -> Locator:
    return page.locator("[data-row='0']")


def cell(page: Page, name: str) -> Locator:
    return total(page).locator(f"[data-col={name}]")


def test_what_does_not_add_up_is_said_as_one_types_and_saved_with_its_reason(window, site):
    page = open_form(window(), site, "nhaplieu", 1)
    cell(page, "received").focus()
    for text in ("1.674", "1389", "37", "", "1.547"):
        page.keyboard.type(text)
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    said = total(page).locator("[data-said-message]")
    expect(said).to_contain_text("tổng số tiếp nhận = 1.674, lệch 248; ô còn trống: từ kỳ trước chuyển sang")
    expect(cell(page, "received_online")).to_have_attribute("aria-invalid", "true")
    reason = cell(page, "gap_reason")
    reason.fill("248 hồ sơ từ kỳ trước")
    reason.press("Tab")
    expect(total(page).locator("[data-said-words]")).to_have_text("Đã lưu")
    page.reload()
    expect(cell(page, "received")).to_have_value("1.674")
    expect(reason).to_have_value("248 hồ sơ từ kỳ trước")


def test_a_pasted_row_fills_across_and_the_sums_of_the_fields_run_along(window, site):
    page = open_form(window(), site, "nhaplieu", 2)
    for name in ("Đất đai", "Hộ tịch"):
        page.get_by_label("Tên lĩnh vực").fill(name)
        page.get_by_role("button", name="Thêm dòng").click()
        field = page.locator("[data-row]").filter(has=page.locator("th", has_text=name))
        first = field.locator("[data-col=received]")
        first.focus()
        first.evaluate(PASTE, "10\t7\t3\t0\t10")
        expect(field.locator("[data-said-words]")).to_have_text("Đã lưu")
        expect(field.locator("[data-col=resolved]")).to_have_value("10")
    expect(page.locator("[data-sum=received]")).to_have_text("20")


def test_the_second_of_two_people_chooses_between_both_values(window, site):
    mine, theirs = open_form(window(), site, "nhaplieu", 3), open_form(window(), site, "lanhdao", 3)
    cell(theirs, "withdrawn").fill("5")
    cell(theirs, "withdrawn").press("Tab")
    expect(total(theirs).locator("[data-said-words]")).to_have_text("Đã lưu")
    cell(mine, "withdrawn").fill("6")
    cell(mine, "withdrawn").press("Tab")
    expect(total(mine).locator("[data-theirs]")).to_contain_text("Giá trị đang lưu")
    total(mine).get_by_role("button", name="Giữ của tôi").click()
    expect(total(mine).locator("[data-said-words]")).to_have_text("Đã lưu")


def test_without_script_the_form_is_saved_by_its_button(window, site):
    page = open_form(window(script=False), site, "nhaplieu", 4)
    cell(page, "received").fill("10")
    page.get_by_role("button", name="Lưu", exact=True).click()
    expect(page.get_by_role("status").first).to_contain_text("Đã lưu số liệu hồ sơ.")
    expect(cell(page, "received")).to_have_value("10")


def test_the_publisher_makes_a_month_public_and_only_then_it_is_seen(window, site):
    page = open_form(window(), site, "nhaplieu", 5)
    cell(page, "withdrawn").fill("4321")
    cell(page, "withdrawn").press("Tab")
    expect(total(page).locator("[data-said-words]")).to_have_text("Đã lưu")
    visitor = window()
    public = "/tinh-minh-hoa/2025/units/MH01/dossiers/"
    assert "4.321" not in visitor.open(public).content()
    publisher = window()
    office = log_in(publisher, "congbo", password(site))
    office.goto(f"{publisher.address}/office/releases/?year=2025")
    office.get_by_role("link", name="Tháng 5/2025", exact=True).click()
    office.get_by_label("Tôi đã xem các cảnh báo").check()
    office.get_by_role("button", name="Công khai Tháng 5/2025").click()
    expect(office.get_by_role("status").first).to_contain_text("Đã công khai")
    assert "4.321" in visitor.open(public).content()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_the_pages_are_accessible_and_within_the_screen(window, site, width, theme):
    tab = window(width=width, theme=theme)
    page = open_form(tab, site, "nhaplieu", 1)
    unit = unit_address(page, tab)
    office = window(width=width, theme=theme)
    releases = log_in(office, "congbo", password(site))
    period = "?starts_on=01/01/2025&ends_on=31/12/2025"
    form = f"{unit}dossiers/counts/?scope=own&shape=month&number=2&year=2025&all=1"
    seen = [
        (page, unit),
        (page, f"{unit}dossiers/"),
        (page, form),
        (releases, "/office/releases/?year=2025"),
        (releases, f"/office/releases/tinh-minh-hoa/dossiers/{period}"),
        (page, "/tinh-minh-hoa/2024/units/MH03/dossiers/"),
    ]
    for shown, path in seen:
        shown.goto(f"{tab.address}{path}")
        assert violations(shown) == [], path
        assert shown.evaluate("document.documentElement.scrollWidth") <= width, path
    assert tab.all_faults() == [] and office.all_faults() == []
