"""Public pages that say how everything is computed, and from which criteria."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from reports import worked_examples
from reports.models import CriteriaSet
from reports.published import published
from reports.summaries.criteria import criteria_page, listed_sets


@published()
def methodology_index(request: HttpRequest) -> HttpResponse:
    """Show what the three indices are, how figures are computed, and the criteria sets."""
    context = {"sets": listed_sets(), "crumbs": [(_("Phương pháp"), None)]}
    return render(request, "reports/methodology_index.html", context)


@published()
def methodology_analyses(request: HttpRequest) -> HttpResponse:
    """Explain each analysis with an example that can be done by hand."""
    context = {
        "examples": worked_examples.all_rows(),
        "crumbs": [(_("Phương pháp"), reverse("reports:methodology_index")), (_("Cách phân tích"), "")],
    }
    return render(request, "reports/methodology_analyses.html", context)


@published()
def methodology(request: HttpRequest, slug: str) -> HttpResponse:
    """Show one criteria set with the rule of each component in words."""
    sets = CriteriaSet.objects.public().select_related("organiser", "source", "previous")
    criteria_set = get_object_or_404(sets, slug=slug)
    context = {
        "page": criteria_page(criteria_set),
        "criteria_set": criteria_set,
        "crumbs": [(_("Phương pháp"), reverse("reports:methodology_index")), (criteria_set.name, None)],
    }
    return render(request, "reports/methodology.html", context)
