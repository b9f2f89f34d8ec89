"""Changes of state. Publishing is the only door to published rows: it writes them once, in bulk.

`bulk_create` does not call `Immutable.save`, which exists to refuse a second write of a row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from districts.models import Succession, Unit, UnitVersion

from . import ranking, scoring
from .models import (
    AssessmentYear,
    Criterion,
    OfficialResult,
    PointsState,
    Publication,
    PublishedScope,
    PublishedScore,
    Quality,
    ScopeKind,
    Score,
    ScoreOrigin,
    ScoreSheet,
    Source,
    Standing,
)
from .rules import NotApplicable
from .scoring import Band, Gap, Leaf, Part, RankOn, Result, RoundAt, Rules, State

ScopeKey = tuple[str, str]
TOTAL: ScopeKey = (ScopeKind.TOTAL, "total")
TITLES = {
    TOTAL: "Tổng điểm",
    (ScopeKind.PART, Part.APPRAISED): "Điểm thẩm định",
    (ScopeKind.PART, Part.SURVEY): "Điểm điều tra xã hội học",
}
# The same unit under another name, type or code: its results go on.
SAME_UNIT = (Succession.Kind.CONTINUES, Succession.Kind.RENAME, Succession.Kind.RECLASSIFY)


@dataclass(frozen=True)
class Entry:
    """A unit of the roster with its figures in every scope, and the leaves they were made of."""

    unit: Unit
    figures: Mapping[ScopeKey, Result]
    grade: str = ""
    leaves: Mapping[int, Leaf] | None = None


@dataclass(frozen=True)
class ScopeOutline:
    """What units are compared by; `previous_key` is the same thing in the publication before, if any."""

    key: ScopeKey
    title: str
    maximum: Decimal | None
    previous_key: ScopeKey | None


@dataclass(frozen=True)
class Before:
    """The publication a year is compared with, and what happened to units since."""

    publication: Publication
    positions: Mapping[ScopeKey, Mapping[int, ranking.Position]]
    ranked_counts: Mapping[ScopeKey, int]
    reshaped: frozenset[int]
    formerly: Mapping[int, int]

    def has_other_criteria(self, publication: Publication) -> bool:
        return self.publication.criteria_set_id != publication.criteria_set_id

    def ranked_count(self, scope: ScopeOutline) -> int | None:
        return self.ranked_counts.get(scope.previous_key) if scope.previous_key else None

    def position(self, scope: ScopeOutline, unit_id: int) -> ranking.Position | None:
        known = self.positions.get(scope.previous_key, {}) if scope.previous_key else {}
        return known.get(unit_id) or known.get(self.formerly.get(unit_id, unit_id))


@transaction.atomic
def publish(
    assessment_year: AssessmentYear,
    *,
    published_at: dt.datetime,
    decision_number: str = "",
    decided_on: dt.date | None = None,
    reason: str = "",
    source: Source | None = None,
) -> Publication:
    """Publish a year's results as they stand now and make them the current ones.

    A year already published gets a next version, a correction, which must give its reason; the earlier
    version stays. Movement is computed against the current publication of the year before, of the same
    organiser and group. Reads take a constant number of queries. Raises ValidationError where there is
    nothing to publish, or what there is cannot be ranked.
    """
    year = _locked(assessment_year)
    version = (year.publications.aggregate(last=Max("version"))["last"] or 0) + 1
    if version > 1 and not reason:
        raise ValidationError(_("Bản đính chính phải nêu lý do."))
    before = _before(year)
    scopes, entries = _scored(year, before) if year.basis == year.Basis.SCORED else _totals(year)
    publication = Publication.objects.create(
        assessment_year=year,
        version=version,
        decision_number=decision_number,
        decided_on=decided_on,
        published_at=published_at,
        reason=reason,
        source=source,
        criteria_set=year.criteria_set,
        compared_with=before.publication if before else None,
        roster_size=len(entries),
        **{name: getattr(year, name) for name in COPIED_RULES},
    )
    names = _names_on(timezone.localdate(published_at), entries)
    _store_standings(publication, scopes, entries, before, names)
    _store_scores(publication, entries)
    year.current_publication, year.stage = publication, AssessmentYear.Stage.PUBLISHED
    year.save(update_fields=["current_publication", "stage"])
    assessment_year.refresh_from_db(fields=["current_publication", "stage"])
    return publication


COPIED_RULES = ("ranking_rule", "rank_on", "round_at", "digits", "is_rescaled", "grade_bands")


def declared_rules(year: AssessmentYear | Publication) -> Rules:
    """Return the rules of a year, or those a publication was made by, as `scoring` takes them."""
    return Rules(
        round_at=RoundAt(year.round_at),
        digits=year.digits,
        rank_on=RankOn(year.rank_on),
        is_rescaled=year.is_rescaled,
        bands=tuple(Band(band["name"], Decimal(band["from"])) for band in year.grade_bands),
    )


def _locked(year: AssessmentYear) -> AssessmentYear:
    # Only the year's own row: PostgreSQL refuses to lock the nullable side of a join.
    rows = AssessmentYear.objects.select_for_update(of=("self",))
    return rows.select_related("organiser", "group", "criteria_set").get(pk=year.pk)


def _scored(year: AssessmentYear, before: Before | None) -> tuple[list[ScopeOutline], list[Entry]]:
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
    scores = {(s.sheet_id, s.criterion_id): s for s in Score.objects.filter(sheet__assessment_year=year)}
    rules = declared_rules(year)
    entries = [
        _entry(
            sheet,
            {leaf.pk: _leaf(leaf, areas[leaf.pk], scores.get((sheet.pk, leaf.pk))) for leaf in leaves},
            rules,
        )
        for sheet in sheets
    ]
    blank = [_leaf(leaf, areas[leaf.pk], None) for leaf in leaves]
    return _outlines(blank, list(areas.values()), year, before), entries


def _area(leaf: Criterion, nodes: Mapping[int, Criterion]) -> Criterion:
    node = leaf
    while node.parent_id is not None:
        node = nodes[node.parent_id]
    return node


def _leaf(criterion: Criterion, area: Criterion, score: Score | None) -> Leaf:
    if criterion.origin == ScoreOrigin.BOTH or criterion.max_points is None:
        # Nothing declares how such a leaf's maximum divides between the parts.
        raise ValidationError(
            _("Tiêu chí %(code)s chưa khai điểm tối đa của từng phần.") % {"code": criterion.code}
        )
    part = Part(criterion.origin)
    state = getattr(score, f"{part}_state") if score else PointsState.NOT_ENTERED
    return Leaf(
        key=criterion.code,
        area=area.code,
        part=part,
        maximum=criterion.max_points,
        state=State(state),
        points=getattr(score, f"{part}_points") if score else None,
        not_applicable=NotApplicable(criterion.rule.get("not_applicable", NotApplicable.LEAVES_MAXIMUM)),
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
    for part in Part:
        maxima[ScopeKind.PART, part] = _maximum(leaf for leaf in leaves if leaf.part == part)
    for leaf in leaves:
        key = (ScopeKind.AREA, leaf.area)
        maxima[key] = maxima.get(key, Decimal(0)) + leaf.maximum
    titles: dict[ScopeKey, str] = {**TITLES, **{(ScopeKind.AREA, a.code): a.title for a in areas}}
    is_same_set = before is not None and before.publication.criteria_set_id == year.criteria_set_id
    earlier: dict[ScopeKey, ScopeKey | None] = {
        (ScopeKind.AREA, a.code): (ScopeKind.AREA, a.previous.code) if a.previous else None
        for a in areas
        if not is_same_set
    }
    maxima = {TOTAL: _maximum(leaves), **{key: value for key, value in maxima.items() if value}}
    return [ScopeOutline(key, titles[key], value, earlier.get(key, key)) for key, value in maxima.items()]


def _maximum(leaves: Iterable[Leaf]) -> Decimal:
    return sum((leaf.maximum for leaf in leaves), Decimal(0))


def _totals(year: AssessmentYear) -> tuple[list[ScopeOutline], list[Entry]]:
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


def _before(year: AssessmentYear) -> Before | None:
    earlier = (
        AssessmentYear.objects.filter(organiser=year.organiser, group=year.group, year=year.year - 1)
        .select_related("current_publication")
        .first()
    )
    if earlier is None or earlier.current_publication is None:
        return None
    previous = earlier.current_publication
    positions: dict[ScopeKey, dict[int, ranking.Position]] = {}
    counts: dict[ScopeKey, int] = {}
    for row in Standing.objects.filter(scope__publication=previous).select_related("scope"):
        key = (row.scope.kind, row.scope.key)
        counts[key] = row.scope.ranked_count
        positions.setdefault(key, {})[row.unit_id] = ranking.Position(row.points, row.max_points, row.rank)
    reshaped, formerly = _changes_between(earlier.year, year)
    return Before(previous, positions, counts, reshaped, formerly)


def _changes_between(earlier: int, year: AssessmentYear) -> tuple[frozenset[int], dict[int, int]]:
    """Return the units whose territory changed, and successor → predecessor where a unit only got a new code.

    A change during the earlier year counts: that year's figures were made of both shapes. A change on its
    first day does not.
    """
    here = year.sheets.values("unit")
    edges = Succession.objects.filter(
        Q(successor__in=here) | Q(predecessor__in=here),
        effective_on__gt=dt.date(earlier, 1, 1),
        effective_on__lte=dt.date(year.year, 12, 31),
        successor__isnull=False,
    )
    reshaped: set[int] = set()
    formerly: dict[int, int] = {}
    for predecessor, successor, kind in edges.values_list("predecessor", "successor", "kind"):
        if kind in SAME_UNIT:
            formerly[successor] = predecessor
        else:
            reshaped |= {predecessor, successor}
    return frozenset(reshaped), formerly


def _names_on(day: dt.date, entries: list[Entry]) -> dict[int, str]:
    """Return what each unit was called on a day; a unit that had ended keeps its last name."""
    names = {entry.unit.pk: entry.unit.full_name for entry in entries}
    for version in UnitVersion.objects.filter(unit__in=list(names)):
        if version.is_valid_on(day):
            names[version.unit_id] = version.full_name
    return names


def _store_standings(
    publication: Publication,
    scopes: list[ScopeOutline],
    entries: list[Entry],
    before: Before | None,
    names: Mapping[int, str],
) -> None:
    rank_on, rule = RankOn(publication.rank_on), ranking.RankingRule(publication.ranking_rule)
    places = {
        scope.key: ranking.places({e.unit.pk: e.figures[scope.key].compared(rank_on) for e in entries}, rule)
        for scope in scopes
    }
    rows = PublishedScope.objects.bulk_create(
        _scope_row(publication, order, scope, [e.figures[scope.key].points for e in entries])
        for order, scope in enumerate(scopes)
    )
    Standing.objects.bulk_create(
        _standing(row, scope, entry, places[scope.key][entry.unit.pk], before, names)
        for row, scope in zip(rows, scopes, strict=True)
        for entry in entries
    )


def _scope_row(
    publication: Publication, order: int, scope: ScopeOutline, points: list[Decimal | None]
) -> PublishedScope:
    # The mean of the printed points: what a reader can check.
    spread = ranking.spread(points)
    kind, key = scope.key
    return PublishedScope(
        publication=publication,
        kind=kind,
        key=key,
        title=scope.title,
        order=order,
        max_points=scope.maximum,
        ranked_count=spread.count if spread else 0,
        mean=scoring.round_half_up(spread.mean, publication.digits) if spread else None,
        best=spread.best if spread else None,
        lowest=spread.lowest if spread else None,
    )


def _standing(
    row: PublishedScope,
    scope: ScopeOutline,
    entry: Entry,
    place: ranking.Place,
    before: Before | None,
    names: Mapping[int, str],
) -> Standing:
    figure = entry.figures[scope.key]
    moved = _movement(scope, entry, place, before)
    compared = before if moved.reason is None else None
    return Standing(
        scope=row,
        unit=entry.unit,
        unit_name=names[entry.unit.pk],
        points=figure.points,
        max_points=figure.maximum,
        rank=place.rank,
        is_tied=place.is_tied,
        unranked=figure.gap or "",
        grade=entry.grade if scope.key == TOTAL else "",
        points_change=moved.points,
        rank_change=moved.places,
        no_movement=moved.reason or "",
        criteria_changed=compared is not None and compared.has_other_criteria(row.publication),
        roster_changed=compared is not None and compared.ranked_count(scope) != row.ranked_count,
    )


def _movement(
    scope: ScopeOutline, entry: Entry, place: ranking.Place, before: Before | None
) -> ranking.Movement:
    figure = entry.figures[scope.key]
    now = ranking.Position(figure.points, figure.maximum, place.rank)
    if before is None:
        return ranking.movement(now, None)
    earlier = before.position(scope, entry.unit.pk)
    return ranking.movement(now, earlier, is_merged=entry.unit.pk in before.reshaped)


def _store_scores(publication: Publication, entries: list[Entry]) -> None:
    PublishedScore.objects.bulk_create(
        PublishedScore(
            publication=publication,
            unit=entry.unit,
            criterion_id=criterion_id,
            state=leaf.state,
            points=leaf.points,
            max_points=None if leaf.leaves_maximum else leaf.maximum,
        )
        for entry in entries
        for criterion_id, leaf in (entry.leaves or {}).items()
    )
