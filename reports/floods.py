"""Too many answers or questions from one place? Counted in the cache for minutes, under a hash that hides it."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.conf import settings
from django.core.cache import cache
from django.utils import timezone

from districts.floods import count

WINDOW = dt.timedelta(minutes=10)
MINUTE = dt.timedelta(minutes=1)
DAY_SECONDS = 24 * 3600


def is_flooded(desk_code: str, address: str | None) -> bool:
    """Count an answer, and return whether its place has sent this desk more than may come from one in ten minutes.

    A one-stop shop's own Wi-Fi is one address for everybody who waits there, so the limit is generous. The address
    itself is never kept: a hash with a random salt that lives for a day, in the cache only.
    """
    return count(f"desk:{desk_code}:{_hash(address or '')}", WINDOW) > settings.DESK_LIMIT


def asks_too_often(address: str | None) -> bool:
    """Count a question to the API, and return whether its place has asked more than may be in a minute."""
    return count(f"api:{_hash(address or '')}", MINUTE) > settings.API_LIMIT


def _hash(address: str) -> str:
    return hashlib.blake2b(address.encode(), key=_salt_of_today().encode(), digest_size=16).hexdigest()


def _salt_of_today() -> str:
    day = f"desk-salt:{timezone.localdate():%Y%m%d}"
    return str(cache.get_or_set(day, lambda: secrets.token_hex(16), timeout=DAY_SECONDS))
