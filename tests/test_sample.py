"""The fictional province: complete, consistent, marked as sample, the same on every load."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal as D
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from districts.audit import Act
from districts.models import Change, Organiser, Succession, Unit
from reports import rules
from reports.checks import check_dossiers
from reports.models import (
    AssessmentYear,
    Criterion,
    Desk,
    DossierCount,
    Judgement,
    PageVersion,
    Publication,
    PublishedScore,
    Rating,
    Release,
    Satisfaction,
    Score,
    ScoreSheet,
    Source,
    Standing,
)
from reports.sample.answers import answers_giving
from reports.sample.chance import Chance, share
from reports.sample.dossiers import Counts, all_months, year_of
from reports.sample.load import load_sample, remove_sample
from reports.sample.places import MERGED, MERGED_INTO, PLACES
from reports.sample.write_years import swapped
from reports.summaries.ratings import comments_of, months_of_desks
from reports.survey_points import tallies_of
from reports.workflow.entering import CellWrite, write_cells
from reports.workflow.figures import RowWrite, write_rows
from reports.workflow.month_figures import confirm_month
from reports.workflow.releases import release

UNITS_FILE = Path(__file__).parent.parent / "districts" / "data" / "units" / "units.csv"
# Change these only together with the sample itself: they say that it did not change by accident.
DRAWN = [125, 189, 213, 462]
MONTHS_HASH = "e546abe168d46c7ce2c42efd88e276d8f9625bcedc0fb56efc2d6fac427274b7"
STANDINGS_HASH = "b086b2ca0a8d0244e8cf12502d4c6a6b9e970e9de4d60a341559a31f0f3a4a82"
EXTREMES = (D("72.40"), D("93.46"))


@pytest.fixture(scope="module")
def sample(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """Load the sample once for this module, in a transaction that is undone."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_sample()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def loaded(sample: None, db: None) -> None:
    """The loaded sample, in a test's own transaction."""


def totals(year: int) -> dict[str, Standing]:
    year_row = AssessmentYear.objects.get(organiser__slug="tinh-minh-hoa", year=year)
    rows = Standing.objects.filter(scope__publication=year_row.current_publication, scope__kind="total")
    return {row.unit.code: row for row in rows.select_related("unit", "scope")}


def test_no_place_has_the_name_of_a_real_unit() -> None:
    with UNITS_FILE.open(encoding="utf-8", newline="") as file:
        real = {row["name"] for row in csv.DictReader(file)}
    assert len(real) > 5000
    assert {place.name for place in PLACES} & real == set()


def test_draws_stay_the_same_in_every_python() -> None:
    chance = Chance("MH01", 2024)
    assert [chance.between(0, 999) for _ in range(4)] == DRAWN


def test_all_dossier_counts_stay_the_same() -> None:
    text = "\n".join(map(repr, all_months()))
    assert hashlib.sha256(text.encode()).hexdigest() == MONTHS_HASH


def test_every_month_carries_over_what_the_month_before_left_pending() -> None:
    months = all_months()
    for place in PLACES:
        for scope in ("own", "communes"):
            chain = [m.counts for m in months if (m.code, m.scope) == (place.code, scope)]
            assert all(after.carried_over == before.pending for before, after in pairwise(chain))
    last = [m.counts.pending for m in months if m.code in MERGED and m.ends_on == dt.date(2021, 12, 31)]
    first = [
        m.counts.carried_over for m in months if m.code == MERGED_INTO and m.starts_on == dt.date(2022, 1, 1)
    ]
    assert len(last) == 4
    assert sum(first) == sum(last)


def test_the_months_of_a_year_make_a_report_that_adds_up() -> None:
    months = [m for m in all_months() if (m.code, m.scope, m.starts_on.year) == ("MH01", "own", 2024)]
    year = year_of(months)
    assert year.received == year.carried_over + year.received_online + year.received_direct
    assert year.received == year.resolved + year.pending
    assert (year.carried_over, year.pending) == (months[0].counts.carried_over, months[-1].counts.pending)


@pytest.mark.parametrize(("permille", "part"), [(-5, 0), (0, 0), (500, 4), (499, 3), (1000, 7), (1500, 7)])
def test_a_share_is_within_the_whole_and_rounds_half_up(permille: int, part: int) -> None:
    assert share(7, permille) == part


def test_a_slip_of_two_digits() -> None:
    assert swapped(D("1.61")) == D("1.16")
    assert swapped(D("2.50")) == D("2.05")


def test_five_years_are_published_with_12_or_13_units_each(loaded: None) -> None:
    assert {year: len(totals(year)) for year in range(2020, 2025)} == {
        2020: 13,
        2021: 13,
        2022: 12,
        2023: 12,
        2024: 12,
    }
    points = [s.points for year in range(2020, 2025) for s in totals(year).values() if s.points is not None]
    assert (min(points), max(points)) == EXTREMES


def test_all_published_values_stay_the_same(loaded: None) -> None:
    rows = Standing.objects.order_by(
        *("scope__publication__assessment_year__year", "scope__publication__version"),
        *("scope__order", "unit__code"),
    ).values_list("unit_name", "points", "rank", "grade", "points_change", "rank_change", "no_movement")
    text = "\n".join(
        "|".join(map(str, row)) for row in rows.filter(scope__publication__source__is_sample=True)
    )
    assert hashlib.sha256(text.encode()).hexdigest() == STANDINGS_HASH


def test_loading_again_changes_nothing(loaded: None) -> None:
    before = row_counts()
    assert load_sample() is False
    call_command("load_sample")
    assert row_counts() == before


def row_counts() -> dict[str, int]:
    return {
        m._meta.label: m._default_manager.count()
        for m in apps.get_models()
        if m._meta.app_label in ("districts", "reports") and m is not PageVersion
    }


def test_it_can_be_taken_out_without_a_trace_but_the_criteria(loaded: None) -> None:
    remove_sample()
    left = {label for label, count in row_counts().items() if count}
    assert left <= {"reports.CriteriaSet", "reports.Criterion", "reports.Source", "districts.Organiser"}
    assert not Organiser.objects.filter(slug="tinh-minh-hoa").exists()


def test_the_answers_of_a_year_give_its_published_points_exactly(loaded: None) -> None:
    published = PublishedScore.objects.filter(
        publication__assessment_year__year=2024, criterion__answer_counts__isnull=False
    ).distinct()
    sheets = {sheet.unit_id: sheet.pk for sheet in ScoreSheet.objects.filter(assessment_year__year=2024)}
    tallies = tallies_of(sheets.values(), {row.criterion for row in published})
    assert len(tallies) == published.count() == 12 * 7
    assert all(
        tallies[sheets[row.unit_id], row.criterion_id].outcome.exact == row.points for row in published
    )
    assert {told.forms for told in tallies.values()} == {100}


def test_answers_are_found_for_all_points_of_two_decimals() -> None:
    rule = rules.parse(
        {
            "kind": "survey",
            "questions": 3,
            "respondents": "người dân",
            "options": [
                {"key": key, "weight_percent": weight}
                for key, weight in (("A", "100"), ("B", "60"), ("C", "20"), ("D", "0"))
            ],
            "not_applicable": "leaves_maximum",
            "zero_denominator": "not_applicable",
        },
        D(3),
    )
    assert isinstance(rule, rules.Survey)
    for hundredths in range(301):
        answers = answers_giving(rule, D(hundredths) / 100)
        assert answers is not None
        assert rules.evaluate(rule, {"answers": answers}).exact == Fraction(hundredths, 100)
    assert answers_giving(rule, D("1.005")) is None


def test_two_units_share_a_place_in_the_latest_year(loaded: None) -> None:
    tied = {code: (s.points, s.rank) for code, s in totals(2024).items() if s.is_tied}
    assert tied == {"MH04": (D("87.05"), 8), "MH14": (D("87.05"), 8)}
    assert {s.rank for s in totals(2024).values()} == {1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12}


def test_a_merged_unit_begins_without_movement(loaded: None) -> None:
    assert totals(2022)["MH14"].no_movement == "merged"
    assert totals(2023)["MH14"].no_movement == ""
    assert Succession.objects.filter(successor__code="MH14", kind="merge").count() == 2


def test_a_unit_that_did_not_report_is_listed_without_a_rank(loaded: None) -> None:
    silent = totals(2021)["MH10"]
    assert (silent.points, silent.rank, silent.unranked) == (None, None, "not_reported")
    assert (silent.scope.ranked_count, silent.scope.publication.roster_size) == (12, 13)
    assert totals(2022)["MH10"].no_movement == "no_figure"
    assert ScoreSheet.objects.filter(status="not_reported").count() == 1


def test_the_criteria_set_changes_between_2022_and_2023(loaded: None) -> None:
    assert {s.criteria_changed for s in totals(2023).values()} == {True}
    assert {s.criteria_changed for s in totals(2024).values()} == {False}


def test_one_component_does_not_apply_to_one_unit(loaded: None) -> None:
    score = PublishedScore.objects.get(state="not_applicable")
    year = score.publication.assessment_year.year
    assert (score.unit.code, year, score.criterion.code, score.points) == ("MH10", 2024, "6.3.1", None)
    assert totals(2024)["MH10"].max_points == 100


def test_2023_was_corrected_in_the_open(loaded: None) -> None:
    first, second = Publication.objects.filter(assessment_year__year=2023).order_by("version")
    before, after = (p.scores.get(unit__code="MH09", criterion__code="7.3.2") for p in (first, second))
    assert (before.points, after.points) == (D("1.16"), D("1.61"))
    ranks = [p.scopes.get(kind="total").standings.get(unit__code="MH09").rank for p in (first, second)]
    assert ranks == [6, 5]
    assert "1,61 điểm, không phải 1,16 điểm" in second.reason
    assert totals(2024)["MH09"].scope.publication.compared_with == second


def test_decisions_say_that_they_are_samples(loaded: None) -> None:
    numbers = set(Publication.objects.values_list("decision_number", flat=True))
    assert numbers == {f"QĐ mẫu 01/{year}" for year in range(2021, 2026)} | {"QĐ mẫu 05/2024"}


def test_points_of_levels_and_deductions_are_ones_the_rule_gives(loaded: None) -> None:
    for score in Score.objects.filter(appraised_state="value").select_related("criterion"):
        criterion = score.criterion
        assert criterion.max_points is not None
        rule = rules.parse(criterion.rule, criterion.max_points)
        for points in (score.appraised_points, score.self_points):
            assert points is not None
            if isinstance(rule, rules.Levels):
                assert points in {level.points for level in rule.levels}
            if isinstance(rule, rules.Deduction):
                assert (rule.max_points - points) % rule.points_each == 0
            assert points <= criterion.max_points
        assert score.self_points >= score.appraised_points


def test_points_follow_from_the_dossiers_where_the_rule_reads_them(loaded: None) -> None:
    year = {"starts_on__year": 2024, "unit__code": "MH01", "scope": "own"}
    sums = DossierCount.objects.filter(**year).aggregate(good=Sum("on_time_or_early"), all=Sum("resolved"))
    score = Score.objects.get(
        sheet__assessment_year__year=2024, sheet__unit__code="MH01", criterion__code="3.3.2"
    )
    rule = rules.parse(score.criterion.rule, D(3))
    found = rules.evaluate(rule, {"on_time_or_early": sums["good"], "resolved": sums["all"]})
    assert score.appraised_points == found.points


def test_dossier_counts_break_no_identity(loaded: None) -> None:
    rows = DossierCount.objects.all()
    assert rows.count() == 1488
    assert [finding for row in rows for finding in broken(row)] == []


def broken(row: DossierCount) -> list[object]:
    counts = {field.name: getattr(row, field.name) for field in fields(Counts)}
    return [f for f in check_dossiers(counts) if f.verdict != "holds"]


def test_satisfaction_knows_its_levels_and_its_sample(loaded: None) -> None:
    rows = list(Satisfaction.objects.all())
    assert len(rows) == 124
    for row in rows:
        assert sum(row.level_counts.values()) == row.respondents
        assert row.level_counts["5"] + row.level_counts["4"] == row.satisfied
        assert row.is_random_sample == (row.kind == "sipas")


def test_everything_is_marked_as_sample(loaded: None) -> None:
    assert Organiser.objects.get(slug="tinh-minh-hoa").is_sample
    assert set(Unit.objects.filter(code__startswith="MH").values_list("scheme__is_sample", flat=True)) == {
        True
    }
    assert not DossierCount.objects.exclude(source__is_sample=True).exists()
    assert not AssessmentYear.objects.exclude(criteria_set__is_sample=True).exists()


def test_the_year_in_work_is_half_filled_in_and_nothing_of_it_is_public(loaded, client):
    year = AssessmentYear.objects.get(organiser__slug="tinh-minh-hoa", year=2025)
    assert (year.stage, year.current_publication, year.sheets.count()) == ("self_scoring", None, 12)
    filled = Score.objects.filter(sheet__assessment_year=year)
    assert 0 < filled.count() < 12 * 49
    assert not filled.exclude(appraised_state="not_entered").exists()
    assert client.get("/tinh-minh-hoa/2025/").status_code == 404
    assert year.deadlines.filter(stage="self_scoring").get().at > timezone.now()


def test_what_people_tried_in_the_year_in_work_goes_with_the_sample(loaded):
    sheet = ScoreSheet.objects.filter(assessment_year__year=2025, status="open")[:1].get()
    leaf = Criterion.objects.get(criteria_set__years=sheet.assessment_year, code="1.1.1")
    write = CellWrite(leaf.pk, "self", "not_assessed")
    write_cells(sheet, [write], Act(None, Change.How.COMMAND))
    remove_sample()
    assert not Change.objects.exists() and not Judgement.objects.exists()


def test_its_first_unit_has_two_desks_that_anybody_may_try(loaded, client):
    assert list(Desk.objects.order_by("code").values_list("unit__code", "code", "levels")) == [
        ("MH01", "mau-1", 5),
        ("MH01", "mau-2", 3),
    ]
    assert "Dữ liệu mẫu" in client.get("/d/mau-1/").content.decode()
    months = months_of_desks(Unit.objects.get(code="MH01", scheme__code="minh-hoa"))
    assert len(months) >= 3 and months[1].is_over and not months[1].is_confirmed
    assert len(comments_of(months[0].desks[0].desk.unit, "waiting")) == 4


def test_figures_that_its_units_entered_go_with_it(loaded):
    unit = Unit.objects.get(code="MH01", scheme__code="minh-hoa")
    month = months_of_desks(unit)[1]
    confirmed = confirm_month(unit, f"{month.period.start:%Y-%m}", Act(None, Change.How.COMMAND))
    assert confirmed.outcome == "saved"
    remove_sample()
    assert not Desk.objects.exists() and not Rating.objects.exists()
    assert not Satisfaction.objects.filter(source__reported_by__isnull=False).exists()
    assert not Source.objects.filter(reported_by__isnull=False).exists()


def test_figures_that_were_entered_and_released_go_with_it(loaded):
    unit = Unit.objects.get(code="MH01", scheme__code="minh-hoa")
    period = {"scope": "own", "starts_on": dt.date(2025, 3, 1), "ends_on": dt.date(2025, 3, 31)}
    act = Act(None, Change.How.COMMAND)
    write_rows(unit, [RowWrite(DossierCount, period, {"withdrawn": 1})], act)
    organiser = Organiser.objects.get(slug="tinh-minh-hoa")
    release(organiser, "dossiers", dt.date(2025, 1, 1), dt.date(2025, 12, 31), act)
    remove_sample()
    assert not DossierCount.objects.filter(source__reported_by__isnull=False).exists()
    assert not Release.objects.exists() and not Source.objects.filter(reported_by__isnull=False).exists()
