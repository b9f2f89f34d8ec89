"""How often did something happen within a time? Counted in the cache that all processes share."""

from __future__ import annotations

import datetime as dt

from django.core.cache import cache


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
