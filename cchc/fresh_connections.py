"""A connection to the database that answered a moment ago is not asked again whether it is there.

Django asks with each request (CONN_HEALTH_CHECKS), which under load is a question more for every page. If the database
went away within that moment, one request finds out: it is told to come again, and its connection is given up.
"""

from __future__ import annotations

import time
from typing import Any
from weakref import WeakKeyDictionary

from django.core.signals import request_finished, request_started
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

MOMENT = 1.0
# When each connection of this process last answered, by time.monotonic.
_answered: WeakKeyDictionary[BaseDatabaseWrapper, float] = WeakKeyDictionary()


def note(**_said: Any) -> None:
    for one in connections.all(initialized_only=True):
        if one.connection is not None and not one.errors_occurred:
            _answered[one] = time.monotonic()


def trust(**_said: Any) -> None:
    for one in connections.all(initialized_only=True):
        if one.connection is not None and time.monotonic() - _answered.get(one, float("-inf")) < MOMENT:
            one.health_check_done = True  # type: ignore[attr-defined]


def watch() -> None:
    """Begin to note and to trust; after Django's own receivers, which let go of what is old."""
    request_finished.connect(note, dispatch_uid="cchc.fresh_connections")
    request_started.connect(trust, dispatch_uid="cchc.fresh_connections")
