"""Is somebody guessing one person's password from many addresses? django-axes looks at each address alone."""

from __future__ import annotations

import datetime as dt
from hashlib import sha256

from axes.models import AccessLog
from django.conf import settings

from . import floods

HOUR = dt.timedelta(hours=1)


def is_guessed(username: str, address: str | None) -> bool:
    """Return whether too many passwords of this name were wrong within the hour, whether anybody has it or not.

    An address from which the person has logged in before need not wait: nobody locks out somebody else from afar.
    """
    if floods.counted(_key(username)) < settings.ACCOUNT_ATTEMPTS:
        return False
    return not AccessLog.objects.filter(username=username, ip_address=address).exists()


def note(username: str) -> None:
    """Count a wrong password."""
    floods.count(_key(username), HOUR)


def _key(username: str) -> str:
    return f"guessed-{sha256(username.encode()).hexdigest()}"
