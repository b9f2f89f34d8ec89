"""What do an organiser's units give together? Each indicator as it declares: summed, as a share of sums, or not at all.

Each scope stands for itself, for one may contain another; of several figures of a year a unit's latest counts.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from statistics import median

from districts.models import Organiser, Unit
from reports.models import Indicator, Observation, Quality, Scope
from reports.periods import Period

from .dossiers import period_label
from .entered import expected_units

Aggregation = Indicator.Aggregation
EXACT = frozenset({Quality.EXACT, Quality.DERIVED})


@dataclass(frozen=True)
class UnitFigure:
    """A unit's figure of an indicator and a scope: a value, counts, or both."""

    unit: Unit
    row: Observation

    @property
    def has_counts(self) -> bool:
        return self.row.numerator is not None and bool(self.row.denominator)

    @property
    def compared(self) -> Decimal | None:
        """Return what units are laid side by side by: the value, else the share in percent."""
        if self.row.value is not None or self.row.numerator is None or not self.row.denominator:
            return self.row.value
        return 100 * self.row.numerator / self.row.denominator

    @property
    def period(self) -> str:
        row = self.row
        return (
            period_label(Period(row.starts_on, row.ends_on)) if row.starts_on else f"{row.ends_on:%d/%m/%Y}"
        )


@dataclass(frozen=True)
class RollUp:
    """One indicator in one scope, over all units that should tell it."""

    indicator: Indicator
    scope: str
    figures: tuple[UnitFigure, ...]
    missing: tuple[Unit, ...]

    @property
    def scope_label(self) -> str:
        return str(Scope(self.scope).label)

    @property
    def covered(self) -> str:
        """Return how many of the units the row covers: "28/30"."""
        return f"{len(self.figures)}/{len(self.figures) + len(self.missing)}"

    @property
    def counted(self) -> tuple[UnitFigure, ...]:
        """Return the figures that the result is made of."""
        if self.indicator.aggregation == Aggregation.RATIO:
            return tuple(one for one in self.figures if one.has_counts)
        if self.indicator.aggregation == Aggregation.SUM:
            return tuple(one for one in self.figures if one.row.value is not None)
        return ()

    @property
    def uncounted(self) -> tuple[UnitFigure, ...]:
        """Return the figures that cannot be added though the indicator is: shares without their counts."""
        if self.indicator.aggregation == Aggregation.NONE:
            return ()
        return tuple(one for one in self.figures if one not in self.counted)

    @property
    def total(self) -> Decimal | None:
        """Return the sum of the units' values; None where they are not added."""
        if self.indicator.aggregation != Aggregation.SUM or not self.counted:
            return None
        return sum((one.row.value or Decimal() for one in self.counted), Decimal())

    @property
    def numerator(self) -> Decimal | None:
        return self._sum_of("numerator")

    @property
    def denominator(self) -> Decimal | None:
        return self._sum_of("denominator")

    @property
    def share(self) -> Decimal | None:
        """Return all numerators over all denominators, in percent: never the mean of the units' shares."""
        if self.numerator is None or not self.denominator:
            return None
        return 100 * self.numerator / self.denominator

    @property
    def quality(self) -> str:
        """Return how exact the result is: one bound among exact figures makes a bound, different ones are about."""
        fields = ("value",) if self.indicator.aggregation == Aggregation.SUM else ("numerator", "denominator")
        told = {one.row.quality_of(name) for one in self.counted for name in fields} - EXACT
        if not told:
            return Quality.EXACT.value
        # A bound of a part says nothing so simple of a share.
        is_bound = len(told) == 1 and self.indicator.aggregation == Aggregation.SUM
        return str(told.pop()) if is_bound else Quality.ABOUT.value

    @property
    def quality_label(self) -> str:
        return str(Quality(self.quality).label)

    @property
    def is_bound(self) -> bool:
        return self.quality != Quality.EXACT

    @property
    def periods(self) -> list[str]:
        """Return the periods the figures are of: five months and twelve are not one thing."""
        ordered = sorted(self.figures, key=lambda one: (one.row.ends_on, one.row.starts_on or dt.date.min))
        return list(dict.fromkeys(one.period for one in ordered))

    @property
    def lowest(self) -> UnitFigure | None:
        return min(self._comparable, key=_by_value, default=None)

    @property
    def highest(self) -> UnitFigure | None:
        return max(self._comparable, key=_by_value, default=None)

    @property
    def middle(self) -> Decimal | None:
        return median(map(_by_value, self._comparable)) if self._comparable else None

    @property
    def _comparable(self) -> list[UnitFigure]:
        return [one for one in self.figures if one.compared is not None]

    def _sum_of(self, name: str) -> Decimal | None:
        if self.indicator.aggregation != Aggregation.RATIO or not self.counted:
            return None
        return sum((getattr(one.row, name) for one in self.counted), Decimal())


def roll_up(organiser: Organiser, year: int) -> list[RollUp]:
    """Return the indicators of a year over the organiser's units, in the catalogue's order, scope by scope.

    What units have entered, public or not: for the organiser's people only. Indicators that are asked for stand here
    also where no unit has told them. At most four queries.
    """
    units = expected_units(organiser, Period(dt.date(year, 1, 1), dt.date(year, 12, 31)))
    found = _latest(units, year)
    indicators = sorted(
        Indicator.objects.all(),
        key=lambda one: (Indicator.Topic.values.index(one.topic), one.order, one.slug),
    )
    return [
        _one(indicator, scope, units, found.get((indicator.pk, scope), {}))
        for indicator in indicators
        for scope in _scopes(indicator, found)
    ]


def _scopes(indicator: Indicator, found: Mapping[tuple[int, str], object]) -> list[str]:
    told = [scope for scope in Scope.values if (indicator.pk, scope) in found]
    return told or ([Scope.OWN.value] if indicator.is_active else [])


def _latest(units: Sequence[Unit], year: int) -> dict[tuple[int, str], dict[int, Observation]]:
    """Return each unit's latest figure of the year by indicator and scope."""
    rows = Observation.objects.in_work().filter(unit__in=[unit.pk for unit in units], ends_on__year=year)
    found: dict[tuple[int, str], dict[int, Observation]] = defaultdict(dict)
    for row in rows.order_by("ends_on", "pk"):
        found[row.indicator_id, row.scope][row.unit_id] = row
    return found


def _one(indicator: Indicator, scope: str, units: Sequence[Unit], rows: Mapping[int, Observation]) -> RollUp:
    return RollUp(
        indicator,
        scope,
        tuple(UnitFigure(unit, rows[unit.pk]) for unit in units if unit.pk in rows),
        tuple(unit for unit in units if unit.pk not in rows),
    )


def _by_value(one: UnitFigure) -> Decimal:
    return one.compared or Decimal()
