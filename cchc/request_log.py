"""One number and one line for each request: method, route, status, milliseconds, bytes. No path, query or address."""

from __future__ import annotations

import atexit
import itertools
import logging
import re
import secrets
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase, StreamingHttpResponse

from . import metrics
from .log_lines import REQUEST_ID, Told, route_of

logger = logging.getLogger(__name__)
access = logging.getLogger("cchc.access")
WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")
HEADER = "X-Request-ID"
STORED_PAGE = "stored page"
TELL_SECONDS = 0.5
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
OF_PROCESS = secrets.token_hex(10)
numbers = itertools.count(1)
NextStep = Callable[[HttpRequest], HttpResponseBase]


def note(
    method: str,
    route: str,
    status: int,
    seconds: float,
    size: int | None,
    *,
    user: int | None = None,
    request_id: str = "",
) -> None:
    """Count an answer and, unless CCHC_ACCESS_LOG is 0, tell of it in one line; `size` None: not known."""
    # Anybody can make up a method; each would be a series of its own for ever.
    method = method if method in METHODS else "OTHER"
    metrics.answered(method, route, status, seconds)
    if settings.ACCESS_LOG and access.isEnabledFor(logging.INFO):
        facts = {"method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
        access.info("request", extra=facts | {"bytes": size, "user": user, "request_id": request_id})


class ToldLater:
    """What was answered without Django: noted in a microsecond, counted and told by a thread of its own.

    A process that is killed outright loses the lines of its last half second; one that is stopped does not.
    """

    def __init__(self) -> None:
        self.waiting: deque[Told] = deque()
        self.stopped = threading.Event()
        self.thread: threading.Thread | None = None

    def start(self) -> None:
        self.thread = threading.Thread(target=self._run, name="request-log", daemon=True)
        self.thread.start()
        atexit.register(self.tell)

    def stop(self) -> None:
        self.stopped.set()
        if self.thread:
            self.thread.join()
            atexit.unregister(self.tell)
        self.tell()

    def note(self, at: float, number: str, method: str, status: int, seconds: float, size: int) -> None:
        """Keep one answer in mind; `at` is by time.monotonic."""
        self.waiting.append((at, number, method, status, seconds, size))

    def tell(self) -> None:
        """Count all that waits and write its lines, in one record for all handlers."""
        told = [self.waiting.popleft() for _ in range(len(self.waiting))]
        for (method, status), count in Counter(each[2:4] for each in told).items():
            metrics.answered_from_memory(method, STORED_PAGE, status, count)
        if told and settings.ACCESS_LOG:
            began = time.time() - time.monotonic()
            access.info("request", extra={"route": STORED_PAGE, "began": began, "several": told})

    def _run(self) -> None:
        while not self.stopped.wait(TELL_SECONDS):
            try:
                self.tell()
            except Exception:  # this thread must not end: what waits to be told would only grow
                logger.exception("answers from memory could not be told")


class RequestLog:
    """Middleware, the outermost: what any other answers is numbered, counted and told as well."""

    def __init__(self, get_response: NextStep) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        begun, number = time.perf_counter(), request_id(request.META)
        token = REQUEST_ID.set(number)
        try:
            response = self.get_response(request)
        finally:
            REQUEST_ID.reset(token)
        response.headers[HEADER] = number

        def told(size: int | None) -> None:
            seconds = time.perf_counter() - begun
            user = None
            if request.path_info.startswith("/office/"):
                # Only who was looked up already: the log asks no database.
                user = getattr(getattr(request, "_cached_user", None), "pk", None)
            note(
                request.method or "", route(request), response.status_code, seconds, size,
                user=user, request_id=number,
            )  # fmt: skip

        if isinstance(response, StreamingHttpResponse) and not response.has_header("Content-Length"):
            response.streaming_content = Followed(response.streaming_content, number, told)  # type: ignore[arg-type]
        else:
            told(size_of(response))
        return response


class Followed:
    """The parts of a long answer; told when the last is out, or the reader has gone."""

    def __init__(self, parts: Iterable[bytes], number: str, told: Callable[[int | None], None]) -> None:
        self.parts, self.number, self.told, self.size = iter(parts), number, told, 0
        self.is_told = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        # Set for this part only: between two parts the thread belongs to others.
        token = REQUEST_ID.set(self.number)
        try:
            part = next(self.parts)
        except BaseException:
            self.close()
            raise
        finally:
            REQUEST_ID.reset(token)
        self.size += len(part)
        return part

    def close(self) -> None:
        if not self.is_told:
            self.is_told = True
            self.told(self.size)


def request_id(environ: Mapping[str, Any]) -> str:
    """Return the number the proxy has given a request, where there is a proxy and it is well-formed, else a new one."""
    given = environ.get("HTTP_X_REQUEST_ID") if settings.BEHIND_PROXY else None
    # Random for the process and counted within it: unlike any other, and cheap.
    return given if given and WELL_FORMED.fullmatch(given) else "%s%012x" % (OF_PROCESS, next(numbers))  # noqa: UP031


def route(request: HttpRequest) -> str:
    """Return the name of a request's route; static files, which have none, are one together."""
    if request.path_info.startswith(settings.STATIC_URL):
        return "static"
    return route_of(request)


def size_of(response: HttpResponseBase) -> int | None:
    if response.has_header("Content-Length"):
        return int(response.headers["Content-Length"])
    return len(getattr(response, "content", b""))


def unnamed_client(*_facts: object) -> str:
    """Tell django-axes how to call who failed to log in: its table keeps name and address, the log does not."""
    return "a client (see the table of access attempts)"
