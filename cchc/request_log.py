"""One number and one line for each request: method, route, status, milliseconds, bytes. No path, query or address."""

from __future__ import annotations

import logging
import re
import secrets
import time
from collections.abc import Callable, Iterable, Iterator

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase, StreamingHttpResponse

from . import metrics
from .log_lines import REQUEST_ID, route_of

access = logging.getLogger("cchc.access")
WELL_FORMED = re.compile(r"[A-Za-z0-9._-]{8,64}")
HEADER = "X-Request-ID"
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
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


class RequestLog:
    """Middleware, the outermost: what any other answers is numbered, counted and told as well."""

    def __init__(self, get_response: NextStep) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        begun, number = time.perf_counter(), request_id(request)
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


def request_id(request: HttpRequest) -> str:
    """Return the number the proxy has given a request, where there is a proxy and it is well-formed, else a new one."""
    given = request.headers.get(HEADER, "") if settings.BEHIND_PROXY else ""
    return given if WELL_FORMED.fullmatch(given) else secrets.token_hex(16)


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
