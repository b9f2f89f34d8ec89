"""Two application processes, primary and replica, Redis and nginx, each a process that can be killed."""

from __future__ import annotations

import atexit
import http.client
import os
import resource
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from steps import ROOT

from tests.clusters import Cluster, create, free_port, new_home, programs, replica_of
from tests.e2e.site import execute
from tests.nginx_server import NAME, Nginx, nginx_server
from tests.redis_server import RedisServer, redis_server

WAIT_SECONDS = 90


def until(holds: Callable[[], bool], what: str) -> None:
    """Wait until something holds; that it never does is a fault as well."""
    deadline = time.monotonic() + WAIT_SECONDS
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"never came: {what}")
        time.sleep(0.1)


@dataclass
class Application:
    """One granian as cchc@.service starts it."""

    port: int
    environment: Mapping[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def start(self, **more: str) -> None:
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws"]
        command += ["--host", "127.0.0.1"]
        command += [
            "--port",
            str(self.port),
            "--workers",
            "1",
            "--blocking-threads",
            "4",
            "--backpressure",
            "64",
        ]
        command += ["--respawn-failed-workers", "--workers-kill-timeout", "30", "--log-level", "warning"]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [*command, "cchc.wsgi:application"],
                cwd=ROOT,
                env={**self.environment, **more},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        until(self.is_healthy, f"the application on port {self.port}")

    def is_healthy(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", "/healthz", headers={"Host": NAME})
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()

    def family(self) -> list[int]:
        """The process and its workers."""
        if self.process is None:
            return []
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return [self.process.pid, *map(int, children)]

    def kill(self) -> None:
        for pid in self.family():
            os.kill(pid, signal.SIGKILL)
        if self.process:
            self.process.wait()

    def stop(self) -> int:
        if self.process is None:
            return 0
        self.process.terminate()
        return self.process.wait(60)

    def limit_files(self, size: int) -> None:
        """Let its processes write no file beyond a size (bytes; -1: any), as a full disk would."""
        for pid in self.family():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@dataclass
class Site:
    folder: Path
    environment: dict[str, str]
    primary: Cluster
    replica: Cluster
    redis: RedisServer
    applications: list[Application]
    nginx: Nginx
    stack: ExitStack = field(default_factory=ExitStack)

    @property
    def log(self) -> str:
        return "".join(application.log.read_text(errors="replace") for application in self.applications)

    def manage(self, *words: str, file_limit: int = -1, **more: str) -> subprocess.CompletedProcess[str]:
        def limit() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))

        return subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env={**self.environment, **more},
            capture_output=True,
            text=True,
            preexec_fn=limit if file_limit >= 0 else None,
        )

    def on_replica(self, statement: str) -> None:
        execute(self.replica.address.removesuffix("postgres") + "cchc", statement)


def build(folder: Path) -> Site:
    """Start everything on free ports with the demo content; all of it ends with this process."""
    primary = Cluster(new_home() / "data", free_port(), is_durable=True)
    create(programs(), primary.data)
    primary.start()
    execute(primary.address, "CREATE DATABASE cchc")
    replica = replica_of(primary.address)
    stack = ExitStack()
    atexit.register(stack.close)
    for name in ("redis", "nginx", "var"):
        (folder / name).mkdir()
    redis = stack.enter_context(redis_server(folder / "redis"))
    own = {
        "DATABASE_URL": primary.address.removesuffix("postgres") + "cchc",
        "REPLICA_URLS": replica.address.removesuffix("postgres") + "cchc",
        "CCHC_REDIS_URL": redis.address,
        "CCHC_VAR_DIR": str(folder / "var"),
        "CCHC_PRIVATE_DIR": str(folder / "var" / "private"),
        "CCHC_BACKUP_KEY": secrets.token_urlsafe(48),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "ALLOWED_HOSTS": f"{NAME},127.0.0.1",
        "BEHIND_PROXY": "1",
        "DEBUG": "0",
        "DEMO": "1",
        "HTTPS": "1",
        "STATIC_MANIFEST": "1",
        "LOG_LEVEL": "WARNING",
        # All of the load comes from one address.
        "CCHC_DESK_LIMIT": "1000000",
        "CCHC_API_LIMIT": "1000000",
    }
    environment = {**os.environ, **own}
    # --demo: content goes into a PostgreSQL only when asked for (bin/prepare.py).
    prepared = subprocess.run([sys.executable, "-B", "bin/prepare.py", "0", "3"], cwd=ROOT, env=environment)
    if prepared.returncode:
        raise SystemExit("the site could not be prepared")
    applications = [
        Application(free_port(), environment, folder / f"application-{number}.log") for number in (1, 2)
    ]
    for application in applications:
        application.start()
        stack.callback(application.kill)
    static = folder / "var" / "static"
    nginx = stack.enter_context(nginx_server(folder / "nginx", static, [each.port for each in applications]))
    return Site(folder, environment, primary, replica, redis, applications, nginx, stack)
