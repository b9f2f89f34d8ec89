"""deploy/nginx.conf in Debian's nginx, in front of an application that says what it was asked."""

from __future__ import annotations

import gzip
import http.client
import json
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from .clusters import free_port
from .nginx_server import NAME, Nginx, nginx_server

FOREVER = "public, max-age=31536000, immutable"


@dataclass
class Application:
    """Two ports, one of which nobody listens to; what each path answers is told by the test."""

    answers: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)
    down: bool = False
    seconds: float = 0

    def times(self, path: str) -> int:
        return sum(path == other for _, other in self.asked)


def handler_of(application: Application) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = self.path.split("?")[0]
            application.asked.append((self.command, path))
            length = int(self.headers.get("Content-Length", 0))
            told = {"n": len(application.asked), "length": len(self.rfile.read(length)), **dict(self.headers)}
            headers = {} if path in application.gone else application.answers.get(path, {})
            same = headers.get("ETag") and headers["ETag"] == self.headers.get("If-None-Match")
            time.sleep(application.seconds)
            status = 503 if application.down else 404 if path in application.gone else 304 if same else 200
            body = b"" if same else json.dumps(told).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *arguments: Any) -> None:
            pass

    return Handler


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Nginx, Application]]:
    application = Application()
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(application))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    folder, static = tmp_path_factory.mktemp("nginx"), tmp_path_factory.mktemp("static")
    (static / "site.abc.css").write_text("a{}" * 1000)
    (static / "site.abc.css.gz").write_bytes(gzip.compress(b"a{}" * 1000))
    with nginx_server(folder, static, (server.server_address[1], free_port())) as nginx:
        yield nginx, application
    server.shutdown()
    server.server_close()


@pytest.fixture
def nginx(running: tuple[Nginx, Application]) -> Nginx:
    return running[0]


@pytest.fixture
def application(running: tuple[Nginx, Application]) -> Iterator[Application]:
    running[1].answers.clear()
    running[1].asked.clear()
    yield running[1]
    running[1].gone.clear()
    running[1].down, running[1].seconds = False, 0


def ask(
    nginx: Nginx, path: str, method: str = "GET", body: bytes | None = None, **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPSConnection("127.0.0.1", nginx.https, timeout=60, context=nginx.context)
    named = {"Host": NAME} | {name.replace("_", "-"): value for name, value in headers.items()}
    connection._context.check_hostname = False  # type: ignore[attr-defined]
    connection.request(method, path, body, named)
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response, content


def test_a_page_is_kept_as_long_as_the_application_allows(nginx, application):
    application.answers["/kept"] = {"Cache-Control": "public, max-age=0, s-maxage=60"}
    assert len({ask(nginx, "/kept")[1] for _ in range(5)}) == 1
    assert application.times("/kept") == 1
    assert ask(nginx, "/kept")[0].headers["X-Cache"] == "HIT"


@pytest.mark.parametrize("said", ["private, max-age=60", "no-store", "max-age=60, s-maxage=0", ""])
def test_a_page_that_may_not_be_kept_is_asked_for_each_time(nginx, application, said):
    path = f"/own-{len(said)}"
    application.answers[path] = {"Cache-Control": said} if said else {}
    assert len({ask(nginx, path)[1] for _ in range(3)}) == 3


def test_what_sets_a_cookie_is_not_kept(nginx, application):
    application.answers["/cookie"] = {"Cache-Control": "public, s-maxage=60", "Set-Cookie": "a=1"}
    assert len({ask(nginx, "/cookie")[1] for _ in range(3)}) == 3


@pytest.mark.parametrize("cookie", ["sessionid=x", "a=1; sessionid=x", "cchc_wrote=1"])
def test_who_is_logged_in_or_just_wrote_gets_no_kept_page_and_leaves_none(nginx, application, cookie):
    path = f"/seen-{len(cookie)}"
    application.answers[path] = {"Cache-Control": "public, s-maxage=60"}
    own = ask(nginx, path, Cookie=cookie)[1]
    public = ask(nginx, path)[1]
    assert own != public
    assert ask(nginx, path, Cookie=cookie)[1] not in (own, public)
    assert ask(nginx, path, Cookie="xsessionid=x")[1] == public


def test_the_office_is_never_kept(nginx, application):
    application.answers["/office/"] = {"Cache-Control": "public, s-maxage=60"}
    assert len({ask(nginx, "/office/")[1] for _ in range(3)}) == 3


def test_when_its_time_is_over_a_page_is_asked_for_by_its_etag(nginx, application):
    application.answers["/tag"] = {"Cache-Control": "public, s-maxage=1", "ETag": '"v1"'}
    first = ask(nginx, "/tag")[1]
    seen = set()
    while "REVALIDATED" not in seen:
        response, content = ask(nginx, "/tag")
        seen.add(response.headers["X-Cache"])
        assert (response.status, content) == (200, first)
    # What changed is seen when the second is over.
    application.answers["/tag"] = {"Cache-Control": "public, s-maxage=1", "ETag": '"v2"'}
    while ask(nginx, "/tag")[1] == first:
        pass


def test_the_languages_of_compression_are_kept_apart(nginx, application):
    application.answers["/vary"] = {"Cache-Control": "public, s-maxage=60", "Vary": "Accept-Encoding"}
    plain, small = (ask(nginx, "/vary", Accept_Encoding=kind)[1] for kind in ("identity", "gzip"))
    assert plain != small
    assert ask(nginx, "/vary", Accept_Encoding="gzip")[1] == small


def test_a_kept_page_is_still_shown_while_the_application_is_away(nginx, application):
    application.answers["/stale"] = {"Cache-Control": "public, s-maxage=1"}
    first = ask(nginx, "/stale")[1]
    application.down = True
    seen = set()
    while "STALE" not in seen:
        response, content = ask(nginx, "/stale")
        seen.add(response.headers["X-Cache"])
        assert (response.status, content) == (200, first)
    assert ask(nginx, "/never-seen")[0].status == 503


def test_a_page_that_was_withdrawn_does_not_come_back(nginx, application):
    application.answers["/withdrawn"] = {"Cache-Control": "public, s-maxage=1"}
    assert ask(nginx, "/withdrawn")[0].status == 200
    application.gone.add("/withdrawn")
    while ask(nginx, "/withdrawn")[0].status == 200:
        pass
    application.down = True
    time.sleep(2.5)  # what is kept of the 404 has run out
    assert ask(nginx, "/withdrawn")[0].status == 404


def test_nobody_sees_the_old_page_while_another_asks_for_the_new_one(nginx, application):
    application.answers["/slow"] = {"Cache-Control": "public, s-maxage=1", "ETag": '"v1"'}
    old = ask(nginx, "/slow")[1]
    application.answers["/slow"] = {"Cache-Control": "public, s-maxage=1", "ETag": '"v2"'}
    time.sleep(2)
    application.seconds = 0.5
    with ThreadPoolExecutor(4) as people:
        assert old not in [content for _, content in people.map(lambda _: ask(nginx, "/slow"), range(4))]


def test_an_address_with_a_query_is_the_application_s(nginx, application):
    application.answers["/asked"] = {"Cache-Control": "public, s-maxage=60"}
    assert len({ask(nginx, "/asked?page=2")[1] for _ in range(3)}) == 3


def test_nobody_waits_at_a_desk_for_who_came_before(nginx, application):
    application.seconds = 1
    begun = time.monotonic()
    with ThreadPoolExecutor(4) as people:
        list(people.map(lambda _: ask(nginx, "/en/d/mau-1/"), range(4)))
    assert time.monotonic() - begun < 3


def test_the_office_is_not_compressed_whatever_debian_s_nginx_does_elsewhere(nginx, application):
    application.answers["/office/long"] = {"Content-Type": "text/html", "X-Long": "x" * 3000}
    assert "Content-Encoding" not in ask(nginx, "/office/long", Accept_Encoding="gzip")[0].headers


def test_what_a_visitor_claims_of_himself_does_not_reach_the_application(nginx, application):
    claimed = {
        "X_Forwarded_For": "198.51.100.1",
        "X_Forwarded_Proto": "http",
        "X_Forwarded_Host": "evil.example",
    }
    told = json.loads(ask(nginx, "/told", Forwarded="for=198.51.100.1", **claimed)[1])
    assert (told["X-Forwarded-For"], told["X-Forwarded-Proto"], told["Host"]) == ("127.0.0.1", "https", NAME)
    assert "X-Forwarded-Host" not in told
    assert "Forwarded" not in told


def test_static_files_travel_compressed_and_are_kept_for_ever(nginx, application):
    response, content = ask(nginx, "/static/site.abc.css", Accept_Encoding="gzip")
    assert (response.headers["Content-Encoding"], response.headers["Cache-Control"]) == ("gzip", FOREVER)
    assert response.headers.get_content_type() == "text/css"
    assert response.headers["Strict-Transport-Security"] == "max-age=2592000"
    assert gzip.decompress(content) == ask(nginx, "/static/site.abc.css")[1]
    assert b"PRIVATE" not in ask(nginx, "/static/../../nginx0/key.pem")[1]
    assert ask(nginx, "/static/gone.css")[0].status == 404


@pytest.mark.parametrize(
    ("path", "megabytes", "status"),
    [("/d/x/", 0.2, 200), ("/d/x/", 0.5, 413), ("/office/x", 50, 200), ("/office/x", 56, 413)],
)
def test_bodies_are_limited_and_only_the_office_uploads(nginx, application, path, megabytes, status):
    assert ask(nginx, path, "POST", b"x" * int(megabytes * 1024 * 1024))[0].status == status


@pytest.mark.parametrize(
    ("paths", "method", "at_once"),
    [(("/units/", "/en/units/"), "GET", 60), (("/office/login/", "/office/two-factor/"), "POST", 30)],
)
def test_search_and_log_in_are_slowed_and_other_pages_are_not(nginx, paths, method, at_once):
    with ThreadPoolExecutor(8) as people:
        answers = list(people.map(lambda n: ask(nginx, paths[n % 2], method), range(6 * at_once)))
    refused = [(answer, text.decode()) for answer, text in answers if answer.status == 429]
    assert at_once <= len(answers) - len(refused) < len(answers)
    assert {answer.status for answer, _ in answers} == {200, 429}
    assert all(answer.headers["Retry-After"] == "5" and "Quá nhiều" in text for answer, text in refused)
    assert {ask(nginx, "/office/", "POST")[0].status, ask(nginx, "/units/1/")[0].status} == {200}


def test_metrics_of_whichever_process_are_shown_to_nobody(nginx, application):
    assert ask(nginx, "/metrics")[0].status == 404
    assert application.times("/metrics") == 0


def test_plain_http_is_sent_to_https_and_another_name_gets_nothing(nginx):
    connection = http.client.HTTPConnection("127.0.0.1", nginx.http, timeout=60)
    connection.request("GET", "/a?b=1", headers={"Host": NAME})
    response = connection.getresponse()
    assert (response.status, response.headers["Location"]) == (301, f"https://{NAME}/a?b=1")
    connection.close()
    connection = http.client.HTTPConnection("127.0.0.1", nginx.http, timeout=60)
    connection.request("GET", "/", headers={"Host": "evil.example"})
    with pytest.raises(http.client.RemoteDisconnected):
        connection.getresponse()
    connection.close()
    with pytest.raises(http.client.RemoteDisconnected):
        ask(nginx, "/", Host="127.0.0.1")


@pytest.mark.parametrize("name", [NAME, None])
@pytest.mark.parametrize("cipher", ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA"])
def test_only_strong_ciphers_are_spoken(nginx, cipher, name):
    context = nginx.context
    context.check_hostname, context.maximum_version = False, ssl.TLSVersion.TLSv1_2
    context.set_ciphers(f"{cipher}:@SECLEVEL=0")
    with socket.create_connection(("127.0.0.1", nginx.https), 60) as plain:
        if "GCM" in cipher:
            with context.wrap_socket(plain, server_hostname=name) as sealed:
                assert sealed.cipher()[0] == cipher
        else:
            with pytest.raises(ssl.SSLError, match="handshake failure"):
                context.wrap_socket(plain, server_hostname=name)


def test_when_no_application_answers_a_plain_page_says_when_to_come_again(tmp_path):
    with nginx_server(tmp_path, tmp_path, (free_port(), free_port())) as alone:
        response, content = ask(alone, "/")
    assert (response.status, response.headers["Retry-After"]) == (503, "5")
    assert "Xin thử lại sau vài giây." in content.decode()
