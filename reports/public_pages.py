"""Which pages does a publication change or add? Those that people open of a year: its lists and its units."""

from __future__ import annotations

from django.urls import reverse

from reports.models import Publication, ScopeKind, Standing

OF_SITE = ("home", "changes")
OF_ORGANISER = ("organiser", "compare", "restated")
OF_GROUP = ("ranking", "map", "losses", "data_year", "embed_ranking")
OF_UNIT = ("dashboard", "unit_dossiers", "change", "unit_a4", "embed_unit")


def pages_of(publication: Publication) -> list[str]:
    """Return the paths of the pages, those first that most people open. One query."""
    year = publication.assessment_year
    organiser, group = year.organiser.slug, (year.organiser.slug, year.year, year.group.slug)
    standings = Standing.objects.filter(scope__publication=publication, scope__kind=ScopeKind.TOTAL)
    units = list(standings.order_by("rank").values_list("unit__scheme", "unit__code"))
    return [
        reverse("reports:year", args=group[:2]),
        *(reverse(f"reports:{name}", args=group) for name in OF_GROUP),
        *(reverse(f"reports:{name}") for name in OF_SITE),
        *(reverse(f"reports:{name}", args=[organiser]) for name in OF_ORGANISER),
        reverse("reports:version", args=[*group, publication.version]),
        *(
            reverse(f"reports:{name}", args=[organiser, year.year, code])
            for name in OF_UNIT
            for _scheme, code in units
        ),
        *(reverse("reports:unit", args=unit) for unit in units),
    ]
