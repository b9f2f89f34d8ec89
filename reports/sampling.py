"""How sure is a share that a random sample gave, and is a movement more than chance? Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from fractions import Fraction
from statistics import NormalDist

CONFIDENCE = Decimal("0.95")
# 1.959963…: 95 % of a normal distribution lie within so many standard deviations.
Z = Decimal(NormalDist().inv_cdf(float((1 + CONFIDENCE) / 2)))
PLACES = Decimal("0.000001")
EXACT = Context(prec=40)


@dataclass(frozen=True)
class Interval:
    """Limits between which a value lies with 95 % confidence; rates of 0–1, rounded outwards to 6 places."""

    low: Decimal
    high: Decimal

    @property
    def width(self) -> Decimal:
        return self.high - self.low

    def contains(self, value: Fraction | Decimal | int) -> bool:
        return Fraction(self.low) <= Fraction(value) <= Fraction(self.high)


@dataclass(frozen=True)
class Sample:
    """A share (0–1) of so many who answered, with what is known of how they were chosen.

    `design_effect` says how much wider than a simple random sample (1: just as wide); `population`, where it is
    known, is out of how many they were chosen. Raises ValueError for what no sample can be.
    """

    share: Fraction
    respondents: int
    design_effect: Decimal = Decimal(1)
    population: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.share <= 1:
            raise ValueError(f"a share lies between 0 and 1, not at {self.share}")
        if self.respondents < 1:
            raise ValueError("nobody answered")
        if self.design_effect <= 0:
            raise ValueError("a design effect is greater than 0")
        if self.population is not None and self.population < self.respondents:
            raise ValueError("more answered than there are")

    @classmethod
    def of_counts(
        cls,
        satisfied: int,
        respondents: int,
        *,
        design_effect: Decimal = Decimal(1),
        population: int | None = None,
    ) -> Sample:
        """Return the sample in which `satisfied` of `respondents` were satisfied."""
        if respondents < 1:
            raise ValueError("nobody answered")
        return cls(Fraction(satisfied, respondents), respondents, design_effect, population)

    @property
    def effective_size(self) -> Fraction | None:
        """Return how large a simple random sample of an endless population would be as sure; None: all were asked.

        n / deff, the effective sample size, and the finite population correction (N − n) / (N − 1) beside it, as
        a design effect compares with a simple random sample without replacement (Kish, Survey Sampling, 1965).
        """
        size = Fraction(self.respondents) / Fraction(self.design_effect)
        if self.population is None:
            return size
        if self.population == self.respondents:
            return None
        return size * Fraction(self.population - 1, self.population - self.respondents)


def interval(sample: Sample) -> Interval:
    """Return the 95 % score interval of a share (Wilson, JASA 22, 1927), at the sample's effective size.

    It is within 0–1 and holds the share also where all or none were satisfied. A sample of everybody has no
    sampling error: both limits are the share.
    """
    size = sample.effective_size
    if size is None:
        return Interval(_down(_decimal(sample.share)), _up(_decimal(sample.share)))
    p, n, z2 = _decimal(sample.share), _decimal(size), EXACT.multiply(Z, Z)
    scale = EXACT.add(1, EXACT.divide(z2, n))
    centre = EXACT.add(p, EXACT.divide(z2, 2 * n))
    variance = EXACT.add(EXACT.divide(p * (1 - p), n), EXACT.divide(z2, 4 * n * n))
    half = EXACT.multiply(Z, EXACT.sqrt(variance))
    low, high = EXACT.divide(centre - half, scale), EXACT.divide(centre + half, scale)
    return Interval(
        # Digits lost on the way must not leave out the share itself where all or none were satisfied.
        max(Decimal(0), _down(min(low, p))),
        min(Decimal(1), _up(max(high, p))),
    )


@dataclass(frozen=True)
class Movement:
    """A change of share between two samples (−1 to 1) with its 95 % interval."""

    change: Fraction
    interval: Interval

    @property
    def exceeds_sampling_error(self) -> bool:
        """Return whether "no change" lies outside the interval."""
        return not self.interval.contains(0)


def movement(before: Sample, after: Sample) -> Movement:
    """Return how a share moved from one independent sample to the next, and whether by more than chance.

    The interval of the difference is built of the two score intervals (Newcombe, Statistics in Medicine 17, 1998,
    pages 873–890, method 10); a change exceeds the sampling error where that interval leaves out 0.
    """
    change = after.share - before.share
    old, new, d = interval(before), interval(after), _decimal(change)
    p, q = _decimal(before.share), _decimal(after.share)
    down = EXACT.sqrt((q - new.low) ** 2 + (old.high - p) ** 2)
    up = EXACT.sqrt((new.high - q) ** 2 + (p - old.low) ** 2)
    return Movement(change, Interval(max(Decimal(-1), _down(d - down)), min(Decimal(1), _up(d + up))))


def _decimal(value: Fraction) -> Decimal:
    return EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))


def _down(value: Decimal) -> Decimal:
    return value.quantize(PLACES, rounding=ROUND_FLOOR)


def _up(value: Decimal) -> Decimal:
    return value.quantize(PLACES, rounding=ROUND_CEILING)
