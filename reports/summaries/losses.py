"""Where did a unit lose points, who else did, and what did its remedies bring at the next publication?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from districts.models import Unit
from reports.models import (
    AssessmentYear,
    Criterion,
    PointsState,
    Publication,
    PublishedScore,
    RemediationTask,
)
from reports.scoring import round_half_up


@dataclass(frozen=True)
class Loss:
    """A component on which a unit has less than its maximum; a penalty loses what it takes off.

    `losing` of `counted` units with points there lost something too; `mean_lost` is over all of those, unrounded to two
    decimals only for reading.
    """

    criterion: Criterion
    area: Criterion
    points: Decimal
    maximum: Decimal
    lost: Decimal
    losing: int
    counted: int
    mean_lost: Decimal
    tasks: tuple[RemediationTask, ...] = ()


@dataclass(frozen=True)
class Gain:
    """A component's points at the publication a task was made from, and at the next one that has it.

    Where the maxima differ the points are not comparable: `change` is then None and the shares of the maximum speak.
    """

    publication: Publication
    before: Decimal | None
    before_max: Decimal | None
    after: Decimal | None
    after_max: Decimal | None

    @property
    def change(self) -> Decimal | None:
        if self.before is None or self.after is None or self.before_max != self.after_max:
            return None
        return self.after - self.before

    @property
    def shares(self) -> tuple[Decimal, Decimal] | None:
        """Return both shares of the maximum in percent, None where one is not known."""
        if self.before is None or self.after is None or not self.before_max or not self.after_max:
            return None
        return 100 * self.before / self.before_max, 100 * self.after / self.after_max


def publications_of(unit: Unit) -> list[Publication]:
    """Return the current publications that have points of a unit's components, the newest year first; one query."""
    years = AssessmentYear.objects.filter(current_publication__isnull=False)
    current = Publication.objects.filter(pk__in=years.values("current_publication"))
    with_unit = current.filter(pk__in=PublishedScore.objects.filter(unit=unit).values("publication"))
    related = with_unit.select_related("assessment_year__organiser", "assessment_year__group")
    return list(related.order_by("-assessment_year__year", "assessment_year__group__order"))


def losses_of(unit: Unit, publication: Publication) -> list[Loss]:
    """Return where a unit lost points in a publication, the most first; four queries, whatever the size."""
    lost = _lost_by_criterion(publication)
    nodes = {node.pk: node for node in Criterion.objects.filter(criteria_set=publication.criteria_set_id)}
    tasks: dict[int, list[RemediationTask]] = defaultdict(list)
    for task in RemediationTask.objects.filter(unit=unit, publication=publication).order_by("pk"):
        tasks[task.criterion_id].append(task)
    own = PublishedScore.objects.filter(publication=publication, unit=unit, state=PointsState.VALUE)
    found = [
        _loss(row, nodes, lost[row.criterion_id], tuple(tasks[row.criterion_id]))
        for row in own
        if row.criterion_id in nodes
    ]
    return sorted(
        (loss for loss in found if loss is not None), key=lambda loss: (-loss.lost, loss.criterion.order)
    )


def gains_of(tasks: Iterable[RemediationTask]) -> dict[int, Gain]:
    """Return what each task's component shows at the next publication, by task; tasks without one are left out.

    Next is the year after, of the same organiser and group. A component of a changed criteria set is followed by
    `previous`. Three queries.
    """
    wanted = list(tasks)
    origin = {task.publication_id: task.publication for task in wanted}
    following = _following(origin.values())
    published = PublishedScore.objects.filter(
        publication__in={*origin, *(found.pk for found in following.values())},
        unit__in={task.unit_id for task in wanted},
    ).select_related("criterion")
    rows = {(row.publication_id, row.unit_id, row.criterion_id): row for row in published}
    successors = {
        (row.publication_id, row.unit_id, row.criterion.previous_id): row
        for row in rows.values()
        if row.criterion.previous_id
    }
    gains = {}
    for task in wanted:
        later = following.get(task.publication_id)
        key = (later.pk, task.unit_id, task.criterion_id) if later else None
        after = key and (rows.get(key) or successors.get(key))
        if later and after:
            before = rows.get((task.publication_id, task.unit_id, task.criterion_id))
            gains[task.pk] = Gain(
                later,
                before.points if before else None,
                before.max_points if before else None,
                after.points,
                after.max_points,
            )
    return gains


def _following(publications: Iterable[Publication]) -> dict[int, Publication]:
    """Return the current publication of the year after each, by the earlier one's key; one query."""
    wanted = {one.pk: one.assessment_year for one in publications}
    years = AssessmentYear.objects.filter(
        organiser__in={year.organiser_id for year in wanted.values()}, current_publication__isnull=False
    ).select_related("current_publication__assessment_year")
    current = {(year.organiser_id, year.group_id, year.year): year.current_publication for year in years}
    found = {
        pk: current.get((year.organiser_id, year.group_id, year.year + 1)) for pk, year in wanted.items()
    }
    return {pk: publication for pk, publication in found.items() if publication is not None}


def _lost_by_criterion(publication: Publication) -> Mapping[int, list[Decimal]]:
    """Return what each unit with points lost, by component: zeros included."""
    rows = PublishedScore.objects.filter(publication=publication, state=PointsState.VALUE)
    rules = dict(
        Criterion.objects.filter(criteria_set=publication.criteria_set_id).values_list("pk", "rule__kind")
    )
    lost: dict[int, list[Decimal]] = defaultdict(list)
    for criterion_id, points, maximum in rows.values_list("criterion_id", "points", "max_points"):
        amount = _amount(rules.get(criterion_id), points, maximum)
        if amount is not None:
            lost[criterion_id].append(amount)
    return lost


def _amount(kind: str | None, points: Decimal | None, maximum: Decimal | None) -> Decimal | None:
    if points is None or kind == "bonus":
        return None
    if kind == "penalty":
        return points
    return None if maximum is None else maximum - points


def _loss(
    row: PublishedScore,
    nodes: Mapping[int, Criterion],
    everybody: list[Decimal],
    tasks: tuple[RemediationTask, ...],
) -> Loss | None:
    criterion = nodes[row.criterion_id]
    lost = _amount(criterion.adjustment or None, row.points, row.max_points)
    if row.points is None or lost is None or lost <= 0:
        return None
    mean = sum((Fraction(one) for one in everybody), Fraction(0)) / len(everybody)
    area = criterion
    while area.parent_id is not None:
        area = nodes[area.parent_id]
    return Loss(
        criterion=criterion,
        area=area,
        points=row.points,
        maximum=criterion.max_points if row.max_points is None else row.max_points,  # type: ignore[arg-type]
        lost=lost,
        losing=sum(one > 0 for one in everybody),
        counted=len(everybody),
        mean_lost=round_half_up(mean, 2),
        tasks=tasks,
    )
