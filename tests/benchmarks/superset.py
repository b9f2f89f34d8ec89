"""Apache Superset over the stored standings: set up as its own commands do, asked as its charts ask."""

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
# No cache of its own, no form token for a program that asks with its key; one SQLite file is what is asked.
SETTINGS = """
SECRET_KEY = {key!r}
SQLALCHEMY_DATABASE_URI = "sqlite:///{folder}/superset.db"
PREVENT_UNSAFE_DB_CONNECTIONS = False
TALISMAN_ENABLED = False
WTF_CSRF_ENABLED = False
CACHE_CONFIG = DATA_CACHE_CONFIG = {{"CACHE_TYPE": "NullCache"}}
"""


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
        return len(_asked(self.server, self.path, question, self.headers)["result"][0]["data"])


@contextmanager
def superset(programs: Path, database: Path, folder: Path) -> Iterator[Superset]:
    """Set up Superset in the folder, give it the table `standings` of the SQLite file, and serve it."""
    password = secrets.token_urlsafe(16)
    settings = folder / "superset_config.py"
    settings.write_text(SETTINGS.format(key=secrets.token_urlsafe(48), folder=folder))
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
            ["set-database-uri", "--database_name", "national", "--uri", f"sqlite:///{database}"],
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
        server = Server(port, (process.pid,))
        until_answers(server, "/health", process)
        said = {"username": "bench", "password": password, "provider": "db"}
        token = _asked(server, "/api/v1/security/login", _json(said), {})["access_token"]
        key = {"Authorization": f"Bearer {token}"}
        # A new Superset's first database.
        table = {"database": 1, "schema": "main", "table_name": "standings"}
        yield Superset(server, _asked(server, "/api/v1/dataset/", _json(table), key)["id"], token)


def _json(content: Mapping[str, Any]) -> bytes:
    return json.dumps(content).encode()


def _asked(server: Server, path: str, sent: bytes, headers: Mapping[str, str]) -> Any:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
    try:
        connection.request("POST", path, body=sent, headers={"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        body = answer.read()
    finally:
        connection.close()
    if answer.status >= http.HTTPStatus.BAD_REQUEST:
        raise SystemExit(f"Superset answered {answer.status} to {path}: {body[:500]!r}")
    return json.loads(body)
