"""How sure is a rank? Survey points come from people who were sampled: what if others had been asked?

In prose: for every unit, component, question and group of respondents the counted answers are drawn again, with
replacement, as many as the sample is worth (answers / design effect). The drawn answers give points by the survey's
own rule, points give totals and totals give ranks by the year's own rules; appraised points stay. Doing so many
times gives, for each unit, the ranks it gets in 95 % of the draws, and for two neighbours how often their order
turns. Questions are drawn apart from each other. Two draws of the same year are the same: the seed is fixed.
(Efron and Tibshirani, An Introduction to the Bootstrap, 1993; ranks: Goldstein and Spiegelhalter, 1996.)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from reports.ranking import RankingRule
from reports.scoring import RankOn, RoundAt, Rules, round_half_up

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, np.dtype[np.float64]]

DRAWS = 2000
SEED = 2024
# The ranks of 95 % of the draws; two units whose order turns in more than 5 % of them are not told apart.
TAIL = Fraction(25, 1000)
TURNS = Fraction(5, 100)
# Binary fractions lie a hair beside the decimals they stand for; a half must still be a half.
HAIR = 1e-9


@dataclass(frozen=True)
class Question:
    """The answers to one question: how many chose each option, and what each option is worth (0–1)."""

    counts: tuple[int, ...]
    weights: tuple[Fraction, ...]


@dataclass(frozen=True)
class Asked:
    """A survey component of one unit: its maximum, and by group of respondents its weight and questions.

    `digits` are those its points are stored with; `design_effect` says how much wider the sample is than a simple
    random one.
    """

    maximum: Decimal
    groups: tuple[tuple[Fraction, tuple[Question, ...]], ...]
    digits: int
    design_effect: Decimal = Decimal(1)


@dataclass(frozen=True)
class Entry:
    """What makes a unit's total: points that stay as they are, and surveys that are drawn again.

    `steady` are the appraised points as they enter the total, rounded where the year rounds parts or components;
    `held` are survey points whose answers are unknown; `scale` brings points to the full scale (1: nothing to
    bring); `outside` are bonuses less penalties.
    """

    steady: Fraction
    surveys: tuple[Asked, ...]
    held: Fraction = Fraction(0)
    scale: Fraction = Fraction(1)
    outside: Fraction = Fraction(0)


@dataclass(frozen=True)
class Certainty:
    """A unit's rank as published and the ranks it gets in 95 % of the draws, both ends included."""

    rank: int
    low: int
    high: int


@dataclass(frozen=True)
class Pair:
    """Two units next to each other by rank, and in how many of the draws the lower one is level or ahead."""

    upper: int
    lower: int
    turned: Fraction

    @property
    def is_apart(self) -> bool:
        """Tell whether their order holds in at least 95 % of the draws."""
        return self.turned <= TURNS


@dataclass(frozen=True)
class Simulation:
    """What the draws gave, by unit and for neighbours, the best first."""

    draws: int
    units: Mapping[int, Certainty]
    pairs: tuple[Pair, ...]


def simulate(
    entries: Mapping[int, Entry], rules: Rules, ranking: RankingRule, *, draws: int = DRAWS, seed: int = SEED
) -> Simulation:
    """Return how sure the ranks of the units are; `entries` by unit, all of them ranked together."""
    import numpy as np

    random = np.random.default_rng(seed)
    keys = list(entries)
    totals = np.stack([drawn_totals(entries[key], rules, draws, random) for key in keys])
    places = _places(totals, ranking)
    observed = _places(np.array([[float(observed_total(entries[key], rules))] for key in keys]), ranking)[
        :, 0
    ]
    ordered = np.sort(places, axis=1)
    low, high = int(TAIL * draws), draws - 1 - int(TAIL * draws)
    units = {
        key: Certainty(
            int(observed[i]), int(min(ordered[i, low], observed[i])), int(max(ordered[i, high], observed[i]))
        )
        for i, key in enumerate(keys)
    }
    best_first = sorted(range(len(keys)), key=lambda i: (observed[i], keys[i]))
    pairs = tuple(
        Pair(keys[a], keys[b], Fraction(int((totals[b] >= totals[a] - HAIR).sum()), draws))
        for a, b in pairwise(best_first)
    )
    return Simulation(draws, units, pairs)


def observed_points(asked: Asked) -> Decimal | None:
    """Return the points that the counted answers give, as they are stored; None where nobody answered."""
    means = [
        (weight, sum(found, Fraction(0)) / len(found))
        for weight, questions in asked.groups
        if (found := [_mean(one) for one in questions if sum(one.counts)])
    ]
    if not means:
        return None
    ratio = sum((weight * mean for weight, mean in means), Fraction(0)) / sum(weight for weight, _ in means)
    return round_half_up(Fraction(asked.maximum) * ratio, asked.digits)


def observed_total(entry: Entry, rules: Rules) -> Fraction:
    """Return the total that ranks, from the answers as they were counted."""
    found = [observed_points(asked) or Decimal(0) for asked in entry.surveys]
    if rules.rank_on == RankOn.UNROUNDED:
        survey = sum((Fraction(one) for one in found), entry.held)
        return max((entry.steady + survey) * entry.scale + entry.outside, Fraction(0))
    if rules.round_at == RoundAt.LEAF:
        found = [round_half_up(one, rules.digits) for one in found]
    survey = sum((Fraction(one) for one in found), entry.held)
    if rules.round_at == RoundAt.PART:
        survey = Fraction(round_half_up(survey, rules.digits))
    scaled = (entry.steady + survey) * entry.scale
    if rules.round_at == RoundAt.TOTAL:
        return Fraction(round_half_up(max(scaled + entry.outside, Fraction(0)), rules.digits))
    return max(Fraction(round_half_up(scaled, rules.digits)) + entry.outside, Fraction(0))


def drawn_totals(entry: Entry, rules: Rules, draws: int, random: np.random.Generator) -> Numbers:
    """Return the totals that rank, one a draw: the same arithmetic as `observed_total`, on many draws at once."""
    import numpy as np

    exact = rules.rank_on == RankOn.UNROUNDED
    survey = np.full(draws, float(entry.held))
    for asked in entry.surveys:
        points = _round(_drawn_points(asked, draws, random), asked.digits)
        survey += _round(points, rules.digits) if rules.round_at == RoundAt.LEAF and not exact else points
    if exact:
        return np.maximum((float(entry.steady) + survey) * float(entry.scale) + float(entry.outside), 0)
    if rules.round_at == RoundAt.PART:
        survey = _round(survey, rules.digits)
    scaled = (float(entry.steady) + survey) * float(entry.scale)
    if rules.round_at == RoundAt.TOTAL:
        return _round(np.maximum(scaled + float(entry.outside), 0), rules.digits)
    return np.maximum(_round(scaled, rules.digits) + float(entry.outside), 0)


def _drawn_points(asked: Asked, draws: int, random: np.random.Generator) -> Numbers:
    import numpy as np

    total, weights = np.zeros(draws), Fraction(0)
    for weight, questions in asked.groups:
        means = [
            _drawn_means(one, asked.design_effect, draws, random) for one in questions if sum(one.counts)
        ]
        if means:
            total += float(weight) * sum(means) / len(means)
            weights += weight
    return float(asked.maximum) * total / float(weights) if weights else total


def _drawn_means(
    question: Question, design_effect: Decimal, draws: int, random: np.random.Generator
) -> Numbers:
    import numpy as np

    answered = sum(question.counts)
    size = max(1, int(round_half_up(Fraction(answered) / Fraction(design_effect), 0)))
    drawn = random.multinomial(size, [count / answered for count in question.counts], size=draws)
    means: Numbers = drawn @ np.array([float(weight) for weight in question.weights]) / size
    return means


def _mean(question: Question) -> Fraction:
    worth = sum((w * n for w, n in zip(question.weights, question.counts, strict=True)), Fraction(0))
    return worth / sum(question.counts)


def _round(values: Numbers, digits: int) -> Numbers:
    import numpy as np

    rounded: Numbers = np.floor(values * 10**digits + 0.5 + HAIR) / 10**digits
    return rounded


def _places(totals: Numbers, ranking: RankingRule) -> Any:
    """Return the rank of each row in each column, as `reports.ranking.places` gives them."""
    import numpy as np

    level = np.round(totals, 9)
    places = np.empty(level.shape, dtype=int)
    for column in range(level.shape[1]):
        values = level[:, column]
        steps, where, counts = np.unique(-values, return_inverse=True, return_counts=True)
        ahead = np.arange(len(steps)) if ranking == RankingRule.DENSE else np.cumsum(counts) - counts
        places[:, column] = ahead[where] + 1
    return places
