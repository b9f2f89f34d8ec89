"""Where is the database read? Public pages from a replica, the office and whoever just wrote from the primary."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.db import DatabaseError, InterfaceError, OperationalError, connections
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from .replica_watch import PRIMARY, Watch

OFFICE = "/office/"
READING = ("GET", "HEAD")
# Who changed something reads the primary for a while, on public pages too; it says nothing about the person.
WROTE_COOKIE = "cchc_wrote"
WROTE_SECONDS = 10

# Asking another server may help with these: it is lost, shut down, or replay cleared away the rows a page was reading.
OF_THE_SERVER = (OperationalError, InterfaceError, DatabaseError)

_read_from: ContextVar[str] = ContextVar("read_from", default=PRIMARY)
_failed: ContextVar[bool] = ContextVar("failed", default=False)


class Router:
    """Django's database router: writes, transactions and what follows a write in a request stay on the primary."""

    def db_for_read(self, model: type[Model], **hints: Any) -> str:
        alias = _read_from.get()
        return PRIMARY if alias == PRIMARY or connections[PRIMARY].in_atomic_block else alias

    def db_for_write(self, model: type[Model], **hints: Any) -> str:
        _read_from.set(PRIMARY)
        return PRIMARY

    def allow_relation(self, one: Model, other: Model, **hints: Any) -> bool:
        return True

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:
        return db == PRIMARY


@cache
def watch() -> Watch:
    """Return the one watch of this process."""
    return Watch(list(settings.REPLICAS), settings.REPLICA_LAG)


@contextmanager
def reading(alias: str) -> Iterator[None]:
    """Read from that database inside, as far as nothing is written."""
    token = _read_from.set(alias)
    try:
        yield
    finally:
        _read_from.reset(token)


@contextmanager
def reading_primary() -> Iterator[None]:
    """Read from the primary inside: for what is kept under a version that the primary told."""
    with reading(PRIMARY):
        yield


class ReadReplicas:
    """Middleware: choose a replica for a public page; should it fail on the way, make the page from the primary."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.REPLICAS:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        alias = chosen_for(request)
        if alias == PRIMARY:
            response = self.get_response(request)
            return keep_on_primary(request, response)
        _failed.set(False)
        with reading(alias):
            response = self.get_response(request)
        if not _failed.get():
            return response
        watch().lost(alias)
        response.close()
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Note that a page failed for its replica's sake; the answer given here is thrown away."""
        if _read_from.get() == PRIMARY or type(error) not in OF_THE_SERVER:
            return None
        _failed.set(True)
        return HttpResponse(status=503)


def chosen_for(request: HttpRequest) -> str:
    """Return where the reads of this request go."""
    public = request.method in READING and not request.path_info.startswith(OFFICE)
    if not public or WROTE_COOKIE in request.COOKIES:
        return PRIMARY
    fresh = watch().fresh()
    return random.choice(fresh) if fresh else PRIMARY  # noqa: S311 - which of several equals


def keep_on_primary(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Let a person of the office see on public pages what they have just changed; who answers at a desk gets none."""
    if request.method not in READING and request.path_info.startswith(OFFICE):
        response.set_cookie(
            WROTE_COOKIE,
            "1",
            max_age=WROTE_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response
