"""The report of a group's year: what its template is given, with the ranking as an appendix."""

from __future__ import annotations

from dataclasses import dataclass

from districts.models import Unit
from reports import sentences
from reports.letters.heading import SAMPLE_MARK, Heading, heading_of
from reports.letters.paragraphs import publication_sentences, stated, year_sentences
from reports.numbers_vi import points, signed
from reports.spreadsheets import cite
from reports.summaries.ranking import Ranking
from reports.summaries.results import PartResult, UnitResult


@dataclass(frozen=True)
class RankRow:
    """A unit in the appendix; what is not known is a dash, why it is not ranked stands in `note`."""

    rank: str
    unit: str
    total: str
    appraised: str
    survey: str
    change: str
    places: str
    grade: str
    note: str


@dataclass(frozen=True)
class YearLetter:
    """What year.docx may name: `{{ group }}`, `{% for row in ranks %}{{ row.unit }}`, …"""

    heading: Heading
    is_sample: bool
    sample_mark: str
    organiser: str
    group: str
    year: str
    result_paragraph: str
    publication: tuple[str, ...]
    rules: tuple[str, ...]
    ranks: tuple[RankRow, ...]
    # What holds for every unit, said once below the table.
    notes: tuple[str, ...]
    sources: tuple[str, ...]


def year_letter(summary: Ranking, unit: Unit | None) -> YearLetter:
    """Return the report of a year from its ranking; `unit` is what the organiser was in it. No query of its own."""
    year, shared = summary.year, _shared_remarks(summary)
    return YearLetter(
        heading=heading_of(unit, year.organiser.name),
        is_sample=summary.is_sample,
        sample_mark=SAMPLE_MARK if summary.is_sample else "",
        organiser=year.organiser.name,
        group=year.group.name,
        year=str(year.year),
        result_paragraph=" ".join(year_sentences(summary)),
        publication=tuple(publication_sentences(summary)),
        rules=tuple(sentences.rule_sentences(summary)),
        ranks=tuple(_row(result, shared) for result in summary.results),
        notes=shared,
        sources=tuple(cite(source) for source in summary.sources),
    )


def _shared_remarks(summary: Ranking) -> tuple[str, ...]:
    """Return the remarks that every ranked unit has."""
    first = summary.ranked[0].remarks if summary.ranked else ()
    return tuple(said for said in first if all(said in result.remarks for result in summary.ranked))


def _row(result: UnitResult, shared: tuple[str, ...]) -> RankRow:
    change, places = result.points_change, result.rank_change
    return RankRow(
        rank=str(result.rank.value) if result.rank else "–",
        unit=result.unit_name,
        total=stated(result.total, points(result.total.value if result.total else None)),
        appraised=_part(result.appraised),
        survey=_part(result.survey),
        change=stated(change, sentences.signed_change(change)),
        places=stated(places, signed(places.value if places else None)),
        grade=result.grade or "–",
        note="; ".join(said for said in _remarks(result) if said and said not in shared),
    )


def _remarks(result: UnitResult) -> tuple[str, ...]:
    """Return why a unit has no rank; of one that has, what its movement means or why there is none."""
    if result.unranked:
        return (result.unranked,)
    return (result.position, result.no_movement, *result.remarks)


def _part(part: PartResult | None) -> str:
    figure = part.points if part else None
    return stated(figure, points(figure.value if figure else None))
