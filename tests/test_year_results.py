"""A long list of results: by pages from the database it is the same as all at once; it is counted once."""

from __future__ import annotations

from decimal import Decimal as D

import pytest

from districts.models import Unit
from reports.analytics.distribution import Bin
from reports.models import AssessmentYear, Publication, ScoreSheet
from reports.summaries.integrity import contradictions
from reports.summaries.ranking import ranking
from reports.summaries.results import UnitResult
from reports.summaries.year_results import PAGE, listed_results, results_of_years
from reports.tally import Counted, tally, tally_of
from reports.workflow import publish

from .factories import at, make_criteria_set, make_sheet, make_unit, make_year

pytestmark = pytest.mark.django_db
LEAVES = {"1.1": ("70", "appraised"), "1.2": ("30", "survey")}
RANKED, SILENT = 2 * PAGE + 20, 3


@pytest.fixture
def year() -> AssessmentYear:
    """A year of 123 units, three of them silent; four at a time have the same points, across the end of a page too."""
    opened = make_year(2023, criteria_set=make_criteria_set(LEAVES))
    for number in range(RANKED):
        unit = make_unit(f"Đơn vị {number:03}", type="Huyện" if number % 2 else "Quận")
        make_sheet(opened, unit, {"1.1": str(D(60) - D(number // 4) / 10), "1.2": "25"})
    for number in range(SILENT):
        make_sheet(opened, make_unit(f"Vắng {number}"), {}, status=ScoreSheet.Status.NOT_REPORTED)
    publish(opened, published_at=at(2024))
    return AssessmentYear.objects.select_related("organiser", "group", "current_publication").get(
        pk=opened.pk
    )


def figures(results: list[UnitResult]) -> list[tuple[object, ...]]:
    """Return what is told of each: a part is told by its points and place."""

    def part(of: UnitResult, key: str) -> tuple[object, ...]:
        found = of.part(key)
        return (found.title, found.maximum, found.points, found.rank, found.rank_of) if found else ()

    return [
        (
            *(r.unit_name, r.unit_code, r.unit_type, r.place, r.is_tied, r.total, r.unranked, r.unit, r.url),
            *(part(r, "appraised"), part(r, "survey")),
        )
        for r in results
    ]


def test_a_list_from_the_database_is_in_the_same_order_as_one_sorted_here(year: AssessmentYear) -> None:
    listed = list(listed_results(year))
    assert len(listed) == RANKED + SILENT
    assert [r.place for r in listed[48:54]] == [49, 49, 49, 49, 53, 53]
    assert figures(listed) == figures(results_of_years([year])[year.pk])


def test_pages_are_the_list_cut_up_and_each_is_one_question(
    year: AssessmentYear, django_assert_num_queries
) -> None:
    listed, whole = listed_results(year), list(listed_results(year))
    cuts = [slice(0, 50), slice(50, 100), slice(100, RANKED), slice(98, 103)]
    with django_assert_num_queries(len(cuts)):
        pages = [[r.unit_name for r in listed[cut]] for cut in cuts]
    assert pages == [[r.unit_name for r in whole[cut]] for cut in cuts]


def test_a_cut_can_be_cut_again(year: AssessmentYear) -> None:
    listed, whole = listed_results(year), list(listed_results(year))
    names = [r.unit_name for r in whole]
    assert [r.unit_name for r in listed[50:100][10:20]] == names[60:70]
    assert [r.unit_name for r in listed[:RANKED][-5:]] == names[RANKED - 5 : RANKED]
    assert [r.unit_name for r in listed[:10:3]] == names[:10:3]
    # Across the end of those who have a place.
    for cut in (slice(10, RANKED + 2), slice(1, None), slice(RANKED - 2, RANKED + SILENT)):
        assert [r.unit_name for r in listed[cut]] == names[cut]
    assert listed[60].unit_name == names[60] and listed[-1].unit_name == names[-1]
    assert len(listed[200:]) == len(list(listed[200:])) == len(listed[30:20]) == 0


def test_who_has_no_place_comes_last_by_name(year: AssessmentYear, django_assert_num_queries) -> None:
    with django_assert_num_queries(2):
        silent = list(ranking(year).unranked)
    assert [(r.unit_name, r.place) for r in silent] == [(f"Huyện Vắng {n}", None) for n in range(SILENT)]
    assert {r.unranked for r in silent} == {"không nộp báo cáo"}


def test_lists_are_counted_when_they_are_published(year: AssessmentYear, django_assert_num_queries) -> None:
    with django_assert_num_queries(1):
        summary = ranking(year)
        assert (len(summary.ranked), len(summary.unranked)) == (RANKED, SILENT)
        assert (summary.types, summary.coverage.units_with_figures) == (["Huyện", "Quận"], RANKED)
        assert sum(one.count for one in summary.tally.bins) == RANKED
    made = tally(
        Counted(r.unit_type, r.points, r.place, r.rank_change.value if r.rank_change else None)
        for r in listed_results(year)
    )
    assert made == summary.tally == tally_of(made.stored())


def test_a_count_that_does_not_follow_from_the_results_is_found(year: AssessmentYear) -> None:
    assert list(contradictions()) == []
    Publication.objects.filter(assessment_year=year).update(
        tally=ranking(year).tally.stored() | {"ranked": 1}
    )
    assert "phân bố tổng điểm" in next(contradictions())


def test_a_release_before_published_without_a_count_and_its_lists_are_the_same(
    client, year: AssessmentYear
) -> None:
    there = year.get_absolute_url()
    with_count = [client.get(there, {"page": n}).content for n in (1, 3)]
    Publication.objects.filter(assessment_year=year).update(tally=None)
    assert list(contradictions()) == []
    assert [client.get(there, {"page": n}).content for n in (1, 3)] == with_count


def test_pages_of_a_long_ranking_follow_each_other(client, year: AssessmentYear) -> None:
    there = year.get_absolute_url()
    pages = [client.get(there, {"page": n}).content.decode() for n in (1, 2, 3)]
    shown = [[n for n in range(RANKED) if f"Đơn vị {n:03}<" in page] for page in pages]
    assert shown == [list(range(50)), list(range(50, 100)), list(range(100, RANKED))]
    last = client.get(there, {"sort": "-rank"}).content.decode()
    assert f"Đơn vị {RANKED - 1:03}<" in last and "Đơn vị 000<" not in last
    assert client.get(there, {"page": 2, "per_page": 7}).content.decode().count("Đơn vị 0") >= 50
    Unit.objects.filter(type="Quận").update(type="Phường")
    quarters = client.get(there, {"type": "Quận"}).content.decode()
    assert "Đơn vị 000<" in quarters and "Đơn vị 001<" not in quarters


def test_the_page_of_a_unit_with_others_at_its_place_says_so(client, year: AssessmentYear) -> None:
    page = client.get(listed_results(year)[0].url).content.decode()
    assert 'figure-sub">đồng hạng<' in page


def test_points_of_who_has_no_place_are_left_out_where_we_rank() -> None:
    units = [Counted("Xã", D("80.2"), 1, None), Counted("Phường", D("81"), None, None)]
    units += [Counted("Xã", None, None, -2), Counted("Xã", None, None, None)]
    ours, theirs = tally(units), tally(units, by_place=False)
    assert (ours.ranked, ours.with_figures, ours.types) == (1, 3, ("Phường", "Xã"))
    assert ours.bins == (Bin(D("80.0"), D("80.5"), 1),)
    assert sum(one.count for one in theirs.bins) == 2
