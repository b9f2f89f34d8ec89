"""How sure ranks are: the draws follow the year's own rules, and where answers cannot tell the page says so."""

from decimal import Decimal as D
from fractions import Fraction as F

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from reports.analytics.certainty import (
    Asked,
    Entry,
    Question,
    drawn_totals,
    observed_points,
    observed_total,
    simulate,
)
from reports.models import (
    AssessmentYear,
    PublishedScore,
    ScopeKind,
    Standing,
    SurveyAnswerCount,
    SurveyRound,
)
from reports.ranking import RankingRule, places
from reports.scoring import Leaf, Part, RankOn, RoundAt, Rules, State, round_half_up, score_sheet
from reports.summaries.certainty import certainty_of
from reports.worked_examples import certainty_example

from .test_pages import text_of

YES_NO = (F(1), F(0))


def asked(yes, no, maximum="10", **more):
    return Asked(D(maximum), ((F(100), (Question((yes, no), YES_NO),)),), digits=2, **more)


def test_the_worked_example_is_near_what_is_computed_by_hand():
    found = certainty_example()
    (pair,) = found.pairs
    assert (found.units[1].rank, found.units[1].low, found.units[1].high) == (2, 1, 2)
    assert abs(pair.turned - F(1, 4)) < F(3, 100)
    assert not pair.is_apart


def test_points_are_the_mean_of_groups_by_their_weights():
    groups = (
        (F(70), (Question((3, 1), YES_NO), Question((1, 1), YES_NO))),
        (F(30), (Question((0, 2), YES_NO),)),
        (F(50), (Question((0, 0), YES_NO),)),
    )
    assert observed_points(Asked(D(10), groups, digits=3)) == D("4.375")
    assert observed_points(asked(0, 0)) is None


def test_many_answers_are_surer_than_few_and_a_wide_design_less_sure():
    def width(times, effect=1):
        entries = {
            n: Entry(80 + F(n, 5), (asked(7 * times, 3 * times, design_effect=D(effect)),)) for n in range(8)
        }
        found = simulate(entries, Rules(), RankingRule.COMPETITION, draws=500)
        return sum(one.high - one.low for one in found.units.values())

    assert width(10) > width(100) > width(10_000) == 0
    assert width(100, effect=4) > width(100)


def test_without_surveys_every_rank_is_certain_but_for_ties():
    entries = {n: Entry(F(points), ()) for n, points in enumerate((90, 80, 80))}
    found = simulate(entries, Rules(), RankingRule.COMPETITION, draws=50)
    assert [(one.rank, one.low, one.high) for one in found.units.values()] == [
        (1, 1, 1),
        (2, 2, 2),
        (2, 2, 2),
    ]
    assert [one.turned for one in found.pairs] == [0, 1]


def test_the_same_answers_give_the_same_draws():
    entries = {1: Entry(F(70), (asked(40, 60),)), 2: Entry(F(71), (asked(30, 70),))}
    assert simulate(entries, Rules(), RankingRule.DENSE) == simulate(entries, Rules(), RankingRule.DENSE)


counts = st.integers(0, 60)
POINTS = st.decimals("0", "30", places=3)


@given(
    st.sampled_from(RoundAt),
    st.sampled_from(RankOn),
    st.lists(POINTS, min_size=1, max_size=3),
    st.lists(st.tuples(counts, counts), min_size=1, max_size=3),
    st.booleans(),
)
def test_the_total_is_that_of_scoring(round_at, rank_on, appraised, answers, is_rescaled):
    """Answers that cannot vary are drawn as they are: then every draw must be the total that scoring computes."""
    rules = Rules(round_at=round_at, digits=2, rank_on=rank_on, is_rescaled=is_rescaled)
    surveys = [asked(1 if yes > no else 0, 0 if yes > no else 1) for yes, no in answers]
    leaves = [
        Leaf(f"a{n}", "1", Part.APPRAISED, D(30), State.VALUE, points) for n, points in enumerate(appraised)
    ]
    leaves.append(Leaf("out", "1", Part.APPRAISED, D(10), State.NOT_APPLICABLE))
    leaves += [
        Leaf(f"s{n}", "2", Part.SURVEY, one.maximum, State.VALUE, observed_points(one))
        for n, one in enumerate(surveys)
    ]
    scored = score_sheet(leaves, rules)
    steady = sum((F(p) for p in appraised), F(0))
    if rank_on == RankOn.ROUNDED and round_at == RoundAt.LEAF:
        steady = sum((F(round_half_up(p, 2)) for p in appraised), F(0))
    if rank_on == RankOn.ROUNDED and round_at == RoundAt.PART:
        steady = F(round_half_up(sum(appraised), 2))
    full, applied = sum(leaf.maximum for leaf in leaves), sum(leaf.maximum for leaf in leaves) - 10
    entry = Entry(steady, tuple(surveys), scale=F(full) / F(applied) if is_rescaled else F(1))
    wanted = scored.total.compared(rank_on)
    assert observed_total(entry, rules) == wanted
    drawn = drawn_totals(entry, rules, 3, np.random.default_rng(1))
    assert np.allclose(drawn, float(wanted), atol=1e-6)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=12), st.sampled_from(RankingRule))
def test_ranks_are_those_of_ranking(values, rule):
    found = simulate({n: Entry(F(v), ()) for n, v in enumerate(values)}, Rules(), rule, draws=3)
    wanted = places({n: F(v) for n, v in enumerate(values)}, rule)
    assert {n: one.rank for n, one in found.units.items()} == {n: place.rank for n, place in wanted.items()}


def told(year):
    found = certainty_of(year)
    assert found is not None
    return found


@pytest.fixture
def sample(demo_content, db):
    return AssessmentYear.objects.get(organiser__slug="tinh-minh-hoa", year=2024)


def test_the_sample_year_tells_how_sure_its_ranks_are(sample):
    with CaptureQueriesContext(connection) as queries:
        sure = told(sample)
    assert len(queries) <= 8
    assert sure.reason == "" and len(sure.rows) == 12 and len(sure.neighbours) == 11
    assert all(row.certainty.low <= row.certainty.rank <= row.certainty.high for row in sure.rows)
    assert [row.certainty.rank for row in sure.rows] == [row.standing.rank for row in sure.rows]
    assert sure.respondents == (100, 100) and sure.has_design_effect
    assert 0 < sure.apart < 11


def test_answers_of_people_who_were_not_drawn_at_random_tell_nothing(sample):
    SurveyRound.objects.filter(assessment_year=sample).update(is_random_sample=False)
    assert "ngẫu nhiên" in told(sample).reason


def test_answers_that_do_not_give_the_published_points_tell_nothing(sample):
    first = SurveyAnswerCount.objects.filter(sheet__assessment_year=sample, option="A").order_by("pk")[0]
    first.delete()
    assert "không cho đúng điểm đã công bố" in told(sample).reason


def total_standings(year):
    return Standing.objects.filter(scope__publication=year.current_publication, scope__kind=ScopeKind.TOTAL)


def test_a_year_that_ranked_nobody_has_no_ranks_to_be_sure_of(client, sample, settings):
    total_standings(sample).update(rank=None, unranked="incomplete")
    assert "Chưa có hai đơn vị" in told(sample).reason
    settings.PUBLIC_CERTAINTY = True
    assert "Chưa có hai đơn vị" in text_of(client, "/tinh-minh-hoa/2024/huyen/certainty/")


def test_a_rank_that_was_not_published_is_never_shown(sample):
    total_standings(sample).filter(rank=12).update(rank=11)
    assert "không ra đúng thứ hạng" in told(sample).reason


def test_a_component_without_published_points_tells_nothing(sample):
    some = SurveyAnswerCount.objects.filter(sheet__assessment_year=sample).order_by("pk")[0]
    rows = PublishedScore.objects.filter(publication=sample.current_publication, unit=some.sheet.unit_id)
    rows.filter(criterion=some.criterion_id).delete()
    assert "không cho đúng điểm đã công bố" in told(sample).reason


def test_a_year_without_answers_says_so(demo_content, db):
    sure = told(AssessmentYear.objects.get(organiser__slug="tinh-minh-hoa", year=2022))
    assert "Chưa có số phiếu" in sure.reason and sure.rows == ()


def test_the_public_sees_it_only_where_the_site_says_so(client, sample, settings):
    address = "/tinh-minh-hoa/2024/huyen/certainty/"
    assert client.get(address).status_code == 404
    settings.PUBLIC_CERTAINTY = True
    page = text_of(client, address)
    assert "cặp đơn vị liền nhau giữ nguyên thứ tự" in page and "Huyện Lâm Khê" in page
    assert client.get("/ha-noi/2024/huyen/certainty/").status_code == 404
