"""What is said of a form whose token no longer holds: the page was open while somebody logged in again."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF_FAILURE_VIEW: 403, with the way back to the page of the form where that is one of this site."""
    context = {"back": back(request), "is_office": request.path_info.startswith("/office/")}
    return HttpResponse(render_to_string("403_csrf.html", context), status=403)


def back(request: HttpRequest) -> str:
    """Return the address that the form was sent from, "" where it is unknown or another site's."""
    came_from = request.headers.get("Referer", "")
    is_own = url_has_allowed_host_and_scheme(
        came_from, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return came_from if is_own else ""
