"""Read points of a year from a file: `manage.py import_scores FILE --organiser ha-noi --year 2024 --dry-run`."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from districts.audit import Act
from districts.models import Change
from reports import imports
from reports.imports.layout import STAGE_SHEETS
from reports.management.progress import bar
from reports.models import AssessmentYear
from reports.sheet_files import MAX_BYTES, TOO_BIG, FileError, read_tables

SHOWN = 50


class Command(BaseCommand):
    help = "Kiểm tra và ghi điểm của một năm từ tệp XLSX hoặc CSV: tất cả hoặc không gì cả."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--organiser", help="địa chỉ của cơ quan, ví dụ ha-noi")
        parser.add_argument("--year", type=int, required=True)
        parser.add_argument("--group", help="nhóm xếp hạng, khi năm có nhiều nhóm")
        parser.add_argument(
            "--stage", choices=list(STAGE_SHEETS), default="self", help="điểm trong tệp CSV là gì"
        )
        parser.add_argument("--reason", default="", help="lý do, văn bản kèm theo")
        parser.add_argument("--dry-run", action="store_true", help="chỉ kiểm tra, không ghi")

    def handle(self, *args: Any, **options: Any) -> None:
        year = _year(options)
        act = Act(None, Change.How.COMMAND, options["reason"])
        tables = _tables(options["file"])
        checked = imports.check_scores(
            year, tables, act, default_stage=options["stage"], progress=bar(self.stderr, "Kiểm tra")
        )
        self._report(checked.summary)
        if checked.summary.errors:
            raise CommandError("Tệp có lỗi, không giá trị nào được ghi.")
        if options["dry_run"]:
            self.stdout.write("Chỉ kiểm tra: không giá trị nào được ghi.")
            return
        try:
            written = imports.apply_scores(checked, act, bar(self.stderr, "Ghi"))
        except imports.ImportRefused as refusal:
            for finding in refusal.findings[:SHOWN]:
                self.stderr.write(_line(finding))
            raise CommandError("Không giá trị nào được ghi.") from refusal
        self.stdout.write(self.style.SUCCESS(f"Đã ghi {written} giá trị."))

    def _report(self, summary: imports.Summary) -> None:
        for finding in summary.findings[:SHOWN]:
            (self.stderr if finding.is_error else self.stdout).write(_line(finding))
        counts = summary.counts
        self.stdout.write(
            f"{summary.rows} hàng: {counts['new']} mới, {counts['changed']} thay đổi, "
            f"{counts['unchanged']} không đổi, {counts['errors']} lỗi, {counts['warnings']} lưu ý."
        )


def _line(finding: imports.Finding) -> str:
    value = f" “{finding.value}”" if finding.value else ""
    return f"{'Lỗi' if finding.is_error else 'Lưu ý'}: {finding.place or 'cả tệp'}{value}: {finding.message}"


def _tables(path: Path) -> list[Any]:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CommandError(TOO_BIG)
        return list(read_tables(path.read_bytes()))
    except OSError as error:
        raise CommandError(f"Không đọc được tệp: {error}") from error
    except FileError as error:
        raise CommandError(str(error)) from error


def _year(options: dict[str, Any]) -> AssessmentYear:
    years = AssessmentYear.objects.select_related("organiser", "group", "criteria_set").filter(
        year=options["year"]
    )
    if options["organiser"]:
        years = years.filter(organiser__slug=options["organiser"])
    if options["group"]:
        years = years.filter(group__slug=options["group"])
    found = list(years)
    if len(found) != 1:
        listed = "; ".join(f"--organiser {y.organiser.slug} --group {y.group.slug}" for y in found)
        raise CommandError(f"Có {len(found)} kỳ đánh giá như vậy. {listed}".strip())
    return found[0]
