"""The report of a unit in a year: what its template is given, every figure as it is printed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from reports.letters.heading import SAMPLE_MARK, Heading, heading_of
from reports.letters.paragraphs import (
    activity_sentences,
    index_sentences,
    indicator_text,
    initiative_sentences,
    rate_text,
    satisfaction_text,
    stated,
)
from reports.numbers_vi import count, number, percent_fixed, points, rank, signed, signed_points
from reports.sentences import signed_change
from reports.spreadsheets import cite
from reports.summaries.dashboard import AreaResult, ComponentResult, Dashboard
from reports.summaries.dossiers import DossierSummary
from reports.summaries.results import Figure, PartResult, UnitResult

MOST_LOSSES = 10


@dataclass(frozen=True)
class ResultRow:
    """The total or a part of it; `change` and `places` against the year before."""

    title: str
    points: str
    maximum: str
    rank: str
    change: str
    places: str


@dataclass(frozen=True)
class AreaRow:
    code: str
    title: str
    points: str
    maximum: str
    percent: str
    rank: str
    mean: str
    best: str
    change: str


@dataclass(frozen=True)
class LossRow:
    code: str
    title: str
    points: str
    maximum: str
    lost: str


@dataclass(frozen=True)
class YearRow:
    year: str
    total: str
    rank: str
    grade: str


@dataclass(frozen=True)
class CountRow:
    """A count of form II.06 or a rate; a part stands under the count it belongs to."""

    label: str
    value: str
    is_part: bool


@dataclass(frozen=True)
class DossierTable:
    """The dossiers of one scope; `findings` tell where printed counts do not agree."""

    scope: str
    period: str
    rows: tuple[CountRow, ...]
    findings: tuple[str, ...]


@dataclass(frozen=True)
class FigureRow:
    title: str
    scope: str
    period: str
    value: str


@dataclass(frozen=True)
class UnitLetter:
    """What unit.docx may name: `{{ unit_name }}`, `{% for row in areas %}{{ row.points }}`, …"""

    heading: Heading
    is_sample: bool
    sample_mark: str
    unit_name: str
    organiser: str
    year: str
    index_paragraph: str
    results: tuple[ResultRow, ...]
    grade: str
    decision: str
    areas: tuple[AreaRow, ...]
    losses: tuple[LossRow, ...]
    history: tuple[YearRow, ...]
    dossiers: tuple[DossierTable, ...]
    satisfaction: tuple[FigureRow, ...]
    indicators: tuple[FigureRow, ...]
    initiatives: tuple[str, ...]
    activities: tuple[str, ...]
    sources: tuple[str, ...]


def unit_letter(summary: Dashboard) -> UnitLetter:
    """Return the report of a unit's year from its dashboard; no query of its own."""
    result, figures = summary.result, summary.figures
    name = result.unit_name if result else summary.unit.full_name
    is_sample = summary.organiser.is_sample
    return UnitLetter(
        heading=heading_of(summary.unit, name),
        is_sample=is_sample,
        sample_mark=SAMPLE_MARK if is_sample else "",
        unit_name=name,
        organiser=summary.organiser.name,
        year=str(summary.year),
        index_paragraph=" ".join(index_sentences(summary)),
        results=_results(result) if result else (),
        grade=result.grade if result else "",
        decision=result.publication.decision_number if result and result.publication else "",
        areas=tuple(_area(area) for area in summary.areas),
        losses=_losses(summary.areas),
        history=tuple(_year(one) for one in summary.history) if len(summary.history) > 1 else (),
        dossiers=tuple(_dossiers(one) for one in summary.dossiers),
        satisfaction=tuple(
            FigureRow(capfirst(one.label), one.scope_label, one.period, satisfaction_text(one))
            for one in (figures.satisfaction if figures else ())
        ),
        indicators=tuple(
            FigureRow(one.indicator.label, one.row.get_scope_display(), one.period, indicator_text(one))
            for topic in (figures.topics if figures else ())
            for one in topic.observations
        ),
        initiatives=tuple(initiative_sentences(figures)) if figures else (),
        activities=tuple(activity_sentences(figures)) if figures else (),
        sources=tuple(cite(source) for source in summary.sources),
    )


def _results(result: UnitResult) -> tuple[ResultRow, ...]:
    total = ResultRow(
        title=_("Tổng điểm"),
        points=_stated_points(result.total),
        maximum=number(result.maximum),
        rank=_place(result.rank, result.rank_of),
        change=_change(result.points_change),
        places=_places(result.rank_change),
    )
    return (total, *(_part(part) for part in result.parts))


def _part(part: PartResult) -> ResultRow:
    outside = part.key == "adjustment"
    value = part.points.value if part.points else None
    return ResultRow(
        title=part.title,
        points=signed_points(value) if outside else _stated_points(part.points),
        maximum="–" if outside else number(part.maximum),
        rank=_place(part.rank, part.rank_of),
        change=_change(part.points_change),
        places=_places(part.rank_change),
    )


def _stated_points(figure: Figure | None) -> str:
    return stated(figure, points(figure.value if figure else None))


def _place(figure: Figure | None, of: int | None) -> str:
    return stated(figure, rank(figure.value if figure else None, of))


def _change(figure: Figure | None) -> str:
    return stated(figure, signed_change(figure))


def _places(figure: Figure | None) -> str:
    return stated(figure, signed(figure.value if figure else None))


def _area(area: AreaResult) -> AreaRow:
    return AreaRow(
        code=area.code,
        title=area.title,
        points=points(area.points),
        maximum=number(area.maximum),
        percent=percent_fixed(area.percent),
        rank=rank(area.rank, area.rank_of),
        mean=points(area.mean),
        best=points(area.best),
        change=signed_points(area.points_change),
    )


def _losses(areas: Iterable[AreaResult]) -> tuple[LossRow, ...]:
    """Return the components that lost most, the dearest first."""
    lost = [one for area in areas for one in area.components if one.lost]
    lost.sort(key=lambda one: -(one.lost or 0))
    return tuple(_loss(one) for one in lost[:MOST_LOSSES])


def _loss(one: ComponentResult) -> LossRow:
    return LossRow(one.code, one.title, points(one.points), number(one.maximum), points(one.lost))


def _year(result: UnitResult) -> YearRow:
    return YearRow(
        year=str(result.year.year),
        total=_stated_points(result.total),
        rank=_place(result.rank, result.rank_of),
        grade=result.grade or "–",
    )


def _dossiers(found: DossierSummary) -> DossierTable:
    counts = [
        CountRow(
            label=str(line.label) if line.is_part else capfirst(str(line.label)),
            value=stated(line.figure, count(line.figure.value)),
            is_part=line.is_part,
        )
        for line in found.lines
    ]
    rates = [CountRow(f"{rate.label} ({rate.of})", rate_text(rate), False) for rate in found.rates]
    gaps = tuple(one.text for one in found.findings if one.css == "gap")
    return DossierTable(capfirst(found.scope_label), found.label, (*counts, *rates), gaps)
