"""A process that dies in the middle of an import leaves nothing half done."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from districts.models import Change
from reports.models import Judgement, Score

from .factories import make_office_year

CSV = "Mã đơn vị;1.1;1.2\nTHan;1,5;2\nTHbinh;1;3\n".encode()
# Dies when the values are written and the transaction is still open.
PROGRAM = """
import os, signal, sys, django
django.setup()
from districts.audit import Act
from districts.models import Change
from reports import imports
from reports.models import AssessmentYear, Score
from reports.sheet_files import read_tables
act = Act(None, Change.How.COMMAND)
checked = imports.check_scores(AssessmentYear.objects.get(), read_tables(sys.stdin.buffer.read()), act)
def die(done, total):
    print(Score.objects.count(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
imports.apply_scores(checked, act, die)
"""


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_import_that_is_killed_before_its_end_has_written_nothing():
    make_office_year()
    said = connection.settings_dict
    address = f"postgres://{said['USER']}@{said['HOST']}:{said['PORT']}/{said['NAME']}"
    died = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        input=CSV,
        capture_output=True,
        cwd=Path(__file__).parent.parent,
        env=os.environ | {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "cchc.settings"},
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    assert died.stdout.decode().strip() == "4"
    assert (Score.objects.count(), Judgement.objects.count(), Change.objects.count()) == (0, 0, 0)
