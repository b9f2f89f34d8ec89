"""What the public page says of how people judged a unit."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D
from typing import Any

import pytest
from django.template.loader import render_to_string

from districts.models import Unit
from reports.models import DossierCount, Satisfaction
from reports.summaries.dossiers import dossiers_of_unit
from reports.summaries.satisfaction import SatisfactionSummary, satisfaction_of_unit
from tests.factories import make_source, make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def unit() -> Unit:
    return make_unit("An")


def month(number: int) -> dict[str, dt.date]:
    after = dt.date(2024 + number // 12, number % 12 + 1, 1)
    return {"starts_on": dt.date(2024, number, 1), "ends_on": after - dt.timedelta(days=1)}


def whole(year: int = 2024) -> dict[str, dt.date]:
    return {"starts_on": dt.date(year, 1, 1), "ends_on": dt.date(year, 12, 31)}


def row(unit: Unit, kind: str = "rating", **fields: Any) -> Satisfaction:
    said = {"unit": unit, "kind": kind, "scope": "own", "source": make_source(), **whole()} | fields
    return Satisfaction.objects.create(**said)


def sipas(unit: Unit, year: int, satisfied: int, respondents: int, **fields: Any) -> Satisfaction:
    said = {"satisfied": satisfied, "respondents": respondents, "is_random_sample": True} | whole(year)
    return row(unit, "sipas", **(said | fields))


def words(summary: SatisfactionSummary) -> str:
    text = render_to_string("reports/_satisfaction.html", {"items": [summary]})
    return " ".join(text.replace("\u202f", " ").split())


def only(unit: Unit, year: int = 2024) -> SatisfactionSummary:
    (summary,) = satisfaction_of_unit(unit, dossiers_of_unit(unit))[year]
    return summary


def test_ratings_show_n_and_that_raters_chose_themselves(unit):
    row(unit, satisfied=45, respondents=50)
    said = words(only(unit))
    assert "90 %" in said and "(45/50 lượt)" in said
    assert "không phải mẫu ngẫu nhiên" in said and "Chưa rõ tỷ lệ tham gia" in said
    assert "Khoảng tin cậy" not in said


def test_the_response_rate_is_of_the_dossiers_resolved_in_the_same_period_and_scope(unit):
    row(unit, satisfied=45, respondents=50)
    count = {"unit": unit, "source": make_source(), "resolved": 200, "scope": "communes"}
    DossierCount.objects.create(**count, **whole())
    assert only(unit).response is None
    DossierCount.objects.create(**(count | {"scope": "own"}), **month(1))
    assert only(unit).response is None
    DossierCount.objects.filter(scope="own").update(**whole())
    assert "Tỷ lệ tham gia 25 %: 50 lượt đánh giá trên 200 hồ sơ" in words(only(unit))


def test_dossiers_that_are_only_about_known_give_no_response_rate(unit):
    row(unit, satisfied=45, respondents=50)
    DossierCount.objects.create(
        unit=unit, source=make_source(), resolved=200, scope="own", quality="about", **whole()
    )
    assert only(unit).response is None


def test_184_of_184_is_said_to_carry_no_ranking_information(unit):
    row(unit, satisfied=184, respondents=184)
    assert "không cho phép so sánh, xếp hạng" in words(only(unit))


def test_below_the_floor_nothing_is_compared(unit, settings):
    row(unit, satisfied=28, respondents=29, percent_change=D("1.5"))
    said = words(only(unit))
    assert "Dưới 30 lượt trả lời: không so sánh, không xếp hạng" in said and "so với năm trước" not in said
    settings.SHARE_FLOOR = 29
    said = words(only(unit))
    assert "Dưới" not in said and "so với năm trước" in said


def test_a_random_sample_shows_its_interval_with_the_declared_design_effect(unit):
    sipas(unit, 2024, 300, 400, design_effect=D(2))
    said = words(only(unit))
    assert "Khoảng tin cậy 95 %: từ 68,6 % đến 80,5 %" in said
    assert "Hệ số thiết kế mẫu 2." in said and "không phải mẫu ngẫu nhiên" not in said


def test_a_sample_without_a_declared_design_effect_says_how_it_was_taken(unit):
    sipas(unit, 2024, 300, 400)
    assert "không nêu hệ số thiết kế" in words(only(unit))


def test_a_sample_known_by_share_and_size_has_an_interval_too(unit):
    sipas(unit, 2024, None, 400, percent=D("75"), design_effect=D(2))
    assert "từ 68,6 % đến 80,5 %" in words(only(unit))


def test_a_share_without_n_has_no_interval(unit):
    sipas(unit, 2024, None, None, percent=D("98.6"))
    said = words(only(unit))
    assert "nguồn không nêu số người được hỏi" in said and "Khoảng tin cậy" not in said


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (345, "+11,3 điểm phần trăm so với năm 2023: vượt sai số"),
        (310, "+2,5 điểm phần trăm so với năm 2023: nằm trong"),
    ],
)
def test_movement_says_whether_it_exceeds_the_sampling_error(unit, after, expected):
    sipas(unit, 2023, 300, 400, design_effect=D(2))
    sipas(unit, 2024, after, 400, design_effect=D(2))
    assert expected in words(only(unit))


def test_small_samples_are_not_compared(unit):
    sipas(unit, 2023, 10, 29)
    sipas(unit, 2024, 390, 400)
    assert only(unit).movement is None


def test_kinds_and_scopes_are_not_compared_with_each_other(unit):
    sipas(unit, 2023, 100, 400, scope="territory")
    sipas(unit, 2024, 390, 400)
    assert only(unit).movement is None


def test_months_are_added_and_a_year_beside_them_is_not_added_to_them(unit):
    for number in range(1, 13):
        row(unit, satisfied=9, respondents=10, level_counts={"1": 1, "2": 0, "3": 9}, **month(number))
    row(unit, satisfied=1, respondents=100)
    summary = only(unit)
    assert (summary.satisfied, summary.respondents, summary.period) == (108, 120, "Năm 2024")
    assert summary.levels == (("3", 108), ("2", 0), ("1", 12))
    assert "cộng từ 12 kỳ" in words(summary)


def test_levels_of_two_scales_are_not_added(unit):
    row(unit, satisfied=9, respondents=10, level_counts={"1": 1, "2": 0, "3": 9}, **month(1))
    row(unit, satisfied=9, respondents=10, level_counts={"1": 1, "2": 0, "3": 0, "4": 9}, **month(2))
    assert only(unit).levels == () and only(unit).satisfied == 18


def test_factors_are_shown_with_their_n(unit):
    survey = sipas(unit, 2024, 300, 400)
    survey.factors.create(factor="officials", satisfied=310, respondents=400)
    said = words(only(unit))
    assert "Công chức phục vụ" in said and "77,5 % <small>310/400</small>" in said


def test_a_reason_for_a_gap_is_published_with_the_figure(unit):
    row(unit, satisfied=9, respondents=10, percent=D(95), gap_reason="Có phiếu giấy nhập sau.")
    assert 'Giải thích của đơn vị:</strong> <span lang="vi">Có phiếu giấy nhập sau.</span>' in words(
        only(unit)
    )


def test_two_queries_whatever_the_number_of_rows(unit, django_assert_num_queries):
    for number in range(1, 6):
        row(unit, satisfied=9, respondents=10, **month(number)).factors.create(factor="access", satisfied=1)
    with django_assert_num_queries(2):
        satisfaction_of_unit(unit)


def test_surveys_of_two_organisations_are_not_compared(unit):
    sipas(unit, 2023, 180, 200, source=make_source("bo", organisation="Bộ Nội vụ"))
    sipas(unit, 2024, 150, 200, source=make_source("tinh", organisation="Tỉnh Thử"))
    assert only(unit).movement is None
