"""People of the fictional province at their desks, and what their hands do on the office's pages."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import xlsxwriter
from playwright.sync_api import FilePayload, Locator, Page, expect
from python_calamine import CalamineWorkbook

from .browser import Window
from .site import Site

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Tables = dict[str, list[list[Any]]]


def password(site: Site) -> str:
    """The demo accounts' one password: that of the environment, or the one the site has made up."""
    given = os.environ.get("CCHC_DEMO_PASSWORD", "")
    kept: Path = site.log.parent / "demo_password"
    return given or kept.read_text(encoding="utf-8")


def log_in(window: Window, person: str, word: str, leads_to: str = "**/office/") -> Page:
    page = window.open("/office/login/")
    page.locator("input[name=username]").fill(person)
    page.locator("input[type=password]").fill(word)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url(leads_to)
    return page


class Desks:
    """Everybody who takes part, each in a browser of their own, opened when they first have something to do."""

    def __init__(self, site: Site, open_window: Callable[..., Window]) -> None:
        self.site, self.open_window = site, open_window
        self.windows: dict[str, Window] = {}

    def at(self, person: str, path: str = "/office/") -> Page:
        """The page at `path` as a person sees it; a person without a name is a visitor and does not log in."""
        if person not in self.windows:
            self.windows[person] = self.open_window()
            if person:
                log_in(self.windows[person], person, password(self.site))
        return self.windows[person].open(path)

    def faults(self) -> dict[str, list[str]]:
        """What went wrong in their windows, by person."""
        found = {person: window.all_faults() for person, window in self.windows.items()}
        return {person: faults for person, faults in found.items() if faults}


def take_over(desks: Desks, person: str, given: str, own: str) -> None:
    """Log in for the first time, with the password that an administrator gave, and choose one's own."""
    window = desks.windows[person] = desks.open_window()
    page = log_in(window, person, given, "**/office/password/change/")
    fill(page, {"old_password": given, "new_password1": own, "new_password2": own})
    press(page, "Đổi mật khẩu", "Đã đổi mật khẩu.")


def follow(page: Page, link: str | re.Pattern[str]) -> None:
    """Follow the link of exactly this name in the page's own part."""
    with page.expect_navigation():
        page.locator("main").get_by_role("link", name=link, exact=True).first.click()


def press(page: Page, button: str | re.Pattern[str], answer: str = "") -> None:
    """Press a button; the page it leads to says what became of it."""
    with page.expect_navigation():
        page.get_by_role("button", name=button, exact=True).click()
    if answer:
        expect(page.locator(".messages")).to_contain_text(answer)


def move(page: Page, step: str) -> None:
    """Take a step of a whole year: on the page that its button leads to, which says what the step does."""
    follow(page, step)
    expect(page.get_by_role("heading", name="Sau bước này")).to_be_visible()
    press(page, step, f"Đã {step[:1].lower()}{step[1:]}.")


def submit(page: Page) -> None:
    """Hand a sheet in: on the page that its button leads to, which says what it lacks."""
    follow(page, "Nộp phiếu")
    expect(page.get_by_role("heading", name="tiêu chí có điểm nhưng chưa có tài liệu")).to_be_visible()
    press(page, "Nộp phiếu", "Đã nộp phiếu.")


def fill(page: Page | Locator, fields: Mapping[str, str]) -> None:
    """Fill a form by the names of its fields: what is typed, or the words of a choice."""
    for name, value in fields.items():
        fill_field(page.locator(f"[name='{name}']:not([type=hidden])"), value)


def fill_field(field: Locator, value: str) -> None:
    if field.evaluate("field => field.tagName") == "SELECT":
        field.select_option(label=value)
    else:
        field.fill(value)


def add_person(page: Page, fields: Mapping[str, str], role: str, units: Iterable[str]) -> None:
    """Make an account in the administration, with one role at several units that are found by their names."""
    fill(page, fields)
    for number, unit in enumerate(units):
        if number:
            page.locator(".add-row a").click()
        row = page.locator(f"#memberships-{number}")
        row.locator("[name$=-role]").select_option(label=role)
        row.locator(".select2-selection").click()
        page.locator(".select2-search__field").fill(unit)
        page.locator(".select2-results__option").get_by_text(unit, exact=True).click()
    press(page, "Lưu lại")
    expect(page.locator(".messagelist .success")).to_be_visible()


def row_of(page: Page, code: str) -> Locator:
    """A component's row, in the grid as in the appraisal."""
    own = re.compile(rf"^{re.escape(code)}$")
    return page.locator("tbody tr").filter(has=page.locator("th .code, th strong").filter(has_text=own))


def enter(page: Page, code: str, *answers: str) -> None:
    """Answer a component's questions in the grid, key by key, and wait until the row is saved."""
    row = row_of(page, code)
    for field, answer in zip(row.locator(".inputs input, .inputs select").all(), answers, strict=True):
        fill_field(field, answer)
        field.press("Tab")
    expect(row.locator("[data-said-words]")).to_have_text("Đã lưu")


def judge(page: Page, code: str, points: str, reason: str) -> None:
    row = row_of(page, code)
    row.locator("[name^=points-]").fill(points)
    row.locator("[name^=reason-]").fill(reason)
    row.locator("[name^=reason-]").press("Tab")
    expect(row.locator("[data-said][data-outcome=saved]")).to_be_visible()


def download(page: Page, link: str) -> bytes:
    with page.expect_download() as started:
        page.get_by_role("link", name=link, exact=True).click()
    return Path(started.value.path()).read_bytes()


def opened(workbook: bytes) -> Tables:
    """All sheets of a workbook from their first cell on, the hidden ones too."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(workbook))
    return {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}


def saved(tables: Tables) -> bytes:
    """The sheets as another spreadsheet program would save them: values only."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        for name, rows in tables.items():
            page = book.add_worksheet(name)
            for number, row in enumerate(rows):
                page.write_row(number, 0, row)
    return buffer.getvalue()


def upload(page: Page, tables: Tables, *, values: int, reason: str = "") -> None:
    """From a year's page of files: upload a workbook, look at what it would write, and let it be written."""
    file = FilePayload(name="diem.xlsx", mimeType=XLSX, buffer=saved(tables))
    page.locator("input[type=file]").set_input_files(file)
    if reason:
        page.locator("[name=reason]").fill(reason)
    press(page, "Kiểm tra tệp")
    press(page, f"Ghi {values} giá trị", f"Đã ghi {values} giá trị từ tệp diem.xlsx.")
