"""`make bench`: the ratios of this program to named references, in one run; `python -m tests.benchmarks --help`."""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cchc.settings")
from . import table
from .country import SMALL, WHOLE, country
from .jobs import JOBS, Bench
from .processes import ROOT, required


def main() -> int:
    options = parsed()
    for name in ("wrk", "chromium", "nginx"):
        required(name)
    folder = Path(tempfile.mkdtemp(prefix="cchc-bench-"))
    folder.chmod(0o755)
    try:
        return run(options, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a small country: to try the benchmarks out")
    parser.add_argument("--only", nargs="+", choices=JOBS, default=list(JOBS))
    parser.add_argument("--json", type=Path, default=ROOT / "var" / "bench.json")
    return parser.parse_args()


def run(options: argparse.Namespace, folder: Path) -> int:
    size = SMALL if options.small else WHOLE
    made = country(folder)
    started = time.monotonic()
    made.make("national", size)
    if "organisers" in options.only:
        made.make("one", type(size)(1, size.years, size.months))
    if "dossiers" in options.only:
        made.make("communes", size, "--communes")
    made.manage("national", "collectstatic", "--noinput", "--verbosity=0")
    table.say(f"data made in {time.monotonic() - started:.0f} s: {size}, {os.cpu_count()} cores")
    bench = Bench(made, folder, ROOT / "var" / "peers")
    rows = []
    for name in options.only:
        for row in JOBS[name](bench):
            table.say(table.line(row))
            rows.append(row)
    about = {"size": str(size), "cores": os.cpu_count(), "python": platform.python_version()}
    table.write(rows, options.json, about)
    return 0 if table.told(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
