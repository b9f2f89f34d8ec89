"""The picture that stands beside a shared link: 1200 × 630 points, drawn here, so that it says what the page says."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from reports import sentences
from reports.numbers_vi import points, rank
from reports.summaries.ranking import Ranking
from reports.summaries.results import UnitResult

if TYPE_CHECKING:
    from PIL.ImageDraw import ImageDraw
    from PIL.ImageFont import FreeTypeFont

WIDTH, HEIGHT, MARGIN = 1200, 630, 72
# Of the style sheet: brand, brand-deep, on-brand, on-brand-muted, gold.
BRAND, DEEP, WHITE, MUTED, GOLD = "#0f3566", "#0a2549", "#ffffff", "#c9d8ec", "#e0b03c"


@dataclass(frozen=True)
class Card:
    """What a picture says: `figures` are pairs of a value and what it is; a sample is marked across the picture."""

    kicker: str
    title: str
    figures: Sequence[tuple[str, str]] = ()
    line: str = ""
    is_sample: bool = False


def site_card() -> Card:
    return Card(
        _("Chỉ số cải cách hành chính"),
        _("Địa phương bạn cải cách hành chính đến đâu?"),
        line=_("Kết quả, xếp hạng và số liệu cải cách hành chính của từng đơn vị, có dẫn nguồn."),
    )


def year_card(summary: Ranking) -> Card:
    """Return what a ranking says first: whom it covers and who leads, where anybody is ranked here."""
    year = summary.year
    figures = []
    first = next((r for r in summary.ranked if r.total), None)
    if summary.publication and first and first.total:
        figures = [(points(first.total.value), _("cao nhất: %(unit)s") % {"unit": first.unit_name})]
        if summary.spread and summary.spread.mean is not None:
            figures.append((points(summary.spread.mean), _("trung bình")))
    said = sentences.coverage_sentences(summary)[:1] if summary.publication is None else []
    return Card(
        _("Chỉ số cải cách hành chính %(year)s") % {"year": year.year},
        f"{year.organiser.name} · {year.group.label}",
        figures,
        line=" ".join(said),
        is_sample=summary.is_sample,
    )


def unit_card(result: UnitResult) -> Card:
    """Return what a unit's page says first: total, place, and the sentence of its movement."""
    figures = []
    # A picture has no room for a source's words: what is only a bound is left out.
    if result.total and not result.total.is_bound:
        label = _("tổng điểm (suy ra)") if result.total.is_derived else _("tổng điểm")
        figures.append((points(result.total.value), label))
    if result.rank and not result.rank.is_bound:
        label = _("thứ hạng (suy ra)") if result.rank.is_derived else _("thứ hạng")
        figures.append((rank(result.rank.value, result.rank_of), label))
    if result.grade:
        figures.append((result.grade, _("xếp loại")))
    said = sentences.result_sentences(result)
    return Card(
        _("%(organiser)s · Chỉ số cải cách hành chính %(year)s")
        % {"organiser": result.year.organiser.name, "year": result.year.year},
        result.unit_name,
        figures,
        line=said[1] if len(said) > 1 else "",
        is_sample=result.year.organiser.is_sample,
    )


def png(card: Card) -> bytes:
    """Return the card as a PNG; a long text is set smaller, then cut at a word."""
    from PIL import Image, ImageDraw

    picture = Image.new("RGB", (WIDTH, HEIGHT), BRAND)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, HEIGHT - 84, WIDTH, HEIGHT), fill=DEEP)
    draw.rectangle((0, 0, 12, HEIGHT), fill=GOLD)
    top = _text(draw, MARGIN, 56, card.kicker, bold=False, size=32, fill=MUTED, most_lines=1)
    top = _text(draw, MARGIN, top + 16, card.title, bold=True, size=68, fill=WHITE, most_lines=2)
    if card.figures:
        top = _figures(draw, top + 36, card.figures)
    if card.line:
        _text(draw, MARGIN, top + 28, card.line, bold=False, size=32, fill=MUTED, most_lines=2)
    foot = (
        _("Dữ liệu mẫu: địa phương này không có thật") if card.is_sample else _("Có dẫn nguồn ở từng con số")
    )
    _text(
        draw,
        MARGIN,
        HEIGHT - 64,
        foot,
        bold=card.is_sample,
        size=30,
        fill=GOLD if card.is_sample else MUTED,
        most_lines=1,
    )
    written = io.BytesIO()
    picture.save(written, "PNG", optimize=True)
    return written.getvalue()


def _figures(draw: ImageDraw, top: int, figures: Sequence[tuple[str, str]]) -> int:
    width = (WIDTH - 2 * MARGIN) // len(figures)
    bottom = top
    for number, (value, label) in enumerate(figures):
        left = MARGIN + number * width
        below = _text(draw, left, top, value, bold=True, size=72, fill=GOLD, most_lines=1, width=width - 24)
        end = _text(
            draw, left, below + 2, label, bold=False, size=28, fill=MUTED, most_lines=1, width=width - 24
        )
        bottom = max(bottom, end)
    return bottom


def _text(
    draw: ImageDraw,
    left: int,
    top: int,
    text: str,
    *,
    bold: bool,
    size: int,
    fill: str,
    most_lines: int,
    width: int = WIDTH - 2 * MARGIN,
) -> int:
    """Write a text within a width and return where it ends."""
    smallest = size * 2 // 3
    while True:
        font = _font(bold=bold, size=size)
        lines = _lines(text, font, width)
        if len(lines) <= most_lines or size <= smallest:
            break
        size -= 4
    if len(lines) > most_lines:
        lines = [*lines[: most_lines - 1], _cut(" ".join(lines[most_lines - 1 :]), font, width)]
    height = size * 5 // 4
    for number, line in enumerate(lines):
        draw.text((left, top + number * height), line, font=font, fill=fill)
    return top + len(lines) * height


def _lines(text: str, font: FreeTypeFont, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def _cut(line: str, font: FreeTypeFont, width: int) -> str:
    words = line.split()
    while len(words) > 1 and font.getlength(" ".join(words) + "…") > width:
        words.pop()
    return " ".join(words) + "…"


@cache
def _font(*, bold: bool, size: int) -> FreeTypeFont:
    from PIL import ImageFont

    return ImageFont.truetype(settings.FONT_DIR / ("bold.ttf" if bold else "regular.ttf"), size)
