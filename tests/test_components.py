"""Shared parts of pages say in words what their marks and colours show."""

import datetime as dt
import re
from decimal import Decimal

import pytest
from django.template import engines
from django.template.loader import render_to_string

from reports.templating import numbers


def text_of(name, **context):
    return words_of(render_to_string(f"components/{name}.html", context))


def mark(call, **context):
    """Return what a mark draws, as a template that imports it does."""
    source = '{% from "components/marks.html" import meter, movement %}{{ ' + call + " }}"
    return engines["jinja2"].from_string(source).render(context)


def words_of(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        (7, "places", "▲ Tăng 7 bậc"),
        (-2, "places", "▼ Giảm 2 bậc"),
        (0, "places", "= Giữ nguyên hạng"),
        (Decimal("0.8000"), "points", "▲ Tăng 0,80 điểm"),
        (Decimal("-1.06"), "points", "▼ Giảm 1,06 điểm"),
        (Decimal("0.2"), "percent", "▲ Tăng 0,2 điểm phần trăm"),
    ],
)
def test_movement_is_said_in_words(change, kind, words):
    assert words_of(mark("movement(change, kind)", change=change, kind=kind)) == words


def test_a_movement_that_a_source_printed_keeps_its_decimals():
    said = mark('movement(change, "points", printed=true)', change=Decimal("0.8000"))
    assert words_of(said) == "▲ Tăng 0,8 điểm"


def test_absent_movement_gives_its_reason():
    assert (
        words_of(mark("movement(none, reason=reason)", reason="năm đầu tiên có số liệu"))
        == "năm đầu tiên có số liệu"
    )


def test_a_meter_without_a_whole_is_not_drawn():
    assert 'width="25.00%"' in mark("meter(3, 12)")
    assert mark("meter(3, 0)") == mark("meter(none, 12)") == ""


def test_exact_figure_has_no_badge():
    assert text_of("quality", quality="exact", wording="92,41 điểm") == ""


def test_inexact_figure_shows_the_source_words():
    shown = text_of("quality", quality="lower", wording="trên 351.000")
    assert shown == "cận dưới Nguyên văn: “trên 351.000”"


def test_lower_bound_is_said_before_the_figure():
    assert text_of("figure", label="Tiếp nhận", value="351.000", quality="lower").startswith(
        "Tiếp nhận trên 351.000"
    )


def test_rank_bar_is_described_for_those_who_do_not_see_it():
    scale = {"points": Decimal(92), "lowest": Decimal(80), "mean": Decimal(88), "best": Decimal(96)}
    html = render_to_string("components/rank_bar.html", {**scale, "label": "Tổng điểm"})
    assert 'aria-label="Tổng điểm: 92,00, thấp nhất 80,00, cao nhất 96,00"' in html
    assert 'cx="75.00%"' in html


@pytest.mark.parametrize(
    ("mean", "place", "anchor"),
    [("88", "50.00%", ""), ("95", "93.75%", ' text-anchor="end"'), ("81", "6.25%", ' text-anchor="start"')],
)
def test_the_mean_is_written_where_it_is_marked(mean, place, anchor):
    scale = {"points": Decimal(92), "lowest": Decimal(80), "mean": Decimal(mean), "best": Decimal(96)}
    html = render_to_string("components/rank_bar.html", scale)
    assert re.search(rf'<text class="mean-label" x="{place}" y="14"{anchor}>trung bình {mean},00<', html)
    assert f'class="mean" x1="{place}" x2="{place}"' in html


@pytest.mark.parametrize("page", ["400.html", "500.html"])
def test_error_pages_need_no_context(page):
    assert "Về trang chủ" in render_to_string(page)


def test_a_moment_is_printed_as_the_day_that_it_was_in_vietnam():
    evening_in_utc = dt.datetime(2025, 3, 31, 23, 30, tzinfo=dt.UTC)
    assert numbers.date_vi(evening_in_utc) == "01/04/2025"
    assert numbers.date_vi(dt.date(2025, 3, 31)) == "31/03/2025"
