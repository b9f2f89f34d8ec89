"""The map of a year's ranking: fetch, check, call the summary, render."""

from __future__ import annotations

import re

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from reports import map_drawing
from reports.published import one_of, published
from reports.summaries.organisers import public_year
from reports.summaries.ranking import ranking
from reports.summaries.unit_map import BOUNDARIES, MOVEMENT, TILES, TOTAL, unit_map


def a_measure(by: str) -> bool:
    """Whether a map can show that: the total, the movement, or an area, whose codes are short numbers."""
    return by in (TOTAL, MOVEMENT) or re.fullmatch(r"[1-9][0-9]?", by) is not None


@published(of="organiser", by=a_measure, shape=one_of(TILES, BOUNDARIES))
def year_map(request: HttpRequest, organiser: str, year: int, group: str) -> HttpResponse:
    """Show the units of a year on a map; the address says by what (`by`) and in which shape (`shape`)."""
    found = public_year(organiser, year, group)
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
