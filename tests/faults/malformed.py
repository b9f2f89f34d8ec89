"""Ten thousand requests that no browser sends, the same ones each time."""

from __future__ import annotations

import contextlib
import random
import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

from tests.nginx_server import NAME

REQUESTS = 10_000
AT_A_TIME = 8
SEED = 20250701
METHODS = (
    ["GET"] * 12
    + ["POST"] * 4
    + ["HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "get", ""]
)
BITS = [
    *(
        "",
        "0",
        "-1",
        "9" * 30,
        "1e9",
        "NaN",
        "null",
        "true",
        "''",
        '"',
        "<script>",
        "../..",
        "%00",
        "%",
        "%zz",
        "%c3%28",
    ),
    *(
        "\u0000",
        "\ud83d\ude00",
        "\u202e",
        "ạ",
        "A" * 3000,
        "[]",
        "{}",
        "[]=1",
        "a[b][c]",
        ";",
        "|",
        "`id`",
        "$(id)",
        "{{7*7}}",
    ),
    *(
        "' OR 1=1 --",
        "\r\nX: y",
        "\t",
        " ",
        ".",
        "..",
        "~",
        "2025-13-45",
        "0000",
        "10000",
        "2024",
        "huyen",
        "٣",
        "ＮＡＮ",
    ),
]
KINDS = [
    *(
        "application/x-www-form-urlencoded",
        "application/json",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
    ),
    *(
        "text/plain",
        "application/xml",
        "",
        "a/b/c",
        "text/html; charset=nonsense",
        "application/json; charset=utf-16",
    ),
]
HEADERS = [
    *(
        "Accept",
        "Accept-Encoding",
        "Accept-Language",
        "Range",
        "If-None-Match",
        "If-Modified-Since",
        "Cookie",
        "Referer",
    ),
    *(
        "User-Agent",
        "HX-Request",
        "HX-Current-URL",
        "X-Forwarded-For",
        "Origin",
        "Authorization",
        "Content-Length",
    ),
    *("Transfer-Encoding", "Expect", "Host", "X-HTTP-Method-Override", "Content-Encoding", "Forwarded"),
]
BODIES = [
    *(
        b"",
        b"\x00" * 100,
        b"{",
        b'{"a":' * 500,
        b"--x\r\n",
        b"--x\r\nContent-Disposition: form-data; name=\r\n\r\n--x--",
    ),
    *(
        b"a=1&" * 1500,
        b"%",
        b"token=&level=",
        b"token=%00&level=\xff",
        b"\xff\xfe",
        b"<?xml version='1.0'?><!DOCTYPE a [",
        b"=&=&=",
    ),
]


def bit(chance: random.Random) -> str:
    return chance.choice(BITS)


def address(chance: random.Random, known: list[str]) -> str:
    path = chance.choice(known)
    parts = path.split("/")
    for _ in range(chance.choice([0, 0, 1, 1, 2, 4])):
        place = chance.randrange(1, len(parts)) if len(parts) > 1 else 0
        if chance.random() < 0.5:
            parts.insert(place, bit(chance))
        else:
            parts[place] = bit(chance)
    path = "/".join(parts) or "/"
    names = [
        "q",
        "page",
        "sort",
        "export",
        "year",
        "unit",
        "area",
        "group",
        "with",
        "limit",
        "offset",
        "next",
        "scope",
        bit(chance),
    ]
    query = "&".join(f"{chance.choice(names)}={bit(chance)}" for _ in range(chance.choice([0, 0, 1, 2, 5])))
    whole = path + (f"?{query}" if query else "")
    # Half well encoded, so that it comes through to the program; half as it is.
    return quote(whole, safe="/?&=%", errors="replace") if chance.random() < 0.6 else whole


def requests(known: list[str], signed_in: list[str]) -> Iterator[bytes]:
    """Yield REQUESTS requests as bytes on the wire; half of them with the headers of somebody who is logged in."""
    chance = random.Random(SEED)
    for _ in range(REQUESTS):
        method = chance.choice(METHODS)
        body = chance.choice(BODIES) if method not in ("GET", "HEAD") or chance.random() < 0.05 else b""
        lines = [
            f"{method} {address(chance, known)} {chance.choice(['HTTP/1.1'] * 20 + ['HTTP/1.0', 'HTTP/9.9', ''])}"
        ]
        lines += [f"Host: {NAME}"] if chance.random() < 0.97 else []
        lines += ["X-Forwarded-Proto: https", "X-Forwarded-For: 203.0.113.7", "Connection: close"]
        lines += signed_in if chance.random() < 0.5 else []
        if body:
            lines += [f"Content-Length: {len(body)}", f"Content-Type: {chance.choice(KINDS)}"]
        lines += [f"{chance.choice(HEADERS)}: {bit(chance)}" for _ in range(chance.choice([0, 0, 1, 3]))]
        yield "\r\n".join(lines).encode("utf-8", "replace") + b"\r\n\r\n" + body


def send(port: int, request: bytes) -> str:
    """Send one request straight to an application; return its status, "closed" where it gave none."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.settimeout(10)
        with contextlib.suppress(OSError):
            connection.sendall(request)
        try:
            first = connection.recv(12)
            while connection.recv(65536):
                pass
        except TimeoutError:
            return "waits for more"
        except OSError:
            return "closed"
    return first[9:12].decode("ascii", "replace") or "closed"


def send_all(port: int, known: list[str], signed_in: list[str]) -> tuple[Counter[str], list[bytes]]:
    """Send everything; return the statuses and the requests that were answered by a fault of ours."""
    with ThreadPoolExecutor(AT_A_TIME) as senders:
        wire = list(requests(known, signed_in))
        statuses = list(senders.map(lambda request: send(port, request), wire))
    faults = [
        request for request, status in zip(wire, statuses, strict=True) if status in ("500", "502", "503")
    ]
    return Counter(statuses), faults
