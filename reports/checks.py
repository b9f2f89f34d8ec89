"""Do the counts of form II.06/VPCP/KSTT agree with each other? Identities declared once, as data. Pure.

Forms, imports and pages use the same declarations. Nothing is filled in or put right: a broken identity is
reported with its gap, one that the printed counts cannot decide is reported as unknown.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction

Count = Decimal | int | None
Counts = Mapping[str, Count]
Qualities = Mapping[str, str]


class Verdict(StrEnum):
    HOLDS = "holds"
    BROKEN = "broken"
    UNKNOWN = "unknown"


class Level(StrEnum):
    """What a finding asks for: nothing, a look, a reason, or (on entry, never for a printed figure) a correction."""

    OK = "ok"
    NOTE = "note"
    WARN = "warn"
    BLOCK = "block"


@dataclass(frozen=True)
class Sum:
    """A whole and its parts; checked only where `needs` is printed.

    `apart` are counts that some report inside a part and some beside the parts.
    """

    key: str
    whole: str
    parts: tuple[str, ...]
    apart: tuple[str, ...] = ()
    needs: str = ""


@dataclass(frozen=True)
class AtMost:
    """A part that cannot be more than its whole, or than its whole and another count together."""

    key: str
    part: str
    whole: str
    also: str = ""


@dataclass(frozen=True)
class PrintedRate:
    """A percentage a source printed beside the counts it is made of; the part is one count or a sum of counts."""

    key: str
    rate: str
    parts: tuple[tuple[str, ...], ...]
    whole: str


Identity = Sum | AtMost | PrintedRate

# Columns of form II.06: 3 = 4 + 5 + 6, 7 = 8 + 9 + 10, 11 = 12 + 13, 3 = 7 + 11. The form counts dossiers that wait
# for papers or were returned inside columns 7 and 11; many reports print them beside.
IDENTITIES: tuple[Identity, ...] = (
    Sum("received", "received", ("received_online", "received_direct", "carried_over")),
    Sum("resolved", "resolved", ("resolved_early", "resolved_on_time", "resolved_late")),
    Sum("resolved_in_time", "resolved", ("on_time_or_early", "resolved_late"), needs="on_time_or_early"),
    Sum("pending", "pending", ("pending_on_time", "pending_late")),
    Sum(
        "balance",
        "received",
        ("resolved", "pending"),
        apart=("awaiting_supplement", "suspended", "returned", "withdrawn", "late_unspecified"),
    ),
    AtMost("digitised_on_receipt", "digitised_on_receipt", "received"),
    AtMost("digitised_results", "digitised_results", "resolved"),
    AtMost("in_time", "on_time_or_early", "resolved"),
    # Late are those resolved late and those still pending late.
    AtMost("apologised", "apologised", "resolved_late", also="pending_late"),
    AtMost("rescheduled", "rescheduled", "resolved_late", also="pending_late"),
    PrintedRate(
        "on_time_rate",
        "printed_on_time_rate",
        (("on_time_or_early",), ("resolved_early", "resolved_on_time")),
        "resolved",
    ),
    PrintedRate("digitised_rate", "printed_digitised_rate", (("digitised_results",),), "resolved"),
)
# Counts that some put inside columns 7 and 11 and some beside, as their convention says.
BY_CONVENTION = frozenset({"awaiting_supplement", "suspended", "returned", "withdrawn"})
INEXACT = frozenset({"lower", "upper", "about"})
# Where a source prints no column 7, its own columns stand for it.
STANDS_FOR = {
    "resolved": (
        ("resolved_early", "resolved_on_time", "resolved_late"),
        ("on_time_or_early", "resolved_late"),
    )
}


@dataclass(frozen=True)
class Finding:
    """What became of one identity: `left` is the whole or the printed rate, `right` what stands against it.

    `gap` is left − right. `terms` are the counts on the right, `missing` the parts that are not printed.
    `implied` are the least and the greatest whole that a printed rate allows where the whole is not printed.
    """

    identity: Identity
    verdict: Verdict
    level: Level
    left: Decimal
    right: Decimal | None
    terms: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    is_bound: bool = False
    is_truncated: bool = False
    exact: Decimal | None = None
    implied: tuple[int, int] | None = None

    @property
    def gap(self) -> Decimal | None:
        return None if self.right is None else self.left - self.right


@dataclass(frozen=True)
class Range:
    """What a printed count leaves possible; `high` is None where nothing limits it."""

    low: Decimal
    high: Decimal | None

    def __add__(self, other: Range) -> Range:
        both = (self.high, other.high)
        return Range(
            self.low + other.low,
            None if None in both else sum((h for h in both if h is not None), Decimal(0)),
        )

    def meets(self, other: Range) -> bool:
        return (self.high is None or other.low <= self.high) and (
            other.high is None or self.low <= other.high
        )


NOTHING = Range(Decimal(0), Decimal(0))
ANYTHING = Range(Decimal(0), None)


@dataclass(frozen=True)
class Printed:
    """The counts a source printed; `qualities` holds only those that are no exact values."""

    counts: dict[str, Decimal]
    qualities: dict[str, str]
    convention: str = ""

    def choices(self, names: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        """Yield what may be counted beside the parts, as the convention allows: everything first, then ever less."""
        declared = [name for name in names if self.convention and name in BY_CONVENTION]
        always = tuple(declared) if self.convention == "beside" else ()
        open_ones = tuple(name for name in names if name not in declared)
        for size in range(len(open_ones), -1, -1):
            for chosen in itertools.combinations(open_ones, size):
                yield (*always, *chosen)

    def range_of(self, name: str) -> Range:
        value = self.counts[name]
        match self.qualities.get(name):
            case "lower":
                return Range(value, None)
            case "upper":
                return Range(Decimal(0), value)
            case "about":
                return ANYTHING
        return Range(value, value)

    def are_exact(self, names: Iterable[str]) -> bool:
        return not any(name in self.qualities for name in names)

    def total(self, names: Iterable[str]) -> Decimal:
        return sum((self.counts[name] for name in names), Decimal(0))

    def standing_for(self, name: str) -> tuple[str, ...]:
        """Return the printed counts that make up a part: itself, else the columns that stand for it."""
        if name in self.counts:
            return (name,)
        alternatives = [tuple(n for n in names if n in self.counts) for names in STANDS_FOR.get(name, ())]
        return max(alternatives, key=len, default=())


def check_dossiers(counts: Counts, qualities: Qualities | None = None, convention: str = "") -> list[Finding]:
    """Return a finding for each identity of which both sides are printed at least in part, in declared order.

    `counts` are the fields of a dossier count, None where nothing is printed; printed rates are in percent.
    `qualities` names what each count is where it is no exact value: "lower", "upper" or "about". `convention` says
    where waiting and returned dossiers are counted, "inside" or "beside" columns 7 and 11; undeclared, either fits.
    """
    printed = Printed(
        {name: Decimal(value) for name, value in counts.items() if value is not None},
        {name: q for name, q in (qualities or {}).items() if q in INEXACT},
        convention,
    )
    found = (_check(identity, printed) for identity in IDENTITIES)
    return [finding for finding in found if finding is not None]


def _check(identity: Identity, printed: Printed) -> Finding | None:
    match identity:
        case Sum():
            return _check_sum(identity, printed)
        case AtMost():
            return _check_at_most(identity, printed)
        case PrintedRate():
            return _check_rate(identity, printed)


def _check_sum(identity: Sum, printed: Printed) -> Finding | None:
    parts = {part: printed.standing_for(part) for part in identity.parts}
    terms = tuple(name for names in parts.values() for name in names)
    if not terms or not {identity.whole, identity.needs or identity.whole} <= printed.counts.keys():
        return None
    whole = printed.counts[identity.whole]
    apart = tuple(name for name in identity.apart if printed.counts.get(name))
    missing = tuple(part for part, names in parts.items() if not names)
    is_exact = printed.are_exact((identity.whole, *terms, *apart))
    readings = [(*terms, *chosen) for chosen in printed.choices(apart)]
    fitting = [names for names in readings if is_exact and printed.total(names) == whole]
    rest = ANYTHING if missing else NOTHING
    allowed = printed.range_of(identity.whole)
    verdict = Verdict.BROKEN
    if fitting:
        verdict = Verdict.HOLDS
    elif any(allowed.meets(_range(names, printed) + rest) for names in readings):
        verdict = Verdict.UNKNOWN
    shown = fitting[0] if fitting else readings[0]
    return Finding(
        identity,
        verdict,
        Level.OK if fitting else Level.WARN,
        left=whole,
        right=printed.total(shown),
        terms=shown,
        missing=missing,
        is_bound=not is_exact,
    )


def _range(names: Iterable[str], printed: Printed) -> Range:
    return sum((printed.range_of(name) for name in names), start=NOTHING)


def _check_at_most(identity: AtMost, printed: Printed) -> Finding | None:
    if not {identity.part, identity.whole} <= printed.counts.keys():
        return None
    names = [identity.whole, *([identity.also] if identity.also in printed.counts else [])]
    missing = (identity.also,) if identity.also and identity.also not in names else ()
    is_exact = printed.are_exact((identity.part, *names)) and not missing
    whole = _range(names, printed) + (ANYTHING if missing else NOTHING)
    least = printed.range_of(identity.part).low
    part, total = printed.counts[identity.part], printed.total(names)
    verdict = Verdict.HOLDS if is_exact or (missing and part <= total) else Verdict.UNKNOWN
    if whole.high is not None and least > whole.high:
        verdict = Verdict.BROKEN
    return Finding(
        identity,
        verdict,
        {Verdict.HOLDS: Level.OK, Verdict.UNKNOWN: Level.NOTE, Verdict.BROKEN: Level.BLOCK}[verdict],
        left=total,
        right=part,
        terms=(identity.part,),
        missing=missing,
        is_bound=not is_exact and not missing,
    )


def _check_rate(identity: PrintedRate, printed: Printed) -> Finding | None:
    rate = printed.counts.get(identity.rate)
    terms = next((names for names in identity.parts if printed.counts.keys() >= set(names)), None)
    if rate is None or terms is None or not printed.are_exact((*terms, identity.whole)):
        return None
    part, whole = printed.total(terms), printed.counts.get(identity.whole)
    if whole is None:
        implied = implied_wholes(part, rate)
        verdict, level = (Verdict.UNKNOWN, Level.NOTE) if implied else (Verdict.BROKEN, Level.WARN)
        return Finding(identity, verdict, level, rate, None, terms, (identity.whole,), implied=implied)
    return _compare_rate(identity, rate, terms, part, whole) if whole else None


def _compare_rate(
    identity: PrintedRate, rate: Decimal, terms: tuple[str, ...], part: Decimal, whole: Decimal
) -> Finding:
    exact = Fraction(part) * 100 / Fraction(whole)
    rounded = quantised(exact, printed_digits(rate), ROUND_HALF_UP)
    is_truncated = rounded != rate == quantised(exact, printed_digits(rate), ROUND_DOWN)
    off = Level.NOTE if is_truncated else Level.WARN
    return Finding(
        identity,
        Verdict.HOLDS if rounded == rate else Verdict.BROKEN,
        Level.OK if rounded == rate else off,
        left=rate,
        right=rounded,
        terms=terms,
        is_truncated=is_truncated,
        exact=quantised(exact, 4, ROUND_HALF_UP),
    )


def implied_wholes(part: Decimal | int, rate: Decimal) -> tuple[int, int] | None:
    """Return the least and the greatest whole number of which `part` is the printed percentage, or None.

    4.936 that are 98,52 % can only be of 5.010; 19 that are 32 % are of 59 or 60. Half-up rounding is assumed.
    """
    half = Fraction(1, 2 * 10 ** printed_digits(rate))
    hundred_parts, printed = Fraction(part) * 100, Fraction(rate)
    if printed <= half or not part:
        return None
    least = max(math.floor(hundred_parts / (printed + half)) + 1, math.ceil(part))
    greatest = math.floor(hundred_parts / (printed - half))
    return (least, greatest) if least <= greatest else None


def printed_digits(rate: Decimal) -> int:
    """Return with how many decimals a rate was printed, trailing zeros apart: 98.500 → 1, 100 → 0."""
    exponent = rate.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def quantised(value: Fraction, digits: int, rounding: str) -> Decimal:
    """Return an exact non-negative ratio as a Decimal of so many decimals, rounded once, half up or down."""
    scaled = value * 10**digits
    whole, rest = divmod(scaled.numerator, scaled.denominator)
    if rounding == ROUND_HALF_UP and 2 * rest >= scaled.denominator:
        whole += 1
    return Decimal(whole).scaleb(-digits)
