"""Two people at once, and a process that dies: real connections, real processes, PostgreSQL."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from decimal import Decimal as D
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from django.db import connection, transaction

from districts.audit import Act
from districts.models import Change, User
from reports.models import AssessmentYear, Judgement, Score, ScoreSheet
from reports.workflow import WorkflowError, steps
from reports.workflow.entering import CellResult, CellWrite, write_cells

from .factories import make_criteria_set, make_office_year
from .test_publishing_pages import scored

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
ROOT = Path(__file__).parent.parent
EDITS = 1000
CELLS = 20


def open_sheet(leaves: int) -> tuple[ScoreSheet, list[int], dict[str, User]]:
    """Open a sheet with that many components of 100 points each."""
    office = make_office_year()
    criteria = make_criteria_set({f"1.{n}": ("100", "appraised") for n in range(leaves)}, "bo-rong")
    AssessmentYear.objects.update(criteria_set=criteria)
    keys = criteria.criteria.filter(is_leaf=True).order_by("order").values_list("pk", flat=True)
    return ScoreSheet.objects.get(pk=office.sheet.pk), list(keys), dict(office.people)


def in_threads(*works: Callable[[], None]) -> None:
    """Run each work on a connection of its own; a failure in any fails the test."""
    failures: list[BaseException] = []

    def run(work: Callable[[], None]) -> None:
        try:
            work()
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def edits(
    sheet: ScoreSheet, keys: list[int], user: User, seed: int, done: list[tuple[D, CellResult]]
) -> None:
    """Write as a person at a screen does: on the version last seen, which may be out of date by now."""
    chance, seen = Random(seed), dict.fromkeys(keys, 0)
    for number in range(EDITS):
        key = chance.choice(keys)
        points = D(number % 100) + D(seed) / 100
        write = CellWrite(key, "self", "value", points, expected_version=seen[key])
        result = write_cells(sheet, [write], Act(user, Change.How.FORM))[0]
        seen[key] = result.score.version
        done.append((points, result))


def test_of_two_writers_with_a_thousand_edits_each_no_edit_is_lost_without_being_told() -> None:
    sheet, keys, people = open_sheet(CELLS)
    mine: list[tuple[D, CellResult]] = []
    theirs: list[tuple[D, CellResult]] = []
    in_threads(
        lambda: edits(sheet, keys, people["reporter"], 1, mine),
        lambda: edits(sheet, keys, people["lead"], 2, theirs),
    )
    outcomes = [result.outcome for _, result in mine + theirs]
    saved = outcomes.count("saved")
    assert set(outcomes) == {"saved", "conflict"}
    assert len(outcomes) == 2 * EDITS
    # Each saved edit is one version, one judgement, one change; together they are one unbroken chain a cell.
    assert sum(Score.objects.values_list("version", flat=True)) == saved
    assert Judgement.objects.count() == Change.objects.count() == saved
    for score in Score.objects.all():
        chain = list(Change.objects.filter(object_id=score.pk).order_by("pk").values_list("before", "after"))
        assert chain[0][0] is None
        assert all(earlier[1] == later[0] for earlier, later in pairwise(chain))
        assert chain[-1][1] is not None and D(chain[-1][1]) == score.self_points
    # Who was refused saw the value of the other, never their own.
    assert all(
        result.score.self_points != points for points, result in mine + theirs if result.outcome == "conflict"
    )


def test_who_writes_while_the_year_is_closed_is_in_time_or_is_told() -> None:
    sheet, keys, people = open_sheet(CELLS)
    results: list[CellResult] = []

    def write() -> None:
        for number in range(200):
            cell = CellWrite(keys[number % CELLS], "self", "value", D(number) / 2)
            results.extend(write_cells(sheet, [cell], Act(people["reporter"], Change.How.FORM)))

    def close() -> None:
        time.sleep(0.3)
        year = AssessmentYear.objects.get(pk=sheet.assessment_year_id)
        steps.close_entry(year, Act(people["publisher"], Change.How.STEP))

    in_threads(write, close)
    outcomes = [one.outcome for one in results]
    first = outcomes.index("refused")
    assert set(outcomes[first:]) == {"refused"} and "refused" not in outcomes[:first]
    closed = Change.objects.get(model="reports.assessmentyear").pk
    assert not Change.objects.filter(model="reports.score", pk__gt=closed).exists()


def test_of_two_who_submit_at_once_one_does() -> None:
    sheet, keys, people = open_sheet(3)
    write_cells(
        sheet, [CellWrite(key, "self", "value", D(1)) for key in keys], Act(people["lead"], Change.How.FORM)
    )
    told: list[str] = []

    def submit() -> None:
        try:
            steps.submit(ScoreSheet.objects.get(pk=sheet.pk), Act(people["lead"], Change.How.STEP))
        except WorkflowError as error:
            told.append(error.messages[0])

    in_threads(submit, submit)
    assert len(told) == 1
    assert Change.objects.filter(model="reports.scoresheet", field="status").count() == 1


def test_of_two_who_correct_the_same_version_at_once_one_does() -> None:
    office = scored(make_office_year(stage="final", has_council=False))
    act = Act(office.people["publisher"], Change.How.STEP, "Cộng nhầm")
    steps.publish(office.year, act, decision_number="12/QĐ-UBND")
    both_have_read, told = threading.Barrier(2), list[str]()

    def correct() -> None:
        year = AssessmentYear.objects.get(pk=office.year.pk)
        both_have_read.wait()
        try:
            steps.correct(year, act, decision_number="15/QĐ-UBND")
        except WorkflowError as error:
            told.append(error.messages[0])

    in_threads(correct, correct)
    assert len(told) == 1 and "đã có một bản khác được công bố" in told[0]
    assert list(office.year.publications.order_by("version").values_list("version", flat=True)) == [1, 2]


DYING = """
import os, sys, time
from decimal import Decimal
import django
django.setup()
from django.db import transaction
from districts.audit import Act
from districts.models import Change
from reports.models import Criterion, ScoreSheet
from reports.workflow.entering import CellWrite, write_sheets

sheets = list(ScoreSheet.objects.select_related("unit"))
keys = Criterion.objects.filter(criteria_set__slug="bo-rong", is_leaf=True).values_list("pk", flat=True)
writes = [CellWrite(key, "self", "value", Decimal(5)) for key in keys]
with transaction.atomic():
    write_sheets([(sheet, writes) for sheet in sheets], Act(None, Change.How.COMMAND))
    print("written", flush=True)
    time.sleep(60)
"""


def test_a_process_killed_in_the_middle_of_a_bulk_write_leaves_nothing_half_done() -> None:
    open_sheet(100)
    given = connection.settings_dict
    address = f"postgres://{given['USER']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"
    environment = {**os.environ, "DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "cchc.settings"}
    with subprocess.Popen(
        [sys.executable, "-c", DYING], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    assert (Score.objects.count(), Judgement.objects.count(), Change.objects.count()) == (0, 0, 0)
    # And its locks are gone: the same write by another goes through at once.
    sheet = ScoreSheet.objects.order_by("pk")[0]
    leaf = AssessmentYear.objects.get().criteria_set.criteria.filter(is_leaf=True)[0]  # type: ignore[union-attr]
    with transaction.atomic():
        done = write_cells(sheet, [CellWrite(leaf.pk, "self", "value", D(5))], Act(None, Change.How.COMMAND))
    assert done[0].outcome == "saved"
