"""The rows of open data: what is published or released of a year, field by field, exact."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import chain, groupby
from operator import itemgetter
from typing import Any

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.utils import timezone

from districts.models import Unit
from reports.models import (
    AssessmentYear,
    Criterion,
    DossierCount,
    Observation,
    OfficialResult,
    PublishedScore,
    Quality,
    Satisfaction,
    ScopeKind,
    ScoreSheet,
    Standing,
)
from reports.summaries.results import Figure, UnitResult
from reports.summaries.year_results import results_of_year

from .fields import DOSSIERS, INDICATORS, RESULTS, SATISFACTION, SCORES, Dataset

Row = dict[str, Any]
# A row as it is made: parts whose fields follow one another, those that come back in many rows `Shared`.
Parts = tuple[Row, ...]
# Rows read from the database at once.
CHUNK = 2_000
# Parts of rows that are remembered.
MOST_PARTS = 10_000


@dataclass(frozen=True)
class Window:
    """Which rows are wanted: of one unit, of one kind of scope, from `start` up to but not including `stop`."""

    unit: str = ""
    scope_kind: str = ""
    start: int = 0
    stop: int | None = None


ALL = Window()


class Shared(dict[str, Any]):
    """A part of many rows; `text` is for who writes rows, and wants to write it once."""

    __slots__ = ("text",)

    def __init__(self, values: Row) -> None:
        super().__init__(values)
        self.text = ""


def rows_of(dataset: str, year: AssessmentYear, window: Window = ALL) -> Iterator[Row]:
    """Yield the rows of a dataset of a public year, in a fixed order; a value that is not known is None."""
    for parts in parts_of(dataset, year, window):
        row: Row = {}
        for part in parts:
            row |= part
        yield row


def parts_of(dataset: str, year: AssessmentYear, window: Window = ALL) -> Iterator[Parts]:
    """Yield the same rows in parts."""
    table = TABLES[dataset]
    if table.whole and window == ALL:
        return table.whole(year)
    found = table.rows(year, window)
    made = table.maker(year)
    chosen = found[window.start : window.stop]
    return (made(row) for row in (chosen if isinstance(chosen, list) else chosen.iterator(CHUNK)))


def count_of(dataset: str, year: AssessmentYear, window: Window = ALL) -> int:
    """Return how many rows there are, of all pages."""
    found = TABLES[dataset].rows(year, window)
    return len(found) if isinstance(found, list) else found.count()


def has_rows(dataset: str, year: AssessmentYear) -> bool:
    """Tell whether a public year has rows of a dataset; results it always has."""
    return dataset == RESULTS.slug or TABLES[dataset].rows(year, ALL).exists()


@dataclass(frozen=True)
class Table:
    """How a dataset's rows are found, what each becomes, and where there is one, a faster way to all of them."""

    rows: Callable[[AssessmentYear, Window], Any]
    maker: Callable[[AssessmentYear], Callable[[Any], Parts]]
    whole: Callable[[AssessmentYear], Iterator[Parts]] | None = None


def _year(year: AssessmentYear) -> Row:
    publication = year.current_publication
    return {
        "organiser": year.organiser.slug,
        "year": year.year,
        "group": year.group.slug,
        "is_sample": year.organiser.is_sample,
        "publication_version": publication.version if publication else None,
        "published_on": timezone.localdate(publication.published_at) if publication else None,
    }


def _unit(unit: Unit, name: str = "") -> Row:
    return {"unit_scheme": unit.scheme_id, "unit_code": unit.code, "unit_name": name or unit.full_name}


def _results(year: AssessmentYear, window: Window) -> Any:
    if year.current_publication is None:
        return [row for row in _stated(year) if _is_wanted(row, window)]
    rows = Standing.objects.filter(scope__publication=year.current_publication).select_related(
        "scope", "unit"
    )
    if window.unit:
        rows = rows.filter(unit__code=window.unit)
    if window.scope_kind:
        rows = rows.filter(scope__kind=window.scope_kind)
    return rows.order_by("unit__sort_key", "unit", "scope__order")


def _is_wanted(row: Row, window: Window) -> bool:
    return (not window.unit or row["unit_code"] == window.unit) and (
        not window.scope_kind or row["scope_kind"] == window.scope_kind
    )


def _result(year: AssessmentYear) -> Callable[[Any], Parts]:
    head, publication = Shared(_year(year)), year.current_publication
    if publication is None:
        return lambda row: (row,)
    return lambda row: (
        head,
        _unit(row.unit, row.unit_name)
        | {
            "scope_kind": row.scope.kind,
            "scope_key": row.scope.key,
            "scope_title": row.scope.title,
            "points": row.points,
            "max_points": row.max_points if row.max_points is not None else row.scope.max_points,
            "rank": row.rank,
            "rank_of": publication.roster_size if row.scope.ranked_count else None,
            "is_tied": row.is_tied,
            "grade": row.grade,
            "points_change": row.points_change,
            "rank_change": row.rank_change,
            "unranked": row.unranked,
            "no_movement": row.no_movement,
            "quality": Quality.EXACT.value,
            "wording": "",
            "source": "",
            "qualified": "",
        },
    )


def _stated(year: AssessmentYear) -> Iterator[Row]:
    """Yield what documents print of a year: the total, and the parts where they are told."""
    head = _year(year)
    for result in sorted(results_of_year(year), key=lambda one: (one.unit.sort_key, one.unit.pk)):
        common = head | _unit(result.unit, result.unit_name)
        yield common | _scope(ScopeKind.TOTAL, "total", "Tổng điểm", result)
        for part in result.parts:
            yield common | _scope(ScopeKind.PART, part.key, part.title, part)


def _scope(kind: str, key: str, title: str, found: Any) -> Row:
    points: Figure | None = found.total if isinstance(found, UnitResult) else found.points
    rank, told = found.rank, points or found.rank or found.points_change
    return {
        "scope_kind": str(kind),
        "scope_key": key,
        "scope_title": title,
        "points": points.value if points else None,
        "max_points": found.maximum,
        "rank": rank.value if rank else None,
        "rank_of": found.rank_of if rank else None,
        "is_tied": None,
        "grade": getattr(found, "grade", ""),
        "points_change": found.points_change.value if found.points_change else None,
        "rank_change": found.rank_change.value if found.rank_change else None,
        "unranked": "",
        "no_movement": "",
        "quality": told.quality if told else Quality.EXACT.value,
        "wording": told.wording if told else "",
        "source": told.source.title if told and told.source else "",
        "qualified": _qualified(
            told.quality if told else Quality.EXACT,
            {
                name: figure.quality
                for name, figure in {
                    "points": points,
                    "rank": rank,
                    "points_change": found.points_change,
                    "rank_change": found.rank_change,
                }.items()
                if figure
            },
        ),
    }


def _qualified(quality: str, columns: Mapping[str, str]) -> str:
    """Return which columns are not as exact as their row says: "received=lower;pending=about"."""
    return ";".join(f"{name}={own}" for name, own in columns.items() if own != quality)


# Of a score's row: unit, criterion, state, points and the largest possible points.
Score = tuple[int, int, str, str | None, str | None]


def _scores_of(year: AssessmentYear, window: Window = ALL) -> Any:
    rows = PublishedScore.objects.filter(publication=year.current_publication_id or 0)
    if window.unit:
        rows = rows.filter(unit__code=window.unit)
    # As text: of tens of thousands of points few differ, and a decimal made of each takes longer than reading it.
    points = [Cast(name, TextField()) for name in ("points", "max_points")]
    return rows.values_list("unit", "criterion", "state", *points)


def _scores(year: AssessmentYear, window: Window) -> Any:
    return _scores_of(year, window).order_by("unit__sort_key", "unit", "criterion__order")


class _Scores:
    """What the scores of a year share: their units by name and their criteria by order, each by its key."""

    def __init__(self, year: AssessmentYear) -> None:
        head, publication = _year(year), year.current_publication
        total = Standing.objects.filter(scope__publication=publication, scope__kind=ScopeKind.TOTAL)
        told = total.order_by("unit__sort_key", "unit").values_list(
            "unit", "unit_name", "unit__scheme", "unit__code"
        )
        self.units = {
            pk: Shared(head | {"unit_scheme": scheme, "unit_code": code, "unit_name": name})
            for pk, name, scheme, code in told
        }
        nodes = Criterion.objects.filter(criteria_set=publication.criteria_set_id if publication else None)
        self.criteria, largest = {}, {}
        for node in nodes.order_by("order"):
            largest[node.pk] = node.max_points
            self.criteria[node.pk] = Shared(
                {
                    "criterion_code": node.code,
                    "criterion_title": node.title,
                    "origin": node.origin,
                    "adjustment": node.adjustment,
                }
            )
        self._largest = largest

    def maker(self) -> Callable[[Score], Parts]:
        units, criteria, largest = self.units, self.criteria, self._largest

        @lru_cache(MOST_PARTS)
        def valued(state: str, points: str | None, maximum: str | Decimal | None) -> Shared:
            told = {"points": points, "max_points": maximum}
            return Shared({"state": state} | {n: None if v is None else Decimal(v) for n, v in told.items()})

        def made(row: Score) -> Parts:
            unit, criterion, state, points, maximum = row
            return units[unit], criteria[criterion], valued(state, points, maximum or largest[criterion])

        return made


def _all_scores(year: AssessmentYear) -> Iterator[Parts]:
    """Yield the scores of a year in the order of `_scores`.

    The database reads them in the order of an index. To sort them there by the names of units takes as long again
    as to read them; here the names are sorted once each.
    """
    known = _Scores(year)
    place = {pk: number for number, pk in enumerate(known.criteria)}
    read = _scores_of(year).order_by("unit", "criterion").iterator(CHUNK)
    found = {unit: sorted(rows, key=lambda row: place[row[1]]) for unit, rows in groupby(read, itemgetter(0))}
    return map(known.maker(), chain.from_iterable(found.get(unit, ()) for unit in known.units))


def _units_of(year: AssessmentYear) -> Q:
    """Return the condition that a row is of a unit that the year assesses or that a document tells of."""
    sheets = ScoreSheet.objects.filter(assessment_year=year).values("unit")
    told = OfficialResult.objects.filter(assessment_year=year).values("unit")
    return Q(unit__in=sheets) | Q(unit__in=told)


def _released(
    model: Any, *order: str, related: tuple[str, ...] = ()
) -> Callable[[AssessmentYear, Window], Any]:
    def rows(year: AssessmentYear, window: Window) -> Any:
        found = model.objects.public().filter(_units_of(year), ends_on__year=year.year)
        if window.unit:
            found = found.filter(unit__code=window.unit)
        return found.select_related("unit", "source", *related).order_by(
            "unit__sort_key", "unit", *order, "pk"
        )

    return rows


def _plain(
    dataset: Dataset, told: Callable[[Any], Row]
) -> Callable[[AssessmentYear], Callable[[Any], Parts]]:
    """Return what makes rows of a model whose fields have the names of the dataset's; `told` are the others."""
    names = {field.name for field in dataset.fields}

    def maker(year: AssessmentYear) -> Callable[[Any], Parts]:
        head = Shared({name: value for name, value in _year(year).items() if name in names})
        others = names - head.keys()

        def made(row: Any) -> Parts:
            known = _unit(row.unit) | told(row)
            known |= {"quality": row.quality, "wording": row.wording, "source": row.source.title}
            own = {name: row.quality_of(name) for name in row.qualified if name in names}
            known["qualified"] = _qualified(row.quality, own)
            return head, known | {name: getattr(row, name) for name in others - known.keys()}

        return made

    return maker


def _field(row: DossierCount) -> Row:
    return {"field": row.field.name if row.field else ""}


def _indicator(row: Observation) -> Row:
    found = row.indicator
    return {
        "indicator": found.slug,
        "indicator_name": found.name,
        "direction": found.direction,
        "unit_of_measure": found.unit_of_measure,
    }


TABLES: dict[str, Table] = {
    RESULTS.slug: Table(_results, _result),
    SCORES.slug: Table(_scores, lambda year: _Scores(year).maker(), _all_scores),
    DOSSIERS.slug: Table(
        _released(DossierCount, "scope", "starts_on", "ends_on", "field__name", related=("field",)),
        _plain(DOSSIERS, _field),
    ),
    SATISFACTION.slug: Table(
        _released(Satisfaction, "kind", "scope", "starts_on"), _plain(SATISFACTION, lambda row: {})
    ),
    INDICATORS.slug: Table(
        _released(
            Observation, "indicator__order", "indicator__slug", "scope", "ends_on", related=("indicator",)
        ),
        _plain(INDICATORS, _indicator),
    ),
}
