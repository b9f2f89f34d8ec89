"""How often did something happen within a time? Counted in the cache that all processes share."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.core.cache import cache
from django.utils import timezone

MINUTE = dt.timedelta(minutes=1)
DAY_SECONDS = 24 * 3600


def count(key: str, window: dt.timedelta) -> int:
    """Count one more, and return how many there were since the first of this window."""
    cache.add(key, 0, timeout=window.total_seconds())
    try:
        return cache.incr(key)
    except ValueError:  # it ran out between the two lines
        return 0


def counted(key: str) -> int:
    """Return how many there were, without counting one."""
    return int(cache.get(key, 0))


def count_from(address: str | None, what: str, window: dt.timedelta) -> int:
    """Count one more of something from an address, and return how many there were.

    The address itself is never kept: a hash with a random salt that lives for a day, in the cache only.
    """
    salt = _salt_of_today().encode()
    place = hashlib.blake2b((address or "").encode(), key=salt, digest_size=16).hexdigest()
    return count(f"{what}:{place}", window)


def _salt_of_today() -> str:
    day = f"salt-of-places:{timezone.localdate():%Y%m%d}"
    return str(cache.get_or_set(day, lambda: secrets.token_hex(16), timeout=DAY_SECONDS))
