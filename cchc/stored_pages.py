"""Published pages as finished bytes, answered before Django is entered.

A page is kept (cchc.page_store) with the versions of what it shows (reports.page_versions). One thread of each process
asks the database once a second which versions hold; what holds no longer is dropped. So a publication, correction or
withdrawal is everywhere within that second and the two that a proxy may answer on its own, a repeat visit asks nothing,
and while the database is away what was public is still answered, for STALE_SECONDS.

Kept is only what a view declared by reports.published answered to somebody without a session.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseGoneError
from django.db import close_old_connections, connection
from django.utils import timezone
from django.utils.text import compress_sequence

from cchc.finished_pages import COMPRESSORS, Answer, Headers, Page, best_encoding, is_text, taken_encodings
from cchc.finishing import EVERY_ENCODING, finish_aside
from cchc.page_store import Address, PageStore
from cchc.replicas import WROTE_COOKIE
from cchc.request_log import HEADER, ToldLater, request_id
from reports.page_versions import SITE, UNITS, current_versions
from reports.published import KEEPER, PUBLISHED

StartResponse = Callable[..., Any]
Environ = dict[str, Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

logger = logging.getLogger(__name__)
CHECK_SECONDS = 1.0
STALE_SECONDS = 60.0
WAIT_SECONDS = 10.0
LARGEST_PAGE = 8 * 1024 * 1024
MOST_ENCODINGS = 1000
NEVER_KEPT = ("/office/", "/static/", "/api/", "/d/", "/en/d/", "/healthz", "/readyz", "/metrics")
# Written here, or not the same for everybody.
OWN_HEADERS = {"content-length", "content-encoding", "etag", "vary", "x-request-id"}
# Written anew where a page goes out without being kept.
PASSING_HEADERS = {"content-length", "content-encoding", "etag", "vary", "cache-control"}


class StoredPages:
    """The WSGI application around Django's; one for each process."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.release = release()
        self.store = PageStore(self.release, settings.PAGE_MEMORY_MB * 1024 * 1024)
        self.pages = self.store.pages
        self.checked_at = float("-inf")
        self.in_work: dict[Address, threading.Event] = {}
        self.lock, self.checking = threading.Lock(), threading.Lock()
        self.stopped = threading.Event()
        self.watcher: threading.Thread | None = None
        self.encodings: dict[str, str] = {}
        self.told_later = ToldLater()
        # A message for somebody travels in a cookie too, and who just wrote wants to see it.
        self.cookies = (f"{settings.SESSION_COOKIE_NAME}=", "messages=", f"{WROTE_COOKIE}=")

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD") or ("HTTP_COOKIE" in environ and self._is_somebody(environ)):
            return self.application(environ, start_response)
        now = time.monotonic()
        address = address_of(environ)
        page = self.pages.get(address)
        if page is None or now - self.checked_at > STALE_SECONDS:
            return self._searched(address, environ, start_response, now)
        return self._answered(page, environ, start_response, now)

    def close(self) -> None:
        """Stop asking for versions; for tests, which want their database back."""
        self.stopped.set()
        if self.watcher:
            self.watcher.join()
        self.told_later.stop()

    def _is_somebody(self, environ: Environ) -> bool:
        cookies = environ["HTTP_COOKIE"]
        return any(name in cookies for name in self.cookies)

    def _answered(
        self, page: Page, environ: Environ, start_response: StartResponse, at: float, seconds: float = 0.0
    ) -> Iterable[bytes]:
        """Answer with the page, and note that for the log; `seconds` is what it took to find, where that is any."""
        number = request_id(environ)
        status, size, body = self._sent(page, environ, start_response, number)
        self.told_later.note(at, number, environ["REQUEST_METHOD"], status, seconds, size)
        return body

    def _sent(
        self, page: Page, environ: Environ, start_response: StartResponse, number: str
    ) -> tuple[int, int, Iterable[bytes]]:
        page.was_asked = True
        accepted = environ.get("HTTP_ACCEPT_ENCODING", "")
        encoding = self.encodings.get(accepted)
        if encoding is None:
            encoding = best_encoding(accepted)
            if len(self.encodings) < MOST_ENCODINGS:
                self.encodings[accepted] = encoding
        answer = page.answers.get(encoding) or self._encoded(page, encoding, environ)
        asked = environ.get("HTTP_IF_NONE_MATCH")
        # The tag of this very encoding: that of another is another representation's (RFC 9110, 8.8.3.3).
        if asked is not None and (answer.tag in asked or asked.strip() == "*"):
            start_response("304 Not Modified", [*answer.headers_unchanged, (HEADER, number)])
            return 304, 0, []
        start_response("200 OK", [*answer.headers, (HEADER, number)])
        if environ["REQUEST_METHOD"] == "HEAD":
            return 200, 0, []
        return 200, len(answer.body), [answer.body]

    def _encoded(self, page: Page, encoding: str, environ: Environ) -> Answer:
        others = COMPRESSORS if EVERY_ENCODING in environ else ()
        self.store.encode(address_of(environ), page, encoding, *others)
        return page.answer(encoding)

    def _searched(
        self, address: Address, environ: Environ, start_response: StartResponse, begun: float
    ) -> Iterable[bytes]:
        if address[2].startswith(NEVER_KEPT) or not self._watches():
            return self.application(environ, start_response)
        page = self.store.shared(address)
        if page is not None:
            return self._answered(page, environ, start_response, *since(begun))
        with self.lock:
            page, others = self.pages.get(address), self.in_work.get(address)
            if page is None and others is None:
                mine = self.in_work[address] = threading.Event()
        if page is not None:
            return self._answered(page, environ, start_response, *since(begun))
        if others is not None:
            others.wait(WAIT_SECONDS)
            page = self.pages.get(address)
            if page is not None:
                return self._answered(page, environ, start_response, *since(begun))
            return self.application(environ, start_response)
        try:
            return self._made(address, environ, start_response)
        finally:
            del self.in_work[address]
            mine.set()

    def _made(self, address: Address, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Let Django answer; keep the answer where a view declared it published."""
        asked = {**environ, KEEPER: True, "REQUEST_METHOD": "GET"}
        begun, day = Begun(), str(timezone.localdate())
        parts = self.application(asked, begun)
        declared = asked.get(PUBLISHED)
        if declared is None or not begun.is_for_everybody:
            begun.pass_on(start_response)
            return parts
        body, rest = up_to(LARGEST_PAGE, parts)
        if rest is not None:
            return begun.passed_on_packed(rest, environ, start_response)
        kept = [header for header in begun.headers if header[0].lower() not in OWN_HEADERS]
        tag = self._tag(address, declared.versions, day)
        page = Page(declared.scopes, declared.versions, day, tag, kept, {"": body})
        # What changed since the last look at the versions would throw the page out again.
        if self.store.holds(page) or (self._check() and self.store.holds(page)):
            self.store.keep(address, page)
        # Counted and told already, under this number.
        number = next((value for name, value in begun.headers if name == HEADER), "")
        return self._sent(page, environ, start_response, number)[-1]

    def _tag(self, address: Address, versions: tuple[tuple[str, str], ...], day: str) -> str:
        said = repr((self.release, address, versions, day))
        return hashlib.sha256(said.encode()).hexdigest()[:24]

    def _watches(self) -> bool:
        """Start asking for versions with the first request, in the process that answers; False while unknown."""
        if self.watcher is None:
            with self.lock:
                if self.watcher is None:
                    self._check()
                    self.told_later.start()
                    self.watcher = threading.Thread(target=self._watch, name="page-versions", daemon=True)
                    self.watcher.start()
        return time.monotonic() - self.checked_at <= STALE_SECONDS

    def _watch(self) -> None:
        while not self.stopped.wait(CHECK_SECONDS):
            try:
                close_old_connections()
                self._check()
            except Exception:  # this thread must not end: without it nothing kept is answered any more
                logger.exception("the versions of pages could not be looked at")
        connection.close()

    def _check(self) -> bool:
        """Take over the versions that hold now and drop what they ended; False where the database does not answer."""
        with self.checking:  # an older look must not take the place of a newer one
            return self._checked()

    def _checked(self) -> bool:
        try:
            versions = current_versions()
        except DatabaseGoneError as error:
            connection.close()
            logger.warning("no versions of pages: %s", type(error).__name__)
            return False
        day = str(timezone.localdate())
        before = self.store.versions
        if (versions, day) != (before, self.store.day):
            self.store.take_over(versions, day)
            self._finish(before)
        self.checked_at = time.monotonic()
        return True

    def _finish(self, before: dict[str, str]) -> None:
        """Let what was published since be finished; not at the start, when all of it looks new."""
        organisers = {scope for scope, version in self.store.versions.items() if before.get(scope) != version}
        organisers -= {UNITS, SITE}
        if before and organisers and settings.PUBLIC_URL:
            finish_aside(self, organisers, self.release)


class Begun:
    """A start_response that waits until it is known whether the answer is kept."""

    def __init__(self) -> None:
        self.status = ""
        self.headers: Headers = []

    def __call__(self, status: str, headers: Headers, exc_info: Any = None) -> None:
        self.status, self.headers = status, headers

    @property
    def is_for_everybody(self) -> bool:
        """Whether nothing in the answer speaks of who asked."""
        varies = {
            part.strip().lower()
            for name, value in self.headers
            if name.lower() == "vary"
            for part in value.split(",")
        }
        names = {name.lower() for name, _ in self.headers}
        return (
            self.status.startswith("200") and "set-cookie" not in names and varies <= {"accept-encoding", ""}
        )

    def pass_on(self, start_response: StartResponse) -> None:
        start_response(self.status, self.headers)

    def passed_on_packed(
        self, body: Iterator[bytes], environ: Environ, start_response: StartResponse
    ) -> Iterator[bytes]:
        """Pass on what is too large to be kept, packed on its way where that helps; no proxy keeps it either."""
        headers = [h for h in self.headers if h[0].lower() not in PASSING_HEADERS]
        headers += [("Cache-Control", "no-store"), ("Vary", "Accept-Encoding")]
        if is_text(headers) and "gzip" in taken_encodings(environ.get("HTTP_ACCEPT_ENCODING", "")):
            headers, body = [*headers, ("Content-Encoding", "gzip")], compress_sequence(body)
        start_response(self.status, headers)
        return body


def address_of(environ: Environ) -> Address:
    scheme = environ["wsgi.url_scheme"]
    # A setting is looked up last: that alone takes a tenth of the time of an answer from memory.
    if "HTTP_X_FORWARDED_PROTO" in environ and settings.BEHIND_PROXY:
        scheme = environ["HTTP_X_FORWARDED_PROTO"]
    return (
        scheme,
        environ.get("HTTP_HOST", ""),
        environ.get("PATH_INFO", ""),
        environ.get("QUERY_STRING", ""),
    )


def since(begun: float) -> tuple[float, float]:
    """Return now and the seconds since `begun`, by time.monotonic."""
    now = time.monotonic()
    return now, now - begun


def up_to(most: int, parts: Iterable[bytes]) -> tuple[bytes, Iterator[bytes] | None]:
    """Return the whole body and None, or, where it is larger, nothing and an iterator over all of it."""
    with contextlib.ExitStack() as stack:
        if hasattr(parts, "close"):
            stack.callback(parts.close)
        size, taken, coming = 0, [], iter(parts)
        for part in coming:
            taken.append(part)
            size += len(part)
            if size > most:
                return b"", _rest(taken, coming, stack.pop_all())
        return b"".join(taken), None


def _rest(taken: list[bytes], coming: Iterator[bytes], stack: contextlib.ExitStack) -> Iterator[bytes]:
    with stack:
        yield from itertools.chain(taken, coming)


def release() -> str:
    """Return what identifies this software and the settings that a page shows."""
    known = hashlib.sha256()
    for folder in ("cchc", "districts", "reports", "templates", "locale", "static"):
        for path in sorted((Path(settings.BASE_DIR) / folder).rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                known.update(f"{path.name}\n".encode() + path.read_bytes())
    for own in filter(None, (settings.LETTER_DIR, settings.TILE_DIR)):
        for path in sorted(own.rglob("*")):
            known.update(path.read_bytes() if path.is_file() else b"")
    known.update(repr([getattr(settings, name) for name in SHOWN_SETTINGS]).encode())
    return known.hexdigest()[:16]


SHOWN_SETTINGS = (
    "PUBLIC_URL",
    "PUBLIC_CERTAINTY",
    "SHARE_FLOOR",
    "DATA_LICENCE",
    "DATA_LICENCE_URL",
    "EMBED_ANCESTORS",
    "STATIC_URL",
    "STATIC_MANIFEST",
    "PDF",
    "CONTENT_SECURITY_POLICY",
    "SECURE_HSTS_SECONDS",
)
