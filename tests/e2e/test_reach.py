"""Whoever reads, with whatever: large letters, high contrast, the keyboard, a slow line, another site's frame."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import Page, Route, expect

from .accessibility import COLOURS, violations
from .conftest import OpenWindow
from .pages import PAGES, WITH_CHARTS
from .site import HOST
from .test_every_page import overflow

every_page = pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
REM = "parseFloat(getComputedStyle(document.documentElement).fontSize)"
LARGEST = 24
FRAMES = [
    "/embed/tinh-minh-hoa/2024/huyen/",
    "/embed/tinh-minh-hoa/2024/units/MH03/",
    "/embed/ha-noi/2024/huyen/",
]
CHART_SCRIPT = "vendor/chart."
# In bytes, as they travel.
MOST_WITH_CHARTS, MOST_WITHOUT = 150_000, 40_000
# Of a page with charts, apart from theme.js: htmx, suggestions, Chart.js, charts.js.
SCRIPTS = 4
SHIFTED = "shifts.reduce((sum, shift) => sum + shift, 0)"
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
# What can be reached with the keyboard, and where it has been: an element without an outline is noted.
WALK = """() => {
  const all = [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")];
  window.awaited = new Set(all.filter((e) => e.tabIndex >= 0 && !e.disabled && e.checkVisibility()));
  window.bare = [];
  addEventListener("focusin", ({ target }) => {
    awaited.delete(target);
    const { outlineStyle, outlineWidth } = getComputedStyle(target);
    if (target.matches("main, body")) return;
    if (outlineStyle === "none" || parseFloat(outlineWidth) < 2) bare.push(target.outerHTML.slice(0, 120));
  });
  return awaited.size;
}"""
LEFT = "[...awaited].map((e) => e.outerHTML.slice(0, 120)).slice(0, 5)"


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
    expect(page.locator("[data-text-size]")).to_have_text("Cỡ chữ 150 phần trăm")
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
    assert violations(page, COLOURS) == []
    page.emulate_media(color_scheme="dark")
    assert background(page) == "rgb(0, 0, 0)"
    assert violations(page, COLOURS) == []
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


@every_page
def test_page_weighs_little_and_nothing_moves(window: OpenWindow, path: str):
    tab = window()
    sizes: list[float] = []
    chrome = tab.page.context.new_cdp_session(tab.page)
    chrome.send("Network.enable")
    chrome.on("Network.loadingFinished", lambda told: sizes.append(told["encodedDataLength"]))
    page = tab.open(path)
    has_charts = page.locator(f"script[src*='{CHART_SCRIPT}']").count() > 0
    assert 5_000 < sum(sizes) < (MOST_WITH_CHARTS if has_charts else MOST_WITHOUT)
    assert page.evaluate(SHIFTED) < 0.01


@pytest.mark.parametrize("name", ["Phu Xuyen 2024", "sample unit", "sample ranking", "organiser"])
def test_figures_are_painted_while_the_scripts_are_on_their_way_and_stay_where_they_are(
    window: OpenWindow, name: str
):
    """All scripts but theme.js, which must speak before the first paint: 2 kB, and not needed either (below)."""
    tab = window()
    page = tab.page
    held: list[Route] = []
    page.route("**/*.js", lambda route: held.append(route))
    page.route("**/theme.*.js", lambda route: route.continue_())
    page.goto(tab.address + PAGES[name], wait_until="commit")
    while page.evaluate(PAINTED) is None or len(held) < SCRIPTS:
        page.wait_for_timeout(50)
    assert page.evaluate("typeof window.Chart") == "undefined"
    expect(page.locator("main .figure-value, main td").first).to_be_visible()
    for route in held:
        route.continue_()
    page.wait_for_load_state("load")
    assert page.evaluate("typeof window.Chart") == "function"
    page.wait_for_timeout(200)
    assert page.evaluate(SHIFTED) < 0.01


@pytest.mark.parametrize("name", WITH_CHARTS)
def test_a_page_whose_scripts_never_come_has_its_tables(window: OpenWindow, name: str):
    tab = window()
    tab.page.route("**/*.js", lambda route: route.abort())
    page = tab.open(PAGES[name])
    for figure in page.locator("figure.chart").all():
        expect(figure.locator("table")).to_be_visible()


@every_page
def test_everything_is_reached_by_tab_and_shows_where_one_is(window: OpenWindow, path: str):
    page = window().open(path)
    for _ in range(page.evaluate(WALK) + 3):
        page.keyboard.press("Tab")
    assert page.evaluate(LEFT) == []
    assert page.evaluate("bare") == []


@pytest.mark.parametrize("path", FRAMES)
def test_a_frame_is_accessible_narrow_and_light(window: OpenWindow, path: str):
    for width, theme in ((320, "light"), (640, "dark")):
        tab = window(width=width, theme=theme)
        page = tab.open(path)
        assert violations(page) == [] and overflow(tab) == []
        assert page.evaluate(SHIFTED) < 0.01
        assert tab.all_faults() == [] and page.context.cookies() == []
    without = window(script=False, width=360).open(path)
    expect(without.locator("h1")).to_be_visible()
    expect(without.locator("figure.chart table, main > .table-scroll table").first).to_be_visible()


@contextmanager
def another_site(page: str) -> Iterator[int]:
    """A site of one page; the server of the tests lets it frame by the name localhost, not by its number."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(f"<!doctype html><title>x</title>{page}".encode())

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer((HOST, 0), Answer) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize(
    ("host", "path", "is_shown"),
    [
        ("localhost", FRAMES[0], True),
        (HOST, FRAMES[0], False),
        ("localhost", PAGES["sample ranking"], False),
    ],
)
def test_a_site_may_frame_what_is_meant_for_frames_if_the_server_names_it(
    window: OpenWindow, host: str, path: str, is_shown: bool
):
    tab = window()
    with another_site(f'<iframe src="{tab.address}{path}"></iframe>') as port:
        tab.page.goto(f"http://{host}:{port}/")
        frame = tab.page.frames[1]
        frame.wait_for_load_state()
        assert frame.url == (f"{tab.address}{path}" if is_shown else "chrome-error://chromewebdata/")


def test_the_code_that_a_page_gives_frames_it(window: OpenWindow):
    tab = window()
    page = tab.open(PAGES["Phu Xuyen 2024"])
    page.get_by_text("Nhúng vào trang web khác").click()
    code = page.get_by_label("Chép đoạn mã này").input_value()
    with another_site(code) as port:
        page.goto(f"http://localhost:{port}/")
        frame = page.frame_locator("iframe[title^='Huyện Phú Xuyên']")
        expect(frame.locator("h1")).to_have_text("Huyện Phú Xuyên")
