"""Do the stored results still follow from the stored points, by the rules that were copied in when published?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from reports import ranking, scoring
from reports.models import Criterion, Publication, PublishedScope, ScopeKind, Standing, Unranked
from reports.ranking import RankingRule
from reports.roster import ADJUSTED, TOTAL, declared_rules
from reports.scoring import RankOn, Result, Rules, SheetResult
from reports.tally import Counted, tally

from .what_if import published_leaves

NO_FIGURE = Result()


def contradictions() -> Iterator[str]:
    """Yield what is stored and cannot be had again, of all publications: one sentence each."""
    publications = Publication.objects.select_related("assessment_year__organiser", "criteria_set")
    for publication in publications.order_by("pk"):
        label = f"{publication.assessment_year}, bản {publication.version}"
        yield from (f"{label}: {text}" for text in _of(publication))


def _of(publication: Publication) -> Iterator[str]:
    rules = declared_rules(publication)
    try:
        made = _made_again(publication, rules)
    except (ValueError, KeyError) as error:
        yield f"điểm thành phần không dùng được ({error})"
        return
    rows: defaultdict[PublishedScope, list[Standing]] = defaultdict(list)
    for row in Standing.objects.filter(scope__publication=publication).select_related("scope").order_by("pk"):
        rows[row.scope].append(row)
    for scope, standings in rows.items():
        figures = {row.unit_id: _figure(made.get(row.unit_id), row) for row in standings} if made else {}
        yield from _of_scope(publication, rules, scope, standings, figures)
        yield from _of_spread(publication, scope, standings)
    in_total = (standings for scope, standings in rows.items() if scope.kind == ScopeKind.TOTAL)
    yield from _of_tally(publication, next(in_total, []))
    for unit in made.keys() - {row.unit_id for standings in rows.values() for row in standings}:
        yield f"đơn vị số {unit} có điểm thành phần mà không có kết quả"


def _made_again(publication: Publication, rules: Rules) -> dict[int, SheetResult]:
    """Return each unit's figures from its published points; nothing where a year is known by its totals only."""
    if publication.criteria_set_id is None:
        return {}
    nodes = {node.pk: node for node in Criterion.objects.filter(criteria_set=publication.criteria_set_id)}
    leaves = published_leaves(publication, nodes, None)
    return {unit: scoring.score_sheet(list(own.values()), rules) for unit, own in leaves.items()}


def _figure(made: SheetResult | None, row: Standing) -> Result:
    if made is None or row.unranked == Unranked.NOT_REPORTED:
        return NO_FIGURE
    if row.scope.kind == ScopeKind.TOTAL:
        return made.total
    return (made.parts if row.scope.kind == ScopeKind.PART else made.areas).get(row.scope.key, NO_FIGURE)


def _of_scope(
    publication: Publication,
    rules: Rules,
    scope: PublishedScope,
    standings: list[Standing],
    figures: dict[int, Result],
) -> Iterator[str]:
    key = (scope.kind, scope.key)
    values: dict[int, Fraction | None] = {}
    for row in standings:
        if figures:
            figure = figures[row.unit_id]
            values[row.unit_id] = figure.compared(rules.rank_on)
            if row.points != figure.points:
                yield _differs(row, "điểm", row.points, figure.points)
            grade = scoring.grade(figure, rules) if key == TOTAL and figure.points is not None else ""
            if row.grade != grade:
                yield _differs(row, "xếp loại", row.grade, grade)
        else:
            values[row.unit_id] = None if row.points is None else Fraction(row.points)
    if not figures and rules.rank_on == RankOn.UNROUNDED:
        return  # what ranked is not stored where only totals are known
    places = ranking.places(
        {unit: None if key == ADJUSTED else value for unit, value in values.items()},
        RankingRule(publication.ranking_rule),
    )
    for row in standings:
        place = places[row.unit_id]
        if (row.rank, row.is_tied) != (place.rank, place.is_tied):
            yield _differs(row, "hạng", row.rank, place.rank)


def _of_spread(publication: Publication, scope: PublishedScope, standings: list[Standing]) -> Iterator[str]:
    if (scope.kind, scope.key) == ADJUSTED:
        return
    spread = ranking.spread(row.points for row in standings)
    mean = scoring.round_half_up(spread.mean, publication.digits) if spread else None
    stored = (scope.mean, scope.best, scope.lowest)
    made: tuple[Decimal | None, ...] = (mean, spread.best, spread.lowest) if spread else (None, None, None)
    if stored != made:
        yield f"{scope.title}: trung bình, cao nhất, thấp nhất đang lưu {stored}, tính lại {made}"


def _of_tally(publication: Publication, standings: list[Standing]) -> Iterator[str]:
    made = tally(Counted("", row.points, row.rank, row.rank_change) for row in standings).stored()
    # A unit may be of another type by now.
    if publication.tally is not None and publication.tally != made | {
        "types": publication.tally.get("types")
    }:
        yield "số đơn vị có hạng, có số liệu và phân bố tổng điểm đang lưu khác với tính lại"


def _differs(row: Standing, what: str, stored: object, made: object) -> str:
    shown = ["–" if value in (None, "") else value for value in (stored, made)]
    return f"{row.unit_name}, {row.scope.title}: {what} đang lưu {shown[0]}, tính lại {shown[1]}"
