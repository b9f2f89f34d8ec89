"""What in a year's figures is worth a second look, and why? Pure; each kind is a function of its own.

An oddity is a hint: chance, a good year or a shared document may explain it. Every threshold is declared in
`Thresholds`, every oddity carries the numbers that its reason needs.

Worked examples: a unit claimed 60, 62 and 64 percent of an area before and 80 now. The median is 62, the median
distance from it 2; 18 is more than five times 2, and more than 10. Of five counts all end in 0 or 5; by chance one in
five does, so all five with (1/5)⁵ = 1/3125; eleven patterns are tried, so 11/3125 = 0,35 percent.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import combinations
from math import comb
from operator import eq
from statistics import median

# The numbers a reason needs.
Said = Mapping[str, int | Fraction | str]


class Kind(StrEnum):
    """What is odd; a kind may have several reasons."""

    JUMP = "jump"
    DIGITS = "digits"
    IDENTICAL = "identical"
    FULL_RATE = "full_rate"
    LATE = "late"
    EVIDENCE = "evidence"


@dataclass(frozen=True)
class Thresholds:
    """From when on something is odd: shares as fractions, `least_*` how much there must be to say anything."""

    least_years: int = 3
    spreads: int = 5
    jump: Fraction = Fraction(10, 100)
    least_units: int = 4
    outrun: Fraction = Fraction(3, 2)
    least_counts: int = 20
    chance: Fraction = Fraction(1, 100)
    least_components: int = 8
    identical: Fraction = Fraction(9, 10)
    least_row: int = 20
    least_dossiers: int = 100
    least_respondents: int = 30
    least_cells: int = 10
    rush: Fraction = Fraction(1, 2)
    last: dt.timedelta = dt.timedelta(hours=1)


DECLARED = Thresholds()


@dataclass(frozen=True)
class Oddity:
    """Something of a unit worth a look; `place` is a component, an area or a row, `others` whom it is shared with.

    `reason` names the sentence, `said` holds its numbers.
    """

    kind: Kind
    reason: str
    unit: int
    place: str = ""
    value: Fraction | None = None
    others: tuple[int, ...] = ()
    said: Said = field(default_factory=dict)


@dataclass(frozen=True)
class Claims:
    """A unit's share of the maximum in one place this year, and in the years before, the newest first."""

    unit: int
    place: str
    now: Fraction
    before: tuple[Fraction, ...]


@dataclass(frozen=True)
class CountRow:
    """A row of counts of a unit; `place` names what is counted, `counts` are all printed columns in order."""

    unit: int
    place: str
    starts_on: dt.date
    ends_on: dt.date
    counts: tuple[int | None, ...]


@dataclass(frozen=True)
class Rate:
    """A part of a whole: `key` is on_time, digitised or satisfied."""

    unit: int
    place: str
    key: str
    part: int
    whole: int


@dataclass(frozen=True)
class Entry:
    """When a component's self-score was first and last given."""

    unit: int
    component: str
    first_at: dt.datetime
    last_at: dt.datetime


@dataclass(frozen=True)
class Proof:
    """A file of evidence, known by its digest."""

    unit: int
    component: str
    sha256: str
    title: str


def jumps(claims: Iterable[Claims], limits: Thresholds = DECLARED) -> list[Oddity]:
    """Return the claims far outside the unit's own history, and the changes no other unit comes near.

    Far is more than `spreads` median absolute deviations from the median of at least `least_years`, and more than
    `jump`. A change against the year before is out of reach of the group where it is `outrun` times the largest of
    at least `least_units` others.
    """
    rows = list(claims)
    own = [odd for row in rows if (odd := _own_jump(row, limits))]
    told = {(odd.unit, odd.place) for odd in own}
    by_place: dict[str, list[Claims]] = defaultdict(list)
    for row in rows:
        if row.before:
            by_place[row.place].append(row)
    outran = [odd for group in by_place.values() for odd in _outran(group, limits)]
    return own + [odd for odd in outran if (odd.unit, odd.place) not in told]


def _own_jump(row: Claims, limits: Thresholds) -> Oddity | None:
    if len(row.before) < limits.least_years:
        return None
    middle = median(row.before)
    spread = median(abs(one - middle) for one in row.before)
    away = row.now - middle
    if abs(away) <= max(limits.spreads * spread, limits.jump):
        return None
    said: Said = {"now": row.now, "median": middle, "spread": spread, "years": len(row.before)}
    return Oddity(Kind.JUMP, "own_history", row.unit, row.place, away, said=said)


def _outran(group: Sequence[Claims], limits: Thresholds) -> list[Oddity]:
    if len(group) <= limits.least_units:
        return []
    changes = sorted(((row.now - row.before[0], row) for row in group), key=lambda one: -abs(one[0]))
    (first, row), (second, _row) = changes[:2]
    if abs(first) <= max(limits.jump, limits.outrun * abs(second)):
        return []
    said: Said = {"change": first, "next": abs(second), "others": len(group) - 1}
    return [Oddity(Kind.JUMP, "out_of_group", row.unit, row.place, first, said=said)]


def binomial_tail(hits: int, n: int, chance: Fraction) -> Fraction:
    """Return the exact chance of at least `hits` in n independent trials."""
    q = 1 - chance
    return sum((comb(n, k) * chance**k * q ** (n - k) for k in range(hits, n + 1)), Fraction(0))


def digit_patterns(
    counts: Mapping[int, Sequence[int]], limits: Thresholds = DECLARED, *, units: int | None = None
) -> list[Oddity]:
    """Return the units whose counts end in 0 or 5, or in one digit, far more often than chance allows.

    Counts of one digit are left out: their last digit is their size. Eleven patterns are tried a unit, so the chance
    is multiplied by 11 and by the number of units looked at (Bonferroni); `units` says how many where not all are here.
    """
    long = {unit: [n % 10 for n in values if n >= 10] for unit, values in counts.items()}
    tested = {unit: digits for unit, digits in long.items() if len(digits) >= limits.least_counts}
    tests = 11 * (units or len(tested))
    return [odd for unit, digits in tested.items() if (odd := _digits(unit, digits, tests, limits))]


def _digits(unit: int, digits: Sequence[int], tests: int, limits: Thresholds) -> Oddity | None:
    tally = Counter(digits)
    digit, often = min(tally.items(), key=lambda one: (-one[1], one[0]))
    tries = [
        ("rounded", tally[0] + tally[5], Fraction(1, 5)),
        ("one_digit", often, Fraction(1, 10)),
    ]
    n = len(digits)
    chances = [
        (min(tests * binomial_tail(hits, n, p), Fraction(1)), name, hits, p) for name, hits, p in tries
    ]
    chance, name, hits, p = min(chances)
    if chance >= limits.chance:
        return None
    said: Said = {"hits": hits, "n": n, "expected": n * p, "chance": chance, "digit": digit}
    return Oddity(Kind.DIGITS, name, unit, "", Fraction(hits, n), said=said)


def identical_sheets(
    claims: Mapping[int, Mapping[str, Decimal]], maxima: Mapping[str, Decimal], limits: Thresholds = DECLARED
) -> list[Oddity]:
    """Return the pairs of units that claim the same on nearly all components; told once, of the first of the two.

    Compared are components that both claim and of which not both claim the maximum: full points are often deserved.
    """
    names = sorted({name for own in claims.values() for name in own})
    # Numbers for points, and one of its own for each that is missing: millions of them are compared in C.
    codes: dict[Decimal, int] = {}
    rows = {
        unit: [
            codes.setdefault(own[name], len(codes)) if name in own else -unit * len(names) - place - 1
            for place, name in enumerate(names)
        ]
        for unit, own in claims.items()
    }
    part, whole = limits.identical.as_integer_ratio()
    found = []
    for one, other in combinations(sorted(claims), 2):
        # Without what both claim fully the share is no larger: most pairs are done here.
        same = sum(map(eq, rows[one], rows[other]))
        least = part * (len(claims[one]) + len(claims[other]) - len(names))
        if same < limits.least_components or whole * same < least:
            continue
        if odd := _same_claims(one, other, claims, maxima, limits):
            found.append(odd)
    return found


def _same_claims(
    one: int,
    other: int,
    claims: Mapping[int, Mapping[str, Decimal]],
    maxima: Mapping[str, Decimal],
    limits: Thresholds,
) -> Oddity | None:
    both = [
        (points, claims[other][name])
        for name, points in claims[one].items()
        if name in claims[other] and not points == claims[other][name] == maxima.get(name)
    ]
    same = sum(a == b for a, b in both)
    if len(both) < limits.least_components or Fraction(same, len(both)) < limits.identical:
        return None
    said = {"same": same, "n": len(both)}
    return Oddity(Kind.IDENTICAL, "sheets", one, "", Fraction(same, len(both)), (other,), said)


def identical_rows(rows: Iterable[CountRow], limits: Thresholds = DECLARED) -> list[Oddity]:
    """Return the rows of counts that stand again, number by number, with another unit or in another period.

    Only rows of one place are compared, with a count of at least `least_row`; of a unit only periods that do not
    overlap, for a half-year may well equal its only busy quarter.
    """
    groups: dict[tuple[object, ...], list[CountRow]] = defaultdict(list)
    for row in rows:
        if max((n or 0 for n in row.counts), default=0) >= limits.least_row:
            groups[row.place, row.counts].append(row)
    shared: dict[tuple[int, str, tuple[int, ...]], list[list[CountRow]]] = defaultdict(list)
    for group in groups.values():
        apart = _apart(group)
        units = sorted({row.unit for row in apart})
        for unit in units if len(apart) > 1 else ():
            own = [row for row in apart if row.unit == unit]
            shared[unit, own[0].place, tuple(one for one in units if one != unit)].append(own)
    return [odd for key, told in shared.items() for odd in _same_rows(*key, told)]


def _apart(group: Iterable[CountRow]) -> list[CountRow]:
    kept: list[CountRow] = []
    for row in sorted(group, key=lambda one: (one.unit, one.ends_on, one.starts_on)):
        if not any(row.unit == one.unit and row.starts_on <= one.ends_on for one in kept):
            kept.append(row)
    return kept


def _same_rows(
    unit: int, place: str, others: tuple[int, ...], told: Sequence[Sequence[CountRow]]
) -> Iterable[Oddity]:
    """Yield one oddity for all rows shared with the same units, or one for each row that the unit itself repeats."""
    for own in [[row for rows in told for row in rows]] if others else told:
        said: Said = {
            "own": len(own),
            "n": max(n or 0 for row in own for n in row.counts),
            "first": min(row.starts_on for row in own).isoformat(),
            "last": max(row.ends_on for row in own).isoformat(),
        }
        reason = "rows_of_units" if others else "rows_of_periods"
        yield Oddity(Kind.IDENTICAL, reason, unit, place, None, others, said)


def full_rates(rates: Iterable[Rate], limits: Thresholds = DECLARED) -> list[Oddity]:
    """Return the rates of exactly 100 % of a whole large enough that something usually goes otherwise."""
    least = {"satisfied": limits.least_respondents}
    return [
        Oddity(Kind.FULL_RATE, rate.key, rate.unit, rate.place, Fraction(1), said={"n": rate.whole})
        for rate in rates
        if rate.part == rate.whole and rate.whole >= least.get(rate.key, limits.least_dossiers)
    ]


def late_entry(
    entries: Iterable[Entry], deadline: dt.datetime, limits: Thresholds = DECLARED
) -> list[Oddity]:
    """Return the units that gave values after the deadline, or began most components in the last hour before it."""
    by_unit: dict[int, list[Entry]] = defaultdict(list)
    for entry in entries:
        by_unit[entry.unit].append(entry)
    found = []
    for unit, own in by_unit.items():
        late = sum(entry.last_at > deadline for entry in own)
        rushed = sum(deadline - limits.last < entry.first_at <= deadline for entry in own)
        if late:
            odd = Oddity(
                Kind.LATE,
                "after_deadline",
                unit,
                value=Fraction(late, len(own)),
                said={"late": late, "n": len(own)},
            )
            found.append(odd)
        if len(own) >= limits.least_cells and Fraction(rushed, len(own)) >= limits.rush:
            said: Said = {"rushed": rushed, "n": len(own)}
            found.append(Oddity(Kind.LATE, "last_hour", unit, value=Fraction(rushed, len(own)), said=said))
    return found


def reused_evidence(proofs: Iterable[Proof]) -> list[Oddity]:
    """Return the files that prove more than one unit's score, or several components of one unit; by their digest."""
    groups: dict[str, list[Proof]] = defaultdict(list)
    for proof in proofs:
        if proof.sha256:
            groups[proof.sha256].append(proof)
    found = []
    for group in groups.values():
        units = sorted({proof.unit for proof in group})
        for unit in units:
            own = [proof for proof in group if proof.unit == unit]
            components = sorted({proof.component for proof in own})
            others = tuple(one for one in units if one != unit)
            if not others and len(components) == 1:
                continue
            reason = "other_units" if others else "other_components"
            said: Said = {"title": own[0].title, "components": len(components), "units": len(units)}
            found.append(Oddity(Kind.EVIDENCE, reason, unit, components[0], None, others, said))
    return found
