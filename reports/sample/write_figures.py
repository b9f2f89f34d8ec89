"""Write what stands beside the index: dossiers by month, satisfaction, indicators, initiatives."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import asdict
from decimal import Decimal

from districts.models import Unit
from reports.models import DossierCount, Indicator, Initiative, Observation, Satisfaction, Scope, Source

from .dossiers import Counts, Month, year_of
from .figures import INDICATORS, PRACTICES, observations, ratings, saved, sipas, whole_year
from .places import YEARS, Place, roster

# A year's counts by unit code, scope and year.
YearCounts = dict[tuple[str, str, int], Counts]


def write_figures(units: dict[str, Unit], source: Source, months: list[Month]) -> YearCounts:
    """Write the figures and return the dossiers of whole years, from which points are made."""
    DossierCount.objects.bulk_create(
        DossierCount(
            unit=units[m.code],
            scope=m.scope,
            source=source,
            starts_on=m.starts_on,
            ends_on=m.ends_on,
            **asdict(m.counts),
        )
        for m in months
    )
    by_year: dict[tuple[str, str, int], list[Month]] = defaultdict(list)
    for month in months:
        by_year[month.code, month.scope, month.starts_on.year].append(month)
    counts = {key: year_of(of_year) for key, of_year in by_year.items()}
    Satisfaction.objects.bulk_create(
        row
        for year in YEARS
        for place in roster(year)
        for row in _satisfaction(place, year, counts, units, source)
    )
    _write_indicators(units, source)
    Initiative.objects.bulk_create(_initiatives(units, source, counts))
    return counts


def _satisfaction(
    place: Place, year: int, counts: YearCounts, units: dict[str, Unit], source: Source
) -> list[Satisfaction]:
    starts_on, ends_on = whole_year(year)
    kinds = (
        (Satisfaction.Kind.SIPAS, Scope.TERRITORY, sipas(place, year)),
        (Satisfaction.Kind.RATING, Scope.OWN, ratings(place, year, counts[place.code, "own", year])),
    )
    return [
        Satisfaction(
            unit=units[place.code],
            scope=scope,
            kind=kind,
            source=source,
            starts_on=starts_on,
            ends_on=ends_on,
            is_random_sample=kind == Satisfaction.Kind.SIPAS,
            **asdict(survey),
        )
        for kind, scope, survey in kinds
    ]


def _write_indicators(units: dict[str, Unit], source: Source) -> None:
    catalogue = {
        text.slug: Indicator.objects.get_or_create(
            slug=text.slug,
            # The catalogue asks for the same every year under its own names.
            defaults={k: v for k, v in asdict(text).items() if k != "slug"}
            | {"order": 900 + i, "is_active": False},
        )[0]
        for i, text in enumerate(INDICATORS)
    }
    Observation.objects.bulk_create(
        Observation(
            indicator=catalogue[text.slug],
            unit=units[place.code],
            scope=Scope.OWN,
            source=source,
            starts_on=whole_year(year)[0],
            ends_on=whole_year(year)[1],
            value=Decimal(value),
        )
        for year in YEARS
        for place in roster(year)
        for text, value in observations(place, year)
    )


def _initiatives(units: dict[str, Unit], source: Source, counts: YearCounts) -> list[Initiative]:
    rows = []
    for practice in PRACTICES:
        dossiers, hours, dong = saved(practice, counts[practice.code, "own", practice.year])
        starts_on, ends_on = whole_year(practice.year)
        rows.append(
            Initiative(
                unit=units[practice.code],
                source=source,
                starts_on=starts_on,
                ends_on=ends_on,
                name=practice.name,
                description=practice.description,
                dossiers=dossiers,
                hours_saved=hours,
                dong_saved=dong or None,
            )
        )
    return rows
