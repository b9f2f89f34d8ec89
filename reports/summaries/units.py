"""A unit through all its years: its results, and which years have dossiers or other figures."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from districts.models import Organiser, OrganiserUnit, Unit

from .dossiers import DossierSummary, dossiers_of_unit
from .figures import figures_of_unit
from .results import UnitResult, results_of_unit


@dataclass(frozen=True)
class UnitYear:
    """One year of a unit: what is known of it, and where its dashboard is."""

    year: int
    url: str
    organiser: Organiser
    result: UnitResult | None
    dossiers: tuple[DossierSummary, ...]
    has_other_figures: bool


@dataclass(frozen=True)
class UnitHistory:
    unit: Unit
    years: tuple[UnitYear, ...]

    @property
    def results(self) -> tuple[UnitResult, ...]:
        """The results, newest first."""
        return tuple(y.result for y in self.years if y.result)


def unit_history(unit: Unit) -> UnitHistory:
    """Return all years of a unit, newest first; a constant number of queries."""
    results = {(r.year.organiser_id, r.year.year): r for r in results_of_unit(unit)}
    dossiers = dossiers_of_unit(unit)
    figures = figures_of_unit(unit, dossiers)
    organisers = {r.year.organiser_id: r.year.organiser for r in results.values()}
    own = _organiser_above(unit)
    places = set(results)
    if own is not None:
        organisers[own.pk] = own
        places |= {(own.pk, d.period.end.year) for d in dossiers} | {(own.pk, year) for year in figures}
    return UnitHistory(
        unit,
        tuple(
            UnitYear(
                year=year,
                url=reverse("reports:dashboard", args=[organisers[organiser].slug, year, unit.code]),
                organiser=organisers[organiser],
                result=results.get((organiser, year)),
                dossiers=tuple(d for d in dossiers if d.period.end.year == year),
                has_other_figures=year in figures,
            )
            for organiser, year in sorted(places, key=lambda place: (-place[1], organisers[place[0]].slug))
        ),
    )


def _organiser_above(unit: Unit) -> Organiser | None:
    """Return the organiser that is this unit or stands above it, the nearest one."""
    chain = [unit.pk]
    node = unit
    while node.parent is not None:
        node = node.parent
        chain.append(node.pk)
    links = {
        o.unit_id: o.organiser
        for o in OrganiserUnit.objects.filter(unit__in=chain).select_related("organiser")
    }
    return next((links[pk] for pk in chain if pk in links), None)
