"""A whole assessment year through the real pages; a visitor sees nothing of it until it is public, then all of it."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from . import whole_year as people
from .accessibility import violations
from .conftest import OpenWindow
from .office import Desks, opened
from .site import Site, running_site

PUBLIC, UNIT = "/tinh-minh-hoa/2026/", "/tinh-minh-hoa/2026/units/MH01/"
SECRET = (
    *(PUBLIC, f"{PUBLIC}huyen/", f"{PUBLIC}?export=csv", f"{PUBLIC}huyen/?export=xlsx", UNIT),
    *("/tinh-minh-hoa/2026/units/MH02/", "/methodology/minh-hoa-2026/"),
)
OPEN = (
    "/",
    "/tinh-minh-hoa/",
    "/tinh-minh-hoa/2024/",
    "/units/minh-hoa/MH01/",
    "/methodology/",
    "/units/?q=minh+giang",
)
RANKING = [
    "1/12 = | Huyện Đông Khánh | 99,00",
    "1/12 = | Huyện Phú Vân | 99,00",
    "3/12 | Thị xã Long Vân | 97,00",
    "4/12 | Thành phố Minh Giang | 96,70",
    "5/12 | Thị xã Hòa Khê | 96,00",
    "6/12 | Huyện Sông Mẫu | 95,00",
    "7/12 | Huyện Yên Bằng | 94,00",
    "8/12 | Huyện Lâm Khê | 93,00",
    "9/12 | Huyện Khánh Giang | 92,00",
    "10/12 | Huyện Nam Lộc | 91,00",
    "11/12 | Huyện Tân Hạ | 90,00",
]
# Of 57 components, those in which MH01 ends up with less than the maximum.
BELOW = {
    "1.1.1": "0,50",
    "1.1.2": "1,80",
    "1.2.1": "1,25",
    "1.3.1": "0,50",
    "1.5.1": "0,25",
    "1.6.1": "1,20",
    "2.1.1": "1,00",
    "8.2.1": "7,20",
}
# A finished page of what was public before may go out for as long after a publication.
VISIBLE_SECONDS = 5
CELLS = "rows => rows.map(row => Array.from(row.cells, cell => cell.textContent.trim()))"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A site of its own: no other test meets the year that is published here."""
    with running_site(tmp_path_factory.mktemp("year")) as site:
        yield site


def test_a_year_is_played_from_its_criteria_to_its_correction(site: Site, window: OpenWindow):
    desks = Desks(site, window)
    nothing_is_public(desks)
    people.prepare_criteria_and_people(desks)
    year = people.open_year(desks)
    nothing_is_public(desks)
    sheet = people.enter_by_grid(desks)
    for step in people.UNTIL_THE_RESULT:
        step(desks, year, sheet)
        nothing_is_public(desks)
    people.publish(desks, year)
    # The page says what was done: a message is accessible too.
    assert violations(desks.windows["congbo"].page) == []
    everything_is_public(desks)
    people.correct_cell(desks, year)
    everything_is_public(desks)
    people.publish_correction(desks, year)
    correction_is_public(desks)
    assert desks.faults() == {}


def nothing_is_public(desks: Desks) -> None:
    """Neither the year's own addresses answer, nor do others lead to it."""
    visitor = desks.at("", "/")
    shown = [path for path in SECRET if visitor.request.get(desks.site.address + path).status != 404]
    named = [path for path in OPEN if "/2026/" in visitor.request.get(desks.site.address + path).text()]
    assert (shown, named) == ([], [])


def ranking(page: Page) -> list[str]:
    """The first three columns of the public ranking, row by row."""
    rows = page.locator("table.table tbody tr").all()
    cells = [[" ".join(cell.split()) for cell in row.locator("th, td").all_inner_texts()] for row in rows]
    return [" | ".join(row[:3]) for row in cells]


def components(page: Page) -> dict[str, tuple[str, str]]:
    """Points and lost points of each component on a unit's public page."""
    rows = page.locator("details[id^=area-] tbody tr").evaluate_all(CELLS)
    return {title.split()[0]: (points, lost) for title, _origin, points, _most, lost in rows}


def exported(page: Page, kind: str) -> list[list[str]]:
    """The ranking as a file, numbers as spreadsheets know them."""
    body = page.request.get(f"{page.url}?export={kind}").body()
    if kind == "xlsx":
        rows = next(iter(opened(body).values()))
    else:
        rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
    return [[plain(cell) for cell in row] for row in rows]


def plain(cell: object) -> str:
    text = str(cell)
    return text.rstrip("0").rstrip(".") if "." in text else text


def everything_is_public(desks: Desks) -> None:
    """Ranking, totals, parts, ranks, each component, the files: as they were decided."""
    page = desks.at("", PUBLIC)
    assert ranking(page) == RANKING
    expect(page.locator("main")).to_contain_text(f"27/QĐ-UBND, {people.TODAY}")
    expect(page.locator("tr", has_text="Huyện Thượng Khê")).to_contain_text("không nộp báo cáo")
    for kind in ("csv", "xlsx"):
        table = exported(page, kind)
        [own] = [row for row in table if "MH01" in row]
        assert [own[table[0].index(name)] for name in ("Hạng", "Trên tổng số", "Tổng điểm")] == [
            "4",
            "12",
            "96.7",
        ]
    shown_of_unit(desks, "96,70/100", "4/12", "67,50/70", "8/12", "29,20/30", "3/12")
    found = components(desks.at("", UNIT))
    assert len(found) == 57
    assert {code: points for code, (points, lost) in found.items() if lost != "0,00"} == BELOW


def shown_of_unit(desks: Desks, *figures: str) -> None:
    """The large figures of a unit's page: total and rank, then points and rank of either part."""
    page = desks.at("", UNIT)
    values = [" ".join(text.split()) for text in page.locator(".figure-value").all_inner_texts()]
    assert [figure for figure in figures if figure not in values] == []


def shown_in_time(desks: Desks, text: str) -> Page:
    """The public ranking, which a visitor may see as it was for the 5 s after a publication at most."""
    page = desks.at("", PUBLIC)
    ends = time.monotonic() + VISIBLE_SECONDS
    while text not in page.locator("main").inner_text() and time.monotonic() < ends:
        page.wait_for_timeout(250)
        page.reload()
    return page


def correction_is_public(desks: Desks) -> None:
    """Version 2 names its document and shows before → after; all figures follow."""
    page = shown_in_time(desks, "bản công bố số 2")
    notice = " ".join(page.locator(".notice-warn").first.inner_text().split())
    for said in (
        "bản công bố số 2",
        f"31/QĐ-UBND, {people.TODAY}",
        "Tính sót một đợt điều tra.",
        "Các tiêu chí thành phần được đính chính",
        "Xem bản công bố số 1 (bản đã được đính chính)",
        "Thành phố Minh Giang 96,70 97,10 4/12 3/12",
        "Thị xã Long Vân 97,00 97,00 3/12 4/12",
    ):
        assert said in notice
    assert ranking(page)[2:4] == ["3/12 | Thành phố Minh Giang | 97,10", "4/12 | Thị xã Long Vân | 97,00"]
    shown_of_unit(desks, "97,10/100", "3/12", "67,50/70", "8/12", "29,60/30", "1/12")
    assert components(desks.at("", UNIT))["8.2.1"] == ("7,60", "0,40")
