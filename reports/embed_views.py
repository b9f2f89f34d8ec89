"""What other sites may show in a frame: a ranking, a unit's card. Which sites, the server decides."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from csp.decorators import csp_replace
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt

from reports import charts, sentences
from reports.published import published
from reports.summaries import dashboard as dashboards
from reports.summaries.organisers import public_year
from reports.summaries.places import find_place
from reports.summaries.ranking import ranking as ranking_of
from reports.summaries.unit_results import results_of_unit

View = Callable[..., HttpResponseBase]


def framed(view: View) -> View:
    """Let the pages of CCHC_EMBED_ANCESTORS frame this one; X-Frame-Options could name one of them at most."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        allowed = csp_replace({"frame-ancestors": settings.EMBED_ANCESTORS})(xframe_options_exempt(view))
        return allowed(request, *args, **kwargs)

    return wrapper


@framed
@published(of="organiser")
def ranking(request: HttpRequest, organiser: str, year: int, group: str) -> HttpResponse:
    found = public_year(organiser, year, group)
    summary = ranking_of(found)
    context = {
        "summary": summary,
        "year": found,
        "organiser": found.organiser,
        "coverage_lines": sentences.coverage_sentences(summary),
        "full_page": found.get_absolute_url(),
        "is_sample": summary.is_sample,
    }
    return render(request, "embed/ranking.html", context)


@framed
@published()
def unit(request: HttpRequest, organiser: str, year: int, code: str) -> HttpResponse:
    place = find_place(organiser, year, code)
    results = results_of_unit(place[1], place[0], areas_of=(year, year)) if place else []
    result = next((one for one in results if one.year.year == year), None)
    if result is None or place is None:
        raise Http404(_("Không có số liệu của đơn vị này trong năm đã chọn."))
    found, areas = place[0], dashboards.areas_of(result)
    context = {
        "result": result,
        "unit_name": result.unit_name,
        "chart": charts.areas_chart(areas) if len(areas) > 1 else None,
        "organiser": found,
        "full_page": reverse("reports:dashboard", args=[found.slug, year, code]),
        "is_sample": found.is_sample,
    }
    return render(request, "embed/unit.html", context)
