"""What turns the version of a public page? Every change it could show, and nothing else."""

import re

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from districts.engine import watch
from districts.models import Organiser, Unit
from reports.models import AssessmentYear, DossierCount, OfficialResult, ScoreSheet, Source
from reports.page_versions import (
    COME_WITH_A_PUBLICATION,
    EVERYTHING,
    SITE,
    UNITS,
    WATCHED,
    current_versions,
    versions_read,
)

from .e2e.pages import PAGES
from .factories import make_office_year, make_organiser, make_source, make_unit, make_year

pytestmark = pytest.mark.django_db
# Who asks, and what the site keeps of its own; none of it is on a public page.
NOT_SHOWN = {"reports_pageversion"}


def changed(before: dict[str, str]) -> set[str]:
    after = current_versions()
    return {scope for scope in before | after if before.get(scope) != after.get(scope)}


@pytest.mark.usefixtures("demo_content")
def test_every_table_that_a_public_page_reads_is_watched(client, settings):
    settings.PUBLIC_CERTAINTY = True
    read: dict[str, str] = {}
    for address in (*PAGES.values(), "/tinh-minh-hoa/2024/huyen/certainty/"):
        if not address.startswith("/office/"):
            with CaptureQueriesContext(connection) as asked:
                client.get(address)
            for query in asked.captured_queries:
                read |= dict.fromkeys(re.findall(r'(?:FROM|JOIN) "(\w+)"', query["sql"]), address)
    watched = {table.table for table in WATCHED}
    assert {t: at for t, at in read.items() if t not in watched | COME_WITH_A_PUBLICATION | NOT_SHOWN} == {}
    assert len(read) > 20 and "reports_surveyanswercount" in read


@pytest.mark.usefixtures("demo_content")
def test_what_an_organiser_publishes_turns_its_own_version_only():
    before = current_versions()
    AssessmentYear.objects.filter(organiser__slug="tinh-minh-hoa", year=2024).update(note="Sửa")
    assert changed(before) == {"tinh-minh-hoa"}
    before = current_versions()
    OfficialResult.objects.filter(assessment_year__organiser__slug="ha-noi").earliest("pk").delete()
    assert changed(before) == {"ha-noi"}


@pytest.mark.usefixtures("demo_content")
def test_printed_figures_turn_a_version_and_rows_in_work_do_not():
    printed = DossierCount.objects.filter(release=None, source__reported_by=None).earliest("pk")
    before = current_versions()
    DossierCount.objects.filter(pk=printed.pk).update(received=1)
    assert changed(before) == {SITE}
    entered = DossierCount.objects.filter(pk=printed.pk).get()
    entered.pk, entered.source = None, make_source(reported_by=printed.unit)
    before = current_versions()
    entered.save(force_insert=True)
    DossierCount.objects.filter(pk=entered.pk).update(received=1)
    assert changed(before) == set()


def test_entering_a_year_that_is_not_public_turns_nothing():
    office = make_office_year()
    before = current_versions()
    ScoreSheet.objects.filter(pk=office.sheets["an"].pk).update(status="submitted")
    assert changed(before) == set()


def test_units_and_sources_turn_theirs():
    unit, source = make_unit("Xã Thử"), make_source()
    before = current_versions()
    Unit.objects.filter(pk=unit.pk).update(name="Xã Khác")
    assert changed(before) == {UNITS}
    before = current_versions()
    make_source("nguon-khac")
    assert changed(before) == set()
    Source.objects.filter(pk=source.pk).update(title="Tên khác")
    assert changed(before) == {SITE}


def test_a_change_that_is_taken_back_turns_nothing():
    before = current_versions()
    with transaction.atomic():
        make_organiser("tinh-khac")
        transaction.set_rollback(True)
    assert changed(before) == set()


def test_a_version_never_comes_back():
    organiser = make_organiser()
    seen = set()
    for name in "ABABAB":
        Organiser.objects.filter(pk=organiser.pk).update(name=name)
        seen.add(current_versions()[SITE])
    assert len(seen) == 6


def test_watching_twice_is_watching_once():
    for watched in WATCHED:
        watch(connection, "reports_pageversion", watched)
    make_year(2024)
    assert changed({}) >= {SITE}


def test_a_page_depends_on_the_scopes_it_names():
    versions = {"ha-noi": "a", "son-la": "b", SITE: "c"}
    assert versions_read(frozenset({"ha-noi", UNITS}), versions) == ((UNITS, ""), ("ha-noi", "a"))
    assert versions_read(frozenset({EVERYTHING}), versions) == ((SITE, "c"), ("ha-noi", "a"), ("son-la", "b"))
