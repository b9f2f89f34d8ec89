"""manage.py restore FILE: put a backup into an empty database, or in the place of what is there."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from reports.backups import contents
from reports.backups.keys import NoKey, owners_key
from reports.backups.sealed import Damaged

DAMAGED = "Tệp không phải bản sao lưu, bị hỏng, bị cắt, bị sửa, hoặc khóa không đúng; chưa ghi gì."


class Command(BaseCommand):
    help = "Nạp lại một bản sao lưu: tất cả hoặc không gì cả. Hãy dừng máy chủ trước khi nạp."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="tệp do backup tạo ra")
        parser.add_argument("--key-file", type=Path, help="tệp chứa khóa; nếu không có: CCHC_BACKUP_KEY")
        parser.add_argument("--replace", action="store_true", help="thay toàn bộ dữ liệu và tệp đang có")

    def handle(self, *args: Any, file: Path, key_file: Path | None, replace: bool, **options: Any) -> None:
        try:
            key = owners_key(key_file)
            with file.open("rb") as source:
                counts = contents.restore(source, key, replace=replace)
        except Damaged as error:
            raise CommandError(DAMAGED) from error
        except (NoKey, contents.Refused, OSError, DatabaseError) as error:
            raise CommandError(f"Không nạp được, dữ liệu cũ còn nguyên: {error}") from error
        self.stdout.write(
            f"Đã nạp lại {counts['tables']} bảng, {counts['rows']} dòng, {counts['files']} tệp; "
            "mọi người cần đăng nhập lại."
        )
