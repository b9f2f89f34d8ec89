"""Look for figures that contradict themselves: for a nightly run, which tells by its exit code."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from districts.models import Organiser
from reports.summaries.broken import broken_figures


class Command(BaseCommand):
    help = (
        "Lists the figures entered by units that contradict themselves. Exit code 1 where one is not explained. "
        "Changes nothing and sends nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--organiser", default="", help="the slug of one organiser; else of all")
        parser.add_argument("--explained", action="store_true", help="list also what its unit has explained")

    def handle(self, *args: Any, organiser: str, explained: bool, **options: Any) -> None:
        if organiser and not Organiser.objects.filter(slug=organiser).exists():
            raise CommandError(f"Không có cơ quan “{organiser}”.", returncode=2)
        open_ones = known = 0
        for one in broken_figures(organiser):
            open_ones, known = open_ones + one.is_open, known + (not one.is_open)
            if one.is_open or explained:
                self.stdout.write(f"{one.label}\n  " + "\n  ".join(one.texts))
            if explained and one.gap_reason:
                self.stdout.write(f"  Giải thích: {one.gap_reason}")
        self.stdout.write(f"{open_ones} dòng không khớp chưa giải thích, {known} dòng đã giải thích.")
        if open_ones:
            raise SystemExit(1)
