"""The pages that say what a step does before it is taken: for every reader, on a phone, without scripts."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from .accessibility import violations
from .conftest import OpenWindow
from .office import Desks, fill, follow, move, press
from .site import Site

YEAR = "Tỉnh Minh Họa, năm 2025"


def year_of(page: Page) -> str:
    """The address of the demo's year in work, from the publisher's home."""
    follow(page, YEAR)
    return urlsplit(page.url).path


@pytest.mark.parametrize("width", [1280, 360])
def test_they_are_accessible_and_fit_a_phone(site: Site, window: OpenWindow, width: int) -> None:
    desks = Desks(site, lambda: window(width=width))
    year = year_of(desks.at("congbo"))
    follow(desks.at("lanhdao"), "Mở phiếu Thành phố Minh Giang 2025")
    sheet = urlsplit(desks.windows["lanhdao"].page.url).path
    shown = [("congbo", path) for path in (year, f"{year}steps/close_entry/", f"{year}steps/open_replies/")]
    for person, path in (*shown, ("lanhdao", f"{sheet}check/")):
        page = desks.at(person, path)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert desks.faults() == {}


def test_a_step_of_the_year_is_confirmed_and_taken_back_without_scripts(
    site: Site, window: OpenWindow
) -> None:
    desks = Desks(site, lambda: window(script=False))
    page = desks.at("congbo")
    year = year_of(page)
    follow(page, "Khóa tự chấm điểm")
    expect(page.locator("main")).to_contain_text("đơn vị chưa nộp phiếu: Huyện Đông Khánh")
    follow(page, "Không thực hiện, quay lại trang của năm")
    move(page, "Khóa tự chấm điểm")
    follow(page, "Quay lại giai đoạn trước")
    fill(page, {"reason": "Còn trong thời hạn."})
    press(page, "Quay lại giai đoạn trước", "Đã quay lại giai đoạn trước.")
    expect(desks.at("congbo", year).locator("main")).to_contain_text("Giai đoạn: tự chấm điểm")


def test_a_missing_component_is_a_link_to_its_row(site: Site, window: OpenWindow) -> None:
    desks = Desks(site, window)
    follow(desks.at("lanhdao"), "Mở phiếu Thành phố Minh Giang 2025")
    page = desks.windows["lanhdao"].page
    follow(page, "Nộp phiếu")
    missing = page.get_by_role("region", name="chưa tự chấm").get_by_role("link").first
    code = missing.inner_text().split()[0]
    missing.click()
    page.wait_for_url("**#row-*")
    expect(page.locator(":target .code")).to_have_text(code)
