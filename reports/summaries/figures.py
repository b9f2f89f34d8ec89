"""Satisfaction, indicators and practices of a unit: what stands beside the index and the dossiers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from districts.models import Unit
from reports.models import Activity, Indicator, Initiative, Observation, Satisfaction
from reports.periods import Period

from .dossiers import period_label
from .results import Figure


@dataclass(frozen=True)
class SatisfactionSummary:
    """One count of judgements; the share is of all who answered, and n is always shown."""

    row: Satisfaction
    label: str
    period: str
    percent: Figure | None
    levels: tuple[tuple[str, int], ...]

    @property
    def is_saturated(self) -> bool:
        """All were satisfied: such a share carries no ranking information."""
        return self.row.respondents is not None and self.row.satisfied == self.row.respondents


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

    key: str
    observations: tuple[ObservationSummary, ...]


@dataclass(frozen=True)
class UnitFigures:
    """Everything beside the index and the dossiers that is known of a unit in a year (or in all years)."""

    satisfaction: tuple[SatisfactionSummary, ...]
    topics: tuple[Topic, ...]
    initiatives: tuple[Initiative, ...]
    activities: tuple[Activity, ...]


def figures_of_unit(unit: Unit) -> dict[int, UnitFigures]:
    """Return a unit's figures by year, newest first. Four queries, whatever the number of years."""
    satisfaction = (
        Satisfaction.objects.filter(unit=unit).select_related("source").order_by("kind", "scope", "pk")
    )
    observations = (
        Observation.objects.filter(unit=unit)
        .select_related("source", "indicator")
        .order_by("indicator__order", "indicator__slug", "ends_on", "pk")
    )
    initiatives = Initiative.objects.filter(unit=unit).select_related("source").order_by("name")
    activities = Activity.objects.filter(unit=unit).select_related("source").order_by("kind", "pk")
    by_kind = [list(rows) for rows in (satisfaction, observations, initiatives, activities)]
    years = sorted({row.ends_on.year for rows in by_kind for row in rows}, reverse=True)
    return {
        year: _of_year(*([r for r in rows if r.ends_on.year == year] for rows in by_kind)) for year in years
    }


def _of_year(
    satisfaction: list[Satisfaction],
    observations: list[Observation],
    initiatives: list[Initiative],
    activities: list[Activity],
) -> UnitFigures:
    topics: dict[str, list[ObservationSummary]] = {}
    for row in observations:
        topics.setdefault(row.indicator.topic, []).append(_observation(row))
    return UnitFigures(
        satisfaction=tuple(_satisfaction(row) for row in satisfaction),
        topics=tuple(Topic(key, tuple(rows)) for key, rows in topics.items()),
        initiatives=tuple(initiatives),
        activities=tuple(activities),
    )


def _satisfaction(row: Satisfaction) -> SatisfactionSummary:
    percent = None
    if row.percent is not None:
        percent = Figure(row.percent, row.quality_of("percent"), row.wording_of("percent"), row.source)
    elif row.satisfied is not None and row.respondents:
        percent = Figure(Decimal(100) * row.satisfied / row.respondents)
    return SatisfactionSummary(
        row=row,
        label=str(row.get_kind_display()),
        period=period_label(Period(row.starts_on, row.ends_on)),
        percent=percent,
        levels=tuple(sorted(row.level_counts.items(), reverse=True)),
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
        period=period_label(period) if period else f"{row.ends_on:%d/%m/%Y}",
    )


def _share(numerator: Decimal | None, denominator: Decimal | None) -> Decimal | None:
    if numerator is None or not denominator:
        return None
    return Decimal(100) * numerator / denominator
