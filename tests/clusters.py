"""PostgreSQL servers of a test's own: where the programs are, how a cluster is made, started, copied and stopped."""

import atexit
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

ACCOUNT = "postgres"  # PostgreSQL refuses to run as root
NOT_INSTALLED = (
    "PostgreSQL is not installed (Debian, Ubuntu: apt install postgresql; macOS: brew install postgresql)"
)


def programs() -> Path:
    """The folder with initdb and pg_ctl, of the newest version installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name.split(".")[0]))
    config = shutil.which("pg_config")
    if config:
        listed = subprocess.run([config, "--bindir"], capture_output=True, text=True).stdout.strip()
        found.insert(0, Path(listed))
    for folder in reversed(found):
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists():
            return folder
    raise pytest.UsageError(NOT_INSTALLED)


def as_server_account(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs a program of the server; as root, in the name of its own account."""
    account = ACCOUNT if os.geteuid() == 0 else None
    return subprocess.run(
        command,
        user=account,
        group=pwd.getpwnam(ACCOUNT).pw_gid if account else None,
        extra_groups=[] if account else None,
        cwd="/",
        env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "LANG": "C"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def start() -> str:
    """Starts a server and returns its DATABASE_URL; it is stopped and removed when this process ends."""
    home = new_home()
    server = Cluster(home / "data", free_port())
    create(programs(), server.data)
    server.start()
    return server.address


def new_home() -> Path:
    """A folder of the server's account, removed when this process ends."""
    home = Path(tempfile.mkdtemp(prefix="cchc-pg-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    if os.geteuid() == 0:
        shutil.chown(home, ACCOUNT)
    return home


@dataclass(frozen=True)
class Cluster:
    """A server on a loopback port; what it writes need not last."""

    data: Path
    port: int
    # What was committed survives the end of the server, though not the end of the machine.
    is_durable: bool = False

    @property
    def address(self) -> str:
        return f"postgres://{quote(ACCOUNT)}@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Starts it; it is stopped when this process ends."""
        options = (
            f"-c listen_addresses=127.0.0.1 -c port={self.port} -c unix_socket_directories= -c fsync=off"
        )
        options += " -c full_page_writes=off -c max_connections=200"
        options += "" if self.is_durable else " -c synchronous_commit=off"
        log = self.data.parent / "log"
        started = as_server_account(
            programs() / "pg_ctl", "start", "--wait", "--silent", "-D", self.data, "-l", log, "-o", options
        )
        if started.returncode:
            reason = log.read_text() if log.exists() else started.stderr
            raise pytest.UsageError(f"PostgreSQL did not start: {reason}")
        atexit.register(self.stop)

    def stop(self) -> None:
        """Stops it without a farewell to anybody, as a power cut would."""
        as_server_account(programs() / "pg_ctl", "stop", "-D", self.data, "-m", "immediate", "--silent")


def replica_of(address: str) -> Cluster:
    """Copies a running server by pg_basebackup and starts the copy as its streaming replica."""
    home = new_home()
    replica = Cluster(home / "data", free_port())
    copied = as_server_account(
        programs() / "pg_basebackup",
        *("--dbname", address, "--pgdata", replica.data, "--write-recovery-conf"),
        *("--checkpoint=fast", "--no-sync"),
    )
    if copied.returncode:
        raise pytest.UsageError(f"pg_basebackup failed: {copied.stderr.strip()}")
    replica.start()
    return replica


def create(folder: Path, data: Path) -> None:
    """Makes an empty cluster in Vietnamese, with ICU where this version has it (from 15 on)."""
    command = (folder / "initdb", "-D", data, "-U", ACCOUNT, "--auth=trust", "--encoding=UTF8", "--no-sync")
    done = as_server_account(*command, "--locale-provider=icu", "--icu-locale=vi-VN", "--locale=C.UTF-8")
    if done.returncode:
        shutil.rmtree(data, ignore_errors=True)
        done = as_server_account(*command, "--locale=C")
    if done.returncode:
        raise pytest.UsageError(f"initdb failed: {done.stderr.strip()}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
