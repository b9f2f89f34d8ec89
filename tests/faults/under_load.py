"""Parts that die, pause, lag or restart while pages are read and answers are given."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connections

from reports.models import Publication, Rating

from .load import Load, Visitor
from .site import Site, until

DESK = "mau-1"
GONE_SECONDS = 3
LIBRARY = "/usr/lib/*/faketime/libfaketime.so.1"
Say = Callable[[str], None]


def fresh_connections() -> None:
    """Let go of connections to servers that were restarted."""
    for connection in connections.all():
        connection.close()


def addresses() -> list[str]:
    fresh_connections()
    found = ["/", "/en/", "/data/", "/changes/"]
    for publication in Publication.objects.filter(assessment_year__current_publication__isnull=False)[:4]:
        year = publication.assessment_year
        found += [f"/{year.organiser.slug}/", f"/{year.organiser.slug}/{year.year}/{year.group.slug}/"]
        scope = publication.scopes.order_by("order").first()
        standing = scope.standings.select_related("unit").first() if scope else None
        if standing:
            found.append(f"/{year.organiser.slug}/{year.year}/units/{standing.unit.code}/")
    return list(dict.fromkeys(found))


def pages(site: Site) -> dict[str, bytes]:
    """What each public page says now; a page that says something else each time cannot be judged and is left out."""
    visitor, known = Visitor(site.nginx), {}
    for path in addresses():
        asked = [visitor.ask("GET", path, headers={"Cookie": "sessionid=faults"}) for _ in range(2)]
        assert [status for status, _, _ in asked] == [200, 200], f"{path} before any fault: {asked[0][0]}"
        if asked[0][2] == asked[1][2]:
            known[path] = asked[0][2]
    assert len(known) > 5, known.keys()
    return known


@contextmanager
def watched(
    site: Site, say: Say, lost: list[str], *, may_be_away: bool = False, strict: bool = False
) -> Iterator[Load]:
    """Run the load and judge it. may_be_away: 503 with Retry-After is fair; strict: no answer may break off."""
    time.sleep(GONE_SECONDS)  # replicas have caught up with what the fault before has written
    before = Rating.objects.count()
    load = Load(site.nginx, pages(site), DESK)
    with load:
        yield load
        time.sleep(1)
    fresh_connections()
    stored = Rating.objects.count() - before
    say(f"{load.told()}; answers thanked for {load.thanked}, stored {stored}")
    if stored < load.thanked:
        lost.append(f"{load.thanked - stored} answers at desks that were thanked for")
    if stored > load.thanked + load.unsure + load.refused:
        lost.append("answers at desks counted twice")
    if load.away and not may_be_away:
        lost.append(f"{load.away} pages answered 503")
    if strict and load.unsure + load.refused:
        lost.append(f"{load.unsure + load.refused} answers at desks broke off")
    lost += [f"{what} ({times} times)" for what, times in load.wrong.items()]
    if load.answers["200"] < 50:
        lost.append(f"only {load.answers['200']} pages were answered: the load proves nothing")


def application_killed(site: Site, say: Say) -> list[str]:
    lost: list[str] = []
    first, second = site.applications
    with watched(site, say, lost):
        first.kill()
        time.sleep(GONE_SECONDS)
        first.start()
        time.sleep(GONE_SECONDS)  # what the first refused while it was away, the second still works on
        os.kill(second.family()[-1], signal.SIGKILL)  # one worker; granian itself starts it again
        time.sleep(GONE_SECONDS)
        until(second.is_healthy, "the worker that was killed")
    return lost


def restarted_gracefully(site: Site, say: Say) -> list[str]:
    lost: list[str] = []
    first, second = site.applications
    with watched(site, say, lost, strict=True):
        first.stop()
        first.start()
        workers = second.family()[1:]
        assert second.process is not None
        second.process.send_signal(signal.SIGHUP)
        until(
            lambda: bool(second.family()[1:]) and second.family()[1:] != workers, "new workers after SIGHUP"
        )
        until(second.is_healthy, "the application after SIGHUP")
        second.stop()
        second.start()
    return lost


def database_restarted(site: Site, say: Say) -> list[str]:
    lost: list[str] = []
    with watched(site, say, lost) as load:
        site.primary.stop()
        time.sleep(GONE_SECONDS)
        site.primary.start()
        until(site.applications[0].is_healthy, "the primary")
    say(
        f"with the replica alone: {load.answers['200']} pages read, {load.refused} answers told to come again"
    )
    with watched(site, say, lost, may_be_away=True) as load:
        site.primary.stop()
        site.replica.stop()
        time.sleep(GONE_SECONDS)
        site.primary.start()
        site.replica.start()
        for application in site.applications:
            until(application.is_healthy, "the application by itself")
        time.sleep(GONE_SECONDS)
    if not load.away:
        lost.append("nobody was told that the database is away: the fault proves nothing")
    return lost


def redis_gone(site: Site, say: Say) -> list[str]:
    lost: list[str] = []
    with watched(site, say, lost, strict=True):
        site.redis.kill()
        time.sleep(GONE_SECONDS)
        site.redis.start()
        time.sleep(GONE_SECONDS)
        assert site.redis.process is not None
        site.redis.process.send_signal(signal.SIGSTOP)  # takes connections and says nothing
        time.sleep(GONE_SECONDS)
        site.redis.process.send_signal(signal.SIGCONT)
        time.sleep(GONE_SECONDS)
    return lost


def replica_behind_and_gone(site: Site, say: Say) -> list[str]:
    lost: list[str] = []

    def times(word: str) -> int:
        return site.log.count(word)

    left, back = times("lost or behind"), times("read again")
    with watched(site, say, lost, strict=True):
        site.on_replica("SELECT pg_wal_replay_pause()")
        until(lambda: times("lost or behind") >= left + 2, "both applications leave the replica that lags")
        site.on_replica("SELECT pg_wal_replay_resume()")
        until(lambda: times("read again") >= back + 2, "both applications read the replica again")
        pid = int((site.replica.data / "postmaster.pid").read_text().splitlines()[0])
        os.kill(pid, signal.SIGKILL)
        time.sleep(GONE_SECONDS)
        site.replica.stop()
        site.replica.start()
        until(lambda: times("read again") >= back + 4, "both applications read the replica that was killed")
    return lost


def clock_moved(site: Site, say: Say) -> list[str]:
    """The clock of one application jumps to and fro while it runs (libfaketime); the machine's own stays."""
    lost: list[str] = []
    library = next(Path("/").glob(LIBRARY.lstrip("/")))
    shown = site.folder / "clock"
    shown.write_text("+0")
    moved = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(shown),
        # Read at every look, under the lock of the library, its file would hold up the threads more than the jumps do.
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    first = site.applications[0]
    first.stop()
    first.start(**moved)
    judged: list[str] = []
    with watched(site, say, judged):
        for clock in ("+400d", "-400d", "+3h", "-3h", "+0"):
            shown.write_text(clock)
            time.sleep(GONE_SECONDS)
    # A form two hours old is told so, and a page may name the day: neither is a loss.
    fair = ("4", "200 with another body")
    lost += [what for what in judged if not what.startswith(fair)]
    say("told, not lost: " + (", ".join(what for what in judged if what.startswith(fair)) or "nothing"))
    first.stop()
    first.start()
    return lost
