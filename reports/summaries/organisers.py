"""Which years there are, how many units each covers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.db.models import BigIntegerField, CharField, Count, Exists, IntegerField, OuterRef, Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from districts.models import Organiser
from districts.prepared import Asked, Prepared
from reports.models import AssessmentYear, Boundary, OfficialResult, Publication, ScopeKind

from .results import PUBLIC_STAGE, UnitResult
from .year_results import results_of_years


@dataclass(frozen=True)
class YearCoverage:
    """A year on offer: how many of its units have figures."""

    year: AssessmentYear
    units_with_figures: int
    roster: int | None

    @property
    def url(self) -> str:
        return self.year.get_absolute_url()

    @property
    def is_totals_only(self) -> bool:
        return self.year.basis == AssessmentYear.Basis.TOTALS


@dataclass(frozen=True)
class OrganiserYears:
    """An organiser's newest public year, group by group, and the numbers of the years before, newest first."""

    organiser: Organiser
    newest: tuple[YearCoverage, ...]
    earlier: tuple[int, ...]

    @property
    def earlier_links(self) -> list[tuple[int, str]]:
        """Return each earlier year with its address, which is below the organiser's."""
        above = self.organiser.get_absolute_url()
        return [(year, f"{above}{year}/") for year in self.earlier]


def public_years() -> QuerySet[AssessmentYear]:
    """Select the years that have a publication, or are published with results that a document printed."""
    sourced = OfficialResult.objects.filter(assessment_year=OuterRef("pk"))
    return (
        AssessmentYear.objects.filter(
            Q(current_publication__isnull=False) | Exists(sourced) & Q(stage=PUBLIC_STAGE)
        )
        .select_related("organiser", "group", "criteria_set", "current_publication__source")
        .order_by("organiser__is_sample", "organiser__slug", "-year", "group__order")
    )


# An organiser's public years of that number, one for each group, and whether there is an outline of any of its units.
PUBLIC_YEARS: Prepared[AssessmentYear] = Prepared(
    lambda: (
        public_years()
        .filter(organiser__slug=Asked("organiser", CharField()), year=Asked("year", IntegerField()))
        .annotate(
            is_outlined=Exists(
                Boundary.objects.filter(unit__standings__scope__publication=OuterRef("current_publication"))
            )
        )
    )
)
YEARS_OF_GROUP: Prepared[tuple[int]] = Prepared(
    lambda: (
        public_years()
        .filter(organiser=Asked("organiser", BigIntegerField()), group=Asked("group", BigIntegerField()))
        .select_related(None)
        .values_list("year")
    )
)


def public_year(organiser: str, year: int, group: str) -> AssessmentYear:
    """Return the public year of these slugs with what it is shown by. One query; raises Http404 where there is none."""
    years = PUBLIC_YEARS(organiser=organiser, year=year)
    found = next((one for one in years if one.group.slug == group), None)
    if found is None:
        raise Http404(_("Chưa có kết quả công bố cho năm này."))
    return found


def years_of_group(year: AssessmentYear) -> list[tuple[int, str]]:
    """Return the public years of the same organiser and group, newest first, each with its address."""
    above, group = year.organiser.get_absolute_url(), year.group.slug
    same = YEARS_OF_GROUP(organiser=year.organiser_id, group=year.group_id)
    return [(one, f"{above}{one}/{group}/") for (one,) in same]


def coverage(year: AssessmentYear, units_with_figures: int) -> YearCoverage:
    """Return a year's coverage; the roster is the published one, or what a document says."""
    publication = year.current_publication
    return YearCoverage(
        year, units_with_figures, publication.roster_size if publication else year.printed_roster_size
    )


def _covered(years: Iterable[AssessmentYear]) -> tuple[YearCoverage, ...]:
    """Return the coverage of years: units with a published total, else units of which a document tells."""
    years = list(years)
    published: dict[int, int] = dict(
        Publication.objects.filter(scopes__kind=ScopeKind.TOTAL, scopes__standings__points__isnull=False)
        .filter(pk__in=[y.current_publication_id for y in years if y.current_publication_id])
        .values_list("assessment_year")
        .annotate(units=Count("scopes__standings"))
    )
    printed: dict[int, int] = dict(
        OfficialResult.objects.filter(assessment_year__in=years)
        .values_list("assessment_year")
        .annotate(units=Count("unit", distinct=True))
    )
    return tuple(coverage(y, published.get(y.pk, printed.get(y.pk, 0))) for y in years)


def organisers_with_years() -> list[OrganiserYears]:
    """Return the organisers with public years, real ones before samples. Four queries.

    There are hundreds of years: of the earlier ones only their numbers are read.
    """
    years: dict[int, dict[int, list[int]]] = {}
    for organiser_id, year, key in public_years().values_list("organiser", "year", "pk"):
        years.setdefault(organiser_id, {}).setdefault(year, []).append(key)
    newest = [key for own in years.values() for key in own[max(own)]]
    return [
        OrganiserYears(organiser, tuple(covered), tuple(sorted(years[organiser.pk], reverse=True)[1:]))
        for organiser, covered in groupby(
            _covered(public_years().filter(pk__in=newest)), lambda c: c.year.organiser
        )
    ]


def years_of(organiser: Organiser) -> tuple[YearCoverage, ...]:
    """Return one organiser's public years, newest first. Three queries."""
    return _covered(public_years().filter(organiser=organiser))


@dataclass(frozen=True)
class OrganiserSummary:
    """All public years of an organiser, and each unit's results through them."""

    years: tuple[YearCoverage, ...]
    # One entry a unit, ordered by its newest place; results newest first.
    histories: tuple[tuple[UnitResult, ...], ...]


def organiser_summary(organiser: Organiser) -> OrganiserSummary:
    """Return an organiser's years and the places of all its units in them. Five queries."""
    years = years_of(organiser)
    results = results_of_years(covered.year for covered in years)
    by_unit: dict[int, list[UnitResult]] = {}
    for covered in years:
        for result in results[covered.year.pk]:
            by_unit.setdefault(result.unit.pk, []).append(result)
    return OrganiserSummary(years, tuple(sorted((tuple(r) for r in by_unit.values()), key=_newest_place)))


def _newest_place(results: tuple[UnitResult, ...]) -> tuple[int, bool, int, str]:
    newest = results[0]
    place = newest.rank.value if newest.rank else 0
    return (-newest.year.year, newest.rank is None, place, newest.unit.sort_key)
