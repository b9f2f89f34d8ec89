"""Databases of national size, made by `manage.py make_national`, and the pages in them that are measured."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.clusters import Cluster, create, free_port, new_home, programs
from tests.e2e.site import execute

from .processes import HOST, ROOT
from .table import say


@dataclass(frozen=True)
class Size:
    """How large the country is made; the targets are meant for the whole one."""

    organisers: int
    years: int
    months: int

    @property
    def options(self) -> list[str]:
        return [f"--organisers={self.organisers}", f"--years={self.years}", f"--months={self.months}"]


WHOLE, SMALL = Size(63, 10, 12), Size(4, 3, 1)


@dataclass(frozen=True)
class Country:
    """A server with databases, and what an application needs to run on one of them."""

    folder: Path
    cluster: Cluster

    @property
    def postmaster(self) -> int:
        return int((self.cluster.data / "postmaster.pid").read_text().split()[0])

    def database(self, name: str) -> str:
        return self.cluster.address.removesuffix("postgres") + name

    def environment(self, name: str, **more: str) -> dict[str, str]:
        own = {
            "DATABASE_URL": self.database(name),
            "CCHC_VAR_DIR": str(self.folder / "var"),
            "CCHC_PRIVATE_DIR": str(self.folder / "var" / "private"),
            "SECRET_KEY": secrets.token_urlsafe(48),
            "ALLOWED_HOSTS": f"{HOST},127.0.0.1",
            "HTTPS": "0",
            "DEBUG": "0",
            "DEMO": "0",
            "STATIC_MANIFEST": "1",
            "LOG_LEVEL": "WARNING",
            "CCHC_PUBLIC_URL": "",
        }
        return {**os.environ, **own, **more}

    def manage(self, name: str, *words: str) -> None:
        command = [sys.executable, "manage.py", *words]
        if subprocess.run(command, cwd=ROOT, env=self.environment(name), stdout=sys.stderr).returncode:
            raise SystemExit(f"manage.py {' '.join(words)} failed")

    def create(self, name: str) -> None:
        execute(self.cluster.address, f"CREATE DATABASE {name}")

    def make(self, name: str, size: Size, *more: str) -> None:
        self.create(name)
        self.manage(name, "migrate", "--verbosity=0")
        self.manage(name, "make_national", *size.options, *more)
        execute(self.database(name), "ANALYZE")

    def copy(self, name: str, of: str) -> None:
        execute(self.cluster.address, f"CREATE DATABASE {name} TEMPLATE {of}")


def country(folder: Path) -> Country:
    """Start a PostgreSQL of its own; it is removed when this process ends."""
    cluster = Cluster(new_home() / "data", free_port())
    create(programs(), cluster.data)
    cluster.start()
    (folder / "var").mkdir()
    made = Country(folder, cluster)
    say(f"PostgreSQL on port {cluster.port}")
    return made
