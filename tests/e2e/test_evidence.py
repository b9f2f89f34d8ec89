"""The page of a component's evidence: what is chosen is judged before it is sent, and the way back meets the row."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .accessibility import violations
from .test_grid import open_sheet

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def open_evidence(tab, site):
    page = open_sheet(tab, site, "nhaplieu", "1")
    page.locator("a", has_text="Tài liệu kiểm chứng").first.click()
    page.wait_for_url("**/evidence/*/")
    return page


def test_a_file_that_is_too_large_is_named_before_anything_is_sent(window, site):
    tab = window()
    page = open_evidence(tab, site)
    page.locator("[name=file]").set_input_files(
        [
            {"name": "Kế hoạch.pdf", "mimeType": "application/pdf", "buffer": PDF},
            {"name": "Bản quét.pdf", "mimeType": "application/pdf", "buffer": PDF + b"0" * (21 << 20)},
        ]
    )
    said = page.locator("form [role=status]")
    expect(said.locator("p")).to_have_count(2)
    expect(said.locator(".field-error")).to_contain_text("Bản quét.pdf, 21 MB: lớn hơn 20 MB")
    assert tab.all_faults() == []


def test_the_way_back_meets_the_row(window, site):
    page = open_evidence(window(), site)
    key = page.url.rstrip("/").rpartition("/")[2]
    page.get_by_role("link", name="của phiếu").first.click()
    page.wait_for_url(f"**#row-{key}")
    expect(page.locator(f"#row-{key}")).to_be_in_viewport()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_the_page_is_accessible_and_within_the_screen_with_all_ways_open(window, site, width, theme):
    tab = window(width=width, theme=theme)
    page = open_evidence(tab, site)
    for way in page.locator("main details summary").all():
        way.click()
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.all_faults() == []
