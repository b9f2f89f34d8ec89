"""The door of the API: what describes and checks its answers weighs as much as Django, and few processes need it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import resolve
from django.views.decorators.csrf import csrf_exempt

URLCONF = "reports.api.urls"


@csrf_exempt
def api(request: HttpRequest) -> HttpResponse:
    """Answer by the route of the API that the address names; `Resolver404` where there is none."""
    match = request.resolver_match = resolve(request.path_info, URLCONF)
    return match.func(request, *match.args, **match.kwargs)
