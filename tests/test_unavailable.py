"""A database that is away: 503 and when to come again, on every kind of page; an error of ours stays 500."""

from __future__ import annotations

import errno
import http.client
import json
import resource
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.core.files.base import ContentFile
from django.db import DataError, OperationalError
from django.test import Client, RequestFactory

from cchc.unavailable import error_page
from cchc.whole_files import WholeFiles

from .clusters import free_port
from .e2e.site import Site, running_server, server_environment


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("away")
    env = server_environment(folder, f"postgres://nobody@127.0.0.1:{free_port()}/none")
    with running_server(env | {"STATIC_MANIFEST": "0"}, folder / "log", healthy=False) as site:
        yield site


@pytest.mark.parametrize(
    ("path", "kind", "said"),
    [
        ("/", "text/html", "Xin thử lại sau vài giây."),
        ("/en/", "text/html", "Please try again in a few seconds."),
        ("/api/v1/years", "application/problem+json", "database unavailable"),
    ],
)
def test_without_a_database_every_page_says_when_to_come_again(site, path, kind, said):
    connection = http.client.HTTPConnection(urlsplit(site.address).netloc, timeout=60)
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    assert (response.status, response.headers["Retry-After"]) == (503, "5")
    assert "no-store" in response.headers["Cache-Control"]
    assert response.headers.get_content_type() == kind
    assert said in body
    assert "Traceback" not in body


def test_without_a_database_the_process_lives_and_is_not_ready(site):
    told = {}
    for path in ("/healthz", "/readyz"):
        connection = http.client.HTTPConnection(urlsplit(site.address).netloc, timeout=60)
        connection.request("GET", path)
        response = connection.getresponse()
        told[path] = (response.status, response.read())
        connection.close()
    assert told["/healthz"] == (200, b"ok\n")
    assert told["/readyz"][0] == 503
    faults = {"database": "fault", "migrations": "fault", "cache": "ok", "disk": "ok"}
    assert json.loads(told["/readyz"][1]) == faults


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (OperationalError(), 503),
        (DataError(), 500),
        (ValueError(), 500),
        (OSError(errno.ENOSPC, ""), 507),
        (OSError(errno.ENOENT, ""), 500),
    ],
)
def test_only_what_may_go_later_is_unavailable(error, status):
    try:
        raise error
    except type(error):
        assert error_page(RequestFactory().get("/")).status_code == status


def test_an_error_of_ours_tells_nothing_of_itself():
    try:
        raise ValueError("a secret of the row")
    except ValueError:
        page = error_page(RequestFactory().get("/")).content.decode()
    assert "Về trang chủ" in page
    assert not [word for word in ("secret", "ValueError", "Traceback", "test_unavailable") if word in page]


def test_a_file_for_which_there_is_no_room_leaves_nothing(tmp_path):
    storage = WholeFiles(location=tmp_path)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            storage.save("evidence/a.pdf", ContentFile(b"x" * 200_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == []
    assert storage.save("evidence/a.pdf", ContentFile(b"x" * 50_000)) == "evidence/a.pdf"


@pytest.mark.parametrize("kind", ["multipart/form-data", "multipart/form-data; boundary=x"])
def test_a_form_that_cannot_be_read_at_an_address_that_does_not_exist_is_no_error_of_ours(kind, db):
    sender = Client(enforce_csrf_checks=True, raise_request_exception=False)
    sender.cookies["csrftoken"] = "f" * 32
    answer = sender.generic("POST", "/units/{}/", b"\xff--x\r\n" * 3, kind, headers={"X-CSRFToken": "f" * 32})
    assert answer.status_code in (400, 404)
