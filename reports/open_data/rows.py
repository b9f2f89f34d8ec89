"""The rows of open data: what is published or released of a year, field by field, exact."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Q
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
from reports.summaries.dossiers import COUNTS
from reports.summaries.results import Figure, UnitResult, results_of_year

from .fields import DOSSIERS, INDICATORS, RESULTS, SATISFACTION, SCORES

Row = dict[str, Any]
# Rows read from the database at once.
CHUNK = 2_000


def rows_of(dataset: str, year: AssessmentYear) -> Iterator[Row]:
    """Yield the rows of a dataset of a public year, in a fixed order; a value that is not known is None."""
    return ROWS[dataset](year)


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


def _results(year: AssessmentYear) -> Iterator[Row]:
    if year.current_publication is None:
        yield from _stated(year)
        return
    head = _year(year)
    rows = Standing.objects.filter(scope__publication=year.current_publication).select_related(
        "scope", "unit"
    )
    for row in rows.order_by("unit__sort_key", "unit", "scope__order").iterator(CHUNK):
        yield (
            head
            | _unit(row.unit, row.unit_name)
            | {
                "scope_kind": row.scope.kind,
                "scope_key": row.scope.key,
                "scope_title": row.scope.title,
                "points": row.points,
                "max_points": row.max_points if row.max_points is not None else row.scope.max_points,
                "rank": row.rank,
                "rank_of": year.current_publication.roster_size if row.scope.ranked_count else None,
                "is_tied": row.is_tied,
                "grade": row.grade,
                "points_change": row.points_change,
                "rank_change": row.rank_change,
                "unranked": row.unranked,
                "no_movement": row.no_movement,
                "quality": Quality.EXACT.value,
                "wording": "",
                "source": "",
            }
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
    }


def _scores(year: AssessmentYear) -> Iterator[Row]:
    if year.current_publication is None:
        return
    head = _year(year)
    names = dict(
        Standing.objects.filter(
            scope__publication=year.current_publication, scope__kind=ScopeKind.TOTAL
        ).values_list("unit", "unit_name")
    )
    units = {unit.pk: _unit(unit, names[unit.pk]) for unit in Unit.objects.filter(pk__in=names)}
    nodes = {
        node.pk: node
        for node in Criterion.objects.filter(criteria_set=year.current_publication.criteria_set_id)
    }
    rows = PublishedScore.objects.filter(publication=year.current_publication)
    told = rows.order_by("unit__sort_key", "unit", "criterion__order").values_list(
        "unit", "criterion", "state", "points", "max_points"
    )
    for unit, criterion, state, points, maximum in told.iterator(CHUNK):
        node = nodes[criterion]
        yield (
            head
            | units[unit]
            | {
                "criterion_code": node.code,
                "criterion_title": node.title,
                "origin": node.origin,
                "adjustment": node.adjustment,
                "state": state,
                "points": points,
                "max_points": maximum if maximum is not None else node.max_points,
            }
        )


def units_of(year: AssessmentYear) -> Q:
    """Return the condition that a row is of a unit that the year assesses or that a document tells of."""
    sheets = ScoreSheet.objects.filter(assessment_year=year).values("unit")
    told = OfficialResult.objects.filter(assessment_year=year).values("unit")
    return Q(unit__in=sheets) | Q(unit__in=told)


def _released(model: Any, year: AssessmentYear, *order: str, related: tuple[str, ...] = ()) -> Iterator[Any]:
    rows = model.objects.public().filter(units_of(year), ends_on__year=year.year)
    found = rows.select_related("unit", "source", *related).order_by("unit__sort_key", "unit", *order, "pk")
    return iter(found.iterator(CHUNK))


def _sourced(row: Any) -> Row:
    return {"quality": row.quality, "wording": row.wording, "source": row.source.title}


def _dossiers(year: AssessmentYear) -> Iterator[Row]:
    head = {name: value for name, value in _year(year).items() if name in {f.name for f in DOSSIERS.fields}}
    for row in _released(
        DossierCount, year, "scope", "starts_on", "ends_on", "field__name", related=("field",)
    ):
        yield (
            head
            | _unit(row.unit)
            | {
                "scope": row.scope,
                "field": row.field.name if row.field else "",
                "starts_on": row.starts_on,
                "ends_on": row.ends_on,
                **{name: getattr(row, name) for name in COUNTS},
                "gap_reason": row.gap_reason,
                **_sourced(row),
            }
        )


def _satisfaction(year: AssessmentYear) -> Iterator[Row]:
    head = {
        name: value for name, value in _year(year).items() if name in {f.name for f in SATISFACTION.fields}
    }
    plain = ("scope", "kind", "starts_on", "ends_on", "satisfied", "respondents", "percent")
    for row in _released(Satisfaction, year, "kind", "scope", "starts_on"):
        told = {name: getattr(row, name) for name in (*plain, "is_random_sample", "design_effect")}
        yield head | _unit(row.unit) | told | _sourced(row)


def _indicators(year: AssessmentYear) -> Iterator[Row]:
    head = {name: value for name, value in _year(year).items() if name in {f.name for f in INDICATORS.fields}}
    plain = ("scope", "starts_on", "ends_on", "value", "numerator", "denominator")
    for row in _released(
        Observation, year, "indicator__order", "indicator__slug", "scope", "ends_on", related=("indicator",)
    ):
        told = {name: getattr(row, name) for name in plain} | {
            "indicator": row.indicator.slug,
            "indicator_name": row.indicator.name,
            "direction": row.indicator.direction,
            "unit_of_measure": row.indicator.unit_of_measure,
        }
        yield head | _unit(row.unit) | told | _sourced(row)


ROWS: dict[str, Callable[[AssessmentYear], Iterator[Row]]] = {
    RESULTS.slug: _results,
    SCORES.slug: _scores,
    DOSSIERS.slug: _dossiers,
    SATISFACTION.slug: _satisfaction,
    INDICATORS.slug: _indicators,
}
