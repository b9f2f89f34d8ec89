"""A process that dies in the middle of an import leaves nothing half done."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from districts.models import Change
from reports.models import DossierCount, DossierField, Judgement, Score, Source

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


# Dies when the list's counts and the new field are written and the transaction is still open.
LIST_PROGRAM = """
import os, signal, sys, django
django.setup()
from django.core.management import call_command
from django.db import transaction
from reports.management.commands import import_dossiers
from reports.models import DossierCount
class Dying(import_dossiers.Command):
    def _write(self, listed, chosen, act):
        with transaction.atomic():
            super()._write(listed, chosen, act)
            print(DossierCount.objects.count(), flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
options = {"unit": "THan", "period": "2025-01", "create_fields": True}
call_command(Dying(), sys.argv[1], stdout=sys.stderr, **options)
"""
LIST = "Ngày tiếp nhận;Ngày hẹn trả;Ngày kết thúc;Hình thức nộp;Lĩnh vực\n02/01/2025;09/01/2025;;trực tiếp;Đất đai\n"


def run_and_die(program: str, *arguments: str, **options: Any) -> str:
    said = connection.settings_dict
    address = f"postgres://{said['USER']}@{said['HOST']}:{said['PORT']}/{said['NAME']}"
    died = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        capture_output=True,
        cwd=Path(__file__).parent.parent,
        env=os.environ | {"DATABASE_URL": address, "DJANGO_SETTINGS_MODULE": "cchc.settings"},
        **options,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    return died.stdout.decode().strip()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_an_import_that_is_killed_before_its_end_has_written_nothing():
    make_office_year()
    assert run_and_die(PROGRAM, input=CSV) == "4"
    assert (Score.objects.count(), Judgement.objects.count(), Change.objects.count()) == (0, 0, 0)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_list_of_dossiers_that_is_killed_before_its_end_has_written_nothing(tmp_path):
    make_office_year()
    (tmp_path / "danh-sach.csv").write_text(LIST)
    assert run_and_die(LIST_PROGRAM, str(tmp_path / "danh-sach.csv")) == "2"
    tables = (DossierCount, DossierField, Source, Change)
    assert [model.objects.count() for model in tables] == [0, 0, 0, 0]
