"""A steady load: readers that know what each page must say, and people at desks whose thanks are counted."""

from __future__ import annotations

import http.client
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType
from urllib.parse import urlencode

from reports.desk_tokens import new_token
from reports.models import Desk
from tests.nginx_server import NAME, Nginx

READERS, WRITERS = 6, 2
TIMEOUT = 60
PAUSE = 0.02


class Visitor:
    """A connection to nginx that is opened again where it was closed."""

    def __init__(self, nginx: Nginx) -> None:
        self.nginx = nginx
        self.connection: http.client.HTTPSConnection | None = None

    def ask(
        self, method: str, path: str, body: bytes | str | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, http.client.HTTPMessage, bytes]:
        if self.connection is None:
            context = self.nginx.context
            context.check_hostname = False
            self.connection = http.client.HTTPSConnection(
                "127.0.0.1", self.nginx.https, timeout=TIMEOUT, context=context
            )
        try:
            self.connection.request(method, path, body, {"Host": NAME} | (headers or {}))
            response = self.connection.getresponse()
            return response.status, response.headers, response.read()
        except (OSError, http.client.HTTPException):
            self.connection.close()
            self.connection = None
            raise


@dataclass
class Load:
    """Runs while it is entered. `wrong` are answers that nobody should get, `away` those that say "come again"."""

    nginx: Nginx
    pages: dict[str, bytes]
    desk: str
    answers: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    away: int = 0
    thanked: int = 0
    unsure: int = 0
    refused: int = 0
    _stopping: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Load:
        works = [self._read] * READERS + [self._write] * WRITERS
        self._threads = [threading.Thread(target=work, args=(n,)) for n, work in enumerate(works)]
        for thread in self._threads:
            thread.start()
        time.sleep(1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _read(self, number: int) -> None:
        visitor, paths = Visitor(self.nginx), list(self.pages)
        turn = number
        while not self._stopping.wait(PAUSE):
            turn += 1
            path = paths[turn % len(paths)]
            try:
                # Past nginx's own memory: the application must answer.
                status, headers, body = visitor.ask("GET", path, headers={"Cookie": "sessionid=faults"})
            except (OSError, http.client.HTTPException) as error:
                self._note("reading broke off", f"{type(error).__name__} on {path}")
                continue
            self._judge(status, headers, path, body == self.pages[path])

    def _judge(self, status: int, headers: http.client.HTTPMessage, path: str, is_same: bool) -> None:
        if status == 503 and headers["Retry-After"]:
            with self._lock:
                self.away += 1
            self._note("503, come again")
        elif status == 200 and is_same:
            self._note("200")
        else:
            self._note(str(status), f"{status}{'' if status != 200 else ' with another body'} on {path}")

    def _write(self, number: int) -> None:
        visitor, desk = Visitor(self.nginx), Desk(code=self.desk, levels=5)
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        while not self._stopping.wait(PAUSE * 3):
            form = urlencode({"token": new_token(desk), "level": "4"})
            try:
                status, headers, _ = visitor.ask("POST", f"/d/{self.desk}/", form, kind)
            except (OSError, http.client.HTTPException):
                status, headers = 0, http.client.HTTPMessage()
            with self._lock:
                self.thanked += status == 302
                self.refused += status == 503
                self.unsure += status == 0
            if status == 503 and headers["Retry-After"]:
                self._note("503, come again")
            elif status in (0, 302):
                self._note(f"desk {status or 'broke off'}")
            else:
                self._note(f"desk {status}", f"{status} at a desk")

    def _note(self, answer: str, wrong: str = "") -> None:
        with self._lock:
            self.answers[answer] += 1
            if wrong:
                self.wrong[wrong] += 1

    def told(self) -> str:
        return ", ".join(f"{answer}: {times}" for answer, times in sorted(self.answers.items()))
