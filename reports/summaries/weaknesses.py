"""Where do the units of a group lose points together, and who regained them? From published points alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from reports.analytics.losses import Cell, Weakness, weaknesses
from reports.models import AssessmentYear, Criterion, PointsState, Publication, PublishedScore
from reports.scoring import round_half_up


@dataclass(frozen=True)
class ComponentWeakness:
    """A component with what is lost there."""

    criterion: Criterion
    area: Criterion
    figures: Weakness

    @property
    def mean(self) -> Decimal:
        """Return what a unit that loses loses on average, to two decimals."""
        return round_half_up(self.figures.mean, 2)

    @property
    def share(self) -> Decimal:
        """Return which share of the units loses, in percent."""
        return round_half_up(100 * self.figures.share, 1)


@dataclass(frozen=True)
class Weaknesses:
    """The components of a publication on which anybody lost, and the publication before, if any is compared."""

    publication: Publication
    before: Publication | None
    components: tuple[ComponentWeakness, ...]
    units: int
    lost: Decimal


def weaknesses_of(year: AssessmentYear) -> Weaknesses | None:
    """Return where a public year's units lost points; None where no components are published. Four queries."""
    publication = year.current_publication
    if publication is None:
        return None
    rows = _rows(publication)
    if not rows:
        return None
    nodes = {node.pk: node for node in Criterion.objects.filter(criteria_set=publication.criteria_set_id)}
    before = publication.compared_with
    earlier = _lost_before(before, publication) if before else {}
    is_same_set = before is not None and before.criteria_set_id == publication.criteria_set_id
    came_from = {pk: pk if is_same_set else node.previous_id or 0 for pk, node in nodes.items()}
    cells = [
        Cell(
            str(criterion),
            unit,
            maximum - points,
            earlier.get((unit, came_from.get(criterion, 0), maximum)),
        )
        for unit, criterion, points, maximum in rows
        if criterion in nodes and not nodes[criterion].adjustment
    ]
    found = weaknesses(cells)
    return Weaknesses(
        publication,
        before,
        tuple(_component(one, nodes) for one in found),
        len({cell.unit for cell in cells}),
        sum((one.total for one in found), Decimal(0)),
    )


def _rows(publication: Publication) -> list[tuple[int, int, Decimal, Decimal]]:
    scores = PublishedScore.objects.filter(
        publication=publication, state=PointsState.VALUE, max_points__isnull=False
    )
    return list(scores.values_list("unit", "criterion", "points", "max_points"))  # type: ignore[arg-type]


def _lost_before(before: Publication, now: Publication) -> Mapping[tuple[int, int, Decimal], Decimal]:
    """Return what was lost before, by unit, component and maximum: another maximum is another scale."""
    return {
        (unit, criterion, maximum): maximum - points for unit, criterion, points, maximum in _rows(before)
    }


def _component(one: Weakness, nodes: Mapping[int, Criterion]) -> ComponentWeakness:
    criterion = nodes[int(one.component)]
    area = criterion
    while area.parent_id is not None:
        area = nodes[area.parent_id]
    return ComponentWeakness(criterion, area, one)
