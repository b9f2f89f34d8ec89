"""Too many answers or questions from one place? Counted in the cache for minutes, under a hash that hides it."""

from __future__ import annotations

import datetime as dt
import hashlib
import ipaddress
import secrets

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

WINDOW = dt.timedelta(minutes=10)
MINUTE = dt.timedelta(minutes=1)
DAY_SECONDS = 24 * 3600
# A household or a phone has a whole network of this size in IPv6.
IPV6_PREFIX = 64


def is_flooded(desk_code: str, address: str | None) -> bool:
    """Count an answer, and return whether its place has sent this desk more than may come from one in ten minutes.

    A one-stop shop's own Wi-Fi is one address for everybody who waits there, so the limit is generous. The address
    itself is never kept: a hash with a random salt that lives for a day, in the cache only.
    """
    return _count(f"desk:{desk_code}:{_hash(address or '')}", WINDOW) > settings.DESK_LIMIT


def asks_too_often(address: str | None) -> bool:
    """Count a question to the API, and return whether its place has asked more than may be in a minute."""
    return _count(f"api:{_hash(address or '')}", MINUTE) > settings.API_LIMIT


def _count(key: str, window: dt.timedelta) -> int:
    cache.add(key, 0, timeout=window.total_seconds())
    try:
        return cache.incr(key)
    except ValueError:  # it ran out between the two lines
        return 0


def _hash(address: str) -> str:
    return hashlib.blake2b(
        _network(address).encode(), key=_salt_of_today().encode(), digest_size=16
    ).hexdigest()


def _salt_of_today() -> str:
    day = f"desk-salt:{timezone.localdate():%Y%m%d}"
    return str(cache.get_or_set(day, lambda: secrets.token_hex(16), timeout=DAY_SECONDS))


def _network(address: str) -> str:
    """Return an IPv4 address as it is, an IPv6 address as its network."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return str(found)
    return str(ipaddress.ip_network((found, IPV6_PREFIX), strict=False))
