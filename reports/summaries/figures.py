"""Satisfaction, indicators and practices of a unit: what stands beside the index and the dossiers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

from django.db.models import QuerySet

from districts.models import Unit
from districts.prepared import Prepared
from reports.models import Activity, Indicator, Initiative, Observation, Satisfaction, Source
from reports.numbers_vi import date_vi
from reports.periods import Period

from .contents import UNIT, may_have, rows_of
from .dossiers import DossierSummary, period_label
from .results import Figure
from .satisfaction import SatisfactionSummary, satisfaction_of_unit

Row = TypeVar("Row", Observation, Initiative, Activity)
OBSERVATIONS: Prepared[Observation] = Prepared(
    lambda: (
        Observation.objects.public()
        .filter(unit=UNIT)
        .select_related("source", "indicator")
        .order_by("indicator__order", "indicator__slug", "ends_on", "pk")
    )
)
INITIATIVES: Prepared[Initiative] = Prepared(
    lambda: Initiative.objects.public().filter(unit=UNIT).select_related("source").order_by("name")
)
ACTIVITIES: Prepared[Activity] = Prepared(
    lambda: Activity.objects.public().filter(unit=UNIT).select_related("source").order_by("kind", "pk")
)


KINDS: tuple[type[Any], ...] = (Satisfaction, Observation, Initiative, Activity)


def _years() -> QuerySet[Any, tuple[int]]:
    first, *others = (
        kind.objects.public().filter(unit=UNIT).order_by().values_list("ends_on__year") for kind in KINDS
    )
    return first.union(*others)


YEARS = Prepared(_years)


@dataclass(frozen=True)
class ObservationSummary:
    indicator: Indicator
    row: Observation
    figure: Figure
    percent: Decimal | None
    period: str


@dataclass(frozen=True)
class Topic:
    """Indicators of one kind, in the catalogue's order."""

    title: str
    observations: tuple[ObservationSummary, ...]

    @property
    def sources(self) -> tuple[Source, ...]:
        return tuple({o.row.source_id: o.row.source for o in self.observations}.values())


@dataclass(frozen=True)
class ActivityGroup:
    """Activities of one kind, with where they are told of."""

    title: str
    rows: tuple[Activity, ...]


@dataclass(frozen=True)
class Activities:
    """What a unit did in a year, by kind, with where it is told of."""

    groups: tuple[ActivityGroup, ...]

    @property
    def sources(self) -> tuple[Source, ...]:
        return tuple({row.source_id: row.source for group in self.groups for row in group.rows}.values())


@dataclass(frozen=True)
class UnitFigures:
    """Everything beside the index and the dossiers that is known of a unit in a year (or in all years)."""

    satisfaction: tuple[SatisfactionSummary, ...]
    topics: tuple[Topic, ...]
    initiatives: tuple[Initiative, ...]
    activities: Activities


class YearRows(NamedTuple):
    """What is known of a unit in a year, as it was read."""

    satisfaction: tuple[SatisfactionSummary, ...]
    observations: Sequence[Observation]
    initiatives: Sequence[Initiative]
    activities: Sequence[Activity]


def figure_rows(unit: Unit, dossiers: Sequence[DossierSummary] = ()) -> dict[int, YearRows]:
    """Return what is known of a unit by year, newest first. Five queries, whatever the number of years.

    `dossiers` are the unit's, for how many of those served have judged.
    """
    satisfaction = satisfaction_of_unit(unit, dossiers)
    found = (
        _by_year(rows_of(unit, OBSERVATIONS)),
        _by_year(rows_of(unit, INITIATIVES)),
        _by_year(rows_of(unit, ACTIVITIES)),
    )
    years = sorted({*satisfaction, *(year for rows in found for year in rows)}, reverse=True)
    return {
        year: YearRows(
            satisfaction.get(year, ()),
            found[0].get(year, ()),
            found[1].get(year, ()),
            found[2].get(year, ()),
        )
        for year in years
    }


def figure_years(unit: Unit) -> set[int]:
    """Return the years of which `figure_rows` knows anything. One query."""
    if not any(may_have(unit, kind) for kind in KINDS):
        return set()
    return {year for (year,) in YEARS(unit=unit.pk)}


def _by_year(rows: Iterable[Row]) -> dict[int, list[Row]]:
    years: dict[int, list[Row]] = {}
    for row in rows:
        years.setdefault(row.ends_on.year, []).append(row)
    return years


def figures_of_year(rows: YearRows) -> UnitFigures:
    """Return the figures of one year in the order in which pages show them."""
    topics: dict[str, list[ObservationSummary]] = {topic: [] for topic in Indicator.Topic.values}
    for row in rows.observations:
        topics[row.indicator.topic].append(_observation(row))
    groups: dict[str, list[Activity]] = {kind: [] for kind in Activity.Kind.values}
    for activity in rows.activities:
        groups[activity.kind].append(activity)
    return UnitFigures(
        satisfaction=rows.satisfaction,
        topics=tuple(
            Topic(str(Indicator.Topic(key).label), tuple(own)) for key, own in topics.items() if own
        ),
        initiatives=tuple(rows.initiatives),
        activities=Activities(
            tuple(
                ActivityGroup(str(Activity.Kind(kind).label), tuple(own))
                for kind, own in groups.items()
                if own
            )
        ),
    )


def _observation(row: Observation) -> ObservationSummary:
    field = "numerator" if row.value is None else "value"
    period = Period(row.starts_on, row.ends_on) if row.starts_on else None
    return ObservationSummary(
        indicator=row.indicator,
        row=row,
        figure=Figure(
            getattr(row, field), row.quality_of(field), row.wording_of(field), row.source, row.note
        ),
        percent=_share(row.numerator, row.denominator),
        period=period_label(period) if period else date_vi(row.ends_on),
    )


def _share(numerator: Decimal | None, denominator: Decimal | None) -> Decimal | None:
    if numerator is None or not denominator:
        return None
    return Decimal(100) * numerator / denominator
