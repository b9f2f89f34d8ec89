"""A desk from the office to the phone: the printed code, the form behind it, what becomes of an answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
import segno
from playwright.sync_api import Page, Request, Response, expect

from .accessibility import violations
from .browser import Window
from .office import log_in, password
from .site import Site

OpenWindow = Callable[..., Window]
PHONE, SMALL_PHONE = 390, 320
LIGHT = 30 * 1024
# 148 × 210 mm.
A5_POINTS = (420, 595)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
WORDS = "Đèn ở sảnh hơi tối."


def desks_page(window: Window, site: Site, person: str = "lanhdao") -> Page:
    """Log in as a person of the demo accounts' unit, and open its desks."""
    page = log_in(window, person, password(site))
    page.get_by_role("link", name="Số liệu của").first.click()
    page.get_by_role("link", name="Đánh giá tại quầy").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Đánh giá tại quầy")
    return page


def new_desk(page: Page, name: str) -> str:
    """Set up a desk and return its printed address."""
    page.get_by_role("link", name="Lập quầy mới").click()
    page.get_by_label("tên quầy").fill(name)
    page.get_by_role("button", name="Lưu").click()
    card = page.locator("article").filter(has=page.get_by_role("heading", name=name))
    return card.locator(".hash").inner_text()


def turns(page: Page, desk: str) -> int:
    """How many answers the page counts for a desk in the newest month in which it has any."""
    row = page.locator("tbody tr").filter(has=page.locator(".desk-name", has_text=desk)).first
    return int(row.locator("td").first.inner_text().replace(".", "")) if row.count() else 0


def drawn(svg: str) -> list[str]:
    return [part.get("d", "") for part in ElementTree.fromstring(svg).iter() if part.tag.endswith("path")]


def test_the_sheet_is_one_page_of_a5_whose_code_is_the_desk_s_whole_address(window, site):
    page = desks_page(window(), site)
    address = new_desk(page, "Quầy in thử")
    assert address.startswith(f"{site.address}/d/")
    page.get_by_role("link", name="In tờ A5 của Quầy in thử").click()
    expect(page.locator(".address")).to_have_text(address)
    source = page.locator("main img").get_attribute("src") or ""
    svg = page.request.get(site.address + source).text()
    expected = segno.make(address, error="q", micro=False).svg_inline(border=4, light="#fff", omitsize=True)
    assert drawn(svg) == drawn(expected)
    printed = page.pdf(prefer_css_page_size=True)
    sides = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", printed)
    assert [(round(float(w)), round(float(h))) for w, h in sides] == [pytest.approx(A5_POINTS, abs=1)]


def answered(tab: Window, path: str) -> Page:
    """Answer a desk's form as a person with a phone does."""
    phone = tab.open(path)
    phone.locator(".level").filter(has_text=re.compile(r"^\s*Hài lòng\s*$")).click()
    assert phone.get_by_role("radio", name="Hài lòng", exact=True).is_checked()
    phone.get_by_text("Đánh giá từng mặt").click()
    phone.get_by_label("Công chức phục vụ").select_option(label="Rất hài lòng")
    phone.get_by_role("textbox", name="Góp ý").fill(WORDS)
    phone.get_by_role("button", name="Gửi đánh giá").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Cảm ơn Ông/Bà đã đánh giá")
    return phone


def test_an_answer_without_script_counts_once_and_its_words_wait_for_a_moderator(window, site):
    office = desks_page(window(), site)
    path = urlsplit(new_desk(office, "Quầy thử điện thoại")).path
    tab = window(width=PHONE, script=False)
    sent: list[Request] = []
    tab.page.on("request", lambda one: sent.append(one) if one.method == "POST" else None)
    phone = answered(tab, path)
    assert phone.context.cookies() == []
    # The line was slow and the phone sends the very same form again.
    again = phone.request.post(sent[0].url, data=sent[0].post_data or "", headers=FORM)
    assert again.url.endswith("/thanks/")
    office.reload()
    assert turns(office, "Quầy thử điện thoại") == 1
    comments = f"{office.url}comments/"
    office.goto(comments)
    expect(office.get_by_text(WORDS)).to_have_count(0)
    moderator = log_in(window(), "thamdinh", password(site))
    moderator.goto(comments)
    waiting = moderator.locator("li.card").filter(has_text=WORDS)
    waiting.get_by_role("button", name="Chuyển cho đơn vị").click()
    office.goto(comments)
    expect(office.get_by_text(WORDS)).to_have_count(1)


def test_nothing_is_sent_without_a_level_and_the_form_says_so(window):
    phone = window(width=PHONE).open("/d/mau-1/")
    phone.get_by_role("button", name="Gửi đánh giá").click()
    assert phone.get_by_role("radio", name="Rất hài lòng").evaluate("one => one.validity.valueMissing")
    expect(phone).to_have_url(re.compile("/d/mau-1/$"))


def test_levels_are_chosen_with_the_keyboard(window):
    phone = window(width=PHONE).open("/d/mau-2/")
    phone.keyboard.press("Tab")
    phone.keyboard.press("ArrowDown")
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Cảm ơn Ông/Bà đã đánh giá")


def test_all_that_the_phone_loads_is_under_thirty_kilobytes(window):
    tab = window(width=PHONE)
    loaded: list[Response] = []
    tab.page.on("response", lambda one: loaded.append(one))
    tab.open("/d/mau-1/").wait_for_load_state("networkidle")
    sizes = {urlsplit(one.url).path: len(one.body()) for one in loaded}
    assert sum(sizes.values()) < LIGHT, sizes
    assert tab.all_faults() == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_form_and_thanks_are_accessible_on_the_smallest_phone(window, theme):
    tab = window(width=SMALL_PHONE, theme=theme)
    for path in ("/d/mau-1/", "/d/mau-2/", "/d/mau-1/thanks/"):
        page = tab.open(path)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= SMALL_PHONE, path
        heights = page.locator(".level, button").evaluate_all("all => all.map(one => one.clientHeight)")
        assert min(heights, default=48) >= 48, path
    assert tab.all_faults() == []


def test_a_closed_desk_says_so(window, site):
    office = desks_page(window(), site)
    address = new_desk(office, "Quầy sắp đóng")
    office.get_by_role("link", name="Sửa, đóng Quầy sắp đóng").click()
    office.get_by_label("đang nhận đánh giá").uncheck()
    office.get_by_role("button", name="Lưu").click()
    phone = window(width=SMALL_PHONE).open(urlsplit(address).path)
    expect(phone.get_by_role("heading", level=1)).to_have_text("Quầy này không còn nhận đánh giá")
    assert violations(phone) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_office_pages_are_accessible_and_within_the_screen(window, site, width, theme):
    tab = window(width=width, theme=theme)
    page = desks_page(tab, site)
    desks = page.url
    figures = desks.replace("/desks/", "/satisfaction/")
    for address in (desks, f"{desks}new/", f"{desks}comments/", figures, f"{figures}new/"):
        page.goto(address)
        assert violations(page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    assert tab.all_faults() == []
