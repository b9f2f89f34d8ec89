"""What stands in a backup, in which order, and the way out of the database and back."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.apps import apps
from django.conf import settings
from django.db import models, transaction

from districts.engine import append_only_lifted, keep_writers_out, snapshot
from districts.models import Change
from reports.models import Evidence, Judgement

from . import rows
from .sealed import Damaged, Record, Sealer, opened

HEAD, TABLE, ROWS, FILE, PART, END = b"H", b"T", b"R", b"F", b"P", b"E"
PART_BYTES = 1 << 18
# Folders of a restore under way; a dot keeps them apart from evidence/ and imports/.
COMING, GOING = ".coming-from-backup", ".replaced-by-backup"
Counts = dict[str, int]


class Refused(Exception):
    """The backup cannot be restored here; says why, and nothing was changed."""


@dataclass(frozen=True)
class Written:
    """How much of each a backup holds, and the names of evidence files that rows name and that were not there."""

    counts: Counts
    missing: tuple[str, ...]


def write(out: BinaryIO, key: bytes) -> Written:
    """Write the database as it is at one moment and the private files after it; raises OSError, a database error."""
    sealer, counts = Sealer(out, key), {"tables": 0, "rows": 0, "files": 0}
    with snapshot():
        sealer.write(HEAD, rows.as_json({"migrations": rows.schema()}))
        for model in rows.kept_models():
            names = [field.attname for field in rows.stored_fields(model)]
            sealer.write(TABLE, rows.as_json([model._meta.label_lower, names]))
            counts["tables"] += 1
            for batch in rows.batches(model):
                sealer.write(ROWS, rows.as_json(batch))
                counts["rows"] += len(batch)
        # Still inside: a file that a row of the snapshot names was there before the row.
        named = set(Evidence.objects.exclude(file="").values_list("file", flat=True))
        found: set[str] = set()
        for path in private_files():
            if _write_file(sealer, path):
                found.add(_name(path))
        counts["files"] = len(found)
    sealer.write(END, rows.as_json(counts))
    sealer.close()
    return Written(counts, tuple(sorted(named - found)))


def checked(source: BinaryIO, key: bytes) -> Counts:
    """Read the whole file without keeping any of it; returns its counts, raises Damaged or Refused."""
    counts, head, last = {"tables": 0, "rows": 0, "files": 0}, None, b""
    for kind, content in opened(source, key):
        last = content if kind == END else b""
        if kind == HEAD:
            head = json.loads(content)
        elif kind == TABLE:
            counts["tables"] += 1
        elif kind == ROWS:
            counts["rows"] += len(json.loads(content))
        elif kind == FILE:
            counts["files"] += 1
    if head is None or not last or json.loads(last) != counts:
        raise Damaged
    _same_schema(head["migrations"])
    return counts


def restore(source: BinaryIO, key: bytes, *, replace: bool) -> Counts:
    """Put everything back in one transaction, or nothing; raises Damaged, Refused, OSError or a database error."""
    counts = checked(source, key)
    if not replace and (rows.tables_with_rows() or any(private_files())):
        raise Refused("Cơ sở dữ liệu hoặc thư mục tệp riêng không trống; thêm --replace để thay toàn bộ.")
    coming, going = settings.PRIVATE_DIR / COMING, settings.PRIVATE_DIR / GOING
    if going.exists():
        raise Refused(
            f"Một lần nạp trước bị ngắt: tệp cũ còn trong {going}. Hãy kiểm tra và chuyển đi trước."
        )
    shutil.rmtree(coming, ignore_errors=True)
    coming.mkdir(parents=True, mode=0o700)
    try:
        # The moves outlast the transaction: its COMMIT may fail as well.
        with _moves() as moved, transaction.atomic():
            _restore_rows(opened(source, key), coming)
            _swap(coming, going, moved)
    finally:
        shutil.rmtree(coming, ignore_errors=True)
    shutil.rmtree(going, ignore_errors=True)
    return counts


def private_files() -> Iterator[Path]:
    """Yield the files under PRIVATE_DIR, without those of a restore under way; raises OSError where it cannot look.

    A folder that is not there has no files.
    """
    for folder, folders, names in os.walk(settings.PRIVATE_DIR, onerror=_tell):
        folders[:] = sorted(name for name in folders if name not in (COMING, GOING))
        yield from (Path(folder) / name for name in sorted(names))


def _tell(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _name(path: Path) -> str:
    return path.relative_to(settings.PRIVATE_DIR).as_posix()


def _write_file(sealer: Sealer, path: Path) -> bool:
    """Write a file; returns False where it is gone: an upload that was applied or cancelled lets go of its file."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return False
    with file:
        sealer.write(FILE, rows.as_json(_name(path)))
        while part := file.read(PART_BYTES):
            sealer.write(PART, part)
    return True


def _same_schema(theirs: list[list[str]]) -> None:
    ours = rows.schema()
    if theirs == ours:
        return
    if not ours:
        raise Refused("Cơ sở dữ liệu này chưa có bảng nào: hãy chạy migrate trước, rồi nạp lại.")
    here = ", ".join("/".join(m) for m in ours if m not in theirs) or "–"
    there = ", ".join("/".join(m) for m in theirs if m not in ours) or "–"
    raise Refused(
        "Bản sao lưu thuộc phiên bản khác của chương trình. Hãy cài đúng phiên bản, chạy migrate, rồi nạp lại. "
        f"Chỉ có trong bản sao lưu: {there}. Chỉ có ở đây: {here}."
    )


def _restore_rows(records: Iterator[Record], coming: Path) -> None:
    tables = rows.kept_models()
    keep_writers_out(*tables)
    with append_only_lifted(Change, Judgement):
        rows.empty([*rows.left_out_models(), *reversed(tables)])
        _write_back(records, coming)
    rows.continue_numbering(tables)


def _write_back(records: Iterator[Record], coming: Path) -> None:
    model: type[models.Model] | None = None
    path = coming
    for kind, content in records:
        if kind == TABLE:
            label, names = json.loads(content)
            model = apps.get_model(label)
            if names != [field.attname for field in rows.stored_fields(model)]:
                raise Refused(f"Bảng {label} trong bản sao lưu có các cột khác.")
        elif kind == ROWS and model is not None:
            rows.insert(model, json.loads(content))
        elif kind == FILE:
            path = _inside(coming, json.loads(content))
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(0o600)
        elif kind == PART:
            with path.open("ab") as file:
                file.write(content)


def _inside(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise Refused(f"Tên tệp không hợp lệ trong bản sao lưu: {name}")
    return path


Move = tuple[Path, Path]


@contextmanager
def _moves() -> Iterator[list[Move]]:
    """Yield a list for the moves made inside; an error puts everything back where it was."""
    moved: list[Move] = []
    try:
        yield moved
    except BaseException:
        for before, after in reversed(moved):
            after.rename(before)
        with suppress(FileNotFoundError):
            (settings.PRIVATE_DIR / GOING).rmdir()
        raise


def _swap(coming: Path, going: Path, moved: list[Move]) -> None:
    """Put the new files in the place of the old ones, noting each move."""
    home = settings.PRIVATE_DIR
    going.mkdir(mode=0o700)
    moves = [(p, going / p.name) for p in sorted(home.iterdir()) if p.name not in (COMING, GOING)]
    moves += [(p, home / p.name) for p in sorted(coming.iterdir())]
    for before, after in moves:
        before.rename(after)
        moved.append((before, after))
