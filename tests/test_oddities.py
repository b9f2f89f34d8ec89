"""What is worth a second look, and why: each kind by itself, and the office's list of them."""

import datetime as dt
from decimal import Decimal as D
from fractions import Fraction as F
from itertools import combinations
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from reports.analytics.oddities import (
    Claims,
    CountRow,
    Entry,
    Oddity,
    Proof,
    Rate,
    Thresholds,
    binomial_tail,
    digit_patterns,
    full_rates,
    identical_rows,
    identical_sheets,
    jumps,
    late_entry,
    reused_evidence,
)
from reports.models import AssessmentYear, Deadline, DossierCount, Evidence, Judgement, Score
from reports.oddity_sentences import REASONS, reason_sentence
from reports.summaries.oddities import Listed
from reports.worked_examples import digits_example, jump_example, oddity_rows
from reports.workflow.figures import own_source

from .factories import OfficeYear, make_office_year, make_sheet, make_unit, make_year

DAY = dt.date(2025, 1, 1)
NOON = dt.datetime(2025, 12, 31, 12, tzinfo=dt.UTC)


def claims(unit: int, now: int, *before: int) -> Claims:
    return Claims(unit, "1", F(now, 100), tuple(F(one, 100) for one in before))


def test_the_worked_examples_come_out_as_by_hand():
    jump = jump_example()
    assert jump.said == {"now": F(80, 100), "median": F(62, 100), "spread": F(2, 100), "years": 3}
    digits = digits_example()
    assert (digits.said["hits"], digits.said["chance"]) == (5, F(11, 3125))
    assert oddity_rows()[2] == ("Năm nay cách trung vị", "18 điểm phần trăm")
    assert oddity_rows()[-1] == ("Xác suất ngẫu nhiên sau khi nhân với 11 phép thử", "0,35\u202f%")


def test_a_claim_within_the_unit_s_own_spread_is_no_jump():
    assert jumps([claims(1, 75, 50, 62, 70)]) == []
    assert jumps([claims(1, 71, 62, 62, 62)]) == []
    assert [odd.reason for odd in jumps([claims(1, 73, 62, 62, 62)])] == ["own_history"]
    assert jumps([claims(1, 90, 60, 60)]) == []


def test_a_change_no_other_unit_comes_near_is_told_only_among_enough_units():
    others = [claims(n, 64, 60) for n in range(2, 6)]
    (found,) = jumps([claims(1, 80, 60), *others])
    assert (found.unit, found.reason, found.said["change"]) == (1, "out_of_group", F(20, 100))
    assert jumps([claims(1, 80, 60), *others[:3]]) == []
    assert jumps([claims(1, 80, 60), claims(9, 76, 60), *others]) == []


@given(st.integers(0, 30), st.integers(1, 30))
def test_the_tail_is_a_chance_and_falls_with_the_hits(hits, n):
    assert 0 <= binomial_tail(hits + 1, n, F(1, 5)) <= binomial_tail(hits, n, F(1, 5)) <= 1
    assert binomial_tail(0, n, F(1, 5)) == 1


def test_rounded_counts_are_told_with_their_numbers():
    odd = digit_patterns({1: [100, 205, 310, 40] * 5, 2: list(range(11, 41))})
    assert [(one.unit, one.reason, one.said["hits"], one.said["n"]) for one in odd] == [
        (1, "rounded", 20, 20)
    ]
    assert digit_patterns({1: [100, 205, 310, 40] * 4}) == []


def test_the_digit_seven_again_and_again_is_told_as_one_digit():
    (odd,) = digit_patterns({1: [17, 27, 137, 1007] * 5})
    assert (odd.reason, odd.said["digit"], odd.said["expected"]) == ("one_digit", 7, 2)


@given(st.dictionaries(st.integers(1, 9), st.lists(st.integers(0, 9), min_size=30)))
def test_counts_of_one_digit_say_nothing(counts):
    assert digit_patterns(counts) == []


def sheet(*points: str) -> dict[str, D]:
    return {f"1.{n}": D(one) for n, one in enumerate(points)}


def test_two_sheets_with_the_same_points_below_the_maximum_are_told_once():
    maxima = {f"1.{n}": D(2) for n in range(12)}
    same = sheet(*["1.25"] * 10, "2", "2")
    (odd,) = identical_sheets({7: same, 8: same, 9: sheet(*["0.5"] * 12)}, maxima)
    assert (odd.unit, odd.others, odd.said) == (7, (8,), {"same": 10, "n": 10})
    full = sheet(*["2"] * 12)
    assert identical_sheets({7: full, 8: full}, maxima) == []


@given(
    st.dictionaries(
        st.integers(1, 5),
        st.dictionaries(st.sampled_from("abcdefghij"), st.sampled_from([D(0), D(1), D(2)]), min_size=7),
        max_size=4,
    )
)
def test_no_pair_with_the_same_claims_is_overlooked(claims):
    limits = Thresholds(least_components=3, identical=F(3, 5))
    maxima = dict.fromkeys("abcdefghij", D(2))
    pairs = {(odd.unit, *odd.others) for odd in identical_sheets(claims, maxima, limits)}
    for one, other in combinations(sorted(claims), 2):
        both = [
            claims[one][name] == claims[other][name]
            for name in claims[one].keys() & claims[other].keys()
            if (claims[one][name], claims[other][name]) != (2, 2)
        ]
        assert ((one, other) in pairs) == (len(both) >= 3 and 5 * sum(both) >= 3 * len(both))


def row(unit: int, month: int, *counts: int, place: str = "own") -> CountRow:
    return CountRow(unit, place, DAY.replace(month=month), DAY.replace(month=month, day=28), counts)


def test_the_same_row_again_is_told_of_each_unit():
    odd = identical_rows([row(1, 1, 57, 31), row(2, 3, 57, 31), row(3, 1, 57, 32)])
    assert [(one.unit, one.others, one.reason) for one in odd] == [
        (1, (2,), "rows_of_units"),
        (2, (1,), "rows_of_units"),
    ]
    (own,) = identical_rows([row(1, 1, 57, 31), row(1, 2, 57, 31)])
    assert (own.reason, own.said["own"]) == ("rows_of_periods", 2)


def test_rows_shared_with_the_same_unit_are_told_together():
    rows = [row(unit, month, 50 + month, 31) for unit in (1, 2) for month in (1, 2, 3)]
    odd = identical_rows(rows)
    assert [(one.unit, one.others, one.said["own"], one.said["n"]) for one in odd] == [
        (1, (2,), 3, 53),
        (2, (1,), 3, 53),
    ]


def test_small_other_and_overlapping_rows_are_not_the_same_row():
    assert identical_rows([row(1, 1, 7), row(2, 1, 7)]) == []
    assert identical_rows([row(1, 1, 57), row(2, 1, 57, place="territory")]) == []
    half = CountRow(1, "own", DAY, DAY.replace(month=6, day=30), (57,))
    assert identical_rows([row(1, 3, 57), half]) == []


def test_everything_on_time_is_odd_only_of_many():
    rates = [
        Rate(1, "", "on_time", 100, 100),
        Rate(2, "", "on_time", 99, 99),
        Rate(3, "", "on_time", 499, 500),
    ]
    assert [(one.unit, one.said["n"]) for one in full_rates(rates)] == [(1, 100)]
    assert len(full_rates([Rate(1, "", "satisfied", 30, 30), Rate(1, "", "satisfied", 29, 29)])) == 1


def test_values_after_the_deadline_and_in_the_last_hour_are_told():
    early, last, after = (NOON - dt.timedelta(days=2), NOON - dt.timedelta(minutes=5), NOON + dt.timedelta(1))
    assert late_entry([Entry(1, "1.1", early, early)], NOON) == []
    (late,) = late_entry([Entry(1, "1.1", early, after), Entry(1, "1.2", early, early)], NOON)
    assert (late.reason, late.said) == ("after_deadline", {"late": 1, "n": 2})
    (rushed,) = late_entry([Entry(1, f"1.{n}", last, last) for n in range(10)], NOON)
    assert (rushed.reason, rushed.said["rushed"]) == ("last_hour", 10)


def test_a_file_for_two_units_or_two_components_is_told():
    proofs = [
        Proof(1, "1.1", "a", "Báo cáo"),
        Proof(2, "1.1", "a", "Báo cáo"),
        Proof(3, "1.1", "", "Liên kết"),
    ]
    assert [(one.unit, one.others, one.reason) for one in reused_evidence(proofs)] == [
        (1, (2,), "other_units"),
        (2, (1,), "other_units"),
    ]
    (own,) = reused_evidence([Proof(1, "1.1", "a", "x"), Proof(1, "1.2", "a", "x")])
    assert (own.reason, own.said["components"]) == ("other_components", 2)
    assert reused_evidence([Proof(1, "1.1", "a", "x"), Proof(1, "1.1", "a", "x")]) == []


def test_thresholds_are_parameters():
    strict = Thresholds(least_dossiers=1)
    assert full_rates([Rate(1, "", "on_time", 1, 1)], strict)


@pytest.fixture
def office(db: None) -> OfficeYear:
    """A year whose unit "an" and "binh" share a file, and whose "an" judged one component after the deadline."""
    office = make_office_year("round1")
    deadline = timezone.now() - dt.timedelta(days=3)
    Deadline.objects.create(assessment_year=office.year, stage="self_scoring", at=deadline)
    for key in ("an", "binh"):
        score = Score.objects.create(
            sheet=office.sheets[key], criterion=office.leaves["1.1"], self_state="value", self_points=2
        )
        at = deadline + dt.timedelta(hours=1 if key == "an" else -30)
        Judgement.objects.create(score=score, stage="self", state="value", points=2, at=at)
        Evidence.objects.create(
            score=score, stage="self", title="Kế hoạch", file="evidence/x.pdf", sha256="ab"
        )
    return office


def page(office: OfficeYear, person: str, query: str = "") -> Any:
    client = Client()
    client.force_login(office.people[person])
    return client.get(reverse("office:oddities", args=[office.year.pk]) + query)


def test_the_list_tells_each_reason_with_its_numbers(office):
    response = page(office, "appraiser")
    told = [
        (one.unit.name, one.odd.kind.value, reason) for one, _k, _p, reason, _a in response.context["rows"]
    ]
    assert told == [
        ("An", "late", "1/1 tiêu chí thành phần có điểm tự chấm nhập hoặc sửa sau hạn."),
        ("An", "evidence", "Tệp “Kế hoạch” cũng là tài liệu kiểm chứng của Huyện Bình."),
        ("Bình", "evidence", "Tệp “Kế hoạch” cũng là tài liệu kiểm chứng của Huyện An."),
    ]
    assert "không phải kết luận" in response.content.decode()


def test_a_component_s_oddity_leads_to_its_area_of_the_appraisal(office):
    (row,) = page(office, "publisher", "?kind=evidence&unit=THbinh").context["rows"]
    assert row[-1] == reverse("office:appraisal", args=[office.sheets["binh"].pk]) + "?area=1"
    assert page(office, "publisher", "?kind=nonsense").context["rows"] == []


@pytest.mark.parametrize("person", ["viewer", "reporter", "lead", "stranger", "overseer"])
def test_units_and_viewers_are_refused_the_list(office, person):
    assert page(office, person).status_code == 403


def test_dossier_rows_and_rates_are_looked_at(office):
    for key in ("an", "binh"):
        unit = office.units[key]
        DossierCount.objects.create(
            unit=unit,
            source=own_source(unit),
            scope="own",
            starts_on=dt.date(2025, 3, 1),
            ends_on=dt.date(2025, 3, 31),
            resolved=321,
            on_time_or_early=321,
            digitised_results=300,
        )
    reasons = [one.odd.reason for one, *_rest in page(office, "appraiser", "?unit=THan").context["rows"]]
    assert reasons == ["rows_of_units", "on_time", "after_deadline", "other_units"]


def claim(office: OfficeYear, year: AssessmentYear, points: str, *codes: str) -> None:
    sheet = make_sheet(year, office.units["cat"], dict.fromkeys(codes, "0"))
    sheet.scores.filter(criterion__code="1.1").update(self_state="value", self_points=points)
    sheet.scores.filter(criterion__code="1.2").update(self_state="value", self_points="10")


@pytest.mark.parametrize(("entered", "told"), [(("1.1", "1.2"), 1), (("1.2",), 0)])
def test_a_jump_is_told_of_areas_that_are_entered_whole(office, entered, told):
    for year in (2022, 2023, 2024):
        past = make_year(year, organiser=office.organiser, criteria_set=office.criteria_set)
        claim(office, past, "0", "1.1", "1.2")
    office.sheets["cat"].delete()
    claim(office, office.year, "2", *entered)
    rows = page(office, "appraiser", "?kind=jump").context["rows"]
    assert len(rows) == told
    if told:
        assert rows[0][2] == "Lĩnh vực 1: Lĩnh vực 1"
        assert rows[0][3].startswith("Tự chấm 100\u202f% điểm tối đa; trung vị 3 năm trước là 83,3\u202f%")


def test_evidence_that_was_taken_away_is_not_told(office):
    Evidence.objects.update(removed_at=timezone.now())
    assert page(office, "appraiser", "?kind=evidence").context["rows"] == []


def test_every_reason_has_its_sentence(office):
    numbers: dict[str, Any] = dict.fromkeys(("now", "median", "spread", "change", "next", "chance"), F(1, 10))
    numbers |= dict.fromkeys(
        ("years", "others", "hits", "n", "digit", "same", "own", "late", "rushed", "components"), 7
    )
    days: dict[str, Any] = {"first": "2025-01-01", "last": "2025-03-31", "title": "Báo cáo", "expected": F(4)}
    sheet = office.sheet
    for kind, reason in REASONS:
        odd = Oddity(kind, reason, sheet.unit_id, value=F(1, 10), said={**numbers, **days})
        told = reason_sentence(Listed(odd, sheet.unit, sheet, (office.units["binh"],)))
        assert "%(" not in told and ("7" in told or "Báo cáo" in told), told


def test_the_export_says_that_it_is_a_hint(office):
    text = page(office, "appraiser", "?export=csv&kind=late").content.decode("utf-8-sig")
    assert "gợi ý, không phải kết luận" in text.splitlines()[0]
    assert len(text.splitlines()) == 2


def test_the_number_of_queries_does_not_grow_with_the_units(office):
    few = queries(office)
    province = office.units["an"].parent
    for n in range(6):
        unit = make_unit(f"Mới {n}", code=f"M{n}", parent=province)
        sheet = make_sheet(office.year, unit, {"1.1": "1", "1.2": "7"})
        sheet.scores.update(self_state="value", self_points=2)
        for score in sheet.scores.all():
            Evidence.objects.create(score=score, stage="self", title="Tệp", file="x.pdf", sha256="cd")
    assert queries(office) == few


def queries(office: OfficeYear) -> int:
    client = Client()
    client.force_login(office.people["appraiser"])
    with CaptureQueriesContext(connection) as captured:
        client.get(reverse("office:oddities", args=[office.year.pk]))
    return len(captured)


def test_the_methods_are_public_and_the_list_is_not(client, office):
    assert "Chữ số lặp lại" in client.get("/methodology/analyses/").content.decode()
    assert client.get(reverse("office:oddities", args=[office.year.pk])).status_code == 302
