"""A site to drive a browser against: a database of its own and the server that `make run` starts."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import psycopg2
from launch import HOST, server_command, wait_until_ready
from steps import ROOT


@dataclass(frozen=True)
class Site:
    """A running server; `log` is everything it has said, `env` what it was started with."""

    address: str
    log: Path
    env: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def running_site(folder: Path) -> Iterator[Site]:
    """Serves the demo content from a new database, SQLite in `folder` or beside the one of DATABASE_URL."""
    with new_database(os.environ.get("DATABASE_URL", "")) as database:
        env = server_environment(folder, database)
        prepared = subprocess.run(
            [sys.executable, "-B", "bin/prepare.py", "0", "2"],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
        )
        if prepared.returncode:
            raise RuntimeError(f"the site was not prepared:\n{prepared.stdout}{prepared.stderr}")
        with running_server(env, folder / "server.log") as site:
            yield site


def server_environment(folder: Path, database: str) -> dict[str, str]:
    """What the server of `make run` has, apart from its folder and its database."""
    return {
        **os.environ,
        "CCHC_VAR_DIR": str(folder),
        "CCHC_EMBED_ANCESTORS": "self,http://localhost:*",
        "DATABASE_URL": database,
        "DEBUG": "0",
        "DEMO": "1",
        "HTTPS": "0",
        "LOG_LEVEL": "WARNING",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "STATIC_MANIFEST": "1",
    }


@contextmanager
def new_database(server: str) -> Iterator[str]:
    """The address of an empty PostgreSQL database, dropped at the end; empty (SQLite) where there is no server."""
    if not server:
        yield ""
        return
    name = f"cchc_browser_{secrets.token_hex(4)}"
    execute(server, f'CREATE DATABASE "{name}"')
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def execute(server: str, statement: str) -> None:
    connection = psycopg2.connect(server)
    connection.autocommit = True  # databases are not made in a transaction
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
    finally:
        connection.close()


@contextmanager
def running_server(env: Mapping[str, str], log: Path, *, healthy: bool = True) -> Iterator[Site]:
    """Starts granian on a free port as `make run` does and stops it at the end.

    `healthy` False: the server is meant to answer every page with an error, so any answer will do.
    """
    port = free_port()
    with log.open("wb") as output:
        server = subprocess.Popen(
            server_command(port), cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            if wait_until_ready(server, port) != healthy or server.poll() is not None:
                raise RuntimeError(f"the server did not start:\n{log.read_text()}")
            yield Site(f"http://{HOST}:{port}", log, env)
        finally:
            server.terminate()
            server.wait(10)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])
