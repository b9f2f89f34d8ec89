"""Too many answers or questions from one place?"""

from __future__ import annotations

import datetime as dt

from django.conf import settings

from districts.floods import MINUTE, count_from

WINDOW = dt.timedelta(minutes=10)


def is_flooded(desk_code: str, address: str | None) -> bool:
    """Count an answer, and return whether its place has sent this desk more than may come from one in ten minutes.

    A one-stop shop's own Wi-Fi is one address for everybody who waits there, so the limit is generous.
    """
    return count_from(address, f"desk:{desk_code}", WINDOW) > settings.DESK_LIMIT


def asks_too_often(address: str | None) -> bool:
    """Count a question to the API, and return whether its place has asked more than may be in a minute."""
    return count_from(address, "api", MINUTE) > settings.API_LIMIT
