"""manage.py backup FILE: database and private files in one file that only the owner's key opens."""

import fcntl
import os
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from reports.backups import contents
from reports.backups.keys import NoKey, make_key, owners_key

INCOMPLETE = 3
NAMED = 5


class BeingWritten(Exception):
    """Another backup is under way to the same file."""


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
            written = written_whole(file, key)
        except BeingWritten as error:
            raise CommandError(f"Một lần sao lưu khác đang ghi {file}; hãy chờ nó xong.") from error
        except (NoKey, OSError, DatabaseError) as error:
            raise CommandError(f"Không sao lưu được, không để lại tệp dở dang: {error}") from error
        counts, missing = written.counts, written.missing
        self.stdout.write(
            f"Đã sao lưu {counts['tables']} bảng, {counts['rows']} dòng, {counts['files']} tệp vào {file}."
        )
        if missing:
            named = ", ".join(missing[:NAMED]) + (", …" if len(missing) > NAMED else "")
            raise CommandError(
                f"Bản sao lưu được giữ nhưng thiếu {len(missing)} tệp minh chứng có trong cơ sở dữ liệu: {named}. "
                "Hãy xem thư mục CCHC_PRIVATE_DIR.",
                returncode=INCOMPLETE,
            )

    def _new_key(self, file: Path) -> bytes:
        make_key(file)
        self.stdout.write(
            f"Khóa mới ở {file}: hãy cất ở nơi khác với bản sao lưu; mất khóa là mất bản sao lưu."
        )
        return owners_key(file)


def written_whole(file: Path, key: bytes) -> contents.Written:
    """Write a backup beside its final name and rename it when it is on the disk; leaves nothing on an error.

    Raises BeingWritten where somebody else writes it. What a killed backup left behind is written over.
    """
    part = file.with_name(f"{file.name}.part")
    with _taken(part) as out:
        try:
            if file.exists():
                raise FileExistsError(f"{file} đã có")
            written = contents.write(out, key)
            out.flush()
            os.fsync(out.fileno())
            part.rename(file)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
    return written


@contextmanager
def _taken(part: Path) -> Iterator[BinaryIO]:
    """Open a file, empty, for nobody else: the lock goes with the process that holds it, however that ends."""
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "wb") as out:
        try:
            fcntl.flock(out, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Who held it a moment ago may have given it its final name.
            is_there = part.stat().st_ino == os.fstat(out.fileno()).st_ino
        except (BlockingIOError, FileNotFoundError) as error:
            raise BeingWritten from error
        if not is_there:
            raise BeingWritten
        os.fchmod(out.fileno(), 0o600)
        out.truncate()
        yield out
