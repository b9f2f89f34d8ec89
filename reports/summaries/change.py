"""What drove the change of a unit's total against the year before: by part, area and component."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from districts.models import Organiser, Unit
from reports.analytics.change import Explanation, Piece, explain
from reports.models import Criterion, PointsState, Publication, PublishedScore, ScopeKind, Standing
from reports.scoring import ADJUSTMENT

from .results import PartResult, UnitResult
from .unit_results import results_of_unit

# Where nobody declares them, figures have as many decimals as decisions print.
USUAL_DIGITS = 2


@dataclass(frozen=True)
class ComponentChange:
    """A component in two years; `state_…` says in words why there are no points."""

    piece: Piece
    state_before: str = ""
    state_after: str = ""

    @property
    def is_new(self) -> bool:
        return self.piece.before_max is None

    @property
    def is_gone(self) -> bool:
        return self.piece.after_max is None


@dataclass(frozen=True)
class UnitChange:
    """A unit's result beside the one of the year before.

    `parts` and `areas` are None where nothing is known of them; `has_other_criteria` says that points of areas and
    components do not compare one to one.
    """

    now: UnitResult
    before: UnitResult
    total: Decimal | None
    parts: Explanation | None
    areas: Explanation | None
    components: tuple[ComponentChange, ...]
    has_other_criteria: bool

    @property
    def moved(self) -> list[ComponentChange]:
        """Return the components whose points changed, the largest change first."""
        found = [one for one in self.components if one.piece.change]
        return sorted(found, key=lambda one: -abs(one.piece.change or Decimal(0)))


def change_of_unit(organiser: Organiser, year: int, unit: Unit) -> UnitChange | None:
    """Return what changed against the year before; None where one of both years has no result. Six queries at most.

    Of a unit that was merged in between nothing is compared: its result says so.
    """
    results = {r.year.year: r for r in results_of_unit(unit, organiser)}
    now, before = results.get(year), results.get(year - 1)
    if now is None or before is None or now.no_movement:
        return None
    total = _difference(before, now)
    old, new = before.publication, now.publication
    has_other = before.year.criteria_set_id != now.year.criteria_set_id
    digits = new.digits if new else USUAL_DIGITS
    parts = _parts(before, now)
    # Bonuses and penalties are in no area, and move the total.
    areas = [*_areas(old, new, unit), *(p for p in parts if p.key == ADJUSTMENT)] if old and new else []
    return UnitChange(
        now,
        before,
        total,
        explain(parts, total, digits) if parts and total is not None else None,
        explain(areas, total, digits) if areas and total is not None else None,
        tuple(_components(old, new, unit)) if old and new else (),
        has_other,
    )


def _difference(before: UnitResult, now: UnitResult) -> Decimal | None:
    if now.points_change is not None:
        return Decimal(now.points_change.value)
    if before.total is None or now.total is None or before.total.is_bound or now.total.is_bound:
        return None
    return Decimal(now.total.value) - Decimal(before.total.value)


def _parts(before: UnitResult, now: UnitResult) -> list[Piece]:
    """Return the parts of both years; nothing where none is known in both."""
    keys = {part.key: part.title for part in (*before.parts, *now.parts)}
    found = [
        Piece(key, title, *_known(key, before.part(key)), *_known(key, now.part(key)))
        for key, title in keys.items()
    ]
    return found if any(piece.change is not None for piece in found) else []


def _known(key: str, part: PartResult | None) -> tuple[Decimal | None, Decimal | None]:
    if key == ADJUSTMENT:
        # Where nothing was declared, nothing moved the total.
        return (Decimal(part.points.value) if part and part.points else Decimal(0)), None
    if part is None:
        return None, None
    return (Decimal(part.points.value) if part.points else None), part.maximum


def _areas(old: Publication, new: Publication, unit: Unit) -> list[Piece]:
    """Return the areas of the newer publication with what each was before, then those that are no more."""
    before, after = ({s.scope.key: s for s in _area_standings(p, unit)} for p in (old, new))
    earlier = _earlier_codes(old, new, after)
    pieces = []
    for key, standing in after.items():
        came_from = before.pop(earlier.get(key, ""), None)
        pieces.append(Piece(key, standing.scope.label, *_of(came_from), *_of(standing)))
    gone = [Piece(key, s.scope.label, *_of(s)) for key, s in before.items()]
    return [*pieces, *gone]


def _area_standings(publication: Publication, unit: Unit) -> Iterable[Standing]:
    rows = Standing.objects.filter(scope__publication=publication, scope__kind=ScopeKind.AREA, unit=unit)
    return rows.select_related("scope").order_by("scope__order")


def _of(standing: Standing | None) -> tuple[Decimal | None, Decimal | None]:
    if standing is None:
        return None, None
    return standing.points, standing.max_points or standing.scope.max_points


def _earlier_codes(old: Publication, new: Publication, areas: Iterable[str]) -> dict[str, str]:
    """Return which area of the older set each of the newer one was."""
    if old.criteria_set_id == new.criteria_set_id:
        return {code: code for code in areas}
    nodes = Criterion.objects.filter(criteria_set=new.criteria_set_id, parent=None, previous__isnull=False)
    return dict(nodes.values_list("code", "previous__code"))


def _components(old: Publication, new: Publication, unit: Unit) -> Iterable[ComponentChange]:
    rows = PublishedScore.objects.filter(publication__in=[old, new], unit=unit).select_related("criterion")
    before = {row.criterion_id: row for row in rows if row.publication_id == old.pk}
    after = [row for row in rows if row.publication_id == new.pk]
    for row in sorted(after, key=lambda one: one.criterion.order):
        came_from = before.pop(row.criterion_id, None) or before.pop(row.criterion.previous_id or 0, None)
        yield _component(came_from, row)
    for gone in sorted(before.values(), key=lambda one: one.criterion.order):
        yield _component(gone, None)


def _component(before: PublishedScore | None, after: PublishedScore | None) -> ComponentChange:
    criterion = (after or before).criterion  # type: ignore[union-attr]
    return ComponentChange(
        Piece(criterion.code, criterion.title, *_score(before), *_score(after)), _words(before), _words(after)
    )


def _score(row: PublishedScore | None) -> tuple[Decimal | None, Decimal | None]:
    if row is None:
        return None, None
    sign = -1 if row.criterion.adjustment == "penalty" else 1
    maximum = row.max_points if row.max_points is not None else row.criterion.max_points
    return (None if row.points is None else sign * row.points), maximum


def _words(row: PublishedScore | None) -> str:
    if row is None or row.state == PointsState.VALUE:
        return ""
    return str(PointsState(row.state).label)
