"""A cache in Redis that all processes share; while Redis is away, each process goes on with a memory of its own."""

from __future__ import annotations

import hmac
import logging
import pickle
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from django.utils.crypto import salted_hmac
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as LostConnectionError
from redis.exceptions import RedisError
from redis.retry import Retry

log = logging.getLogger(__name__)

# What one page waits at most for a Redis that does not answer, and for how long nobody asks it again afterwards.
ANSWER_SECONDS = 0.2
PAUSE_SECONDS = 5.0
DIGEST_BYTES = 32
# What Sealed reads where the bytes are not those of this key.
NOT_OURS = object()
# Counts on in one step: between "is it there?" and "one more" it might run out, and come back without an end.
COUNT_ON = "if redis.call('exists', KEYS[1]) == 0 then return false end return redis.call('incrby', KEYS[1], ARGV[1])"


class Breaker:
    """Whether a server is asked: after a failure one question each PAUSE_SECONDS tries it, until one is answered."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next_try: float | None = None

    def may_ask(self) -> bool:
        if self._next_try is None:
            return True
        with self._lock:
            if self._next_try is not None and time.monotonic() < self._next_try:
                return False
            self._next_try = time.monotonic() + PAUSE_SECONDS
            return True

    def failed(self, error: Exception) -> None:
        with self._lock:
            was_fine, self._next_try = self._next_try is None, time.monotonic() + PAUSE_SECONDS
        if was_fine:
            # Its kind only: a message may carry the address, and with it a password.
            log.warning("The shared cache does not answer (%s): each process keeps its own", _kind(error))

    def answered(self) -> None:
        if self._next_try is None:
            return
        with self._lock:
            self._next_try = None
        log.warning("The shared cache answers again")


def _kind(error: Exception) -> str:
    return type(error).__name__


# Django makes a cache object for each thread; what is known of a server is known to the whole process.
_breakers: dict[str, Breaker] = {}
_breakers_lock = threading.Lock()


def breaker_of(location: str) -> Breaker:
    with _breakers_lock:
        return _breakers.setdefault(location, Breaker())


class Sealed:
    """Django's serializer for Redis, each value under a keyed hash: nobody else's bytes are ever unpickled.

    Numbers stay as they are, so that Redis can count.
    """

    def __init__(self) -> None:
        self._key = salted_hmac("cchc.shared_cache", "", algorithm="sha256").digest()

    def dumps(self, value: Any) -> bytes | int:
        if type(value) is int:
            return value
        pickled = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
        return self._hash(pickled) + pickled

    def loads(self, found: bytes) -> Any:
        """Return the value; NOT_OURS where another key or somebody else wrote it."""
        if found.removeprefix(b"-").isdigit():
            return int(found)
        told, pickled = found[:DIGEST_BYTES], found[DIGEST_BYTES:]
        if not hmac.compare_digest(told, self._hash(pickled)):
            return NOT_OURS
        return pickle.loads(pickled)  # noqa: S301 - written by this program

    def _hash(self, pickled: bytes) -> bytes:
        return hmac.digest(self._key, pickled, "sha256")


class CountingClient(RedisCacheClient):
    def incr(self, key: Any, delta: int) -> int:
        counted: Any = self.get_client(key, write=True).eval(COUNT_ON, 1, key, str(delta))
        if counted is None:
            raise ValueError(f"Key '{key}' not found.")
        return int(counted)


class CountingCache(RedisCache):
    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(location, params)
        self._class = CountingClient


class SharedCache(BaseCache):
    """Django's RedisCache with a LocMemCache behind it that never raises for Redis' sake.

    LOCATION is one redis:// address, OPTIONS those of LocMemCache. What was put in memory while Redis was away stays
    there: a value read later may be missing, as in any cache. `clear` empties the whole Redis database.
    """

    def __init__(self, location: str, params: dict[str, Any]) -> None:
        super().__init__(params)
        self._breaker = breaker_of(location)
        self._memory = LocMemCache(f"{location} {self.key_prefix}", params)
        self._redis = CountingCache(location, {**params, "OPTIONS": connection_options()})

    def _ask(self, name: str, *arguments: Any) -> Any:
        """Call the method of Redis, or that of the memory where Redis is away."""
        if self._breaker.may_ask():
            asked: Callable[..., Any] = getattr(self._redis, name)
            try:
                answer = asked(*arguments)
            except RedisError as error:
                self._breaker.failed(error)
            except ValueError:  # nothing to count on: an answer too
                self._breaker.answered()
                raise
            else:
                self._breaker.answered()
                return answer
        return getattr(self._memory, name)(*arguments)

    def add(
        self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        return bool(self._ask("add", key, value, timeout, version))

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        found = self._ask("get", key, default, version)
        return default if found is NOT_OURS else found

    def set(
        self, key: Any, value: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        self._ask("set", key, value, timeout, version)

    def touch(self, key: Any, timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        return bool(self._ask("touch", key, timeout, version))

    def delete(self, key: Any, version: int | None = None) -> bool:
        return bool(self._ask("delete", key, version))

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        wanted = list(keys)
        found = dict(self._ask("get_many", wanted, version)) if wanted else {}
        return {key: value for key, value in found.items() if value is not NOT_OURS}

    def has_key(self, key: Any, version: int | None = None) -> bool:
        return bool(self._ask("has_key", key, version))

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> int:
        return int(self._ask("incr", key, delta, version))

    def set_many(
        self, data: dict[Any, Any], timeout: float | None = DEFAULT_TIMEOUT, version: int | None = None
    ) -> list[Any]:
        return list(self._ask("set_many", data, timeout, version))

    def delete_many(self, keys: Iterable[Any], version: int | None = None) -> None:
        self._ask("delete_many", list(keys), version)

    def clear(self) -> None:
        self._ask("clear")


def connection_options() -> dict[str, Any]:
    """How Redis is spoken to: one more try where a kept connection was closed, none where nobody answers in time."""
    return {
        "serializer": Sealed,
        "socket_timeout": ANSWER_SECONDS,
        "socket_connect_timeout": ANSWER_SECONDS,
        "retry": Retry(NoBackoff(), 1, supported_errors=(LostConnectionError,)),
    }
