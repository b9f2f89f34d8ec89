"""The owner's key of a backup: a file, or the environment."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from django.conf import settings

SHORTEST = 32


class NoKey(Exception):
    """There is no usable key; says what is missing."""


def owners_key(file: Path | None) -> bytes:
    """Return the key in a file, or else CCHC_BACKUP_KEY; raises NoKey where it is missing or short."""
    if file is not None:
        try:
            key = file.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise NoKey(f"Không đọc được tệp khóa {file}: {error.strerror}.") from error
    else:
        key = settings.BACKUP_KEY.strip()
    if not key:
        raise NoKey("Cần khóa: --key-file TỆP hoặc biến môi trường CCHC_BACKUP_KEY.")
    if len(key) < SHORTEST:
        raise NoKey(
            f"Khóa quá ngắn: cần ít nhất {SHORTEST} ký tự ngẫu nhiên; backup --make-key TỆP tạo một khóa."
        )
    return key.encode()


def make_key(file: Path) -> None:
    """Write a new random key into a file that only its owner reads; raises FileExistsError."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(secrets.token_urlsafe(48) + "\n")
