"""What in a year's sheets and figures should its appraiser look at again? For the office only, never public."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db.models import Max, Min, QuerySet

from districts.models import Unit
from reports.analytics import oddities
from reports.analytics.oddities import Claims, CountRow, Entry, Kind, Oddity, Proof, Rate
from reports.models import (
    AssessmentYear,
    Criterion,
    DossierCount,
    Evidence,
    Judgement,
    PointsState,
    Satisfaction,
    Scope,
    Score,
    ScoreOrigin,
    ScoreSheet,
)
from reports.periods import Period, finest_series

from .dossiers import COUNTS
from .inflation import Scale, scale_of, years_up_to

# Counts whose last digit chance decides; totals that follow from them would tell the same thing twice.
COUNTED = ("received_online", "received_direct", "resolved_early", "resolved_on_time", "digitised_on_receipt")


@dataclass(frozen=True)
class Listed:
    """An oddity with the rows it is about: the unit's sheet, an area or component of it, or a scope of figures."""

    odd: Oddity
    unit: Unit
    sheet: ScoreSheet
    others: tuple[Unit, ...]
    criterion: Criterion | None = None
    area: Criterion | None = None
    scope: Scope | None = None


def oddities_of(year: AssessmentYear) -> tuple[Listed, ...]:
    """Return what is odd in a year by unit and kind; nine queries whatever the number of units."""
    sheets = {s.unit_id: s for s in year.sheets.select_related("unit")}
    years = years_up_to(year)
    scale = scale_of(years)
    dossiers = list(_in_year(DossierCount.objects.in_work(), year, sheets).select_related("field"))
    found = [
        *_of_scores(year, years, scale),
        *oddities.digit_patterns(_counts(dossiers)),
        *oddities.identical_rows(_count_rows(dossiers)),
        *oddities.full_rates([*_dossier_rates(dossiers), *_satisfaction_rates(year, sheets)]),
        *_of_times(year),
        *oddities.reused_evidence(_proofs(year)),
    ]
    kinds = list(Kind)
    listed = [_listed(odd, sheets, scale) for odd in found if odd.unit in sheets]
    return tuple(
        sorted(listed, key=lambda one: (one.unit.sort_key, one.unit.code, kinds.index(one.odd.kind)))
    )


def _listed(odd: Oddity, sheets: Mapping[int, ScoreSheet], scale: Scale) -> Listed:
    sheet = sheets[odd.unit]
    others = tuple(sheets[pk].unit for pk in odd.others if pk in sheets)
    if odd.kind == Kind.EVIDENCE:
        node = scale.nodes[int(odd.place)]
        return Listed(odd, sheet.unit, sheet, others, node, scale.root(node.pk))
    if odd.kind == Kind.JUMP:
        area = next((one for one in scale.areas if one.code == odd.place), None)
        return Listed(odd, sheet.unit, sheet, others, area=area)
    scope = Scope(odd.place.split("|")[0]) if odd.place else None
    return Listed(odd, sheet.unit, sheet, others, scope=scope)


def _of_scores(year: AssessmentYear, years: Sequence[AssessmentYear], scale: Scale) -> list[Oddity]:
    """Return jumps and identical sheets, from the self-scores of all years; one query."""
    counted = {
        pk: node
        for pk, node in scale.nodes.items()
        if node.is_leaf and not node.adjustment and node.origin != ScoreOrigin.SURVEY and node.max_points
    }
    scores = Score.objects.filter(sheet__assessment_year__in=years, criterion__in=counted)
    entered = scores.exclude(self_state=PointsState.NOT_ENTERED)
    columns = ("sheet__unit", "sheet__assessment_year__year", "criterion", "self_points")
    areas: dict[tuple[int, str, int], dict[int, Decimal | None]] = defaultdict(dict)
    claims: dict[int, dict[str, Decimal]] = defaultdict(dict)
    for unit, of_year, leaf, points in entered.values_list(*columns):
        areas[unit, scale.area_of[leaf], of_year][leaf] = points
        if of_year == year.year and points is not None:
            claims[unit][str(leaf)] = points
    maxima = {str(pk): node.max_points for pk, node in counted.items() if node.max_points is not None}
    shares = _shares(areas, {one.year: one.criteria_set_id for one in years}, counted, scale)
    return [*oddities.jumps(_claims(year.year, shares)), *oddities.identical_sheets(claims, maxima)]


def _shares(
    areas: Mapping[tuple[int, str, int], Mapping[int, Decimal | None]],
    set_of: Mapping[int, int | None],
    counted: Mapping[int, Criterion],
    scale: Scale,
) -> Mapping[tuple[int, str], Mapping[int, Fraction]]:
    """Return which share of an area's maximum each unit claims by year; an area half entered claims nothing yet."""
    sizes = Counter((node.criteria_set_id, scale.area_of[pk]) for pk, node in counted.items())
    found: dict[tuple[int, str], dict[int, Fraction]] = defaultdict(dict)
    for (unit, area, year), leaves in areas.items():
        maximum = sum(
            (counted[pk].max_points or Decimal(0) for pk, points in leaves.items() if points is not None),
            Decimal(0),
        )
        if area and maximum and len(leaves) == sizes[set_of[year] or 0, area]:
            claimed = sum((points for points in leaves.values() if points is not None), Decimal(0))
            found[unit, area][year] = Fraction(claimed) / Fraction(maximum)
    return found


def _claims(year: int, shares: Mapping[tuple[int, str], Mapping[int, Fraction]]) -> Iterable[Claims]:
    """Yield the shares of each unit and area, those of the years before as far as none is missing."""
    for (unit, area), by_year in shares.items():
        if year not in by_year:
            continue
        before: list[Fraction] = []
        while (earlier := by_year.get(year - len(before) - 1)) is not None:
            before.append(earlier)
        yield Claims(unit, area, by_year[year], tuple(before))


def _in_year(rows: QuerySet[Any], year: AssessmentYear, units: Iterable[int]) -> QuerySet[Any]:
    return rows.filter(unit__in=list(units), ends_on__year=year.year)


def _counts(rows: Iterable[DossierCount]) -> Mapping[int, Sequence[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        found[row.unit_id] += [n for name in COUNTED if (n := getattr(row, name)) is not None]
    return found


def _count_rows(rows: Iterable[DossierCount]) -> list[CountRow]:
    return [
        CountRow(
            row.unit_id,
            f"{row.scope}|{row.field_id or ''}",
            row.starts_on,
            row.ends_on,
            tuple(getattr(row, name) for name in COUNTS),
        )
        for row in rows
    ]


def _dossier_rates(rows: Iterable[DossierCount]) -> Iterable[Rate]:
    """Yield the year's rates of each unit and scope, added over the finest periods that do not overlap."""
    groups: dict[tuple[int, str], dict[Period, DossierCount]] = defaultdict(dict)
    for row in rows:
        if row.field_id is None:
            groups[row.unit_id, row.scope][Period(row.starts_on, row.ends_on)] = row
    for (unit, scope), by_period in groups.items():
        chosen = [by_period[period] for period in finest_series(by_period)]
        pairs = {
            "on_time": [(_on_time(row), row.resolved) for row in chosen],
            "digitised": [(row.digitised_results, row.resolved) for row in chosen],
        }
        for key, told in pairs.items():
            known = [(part, whole) for part, whole in told if part is not None and whole is not None]
            if known:
                yield Rate(unit, scope, key, sum(p for p, _w in known), sum(w for _p, w in known))


def _on_time(row: DossierCount) -> int | None:
    if row.on_time_or_early is not None:
        return row.on_time_or_early
    if row.resolved_early is None or row.resolved_on_time is None:
        return None
    return row.resolved_early + row.resolved_on_time


def _satisfaction_rates(year: AssessmentYear, units: Iterable[int]) -> Iterable[Rate]:
    rows = _in_year(Satisfaction.objects.in_work(), year, units)
    for row in rows:
        if row.satisfied is not None and row.respondents is not None:
            yield Rate(row.unit_id, row.scope, "satisfied", row.satisfied, row.respondents)


def _of_times(year: AssessmentYear) -> list[Oddity]:
    """Return late entry, from when self-scores were given; nothing where the year has no deadline. Two queries."""
    deadline = year.deadlines.filter(stage=AssessmentYear.Stage.SELF_SCORING).first()
    if deadline is None:
        return []
    given = Judgement.objects.filter(
        score__sheet__assessment_year=year, stage=Judgement.Stage.SELF
    ).order_by()
    times = given.values_list("score__sheet__unit", "score__criterion").annotate(Min("at"), Max("at"))
    entries = [Entry(unit, str(leaf), first, last) for unit, leaf, first, last in times]
    return oddities.late_entry(entries, deadline.at)


def _proofs(year: AssessmentYear) -> list[Proof]:
    rows = Evidence.objects.filter(score__sheet__assessment_year=year, removed_at=None).exclude(sha256="")
    columns = ("score__sheet__unit", "score__criterion", "sha256", "title")
    return [Proof(unit, str(leaf), digest, title) for unit, leaf, digest, title in rows.values_list(*columns)]
