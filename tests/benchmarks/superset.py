"""Apache Superset over the stored standings: set up as its documentation says for production, asked as its charts ask.

What follows the documentation of 6.1 ("Configuring Superset"):

- The metadata database is PostgreSQL through psycopg2 ("Setting up a production metadata database": SQLite is highly
  discouraged). The table that is asked for stands in the same server, which our own application asks too; its
  processes count in what an answer costs either program.
- gunicorn serves `superset.app:create_app()`, with one worker of gthread threads as the entry point of the official
  image does. That has 20 threads where here is one: one visitor asks, and one answer's CPU is measured.
- SECRET_KEY is long and random; beside it and the metadata's address nothing is set. So all is as shipped: Talisman,
  the form token (CSRF), the log of each action in the database (DBEventLogger), a new connection to the table's
  database for each question, and no cache (CACHE_CONFIG and DATA_CACHE_CONFIG are NullCache; each question says `force`
  as well). What is optional there, Redis and Celery, serves what is asked again or takes long: nothing of that is here.
"""

from __future__ import annotations

import http.client
import json
import os
import secrets
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.clusters import free_port

from .processes import Server, stopped_at_the_end, until_answers

COLUMNS = (
    "place", "code", "unit", "points", "max_points", "points_change", "rank_change", "mean", "year", "area",
)  # fmt: skip
SETTINGS = """
SECRET_KEY = {key!r}
SQLALCHEMY_DATABASE_URI = {metadata!r}
"""


@dataclass(frozen=True)
class Databases:
    """Where in PostgreSQL Superset keeps its own, and where the table (`schema.name`) is that it is asked for."""

    metadata: str
    asked: str
    table: str
    postmaster: int


@dataclass(frozen=True)
class Superset:
    """A running Superset, the number it gave the table of standings, and the key its answers ask for."""

    server: Server
    dataset: int
    token: str

    path = "/api/v1/chart/data"

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    def question(self, sort: str, ascending: bool, limit: int, **equal: str | int) -> bytes:
        """Return what a table chart sends for the rows with these values."""
        query = {
            "columns": list(COLUMNS),
            "filters": [{"col": name, "op": "==", "val": value} for name, value in equal.items()],
            "orderby": [[sort, ascending]],
            "row_limit": limit,
        }
        asked = {
            "datasource": {"id": self.dataset, "type": "table"},
            "queries": [query],
            "result_format": "json",
            "result_type": "full",
            "force": True,
        }
        return json.dumps(asked).encode()

    def rows(self, question: bytes) -> int:
        """Return how many rows the question finds: a wrong question would be fast."""
        return len(_asked(self.server, self.path, question, self.headers)[0]["result"][0]["data"])


@contextmanager
def superset(programs: Path, databases: Databases, folder: Path) -> Iterator[Superset]:
    """Set up Superset with its settings in the folder, give it the table, and serve it."""
    password = secrets.token_urlsafe(16)
    settings = folder / "superset_config.py"
    settings.write_text(
        SETTINGS.format(key=secrets.token_urlsafe(48), metadata=of_sqlalchemy(databases.metadata))
    )
    environment = {**os.environ, "SUPERSET_CONFIG_PATH": str(settings), "FLASK_APP": "superset"}
    # Another program's settings are none of its business.
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    log = folder / "superset.log"
    account = ["--username", "bench", "--firstname", "b", "--lastname", "b", "--email", "bench@example.org"]
    with log.open("ab") as output:
        for words in (
            ["db", "upgrade"],
            ["fab", "create-admin", *account, "--password", password],
            ["init"],
            ["set-database-uri", "--database_name", "national", "--uri", of_sqlalchemy(databases.asked)],
        ):
            command: Sequence[str] = [str(programs / "superset"), *words]
            if subprocess.run(
                command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
            ).returncode:
                raise SystemExit(f"superset {words[0]} failed: {log.read_text()[-2000:]}")
        port = free_port()
        command = [
            str(programs / "gunicorn"),
            "--workers",
            "1",
            "--worker-class",
            "gthread",
            "--threads",
            "1",
        ]
        command += ["--timeout", "120", "--bind", f"127.0.0.1:{port}", "superset.app:create_app()"]
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
    with stopped_at_the_end(process):
        server = Server(port, (process.pid, databases.postmaster))
        until_answers(server, "/health", process)
        said = {"username": "bench", "password": password, "provider": "db"}
        token = _asked(server, "/api/v1/security/login", _json(said))[0]["access_token"]
        yield Superset(server, _dataset(server, databases, token), token)


def of_sqlalchemy(address: str) -> str:
    """Return a DATABASE_URL as SQLAlchemy knows it."""
    return address.replace("postgres://", "postgresql://", 1)


def _dataset(server: Server, databases: Databases, token: str) -> int:
    """Make the table known, with the form token that a change needs, and return its number."""
    key = {"Authorization": f"Bearer {token}"}
    given, headers = _asked(server, "/api/v1/security/csrf_token/", None, key)
    key |= {"X-CSRFToken": given["result"], "Cookie": headers["Set-Cookie"].partition(";")[0]}
    # A new Superset's first database.
    schema, _, name = databases.table.partition(".")
    table = {"database": 1, "schema": schema, "table_name": name}
    return int(_asked(server, "/api/v1/dataset/", _json(table), key)[0]["id"])


def _json(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content).encode()


def _asked(
    server: Server, path: str, sent: bytes | None, headers: Mapping[str, str] | None = None
) -> tuple[Any, http.client.HTTPMessage]:
    """Return the answer to what is sent, or to the mere question where that is None, and its headers."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    said = {"Content-Type": "application/json", **(headers or {})}
    try:
        connection.request("GET" if sent is None else "POST", path, body=sent, headers=said)
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status >= http.HTTPStatus.BAD_REQUEST:
        raise SystemExit(f"Superset answered {answer.status} to {path}: {body[:500]!r}")
    return json.loads(body), answer.headers
