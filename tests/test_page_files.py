"""The cache of finished pages in files."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cchc.page_files import WRITES, PageFiles
from cchc.page_store import UNREADABLE


def test_old_pages_make_room_though_not_every_write_looks(tmp_path):
    kept = PageFiles(str(tmp_path), {"OPTIONS": {"MAX_ENTRIES": 300}})
    for number in range(600):
        kept.set(f"page-{number}", "x")
    assert 150 < len(list(Path(tmp_path).iterdir())) <= 300 + WRITES
    assert kept.get("page-599") == "x"


@pytest.mark.parametrize(
    "left", [lambda whole: whole[:-7], lambda whole: whole[:-7] + bytes(7), lambda _: b""]
)
def test_what_a_power_cut_left_half_written_is_not_taken_for_a_page(tmp_path, left):
    kept = PageFiles(str(tmp_path), {})
    kept.set("page", {"": b"x" * 100})
    assert kept.get("page") == {"": b"x" * 100}
    (file,) = Path(tmp_path).iterdir()
    file.write_bytes(left(file.read_bytes()))
    with contextlib.suppress(UNREADABLE):
        assert kept.get("page") is None
    kept.set("page", {"": b"y"})
    assert kept.get("page") == {"": b"y"}


def test_of_many_at_once_one_adds(tmp_path):
    for number in range(50):
        together = threading.Barrier(4)

        def add(key: str, together: threading.Barrier) -> bool:
            together.wait()
            return PageFiles(str(tmp_path), {}).add(key, 1, 60)

        with ThreadPoolExecutor(4) as threads:
            told = [threads.submit(add, f"key-{number}", together) for _ in range(4)]
        assert sorted(each.result() for each in told) == [False, False, False, True]
