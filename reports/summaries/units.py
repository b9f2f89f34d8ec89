"""A unit through all its years: its results, and which years have dossiers or other figures."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import CharField, F, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse

from districts.models import Organiser, OrganiserUnit, Unit
from districts.prepared import Asked, Prepared
from districts.summaries import LineageEdge, UnitLineage

from .contents import with_contents
from .dossiers import DossierSummary, dossiers_of_unit
from .figures import figure_years
from .results import UnitResult
from .unit_results import newest_results_of_formers, results_of_unit

ABOVE = "organiser_above"


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
    """Return all years of a unit that `find_unit` found, newest first; a constant number of queries."""
    results = {(r.year.organiser_id, r.year.year): r for r in results_of_unit(unit)}
    dossiers = dossiers_of_unit(unit)
    figures = figure_years(unit)
    organisers = {r.year.organiser_id: r.year.organiser for r in results.values()}
    places, own = set(results), getattr(unit, ABOVE)
    if own is not None and (dossiers or figures):
        if own not in organisers:
            organisers[own] = Organiser.objects.get(pk=own)
        places |= {(own, d.period.end.year) for d in dossiers} | {(own, year) for year in figures}
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


@dataclass(frozen=True)
class FormerResult:
    """The newest result of a unit that another came from, and how the one went on as the other."""

    result: UnitResult
    edge: LineageEdge


def former_results(lineage: UnitLineage) -> tuple[FormerResult, ...]:
    """Return the newest results of the units that a unit came from: of its name or for the most part first.

    They are those units' own: nothing of them is added up or said of the unit itself. Two queries, where there are
    such units.
    """
    if not lineage.predecessors:
        return ()
    edges = {edge.unit.pk: edge for edge in lineage.predecessors}
    results = newest_results_of_formers(lineage.unit, {pk: edge.unit for pk, edge in edges.items()})

    def how_near(former: FormerResult) -> tuple[bool, bool, int, str]:
        unit = former.edge.unit
        return (
            unit.name != lineage.unit.name,
            not former.edge.is_main_part,
            -former.result.year.year,
            unit.code,
        )

    return tuple(sorted((FormerResult(r, edges[r.unit.pk]) for r in results), key=how_near))


def find_unit(scheme: str, code: str) -> Unit | None:
    """Return the unit of that code in a scheme with all above it, knowing its organiser, or None. One query."""
    return next(iter(UNITS(scheme=scheme, code=code)), None)


def _units() -> QuerySet[Unit]:
    """Units that know which organiser they are or stand under, the nearest one."""
    links = OrganiserUnit.objects.order_by(F("valid_from").desc(nulls_last=True)).values("organiser")
    chain = ["__".join(["parent"] * depth) or "pk" for depth in range(4)]
    nearest = [Subquery(links.filter(unit=OuterRef(path))[:1]) for path in chain]
    units = with_contents(Unit.objects.select_related("scheme", "parent__parent__parent"))
    named = units.filter(scheme=Asked("scheme", CharField()), code=Asked("code", CharField()))
    return named.annotate(**{ABOVE: Coalesce(*nearest)})


UNITS = Prepared(_units)
