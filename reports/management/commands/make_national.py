"""manage.py make_national: a fictional country of the real one's size, to measure by."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reports.sample.national.load import is_loaded, load_national
from reports.sample.national.places import MONTHS, PROVINCES, YEARS, Size


class Command(BaseCommand):
    help = "Sinh dữ liệu mẫu cỡ quốc gia (hư cấu) để đo hiệu năng; chỉ dùng cho cơ sở dữ liệu thử."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--organisers", type=int, default=PROVINCES, help="số tỉnh, 1 đến 63")
        parser.add_argument("--years", type=int, default=YEARS, help="số năm, 1 đến 10")
        parser.add_argument("--months", type=int, default=MONTHS, help="số tháng có số liệu hồ sơ mỗi năm")
        parser.add_argument("--communes", action="store_true", help="thêm hồ sơ của từng xã (12 triệu dòng)")

    def handle(self, *args: Any, **options: Any) -> None:
        for name, most in (("organisers", PROVINCES), ("years", YEARS), ("months", MONTHS)):
            if not 1 <= options[name] <= most:
                raise CommandError(f"--{name}={options[name]}: phải từ 1 đến {most}.")
        if is_loaded():
            raise CommandError("Dữ liệu mẫu cỡ quốc gia đã có trong cơ sở dữ liệu này; không có gì thay đổi.")
        size = Size(options["organisers"], options["years"], options["months"])
        load_national(size, with_communes=options["communes"], say=self._say)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
