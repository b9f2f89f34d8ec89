"""manage.py load_sample: the fictional province, five years of it, every figure invented and marked so."""

from typing import Any

from django.core.management.base import BaseCommand

from reports.sample.load import load_sample


class Command(BaseCommand):
    help = "Nạp tỉnh minh họa (hư cấu) với 5 năm số liệu mẫu; đã có thì không làm gì."

    def handle(self, *args: Any, **options: Any) -> None:
        if not load_sample(self._say):
            self._say("Tỉnh Minh Họa: đã có.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
