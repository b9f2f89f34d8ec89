"""Write the packaged templates of the Word reports, or a copy of them for an office to change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from reports.letters import forms, rendering


class Command(BaseCommand):
    help = "Ghi mẫu báo cáo Word (unit.docx, year.docx) vào một thư mục; không nêu thư mục: vào bản đóng gói."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", type=Path, default=rendering.PACKAGED, metavar="DIR")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["to"]
        folder.mkdir(parents=True, exist_ok=True)
        for name, form in ((rendering.UNIT, forms.unit_form()), (rendering.YEAR, forms.year_form())):
            (folder / name).write_bytes(form)
            self.stdout.write(_("Đã ghi mẫu %(file)s.") % {"file": name})
