"""The figures of one unit: what stands for which period, what is missing, and where to enter more."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from districts import access
from districts.models import Unit, User
from reports.models import Scope
from reports.summaries.dossiers import period_label
from reports.summaries.entered import figures_of_units, missing_months
from reports.workflow.figures import may_write

from .dossier_form import address_of
from .fetch import unit_or_404


@login_required
@require_GET
def unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """What a unit has entered here, by kind and period, and which of it the public sees."""
    found = unit_or_404(request.user, unit_id)
    missing = [
        (period_label(one), address_of(found, Scope.OWN, one))
        for one in missing_months(found, timezone.localdate())
    ]
    context = unit_context(request, found) | {"kinds": figures_of_units([found.pk]), "missing": missing}
    return render(request, "office/unit.html", context)


def unit_context(request: HttpRequest, unit: Unit, *titles: str) -> dict[str, object]:
    """Return what every page of a unit's figures needs: the unit, its menu, the way here, who may write.

    `titles` are those of the page within the unit's figures; none for their first page.
    """
    assert isinstance(request.user, User)
    organiser = access.organiser_above(unit)
    own = reverse("office:unit", args=[unit.pk])
    crumbs = [("Việc của tôi", reverse("office:home")), (str(unit), own if titles else "")]
    return {
        "unit": unit,
        "may_write": may_write(request.user, unit),
        "is_sample": bool(organiser and organiser.is_sample),
        "crumbs": [*crumbs, *((title, "") for title in titles)],
    }


urlpatterns: list[URLPattern] = [path("units/<int:unit_id>/", unit, name="unit")]
