"""What is withdrawn or published is so in every process and in nginx's cache, within five seconds."""

from __future__ import annotations

import http.client
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from steps import ROOT

from tests.nginx_server import NAME, Nginx, nginx_server

from .site import Site, running_server

RANKING = "/tinh-minh-hoa/2022/huyen/"
WITHIN_SECONDS = 5
PROGRAM = """
from reports.models import AssessmentYear, Publication
year = AssessmentYear.objects.get(organiser__slug="tinh-minh-hoa", year=2022, group__slug="huyen")
newest = Publication.objects.filter(assessment_year=year).latest("version")
AssessmentYear.objects.filter(pk=year.pk).update(current_publication={current})
"""


@dataclass(frozen=True)
class Installation:
    processes: tuple[Site, Site]
    nginx: Nginx

    def statuses(self) -> set[int]:
        return {*(status_of(site) for site in self.processes), self.through_nginx()}

    def through_nginx(self) -> int:
        context = self.nginx.context
        context.check_hostname = False
        asked = http.client.HTTPSConnection("127.0.0.1", self.nginx.https, timeout=30, context=context)
        return answer(asked)

    def change(self, current: str) -> None:
        command = [sys.executable, "manage.py", "shell", "-v0", "-c", PROGRAM.format(current=current)]
        done = subprocess.run(command, cwd=ROOT, env=self.processes[0].env, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr


def status_of(site: Site) -> int:
    return answer(http.client.HTTPConnection(urlsplit(site.address).netloc, timeout=30))


def answer(asked: http.client.HTTPConnection) -> int:
    asked.request("GET", RANKING, headers={"Host": NAME, "Accept-Encoding": "gzip"})
    response = asked.getresponse()
    response.read()
    asked.close()
    return response.status


@pytest.fixture
def installation(site: Site, tmp_path: Path) -> Iterator[Installation]:
    env = {**site.env, "ALLOWED_HOSTS": f"127.0.0.1,{NAME}", "BEHIND_PROXY": "1"}
    with (
        running_server(env, tmp_path / "one.log") as one,
        running_server(env, tmp_path / "two.log") as two,
    ):
        ports = [int(urlsplit(process.address).port or 0) for process in (one, two)]
        (tmp_path / "nginx").mkdir()
        with nginx_server(tmp_path / "nginx", tmp_path, ports) as nginx:
            yield Installation((one, two), nginx)


def test_a_withdrawal_and_a_publication_are_everywhere_within_five_seconds(installation):
    for _ in range(2):
        assert installation.statuses() == {200}
    installation.change("None")
    time.sleep(WITHIN_SECONDS)
    assert installation.statuses() == {404}
    installation.change("newest.pk")
    time.sleep(WITHIN_SECONDS)
    assert installation.statuses() == {200}
