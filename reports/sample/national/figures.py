"""The invented figures of the country: points, dossiers by month and field, satisfaction; pure.

Millions of counts: each unit and field has one stream of chance, and each month takes one draw of it.
"""

from __future__ import annotations

import calendar
import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import fields as fields_of
from decimal import Decimal

from reports.sample.chance import Chance
from reports.sample.dossiers import SEASON, Counts
from reports.sample.figures import Survey

from .places import LAST_YEAR, Size

SEED = "mau-quoc-gia/1"
COUNTS = tuple(field.name for field in fields_of(Counts))
# A source counts so many dossiers of a field in a usual month, at a district and at a commune.
DISTRICT_USUAL, COMMUNE_USUAL = (8, 60), (2, 24)
FEWEST_FIELDS, MORE_FIELDS = 8, 3


@dataclass(frozen=True)
class Points:
    """What one unit got on one component."""

    own: Decimal
    appraised: Decimal


def points_of(code: str, year: int, maxima: list[Decimal]) -> list[Points]:
    """Return a unit's points on each component, in hundredths; units do not score themselves below the appraisal."""
    quality = Chance(SEED, code).between(560, 860)
    chance = Chance(SEED, code, year)
    level = quality + 8 * (year - LAST_YEAR) + chance.between(-40, 40)
    found = []
    for maximum in maxima:
        most = int(maximum * 100)
        given = most * max(0, min(1000, chance.around(level, 260))) // 1000
        own = given + (most - given) * chance.between(0, 500) // 1000
        found.append(Points(Decimal(own).scaleb(-2), Decimal(given).scaleb(-2)))
    return found


def fields_of_commune(number: int, slugs: list[str]) -> list[str]:
    """Return the 8 to 10 fields that a commune decides on."""
    count = FEWEST_FIELDS + number % MORE_FIELDS
    return [slugs[(number + i) % len(slugs)] for i in range(count)]


def months(size: Size) -> list[tuple[dt.date, dt.date]]:
    return [
        (dt.date(year, month, 1), dt.date(year, month, calendar.monthrange(year, month)[1]))
        for year in size.index_years
        for month in range(1, size.months + 1)
    ]


def dossiers(
    code: str, fields: list[str], usual: tuple[int, int], size: Size
) -> Iterator[tuple[str | None, dt.date, dt.date, list[int]]]:
    """Yield a unit's counts, in the order of COUNTS, by field and month; then of all fields (None) by month."""
    spans = months(size)
    sums = [[0] * len(COUNTS) for _ in spans]
    for field in fields:
        chance = random.Random(f"{SEED}/{code}/{field}")  # noqa: S311
        low, high = usual
        often = low + int(chance.random() * (high - low + 1))
        left = often // 4
        for number, (starts_on, ends_on) in enumerate(spans):
            counts = _counts(int(chance.random() * 2**50), often, starts_on, left)
            left = counts[PENDING]
            total = sums[number]
            for place, count in enumerate(counts):
                total[place] += count
            yield field, starts_on, ends_on, counts
    for (starts_on, ends_on), total in zip(spans, sums, strict=True):
        yield None, starts_on, ends_on, total


PENDING = COUNTS.index("pending")


def _counts(draw: int, usual: int, month: dt.date, carried_over: int) -> list[int]:
    """Return a month's counts that hold every identity of form II.06, from one draw of 50 bits."""
    draw, busy = divmod(draw, 301)
    draw, waits = divmod(draw, 81)
    draw, lateness = divmod(draw, 61)
    draw, haste = divmod(draw, 201)
    draw, drift = divmod(draw, 101)
    trend = 60 * (month.year - LAST_YEAR) + drift
    arrived = usual * SEASON[month.month - 1] * (850 + busy) // 100_000
    received = arrived + carried_over
    pending = min(arrived, received * (20 + waits) // 1000)
    resolved = received - pending
    late = resolved * lateness // 1000
    early = (resolved - late) * (480 + haste) // 1000
    on_time = resolved - late - early
    online = arrived * max(40, 740 + trend) // 1000
    waiting = pending // 5
    return [
        *(received, online, arrived - online, carried_over),
        *(resolved, early, on_time, late, early + on_time),
        *(pending, pending - waiting, waiting, (pending - waiting) // 8),
        *(on_time // 40, on_time // 90),
        *(arrived * max(60, 710 + trend) // 1000, resolved * max(80, 790 + trend) // 1000),
    ]


def satisfaction(code: str, year: int, kind: str) -> Survey:
    """Return a unit's survey (or ratings) of a year."""
    chance = Chance(SEED, code, year, kind)
    asked = chance.between(180, 320) if kind == "sipas" else chance.between(900, 6000)
    satisfied = asked * chance.between(800, 975) // 1000
    very, neutral = satisfied * chance.between(350, 620) // 1000, (asked - satisfied) * 7 // 10
    poor = (asked - satisfied - neutral) * 8 // 10
    worst = asked - satisfied - neutral - poor
    levels = {"5": very, "4": satisfied - very, "3": neutral, "2": poor, "1": worst}
    percent = Decimal((20_000 * satisfied + asked) // (2 * asked)).scaleb(-2)
    return Survey(satisfied, asked, percent, levels)
