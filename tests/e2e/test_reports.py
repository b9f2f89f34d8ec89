"""Reports under the hand of a reader: a paragraph copied, a page printed, a file taken away."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from .conftest import OpenWindow
from .pages import PAGES

PAGE_OBJECT = re.compile(rb"/Type\s*/Page\b(?!s)")


def test_the_paragraph_is_copied_and_said_to_be(window: OpenWindow):
    tab = window()
    page = tab.open(PAGES["Phu Xuyen 2024"])
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_text("Mở để sao chép").click()
    page.get_by_role("button", name="Sao chép").click()
    expect(page.get_by_text("Đã sao chép.")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("Năm 2024, Huyện Phú Xuyên đạt 92,41 điểm, xếp thứ 23/30. Tăng 0,8 điểm")
    assert len(copied.split("\n\n")) == 4
    assert tab.all_faults() == []


def test_without_scripts_the_paragraph_is_there_and_no_button_that_does_nothing(window: OpenWindow):
    page = window(script=False).open(PAGES["Phu Xuyen 2024"])
    page.get_by_text("Mở để sao chép").click()
    expect(page.locator("#report-text p").first).to_be_visible()
    expect(page.get_by_role("button", name="Sao chép")).to_have_count(0)


@pytest.mark.parametrize("name", ["one page of A4", "one page of A4 without areas"])
def test_the_page_prints_on_one_sheet(window: OpenWindow, name: str):
    page = window().open(PAGES[name])
    printed = page.pdf(prefer_css_page_size=True)
    assert len(PAGE_OBJECT.findall(printed)) == 1


@pytest.mark.parametrize(("name", "most"), [("sample unit", 9), ("sample ranking", 2), ("Phu Xuyen 2024", 4)])
def test_a_page_prints_on_few_sheets(window: OpenWindow, name: str, most: int):
    page = window().open(PAGES[name])
    assert len(PAGE_OBJECT.findall(page.pdf(prefer_css_page_size=True))) <= most


def test_the_points_of_each_component_are_printed(window: OpenWindow):
    page = window().open(PAGES["sample unit"])
    component = page.locator("#area-3 tbody tr").first
    height = "(row) => row.checkVisibility({ contentVisibilityAuto: true }) ? row.getBoundingClientRect().height : 0"
    assert component.evaluate(height) == 0
    page.emulate_media(media="print")
    assert component.evaluate(height) > 0


def test_figures_of_the_a4_page_stay_whole_on_a_phone(window: OpenWindow):
    page = window(width=360).open(PAGES["one page of A4"])
    lines = """(cell) => { const text = document.createRange(); text.selectNodeContents(cell);
      return new Set([...text.getClientRects()].map((box) => Math.round(box.bottom / 8))).size; }"""
    for cell in page.locator(".a4-columns td.num").all():
        assert cell.evaluate(lines) <= cell.inner_text().count(" ") + 1


def test_the_word_report_is_a_file_to_save(window: OpenWindow):
    page = window().open(PAGES["sample unit"])
    with page.expect_download() as started:
        page.get_by_role("link", name="Báo cáo của đơn vị (Word)").click()
    assert started.value.suggested_filename == "bao-cao-cchc-tinh-minh-hoa-2024-MH03.docx"
    assert Path(started.value.path()).read_bytes()[:2] == b"PK"
