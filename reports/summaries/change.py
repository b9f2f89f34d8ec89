"""What drove the change of a unit's total against the year before: by part, area and component."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from django.db.models import F
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce

from districts.engine import Among, Keys
from districts.models import Organiser, Unit
from districts.prepared import Asked, Prepared
from reports.analytics.change import Explanation, Piece, explain
from reports.models import Criterion, PointsState, Publication, PublishedScore, ScopeKind, Standing
from reports.models.criteria import adjustment_of
from reports.scoring import ADJUSTMENT

from .contents import UNIT
from .results import PartResult, Stood, UnitResult
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
    """Return what changed against the year before; None where one of both years has no result. Four queries at most.

    Of a unit that was merged in between nothing is compared: its result says so.
    """
    results = {r.year.year: r for r in results_of_unit(unit, organiser, areas_of=(year - 1, year))}
    now, before = results.get(year), results.get(year - 1)
    if now is None or before is None or now.no_movement:
        return None
    total = _difference(before, now)
    old, new = before.publication, now.publication
    has_other = before.year.criteria_set_id != now.year.criteria_set_id
    digits = new.digits if new else USUAL_DIGITS
    parts = _parts(before, now)
    # Bonuses and penalties are in no area, and move the total.
    areas = (
        [*_areas(before, now, old, new), *(p for p in parts if p.key == ADJUSTMENT)] if old and new else []
    )
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


def _areas(before: UnitResult, now: UnitResult, old: Publication, new: Publication) -> list[Piece]:
    """Return the areas of the newer publication with what each was before, then those that are no more."""
    older, newer = (
        {s.scope.key: s for s in result.standings if s.scope.kind == ScopeKind.AREA}
        for result in (before, now)
    )
    earlier = _earlier_codes(old, new, newer)
    pieces = []
    for key, standing in newer.items():
        came_from = older.pop(earlier.get(key, ""), None)
        pieces.append(Piece(key, standing.scope.label, *_of(came_from), *_of(standing)))
    gone = [Piece(key, s.scope.label, *_of(s)) for key, s in older.items()]
    return [*pieces, *gone]


def _of(standing: Standing | Stood | None) -> tuple[Decimal | None, Decimal | None]:
    if standing is None:
        return None, None
    return standing.points, standing.max_points or standing.scope.max_points


def _earlier_codes(old: Publication, new: Publication, areas: Iterable[str]) -> dict[str, str]:
    """Return which area of the older set each of the newer one was."""
    if old.criteria_set_id == new.criteria_set_id:
        return {code: code for code in areas}
    nodes = Criterion.objects.filter(criteria_set=new.criteria_set_id, parent=None, previous__isnull=False)
    return dict(nodes.values_list("code", "previous__code"))


class Score(NamedTuple):
    """What a unit got on a component in one of both years."""

    publication_id: int
    criterion_id: int
    previous_id: int | None
    order: int
    code: str
    title: str
    kind: str | None
    points: Decimal | None
    maximum: Decimal | None
    state: str

    @property
    def signed(self) -> Decimal | None:
        """What it moves the total by."""
        is_taken_off = adjustment_of({"kind": self.kind}) == "penalty"
        return -self.points if self.points is not None and is_taken_off else self.points

    @property
    def words(self) -> str:
        """Return why there are no points."""
        return "" if self.state == PointsState.VALUE else str(PointsState(self.state).label)


SCORES = Prepared(
    lambda: (
        PublishedScore.objects.filter(Among(F("publication"), Asked("publications", Keys())), unit=UNIT)
        .order_by("criterion__order")
        .values_list(
            "publication_id",
            "criterion_id",
            *(f"criterion__{name}" for name in ("previous_id", "order", "code", "title")),
            KeyTextTransform("kind", "criterion__rule"),
            "points",
            Coalesce("max_points", "criterion__max_points"),
            "state",
        )
    )
)


def _components(old: Publication, new: Publication, unit: Unit) -> Iterator[ComponentChange]:
    scores = [Score(*row) for row in SCORES(publications=[old.pk, new.pk], unit=unit.pk)]
    before = {score.criterion_id: score for score in scores if score.publication_id == old.pk}
    for score in scores:
        if score.publication_id == new.pk:
            came_from = before.pop(score.criterion_id, None) or before.pop(score.previous_id or 0, None)
            yield _component(came_from, score)
    for gone in before.values():
        yield _component(gone, None)


def _component(before: Score | None, after: Score | None) -> ComponentChange:
    shown = after or before
    assert shown is not None
    (old, old_maximum, old_words), (new, new_maximum, new_words) = (
        (score.signed, score.maximum, score.words) if score else (None, None, "") for score in (before, after)
    )
    piece = Piece(shown.code, shown.title, old, old_maximum, new, new_maximum)
    return ComponentChange(piece, old_words, new_words)
