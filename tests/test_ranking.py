"""Places and movement: tables of cases, properties, and agreement with PostgreSQL's own window functions."""

from __future__ import annotations

from decimal import Decimal as D
from fractions import Fraction

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.models import NoMovement, Unranked
from reports.models import RankingRule as StoredRule
from reports.ranking import Movement, Place, Position, RankingRule, Reason, Spread, movement, places, spread
from reports.scoring import Gap

FOUR = {"a": D("92.41"), "b": D("91.00"), "c": D("91"), "d": D("90.5")}
VALUES = st.dictionaries(st.integers(0, 60), st.none() | st.decimals(0, 100, places=2), max_size=40)
RULES = st.sampled_from(RankingRule)


@pytest.mark.parametrize(
    ("rule", "ranks"), [(RankingRule.COMPETITION, [1, 2, 2, 4]), (RankingRule.DENSE, [1, 2, 2, 3])]
)
def test_the_rule_decides_the_rank_after_a_tie(rule: RankingRule, ranks: list[int]) -> None:
    found = places(FOUR, rule)
    assert [found[key].rank for key in "abcd"] == ranks
    assert [found[key].is_tied for key in "abcd"] == [False, True, True, False]


def test_a_unit_without_a_figure_has_no_rank_and_zero_is_a_figure() -> None:
    assert places({"a": None, "b": D(0), "c": None}, RankingRule.COMPETITION) == {
        "a": Place(),
        "b": Place(1),
        "c": Place(),
    }


def test_values_that_only_differ_before_rounding_tie_only_when_rounded() -> None:
    exact = {"a": Fraction(D("91.004")), "b": Fraction(D("91.001"))}
    assert [p.rank for p in places(exact, RankingRule.COMPETITION).values()] == [1, 2]
    rounded = {"a": D("91.00"), "b": D("91.00")}
    assert [p.rank for p in places(rounded, RankingRule.COMPETITION).values()] == [1, 1]


@given(VALUES, RULES, st.randoms())
def test_shuffling_changes_no_place(values: dict[int, D | None], rule: RankingRule, random: object) -> None:
    shuffled = list(values.items())
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert places(dict(shuffled), rule) == places(values, rule)


@given(VALUES, RULES)
def test_a_unit_without_scores_changes_no_other_place(values: dict[int, D | None], rule: RankingRule) -> None:
    assert places({**values, 99: None}, rule) == {**places(values, rule), 99: Place()}


@given(VALUES, RULES, st.fractions(min_value="1/7", max_value=9))
def test_scaling_changes_no_place(values: dict[int, D | None], rule: RankingRule, factor: Fraction) -> None:
    scaled = {key: None if value is None else Fraction(value) * factor for key, value in values.items()}
    assert places(scaled, rule) == places(values, rule)


@given(VALUES)
def test_a_competition_rank_counts_those_ahead_and_a_dense_rank_the_values_ahead(
    values: dict[int, D | None],
) -> None:
    known = {key: value for key, value in values.items() if value is not None}
    competition, dense = (places(values, rule) for rule in RankingRule)
    for key, value in known.items():
        assert competition[key].rank == 1 + sum(other > value for other in known.values())
        assert dense[key].rank == 1 + len({other for other in known.values() if other > value})
        assert competition[key].is_tied == (list(known.values()).count(value) > 1)


@pytest.mark.postgres
@pytest.mark.django_db
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.decimals(0, 100, places=2), min_size=1, max_size=30))
def test_ranks_agree_with_postgresql(values: list[D]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i, rank() OVER (ORDER BY v DESC), dense_rank() OVER (ORDER BY v DESC)"
            " FROM unnest(%s::numeric[]) WITH ORDINALITY AS t(v, i)",
            [values],
        )
        rows = cursor.fetchall()
    by_place = dict(enumerate(values, start=1))
    competition, dense = (places(by_place, rule) for rule in RankingRule)
    assert {i: (competition[i].rank, dense[i].rank) for i in by_place} == {i: (r, d) for i, r, d in rows}


def test_the_spread_covers_only_known_figures() -> None:
    assert spread([D(80), None, D("90.5"), D(70)]) == Spread(3, Fraction(481, 6), D("90.5"), D(70))
    assert spread([None]) is None


NOW = Position(D("92.41"), D(100), 23)


def test_climbing_and_gaining_are_positive() -> None:
    assert movement(NOW, Position(D("91.61"), D(100), 30)) == Movement(D("0.80"), 7)


@pytest.mark.parametrize(
    ("now", "before", "is_merged", "reason"),
    [
        (NOW, None, False, Reason.FIRST),
        (NOW, None, True, Reason.MERGED),
        (NOW, Position(D(91), D(100), 3), True, Reason.MERGED),
        (NOW, Position(None, D(100), None), False, Reason.NO_FIGURE),
        (Position(None, D(100), None), Position(D(91), D(100), 3), False, Reason.NO_FIGURE),
        (NOW, Position(D(60), D(68), 3), False, Reason.SCALE),
    ],
)
def test_a_movement_that_means_nothing_gives_its_reason(
    now: Position, before: Position | None, is_merged: bool, reason: Reason
) -> None:
    assert movement(now, before, is_merged=is_merged) == Movement(reason=reason)


def test_the_codes_are_those_that_are_stored() -> None:
    assert {r.value for r in Reason} == set(NoMovement.values)
    assert {r.value for r in RankingRule} == set(StoredRule.values)
    assert {g.value for g in Gap} == set(Unranked.values)
