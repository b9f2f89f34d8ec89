"""One number and one line for each request, and nothing in them of who asked."""

from __future__ import annotations

import datetime as dt
import io
import json
import logging
import re
import time
from collections.abc import Iterator

import pytest
from django.db import IntegrityError
from django.http import HttpResponse, StreamingHttpResponse
from django.test import RequestFactory
from prometheus_client import REGISTRY

from cchc.log_lines import REQUEST_ID, JsonLines, PlainLines, _Lines
from cchc.request_log import RequestLog, ToldLater

from .factories import make_user

NUMBER = re.compile(r"[0-9a-f]{32}")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """What a server writes, in place of standard error."""
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.addHandler(handler)
    yield out
    root.removeHandler(handler)


def told(lines: io.StringIO, logger: str = "cchc.access") -> list[dict[str, object]]:
    records = [json.loads(line) for line in lines.getvalue().splitlines()]
    return [record for record in records if record["logger"] == logger]


def test_each_request_is_one_line_of_six_facts(client, lines, db):
    answer = client.get("/healthz?ai=Nguyen", headers={"User-Agent": "Firefox"})
    (line,) = told(lines)
    facts = {name: line[name] for name in ("method", "route", "status", "bytes")}
    assert facts == {"method": "GET", "route": "healthz", "status": 200, "bytes": 3}
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert not [word for word in ("Nguyen", "Firefox", "127.0.0.1") if word in lines.getvalue()]


def test_a_path_that_may_hold_a_token_is_told_as_its_route(client, lines, db):
    client.get("/office/reset/MQ/secret-token/")
    client.get("/khong-co/secret-token/x/y/z/")
    assert len(told(lines)) == 2
    assert "secret-token" not in lines.getvalue()


def test_a_person_of_the_office_is_a_number(client, lines, db):
    person = make_user("nguyenvana")
    client.force_login(person)
    client.get("/office/")
    assert told(lines)[-1]["user"] == person.pk
    assert "nguyenvana" not in lines.getvalue()


def test_who_fails_to_log_in_is_not_named(client, lines, db):
    client.post("/office/login/", {"username": "nguyenvana", "password": "mat-khau-sai"})
    assert told(lines, "axes.handlers.database")
    assert not [word for word in ("nguyenvana", "mat-khau-sai", "127.0.0.1") if word in lines.getvalue()]


def test_a_number_is_taken_from_a_proxy_only_where_there_is_one(client, settings, db):
    given = {"X-Request-ID": "a-number-of-nginx"}
    assert NUMBER.fullmatch(client.get("/healthz", headers=given).headers["X-Request-ID"])
    settings.BEHIND_PROXY = True
    assert client.get("/healthz", headers=given).headers["X-Request-ID"] == "a-number-of-nginx"


@pytest.mark.parametrize("given", ["short", "x" * 65, "with space", "line\nbreak", 'quote"quote', "<script>"])
def test_a_number_that_is_not_well_formed_is_replaced(client, settings, db, given):
    settings.BEHIND_PROXY = True
    assert NUMBER.fullmatch(client.get("/healthz", headers={"X-Request-ID": given}).headers["X-Request-ID"])


def test_every_record_of_a_request_carries_its_number_and_none_after_it(lines):
    def view(request: object) -> HttpResponse:
        logging.getLogger("cchc.here").warning("inside")
        return HttpResponse("ok")

    answer = RequestLog(view)(RequestFactory().get("/"))
    logging.getLogger("cchc.here").warning("outside")
    inside, outside = told(lines, "cchc.here")
    assert inside["request_id"] == answer.headers["X-Request-ID"]
    assert "request_id" not in outside


def test_a_long_answer_is_told_when_it_is_out_with_what_it_was(lines, db):
    def parts() -> Iterator[bytes]:
        yield b"12345"
        logging.getLogger("cchc.here").warning("inside")
        yield b"678"

    answer = RequestLog(lambda request: StreamingHttpResponse(parts()))(RequestFactory().get("/"))
    assert told(lines) == []
    assert b"".join(answer) == b"12345678"
    answer.close()
    (line,) = told(lines)
    assert line["bytes"] == 8
    assert told(lines, "cchc.here")[0]["request_id"] == line["request_id"]
    assert REQUEST_ID.get() == ""


def test_a_reader_who_leaves_is_told_with_what_was_sent(lines, db):
    answer = RequestLog(lambda request: StreamingHttpResponse(iter([b"12", b"34"])))(
        RequestFactory().get("/")
    )
    next(iter(answer))
    answer.close()
    assert [line["bytes"] for line in told(lines)] == [2]


def test_no_line_where_none_is_wanted(client, lines, settings, db):
    settings.ACCESS_LOG = False
    client.get("/healthz")
    assert told(lines) == []


def test_what_is_answered_without_django_is_counted_and_told_alike(lines):
    later = ToldLater()
    labels = {"method": "GET", "route": "stored page", "status": "304"}
    before = REGISTRY.get_sample_value("cchc_answers_total", labels) or 0
    later.note(time.monotonic(), "number-one", "GET", 304, 0.0, 0)
    later.note(time.monotonic(), "number-two", "HEAD", 200, 0.0, 0)
    assert lines.getvalue() == ""
    later.tell()
    first, second = told(lines)
    assert (first["status"], first["request_id"]) == (304, "number-one")
    assert (second["method"], second["route"], second["bytes"]) == ("HEAD", "stored page", 0)
    assert set(first) >= {"time", "level", "message", "ms"}
    assert abs(dt.datetime.fromisoformat(first["time"]).timestamp() - time.time()) < 60
    assert REGISTRY.get_sample_value("cchc_answers_total", labels) == before + 1


def record(message: str, *args: object, exc: BaseException | None = None) -> logging.LogRecord:
    info = (type(exc), exc, exc.__traceback__) if exc else None
    return logging.LogRecord("x", logging.WARNING, "", 0, message, args, info)


@pytest.mark.parametrize(
    "nasty", ["a\nFAKE", "a\r\nFAKE", "a\x1b[2JFAKE", "a\u2028FAKE", "a\x85FAKE", "a\u202eFAKE"]
)
@pytest.mark.parametrize("lines_of", [JsonLines, PlainLines])
def test_nothing_a_visitor_sends_begins_a_line_or_moves_a_cursor(lines_of, nasty):
    line = lines_of().format(record("Invalid host: %s", nasty))
    assert "FAKE" in line
    assert len(line.splitlines()) == 1
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u202e]", line)


@pytest.mark.parametrize("lines_of", [JsonLines, PlainLines])
def test_what_the_database_quotes_of_a_row_is_left_out(lines_of):
    error = IntegrityError("duplicate key\nDETAIL:  Key (username)=(nguyenvana) already exists.\n")
    line = lines_of().format(record("failed", exc=error))
    assert "duplicate key" in line
    assert "nguyenvana" not in line


@pytest.mark.parametrize("lines_of", [JsonLines, PlainLines])
def test_a_value_of_several_lines_is_left_out_to_its_end(lines_of):
    quoted = "DETAIL:  Key (title)=(a\n\nof nguyenvana\n) already exists.\nHINT:  try another\n"
    try:
        try:
            raise IntegrityError(f"duplicate key\n{quoted}")
        except IntegrityError as error:
            raise ValueError("the last word") from error
    except ValueError as error:
        line = lines_of().format(record("failed", exc=error))
    assert "nguyenvana" not in line
    assert all(part in line for part in ("duplicate key", "try another", "direct cause", "the last word"))


def test_a_percent_sign_in_a_message_of_a_request_is_itself(rf):
    said = record("Invalid HTTP_HOST header: 'a%sb'.")
    said.request = rf.get("/office/")
    assert "'a%sb'" in JsonLines().format(said)


def test_many_answers_told_at_once_have_the_lines_they_would_have_alone():
    alike = {
        "name": "cchc.access",
        "levelname": "INFO",
        "msg": '100 % "kept"',
        "route": "stored page",
        "began": 0.125,
    }
    several = [
        (at, f"number-{n}", "GET", 200, n / 7000, n)
        for n, at in enumerate((0.5, 1.25, 1.75, 1795464181.001953125))
    ]
    form = JsonLines()
    record = logging.makeLogRecord(alike | {"several": several})
    assert form.format(record).splitlines() == [
        one for told in several for one in _Lines.lines(form, record, [told])
    ]
