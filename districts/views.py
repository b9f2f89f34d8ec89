"""Finding a unit, or what else there is: search with suggestions, and what a code stands for."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from . import floods
from .finding import found_elsewhere, marks_of
from .models import Unit
from .querysets import MAX_QUERY_LENGTH
from .visitors import client_address

SUGGESTIONS = 8
RESULTS = 50
OTHER_SUGGESTIONS = 3
OTHER_RESULTS = 20


@require_safe
@vary_on_headers("HX-Request")
def search(request: HttpRequest) -> HttpResponse:
    """What a query names, units first, then criteria, years and pages: a page, or only the list for htmx."""
    if floods.count_from(client_address(request), "search", floods.MINUTE) > settings.SEARCH_LIMIT:
        answer = render(request, "429.html", status=429)
        answer.headers["Retry-After"] = str(int(floods.MINUTE.total_seconds()))
        return answer
    typed = " ".join(request.GET.get("q", "").split())
    query = typed[:MAX_QUERY_LENGTH].strip()
    is_fragment = bool(getattr(request, "htmx", False))
    limit = SUGGESTIONS if is_fragment else RESULTS
    others = found_elsewhere(query, OTHER_SUGGESTIONS if is_fragment else OTHER_RESULTS)
    if is_fragment:
        limit -= len(others)  # so that what is no unit can be seen without scrolling
    found = Unit.objects.search(query, limit + 1)
    context = {
        "q": query,
        "units": found[:limit],
        "marks": marks_of(found[:limit]),
        "others": others,
        "has_more": len(found) > limit,
        "limit": limit,
        "is_cut": len(typed) > MAX_QUERY_LENGTH,
        "max_length": MAX_QUERY_LENGTH,
    }
    return render(request, "districts/_suggestions.html" if is_fragment else "districts/search.html", context)


@require_safe
def code(request: HttpRequest, code: str) -> HttpResponse:
    """The units that bear a code in one list or another; straight to the unit where there is only one."""
    units = list(
        Unit.objects.filter(code=code)
        .select_related("scheme", "parent__parent")
        .order_by("scheme__valid_from", "scheme_id")
    )
    if not units:
        raise Http404(_("Không có đơn vị nào mang mã này."))
    if len(units) == 1:
        return redirect(units[0])
    return render(request, "districts/code.html", {"code": code, "units": units, "marks": marks_of(units)})
