"""How long does a whole year take from XLSX, and how much memory, beside the same rows read and copied bare?

Run by hand: `python -m tests.benchmarks.import_year` (a PostgreSQL of its own is started and removed).
705 units × 40 components; the file is opened, checked, compared, then written in one transaction with judgements
and audit. The reference reads the same file with calamine, copies its cells into a temporary table and upserts the
score rows from it: nothing checked, no preview, no judgement, no audit.
"""

from __future__ import annotations

import argparse
import json
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
import re  # noqa: E402

from django.core.management import call_command  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from python_calamine import CalamineWorkbook  # noqa: E402

from districts.audit import Act  # noqa: E402
from districts.models import Change, Level, Unit  # noqa: E402
from districts.names import search_key, unit_sort_key  # noqa: E402
from reports import imports, workbooks  # noqa: E402
from reports.models import AssessmentYear, Criterion, Judgement, Score, ScoreSheet  # noqa: E402
from reports.sheet_files import read_tables  # noqa: E402
from tests.factories import make_criteria_set, make_scheme, make_year  # noqa: E402

COMPONENTS = 40
REPEATS = 3
COMPONENT_1, CODE = "1.1", re.compile(r"\d+\.\d+")


def make_roster(count: int) -> AssessmentYear:
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
        for n in range(count)
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


def bare_import(year: AssessmentYear, content: bytes) -> tuple[float, int]:
    """Read with calamine, COPY the cells, upsert: what any import of these rows has to do at least."""
    start = time.perf_counter()
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    table = max((book.get_sheet_by_name(name).to_python() for name in book.sheet_names), key=len)
    heading = next(number for number, row in enumerate(table) if COMPONENT_1 in row)
    leaves = {str(name): place for place, name in enumerate(table[heading]) if CODE.fullmatch(str(name))}
    lines = io.StringIO()
    written = 0
    for row in table[heading + 1 :]:
        for leaf, place in leaves.items():
            if row[0] and row[place] != "":
                lines.write(f"{row[0]}\t{leaf}\t{row[place]}\n")
                written += 1
    lines.seek(0)
    given = ("sheet_id", "criterion_id", "self_state", "self_points")
    others = [f for f in Score._meta.concrete_fields if f.column not in ("id", *given)]
    columns = ", ".join((*given, *(f.column for f in others)))
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE cells (unit text, leaf text, points numeric) ON COMMIT DROP")
        cursor.copy_expert("COPY cells FROM STDIN", lines)
        cursor.execute(
            f"INSERT INTO reports_score ({columns}) SELECT s.id, c.id, 'value', cells.points"
            f"{', %s' * len(others)} FROM cells JOIN districts_unit u ON u.scheme_id || ':' || u.code = cells.unit "
            "JOIN reports_scoresheet s ON s.unit_id = u.id AND s.assessment_year_id = %s "
            "JOIN reports_criterion c ON c.code = cells.leaf AND c.criteria_set_id = %s "
            "ON CONFLICT (sheet_id, criterion_id) DO UPDATE SET self_points = excluded.self_points",
            [
                *(f.get_db_prep_save(f.get_default(), connection) for f in others),
                year.pk,
                year.criteria_set_id,
            ],
        )
        assert cursor.rowcount == written
    return time.perf_counter() - start, written


def megabytes() -> float:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 / (1024 if sys.platform == "darwin" else 1)


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=705)
    parser.add_argument("--json", action="store_true", help="print the figures alone")
    return parser.parse_args()


def main() -> None:
    options = parsed()
    call_command("migrate", verbosity=0)
    year = make_roster(options.units)
    content = filled_file(year)
    before, cells = megabytes(), options.units * COMPONENTS
    imported, bare = [], []
    for _ in range(REPEATS):
        with transaction.atomic():
            checking, writing, written = import_file(year, content)
            assert written == cells == Score.objects.count() == Judgement.objects.count()
            assert (
                imports.check_scores(year, read_tables(content), Act(None, Change.How.COMMAND)).changes == []
            )
            transaction.set_rollback(True)
        imported.append((checking, writing))
        with transaction.atomic():
            took, written = bare_import(year, content)
            assert written == cells == Score.objects.count()
            transaction.set_rollback(True)
        bare.append(took)
    checking, writing = min(imported, key=sum)
    told = {"cells": cells, "import": checking + writing, "bare": min(bare), "peak_mb": megabytes() - before}
    if options.json:
        say(json.dumps(told))
        return
    say(f"{options.units} units x {COMPONENTS} components, file of {len(content) / 1024:.0f} KB")
    say(
        f"import {told['import']:.2f} s: check {checking:.2f}, write {writing:.2f}; {told['peak_mb']:.0f} MB above rest"
    )
    say(f"bare   {told['bare']:.2f} s; import takes {told['import'] / told['bare']:.1f} times as long")


if __name__ == "__main__":
    main()
