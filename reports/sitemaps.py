"""Which public pages are there for search engines? Real places only: nobody should find a fictional one."""

from __future__ import annotations

from django.contrib.sitemaps import Sitemap
from django.db.models import F, QuerySet
from django.urls import reverse

from districts.models import Organiser, Unit
from reports.models import AssessmentYear, CriteriaSet, OfficialResult, ScopeKind, Standing
from reports.summaries.organisers import public_years

# Addresses a file; the protocol allows 50,000.
MOST = 10_000
# Organiser, year, code.
Place = tuple[str, int, str]


class Pages(Sitemap):
    """Pages that every installation has."""

    def items(self) -> list[str]:
        return ["home", "methodology_index", "methodology_analyses", "changes", "data"]

    def location(self, item: str) -> str:
        return reverse(f"reports:{item}")


class CriteriaSets(Sitemap):
    limit = MOST

    def items(self) -> QuerySet[CriteriaSet]:
        return CriteriaSet.objects.public().order_by("slug")


class Organisers(Sitemap):
    limit = MOST

    def items(self) -> QuerySet[Organiser]:
        return Organiser.objects.filter(is_sample=False, years__in=public_years()).distinct().order_by("slug")


class Years(Sitemap):
    limit = MOST

    def items(self) -> QuerySet[AssessmentYear]:
        return public_years().filter(organiser__is_sample=False)


class OpenData(Years):
    """The files of a year."""

    def location(self, item: AssessmentYear) -> str:
        return reverse("reports:data_year", args=[item.organiser.slug, item.year, item.group.slug])


class Dashboards(Sitemap):
    """Units in a year, published here or told of by a document."""

    limit = MOST

    def items(self) -> list[Place]:
        years = public_years().filter(organiser__is_sample=False)
        published = Standing.objects.filter(
            scope__kind=ScopeKind.TOTAL,
            scope__publication=F("scope__publication__assessment_year__current_publication"),
        ).filter(scope__publication__assessment_year__in=years)
        told = OfficialResult.objects.filter(assessment_year__in=years)
        prefix = "scope__publication__assessment_year"
        return sorted(
            {
                *published.values_list(f"{prefix}__organiser__slug", f"{prefix}__year", "unit__code"),
                *told.values_list("assessment_year__organiser__slug", "assessment_year__year", "unit__code"),
            }
        )

    def location(self, item: Place) -> str:
        return reverse("reports:dashboard", args=item)


class Units(Sitemap):
    """All official units: what became of each is told on its page."""

    limit = MOST

    def items(self) -> QuerySet[Unit]:
        return Unit.objects.filter(scheme__is_sample=False).order_by("scheme", "code")


SITEMAPS = {
    "pages": Pages,
    "criteria": CriteriaSets,
    "organisers": Organisers,
    "years": Years,
    "data": OpenData,
    "dashboards": Dashboards,
    "units": Units,
}
