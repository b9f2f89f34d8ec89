"""Published pages as finished bytes, answered before Django is entered.

A page is kept in the memory of the process, over a cache that all processes share, with the versions of what it
shows (reports.page_versions). One thread of each process asks the database once a second which versions hold; what
holds no longer is dropped. So a publication, correction or withdrawal is everywhere within that second and the two
that a proxy may answer on its own, a repeat visit asks nothing, and while the database is away what was public is
still answered, for STALE_SECONDS.

Kept is only what a view declared by reports.published answered to somebody without a session.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import itertools
import logging
import pickle
import re
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
from django.conf import settings
from django.core.cache import caches
from django.db import Error as DatabaseGoneError
from django.db import close_old_connections, connection
from django.utils import timezone
from django.utils.text import compress_sequence

from cchc.compression import COMPRESSED
from cchc.finishing import finish_aside
from cchc.replicas import WROTE_COOKIE
from cchc.request_log import HEADER, ToldLater, request_id
from reports.page_versions import SITE, UNITS, current_versions, versions_read
from reports.published import KEEPER, PUBLISHED

Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
Environ = dict[str, Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
# Scheme, host, path, query: all that an answer depends on beside what is published.
Address = tuple[str, str, str, str]

logger = logging.getLogger(__name__)
CHECK_SECONDS = 1.0
STALE_SECONDS = 60.0
WAIT_SECONDS = 10.0
SHARED_SECONDS = 7 * 24 * 3600
LARGEST_PAGE = 8 * 1024 * 1024
MOST_ENCODINGS = 1000
# Sent sooner than no part at all.
NOTHING = (b"",)
REFUSED = re.compile(r"q\s*=\s*0(\.0*)?")
BROTLI_QUALITY, GZIP_LEVEL = 5, 6
NEVER_KEPT = ("/office/", "/static/", "/api/", "/d/", "/en/d/", "/healthz", "/readyz", "/metrics")
# Written here, or not the same for everybody.
OWN_HEADERS = {"content-length", "content-encoding", "etag", "vary", "x-request-id"}
# Written anew where a page goes out without being kept.
PASSING_HEADERS = {"content-length", "content-encoding", "etag", "vary", "cache-control"}
# What RFC 9110 wants with 304; the other headers a browser has kept with the page.
WITH_UNCHANGED = {"cache-control", "etag", "vary"}
# What reading a file gives that a power cut left half written.
UNREADABLE = (OSError, EOFError, zlib.error, pickle.UnpicklingError)


@dataclass(frozen=True, slots=True)
class Answer:
    """A page in one encoding, as it goes out; `tag` in its quotes."""

    tag: str
    headers: Headers
    headers_unchanged: Headers
    body: tuple[bytes]


@dataclass(slots=True)
class Page:
    """What one address gives; a body is compressed when the first browser asks for that encoding."""

    scopes: frozenset[str]
    versions: tuple[tuple[str, str], ...]
    day: str
    tag: str
    headers: Headers
    bodies: dict[str, bytes]
    answers: dict[str, Answer] = field(default_factory=dict)
    was_asked: bool = False
    is_shared: bool = False

    def __reduce__(self) -> tuple[Any, ...]:
        return Page, (self.scopes, self.versions, self.day, self.tag, self.headers, dict(self.bodies))

    def answer(self, encoding: str) -> Answer:
        """Return the page in this encoding, made on the first call; what is packed already stays as it is."""
        found = self.answers.get(encoding)
        if found is None:
            used = encoding if is_text(self.headers) else ""
            body = self.bodies.get(used)
            if body is None:
                body = self.bodies[used] = COMPRESSORS[used](self.bodies[""])
            found = self.answers[encoding] = self._made(used, body)
        return found

    def _made(self, encoding: str, body: bytes) -> Answer:
        tag = f'"{self.tag}{encoding and "-"}{encoding}"'
        headers = [
            *self.headers,
            ("ETag", tag),
            *([("Vary", "Accept-Encoding")] if is_text(self.headers) else []),
            *([("Content-Encoding", encoding)] if encoding else []),
            ("Content-Length", str(len(body))),
        ]
        return Answer(tag, headers, [h for h in headers if h[0].lower() in WITH_UNCHANGED], (body,))

    def size(self) -> int:
        return sum(map(len, list(self.bodies.values())))


COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: bytes(brotli.compress(body, quality=BROTLI_QUALITY)),
    "gzip": lambda body: gzip.compress(body, GZIP_LEVEL, mtime=0),
}


class StoredPages:
    """The WSGI application around Django's; one for each process."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.release = release()
        self.pages: dict[Address, Page] = {}
        self.kept_bytes = 0
        self.most_bytes = settings.PAGE_MEMORY_MB * 1024 * 1024
        self.versions: dict[str, str] = {}
        self.day = ""
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
        if method not in ("GET", "HEAD") or self._is_somebody(environ):
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
        cookies = environ.get("HTTP_COOKIE", "")
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
            return 304, 0, NOTHING
        start_response("200 OK", [*answer.headers, (HEADER, number)])
        if environ["REQUEST_METHOD"] == "HEAD":
            return 200, 0, ()
        return 200, len(answer.body[0]), answer.body

    def _encoded(self, page: Page, encoding: str, environ: Environ) -> Answer:
        address = address_of(environ)
        with self.lock:
            before = page.size()
            answer = page.answer(encoding)
            grown = page.size() - before
            if self.pages.get(address) is page:
                self.kept_bytes += grown
        if grown or not page.is_shared:
            self._share(address, page)
        return answer

    def _searched(
        self, address: Address, environ: Environ, start_response: StartResponse, begun: float
    ) -> Iterable[bytes]:
        if address[2].startswith(NEVER_KEPT) or not self._watches():
            return self.application(environ, start_response)
        page = self._shared(address)
        if page is not None:
            self._keep(address, page)
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
        if self._holds(page) or (self._check() and self._holds(page)):
            self._keep(address, page)
        # Counted and told already, under this number.
        number = next((value for name, value in begun.headers if name == HEADER), "")
        return self._sent(page, environ, start_response, number)[-1]

    def _tag(self, address: Address, versions: tuple[tuple[str, str], ...], day: str) -> str:
        said = repr((self.release, address, versions, day))
        return hashlib.sha256(said.encode()).hexdigest()[:24]

    def _holds(self, page: Page) -> bool:
        return page.day == self.day and page.versions == versions_read(page.scopes, self.versions)

    def _keep(self, address: Address, page: Page) -> None:
        with self.lock:
            before = self.pages.pop(address, None)
            self.pages[address] = page
            self.kept_bytes += page.size() - (before.size() if before else 0)
            while self.kept_bytes > self.most_bytes and len(self.pages) > 1:
                self._make_room()

    def _make_room(self) -> None:
        """Let the oldest page go, unless somebody asked for it since it last came up here."""
        address, page = next(iter(self.pages.items()))
        del self.pages[address]
        if page.was_asked:
            page.was_asked = False
            self.pages[address] = page
        else:
            self.kept_bytes -= page.size()

    def _shared_key(self, address: Address) -> str:
        return hashlib.sha256(repr((self.release, address)).encode()).hexdigest()

    def _shared(self, address: Address) -> Page | None:
        try:
            page = caches["pages"].get(self._shared_key(address))
        except UNREADABLE as error:
            logger.warning("a finished page could not be read: %s", type(error).__name__)
            return None
        if not isinstance(page, Page) or not self._holds(page):
            return None
        page.is_shared = True
        return page

    def _share(self, address: Address, page: Page) -> None:
        if self._holds(page):
            page.is_shared = True
            try:
                caches["pages"].set(self._shared_key(address), page, SHARED_SECONDS)
            except OSError as error:  # a full disk: this process still has the page
                logger.warning("a finished page could not be shared: %s", type(error).__name__)

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
        if (versions, day) != (self.versions, self.day):
            before, self.versions, self.day = self.versions, versions, day
            for address, page in list(self.pages.items()):
                if not self._holds(page):
                    self._drop(address, page)
            self._finish(before)
        self.checked_at = time.monotonic()
        return True

    def _finish(self, before: dict[str, str]) -> None:
        """Let what was published since be finished; not at the start, when all of it looks new."""
        organisers = {scope for scope, version in self.versions.items() if before.get(scope) != version}
        organisers -= {UNITS, SITE}
        if before and organisers and settings.PUBLIC_URL:
            finish_aside(self, organisers, self.release)

    def _drop(self, address: Address, page: Page) -> None:
        """Let a page go, unless a newer one stands in its place by now."""
        with self.lock:
            if self.pages.get(address) is page:
                del self.pages[address]
                self.kept_bytes -= page.size()


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
    if settings.BEHIND_PROXY:
        scheme = environ.get("HTTP_X_FORWARDED_PROTO", scheme)
    return (
        scheme,
        environ.get("HTTP_HOST", ""),
        environ.get("PATH_INFO", ""),
        environ.get("QUERY_STRING", ""),
    )


def is_text(headers: Headers) -> bool:
    """Whether a body is worth compressing: pictures and workbooks are compressed already."""
    kinds = [value for name, value in headers if name.lower() == "content-type"]
    return any(kind.split(";")[0] in COMPRESSED for kind in kinds)


def since(begun: float) -> tuple[float, float]:
    """Return now and the seconds since `begun`, by time.monotonic."""
    now = time.monotonic()
    return now, now - begun


def best_encoding(accepted: str) -> str:
    """Return "br", "gzip" or "" (as it is) of an Accept-Encoding header."""
    taken = taken_encodings(accepted)
    return next((encoding for encoding in ("br", "gzip") if encoding in taken), "")


def taken_encodings(accepted: str) -> set[str]:
    """Return the encodings that an Accept-Encoding header names and does not refuse by q=0."""
    taken = set()
    for part in accepted.lower().split(","):
        name, _, parameters = part.partition(";")
        if not REFUSED.fullmatch(parameters.strip()):
            taken.add(name.strip())
    return taken


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
