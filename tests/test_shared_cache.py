"""The cache that processes share, on a real Redis that is killed, paused and started again."""

from __future__ import annotations

import logging
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.core.cache import caches
from django.test import override_settings

from cchc.shared_cache import SharedCache
from reports import floods

from .redis_server import RedisServer, redis_server

ROOT = Path(__file__).parent.parent
BACK_SECONDS = 60
ASK = """
import os
from reports import floods
print([floods.asks_too_often("203.0.113.5") for _ in range(3)])
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[RedisServer]:
    with redis_server(tmp_path) as running:
        yield running


def shared(address: str, **params: object) -> SharedCache:
    return SharedCache(address, {"KEY_PREFIX": "test", **params})


def test_what_one_process_keeps_another_finds(server):
    shared(server.address).set("place", {"rank": 23})
    with redis.Redis(port=server.port) as client:
        assert b"rank" in client.get("test:1:place")
    assert shared(server.address).get("place") == {"rank": 23}


class Trap:
    """What would run in this process, were it unpickled."""

    def __reduce__(self):
        return pytest.fail, ("bytes of somebody else were unpickled",)


@pytest.mark.parametrize("head", [b"", bytes(32)])
def test_what_somebody_else_wrote_into_redis_is_not_there(server, head):
    with redis.Redis(port=server.port) as client:
        client.set("test:1:trap", head + pickle.dumps(Trap()))
    assert shared(server.address).get("trap", "nothing") == "nothing"
    assert shared(server.address).get_many(["trap"]) == {}


def test_what_another_key_sealed_is_not_there(server):
    with override_settings(SECRET_KEY="another"):
        shared(server.address).set("place", "there")
    assert shared(server.address).get("place") is None
    assert shared(server.address).get_or_set("place", lambda: "here") == "here"


def test_many_values_are_kept_read_and_forgotten_at_once(server):
    cache = shared(server.address)
    assert cache.set_many({"a": 1, "b": b"\x00"}, 60) == []
    assert cache.get_many(["a", "b", "c"]) == {"a": 1, "b": b"\x00"}
    cache.delete_many(["a"])
    assert cache.get_many(["a", "b"]) == {"b": b"\x00"}
    assert cache.get_many([]) == {}


def test_a_count_goes_on_and_keeps_its_end(server):
    cache = shared(server.address)
    assert cache.add("n", 0, 60) and not cache.add("n", 5, 60)
    assert [cache.incr("n"), cache.incr("n", 2)] == [1, 3]
    with redis.Redis(port=server.port) as client:
        assert 0 < client.ttl("test:1:n") <= 60


def test_a_count_that_ran_out_is_not_begun_again_without_an_end(server):
    cache = shared(server.address)
    with pytest.raises(ValueError, match="not found"):
        cache.incr("gone")
    assert not cache.has_key("gone")


def test_a_killed_redis_leaves_each_process_its_own_memory(server, caplog):
    cache = shared(server.address)
    cache.set("n", 5)
    server.kill()
    assert cache.get("n", "nothing") == "nothing"
    assert cache.add("n", 0, 60)
    assert [cache.incr("n") for _ in range(3)] == [1, 2, 3]
    cache.set_many({"x": 1})
    assert cache.get_many(["x", "n"]) == {"x": 1, "n": 3}
    said = [record for record in caplog.records if record.name == "cchc.shared_cache"]
    assert [record.levelno for record in said] == [logging.WARNING]
    assert str(server.port) not in caplog.text


def test_threads_of_a_process_share_its_memory_and_what_is_known_of_redis(server, caplog):
    server.kill()
    found: list[object] = []
    shared(server.address).set("n", 7)
    thread = threading.Thread(target=lambda: found.append(shared(server.address).get("n")))
    thread.start()
    thread.join()
    assert found == [7]
    assert caplog.text.count("does not answer") == 1


def test_redis_is_used_again_when_it_is_back(server, caplog):
    cache = shared(server.address)
    server.kill()
    cache.set("n", 1)
    server.start()
    deadline = time.monotonic() + BACK_SECONDS
    with redis.Redis(port=server.port) as client:
        while not client.exists("test:1:n"):
            assert time.monotonic() < deadline, "Redis is back and nobody asks it"
            time.sleep(0.1)
            cache.set("n", 2)
    assert cache.get("n") == 2
    assert "answers again" in caplog.text


def test_a_connection_that_redis_closed_is_opened_again_without_a_word(server, caplog):
    cache = shared(server.address)
    cache.set("n", 1)
    with redis.Redis(port=server.port) as client:
        client.client_kill_filter(_type="normal", skipme=True)
    assert cache.get("n") == 1
    assert "does not answer" not in caplog.text


def test_a_paused_redis_is_asked_once_and_then_left_alone():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        asked: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    asked.append(silent.accept()[0])
                except OSError:
                    return

        listening = threading.Thread(target=accept, daemon=True)
        listening.start()
        cache = shared(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        for n in range(100):
            cache.set(f"k{n}", n)
        assert [cache.get(f"k{n}") for n in range(100)] == list(range(100))
        silent.shutdown(socket.SHUT_RDWR)
        listening.join()
        assert 1 <= len(asked) <= 3
        for connection in asked:
            connection.close()


def test_a_full_redis_is_no_error(server):
    with redis.Redis(port=server.port) as client:
        client.config_set("maxmemory", "1")
        client.config_set("maxmemory-policy", "noeviction")
    cache = shared(server.address)
    cache.set("n", 3)
    assert cache.get("n") == 3


def test_the_memory_keeps_to_its_number_of_entries(server):
    cache = shared(server.address, OPTIONS={"MAX_ENTRIES": 10})
    server.kill()
    cache.set_many({f"k{n}": n for n in range(50)})
    assert len(cache.get_many(f"k{n}" for n in range(50))) <= 10


def asked_in_a_process_of_its_own(address: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v0", "--no-imports", "-c", ASK],
        cwd=ROOT,
        env=os.environ | {"CCHC_REDIS_URL": address, "CCHC_API_LIMIT": "4", "LOG_LEVEL": "ERROR"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_all_processes_count_the_questions_of_an_address_together(server):
    assert asked_in_a_process_of_its_own(server.address) == "[False, False, False]"
    assert asked_in_a_process_of_its_own(server.address) == "[False, True, True]"


def test_without_redis_every_process_counts_for_itself(server):
    server.kill()
    assert asked_in_a_process_of_its_own(server.address) == "[False, False, False]"
    assert asked_in_a_process_of_its_own(server.address) == "[False, False, False]"


def test_counting_goes_on_when_redis_is_killed_midway(server, settings):
    settings.API_LIMIT = 2
    shared_caches = {"default": {"BACKEND": "cchc.shared_cache.SharedCache", "LOCATION": server.address}}
    with override_settings(CACHES=shared_caches):
        assert [floods.asks_too_often("203.0.113.9") for _ in range(3)] == [False, False, True]
        server.process.send_signal(signal.SIGSTOP)
        assert isinstance(caches["default"], SharedCache)
        answers = [floods.asks_too_often("203.0.113.9") for _ in range(4)]
    # The salt is new as well: the process begins to count once more.
    assert answers[-1] is True
