"""A public page as finished bytes, in each encoding that a browser takes."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import brotli  # type: ignore[import-untyped]

from cchc.compression import COMPRESSED

Headers = list[tuple[str, str]]
REFUSED = re.compile(r"q\s*=\s*0(\.0*)?")
BROTLI_QUALITY, GZIP_LEVEL = 5, 6
# What RFC 9110 wants with 304; the other headers a browser has kept with the page.
WITH_UNCHANGED = {"cache-control", "etag", "vary"}


@dataclass(frozen=True, slots=True)
class Answer:
    """A page in one encoding, as it goes out; `tag` in its quotes."""

    tag: str
    headers: Headers
    headers_unchanged: Headers
    body: bytes


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
        # What a compressed body holds already need not be kept beside it.
        bodies = {encoding: body for encoding, body in list(self.bodies.items()) if encoding}
        if "gzip" not in bodies:
            bodies = dict(self.bodies)
        return Page, (self.scopes, self.versions, self.day, self.tag, self.headers, bodies)

    def answer(self, encoding: str) -> Answer:
        """Return the page in this encoding, made on the first call; what is packed already stays as it is."""
        found = self.answers.get(encoding)
        if found is None:
            used = encoding if is_text(self.headers) else ""
            body = self.bodies.get(used)
            if body is None:
                body = self.bodies[used] = COMPRESSORS[used](self._plain()) if used else self._plain()
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
        return Answer(tag, headers, [h for h in headers if h[0].lower() in WITH_UNCHANGED], body)

    def _plain(self) -> bytes:
        plain = self.bodies.get("")
        return gzip.decompress(self.bodies["gzip"]) if plain is None else plain

    def size(self) -> int:
        return sum(map(len, list(self.bodies.values())))


COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: bytes(brotli.compress(body, quality=BROTLI_QUALITY)),
    "gzip": lambda body: gzip.compress(body, GZIP_LEVEL, mtime=0),
}


def is_text(headers: Headers) -> bool:
    """Whether a body is worth compressing: pictures and workbooks are compressed already."""
    kinds = [value for name, value in headers if name.lower() == "content-type"]
    return any(kind.split(";")[0] in COMPRESSED for kind in kinds)


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
