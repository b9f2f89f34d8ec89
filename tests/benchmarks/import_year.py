"""How long does a whole year take from XLSX, and how much memory, beside a bare COPY of the same rows?

Run by hand: `python -m tests.benchmarks.import_year` (a PostgreSQL of its own is started and removed).
705 units × 40 components; the file is opened, checked, compared, then written in one transaction with judgements
and audit. COPY writes the same score rows into the same table, nothing else.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.update(
    DEBUG="0",
    HTTPS="0",
    STATIC_MANIFEST="0",
    SECRET_KEY="only-for-tests",
    DJANGO_SETTINGS_MODULE="cchc.settings",
)
import django

import tests.postgres  # noqa: F401  starts the server and sets DATABASE_URL

django.setup()
import io  # noqa: E402

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from districts.audit import Act  # noqa: E402
from districts.models import Change, Level, Unit  # noqa: E402
from districts.names import search_key, unit_sort_key  # noqa: E402
from reports import imports, workbooks  # noqa: E402
from reports.models import AssessmentYear, Criterion, Judgement, Score, ScoreSheet  # noqa: E402
from reports.sheet_files import read_tables  # noqa: E402
from tests.factories import make_criteria_set, make_scheme, make_year  # noqa: E402

UNITS, COMPONENTS = 705, 40
REPEATS = 3


def make_roster() -> AssessmentYear:
    leaves = {f"{1 + n // 5}.{1 + n % 5}": ("2.5", "appraised") for n in range(COMPONENTS)}
    year = make_year(2025, criteria_set=make_criteria_set(leaves), stage="self_scoring")
    scheme = make_scheme()
    units = Unit.objects.bulk_create(
        Unit(
            scheme=scheme,
            code=f"{n:05}",
            level=Level.COMMUNE,
            type="Xã",
            name=f"Xã số {n}",
            sort_key=unit_sort_key(f"Xã số {n}", "Xã"),
            search_key=search_key([("Xã", f"Xã số {n}")]),
        )
        for n in range(UNITS)
    )
    ScoreSheet.objects.bulk_create(ScoreSheet(assessment_year=year, unit=unit) for unit in units)
    return year


def filled_file(year: AssessmentYear) -> bytes:
    """The year's own workbook, exported after every cell was filled, and emptied again."""
    sheets = list(year.sheets.select_related("unit").order_by("unit__sort_key"))
    leaves = list(Criterion.objects.filter(criteria_set=year.criteria_set, is_leaf=True))
    rows = (
        Score(
            sheet=s, criterion=leaf, self_state="value", self_points=Decimal((s.pk * 7 + leaf.pk) % 250) / 100
        )
        for s in sheets
        for leaf in leaves
    )
    with transaction.atomic():
        Score.objects.bulk_create(rows, batch_size=5000)
        content = workbooks.year_workbook(year, sheets, ["self"])
        transaction.set_rollback(True)
    return content


def import_file(year: AssessmentYear, content: bytes) -> tuple[float, float, int]:
    start = time.perf_counter()
    act = Act(None, Change.How.COMMAND)
    checked = imports.check_scores(year, read_tables(content), act)
    middle = time.perf_counter()
    written = imports.apply_scores(checked, act)
    return middle - start, time.perf_counter() - middle, written


def copied_rows() -> str:
    with connection.cursor() as cursor:
        buffer = io.StringIO()
        cursor.copy_expert("COPY reports_score TO STDOUT", buffer)
    return buffer.getvalue()


def copy_again(text: str) -> float:
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SELECT 1")
        start = time.perf_counter()
        cursor.copy_expert("COPY reports_score FROM STDIN", io.StringIO(text))
    return time.perf_counter() - start


def megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 / (1024 if sys.platform == "darwin" else 1)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def main() -> None:
    call_command("migrate", verbosity=0)
    year = make_roster()
    content = filled_file(year)
    before = megabytes()
    say(
        f"{UNITS} units x {COMPONENTS} components, file of {len(content) / 1024:.0f} KB; {before:.0f} MB at rest"
    )
    best: tuple[float, float] | None = None
    text = ""
    for _ in range(REPEATS):
        with transaction.atomic():
            checking, writing, written = import_file(year, content)
            assert written == UNITS * COMPONENTS == Score.objects.count() == Judgement.objects.count()
            assert (
                imports.check_scores(year, read_tables(content), Act(None, Change.How.COMMAND)).changes == []
            )
            text = copied_rows()
            transaction.set_rollback(True)
        say(f"  check {checking:.2f} s, write {writing:.2f} s")
        best = min(best or (checking, writing), (checking, writing), key=sum)
    peak = megabytes()
    assert best is not None
    copies = []
    for _ in range(REPEATS):
        copies.append(copy_again(text))
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE reports_score CASCADE")
    cells, total, copy = UNITS * COMPONENTS, sum(best), min(copies)
    say(f"import {total:.2f} s = {cells / total:,.0f} rows/s (write alone {cells / best[1]:,.0f})")
    say(f"COPY   {copy:.2f} s = {cells / copy:,.0f} rows/s; import takes {total / copy:.0f} times as long")
    say(f"peak {peak:.0f} MB, {peak - before:.0f} above rest")


if __name__ == "__main__":
    main()
