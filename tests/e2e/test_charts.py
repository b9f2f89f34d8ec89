"""A chart is drawn, says what its table says, and is not needed to read the page."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Locator, expect

from .conftest import OpenWindow
from .pages import PAGES, WITH_CHARTS

every_chart = pytest.mark.parametrize("path", [PAGES[name] for name in WITH_CHARTS], ids=WITH_CHARTS)

# The share of pixels that are not transparent, and how many colours they have.
INK = """(canvas) => {
  const pixels = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer);
  const inked = pixels.filter((pixel) => pixel !== 0);
  return [inked.length / pixels.length, new Set(inked).size];
}"""


def cells(table: Locator) -> list[list[float | None]]:
    """The numbers of a table, row by row, as a reader of Vietnamese reads them."""
    rows = [row.locator("td").all_text_contents() for row in table.locator("tbody tr").all()]
    return [[number(cell) for cell in row] for row in rows]


def number(text: str) -> float | None:
    digits = text.strip().removesuffix("chưa có số liệu").replace(".", "").replace(",", ".").replace("−", "-")
    return None if digits in ("", "–") else float(digits)


@every_chart
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_chart_of_the_page_is_drawn(window: OpenWindow, path: str, theme: str):
    charts = window(theme=theme).open(path).locator("[data-chart] canvas")
    assert charts.count() > 0
    for canvas in charts.all():
        share, colours = canvas.evaluate(INK)
        assert share > 0.01 and colours > 10


@every_chart
def test_a_chart_shows_the_numbers_of_its_table(window: OpenWindow, path: str):
    page = window().open(path)
    for figure in page.locator("figure.chart").all():
        spec = json.loads(figure.locator("script").text_content() or "")
        by_label = [list(row) for row in zip(*(s["values"] for s in spec["series"]), strict=True)]
        assert cells(figure.locator("table")) == by_label
        assert [t.strip() for t in figure.locator("tbody th").all_text_contents()] == spec["labels"]


@every_chart
def test_tables_stand_open_in_place_of_charts_without_scripts(window: OpenWindow, path: str):
    page = window(script=False).open(path)
    for figure in page.locator("figure.chart").all():
        expect(figure.locator("table")).to_be_visible()
        expect(figure.locator("canvas")).to_be_hidden()


@pytest.mark.parametrize("name", ["Phu Xuyen 2024", "Xuan Truong 2024", "sample unit", "sample ranking"])
def test_a_page_has_the_same_figures_with_and_without_scripts(window: OpenWindow, name: str):
    figures = [
        re.findall(r"\d[\d.,]*", window(script=script).open(PAGES[name]).locator("main").text_content() or "")
        for script in (True, False)
    ]
    assert len(figures[0]) > 50
    assert figures[0] == figures[1]


def test_a_chart_is_drawn_anew_when_the_theme_changes(window: OpenWindow):
    page = window().open(PAGES["Phu Xuyen 2024"])
    canvas = page.locator("canvas").first
    pixels = "(canvas) => canvas.toDataURL()"
    light = canvas.evaluate(pixels)
    page.get_by_role("button", name="Tối").click()
    assert canvas.evaluate(pixels) != light
    page.get_by_role("button", name="Sáng").click()
    assert canvas.evaluate(pixels) == light


def test_a_chart_opens_its_table_on_request(window: OpenWindow):
    figure = window().open(PAGES["sample ranking"]).locator("figure.chart").first
    expect(figure.locator("table")).to_be_hidden()
    figure.get_by_text("Số liệu của biểu đồ").click()
    expect(figure.locator("table")).to_be_visible()
