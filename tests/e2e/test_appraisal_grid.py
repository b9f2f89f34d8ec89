"""The appraisal and the survey's points in a browser: rows save themselves, nothing typed is accepted over."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from steps import ROOT

from .accessibility import violations
from .browser import Window
from .office import log_in, password, row_of
from .site import Site, running_site
from .test_grid import PASTE

OpenWindow = Callable[..., Window]
# The sample province's year of work, as it stands once entry is closed.
APPRAISE = """
from reports.models import AssessmentYear, ScoreSheet
year = AssessmentYear.objects.get(organiser__slug="tinh-minh-hoa", stage="self_scoring")
AssessmentYear.objects.filter(pk=year.pk).update(stage="round1")
ScoreSheet.objects.filter(assessment_year=year).update(status="submitted")
print(year.pk, year.sheets.order_by("unit__code").first().pk)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("appraisal")) as site:
        yield site


@pytest.fixture(scope="module")
def places(site: Site) -> tuple[str, str]:
    """The addresses of a sheet's appraisal and of the year's survey."""
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", APPRAISE],
        cwd=ROOT,
        env=dict(site.env),
        capture_output=True,
        text=True,
        check=True,
    )
    year, sheet = done.stdout.split()[-2:]
    return f"/office/sheets/{sheet}/appraisal/", f"/office/years/{year}/survey/"


@pytest.fixture
def appraise(window: OpenWindow, site: Site, places: tuple[str, str]) -> Callable[..., Page]:
    def open_area(area: str, **options: object) -> Page:
        tab = window(**options)
        log_in(tab, "thamdinh", password(site))
        return tab.open(f"{places[0]}?area={area}")

    return open_area


def type_in(page: Page, code: str, points: str, reason: str) -> None:
    row_of(page, code).locator("[name^=points-]").fill(points)
    row_of(page, code).locator("[name^=reason-]").fill(reason)


def expect_judged(page: Page, code: str, points: str, reason: str = "") -> None:
    expect(row_of(page, code).locator("[name^=points-]")).to_have_value(points)
    expect(row_of(page, code).locator("[name^=reason-]")).to_have_value(reason)


def said(page: Page, code: str):
    return row_of(page, code).locator("[data-said]")


def test_what_is_typed_in_one_row_is_saved_when_another_is_accepted_and_the_page_stays(appraise):
    page = appraise("1")
    type_in(page, "1.1.1", "0,3", "Thiếu văn bản")
    before = page.evaluate("scrollY")
    row_of(page, "1.1.2").get_by_role("button", name="Chấp nhận").click()
    for code in ("1.1.1", "1.1.2"):
        expect(said(page, code)).to_have_attribute("data-outcome", "saved")
    assert abs(page.evaluate("scrollY") - before) < 400 and "#" not in page.url
    expect(page.locator("[data-sum=total][data-part=judged]").first).to_contain_text("2/")
    page.reload()
    expect_judged(page, "1.1.1", "0,3", "Thiếu văn bản")
    expect(row_of(page, "1.1.2").locator("[name^=state-]")).not_to_have_value("not_entered")


def test_points_are_not_refused_while_their_reason_is_still_to_be_typed(appraise):
    page = appraise("7")
    code = (page.locator("th > strong").first.text_content() or "").strip()
    row_of(page, code).locator("[name^=points-]").fill("0,1")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(said(page, code)).to_have_attribute("data-outcome", "changed")
    page.keyboard.type("Thiếu biên bản")
    page.keyboard.press("Tab")
    expect(said(page, code)).to_have_attribute("data-outcome", "saved")


def test_an_area_is_accepted_around_what_was_typed(appraise):
    page = appraise("2")
    first, second = (text.strip() for text in page.locator("th > strong").all_text_contents()[:2])
    type_in(page, first, "0,1", "Chưa đủ hồ sơ")
    type_in(page, second, "0,2", "")
    page.get_by_role("button", name="Chấp nhận điểm tự chấm của lĩnh vực này").click()
    expect(said(page, first)).to_have_attribute("data-outcome", re.compile("saved|unchanged"))
    expect(said(page, second)).to_contain_text("phải nêu lý do")
    expect_judged(page, second, "0,2")
    expect(page.locator("[data-unsaved]")).to_contain_text("1 dòng chưa lưu.")
    row_of(page, second).locator("[name^=reason-]").fill("Chưa rõ")
    row_of(page, second).locator("[name^=reason-]").press("Tab")
    expect(page.locator("[data-unsaved]")).to_be_hidden()
    page.reload()
    expect_judged(page, first, "0,1", "Chưa đủ hồ sơ")
    expect_judged(page, second, "0,2", "Chưa rõ")


def test_another_area_waits_for_what_was_typed(appraise):
    page = appraise("3")
    code = (page.locator("th > strong").first.text_content() or "").strip()
    type_in(page, code, "0,1", "Đang gõ dở")
    page.locator("th[scope=row] a[href='?area=4']").click()
    page.wait_for_url("**area=4")
    page.go_back()
    page.reload()
    expect_judged(page, code, "0,1", "Đang gõ dở")


@pytest.mark.parametrize("script", [True, False])
def test_the_whole_sheet_is_accepted_only_after_a_question_and_not_over_what_was_typed(appraise, script):
    page = appraise("5" if script else "6", script=script)
    code = (page.locator("th > strong").first.text_content() or "").strip()
    type_in(page, code, "0,1", "Đã gõ trước")
    page.get_by_role("button", name="Chấp nhận điểm tự chấm của mọi tiêu chí chưa thẩm định").click()
    page.wait_for_url("**/accept/")
    expect(page.locator("main")).to_contain_text("không có tài liệu kiểm chứng")
    if script:
        assert violations(page) == []
    page.get_by_role("link", name="Không chấp nhận, quay lại").click()
    page.goto(f"{page.url.split('?')[0]}?area={'5' if script else '6'}")
    expect_judged(page, code, "0,1", "Đã gõ trước")
    expect(page.get_by_role("button", name="Chấp nhận điểm tự chấm của mọi")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_the_appraisal_is_accessible_and_within_the_screen(appraise, width, theme):
    page = appraise("8", width=width, theme=theme)
    cell = page.locator("tr[data-row] [name^=points-]").first
    cell.fill("999")
    cell.press("Enter")
    expect(page.locator("tr[data-row] [data-said-message]").first).not_to_be_empty()
    # At the end of the form, where the line of what is not saved lies over nothing.
    page.locator("[data-unsaved]").evaluate("line => line.parentElement.scrollIntoView({ block: 'end' })")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.fixture
def survey(window: OpenWindow, site: Site, places: tuple[str, str]) -> Callable[..., Page]:
    def open_survey(**options: object) -> Page:
        tab = window(**options)
        log_in(tab, "thamdinh", password(site))
        return tab.open(places[1])

    return open_survey


def test_cells_of_the_survey_are_walked_pasted_and_saved_by_themselves(survey):
    page = survey()
    line = page.locator("tr[data-line]")
    first = line.nth(0).locator("[data-col]")
    first.nth(0).focus()
    page.keyboard.press("ArrowRight")
    expect(first.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(line.nth(1).locator("[data-col]").nth(1)).to_be_focused()
    first.nth(0).focus()
    first.nth(0).evaluate(PASTE, "0,1\t0,2\nKĐG\t0,3")
    for row, column in ((0, 0), (0, 1), (1, 0), (1, 1)):
        said = line.nth(row).locator("[data-said]").nth(column)
        expect(said).to_have_attribute("data-outcome", re.compile("saved|unchanged"))
    page.reload()
    expect(first.nth(1)).to_have_value("0,2")
    expect(line.nth(1).locator("[data-col]").nth(0)).to_have_value("KĐG")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("script", [True, False])
def test_a_wrong_cell_of_the_survey_is_marked_and_pushes_no_column_away(survey, width, theme, script):
    page = survey(width=width, theme=theme, script=script)
    table = page.locator("table.survey")
    before = table.bounding_box()
    cells = page.locator("tr[data-line]").last.locator("[data-col]")
    colour = "field => getComputedStyle(field).borderTopColor"
    usual = cells.nth(0).evaluate(colour)
    for number in range(2):
        cells.nth(number).fill("999")
        cells.nth(number).press("Tab")
    if not script:
        page.get_by_role("button", name="Lưu trang này").click()
    for number in range(2):
        expect(cells.nth(number)).to_have_attribute("aria-invalid", "true")
        expect(cells.nth(number)).to_have_value("999")
        assert cells.nth(number).evaluate(colour) != usual
    after = table.bounding_box()
    assert before and after and after["width"] < before["width"] + 160
    if script:
        expect(page.locator("[data-unsaved]")).to_contain_text("2 dòng chưa lưu.")
        page.locator("[data-unsaved]").evaluate("line => line.parentElement.scrollIntoView({ block: 'end' })")
        assert violations(page) == []
