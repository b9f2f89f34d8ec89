"""How a line of the log looks: JSON for a server, plain text while developing; one record never becomes two lines.

No personal data: the path of a request, which may hold a name or a token, is told as the name of its route, and what
PostgreSQL quotes of a row is left out.
"""

from __future__ import annotations

import contextvars
import datetime as dt
import json
import logging
import re
import time
from collections.abc import Iterable, Iterator

REQUEST_ID: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")
# Attributes of a record that are told under their own names, in this order.
TOLD = ("method", "route", "status", "ms", "bytes", "user")
# C0, DEL and C1, the two separators of Unicode, and what turns the direction of reading.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
# Values may have several lines; the next part of the message, or what Python says between two exceptions, ends them.
ROW_QUOTED = re.compile(
    r"^(DETAIL|CONTEXT):.*(?:\n(?![A-Z]+:|The above exception was |During handling of the above ).*)*", re.M
)


def route_of(request: object) -> str:
    """Return the name of the route a request went to; "none" where it went to none."""
    match = getattr(request, "resolver_match", None)
    return (match.view_name or "unnamed") if match else "none"


def message_of(record: logging.LogRecord) -> str:
    """Return the text of a record, with the route in place of the path of its request."""
    request = getattr(record, "request", None)
    path = getattr(request, "path", None)
    if path and record.args and isinstance(record.args, tuple):
        args = tuple(route_of(request) if arg == path else arg for arg in record.args)
        return str(record.msg) % args
    return record.getMessage()


# One of several requests told in one record: time since the record's `began`, number, method, status, seconds, bytes.
# Number and method are well-formed. A plain tuple: garbage collection lets go of it, not so of a named one.
Told = tuple[float, str, str, int, float, int]


def began_of(record: logging.LogRecord) -> float:
    return getattr(record, "began", 0.0)


class _Lines(logging.Formatter):
    default_msec_format = "%s.%03d"

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record; one that tells of several requests becomes as many lines."""
        several = getattr(record, "several", None)
        return self.line(record) if several is None else "\n".join(self.lines(record, several))

    def line(self, record: logging.LogRecord) -> str:
        raise NotImplementedError

    def lines(self, record: logging.LogRecord, several: Iterable[Told]) -> Iterator[str]:
        alike = {"name": record.name, "levelname": record.levelname, "msg": record.msg}
        alike["route"] = getattr(record, "route", "")
        for at, number, method, status, seconds, size in several:
            facts = {"created": began_of(record) + at, "request_id": number, "method": method}
            facts |= {"status": status, "ms": round(seconds * 1000, 1), "bytes": size}
            yield self.line(logging.makeLogRecord(alike | facts))

    def formatException(self, ei: object) -> str:
        told = super().formatException(ei)  # type: ignore[arg-type]
        return ROW_QUOTED.sub(r"\1: (left out)", told)

    def _trace(self, record: logging.LogRecord) -> str:
        # Not `exc_text`, which another handler may have filled in with all of it.
        return self.formatException(record.exc_info) if record.exc_info else ""


class JsonLines(_Lines):
    """One JSON object a line, in ASCII: whatever a visitor sent, it stays inside its string."""

    def line(self, record: logging.LogRecord) -> str:
        at = dt.datetime.fromtimestamp(record.created, dt.UTC)
        told: dict[str, object] = {
            "time": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": message_of(record),
        }
        request_id = getattr(record, "request_id", "") or REQUEST_ID.get()
        if request_id:
            told["request_id"] = request_id
        told |= {name: getattr(record, name) for name in TOLD if getattr(record, name, None) is not None}
        trace = self._trace(record)
        if trace:
            told["exception"] = trace
        return json.dumps(told, default=str)

    def lines(self, record: logging.LogRecord, several: Iterable[Told]) -> Iterator[str]:
        """Yield what `line` would return of each, a tenth of its work: there may be tens of thousands a second."""
        names = {"level": record.levelname, "logger": record.name, "message": record.msg}
        head = json.dumps(names)[1:-1].replace("%", "%%")
        route = json.dumps(getattr(record, "route", "")).replace("%", "%%")
        form = (
            f'{{"time": "%s.%03dZ", {head}, "request_id": "%s", "method": "%s", "route": {route}, '
            '"status": %d, "ms": %s, "bytes": %d}'
        )
        of_second, day_and_time, began = -1, "", began_of(record)
        for since, number, method, status, seconds, size in several:
            at = began + since
            second = int(at)
            if second != of_second:
                of_second, day_and_time = second, time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
            told = (number, method, status, round(seconds * 1000, 1), size)
            yield form % (day_and_time, int((at - second) * 1000), *told)


class PlainLines(_Lines):
    """A line to read; a traceback follows, indented."""

    def line(self, record: logging.LogRecord) -> str:
        facts = [
            f"{name}={getattr(record, name)}" for name in TOLD if getattr(record, name, None) is not None
        ]
        text = " ".join([message_of(record), *facts])
        line = f"{self.formatTime(record)} {record.levelname} {record.name}: {escaped(text)}"
        trace = self._trace(record)
        return "\n    ".join([line, *map(escaped, trace.splitlines())])


def escaped(text: str) -> str:
    """Return a text with its control characters written out."""
    return CONTROL.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
