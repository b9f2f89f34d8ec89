"""manage.py remove_demo: take out what load_demo brought, and nothing else."""

from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import transaction

from districts.demo_accounts import remove_demo_accounts
from reports.demo_rows import remove_reports


class Command(BaseCommand):
    help = "Gỡ nội dung trình diễn; giữ danh mục đơn vị, bộ tiêu chí và những gì nội dung khác còn dùng đến."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Năm bài báo cáo: đã gỡ {remove_reports()} dòng.")
        call_command("remove_sample", stdout=self.stdout)
        self.stdout.write(f"Tài khoản mẫu: đã gỡ {remove_demo_accounts()}.")
