"""`pytest -p tests.postgres`: a PostgreSQL of its own for the run, started before Django reads its settings.

It lives in a temporary folder, listens on a free loopback port only, writes nothing to disk that must last,
and is stopped and removed with the run. Workers of pytest-xdist inherit its address.
"""

import atexit
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
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
    """Starts the server and returns its DATABASE_URL; it is stopped and removed when this process ends."""
    folder = programs()
    home = Path(tempfile.mkdtemp(prefix="cchc-pg-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    if os.geteuid() == 0:
        shutil.chown(home, ACCOUNT)
    data = home / "data"
    create(folder, data)
    port = free_port()
    options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories= -c fsync=off"
    options += " -c synchronous_commit=off -c full_page_writes=off -c max_connections=200"
    log = home / "log"
    started = as_server_account(
        folder / "pg_ctl", "start", "--wait", "--silent", "-D", data, "-l", log, "-o", options
    )
    if started.returncode:
        reason = log.read_text() if log.exists() else started.stderr
        raise pytest.UsageError(f"PostgreSQL did not start: {reason}")
    atexit.register(as_server_account, folder / "pg_ctl", "stop", "-D", data, "-m", "immediate", "--silent")
    return f"postgres://{quote(ACCOUNT)}@127.0.0.1:{port}/postgres"


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


if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["DATABASE_URL"] = start()
