"""What holds for every page: quiet, accessible, at home on a phone, readable without scripts and on paper."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from .accessibility import COLOURS, violations
from .browser import Theme, Window, new_context
from .conftest import OpenWindow
from .pages import NOT_FOUND, PAGES, WITH_CHARTS
from .site import Site, running_server, server_environment

every_page = pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
every_chart = pytest.mark.parametrize("path", [PAGES[name] for name in WITH_CHARTS], ids=WITH_CHARTS)

WHITE = "rgb(255, 255, 255)"
OVERFLOW = """() => [...document.querySelectorAll("body *")]
  .filter((e) => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(".table-scroll"))
  .map((e) => e.outerHTML.slice(0, 120)).slice(0, 5)"""

# axe does not judge text on gradients: read the colours that were painted.
PIXELS = """async ([shot, points]) => {
  const image = Object.assign(new Image(), { src: `data:image/png;base64,${shot}` });
  await image.decode();
  const canvas = Object.assign(document.createElement("canvas"), { width: image.width, height: image.height });
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  return points.map(([x, y]) => [...context.getImageData(x, y, 1, 1).data]);
}"""


def background(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour


def overflow(window: Window) -> list[str]:
    """The elements that push the page beyond its width; empty where it fits."""
    page = window.page
    width = page.evaluate("document.documentElement.scrollWidth")
    return [] if width <= page.evaluate("innerWidth") else [str(width), *page.evaluate(OVERFLOW)]


@every_page
def test_page_is_quiet_accessible_in_both_themes_and_printable(window: OpenWindow, path: str):
    tab = window()
    page = tab.open(path)
    assert violations(page) == []
    page.emulate_media(color_scheme="dark")
    assert background(page) != WHITE
    assert violations(page, COLOURS) == []
    page.emulate_media(media="print")
    assert background(page) == WHITE
    assert page.locator("main h1").is_visible()
    controls = page.locator(".site-nav, form, .theme-switch, .reading-tools, .skip-link, .no-print").filter(
        visible=True
    )
    assert controls.all_inner_texts() == []
    assert tab.all_faults() == []


@every_page
def test_page_fits_a_phone_and_does_not_shift(window: OpenWindow, path: str):
    tab = window(width=360)
    page = tab.open(path)
    assert violations(page) == []
    assert overflow(tab) == []
    page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50)))")
    assert page.evaluate("shifts.reduce((sum, shift) => sum + shift, 0)") < 0.02
    page.set_viewport_size({"width": 640, "height": 400})  # 1280 × 800 at 200 %
    assert overflow(tab) == []
    assert tab.all_faults() == []


def test_every_page_has_its_own_title_and_one_heading(window: OpenWindow):
    page = window(script=False).page
    titles = {}
    tab = window(script=False)
    for name, path in PAGES.items():
        page = tab.open(path)
        titles[name] = page.title().strip()
        expect(page.locator("h1")).to_have_count(1)
    doubles = {"group", "sample ranking without a match", "what if, thought"}  # a page at its second address
    own = [title for name, title in titles.items() if name not in doubles]
    assert [title for title, found in Counter(own).items() if found > 1] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_an_address_that_is_not_there_answers_with_a_page(window: OpenWindow, theme: str, width: int):
    tab = window(width=width, theme=theme)
    page = tab.open(NOT_FOUND)
    assert violations(page) == [] and overflow(tab) == []
    assert tab.all_faults()[1:] == [
        "console error: Failed to load resource: the server responded with a status of 404 (Not Found)"
    ]


@pytest.fixture(scope="module", params=["gone", "damaged"])
def broken(site: Site, request: pytest.FixtureRequest) -> Iterator[tuple[Site, str]]:
    """The same server with a database that is not there, or is none, and the title of what every page answers."""
    folder = site.log.parent / f"database {request.param}"
    folder.mkdir()
    database = folder / "cchc.sqlite3"
    if request.param == "damaged":
        database.write_text("no database" * 1000)
    else:
        database = folder / "not-there" / "cchc.sqlite3"
    env = server_environment(site.log.parent, f"sqlite:///{database}")
    with running_server(env, folder / "log", healthy=False) as broken:
        yield broken, {"gone": "Hệ thống tạm thời gián đoạn", "damaged": "Hệ thống gặp sự cố"}[request.param]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_a_server_error_answers_with_a_page(
    browser: Browser, broken: tuple[Site, str], theme: Theme, width: int
):
    server, title = broken
    context = new_context(browser, width=width, theme=theme)
    tab = Window(context.new_page(), server.address)
    page = tab.open("/")
    expect(page.locator("h1")).to_have_text(title)
    assert violations(page) == [] and overflow(tab) == []
    assert [fault for fault in tab.all_faults() if "500" not in fault and "503" not in fault] == []
    context.close()


def test_what_is_wrong_on_a_page_is_noticed(window: OpenWindow):
    tab = window()
    page = tab.open("/")
    page.evaluate("""async () => {
      document.body.append(Object.assign(document.createElement("script"), { text: "1" }));
      document.body.append(Object.assign(document.createElement("img"), { src: "/static/none.png" }));
      await fetch("http://example.test/").catch(() => 0);
    }""")
    assert [rule.split(":")[0] for rule in violations(page)] == ["image-alt"]
    faults = " ".join(tab.all_faults())
    for fault in ("script-src-elem inline", "404: ", "connect-src http://example.test/"):
        assert fault in faults


@pytest.mark.parametrize("width", [360, 900, 1280])
def test_the_hero_is_dark_to_its_corners(window: OpenWindow, width: int):
    page = window(width=width).open("/")
    box = page.locator(".hero").bounding_box()
    assert box is not None
    right, bottom = box["x"] + box["width"], box["y"] + box["height"]
    corners = [(x, y) for x in (box["x"], right - 2) for y in (box["y"] + 4, bottom - 2)]
    shot = base64.b64encode(page.screenshot(full_page=True)).decode()
    assert [max(pixel[:3]) < 128 for pixel in page.evaluate(PIXELS, [shot, corners])] == [True] * 4
