"""Across mergers: what was published stays, what is restated says so and follows one declared rule."""

from decimal import Decimal as D
from fractions import Fraction as F

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from districts.models import Organiser, Succession, Unit
from reports.analytics.restated import Former, Gap, Rule, received, restated
from reports.models import Standing
from reports.summaries.restated import across_mergers
from reports.worked_examples import restated_rows

from .test_pages import text_of


def former(key, points, dossiers, **more):
    return Former(key, D(points) if points else None, D(100), dossiers, **more)


def test_the_worked_example_is_what_is_computed_by_hand():
    assert restated_rows() == [
        ("Theo phần chính", "80,00"),
        ("Theo số hồ sơ tiếp nhận", "77,50"),
        ("Hồ sơ tiếp nhận", "4.000"),
    ]


@pytest.mark.parametrize(
    ("formers", "main", "weighed"),
    [
        ([], Gap.NOTHING, Gap.NOTHING),
        ([former(1, "80", None)], F(80), Gap.NO_DOSSIERS),
        ([former(1, "80", None), former(2, "70", 5)], Gap.NO_DOSSIERS, Gap.NO_DOSSIERS),
        ([former(1, "", 9), former(2, "70", 5)], Gap.NO_POINTS, Gap.NO_POINTS),
        ([former(1, "80", 9, is_whole=False), former(2, "70", 5)], F(80), Gap.DIVIDED),
        ([former(1, "80", 9, is_whole=False, is_main=False), former(2, "70", 5)], F(70), Gap.DIVIDED),
        ([former(1, "80", 9, is_whole=False, is_main=False)], Gap.DIVIDED, Gap.DIVIDED),
        ([former(1, "80", 0), former(2, "70", 0)], F(80), Gap.NO_DOSSIERS),
        ([Former(1, D(80), D(100), 9), Former(2, D(70), D(90), 5)], F(80), Gap.SCALE),
    ],
)
def test_what_cannot_be_restated_says_why(formers, main, weighed):
    found = [restated(formers, rule) for rule in (Rule.MAIN, Rule.DOSSIERS)]
    assert [one.gap or one.points for one in found] == [main, weighed]


def test_dossiers_add_up_only_where_all_of_each_unit_went_there():
    assert received([former(1, "80", 3), former(2, "", 4)]) == 7
    assert received([former(1, "80", 3, is_whole=False)]) is None
    assert received([former(1, "80", None)]) is None and received([]) is None


@given(st.lists(st.tuples(st.decimals(0, 100, places=2), st.integers(1, 10_000)), min_size=1, max_size=6))
def test_restated_points_lie_between_those_they_come_from(pairs):
    formers = [Former(n, points, D(100), dossiers) for n, (points, dossiers) in enumerate(pairs)]
    for rule in Rule:
        found = restated(formers, rule).points
        assert found is not None and min(p for p, _ in pairs) <= found <= max(p for p, _ in pairs)
    alone = restated(formers[:1], Rule.DOSSIERS).points
    assert alone == F(formers[0].points)


@pytest.fixture
def sample(demo_content, db):
    return Organiser.objects.get(slug="tinh-minh-hoa")


def test_a_merged_unit_is_restated_before_the_merger_only(sample):
    with CaptureQueriesContext(connection) as queries:
        summary = across_mergers(sample, Rule.DOSSIERS)
    assert len(queries) <= 20
    assert summary is not None and summary.unchanged == 11
    (family,) = summary.families
    assert [line.unit.code for line in (family.today, *family.formers)] == ["MH14", "MH12", "MH13"]
    cells = {cell.year.year: cell for cell in family.today.cells}
    assert [year for year, cell in cells.items() if cell.restated] == [2020, 2021]
    assert [year for year, cell in cells.items() if cell.published] == [2022, 2023, 2024]
    before = [line.cells[0] for line in family.formers]
    totals = sorted(cell.published.total.value for cell in before if cell.published and cell.published.total)
    assert cells[2020].points is not None and totals[0] < cells[2020].points < totals[1]
    assert cells[2020].dossiers == sum(cell.dossiers or 0 for cell in before)


def test_the_page_never_mixes_the_two(client, sample):
    page = text_of(client, "/tinh-minh-hoa/restated/?rule=dossiers")
    assert "chỉ để tham khảo, không phải kết quả công bố" in page and "2/2 đơn vị có điểm" in page
    assert "≈" in page
    assert client.get("/tinh-minh-hoa/restated/?rule=%00&group=x").status_code == 200


def test_the_sheet_has_a_column_for_each(client, sample):
    text = client.get("/tinh-minh-hoa/restated/?export=csv&rule=main").content.decode("utf-8-sig")
    header, *rows = text.splitlines()
    assert header.split(",")[3:5] == ["Tổng điểm đã công bố", "Điểm quy đổi"]
    assert all(not (row.split(",")[3] and row.split(",")[4]) for row in rows) and len(rows) == 9


def test_where_nothing_merged_the_page_says_so(client, demo_content, db):
    assert "Không có đơn vị nào được sắp xếp" in text_of(client, "/ha-noi/restated/")


def cell_of(organiser, year, rule):
    summary = across_mergers(organiser, rule)
    assert summary is not None
    (cell,) = [one for one in summary.families[0].today.cells if one.year.year == year]
    assert cell.restated is not None
    return cell


def test_a_former_unit_without_a_result_is_counted_and_not_passed_over(sample):
    Standing.objects.filter(unit__code="MH13", scope__publication__assessment_year__year=2020).delete()
    cell = cell_of(sample, 2020, Rule.DOSSIERS)
    assert (cell.restated.known, cell.restated.units, cell.restated.gap) == (1, 2, Gap.NO_POINTS)
    assert cell.points is None
    assert cell_of(sample, 2021, Rule.DOSSIERS).restated.known == 2


def test_a_unit_that_took_another_in_is_not_the_same_as_before(sample):
    whole, part = (Unit.objects.get(scheme="minh-hoa", code=code) for code in ("MH01", "MH02"))
    Succession.objects.create(predecessor=part, successor=whole, kind="merge", effective_on="2024-01-01")
    Standing.objects.filter(unit=part, scope__publication__assessment_year__year=2021).delete()
    summary = across_mergers(sample, Rule.DOSSIERS)
    assert summary is not None and summary.unchanged == 10
    (family,) = [one for one in summary.families if one.today.unit == whole]
    told = [cell.restated and (cell.restated.known, cell.restated.units) for cell in family.today.cells]
    assert told[:4] == [(2, 2), (1, 2), (2, 2), (2, 2)]


def test_a_circle_in_the_lineage_ends(client, sample):
    first, last = (Unit.objects.get(scheme="minh-hoa", code=code) for code in ("MH12", "MH14"))
    Succession.objects.create(predecessor=last, successor=first, kind="split", effective_on="2023-01-01")
    other = Unit.objects.get(scheme="minh-hoa", code="MH01")
    Succession.objects.create(predecessor=last, successor=other, kind="split", effective_on="2023-01-01")
    for rule in Rule:
        assert client.get(f"/tinh-minh-hoa/restated/?rule={rule}").status_code == 200
