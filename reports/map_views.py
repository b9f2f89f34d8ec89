"""The map of a year's ranking: fetch, check, call the summary, render."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from reports import map_drawing
from reports.published import published
from reports.summaries.organisers import public_years
from reports.summaries.ranking import ranking
from reports.summaries.unit_map import TOTAL, unit_map


@published("by", "shape", of="organiser")
def year_map(request: HttpRequest, organiser: str, year: int, group: str) -> HttpResponse:
    """Show the units of a year on a map; the address says by what (`by`) and in which shape (`shape`)."""
    found = get_object_or_404(public_years(), organiser__slug=organiser, year=year, group__slug=group)
    shown = unit_map(ranking(found), request.GET.get("by", TOTAL), request.GET.get("shape", ""))
    if shown is None:
        raise Http404(_("Chưa có bản đồ cho nhóm đơn vị này."))
    context = {
        "map": shown,
        "drawing": map_drawing.draw(shown),
        "sentences": map_drawing.sentences(shown),
        "year": found,
        "organiser": found.organiser,
        "crumbs": [
            (found.organiser.name, found.organiser.get_absolute_url()),
            (str(found.year), found.get_absolute_url()),
            (_("Bản đồ"), ""),
        ],
        "is_sample": found.organiser.is_sample,
    }
    return render(request, "reports/map.html", context)
