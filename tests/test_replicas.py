"""Who reads the replica, who the primary: rules by themselves, then a site on a primary and a streaming replica."""

from __future__ import annotations

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory

from cchc import replicas
from cchc.replica_watch import Moment, lag_of
from districts.models import Unit

from .clusters import Cluster, replica_of
from .e2e.site import execute, new_database, running_server, server_environment

SECONDS = 60
SET_UP = """
from districts.models import Scheme, Unit
scheme = Scheme.objects.create(code="thu", name="Thử")
Unit.objects.create(scheme=scheme, code="1", level=3, type="Xã", name="An", sort_key="an", search_key="an")
"""
WRITE_TO_REPLICA = """
from districts.models import Scheme
Scheme.objects.using("replica1").create(code="sai", name="Sai")
"""
ROUTED = """
from django.db import transaction
from cchc.replicas import reading
from districts.models import Scheme, Unit
said = []
with reading("replica1"):
    said.append(Unit.objects.get().name)
    with transaction.atomic():
        said.append(Unit.objects.get().name)
    said.append(Unit.objects.get().name)
    Scheme.objects.create(code="moi", name="Mới")
    said.append(Unit.objects.get().name)
print(*said)
"""
MOMENTS = [Moment(10.0, 100), Moment(11.0, 200), Moment(12.0, 200), Moment(13.0, 300)]


def test_a_replica_that_replayed_all_there_is_has_no_lag():
    assert lag_of(300, MOMENTS, 13.5) == 0
    assert lag_of(100, [], 13.5) == 0


def test_lag_is_counted_from_when_the_primary_was_first_seen_ahead():
    assert lag_of(299, MOMENTS, 13.5) == 0.5
    assert lag_of(100, MOMENTS, 13.5) == 2.5
    assert lag_of(0, MOMENTS, 13.5) == 3.5


def test_outside_a_transaction_reads_go_where_the_request_was_sent():
    with replicas.reading("replica1"):
        assert replicas.Router().db_for_read(Unit) == "replica1"
        with replicas.reading_primary():
            assert replicas.Router().db_for_read(Unit) == "default"
        assert replicas.Router().db_for_read(Unit) == "replica1"
    assert replicas.Router().db_for_read(Unit) == "default"


def test_a_write_and_all_that_follows_it_go_to_the_primary():
    with replicas.reading("replica1"):
        assert replicas.Router().db_for_write(Unit) == "default"
        assert replicas.Router().db_for_read(Unit) == "default"


@pytest.mark.django_db
def test_inside_a_transaction_reads_go_to_the_primary():
    with replicas.reading("replica1"):
        assert replicas.Router().db_for_read(Unit) == "default"


def test_only_the_primary_is_migrated():
    assert replicas.Router().allow_migrate("default", "reports")
    assert not replicas.Router().allow_migrate("replica1", "reports")


@pytest.mark.parametrize("request_", ["POST /", "GET /office/", "HEAD /office/years/", "GET / after a write"])
def test_the_office_and_whoever_writes_or_wrote_never_read_a_replica(request_):
    method, path = request_.split()[:2]
    request = RequestFactory().generic(method, path)
    if "after" in request_:
        request.COOKIES["cchc_wrote"] = "1"
    assert replicas.chosen_for(request) == "default"


def test_who_wrote_in_the_office_is_known_on_public_pages_for_some_seconds_and_nobody_else():
    wrote = replicas.keep_on_primary(RequestFactory().post("/office/years/"), HttpResponse())
    assert (wrote.cookies["cchc_wrote"]["max-age"], wrote.cookies["cchc_wrote"]["path"]) == (10, "/")
    for request in (RequestFactory().get("/office/"), RequestFactory().post("/d/quay/")):
        assert not replicas.keep_on_primary(request, HttpResponse()).cookies


@pytest.mark.parametrize(
    ("database", "said"), [("", "REPLICA_URLS needs"), ("postgres://u@localhost/cchc", "read_only=on")]
)
def test_replicas_are_of_postgresql_and_are_never_written(database, said):
    expression = "from cchc import settings as s; print(s.DATABASES['replica1']['OPTIONS']['options'])"
    asked = subprocess.run(
        [sys.executable, "-c", expression],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": database, "REPLICA_URLS": "postgres://u@localhost/cchc"},
        capture_output=True,
        text=True,
    )
    assert said in asked.stdout + asked.stderr


@dataclass(frozen=True)
class Replicated:
    """A database with one unit, and a replica of its server."""

    primary: str
    replica: Cluster

    @property
    def copy(self) -> str:
        return urlsplit(self.primary)._replace(netloc=urlsplit(self.replica.address).netloc).geturl()

    def environment(self, folder: Path, lag: str) -> dict[str, str]:
        more = {"REPLICA_URLS": self.copy, "CCHC_REPLICA_LAG": lag, "STATIC_MANIFEST": "0"}
        return server_environment(folder, self.primary) | more

    def manage(self, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
        env = self.environment(folder, "3600")
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True)

    def rename(self, name: str) -> None:
        execute(self.primary, f"UPDATE districts_unit SET name = '{name}'")

    def is_on_replica(self, name: str) -> bool:
        connection = psycopg2.connect(self.copy)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT name FROM districts_unit")
                return cursor.fetchone() == (name,)
        finally:
            connection.close()


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Replicated]:
    with new_database(os.environ["DATABASE_URL"]) as primary:
        first = server_environment(tmp_path_factory.mktemp("pair"), primary)
        for words in (["migrate", "-v0"], ["shell", "-v0", "--no-imports", "-c", SET_UP]):
            subprocess.run(
                [sys.executable, "manage.py", *words], cwd=settings.BASE_DIR, env=first, check=True
            )
        replica = replica_of(os.environ["DATABASE_URL"])
        yield Replicated(primary, replica)
        replica.stop()


@pytest.fixture
def replicated(pair: Replicated) -> Replicated:
    """The pair in step, whatever the test before did to it."""
    execute(pair.copy, "SELECT pg_wal_replay_resume()")
    pair.rename("An")
    until(lambda: pair.is_on_replica("An"))
    return pair


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it never came to hold"
        time.sleep(0.1)


def page(address: str, path: str = "/units/thu/1/", cookie: str = "") -> str:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=SECONDS)
    connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
    response = connection.getresponse()
    body = response.read().decode()
    connection.close()
    assert response.status == 200, body
    return body


def paused(replica: str) -> None:
    execute(replica, "SELECT pg_wal_replay_pause()")


@pytest.mark.postgres
@pytest.mark.xdist_group("replicas")
def test_public_pages_read_the_replica_and_who_wrote_reads_the_primary(replicated, tmp_path):
    with running_server(replicated.environment(tmp_path, "3600"), tmp_path / "log") as site:
        page(site.address)
        paused(replicated.copy)
        replicated.rename("Sau")
        until(lambda: "Xã An" in page(site.address))
        assert "Xã Sau" in page(site.address, cookie="cchc_wrote=1")
        execute(replicated.copy, "SELECT pg_wal_replay_resume()")
        until(lambda: "Xã Sau" in page(site.address))


@pytest.mark.postgres
@pytest.mark.xdist_group("replicas")
def test_a_replica_that_falls_behind_is_left_and_read_again_when_it_caught_up(replicated, tmp_path):
    with running_server(replicated.environment(tmp_path, "1"), tmp_path / "log") as site:
        page(site.address)
        paused(replicated.copy)
        replicated.rename("Sau")
        until(lambda: "Xã Sau" in page(site.address))
        assert not replicated.is_on_replica("Sau")
        until(lambda: "lost or behind" in site.log.read_text())
        execute(replicated.copy, "SELECT pg_wal_replay_resume()")
        until(lambda: "read again" in site.log.read_text())


@pytest.mark.postgres
@pytest.mark.xdist_group("replicas")
def test_when_the_replica_dies_no_page_is_lost_and_it_comes_back_by_itself(replicated, tmp_path):
    with running_server(replicated.environment(tmp_path, "3600"), tmp_path / "log") as site:
        paused(replicated.copy)
        replicated.rename("Sau")
        until(lambda: "Xã An" in page(site.address))
        pid = int((replicated.replica.data / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGKILL)
        for _ in range(50):
            page(site.address)
        until(lambda: "Xã Sau" in page(site.address))
        replicated.replica.stop()
        replicated.replica.start()
        until(lambda: "read again" in site.log.read_text())


@pytest.mark.postgres
@pytest.mark.xdist_group("replicas")
def test_a_replica_takes_no_write_and_reads_move_with_transactions_and_writes(replicated, tmp_path):
    refused = replicated.manage(tmp_path, "shell", "-v0", "--no-imports", "-c", WRITE_TO_REPLICA)
    assert "read-only transaction" in refused.stderr
    paused(replicated.copy)
    replicated.rename("Sau")
    said = replicated.manage(tmp_path, "shell", "-v0", "--no-imports", "-c", ROUTED)
    assert said.stdout.strip() == "An Sau An Sau", said.stderr
