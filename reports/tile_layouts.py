"""Which file says where an organiser's units stand on its tile map? An office's own goes before the packaged one."""

from __future__ import annotations

import logging
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from reports.maps.tiles import Tile, TileFileError, read_tiles

PACKAGED = Path(__file__).parent / "data" / "tiles"
LARGEST = 1_000_000
log = logging.getLogger(__name__)


def tiles_of(organiser: str, group: str) -> tuple[Tile, ...]:
    """Return the tiles of all years, none without a file; a faulty one of an office is logged and left aside."""
    for folder in (settings.TILE_DIR, PACKAGED):
        path = folder / f"{organiser}.{group}.csv" if folder else None
        if path is None or not path.is_file():
            continue
        try:
            return _read(path, path.stat().st_mtime_ns)
        except TileFileError as error:
            log.error("Bản đồ ô không dùng được: %s", error)
    return ()


@lru_cache(maxsize=64)
def _read(path: Path, changed: int) -> tuple[Tile, ...]:
    return read_file(path)


def read_file(path: Path) -> tuple[Tile, ...]:
    """Return the tiles of a file; raises TileFileError, also where it cannot be read at all."""
    try:
        if path.stat().st_size > LARGEST:
            raise TileFileError([f"{path.name}: tệp lớn hơn 1 MB."])
        return read_tiles(path.read_text(encoding="utf-8"), path.name)
    except OSError as error:
        raise TileFileError([f"{path.name}: không đọc được tệp ({error.strerror})."]) from error
    except UnicodeDecodeError as error:
        raise TileFileError([f"{path.name}: không phải văn bản UTF-8."]) from error
