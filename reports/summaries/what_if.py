"""A published sheet to be thought further: what other points would make of a unit's total and place."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from districts.models import Organiser, Unit
from reports.analytics.what_if import Field, Outcome, Reach, outcome, smallest_set, with_points
from reports.models import (
    AssessmentYear,
    Criterion,
    PointsState,
    Publication,
    PublishedScore,
    ScopeKind,
    Standing,
)
from reports.ranking import RankingRule
from reports.roster import declared_rules
from reports.rules import NotApplicable
from reports.scoring import Adjusts, Leaf, Part, RankOn, Rules, State, score_sheet


@dataclass(frozen=True)
class Component:
    """A component that may be given other points; `is_open` tells that it applied to the unit."""

    criterion: Criterion
    area: Criterion
    leaf: Leaf

    @property
    def state_words(self) -> str:
        """Return why it has no points, "" where it has."""
        return "" if self.leaf.state == State.VALUE else str(PointsState(self.leaf.state.value).label)

    @property
    def is_open(self) -> bool:
        return self.leaf.state != State.NOT_APPLICABLE


@dataclass(frozen=True)
class Sheet:
    """A unit's sheet as it was published, with the rules and the field it was ranked in."""

    year: AssessmentYear
    publication: Publication
    unit_name: str
    components: tuple[Component, ...]
    rules: Rules
    field: Field
    published: Outcome

    @property
    def areas(self) -> list[tuple[Criterion, list[Component]]]:
        found: dict[int, tuple[Criterion, list[Component]]] = {}
        for one in self.components:
            found.setdefault(one.area.pk, (one.area, []))[1].append(one)
        return list(found.values())


@dataclass(frozen=True)
class Reached:
    """The smallest set of components that reaches a place, with what each could still gain."""

    rank: int
    components: tuple[Component, ...]
    needed: Fraction


def published_sheet(organiser: Organiser, year: int, unit: Unit) -> Sheet | None:
    """Return a unit's sheet of a year published with components, None where there is none. Four queries."""
    years = AssessmentYear.objects.filter(
        organiser=organiser, year=year, basis=AssessmentYear.Basis.SCORED, sheets__unit=unit
    ).select_related("organiser", "group", "current_publication__criteria_set")
    found = years.exclude(current_publication=None).first()
    if found is None or found.current_publication is None:
        return None
    publication = found.current_publication
    nodes = {node.pk: node for node in Criterion.objects.filter(criteria_set=publication.criteria_set_id)}
    rules = declared_rules(publication)
    standings = list(
        Standing.objects.filter(scope__publication=publication, scope__kind=ScopeKind.TOTAL).select_related(
            "scope"
        )
    )
    own = next((row for row in standings if row.unit_id == unit.pk), None)
    if own is None:
        return None
    # Where exact values rank, they must be made again: standings store what decisions print.
    everybody = rules.rank_on == RankOn.UNROUNDED
    leaves = published_leaves(publication, nodes, None if everybody else unit)
    if unit.pk not in leaves:
        return None
    values = (
        _exact(leaves, rules)
        if everybody
        else {row.unit_id: Fraction(row.points) for row in standings if row.points is not None}
    )
    field = Field(
        tuple(value for pk, value in values.items() if pk != unit.pk),
        RankingRule(publication.ranking_rule),
        publication.roster_size,
    )
    components = tuple(
        Component(nodes[pk], area_of(nodes[pk], nodes), leaf) for pk, leaf in leaves[unit.pk].items()
    )
    published = outcome([one.leaf for one in components], rules, field)
    return Sheet(found, publication, own.unit_name, components, rules, field, published)


def thought(sheet: Sheet, points: Mapping[str, Decimal]) -> Outcome:
    """Return what the sheet makes with other points, by component."""
    return outcome(with_points([one.leaf for one in sheet.components], points), sheet.rules, sheet.field)


def reached(sheet: Sheet, rank: int, points: Mapping[str, Decimal] | None = None) -> Reached | None:
    """Return the fewest components that reach a place, from the points given; None where none do."""
    leaves = with_points([one.leaf for one in sheet.components], points or {})
    found: Reach | None = smallest_set(leaves, sheet.rules, sheet.field, rank)
    if found is None:
        return None
    by_key = {
        leaf.key: Component(one.criterion, one.area, leaf)
        for one, leaf in zip(sheet.components, leaves, strict=True)
    }
    return Reached(rank, tuple(by_key[key] for key in found.keys), found.needed)


def published_leaves(
    publication: Publication, nodes: Mapping[int, Criterion], unit: Unit | None
) -> dict[int, dict[int, Leaf]]:
    """Return published leaves by unit and component, of one unit or all."""
    rows = PublishedScore.objects.filter(publication=publication).order_by("unit", "criterion__order")
    if unit is not None:
        rows = rows.filter(unit=unit)
    found: dict[int, dict[int, Leaf]] = defaultdict(dict)
    for unit_id, criterion_id, state, points in rows.values_list("unit", "criterion", "state", "points"):
        node = nodes[criterion_id]
        found[unit_id][criterion_id] = _leaf(node, area_of(node, nodes), state, points)
    return found


def _leaf(node: Criterion, area: Criterion, state: str, points: Decimal | None) -> Leaf:
    assert node.max_points is not None
    return Leaf(
        key=node.code,
        area=area.code,
        part=Part(node.origin),
        maximum=node.max_points,
        state=State(state),
        points=points,
        not_applicable=NotApplicable(node.rule.get("not_applicable", NotApplicable.LEAVES_MAXIMUM)),
        adjusts=Adjusts(node.adjustment) if node.adjustment else None,
    )


def _exact(leaves: Mapping[int, Mapping[int, Leaf]], rules: Rules) -> dict[int, Fraction]:
    values: Iterable[tuple[int, Sequence[Leaf]]] = ((pk, list(own.values())) for pk, own in leaves.items())
    totals = {pk: score_sheet(own, rules).total.compared(rules.rank_on) for pk, own in values}
    return {pk: value for pk, value in totals.items() if value is not None}


def area_of(node: Criterion, nodes: Mapping[int, Criterion]) -> Criterion:
    while node.parent_id is not None:
        node = nodes[node.parent_id]
    return node
