"""Who takes part in a year, and with which figures? From score sheets, or from the totals a document printed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from districts.models import Unit

from . import scoring
from .comparison import Before, ScopeKey, ScopeOutline
from .models import (
    AssessmentYear,
    Criterion,
    OfficialResult,
    PointsState,
    Publication,
    Quality,
    ScopeKind,
    Score,
    ScoreOrigin,
    ScoreSheet,
)
from .rules import NotApplicable
from .scoring import ADJUSTMENT, Adjusts, Band, Gap, Leaf, Part, RankOn, Result, RoundAt, Rules, State

TOTAL: ScopeKey = (ScopeKind.TOTAL, "total")
ADJUSTED: ScopeKey = (ScopeKind.PART, ADJUSTMENT)
TITLES = {
    TOTAL: "Tổng điểm",
    (ScopeKind.PART, Part.APPRAISED): "Điểm thẩm định",
    (ScopeKind.PART, Part.SURVEY): "Điểm điều tra xã hội học",
    ADJUSTED: "Điểm cộng, điểm trừ",
}


@dataclass(frozen=True)
class Entry:
    """A unit of the roster with its figures in every scope, and the leaves they were made of."""

    unit: Unit
    figures: Mapping[ScopeKey, Result]
    grade: str = ""
    leaves: Mapping[int, Leaf] | None = None


def declared_rules(year: AssessmentYear | Publication) -> Rules:
    """Return the rules of a year, or those a publication was made by, as `scoring` takes them."""
    criteria_set = year.criteria_set
    return Rules(
        round_at=RoundAt(year.round_at),
        digits=year.digits,
        rank_on=RankOn(year.rank_on),
        is_rescaled=year.is_rescaled,
        bands=tuple(Band(band["name"], Decimal(band["from"])) for band in year.grade_bands),
        bonus_max=criteria_set.bonus_max if criteria_set else None,
        penalty_max=criteria_set.penalty_max if criteria_set else None,
    )


def scored(year: AssessmentYear, before: Before | None) -> tuple[list[ScopeOutline], list[Entry]]:
    """Return scopes and entries from the sheets of a year."""
    if year.criteria_set_id is None:
        raise ValidationError(_("Năm đánh giá chưa có bộ tiêu chí."))
    sheets = list(year.sheets.select_related("unit").order_by("unit__sort_key", "unit__code"))
    if not sheets:
        raise ValidationError(_("Chưa có phiếu chấm điểm nào để công bố."))
    criteria = Criterion.objects.filter(criteria_set=year.criteria_set_id).select_related("previous")
    nodes = {node.pk: node for node in criteria.order_by("order")}
    leaves = [node for node in nodes.values() if node.is_leaf]
    areas = {leaf.pk: _area(leaf, nodes) for leaf in leaves}
    given = _given(year)
    rules = declared_rules(year)
    entries = [
        _entry(
            sheet,
            {leaf.pk: _leaf(leaf, areas[leaf.pk], given.get((sheet.pk, leaf.pk))) for leaf in leaves},
            rules,
        )
        for sheet in sheets
    ]
    blank = [_leaf(leaf, areas[leaf.pk], None) for leaf in leaves]
    return _outlines(blank, list(areas.values()), year, before), entries


def _given(year: AssessmentYear) -> dict[tuple[int, int], dict[Part, tuple[str, Decimal | None]]]:
    """Return by sheet and criterion what stands in each part: state and points."""
    columns = ("sheet", "criterion", "appraised_state", "appraised_points", "survey_state", "survey_points")
    return {
        (sheet, criterion): {Part.APPRAISED: tuple(of_parts[:2]), Part.SURVEY: tuple(of_parts[2:])}
        for sheet, criterion, *of_parts in Score.objects.filter(sheet__assessment_year=year).values_list(
            *columns
        )
    }


def _area(leaf: Criterion, nodes: Mapping[int, Criterion]) -> Criterion:
    node = leaf
    while node.parent_id is not None:
        node = nodes[node.parent_id]
    return node


def _leaf(
    criterion: Criterion, area: Criterion, given: Mapping[Part, tuple[str, Decimal | None]] | None
) -> Leaf:
    if criterion.origin == ScoreOrigin.BOTH or criterion.max_points is None:
        # Nothing declares how such a leaf's maximum divides between the parts.
        raise ValidationError(
            _("Tiêu chí %(code)s chưa khai điểm tối đa của từng phần.") % {"code": criterion.code}
        )
    part = Part(criterion.origin)
    state, points = given[part] if given else (PointsState.NOT_ENTERED, None)
    return Leaf(
        key=criterion.code,
        area=area.code,
        part=part,
        maximum=criterion.max_points,
        state=State(state),
        points=points,
        not_applicable=NotApplicable(criterion.rule.get("not_applicable", NotApplicable.LEAVES_MAXIMUM)),
        adjusts=Adjusts(criterion.adjustment) if criterion.adjustment else None,
    )


def _entry(sheet: ScoreSheet, leaves: Mapping[int, Leaf], rules: Rules) -> Entry:
    result = scoring.score_sheet(list(leaves.values()), rules)
    figures: dict[ScopeKey, Result] = {
        TOTAL: result.total,
        **{(ScopeKind.PART, key): figure for key, figure in result.parts.items()},
        **{(ScopeKind.AREA, key): figure for key, figure in result.areas.items()},
    }
    if sheet.status == ScoreSheet.Status.NOT_REPORTED:
        silent = {key: Result(gap=Gap.NOT_REPORTED) for key in figures}
        return Entry(sheet.unit, silent, leaves=leaves)
    return Entry(sheet.unit, figures, result.grade, leaves)


def _outlines(
    leaves: list[Leaf], areas: list[Criterion], year: AssessmentYear, before: Before | None
) -> list[ScopeOutline]:
    maxima: dict[ScopeKey, Decimal] = {}
    scale = [leaf for leaf in leaves if not leaf.adjusts]
    for part in Part:
        maxima[ScopeKind.PART, part] = _maximum(leaf for leaf in scale if leaf.part == part)
    for leaf in scale:
        key = (ScopeKind.AREA, leaf.area)
        maxima[key] = maxima.get(key, Decimal(0)) + leaf.maximum
    titles: dict[ScopeKey, str] = {**TITLES, **{(ScopeKind.AREA, a.code): a.title for a in areas}}
    is_same_set = before is not None and before.publication.criteria_set_id == year.criteria_set_id
    earlier: dict[ScopeKey, ScopeKey | None] = {
        (ScopeKind.AREA, a.code): (ScopeKind.AREA, a.previous.code) if a.previous else None
        for a in areas
        if not is_same_set
    }
    maxima = {TOTAL: _maximum(scale), **{key: value for key, value in maxima.items() if value}}
    outlines = [ScopeOutline(key, titles[key], value, earlier.get(key, key)) for key, value in maxima.items()]
    if len(scale) == len(leaves):
        return outlines
    # Behind the parts, so that what makes the total stands together.
    place = sum(key[0] != ScopeKind.AREA for key in maxima)
    adjusted = ScopeOutline(ADJUSTED, TITLES[ADJUSTED], None, ADJUSTED, is_ranked=False)
    return [*outlines[:place], adjusted, *outlines[place:]]


def _maximum(leaves: Iterable[Leaf]) -> Decimal:
    return sum((leaf.maximum for leaf in leaves), Decimal(0))


def totals(year: AssessmentYear) -> tuple[list[ScopeOutline], list[Entry]]:
    """Return one scope and the entries of a year known only by its totals.

    A total that is missing would put others too high, so every unit of the roster must have one.
    """
    rows = OfficialResult.objects.filter(assessment_year=year, total__isnull=False)
    stated: dict[int, OfficialResult] = {}
    for row in rows.exclude(quality=Quality.DERIVED).select_related("unit").order_by("unit__sort_key", "pk"):
        stated.setdefault(row.unit_id, row)
    if not stated or len(stated) < (year.printed_roster_size or 0):
        raise ValidationError(_("Chưa có tổng điểm của tất cả các đơn vị nên không xếp hạng được."))
    rules = declared_rules(year)
    entries = []
    for row in stated.values():
        assert row.total is not None
        points = scoring.round_half_up(row.total, year.digits)
        figure = Result(points, Fraction(row.total), row.total_max)
        # Bands are shares of the maximum; a decision that prints none counts out of 100.
        graded = replace(figure, maximum=row.total_max or Decimal(100))
        entries.append(Entry(row.unit, {TOTAL: figure}, scoring.grade(graded, rules)))
    maxima = {entry.figures[TOTAL].maximum for entry in entries}
    maximum = maxima.pop() if len(maxima) == 1 else None
    return [ScopeOutline(TOTAL, TITLES[TOTAL], maximum, TOTAL)], entries
