"""Publishing: what is written, what it is compared with, and that it stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal as D

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from districts.models import Succession, Unit, UnitVersion
from reports.models import (
    AssessmentYear,
    CriteriaSet,
    OfficialResult,
    Publication,
    PublishedScope,
    PublishedScore,
    ScoreSheet,
    Standing,
)
from reports.summaries.year_results import results_of_year
from reports.workflow import publish

from .factories import at, make_criteria_set, make_sheet, make_source, make_unit, make_year

pytestmark = pytest.mark.django_db

LEAVES = {
    "1.1": ("40", "appraised"),
    "1.2": ("10", "survey"),
    "2.1": ("30", "appraised"),
    "2.2": ("20", "survey"),
}
BANDS = [{"name": "Xuất sắc", "from": "90"}, {"name": "Tốt", "from": "80"}]
Points = Mapping[str, str | None]


def points(first: str, second: str = "8", third: str | None = "25", fourth: str = "18") -> Points:
    return {"1.1": first, "1.2": second, "2.1": third, "2.2": fourth}


@pytest.fixture
def criteria_set() -> CriteriaSet:
    return make_criteria_set(LEAVES)


@pytest.fixture
def units() -> dict[str, Unit]:
    return {name: make_unit(name) for name in ("An", "Bình", "Cát", "Dương")}


def published(
    year: int, scores: Mapping[Unit, Points], criteria_set: CriteriaSet, **rules: object
) -> AssessmentYear:
    opened = make_year(year, criteria_set=criteria_set, grade_bands=BANDS, **rules)
    for unit, given in scores.items():
        make_sheet(opened, unit, given)
    publish(opened, published_at=at(year + 1), decision_number="QĐ thử", decided_on=dt.date(year + 1, 1, 14))
    return opened


def standing(year: AssessmentYear, unit: Unit, key: str = "total") -> Standing:
    return Standing.objects.get(scope__publication=year.current_publication, scope__key=key, unit=unit)


def test_a_year_is_published_with_places_in_the_total_the_parts_and_the_areas(
    criteria_set: CriteriaSet, units: dict[str, Unit]
) -> None:
    an, binh, cat, _ = units.values()
    year = published(
        2023, {an: points("30"), binh: points("39.005"), cat: points("30", third="25.004")}, criteria_set
    )
    # an 30 + 8 + 25 + 18 = 81; binh 90.005 → 90.01; cat 81.004 → 81.00: a tie at published precision.
    scopes = PublishedScope.objects.filter(publication=year.current_publication)
    assert [s.key for s in scopes.order_by("order")] == ["total", "appraised", "survey", "1", "2"]
    found = {unit.name: standing(year, unit) for unit in (an, binh, cat)}
    assert [(s.points, s.rank, s.is_tied, s.grade) for s in found.values()] == [
        (D("81.00"), 2, True, "Tốt"),
        (D("90.01"), 1, False, "Xuất sắc"),
        (D("81.00"), 2, True, "Tốt"),
    ]
    assert (standing(year, binh, "appraised").points, standing(year, binh, "appraised").rank) == (
        D("64.01"),
        1,
    )
    total = scopes.get(key="total")
    assert (total.max_points, total.mean, total.best, total.lowest) == (D(100), D("84.00"), D("90.01"), D(81))
    assert (year.stage, total.ranked_count) == ("published", 3)


def test_unrounded_ranking_breaks_the_tie(criteria_set: CriteriaSet, units: dict[str, Unit]) -> None:
    an, binh, *_ = units.values()
    scores = {an: points("30"), binh: points("30", third="25.004")}
    year = published(2023, scores, criteria_set, rank_on="unrounded")
    assert (standing(year, an).rank, standing(year, binh).rank) == (2, 1)
    assert standing(year, an).points == standing(year, binh).points


def test_a_unit_without_a_result_is_listed_with_its_reason_and_no_rank(
    criteria_set: CriteriaSet, units: dict[str, Unit]
) -> None:
    an, binh, cat, _ = units.values()
    year = make_year(2023, criteria_set=criteria_set)
    make_sheet(year, an, points("20"))
    make_sheet(year, binh, {"1.1": "40", "1.2": "10"})
    make_sheet(year, cat, {}, status=ScoreSheet.Status.NOT_REPORTED)
    publish(year, published_at=at(2024))
    assert (standing(year, binh).points, standing(year, binh).rank) == (None, None)
    assert (standing(year, binh).unranked, standing(year, binh, "1").rank) == ("incomplete", 1)
    assert (standing(year, cat).unranked, standing(year, cat, "survey").unranked) == ("not_reported",) * 2
    # Who is silent has no place, but belongs to those among whom the others have theirs.
    shown = results_of_year(year)[0]
    assert shown.rank is not None
    assert (shown.rank.value, shown.rank_of) == (1, 3)
    assert standing(year, an).rank == 1
    assert year.current_publication is not None
    assert year.current_publication.roster_size == 3


def test_what_does_not_apply_leaves_the_maximum_of_the_leaf_and_of_the_scopes(
    criteria_set: CriteriaSet, units: dict[str, Unit]
) -> None:
    an, binh, *_ = units.values()
    scores = {an: points("35", third=None), binh: points("35")}
    year = published(2023, scores, criteria_set, is_rescaled=False)
    assert (standing(year, an).points, standing(year, an).max_points) == (D(61), D(70))
    score = PublishedScore.objects.get(unit=an, criterion__code="2.1")
    assert (score.state, score.points, score.max_points) == ("not_applicable", None, None)
    rescaled = published(2024, scores, criteria_set)
    assert (standing(rescaled, an).points, standing(rescaled, an).max_points) == (D("87.14"), D(100))


def test_movement_is_computed_against_the_current_publication_of_the_year_before(
    criteria_set: CriteriaSet, units: dict[str, Unit]
) -> None:
    an, binh, cat, duong = units.values()
    first = published(2022, {an: points("30"), binh: points("31"), cat: points("20")}, criteria_set)
    year = published(2023, {an: points("35"), binh: points("31"), duong: points("20")}, criteria_set)
    moved = standing(year, an)
    assert (moved.points_change, moved.rank_change, moved.no_movement) == (D(5), 1, "")
    assert not (moved.criteria_changed or moved.roster_changed)
    assert standing(year, binh).rank_change == -1
    assert standing(year, duong).no_movement == "first"
    assert standing(first, an).no_movement == "first"
    assert year.current_publication is not None
    assert year.current_publication.compared_with == first.current_publication


def test_a_merged_unit_is_not_compared_and_a_renamed_one_goes_on(
    criteria_set: CriteriaSet, units: dict[str, Unit]
) -> None:
    an, binh, cat, duong = units.values()
    published(2022, {an: points("30"), binh: points("31")}, criteria_set)
    day = dt.date(2023, 1, 1)
    Succession.objects.create(predecessor=an, successor=cat, effective_on=day, kind="merge")
    Succession.objects.create(predecessor=binh, successor=duong, effective_on=day, kind="reclassify")
    year = published(2023, {cat: points("30"), duong: points("33")}, criteria_set)
    assert standing(year, cat).no_movement == "merged"
    assert standing(year, duong).points_change == D(2)
    following = published(2024, {cat: points("31"), duong: points("33")}, criteria_set)
    assert standing(following, cat).points_change == D(1)


def test_another_criteria_set_is_remarked_and_another_scale_is_not_compared(
    criteria_set: CriteriaSet, units: dict[str, Unit]
) -> None:
    an = units["An"]
    published(2022, {an: points("30")}, criteria_set)
    other = {
        "1.1": ("45", "appraised"),
        "1.2": ("10", "survey"),
        "2.1": ("20", "appraised"),
        "3.1": ("25", "survey"),
    }
    revised = make_criteria_set(other, slug="bo-thu-2", previous=criteria_set)
    year = published(2023, {an: {"1.1": "32", "1.2": "8", "2.1": "15", "3.1": "20"}}, revised)
    total = standing(year, an)
    assert (total.points_change, total.criteria_changed, total.roster_changed) == (D(-6), True, False)
    assert standing(year, an, "appraised").no_movement == "scale"
    assert standing(year, an, "3").no_movement == "first"


def test_a_correction_is_a_new_version_and_leaves_the_first_as_it_was(
    criteria_set: CriteriaSet, units: dict[str, Unit]
) -> None:
    an, binh, *_ = units.values()
    published(2022, {an: points("28"), binh: points("29")}, criteria_set)
    year = published(2023, {an: points("30"), binh: points("31")}, criteria_set)
    sheet = ScoreSheet.objects.get(assessment_year=year, unit=an)
    sheet.scores.filter(criterion__code="1.1").update(appraised_points=D(33))
    with pytest.raises(ValidationError, match="lý do"):
        publish(year, published_at=at(2024, 3))
    second = publish(year, published_at=at(2024, 3), reason="Đính chính tiêu chí 1.1")
    before, after = (
        Standing.objects.get(scope__publication=p, scope__key="total", unit=an) for p in versions(year)
    )
    assert [(s.points, s.rank, s.points_change) for s in (before, after)] == [
        (D(81), 2, D(2)),
        (D(84), 1, D(5)),
    ]
    assert (second.version, year.current_publication) == (2, second)


def versions(year: AssessmentYear) -> list[Publication]:
    return list(year.publications.order_by("version"))


def test_published_rows_cannot_be_saved_again(criteria_set: CriteriaSet, units: dict[str, Unit]) -> None:
    year = published(2023, {units["An"]: points("30")}, criteria_set)
    for row in (year.current_publication, standing(year, units["An"]), PublishedScore.objects.first()):
        assert row is not None
        with pytest.raises(ValidationError, match="đính chính"):
            row.save()


def test_a_unit_keeps_the_name_of_the_day_it_was_published(
    criteria_set: CriteriaSet, units: dict[str, Unit]
) -> None:
    an = units["An"]
    UnitVersion.objects.create(unit=an, type="Huyện", name="An Cũ", valid_to=dt.date(2024, 6, 30))
    UnitVersion.objects.create(unit=an, type="Thị xã", name="An", valid_from=dt.date(2024, 7, 1))
    first = published(2023, {an: points("30")}, criteria_set)
    second = published(2024, {an: points("30")}, criteria_set)
    assert [standing(y, an).unit_name for y in (first, second)] == ["Huyện An Cũ", "Thị xã An"]


def test_a_year_known_by_its_totals_is_ranked_only_when_all_are_known(units: dict[str, Unit]) -> None:
    an, binh, *_ = units.values()
    year = make_year(2023, basis="totals", printed_roster_size=2, grade_bands=BANDS)
    OfficialResult.objects.create(assessment_year=year, unit=an, total=D("85.5"), source=make_source())
    with pytest.raises(ValidationError, match="tất cả"):
        publish(year, published_at=at(2024))
    OfficialResult.objects.create(assessment_year=year, unit=binh, total=D("91.2"), source=make_source())
    publish(year, published_at=at(2024))
    assert [(standing(year, u).rank, standing(year, u).grade) for u in (an, binh)] == [
        (2, "Tốt"),
        (1, "Xuất sắc"),
    ]


def test_a_year_without_sheets_or_criteria_is_not_published(criteria_set: CriteriaSet) -> None:
    for year in (make_year(2023, criteria_set=criteria_set), make_year(2024)):
        with pytest.raises(ValidationError):
            publish(year, published_at=at(2025))
    assert not Publication.objects.exists()


def test_publishing_reads_with_the_same_queries_however_many_units_there_are(
    criteria_set: CriteriaSet,
) -> None:
    counts = []
    units = [make_unit(f"Đơn vị {i}") for i in range(12)]
    for year, roster in ((2021, units), (2022, units[:3]), (2023, units)):
        opened = make_year(year, criteria_set=criteria_set)
        for unit in roster:
            make_sheet(opened, unit, points("30"))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            publish(opened, published_at=at(year + 1))
        counts.append(len(queries))
    # The first year has nothing to be compared with. Inserts are batched: one each at these sizes.
    assert counts[1] == counts[2] <= 22
