"""Which read replicas are near enough to the primary? Looked at in the background, once a second in each process."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg2
from django.db import connections

log = logging.getLogger(__name__)

CHECK_SECONDS = 1.0
# What was found holds no longer than this: a watch that hangs or has ended sends everybody to the primary.
HOLDS_SECONDS = 5.0
# Far above any lag that is allowed; older moments tell nothing more.
REMEMBERED = 600
PRIMARY = "default"

WRITTEN = "SELECT (pg_current_wal_lsn() - '0/0')::bigint"
REPLAYED = "SELECT pg_is_in_recovery(), (coalesce(pg_last_wal_replay_lsn(), '0/0') - '0/0')::bigint"
# Nobody waits for a server that went without a word.
IMPATIENT = {
    "connect_timeout": 2,
    "tcp_user_timeout": 2000,
    "options": "-c statement_timeout=2000 -c default_transaction_read_only=on",
    "application_name": "cchc replica watch",
}


@dataclass(frozen=True)
class Moment:
    """How far the primary had written its log (bytes from the beginning) at a moment of the monotonic clock."""

    at: float
    written: int


def lag_of(replayed: int, moments: Sequence[Moment], now: float) -> float:
    """Return for how many seconds the primary has been ahead of what a replica has replayed; 0 where it is not.

    Compared with the primary and not asked of the replica: one that has lost its primary believes itself up to date,
    and its clock may be another. moments: oldest first.
    """
    return next((now - moment.at for moment in moments if moment.written > replayed), 0.0)


@dataclass
class Watch:
    """Looks at the primary and at each replica; `fresh` says which replicas may be read now."""

    aliases: Sequence[str]
    most_lag: float
    _moments: deque[Moment] = field(default_factory=lambda: deque(maxlen=REMEMBERED))
    _fresh_until: dict[str, float] = field(default_factory=dict)
    _spoken: dict[str, bool] = field(default_factory=dict)
    _kept: dict[str, Any] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _stopping: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def fresh(self) -> list[str]:
        """Return the replicas that may be read, and begin to watch where nobody does yet."""
        if self._thread is None or not self._thread.is_alive():
            self._begin()
        now = time.monotonic()
        return [alias for alias in self.aliases if self._fresh_until.get(alias, 0) > now]

    def lost(self, alias: str) -> None:
        """Leave a replica alone until it has been looked at again."""
        self._fresh_until[alias] = 0

    def stop(self) -> None:
        self._stopping.set()
        if self._thread:
            self._thread.join()

    def _begin(self) -> None:
        with self._lock:
            if self._stopping.is_set() or (self._thread is not None and self._thread.is_alive()):
                return
            self._thread = threading.Thread(target=self._run, name="replica-watch", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.look()
            self._stopping.wait(CHECK_SECONDS)
        for connection in self._kept.values():
            connection.close()
        self._kept.clear()

    def look(self) -> None:
        """Ask every server once and note what may be read."""
        started = time.monotonic()
        # A primary that is gone writes nothing: the replicas are compared with the last that was seen of it.
        if (answer := self._ask(PRIMARY, WRITTEN)) is not None:
            self._moments.append(Moment(started, answer[0]))
        for alias in self.aliases:
            self._note(alias, self._ask(alias, REPLAYED))

    def _note(self, alias: str, answer: tuple[Any, ...] | None) -> None:
        now = time.monotonic()
        # One that is no replica any more follows nobody.
        following = answer is not None and answer[0] and bool(self._moments)
        fresh = (
            following and answer is not None and lag_of(answer[1], list(self._moments), now) <= self.most_lag
        )
        self._fresh_until[alias] = now + HOLDS_SECONDS if fresh else 0
        if self._spoken.get(alias, True) != fresh:
            log.warning("The replica %s is %s", alias, "read again" if fresh else "lost or behind: not read")
        self._spoken[alias] = fresh

    def _ask(self, alias: str, question: str) -> tuple[Any, ...] | None:
        """Return the one row of an answer; None where the server does not give it."""
        try:
            if alias not in self._kept:
                self._kept[alias] = _connected(alias)
            with self._kept[alias].cursor() as cursor:
                cursor.execute(question)
                row: tuple[Any, ...] = cursor.fetchone()
                return row
        except psycopg2.Error as error:
            log.debug("%s does not answer the watch: %s", alias, type(error).__name__)
            if (broken := self._kept.pop(alias, None)) is not None:
                broken.close()
            return None


def _connected(alias: str) -> Any:
    """Open a connection outside Django's, which belong to the thread that serves a request."""
    said = connections[alias].settings_dict
    connection = psycopg2.connect(
        dbname=said["NAME"],
        user=said["USER"],
        password=said["PASSWORD"] or None,
        host=said["HOST"],
        port=said["PORT"] or None,
        **{key: value for key, value in said["OPTIONS"].items() if key.startswith("ssl")},
        **IMPATIENT,
    )
    connection.autocommit = True
    return connection
