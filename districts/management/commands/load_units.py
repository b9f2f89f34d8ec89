"""Load the official units of both schemes from the packaged lists."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from districts.loading import load_official_units


class Command(BaseCommand):
    help = "Load the official units, their dated names and their succession; a second run changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--progress", action="store_true", help="say each step")

    def handle(self, *args: Any, progress: bool, **options: Any) -> None:
        started = time.monotonic()
        written = load_official_units(self._say if progress else lambda line: None)
        seconds = f"{time.monotonic() - started:.1f}".replace(".", ",")
        self.stdout.write(f"Đơn vị hành chính: đã ghi {written} dòng trong {seconds} giây.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
