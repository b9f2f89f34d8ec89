"""manage.py load_demo: the five reports, sentence by sentence, and the fictional province beside them."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from districts.demo_accounts import keep_demo_accounts, password_file
from districts.models import Unit
from reports.demo import reports
from reports.demo_rows import SourceTaken, criteria_missing, load_report, load_shared


class Command(BaseCommand):
    help = "Nạp nội dung trình diễn: năm bài báo cáo và một tỉnh minh họa; nạp lại không làm thay đổi gì."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--demo",
            "--force",
            action="store_true",
            dest="asked",
            help="nạp cả khi cơ sở dữ liệu không phải là SQLite đi kèm",
        )

    def handle(self, *args: Any, asked: bool, **options: Any) -> None:
        if not may_load(connection.vendor, asked=asked):
            raise CommandError("Nội dung trình diễn chỉ nạp vào SQLite đi kèm; thêm --demo để nạp vào đây.")
        self._load_what_is_missing()
        try:
            with transaction.atomic():
                self._load_reports()
                call_command("load_sample", stdout=self.stdout)
        except (SourceTaken, ObjectDoesNotExist, ValidationError) as error:
            raise CommandError(f"Không nạp được, chưa ghi gì: {error}") from error
        self._make_accounts()

    def _make_accounts(self) -> None:
        names, kept = keep_demo_accounts(), password_file()
        where = f"trong {kept}" if kept.exists() else "là CCHC_DEMO_PASSWORD"
        self._say(f"Tài khoản mẫu: {', '.join(names)}; mật khẩu {where}.")

    def _load_what_is_missing(self) -> None:
        if not Unit.objects.exists():
            self._say("Nạp danh mục đơn vị hành chính …")
            call_command("load_units", stdout=self.stdout)
        if criteria_missing():
            self._say("Nạp các bộ tiêu chí …")
            call_command("load_criteria", stdout=self.stdout)

    def _load_reports(self) -> None:
        load_shared()
        for report in reports():
            self._say(f"{report.source['title']}: {load_report(report)} dòng")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()


def may_load(vendor: str, *, asked: bool) -> bool:
    """Return whether demo content may go into this database: the embedded one, or another on request."""
    return vendor == "sqlite" or asked
