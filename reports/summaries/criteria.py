"""What does a criteria set say? Its tree with the rules in words, and what it took over from the one before."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, QuerySet

from reports import rule_prose
from reports.models import AssessmentYear, CriteriaSet, Criterion, ScoreOrigin
from reports.models.criteria import ADJUSTMENTS
from reports.rules import parse


@dataclass(frozen=True)
class Row:
    """A node below an area; a leaf has its rule in words, where the set has one."""

    criterion: Criterion
    sentences: tuple[str, ...] = ()
    not_applicable: str = ""
    zero_denominator: str = ""

    @property
    def is_new(self) -> bool:
        return self.criterion.previous is None

    @property
    def has_new_maximum(self) -> bool:
        previous = self.criterion.previous
        return previous is not None and previous.max_points != self.criterion.max_points


@dataclass(frozen=True)
class Area:
    """An area with its rows in the document's order; parts are None where a leaf's points are not known.

    `adjustments` are its bonuses and penalties, outside the scale and outside `components`.
    """

    criterion: Criterion
    rows: tuple[Row, ...]
    components: int
    appraised: Decimal | None
    survey: Decimal | None
    adjustments: int = 0

    @property
    def is_outside(self) -> bool:
        """Whether nothing of it enters the full scale."""
        return self.adjustments > 0 and not self.components


@dataclass(frozen=True)
class CriteriaPage:
    """A set, its areas, the counts to show, the years that use it, and the leaves it dropped."""

    criteria_set: CriteriaSet
    areas: tuple[Area, ...]
    counts: dict[str, int]
    years: tuple[AssessmentYear, ...]
    dropped: tuple[Criterion, ...]
    next_versions: tuple[CriteriaSet, ...]


def listed_sets() -> QuerySet[CriteriaSet]:
    """The sets for the methodology page: real ones first; `area_count`, `component_count` of their trees."""
    return (
        CriteriaSet.objects.filter(pk__in=CriteriaSet.objects.public().values("pk"))
        .select_related("organiser")
        .annotate(
            # Without a maximum over bonuses and penalties, an area is not one of the scale.
            area_count=Count("criteria", filter=Q(criteria__depth=0))
            - Count(
                "criteria__parent",
                distinct=True,
                filter=Q(criteria__rule__kind__in=ADJUSTMENTS, criteria__parent__depth=0)
                & Q(criteria__parent__max_points__isnull=True),
            ),
            component_count=Count("criteria", filter=Q(criteria__is_leaf=True))
            - Count("criteria", filter=Q(criteria__rule__kind__in=ADJUSTMENTS)),
        )
        .order_by("is_sample", "slug")
    )


def criteria_page(criteria_set: CriteriaSet) -> CriteriaPage:
    """The page of one set, in five queries whatever its size."""
    nodes = list(criteria_set.criteria.select_related("previous").order_by("order"))
    areas = tuple(_area(area, nodes) for area in nodes if area.parent_id is None)
    return CriteriaPage(
        criteria_set=criteria_set,
        areas=areas,
        counts=criteria_set.printed_counts or _counts(nodes, areas),
        years=tuple(
            AssessmentYear.objects.filter(criteria_set=criteria_set, current_publication__isnull=False)
            .select_related("organiser", "group")
            .order_by("organiser__slug", "group__order", "year")
        ),
        dropped=_dropped(criteria_set, nodes),
        next_versions=tuple(criteria_set.next_versions.all()),
    )


def _counts(nodes: list[Criterion], areas: tuple[Area, ...]) -> dict[str, int]:
    inside = [area for area in areas if not area.is_outside]
    criteria = (row.criterion for area in inside for row in area.rows)
    return {
        "areas": len(inside),
        "criteria": sum(node.depth == 1 and not node.is_leaf for node in criteria),
        "components": sum(node.is_leaf and not node.adjustment for node in nodes),
    }


def _area(area: Criterion, nodes: list[Criterion]) -> Area:
    """Depth first, an area's nodes stand between it and the next area."""
    start = nodes.index(area) + 1
    rest = nodes[start:]
    length = next((place for place, node in enumerate(rest) if node.parent_id is None), len(rest))
    below = rest[:length]
    scored = [node for node in below if node.is_leaf]
    leaves = [node for node in scored if not node.adjustment]
    return Area(
        criterion=area,
        rows=tuple(_row(node) for node in below),
        components=len(leaves),
        appraised=_part(leaves, ScoreOrigin.APPRAISED),
        survey=_part(leaves, ScoreOrigin.SURVEY),
        adjustments=len(scored) - len(leaves),
    )


def _part(leaves: list[Criterion], origin: ScoreOrigin) -> Decimal | None:
    if any(leaf.max_points is None or leaf.origin == ScoreOrigin.BOTH for leaf in leaves):
        return None
    return sum((leaf.max_points or Decimal(0) for leaf in leaves if leaf.origin == origin), Decimal(0))


def _row(criterion: Criterion) -> Row:
    if not criterion.rule or criterion.max_points is None:
        return Row(criterion)
    rule = parse(criterion.rule, criterion.max_points)
    return Row(
        criterion,
        tuple(rule_prose.sentences(rule)),
        rule_prose.not_applicable(rule),
        rule_prose.zero_denominator(rule),
    )


def _dropped(criteria_set: CriteriaSet, nodes: list[Criterion]) -> tuple[Criterion, ...]:
    if criteria_set.previous_id is None or not nodes:
        return ()
    kept = {node.previous_id for node in nodes}
    before = Criterion.objects.filter(criteria_set=criteria_set.previous_id, is_leaf=True)
    return tuple(leaf for leaf in before.order_by("order") if leaf.pk not in kept)
