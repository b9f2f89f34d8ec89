"""What if a unit had other points, everybody else's being as published? By the very code that scores and ranks. Pure.

Exact: points are put into the unit's sheet and the sheet is scored anew, rounding, caps, what does not apply and
rescaling included. The smallest set of components that reaches a place is found by trying, for each number of
components, the largest gains of each part; as parts are rounded for themselves and rounding never turns an order round,
no other set of as many components can make a higher total.

Worked example: A 80, B 78, C 75 points. C has 10 of 15 on one component, 6 of 8 on another. With 15 on the first C
makes 80: tied for place 1 of 3. To be second it needs 3 points: the first component alone (up to 5) does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from reports import ranking, scoring
from reports.ranking import Place, RankingRule
from reports.scoring import Band, Leaf, Part, RankOn, RoundAt, Rules, SheetResult, State, round_half_up

OWN = "own"


@dataclass(frozen=True)
class Field:
    """The other units of a ranking: the value that ranks each, none for those without a total."""

    others: tuple[Fraction, ...]
    rule: RankingRule
    size: int


@dataclass(frozen=True)
class Outcome:
    """What a sheet makes: figures, place among the field, and what is missing to the next place and grade.

    `to_next_place` are the points to draw level with the next better unit, `to_next_grade` with the next band; None
    where there is none above, or the unit has no total.
    """

    result: SheetResult
    place: Place
    size: int
    to_next_place: Fraction | None
    next_band: Band | None
    to_next_grade: Fraction | None


@dataclass(frozen=True)
class Reach:
    """The smallest set of components that reaches a place: what each could still gain, and what is needed together."""

    rank: int
    keys: tuple[str, ...]
    needed: Fraction


def outcome(leaves: Sequence[Leaf], rules: Rules, field: Field) -> Outcome:
    """Return what a sheet makes among the others of a field."""
    result = scoring.score_sheet(leaves, rules)
    own = result.total.compared(rules.rank_on)
    values: dict[object, Fraction | None] = {OWN: own, **dict(enumerate(field.others))}
    place = ranking.places(values, field.rule)[OWN]
    above = min((value for value in field.others if own is not None and value > own), default=None)
    band, to_band = _next_band(own, result, rules)
    return Outcome(
        result,
        place,
        field.size,
        None if above is None or own is None else above - own,
        band,
        to_band,
    )


def with_points(leaves: Sequence[Leaf], points: Mapping[str, Decimal]) -> list[Leaf]:
    """Return leaves with other points; what did not apply stays so. Raises ValueError outside 0–maximum."""
    return [
        replace(leaf, state=State.VALUE, points=points[leaf.key])
        if leaf.key in points and leaf.state != State.NOT_APPLICABLE
        else leaf
        for leaf in leaves
    ]


def with_area(leaves: Sequence[Leaf], area: str, points: Decimal) -> list[Leaf]:
    """Return leaves of which an area makes other points, spread over its components in their order.

    Raises ValueError where the area cannot make so many, or has a component without a value.
    """
    own = [leaf for leaf in leaves if leaf.area == area and not leaf.adjusts and not leaf.leaves_maximum]
    if any(leaf.counted is None for leaf in own):
        raise ValueError(f"area {area} has components without points")
    least = sum((leaf.maximum for leaf in own if leaf.points is None), Decimal(0))
    most = sum((leaf.maximum for leaf in own), Decimal(0))
    if not least <= points <= most:
        raise ValueError(f"area {area} makes {least}–{most} points")
    missing = points - sum((leaf.counted or Decimal(0) for leaf in own), Decimal(0))
    changed: dict[str, Decimal] = {}
    for leaf in own:
        if leaf.points is not None and missing:
            moved = min(missing, leaf.maximum - leaf.points) if missing > 0 else max(missing, -leaf.points)
            changed[leaf.key], missing = leaf.points + moved, missing - moved
    return with_points(leaves, changed)


def smallest_set(leaves: Sequence[Leaf], rules: Rules, field: Field, rank: int) -> Reach | None:
    """Return the fewest components that, raised to their maximum, reach a place or a better one.

    None where not even all of them do. An empty set where the place is reached already.
    """
    now = scoring.score_sheet(leaves, rules)
    own, wanted = now.total.compared(rules.rank_on), _value_of(rank, field)
    if own is None:
        return None
    if wanted is None or own >= wanted:
        return Reach(rank, (), Fraction(0))
    gains = {part: _gains(leaves, part, rules) for part in Part}
    for number in range(1, sum(map(len, gains.values())) + 1):
        found = _best(leaves, rules, gains, number)
        if found is not None and found[0] >= wanted:
            return Reach(rank, found[1], wanted - own)
    return None


def _best(
    leaves: Sequence[Leaf], rules: Rules, gains: Mapping[Part, Sequence[Leaf]], number: int
) -> tuple[Fraction, tuple[str, ...]] | None:
    """Return the highest total that so many components can make, with them."""
    first, second = (gains[part] for part in Part)
    best: tuple[Fraction, tuple[str, ...]] | None = None
    for of_first in range(max(0, number - len(second)), min(number, len(first)) + 1):
        chosen = [*first[:of_first], *second[: number - of_first]]
        raised = with_points(leaves, {leaf.key: leaf.maximum for leaf in chosen})
        value = scoring.score_sheet(raised, rules).total.compared(rules.rank_on)
        if value is not None and (best is None or value > best[0]):
            best = value, tuple(leaf.key for leaf in chosen)
    return best


def _gains(leaves: Iterable[Leaf], part: Part, rules: Rules) -> list[Leaf]:
    """Return the components of a part that can gain, the largest gain first: as it counts, where each is rounded."""

    def gain(leaf: Leaf) -> Decimal:
        assert leaf.points is not None
        if rules.round_at == RoundAt.LEAF and rules.rank_on == RankOn.ROUNDED:
            return round_half_up(leaf.maximum, rules.digits) - round_half_up(leaf.points, rules.digits)
        return leaf.maximum - leaf.points

    open_ones = [
        leaf for leaf in leaves if leaf.part == part and leaf.points is not None and not leaf.adjusts
    ]
    return sorted((leaf for leaf in open_ones if gain(leaf) > 0), key=gain, reverse=True)


def _value_of(rank: int, field: Field) -> Fraction | None:
    """Return the value from which a unit has a place or a better one; None where any value does."""
    values = sorted(field.others, reverse=True)
    if field.rule == RankingRule.DENSE:
        values = sorted(set(values), reverse=True)
    return values[rank - 1] if rank <= len(values) else None


def _next_band(
    own: Fraction | None, result: SheetResult, rules: Rules
) -> tuple[Band | None, Fraction | None]:
    maximum = result.total.maximum
    if own is None or not maximum:
        return None, None
    needed = {
        band: Fraction(band.threshold) * Fraction(maximum) / 100 - own
        for band in rules.bands
        if Fraction(band.threshold) * Fraction(maximum) / 100 > own
    }
    band = min(needed, key=lambda one: needed[one], default=None)
    return band, needed[band] if band else None
