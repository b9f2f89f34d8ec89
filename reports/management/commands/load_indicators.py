"""manage.py load_indicators: the packaged catalogue of annual indicators; what is there already stays as it is."""

from typing import Any

from django.core.management.base import BaseCommand

from reports.indicators import load_indicators


class Command(BaseCommand):
    help = "Nạp danh mục chỉ tiêu kèm phần mềm; chỉ tiêu đã có không bị thay đổi."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Đã thêm {load_indicators()} chỉ tiêu.")
