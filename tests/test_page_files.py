"""The cache of finished pages in files."""

from __future__ import annotations

from pathlib import Path

from cchc.page_files import WRITES, PageFiles


def test_old_pages_make_room_though_not_every_write_looks(tmp_path):
    kept = PageFiles(str(tmp_path), {"OPTIONS": {"MAX_ENTRIES": 300}})
    for number in range(600):
        kept.set(f"page-{number}", "x")
    assert 150 < len(list(Path(tmp_path).iterdir())) <= 300 + WRITES
    assert kept.get("page-599") == "x"
