"""The ranking under the hand of a reader: sort, filter, take away."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from playwright.sync_api import Page, expect
from python_calamine import CalamineWorkbook

from .conftest import OpenWindow
from .pages import PAGES

MARK = "Dữ liệu mẫu, không có thật"


def column(page: Page, header: str) -> list[str]:
    """The cells below a header of the ranking, top to bottom."""
    headers = [h.strip() for h in page.locator("table.table thead th").all_inner_texts()]
    rows = page.locator("table.table tbody tr").all()
    return [row.locator("th, td").nth(headers.index(header)).inner_text().strip() for row in rows]


def totals(page: Page) -> list[float]:
    return [float(cell.replace(",", ".")) for cell in column(page, "Tổng điểm")]


def units(page: Page) -> list[str]:
    return column(page, "Đơn vị")


def download(page: Page, name: str) -> Path:
    with page.expect_download() as started:
        page.get_by_role("link", name=name).click()
    return Path(started.value.path())


def test_a_header_sorts_up_and_then_down(window: OpenWindow):
    tab = window()
    page = tab.open(PAGES["sample ranking"])
    assert len(totals(page)) == 12 and totals(page) == sorted(totals(page), reverse=True)
    header = page.get_by_role("columnheader", name="Tổng điểm")
    header.get_by_role("link").click()
    expect(header).to_have_attribute("aria-sort", "ascending")
    assert totals(page) == sorted(totals(page))
    header.get_by_role("link").click()
    expect(header).to_have_attribute("aria-sort", "descending")
    assert totals(page) == sorted(totals(page), reverse=True)
    assert tab.all_faults() == []


def test_names_sort_in_vietnamese_order(window: OpenWindow):
    page = window().open(PAGES["sample ranking"])
    page.get_by_role("columnheader", name="Đơn vị").get_by_role("link").click()
    page.wait_for_url("**sort=unit")
    assert units(page)[:3] == NAMES_FIRST
    assert units(page)[-1] == NAME_LAST


NAMES_FIRST = ["Huyện Đông Khánh", "Thị xã Hòa Khê", "Huyện Khánh Giang"]
NAME_LAST = "Huyện Yên Bằng"


def test_filters_by_name_without_accents_and_by_type(window: OpenWindow):
    page = window().open(PAGES["sample ranking"])
    page.get_by_label("Tên đơn vị").fill("khe")
    page.get_by_role("button", name="Lọc").click()
    page.wait_for_url("**q=khe**")
    assert sorted(units(page)) == ["Huyện Lâm Khê", "Huyện Thượng Khê", "Thị xã Hòa Khê"]
    page.get_by_label("Loại đơn vị").select_option("Thị xã")
    page.get_by_role("button", name="Lọc").click()
    expect(page.locator("table.table tbody tr")).to_have_count(1)
    assert units(page) == ["Thị xã Hòa Khê"]
    page.get_by_role("link", name="Bỏ lọc").click()
    expect(page.locator("table.table tbody tr")).to_have_count(12)


def test_the_csv_holds_what_the_table_shows(window: OpenWindow):
    page = window().open(PAGES["sample ranking"])
    content = download(page, "Tải CSV").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row["Đơn vị"] for row in rows] == units(page)
    assert [float(row["Tổng điểm"]) for row in rows] == totals(page)
    assert [f"{row['Hạng']}/{row['Trên tổng số']}" for row in rows] == [
        rank.split()[0] for rank in column(page, "Hạng")
    ]
    assert {row["Loại dữ liệu"] for row in rows} == {MARK}


def test_the_workbook_holds_what_the_filtered_table_shows(window: OpenWindow):
    page = window().open(PAGES["sample ranking"] + "?q=khe&sort=total")
    content = download(page, "Tải Excel").read_bytes()
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    header, *rows = book.get_sheet_by_name("Xếp hạng").to_python()
    unit, total, mark = (header.index(name) for name in ("Đơn vị", "Tổng điểm", "Loại dữ liệu"))
    assert [row[unit] for row in rows] == units(page) and len(rows) == 3
    assert [row[total] for row in rows] == totals(page)
    assert {row[mark] for row in rows} == {MARK}
    assert ["Loại dữ liệu", MARK] in book.get_sheet_by_name("Thông tin").to_python()


def test_a_unit_without_a_report_stands_after_the_ranked_ones(window: OpenWindow):
    page = window().open("/tinh-minh-hoa/2021/")
    assert "Huyện Thượng Khê" not in units(page)
    unranked = page.get_by_role("table").filter(has_text="Lý do")
    expect(unranked.get_by_role("row").filter(has_text="Huyện Thượng Khê")).to_be_visible()


def test_equal_totals_share_a_rank(window: OpenWindow):
    page = window().open(PAGES["sample ranking"])
    by_unit = dict(zip(units(page), zip(column(page, "Hạng"), totals(page), strict=True), strict=True))
    assert by_unit["Huyện Sông Mẫu"] == by_unit["Huyện Tân Hạ"]
    assert by_unit["Huyện Sông Mẫu"][0].endswith("=")


def test_a_row_leads_to_the_units_dashboard(window: OpenWindow):
    page = window(width=360).open(PAGES["sample ranking"])
    page.get_by_role("link", name="Thị xã Hòa Khê", exact=True).click()
    page.wait_for_url("**" + PAGES["sample unit"])
    expect(page.locator("h1")).to_contain_text("Thị xã Hòa Khê")
