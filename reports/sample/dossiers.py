"""Monthly dossier counts that add up: every identity of form II.06 holds, month follows month."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from .chance import Chance, share
from .places import MERGED, MERGED_INTO, PLACES, Place

Scope = Literal["own", "communes"]
SCOPES: tuple[Scope, ...] = ("own", "communes")
# Percent of a usual month: Tết in the first two, a rush before the school year and at the year's end.
SEASON = (88, 76, 106, 104, 103, 101, 99, 108, 105, 102, 103, 105)
# Thousandths of receipts online, of components and results digitised, by year; spread by unit.
ONLINE = {2020: 170, 2021: 330, 2022: 520, 2023: 680, 2024: 800}
DIGITISED = {2020: 240, 2021: 390, 2022: 560, 2023: 690, 2024: 790}
RESULTS = {2020: 300, 2021: 470, 2022: 650, 2023: 780, 2024: 870}


@dataclass(frozen=True)
class Counts:
    """The columns of reports.models.DossierCount that the sample fills; `received` includes `carried_over`."""

    received: int
    received_online: int
    received_direct: int
    carried_over: int
    resolved: int
    resolved_early: int
    resolved_on_time: int
    resolved_late: int
    on_time_or_early: int
    pending: int
    pending_on_time: int
    pending_late: int
    awaiting_supplement: int
    returned: int
    withdrawn: int
    digitised_on_receipt: int
    digitised_results: int


@dataclass(frozen=True)
class Month:
    """One unit's counts of one month in one scope."""

    code: str
    scope: Scope
    starts_on: dt.date
    ends_on: dt.date
    counts: Counts


def all_months() -> list[Month]:
    """Return every month of every unit, in order of time; a merged unit carries over what its parts left."""
    months: list[Month] = []
    pending: dict[tuple[str, Scope], int] = {}
    for place in PLACES:
        for scope in SCOPES:
            chance = Chance(place.code, scope, "carried over")
            left = chance.between(20, 60) * _usual(place, scope) // 1000
            if place.code == MERGED_INTO:
                left = sum(pending[code, scope] for code in MERGED)
            for year in range(place.first_year, place.last_year + 1):
                for month in range(1, 13):
                    one = _month(place, scope, year, month, left)
                    months.append(one)
                    left = one.counts.pending
            pending[place.code, scope] = left
    return months


def year_of(months: Iterable[Month]) -> Counts:
    """Add up the adjoining months of a year: carried over is the first month's, pending the last's."""
    ordered = sorted(months, key=lambda m: m.starts_on)
    sums = {name: sum(getattr(m.counts, name) for m in ordered) for name in asdict(ordered[0].counts)}
    first, last = ordered[0].counts, ordered[-1].counts
    still = ("pending", "pending_on_time", "pending_late", "awaiting_supplement")
    sums |= {name: getattr(last, name) for name in still}
    sums["carried_over"] = first.carried_over
    sums["received"] = first.carried_over + sums["received_online"] + sums["received_direct"]
    return Counts(**sums)


def _usual(place: Place, scope: Scope) -> int:
    return place.dossiers if scope == "own" else place.dossiers + 95 * place.communes


def _late_permille(place: Place, scope: Scope, year: int) -> int:
    """Return the thousandths resolved late in a year: seldom at good units, over 20 costs points."""
    weakness = max(0, 1000 - place.level(year, "3"))
    return 2 + weakness * Chance(place.code, scope, year, "late").between(8, 78) // 1000


def _month(place: Place, scope: Scope, year: int, month: int, carried_over: int) -> Month:
    chance = Chance(place.code, scope, year, month)
    days = calendar.monthrange(year, month)[1]
    ends_on = dt.date(year, month, days)
    arrived = _usual(place, scope) * SEASON[month - 1] * chance.around(1000, 70) // 100_000
    if (year, month) in {(2020, 4), (2021, 7), (2021, 8), (2021, 9)}:
        # Distancing during the epidemic.
        arrived = arrived * 68 // 100
    received = arrived + carried_over
    pending = min(arrived, share(received, chance.around(48, 18)))
    resolved = received - pending
    late = share(resolved, max(0, chance.around(_late_permille(place, scope, year), 2)))
    early = share(resolved - late, chance.around(610, 90))
    pending_late = share(pending, chance.between(0, 25))
    online = share(arrived, _trend(ONLINE, place, scope, year, chance))
    counts = Counts(
        received=received,
        received_online=online,
        received_direct=arrived - online,
        carried_over=carried_over,
        resolved=resolved,
        resolved_early=early,
        resolved_on_time=resolved - late - early,
        resolved_late=late,
        on_time_or_early=resolved - late,
        pending=pending,
        pending_on_time=pending - pending_late,
        pending_late=pending_late,
        awaiting_supplement=share(pending - pending_late, chance.between(20, 120)),
        returned=share(resolved - late - early, chance.between(5, 40)),
        withdrawn=share(resolved - late - early, chance.between(0, 15)),
        digitised_on_receipt=share(arrived, _trend(DIGITISED, place, scope, year, chance)),
        digitised_results=share(resolved, _trend(RESULTS, place, scope, year, chance)),
    )
    return Month(place.code, scope, dt.date(year, month, 1), ends_on, counts)


def _trend(by_year: dict[int, int], place: Place, scope: Scope, year: int, chance: Chance) -> int:
    """Return this month's thousandths: the province's trend, ahead or behind by unit."""
    ahead = (place.level(year, "7") - 750) // 3
    return min(985, max(20, chance.around(by_year[year] + ahead - (25 if scope == "communes" else 0), 25)))
