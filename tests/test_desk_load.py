"""A busy morning: thousands of answers, fifty at a time, on the server that `make run` starts; nothing is lost."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from random import Random
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings

from reports.desk_tokens import new_token
from reports.models import Desk
from tests.e2e.site import new_database, running_server, server_environment

POSTS = 5000
# Of these posts so many are of forms that were sent already, or are being sent at the same moment.
REPEATS = 1000
AT_A_TIME = 50
CODE = "tai-nang"
SET_UP = f"""
from districts.models import Scheme, Unit
from reports.models import Desk
scheme = Scheme.objects.create(code="thu", name="Thử")
unit = Unit.objects.create(scheme=scheme, code="1", level=3, type="Xã", name="An", sort_key="an", search_key="an")
Desk.objects.create(unit=unit, name="Quầy", code="{CODE}")
"""
COUNTED = """
from collections import Counter
from reports.models import Rating, RatingComment
print(sorted(Counter(Rating.objects.values_list("level", flat=True)).items()), RatingComment.objects.count())
"""


@contextmanager
def desk_server(folder: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """The address of a server with one desk in a database of its own, and its environment."""
    with new_database(os.environ.get("DATABASE_URL", "")) as database:
        env = server_environment(folder, database) | {
            "SECRET_KEY": settings.SECRET_KEY,
            "STATIC_MANIFEST": "0",
            # Each answer comes from another address, as it would.
            "BEHIND_PROXY": "1",
        }
        manage(env, "migrate", "-v0")
        manage(env, "shell", "-v0", "-c", SET_UP)
        with running_server(env, folder / "server.log") as site:
            yield site.address, env


def manage(env: dict[str, str], *words: str) -> str:
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(
        command, cwd=settings.BASE_DIR, env=env, check=True, capture_output=True, text=True
    ).stdout


def forms() -> list[dict[str, str]]:
    """POSTS answers in any order; REPEATS of them are a form once more, sent by somebody else at the same moment."""
    chance, desk = Random(5), Desk(code=CODE, levels=5)
    first = [
        {"token": new_token(desk), "level": str(1 + n % 5), "comment": "Tốt" * (n % 2)}
        for n in range(POSTS - REPEATS)
    ]
    chance.shuffle(first)
    again = set(chance.sample(range(len(first)), REPEATS))
    return [form for n, form in enumerate(first) for _ in range(2 if n in again else 1)]


def send(address: str, mine: list[dict[str, str]], number: int) -> Counter[tuple[int, str | None]]:
    """Send one person's share of the forms after one another; return the answers by status and place."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    answers: Counter[tuple[int, str | None]] = Counter()
    for turn, form in enumerate(mine):
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Forwarded-For": f"203.{number}.{turn}.7",
        }
        connection.request("POST", f"/d/{CODE}/", urlencode(form), headers)
        response = connection.getresponse()
        response.read()
        answers[response.status, response.getheader("Location")] += 1
    connection.close()
    return answers


@pytest.mark.xdist_group("browser")
def test_of_5000_answers_50_at_a_time_none_is_lost_and_no_repeat_counts_twice(tmp_path):
    sent = forms()
    with desk_server(tmp_path) as (address, env):
        with ThreadPoolExecutor(AT_A_TIME) as people:
            shares = [people.submit(send, address, sent[n::AT_A_TIME], n) for n in range(AT_A_TIME)]
            answers = sum((share.result() for share in shares), Counter())
        counted = manage(env, "shell", "-v0", "-c", COUNTED)
    assert answers == {(302, f"/d/{CODE}/thanks/"): POSTS}
    assert counted.strip() == "[(1, 800), (2, 800), (3, 800), (4, 800), (5, 800)] 2000"
