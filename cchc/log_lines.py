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

REQUEST_ID: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")
# Attributes of a record that are told under their own names, in this order.
TOLD = ("method", "route", "status", "ms", "bytes", "user")
# C0, DEL and C1, the two separators of Unicode, and what turns the direction of reading.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
ROW_QUOTED = re.compile(r"^(DETAIL|CONTEXT):.*$", re.M)


def route_of(request: object) -> str:
    """Return the name of the route a request went to; "none" where it went to none."""
    match = getattr(request, "resolver_match", None)
    return (match.view_name or "unnamed") if match else "none"


def message_of(record: logging.LogRecord) -> str:
    """Return the text of a record, with the route in place of the path of its request."""
    request = getattr(record, "request", None)
    path = getattr(request, "path", None)
    if path and isinstance(record.args, tuple):
        args = tuple(route_of(request) if arg == path else arg for arg in record.args)
        return str(record.msg) % args
    return record.getMessage()


class _Lines(logging.Formatter):
    default_msec_format = "%s.%03d"

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record; one that tells of several requests becomes as many lines."""
        several = getattr(record, "several", None)
        if several is None:
            return self.line(record)
        alike = {"name": record.name, "levelname": record.levelname, "msg": record.msg}
        return "\n".join(self.line(logging.makeLogRecord(alike | facts)) for facts in several)

    def line(self, record: logging.LogRecord) -> str:
        raise NotImplementedError

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
