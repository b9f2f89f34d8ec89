"""What fits on one page of A4 about a unit's year: the report's own figures, cut to what matters and counted."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from reports.letters.paragraphs import (
    index_sentences,
    main_counts,
    main_rates,
    rate_text,
    stated,
)
from reports.letters.unit import FigureRow, LossRow, ResultRow, UnitLetter, YearRow, unit_letter
from reports.numbers_vi import count
from reports.summaries.dashboard import AreaResult, Dashboard
from reports.summaries.dossiers import DossierSummary

MOST_SENTENCES, MOST_YEARS, MOST_LOSSES, MOST_FIGURES, MOST_PRACTICES, MOST_SOURCES = 8, 6, 5, 8, 10, 4
# How small a page is set, the usual first: names of classes in a4.css.
DENSITIES = ("a4-large", "a4-usual", "a4-small", "a4-smaller", "a4-tiny")
# Up to how many lines each of them takes; the last takes the rest.
LINES = (38, 49, 55, 64)
HEAD = 14
SIGNS_IN_A_LINE, SIGNS_IN_HALF = 120, 58


@dataclass(frozen=True)
class DossierBlock:
    scope: str
    period: str
    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class OnePage:
    """The page; `density` is the class it most likely fits one page with, `left_out` says what did not fit."""

    letter: UnitLetter
    sentences: tuple[str, ...]
    results: tuple[ResultRow, ...]
    areas: tuple[AreaResult, ...]
    losses: tuple[LossRow, ...]
    history: tuple[YearRow, ...]
    dossiers: tuple[DossierBlock, ...]
    satisfaction: tuple[FigureRow, ...]
    indicators: tuple[FigureRow, ...]
    practices: tuple[str, ...]
    sources: tuple[str, ...]
    left_out: str

    @property
    def density(self) -> str:
        """Return the class to begin with; a PDF is measured and set smaller where it must."""
        return DENSITIES[sum(self.lines > most for most in LINES)]

    @property
    def lines(self) -> int:
        """Return about how many lines of the usual size the page takes."""
        main = sum(_lines(text, SIGNS_IN_A_LINE) for text in self.sentences)
        main += sum(_lines(area.title, 70) for area in self.areas)
        left = sum(_lines(row.title, SIGNS_IN_HALF - 10) for row in self.losses) + len(self.history)
        right = sum(len(block.rows) + 2 for block in self.dossiers)
        right += sum(_lines(f"{row.title}{row.scope}{row.value}", SIGNS_IN_HALF) for row in self.satisfaction)
        listed = [f"{row.title}{row.scope}{row.value}" for row in self.indicators] + list(self.practices)
        listed_lines = sum(_lines(text, SIGNS_IN_HALF) for text in listed) // 2
        return HEAD + main + max(left, right) + listed_lines


def _lines(text: str, signs: int) -> int:
    return 1 + len(text) // signs


def one_page(summary: Dashboard) -> OnePage:
    """Return the page of a unit's year from its dashboard; no query of its own."""
    letter = unit_letter(summary)
    return OnePage(
        letter=letter,
        sentences=tuple(index_sentences(summary)[:MOST_SENTENCES]),
        results=letter.results,
        areas=summary.areas,
        losses=letter.losses[:MOST_LOSSES],
        history=letter.history[:MOST_YEARS],
        dossiers=tuple(_block(one) for one in summary.dossiers),
        satisfaction=letter.satisfaction[:MOST_FIGURES],
        indicators=letter.indicators[:MOST_FIGURES],
        practices=(*letter.initiatives, *letter.activities)[:MOST_PRACTICES],
        sources=letter.sources[:MOST_SOURCES],
        left_out=_left_out(letter),
    )


def _left_out(letter: UnitLetter) -> str:
    """Say how much of what grows without end is not on the page."""
    more = sum(
        max(len(rows) - most, 0)
        for rows, most in (
            (letter.satisfaction, MOST_FIGURES),
            (letter.indicators, MOST_FIGURES),
            ((*letter.initiatives, *letter.activities), MOST_PRACTICES),
            (letter.sources, MOST_SOURCES),
        )
    )
    return _("Còn %(n)d mục nữa trên trang của đơn vị.") % {"n": more} if more else ""


def _block(found: DossierSummary) -> DossierBlock:
    counts = [(label, stated(figure, count(figure.value))) for label, figure in main_counts(found)]
    rates = [(f"{one.label} ({one.of})", rate_text(one)) for one in main_rates(found)]
    return DossierBlock(found.scope_label, found.label, (*counts, *rates))
