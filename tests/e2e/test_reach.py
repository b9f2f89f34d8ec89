"""Whoever reads, with whatever: large letters, high contrast, the keyboard, a slow line, another site's frame."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from .accessibility import violations
from .conftest import OpenWindow
from .pages import PAGES
from .test_every_page import overflow

every_page = pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
REM = "parseFloat(getComputedStyle(document.documentElement).fontSize)"
LARGEST = 24


def background(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


def test_letters_grow_shrink_and_stay_so_on_other_pages(window: OpenWindow):
    tab = window()
    page = tab.open(PAGES["sample unit"])
    larger = page.get_by_role("button", name="tăng cỡ chữ")
    assert page.evaluate(REM) == 16
    sizes = []
    for _ in range(3):
        larger.click()
        sizes.append(page.evaluate(REM))
    assert sizes == [18, 20, LARGEST]
    expect(larger).to_be_focused()
    expect(larger).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Enter")
    assert page.evaluate(REM) == LARGEST
    expect(page.get_by_role("status").filter(has_text="Cỡ chữ")).to_have_text("Cỡ chữ 150 phần trăm")
    page.reload()
    assert page.evaluate(REM) == LARGEST
    tab.open("/")
    assert page.evaluate(REM) == LARGEST
    page.get_by_role("button", name="cỡ chữ bình thường").click()
    page.get_by_role("button", name="giảm cỡ chữ").click()
    assert page.evaluate(REM) == 14
    assert page.context.cookies() == []
    assert tab.all_faults() == []


@pytest.mark.parametrize(("theme", "colour"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(0, 0, 0)")])
def test_high_contrast_stays_until_it_is_taken_back(window: OpenWindow, theme: str, colour: str):
    page = window(theme=theme).open(PAGES["Phu Xuyen 2024"])
    usual = background(page)
    button = page.get_by_role("button", name="Tương phản cao")
    expect(button).to_have_attribute("aria-pressed", "false")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    page.reload()
    assert background(page) == colour != usual
    button.click()
    page.reload()
    assert background(page) == usual


def test_who_asks_the_system_for_contrast_has_it_and_may_refuse_it(window: OpenWindow):
    tab = window(theme="dark")
    tab.page.emulate_media(contrast="more")
    page = tab.open("/")
    button = page.get_by_role("button", name="Tương phản cao")
    expect(button).to_have_attribute("aria-pressed", "true")
    assert background(page) == "rgb(0, 0, 0)"
    button.click()
    page.reload()
    expect(button).to_have_attribute("aria-pressed", "false")
    assert background(page) != "rgb(0, 0, 0)"


@every_page
def test_page_is_accessible_in_high_contrast_and_fits_a_phone_with_the_largest_letters(
    window: OpenWindow, path: str
):
    tab = window()
    page = tab.open(path)
    page.get_by_role("button", name="Tương phản cao").click()
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert background(page) == "rgb(0, 0, 0)"
    assert violations(page) == []
    page.set_viewport_size({"width": 360, "height": 800})
    page.evaluate("localStorage.setItem('text', '3')")
    tab.open(path)
    assert page.evaluate(REM) == LARGEST
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
    assert overflow(tab) == []
    assert tab.all_faults() == []


def test_without_scripts_nothing_is_offered_that_would_not_work(window: OpenWindow):
    page = window(script=False).open("/")
    expect(page.locator(".reading-tools")).to_be_hidden()
    expect(page.locator(".theme-switch")).to_be_hidden()


def test_nothing_moves_where_motion_is_not_wanted(window: OpenWindow):
    page = window().open(PAGES["sample ranking"])
    moving = """[...document.querySelectorAll("*")].filter((e) => {
      const style = getComputedStyle(e);
      return style.transitionDuration !== "0s" || style.animationName !== "none";
    }).length"""
    assert page.evaluate(moving) == 0
    assert page.evaluate("document.getAnimations().length") == 0
