"""manage.py remove_sample: take the fictional province out again."""

from typing import Any

from django.core.management.base import BaseCommand

from reports.sample.load import remove_sample


class Command(BaseCommand):
    help = "Gỡ tỉnh minh họa và mọi số liệu của nó; giữ các bộ tiêu chí mẫu."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"Tỉnh Minh Họa: đã gỡ {remove_sample()} dòng.")
