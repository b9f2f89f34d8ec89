"""What a supervisor or a load balancer asks: is the process there, and can it serve?"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.cache import caches
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache

LEAST_DISK_BYTES = 200 * 1024 * 1024
PROBE = "readyz"
_up_to_date: set[str] = set()


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer "ok" whenever the process answers at all: restarting it would not bring back a database."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Say of each thing that pages need whether it is there: 200 when all are, else 503; nothing beyond that."""
    found = {name: is_there() for name, is_there in CHECKS.items()}
    told = {name: "ok" if there else "fault" for name, there in found.items()}
    return JsonResponse(told, status=200 if all(found.values()) else 503)


def _has_database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return False
    return True


def _is_migrated() -> bool:
    """Whether the database has every migration of this release; a running process asks until it has."""
    if connection.alias not in _up_to_date:
        try:
            executor = MigrationExecutor(connection)
        except (DatabaseError, InterfaceError):
            return False
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
        _up_to_date.add(connection.alias)
    return True


def _has_cache() -> bool:
    caches["default"].set(PROBE, "ok", 10)
    return bool(caches["default"].get(PROBE) == "ok")


def _has_disk() -> bool:
    """Whether there is room where the program writes; a folder not made yet lies in the first one above it."""
    return all(
        shutil.disk_usage(_existing(Path(folder))).free >= LEAST_DISK_BYTES
        for folder in (settings.VAR_DIR, settings.PRIVATE_DIR)
    )


def _existing(folder: Path) -> Path:
    return next(f for f in (folder, *folder.resolve().parents) if f.is_dir())


CHECKS: dict[str, Callable[[], bool]] = {
    "database": _has_database,
    "migrations": _is_migrated,
    "cache": _has_cache,
    "disk": _has_disk,
}
