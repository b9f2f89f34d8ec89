"""Published pages as finished bytes: what is kept, for whom, and for how long."""

from __future__ import annotations

import gzip
import io
import pickle
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cchc import stored_pages
from cchc.finished_pages import Page, best_encoding
from cchc.finishing import SHARE, finish_new
from cchc.stored_pages import StoredPages, up_to
from reports.models import AssessmentYear
from reports.public_pages import pages_of
from reports.workflow.publication import publish

RANKING = "/tinh-minh-hoa/2024/huyen/"


@dataclass
class Got:
    status: int
    headers: dict[str, str]
    body: bytes
    queries: int


@dataclass
class Served:
    """A process with the layer; `entered` counts how often Django was asked."""

    layer: StoredPages
    entered: list[str]

    def get(self, path: str, method: str = "GET", query: str = "", **environ: str) -> Got:
        begun: list[Any] = []
        asked = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "HTTP_HOST": "localhost",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": io.StringIO(),
            **environ,
        }
        with CaptureQueriesContext(connection) as queries:
            parts = self.layer(asked, lambda status, headers, exc=None: begun.extend([status, headers]))
            body = b"".join(parts)
            if hasattr(parts, "close"):
                parts.close()
        return Got(int(begun[0][:3]), {name.lower(): value for name, value in begun[1]}, body, len(queries))

    def look(self) -> None:
        """Do what the watching thread does once a second."""
        assert self.layer._check()


def serving() -> Served:
    entered: list[str] = []
    django = WSGIHandler()

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        entered.append(environ["PATH_INFO"])
        return django(environ, start_response)

    served = Served(StoredPages(application), entered)
    served.layer._check()
    # These tests look at the versions themselves: another thread would not see their transaction.
    served.layer.watcher = threading.current_thread()
    return served


@pytest.fixture(autouse=True)
def own_pages(settings: Any, tmp_path: Any) -> None:
    """What other tests and runs have finished is not found."""
    settings.CACHES = {
        **settings.CACHES,
        "pages": settings.CACHES["pages"] | {"LOCATION": str(tmp_path / "pages")},
    }


@pytest.fixture
def served(demo_content: None, db: None) -> Iterator[Served]:
    # They would end this test's connection, as Django's own test client knows.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield serving()
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def test_the_second_visit_asks_neither_django_nor_the_database(served):
    first, second = served.get(RANKING), served.get(RANKING)
    assert first.status == second.status == 200 and first.body == second.body
    assert served.entered == [RANKING] and second.queries == 0


def test_each_answer_has_its_own_number_and_is_told_once(served, caplog):
    caplog.set_level("INFO", "cchc.access")
    made, kept = served.get(RANKING), served.get(RANKING)
    unchanged = served.get(RANKING, HTTP_IF_NONE_MATCH=kept.headers["etag"])
    numbers = [got.headers["x-request-id"] for got in (made, kept, unchanged)]
    assert len(set(numbers)) == 3
    served.layer.told_later.tell()
    by_django, later = caplog.records
    assert by_django.request_id == numbers[0]
    assert [(status, size, number) for at, number, method, status, seconds, size in later.several] == [
        (200, len(kept.body), numbers[1]),
        (304, 0, numbers[2]),
    ]


def test_a_repeat_visit_is_told_that_nothing_changed(served):
    tag = served.get(RANKING, HTTP_ACCEPT_ENCODING="gzip").headers["etag"]
    again = served.get(RANKING, HTTP_ACCEPT_ENCODING="gzip", HTTP_IF_NONE_MATCH=f'"x", {tag}')
    assert (again.status, again.body, again.queries) == (304, b"", 0)
    assert again.headers["etag"] == tag and "content-length" not in again.headers
    # A copy in one encoding says nothing of the page in another.
    other = served.get(RANKING, HTTP_ACCEPT_ENCODING="br", HTTP_IF_NONE_MATCH=tag)
    assert (other.status, other.headers["content-encoding"]) == (200, "br")
    assert served.get(RANKING, HTTP_IF_NONE_MATCH='"another"').status == 200


def test_each_browser_gets_an_encoding_it_reads(served):
    plain = served.get(RANKING)
    packed = served.get(RANKING, HTTP_ACCEPT_ENCODING="gzip, deflate")
    small = served.get(RANKING, HTTP_ACCEPT_ENCODING="gzip, br")
    assert gzip.decompress(packed.body) == brotli.decompress(small.body) == plain.body
    assert len(small.body) < len(packed.body) < len(plain.body) / 3
    assert {a.headers["vary"] for a in (plain, packed, small)} == {"Accept-Encoding"}
    assert len({a.headers["etag"] for a in (plain, packed, small)}) == 3


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [("", ""), ("gzip", "gzip"), ("br;q=0, gzip", "gzip"), ("BR", "br"), ("gzip;q=0.0", ""), ("zstd", "")],
)
def test_what_a_browser_refuses_is_not_sent(accepted, encoding):
    assert best_encoding(accepted) == encoding


def test_kept_answers_carry_what_django_says(served):
    kept = (served.get(RANKING), served.get(RANKING))[1].headers
    assert "default-src 'none'" in kept["content-security-policy"]
    assert kept["x-frame-options"] == "DENY" and kept["x-content-type-options"] == "nosniff"
    assert kept["referrer-policy"] == "same-origin" and kept["content-language"] == "vi"
    assert kept["cache-control"] == "public, max-age=0, s-maxage=2, must-revalidate"


def test_head_is_the_page_without_its_body(served):
    head, got = served.get(RANKING, method="HEAD"), served.get(RANKING)
    assert head.status == 200 and head.body == b"" and served.entered == [RANKING]
    assert head.headers["content-length"] == str(len(got.body))


@pytest.mark.parametrize("cookie", ["sessionid=abc", "a=b; sessionid=abc", "messages=x", "cchc_wrote=1"])
def test_who_is_logged_in_is_answered_by_django(served, cookie):
    served.get(RANKING)
    assert served.get(RANKING, HTTP_COOKIE=cookie).status == 200
    assert served.entered == [RANKING, RANKING]


def test_other_cookies_do_not_matter(served):
    served.get(RANKING)
    served.get(RANKING, HTTP_COOKIE="theme=dark")
    assert served.entered == [RANKING]


@pytest.mark.parametrize(
    "query",
    [
        *(
            "q=minh",
            "utm_source=x",
            "sort=total&q=a",
            "&",
            "sort=total&",
            "sort=a%6dount",
            "sort=total&sort=unit",
        ),
        *("page=0", "page=100", "page=x", "export=pdf", "sort=--rank", "sort=%74otal"),
    ],
)
def test_what_can_be_asked_without_end_is_not_kept(served, query):
    assert {served.get(RANKING, query=query).status for _ in range(2)} <= {200, 404}
    assert len(served.entered) == 2 and not served.layer.pages


def test_a_known_question_is_kept_apart(served):
    everything, sorted_ = served.get(RANKING), served.get(RANKING, query="sort=-rank")
    assert everything.body != sorted_.body and served.get(RANKING, query="sort=-rank").body == sorted_.body
    assert len(served.entered) == 2


@pytest.mark.parametrize("path", ["/tinh-minh-hoa/1999/", "/office/login/", "/units/", "/khong-co/"])
def test_pages_that_are_not_published_are_not_kept(served, path):
    served.get(path)
    served.get(path)
    assert len(served.entered) == 2 and not served.layer.pages


def test_another_host_is_asked_for_each_time(served):
    served.get(RANKING)
    assert served.get(RANKING, HTTP_HOST="elsewhere.example").status == 400
    assert len(served.layer.pages) == 1


def test_a_change_ends_the_pages_that_show_it_and_no_others(served):
    home, other = "/", "/ha-noi/2024/huyen/"
    before = {path: served.get(path).headers["etag"] for path in (RANKING, home, other)}
    AssessmentYear.objects.filter(organiser__slug="tinh-minh-hoa", year=2024).update(note="Sửa")
    served.look()
    assert {address[2] for address in served.layer.pages} == {other}
    after = {path: served.get(path).headers["etag"] for path in (RANKING, home, other)}
    assert {path for path in before if before[path] != after[path]} == {RANKING, home}


def test_a_page_of_a_change_not_yet_looked_at_is_kept_at_once(served):
    AssessmentYear.objects.filter(organiser__slug="tinh-minh-hoa", year=2024).update(note="Sửa")
    served.get(RANKING)
    served.get(RANKING)
    assert served.entered == [RANKING]


def test_another_process_finds_the_finished_page(served):
    first = served.get(RANKING, HTTP_ACCEPT_ENCODING="gzip")
    other = serving()
    again = other.get(RANKING, HTTP_ACCEPT_ENCODING="gzip")
    assert other.entered == [] and again.body == first.body
    assert again.headers.pop("x-request-id") != first.headers.pop("x-request-id")
    assert again.headers == first.headers
    AssessmentYear.objects.filter(organiser__slug="tinh-minh-hoa", year=2024).update(note="Sửa")
    last = serving()
    last.get(RANKING, HTTP_ACCEPT_ENCODING="gzip")
    assert last.entered == [RANKING]


def test_a_damaged_file_and_a_full_disk_only_cost_time(served, tmp_path, caplog):
    served.get(RANKING)
    for file in (tmp_path / "pages").iterdir():
        file.write_bytes(file.read_bytes()[:200])
    assert serving().get(RANKING).status == 200
    assert "could not be read" in caplog.text
    shutil.rmtree(tmp_path / "pages")
    (tmp_path / "pages").write_text("a file where the folder should be")
    assert served.get("/ha-noi/2024/huyen/", HTTP_ACCEPT_ENCODING="br").status == 200
    assert "could not be shared" in caplog.text


def test_yesterdays_page_is_made_anew(served, time_machine):
    time_machine.move_to("2026-03-01T10:00:00+07:00")
    served.look()
    before = served.get(RANKING).headers["etag"]
    time_machine.move_to("2026-03-02T00:00:01+07:00")
    served.look()
    assert served.get(RANKING).headers["etag"] != before


def test_without_versions_for_a_minute_nothing_kept_is_answered(served):
    served.get(RANKING)
    served.layer.checked_at -= stored_pages.STALE_SECONDS + 1
    assert served.get(RANKING).status == 200
    assert len(served.entered) == 2


def test_memory_is_bounded_and_what_is_asked_for_stays(served):
    served.layer.store.most_bytes = 3 * len(served.get(RANKING).body)
    for number in range(1, 12):
        served.get(RANKING)
        served.get(f"/tinh-minh-hoa/2024/units/MH{number:02}/")
    assert served.layer.store.kept_bytes <= served.layer.store.most_bytes
    assert served.layer.store.kept_bytes == sum(page.size() for page in served.layer.pages.values())
    assert served.entered.count(RANKING) == 1


def test_many_at_once_make_a_page_once():
    entered, ready = [], threading.Event()

    def slow(environ, start_response):
        entered.append(environ["PATH_INFO"])
        ready.wait(5)
        environ[stored_pages.PUBLISHED] = stored_pages_published()
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"page"]

    served = Served(StoredPages(slow), entered)
    served.layer.checked_at, served.layer.store.day = float("inf"), str(stored_pages.timezone.localdate())
    served.layer.watcher = threading.current_thread()
    answers: list[bytes] = []
    people = [threading.Thread(target=lambda: answers.append(plain(served, "/x/"))) for _ in range(8)]
    for person in people:
        person.start()
    ready.set()
    for person in people:
        person.join()
    assert answers == [b"page"] * 8 and entered == ["/x/"]


def stored_pages_published() -> Any:
    from reports.published import Published

    return Published(frozenset({"x"}), (("x", ""),))


def plain(served: Served, path: str) -> bytes:
    environ = {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "HTTP_HOST": "localhost",
        "wsgi.url_scheme": "http",
    }
    return b"".join(served.layer(environ, lambda *begun: None))


def test_a_large_page_is_packed_on_its_way_and_kept_nowhere(served, monkeypatch):
    monkeypatch.setattr(stored_pages, "LARGEST_PAGE", 1000)
    packed = served.get(RANKING, HTTP_ACCEPT_ENCODING="gzip")
    plain = served.get(RANKING)
    assert gzip.decompress(packed.body) == plain.body
    assert (packed.headers["content-encoding"], packed.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert plain.headers["cache-control"] == packed.headers["cache-control"] == "no-store"
    assert not served.layer.pages


def test_a_message_for_somebody_is_for_no_proxy(client, demo_content, db):
    client.cookies["messages"] = "x"
    assert "public" not in client.get(RANKING).headers.get("Cache-Control", "")


def test_who_watches_for_changes_goes_on_after_a_fault(caplog):
    class Stumbling(StoredPages):
        looks = 0

        def _check(self) -> bool:
            self.looks += 1
            if self.looks == 1:
                raise RuntimeError("can't start new thread")
            self.stopped.set()
            return True

    layer = Stumbling(WSGIHandler())
    watcher = threading.Thread(target=layer._watch)
    watcher.start()
    watcher.join(30)
    assert layer.looks == 2 and "could not be looked at" in caplog.text


def test_a_newer_page_is_not_dropped_in_place_of_an_older_one(served):
    served.get(RANKING)
    [(address, old)] = served.layer.pages.items()
    new = pickle.loads(pickle.dumps(old))
    served.layer.store.keep(address, new)
    served.layer.store.drop(address, old)
    assert served.layer.pages == {address: new} and served.layer.store.kept_bytes == new.size()


def test_a_large_body_goes_through_whole():
    body, rest = up_to(3, iter([b"ab", b"cd", b"ef"]))
    assert body == b"" and rest is not None and b"".join(rest) == b"abcdef"
    assert up_to(6, [b"ab", b"cd"]) == (b"abcd", None)


def test_a_shared_page_is_what_it_was():
    page = Page(
        frozenset({"x"}), (("x", "1"),), "2026-01-01", "t", [("Content-Type", "text/html")], {"": b"a"}
    )
    encodings = ("gzip", "br", "")
    for packed in range(len(encodings)):
        for encoding in encodings[:packed]:
            page.answer(encoding)
        again = pickle.loads(pickle.dumps(page))
        assert again.answers == {} and again.size() <= page.size()
        assert [again.answer(one) for one in encodings] == [page.answer(one) for one in encodings]


def test_a_publication_is_finished_before_anybody_asks(served, settings):
    year = AssessmentYear.objects.get(organiser__slug="tinh-minh-hoa", year=2024)
    published = publish(year, published_at=timezone.now(), reason="Thử")
    settings.PUBLIC_URL = "http://localhost"
    first = serving()
    finish_new(first.layer, {"tinh-minh-hoa"}, first.layer.release)
    paths = pages_of(published)
    # By any process, from what they share; the map and what an older rule lacks may be missing, the year is not.
    other = serving()
    found = [path for path in paths if other.get(path, HTTP_ACCEPT_ENCODING="br").status == 200]
    assert RANKING in found and "/tinh-minh-hoa/2024/units/MH03/" in found and len(found) > 0.9 * len(paths)
    assert set(other.entered) == set(paths) - set(found)
    assert all(page.bodies.keys() >= {"", "br", "gzip"} for page in first.layer.pages.values())
    # Once is enough.
    first.entered.clear()
    finish_new(first.layer, {"tinh-minh-hoa"}, first.layer.release)
    assert first.entered == []


def test_processes_finish_a_publication_together(served, settings):
    year = AssessmentYear.objects.get(organiser__slug="tinh-minh-hoa", year=2024)
    published = publish(year, published_at=timezone.now(), reason="Thử")
    settings.PUBLIC_URL = "http://localhost"
    first, other = serving(), serving()
    # While one is at its first pages, the other takes all that follow.
    paths, asked = pages_of(published), first.layer.application

    def application(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["PATH_INFO"] == paths[0]:
            finish_new(other.layer, {"tinh-minh-hoa"}, other.layer.release)
        return asked(environ, start_response)

    first.layer.application = application
    finish_new(first.layer, {"tinh-minh-hoa"}, first.layer.release)
    assert (first.entered, other.entered) == (paths[:SHARE], paths[SHARE:])
