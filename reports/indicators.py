"""The packaged catalogue of indicators: what is asked for every year, and what only some reports have told."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from django.db import transaction

from .models import Indicator

FILE = Path(__file__).resolve().parent / "data" / "indicators.toml"


def catalogue() -> list[dict[str, Any]]:
    """Return the packaged entries, fields of `Indicator` by name, in their order."""
    with FILE.open("rb") as file:
        entries: list[dict[str, Any]] = tomllib.load(file)["indicators"]
    return [entry | {"order": order} for order, entry in enumerate(entries, start=1)]


@transaction.atomic
def load_indicators() -> int:
    """Make the indicators that are missing and return how many; what an office changed of others stays."""
    known = set(Indicator.objects.values_list("slug", flat=True))
    missing = [Indicator(**entry) for entry in catalogue() if entry["slug"] not in known]
    for one in missing:
        one.full_clean()
    return len(Indicator.objects.bulk_create(missing))
