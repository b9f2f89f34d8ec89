"""The pages of what a unit counts, plans and mends, and of what a province makes of it: readable by everybody."""

from __future__ import annotations

import pytest

from .accessibility import violations
from .office import log_in, password

PAGES = ("indicators", "activities", "index766", "targets", "plans", "remedies")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_a_unit_s_figures_are_accessible_and_within_the_screen(window, site, width, theme):
    tab = window(width=width, theme=theme)
    page = log_in(tab, "nhaplieu", password(site))
    home = page.get_by_role("link", name="Số liệu của").first.get_attribute("href") or ""
    for url in (f"{tab.address}{home}{name}/" for name in PAGES):
        page.goto(url)
        assert violations(page) == [], url
        assert page.evaluate("document.documentElement.scrollWidth") <= width, url
    assert tab.all_faults() == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_the_province_s_roll_up_is_accessible_and_within_the_screen(window, site, width, theme):
    tab = window(width=width, theme=theme)
    page = log_in(tab, "congbo", password(site))
    page.goto(f"{tab.address}/office/releases/")
    link = page.get_by_role("link", name="Chỉ tiêu của các đơn vị, tổng hợp").first
    page.goto(tab.address + (link.get_attribute("href") or ""))
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.all_faults() == []
