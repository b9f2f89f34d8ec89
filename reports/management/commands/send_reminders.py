"""manage.py send_reminders: e-mails to the people of units whose sheets wait for them; meant for a daily timer."""

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.management.base import BaseCommand, CommandError

from reports.reminders import Reminder, reminders


class Command(BaseCommand):
    help = "Gửi thư nhắc người nhập liệu và lãnh đạo đơn vị có phiếu chưa nộp, sắp đến hạn hoặc quá hạn."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days", type=int, default=7, help="nhắc khi còn không quá bấy nhiêu ngày (mặc định 7)"
        )
        parser.add_argument(
            "--address", default=settings.PUBLIC_URL, help="địa chỉ trang (mặc định CCHC_PUBLIC_URL)"
        )
        parser.add_argument("--dry-run", action="store_true", help="chỉ in ra, không gửi")

    def handle(self, *args: Any, days: int, address: str, dry_run: bool, **options: Any) -> None:
        found = reminders(dt.timedelta(days=days))
        if dry_run:
            for one in found:
                self.stdout.write(f"{one.user.email}: {one.subject}")
            self.stdout.write(f"Chạy thử: {len(found)} thư, chưa gửi thư nào.")
            return
        failed = [one for one in found if not self._sent(one, address.rstrip("/"))]
        self.stdout.write(f"Đã gửi {len(found) - len(failed)} thư.")
        if failed:
            raise CommandError(f"{len(failed)} thư không gửi được.")

    def _sent(self, one: Reminder, address: str) -> bool:
        """Send a letter; what the mail server has against one keeps no other back."""
        try:
            EmailMessage(one.subject, one.body(address), to=[one.user.email]).send()
        except OSError as error:
            # The person as a number: where this goes, no addresses are kept.
            self.stderr.write(f"Người dùng số {one.user.pk}: {type(error).__name__}")
            return False
        return True
