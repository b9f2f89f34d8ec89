"""The cache of finished pages in files."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from cchc.page_files import WRITES, PageFiles


def test_old_pages_make_room_though_not_every_write_looks(tmp_path):
    kept = PageFiles(str(tmp_path), {"OPTIONS": {"MAX_ENTRIES": 300}})
    for number in range(600):
        kept.set(f"page-{number}", "x")
    assert 150 < len(list(Path(tmp_path).iterdir())) <= 300 + WRITES
    assert kept.get("page-599") == "x"


def test_of_many_at_once_one_adds(tmp_path):
    for number in range(50):
        together = threading.Barrier(4)

        def add(key: str, together: threading.Barrier) -> bool:
            together.wait()
            return PageFiles(str(tmp_path), {}).add(key, 1, 60)

        with ThreadPoolExecutor(4) as threads:
            told = [threads.submit(add, f"key-{number}", together) for _ in range(4)]
        assert sorted(each.result() for each in told) == [False, False, False, True]
