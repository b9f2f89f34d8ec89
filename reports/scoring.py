"""What points does a sheet make? From the values of leaves to parts, areas and the total; no Django here.

In prose: a scope (the total, a part, an area) adds the points of its leaves. A leaf that does not apply
leaves the maximum, or counts as full points, as its criterion declares. A leaf without a value leaves its
scopes without points: an empty state is never 0. Where a year brings incomplete maxima back to full scale,
points are multiplied by full maximum / applicable maximum; a part that was not assessed at all (an optional
survey) is then left out of the total. Rounding is half-up, once, at the place the year declares.

Bonuses and penalties lie outside the full scale: they enter neither maxima nor areas and are not rescaled. The
total is what the scale gives, plus all bonuses up to the year's cap, less all penalties up to theirs; never below
0, not limited by the maximum. One without a value leaves no gap: nothing happened that was to be declared. Where
nobody declared any, the adjustment has no points, which is not 0 either.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from .rules import NotApplicable


class State(StrEnum):
    """A value, or which of the four empty states; mirrors reports.models.PointsState."""

    VALUE = "value"
    NOT_ENTERED = "not_entered"
    NOT_ASSESSED = "not_assessed"
    NOT_APPLICABLE = "not_applicable"
    NOT_PUBLISHED = "not_published"


class Part(StrEnum):
    """Who gave the points."""

    APPRAISED = "appraised"
    SURVEY = "survey"


# The key of what bonuses and penalties make together, beside the parts.
ADJUSTMENT = "adjustment"


class Adjusts(StrEnum):
    """Which way a leaf outside the full scale moves the total; mirrors reports.models.criteria.ADJUSTMENTS."""

    BONUS = "bonus"
    PENALTY = "penalty"


class RoundAt(StrEnum):
    """The one place where points are rounded; mirrors AssessmentYear.RoundAt."""

    LEAF = "leaf"
    PART = "part"
    TOTAL = "total"


class RankOn(StrEnum):
    """Which value ranks, ties and grades use; mirrors AssessmentYear.RankOn."""

    ROUNDED = "rounded"
    UNROUNDED = "unrounded"


class Gap(StrEnum):
    """Why a scope has no points; mirrors reports.models.Unranked."""

    NOT_REPORTED = "not_reported"
    INCOMPLETE = "incomplete"
    NOT_ASSESSED = "not_assessed"


@dataclass(frozen=True)
class Leaf:
    """What one unit got in one part of one leaf criterion.

    A criterion scored by appraisal and by survey gives two leaves with the same key. A penalty's points are a
    magnitude, as a bonus's are. Raises ValueError where points and state contradict each other, or points lie
    outside 0–maximum.
    """

    key: str
    area: str
    part: Part
    maximum: Decimal
    state: State
    points: Decimal | None = None
    not_applicable: NotApplicable = NotApplicable.LEAVES_MAXIMUM
    adjusts: Adjusts | None = None

    def __post_init__(self) -> None:
        if (self.state == State.VALUE) != (self.points is not None):
            raise ValueError(f"{self.key}: a value has points, an empty state has none")
        if self.points is not None and not 0 <= self.points <= self.maximum:
            raise ValueError(f"{self.key}: {self.points} is outside 0–{self.maximum}")

    @property
    def leaves_maximum(self) -> bool:
        return self.state == State.NOT_APPLICABLE and self.not_applicable == NotApplicable.LEAVES_MAXIMUM

    @property
    def counted(self) -> Decimal | None:
        """Return the points that enter the sums, None where there are none to enter."""
        if self.state == State.NOT_APPLICABLE and self.not_applicable == NotApplicable.FULL_POINTS:
            return self.maximum
        return self.points


@dataclass(frozen=True)
class Band:
    """A grade and the percentage of the maximum from which, included, it is given."""

    name: str
    threshold: Decimal


@dataclass(frozen=True)
class Rules:
    """What an assessment year declares about its figures."""

    round_at: RoundAt = RoundAt.TOTAL
    digits: int = 2
    rank_on: RankOn = RankOn.ROUNDED
    is_rescaled: bool = True
    bands: tuple[Band, ...] = ()
    # The most that all bonuses, all penalties move a total by; None: no limit.
    bonus_max: Decimal | None = None
    penalty_max: Decimal | None = None


@dataclass(frozen=True)
class Result:
    """A scope's figure: `points` rounded as declared, `exact` without any rounding, of `maximum`.

    Without points `gap` says why. `maximum` is the full one where the year rescales, else what applied.
    """

    points: Decimal | None = None
    exact: Fraction | None = None
    maximum: Decimal | None = None
    gap: Gap | None = None

    def compared(self, rank_on: RankOn) -> Fraction | None:
        """Return the value that ranks, ties and grades use."""
        if rank_on == RankOn.UNROUNDED:
            return self.exact
        return None if self.points is None else Fraction(self.points)


@dataclass(frozen=True)
class SheetResult:
    """A unit's figures in every scope; parts and areas by key, in the order of the criteria.

    Where the criteria have bonuses or penalties, the last part is ADJUSTMENT: signed, without a maximum.
    """

    total: Result
    parts: Mapping[str, Result]
    areas: Mapping[str, Result]
    grade: str = ""


def score_sheet(leaves: Sequence[Leaf], rules: Rules) -> SheetResult:
    """Return the total, the parts and the areas of one sheet, from all leaves of its criteria set."""
    outside = [leaf for leaf in leaves if leaf.adjusts]
    leaves = [leaf for leaf in leaves if not leaf.adjusts]
    absent = _absent_parts(leaves) if rules.is_rescaled else frozenset()
    present = [leaf for leaf in leaves if leaf.part not in absent]
    total = _result(present, rules, full=_maximum(leaves), by_part=rules.round_at == RoundAt.PART)
    parts = {p.value: _scope((x for x in leaves if x.part == p), rules) for p in Part if _has(leaves, p)}
    areas = {a: _area(leaves, a, absent, rules) for a in dict.fromkeys(leaf.area for leaf in leaves)}
    if outside:
        total, parts[ADJUSTMENT] = _adjusted(total, _adjustment(outside, rules), rules)
    return SheetResult(total, parts, areas, grade(total, rules))


def capped_sum(points: Iterable[Decimal], cap: Decimal | None, leaf_digits: int | None = None) -> Fraction:
    """Return what bonuses, or penalties, make together; each rounded first where `leaf_digits` says so."""
    known = (Fraction(p if leaf_digits is None else round_half_up(p, leaf_digits)) for p in points)
    total = sum(known, Fraction(0))
    return total if cap is None else min(total, Fraction(cap))


def grade(result: Result, rules: Rules) -> str:
    """Return the name of the highest band reached, "" where there are no points or none is reached."""
    value = result.compared(rules.rank_on)
    if value is None or not result.maximum:
        return ""
    percent = value * 100 / Fraction(result.maximum)
    reached = [band for band in rules.bands if percent >= Fraction(band.threshold)]
    return max(reached, key=lambda band: band.threshold).name if reached else ""


def round_half_up(value: Fraction | Decimal, digits: int) -> Decimal:
    """Return the value with `digits` decimals, exactly: no intermediate rounding.

    A half goes away from zero, so that a deduction is rounded as its size is: 0,125 → 0,13 and −0,125 → −0,13.
    """
    scaled = abs(Fraction(value)) * 10**digits
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(whole if value >= 0 else -whole).scaleb(-digits)


def _has(leaves: Iterable[Leaf], part: Part) -> bool:
    return any(leaf.part == part for leaf in leaves)


def _absent_parts(leaves: Sequence[Leaf]) -> frozenset[Part]:
    """Return the parts nobody assessed; never all of them, for then there is nothing to rescale."""
    present = {leaf.part for leaf in leaves if leaf.state != State.NOT_ASSESSED}
    return frozenset({leaf.part for leaf in leaves} - present) if present else frozenset()


def _area(leaves: Sequence[Leaf], area: str, absent: frozenset[Part], rules: Rules) -> Result:
    own = [leaf for leaf in leaves if leaf.area == area]
    present = [leaf for leaf in own if leaf.part not in absent]
    return _result(present or own, rules, full=_maximum(own), by_part=False)


def _scope(leaves: Iterable[Leaf], rules: Rules) -> Result:
    own = list(leaves)
    return _result(own, rules, full=_maximum(own), by_part=False)


def _result(leaves: Sequence[Leaf], rules: Rules, *, full: Decimal, by_part: bool) -> Result:
    applying = [leaf for leaf in leaves if not leaf.leaves_maximum]
    applicable = _maximum(applying)
    maximum = full if rules.is_rescaled else applicable
    gap = _gap(applying)
    if gap is not None:
        return Result(maximum=maximum, gap=gap)
    scale = Fraction(full) / Fraction(applicable) if rules.is_rescaled else Fraction(1)
    exact = _sum(applying)
    declared = _sum_of_rounded(applying, rules, by_part=by_part)
    return Result(round_half_up(declared * scale, rules.digits), exact * scale, maximum)


def _adjustment(outside: Sequence[Leaf], rules: Rules) -> Result:
    """What the bonuses add less what the penalties take off; no points where nothing was declared."""
    if all(leaf.points is None for leaf in outside):
        return Result()
    leaf_digits = rules.digits if rules.round_at == RoundAt.LEAF else None
    return Result(round_half_up(_net(outside, rules, leaf_digits), rules.digits), _net(outside, rules, None))


def _net(outside: Sequence[Leaf], rules: Rules, leaf_digits: int | None) -> Fraction:
    given = {
        way: [leaf.points for leaf in outside if leaf.adjusts == way and leaf.points is not None]
        for way in Adjusts
    }
    added = capped_sum(given[Adjusts.BONUS], rules.bonus_max, leaf_digits)
    return added - capped_sum(given[Adjusts.PENALTY], rules.penalty_max, leaf_digits)


def _adjusted(total: Result, adjustment: Result, rules: Rules) -> tuple[Result, Result]:
    """Return the total with the adjustment, and as much of the adjustment as took effect: no total is below 0."""
    if total.points is None or total.exact is None or adjustment.points is None or adjustment.exact is None:
        return total, adjustment
    exact = max(adjustment.exact, -total.exact)
    if rules.round_at == RoundAt.TOTAL:
        points = round_half_up(total.exact + exact, rules.digits)
        effective = Result(round_half_up(exact, rules.digits), exact)
    else:
        effective = Result(max(adjustment.points, -total.points), exact)
        points = total.points + (effective.points or 0)
    return replace(total, points=points, exact=total.exact + exact), effective


def _gap(applying: Sequence[Leaf]) -> Gap | None:
    states = {leaf.state for leaf in applying}
    if states & {State.NOT_ENTERED, State.NOT_PUBLISHED}:
        return Gap.INCOMPLETE
    if not applying or State.NOT_ASSESSED in states:
        return Gap.NOT_ASSESSED
    return None


def _sum_of_rounded(leaves: Sequence[Leaf], rules: Rules, *, by_part: bool) -> Fraction:
    if rules.round_at == RoundAt.LEAF:
        return sum((Fraction(round_half_up(_points(leaf), rules.digits)) for leaf in leaves), Fraction(0))
    if by_part:
        sums = [_sum([leaf for leaf in leaves if leaf.part == part]) for part in Part]
        return sum((Fraction(round_half_up(value, rules.digits)) for value in sums), Fraction(0))
    return _sum(leaves)


def _sum(leaves: Iterable[Leaf]) -> Fraction:
    return sum((Fraction(_points(leaf)) for leaf in leaves), Fraction(0))


def _points(leaf: Leaf) -> Decimal:
    if leaf.counted is None:
        raise ValueError(f"{leaf.key} has no points to count")
    return leaf.counted


def _maximum(leaves: Iterable[Leaf]) -> Decimal:
    return sum((leaf.maximum for leaf in leaves), Decimal(0))
