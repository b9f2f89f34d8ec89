"""manage.py send_reminders: e-mails to the people of units whose sheets wait for them; meant for a daily timer."""

import datetime as dt
from argparse import ArgumentParser
from typing import Any

from django.core.mail import EmailMessage, get_connection
from django.core.management.base import BaseCommand

from reports.reminders import reminders


class Command(BaseCommand):
    help = "Gửi thư nhắc người nhập liệu và lãnh đạo đơn vị có phiếu chưa nộp, sắp đến hạn hoặc quá hạn."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--days", type=int, default=7, help="nhắc khi còn không quá bấy nhiêu ngày (mặc định 7)"
        )
        parser.add_argument("--address", default="", help="địa chỉ trang, ví dụ https://cchc.example.vn")
        parser.add_argument("--dry-run", action="store_true", help="chỉ in ra, không gửi")

    def handle(self, *args: Any, days: int, address: str, dry_run: bool, **options: Any) -> None:
        found = reminders(dt.timedelta(days=days))
        for one in found:
            self.stdout.write(f"{one.user.email}: {one.subject}")
        if dry_run:
            self.stdout.write(f"Chạy thử: {len(found)} thư, chưa gửi thư nào.")
            return
        letters = [
            EmailMessage(one.subject, one.body(address.rstrip("/")), to=[one.user.email]) for one in found
        ]
        sent = get_connection().send_messages(letters) if letters else 0
        self.stdout.write(f"Đã gửi {sent or 0} thư.")
