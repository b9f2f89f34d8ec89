"""What a correction changed, cell by cell, and the address of what was published before it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from districts.audit import Act
from districts.models import Change
from reports.models import AssessmentYear, Publication, Score
from reports.summaries.versions import changes_of, changes_of_unit, version_of
from reports.workflow import steps

from .factories import OfficeYear, make_office_year
from .test_publishing_pages import scored

pytestmark = pytest.mark.django_db


@pytest.fixture
def corrected() -> OfficeYear:
    office = scored(make_office_year(stage="final", has_council=False))
    act = Act(office.people["publisher"], Change.How.FORM, "Cộng nhầm")
    steps.publish(office.year, act, decision_number="12/QĐ-UBND", decided_on=dt.date(2026, 3, 5))
    Score.objects.filter(sheet=office.sheet, criterion=office.leaves["1.2"]).update(appraised_points="7.5")
    steps.correct(office.year, act, decision_number="15/QĐ-UBND", decided_on=dt.date(2026, 3, 20))
    office.year.refresh_from_db()
    return office


def newest(office: OfficeYear) -> Publication:
    return office.year.publications.get(version=2)


def path(office: OfficeYear, end: str) -> str:
    return f"/{office.organiser.slug}/2025/{end}"


def test_the_corrected_cells_stand_beside_the_totals(corrected):
    changes = changes_of(newest(corrected))
    assert changes is not None
    cells = [(c.unit_name, c.code, f"{c.points_before:.1f}", f"{c.points_after:.1f}") for c in changes.cells]
    assert cells == [("Huyện An", "1.2", "9.0", "7.5")]
    assert changes.totals[0].unit_name == "Huyện An" and changes.totals[0].rank_before == 1


def test_a_first_version_corrected_nothing(corrected):
    assert changes_of(corrected.year.publications.get(version=1)) is None


def test_a_unit_reads_only_corrections_of_its_own(corrected):
    assert len(changes_of_unit(newest(corrected), corrected.units["an"])) == 1
    assert changes_of_unit(newest(corrected), corrected.units["cat"]) == ()


def test_reading_changes_takes_three_queries(corrected, django_assert_num_queries):
    publication = newest(corrected)
    _ = publication.assessment_year
    with django_assert_num_queries(3):
        changes_of(publication)


def test_the_ranking_and_the_dashboard_show_the_cell_and_the_document(client: Client, corrected: OfficeYear):
    ranking = client.get(path(corrected, "huyen/")).content.decode()
    dashboard = client.get(path(corrected, "units/THan/")).content.decode()
    for page in (ranking, dashboard):
        assert "15/QĐ-UBND" in page and "9,00" in page and "7,50" in page
        assert "/2025/huyen/versions/1/" in page
    assert "Số liệu của đơn vị đã được đính chính" in dashboard
    assert "đã được đính chính (bản" not in client.get(path(corrected, "units/THcat/")).content.decode()


def test_an_earlier_version_stays_readable_and_says_it_was_corrected(client: Client, corrected: OfficeYear):
    page = client.get(path(corrected, "huyen/versions/1/")).content.decode()
    assert "Bản đã được đính chính" in page and "23,00" in page and "12/QĐ-UBND" in page
    assert f'href="{corrected.year.get_absolute_url()}"' in page
    assert "Đây là bản hiện hành" in client.get(path(corrected, "huyen/versions/2/")).content.decode()


def test_a_version_that_is_not_there_is_a_404(client: Client, corrected: OfficeYear):
    assert client.get(path(corrected, "huyen/versions/3/")).status_code == 404
    assert client.get(path(corrected, "huyen/versions/0/")).status_code == 404


def test_nothing_of_an_unpublished_year_is_found_by_version(client: Client):
    office = scored(make_office_year(stage="final", has_council=False))
    assert client.get(path(office, "huyen/versions/1/")).status_code == 404


def test_an_earlier_version_is_taken_away_as_csv(client: Client, corrected: OfficeYear):
    body = client.get(path(corrected, "huyen/versions/1/") + "?export=csv").content.decode()
    assert "Huyện An,23" in body


def test_reading_a_version_takes_six_queries(corrected):
    year = AssessmentYear.objects.select_related("current_publication").get(pk=corrected.year.pk)
    with CaptureQueriesContext(connection) as queries:
        version = version_of(year, 2)
    assert version is not None and len(queries) == 6
