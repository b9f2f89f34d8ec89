"""manage.py load_criteria [FILE …]: criteria sets from JSON files, the packaged ones by default."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from reports.criteria import Change, load_files
from reports.criteria_files import CriteriaFileError, packaged_files

_SAID = {Change.CREATED: "mới", Change.UPDATED: "cập nhật", Change.UNCHANGED: "không đổi"}


class Command(BaseCommand):
    help = "Nạp bộ tiêu chí từ tệp JSON (mặc định: các bộ kèm phần mềm); nạp lại không làm thay đổi gì."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load_files(options["files"] or packaged_files())
        except CriteriaFileError as error:
            raise CommandError(str(error)) from error
        for one in loaded:
            self.stdout.write(f"{one.criteria_set.slug}: {_SAID[one.change]} ({one.file})")
