"""manage.py backup FILE: database and private files in one file that only the owner's key opens."""

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from reports.backups import contents
from reports.backups.keys import NoKey, make_key, owners_key


class Command(BaseCommand):
    help = "Sao lưu cơ sở dữ liệu và tệp minh chứng vào một tệp, nén và mã hóa bằng khóa của chủ sở hữu."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="tệp sẽ được tạo; không ghi đè tệp đã có")
        parser.add_argument("--key-file", type=Path, help="tệp chứa khóa; nếu không có: CCHC_BACKUP_KEY")
        parser.add_argument("--make-key", type=Path, help="tạo một tệp khóa mới và dùng khóa ấy")

    def handle(
        self, *args: Any, file: Path, key_file: Path | None, make_key: Path | None, **options: Any
    ) -> None:
        if file.exists():
            raise CommandError(f"Tệp {file} đã có; hãy chọn tên khác.")
        try:
            key = self._new_key(make_key) if make_key else owners_key(key_file)
            counts = written_whole(file, key)
        except (NoKey, OSError, DatabaseError) as error:
            raise CommandError(f"Không sao lưu được, không để lại tệp dở dang: {error}") from error
        self.stdout.write(
            f"Đã sao lưu {counts['tables']} bảng, {counts['rows']} dòng, {counts['files']} tệp vào {file}."
        )

    def _new_key(self, file: Path) -> bytes:
        make_key(file)
        self.stdout.write(
            f"Khóa mới ở {file}: hãy cất ở nơi khác với bản sao lưu; mất khóa là mất bản sao lưu."
        )
        return owners_key(file)


def written_whole(file: Path, key: bytes) -> contents.Counts:
    """Write a backup beside its final name and rename it when it is on the disk; leaves nothing on an error."""
    part = file.with_name(f"{file.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            counts = contents.write(out, key)
            out.flush()
            os.fsync(out.fileno())
        part.rename(file)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return counts
