"""Two people at one unit's figures, and a release while somebody writes: real connections, PostgreSQL."""

from __future__ import annotations

import datetime as dt
from functools import partial

import pytest

from districts.audit import Act
from districts.models import Change
from reports.models import DossierCount, Release, Source
from reports.workflow.context import WorkflowError
from reports.workflow.figures import RowResult, RowWrite, write_rows
from reports.workflow.releases import release

from .factories import OfficeYear, make_office_year
from .test_concurrency import in_threads

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
WRITES = 30


def month(number: int) -> dict[str, object]:
    day = dt.date(2025, 1, number)
    return {"scope": "own", "starts_on": day, "ends_on": day}


def write(office: OfficeYear, person: str, done: list[RowResult]) -> None:
    """Write the same rows as everybody else, each on the version that this person saw last."""
    seen = 0
    for number in range(WRITES):
        one = RowWrite(DossierCount, month(1), {"withdrawn": number}, expected_version=seen)
        result = write_rows(office.units["an"], [one], Act(office.people[person], Change.How.FORM))[0]
        seen = result.row.version
        done.append(result)


def test_nobody_writes_over_what_they_have_not_seen():
    office, done = make_office_year(), list[RowResult]()
    in_threads(*(partial(write, office, person, done) for person in ("reporter", "lead", "appraiser")))
    saved = [one for one in done if one.outcome == "saved"]
    row = DossierCount.objects.get()
    assert {one.outcome for one in done} <= {"saved", "conflict", "unchanged"}
    assert row.version == len(saved) and Source.objects.filter(reported_by=office.units["an"]).count() == 1
    assert Change.objects.filter(field="withdrawn").count() == len(saved)


def test_a_release_holds_whole_writes_and_two_at_once_make_one_version_each():
    office = make_office_year()
    publisher = Act(office.people["publisher"], Change.How.FORM)
    refused: list[WorkflowError] = []

    def both(number: int) -> None:
        rows = [RowWrite(DossierCount, month(day), {"withdrawn": number}) for day in (1, 2, 3)]
        write_rows(office.units["an"], rows, Act(office.people["reporter"], Change.How.FORM))

    def publish() -> None:
        try:
            release(
                office.organiser, "dossiers", dt.date(2025, 1, 1), dt.date(2025, 12, 31), publisher, "thử"
            )
        except WorkflowError as error:
            refused.append(error)

    both(0)
    in_threads(*(partial(both, n) for n in range(1, 6)), *([publish] * 4))
    versions = sorted(Release.objects.values_list("version", flat=True))
    assert versions == list(range(1, 5 - len(refused)))
    assert Release.objects.filter(is_current=True).count() == 1
    for made in Release.objects.all():
        copied = DossierCount.objects.filter(release=made).values_list("withdrawn", flat=True)
        assert len(copied) == 3 and len(set(copied)) == 1
