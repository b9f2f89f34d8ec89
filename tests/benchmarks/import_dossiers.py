"""How long does a list of a million dossiers take, how much memory, and how far is that from merely reading it?

Run by hand: `python -m tests.benchmarks.import_dossiers [ROWS]` (a PostgreSQL of its own is started and removed).
The list is fictional and always the same. Beside the whole command (counted, checked, written, logged) stand
`csv.reader` over the same bytes, which does nothing with them, and pandas counting received dossiers by field and
month. Each runs in a process of its own, so that its memory is its own.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROWS, SEED = 1_000_000, 2025
FIELDS = [f"Lĩnh vực mẫu số {number}" for number in range(1, 21)]
CHANNELS = ["Trực tuyến", "Trực tiếp", "Dịch vụ bưu chính công ích"]
HEADINGS = (
    *(
        "STT",
        "Mã hồ sơ",
        "Tên thủ tục",
        "Người nộp",
        "Số định danh",
        "Địa chỉ",
        "Ngày tiếp nhận",
        "Ngày hẹn trả",
    ),
    *(
        "Ngày kết thúc xử lý",
        "Hình thức tiếp nhận",
        "Lĩnh vực",
        "Trạng thái",
        "Số hóa TPHS",
        "Số hóa kết quả",
    ),
)
FIRST = dt.datetime(2024, 11, 1)
DAYS = 410
ENVIRONMENT = {
    "DEBUG": "0",
    "HTTPS": "0",
    "STATIC_MANIFEST": "0",
    "SECRET_KEY": "only-for-tests",
    "DJANGO_SETTINGS_MODULE": "cchc.settings",
}


def write_list(path: Path, rows: int) -> None:
    """Write a fictional list: most of a year's dossiers, some from before and after, 5 % still open."""
    chance = random.Random(SEED)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADINGS)
        writer.writerows(fictional_row(number, chance) for number in range(1, rows + 1))


def fictional_row(number: int, chance: random.Random) -> tuple[object, ...]:
    received = FIRST + dt.timedelta(seconds=chance.randrange(DAYS * 86_400))
    due = received + dt.timedelta(days=chance.randrange(1, 30))
    finished = received + dt.timedelta(seconds=chance.randrange(25 * 86_400))
    is_open = chance.random() < 0.05
    return (
        number,
        f"MAU-{number:08}",
        f"Thủ tục mẫu {number % 180}",
        f"Người nộp mẫu {number % 5000}",
        f"{number:012}",
        f"Thôn {number % 40}, xã Mẫu",
        f"{received:%d/%m/%Y %H:%M:%S}",
        f"{due:%d/%m/%Y}",
        "" if is_open else f"{finished:%d/%m/%Y %H:%M:%S}",
        CHANNELS[number % 3],
        FIELDS[number % 20],
        "Đang xử lý" if is_open else "Đã trả kết quả",
        "Có" if number % 4 else "Không",
        "Có" if number % 3 and not is_open else "Không",
    )


def bare_reader(path: Path) -> int:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


def pandas_count(path: Path) -> int:
    import pandas as pd

    frame = pd.read_csv(path, usecols=["Ngày tiếp nhận", "Lĩnh vực"], encoding="utf-8-sig")
    months = pd.to_datetime(frame["Ngày tiếp nhận"], format="%d/%m/%Y %H:%M:%S").dt.to_period("M")
    return int(frame.groupby(["Lĩnh vực", months]).size().sum())


def whole_import(path: Path) -> int:
    """Run the command as anybody would, on a database that has the unit and nothing else."""
    import django

    django.setup()
    from django.core.management import call_command

    from reports.models import DossierCount

    options = {"unit": "MAU", "period": "2025", "create_fields": True}
    call_command("import_dossiers", path, stdout=sys.stderr, **options)
    return DossierCount.objects.count()


WORKS = {"import": whole_import, "csv.reader": bare_reader, "pandas": pandas_count}


def measure(work: str, path: Path) -> None:
    """Do one of the works in this process and print its result, seconds and greatest memory."""
    start = time.perf_counter()
    result = WORKS[work](path)
    seconds = time.perf_counter() - start
    sys.stdout.write(f"{result} {seconds:.3f} {megabytes():.1f}\n")


def megabytes() -> float:
    """Return the greatest memory of this process; `ru_maxrss` would count what started it as well."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(one for one in status.read_text().splitlines() if one.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024 / (1024 if sys.platform == "darwin" else 1)


def measured(work: str, path: Path) -> tuple[int, float, float]:
    program = [
        sys.executable,
        "-m",
        "tests.benchmarks.import_dossiers",
        "--measure",
        work,
        "--file",
        str(path),
    ]
    said = subprocess.run(program, cwd=ROOT, env=os.environ | ENVIRONMENT, capture_output=True, text=True)
    if said.returncode:
        raise SystemExit(said.stderr)
    result, seconds, peak = said.stdout.split()
    return int(result), float(seconds), float(peak)


def prepare_database() -> None:
    """Start a PostgreSQL of its own, with the tables and one unit."""
    os.environ.update(ENVIRONMENT)
    import django

    import tests.postgres  # noqa: F401  starts the server and sets DATABASE_URL

    django.setup()
    from django.core.management import call_command

    from tests.factories import make_organiser, make_unit

    call_command("migrate", verbosity=0)
    make_organiser()
    make_unit("Mẫu", code="MAU")


def compare(rows: int, path: Path) -> None:
    write_list(path, rows)
    sys.stdout.write(f"{rows:,} rows, {path.stat().st_size / 1e6:.0f} MB, 20 fields, 12 months\n")
    prepare_database()
    found = {work: measured(work, path) for work in WORKS}
    seconds = found["import"][1]
    for work, (result, took, peak) in found.items():
        ratio = (
            f"the import takes {seconds / took:.1f} times as long"
            if work != "import"
            else "the whole command"
        )
        sys.stdout.write(
            f"{work:10} {took:7.2f} s  {rows / took:>10,.0f} rows/s  peak {peak:5.0f} MB  result {result:,}; {ratio}\n"
        )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("rows", nargs="?", type=int, default=ROWS)
    parser.add_argument("--measure", choices=list(WORKS))
    parser.add_argument("--file", type=Path)
    asked = parser.parse_args()
    if asked.measure:
        measure(asked.measure, asked.file)
        return
    with tempfile.TemporaryDirectory() as folder:
        compare(asked.rows, Path(folder) / "danh-sach.csv")


if __name__ == "__main__":
    main()
