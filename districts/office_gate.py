"""Who comes through to /office/? Only people who are logged in, for a limited time; caches keep nothing of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from . import two_factor

OFFICE = "/office/"
# What is open to who must change the password first.
WHILE_TO_CHANGE = ("office-password-change", "office-logout")
BEGAN, SEEN = "began_at", "seen_at"
# A page more often than this does not write the session again.
NOTED_EVERY = 60


class OfficeGate:
    """Asks for a log-in before any office view, so that none can forget; `login_not_required` views are open."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if request.path_info.startswith(OFFICE):
            response.headers["Cache-Control"] = "no-store, private"
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponseBase | None:
        if not request.path_info.startswith(OFFICE):
            return None
        if request.user.is_authenticated and is_over(request):
            logout(request)
            messages.info(
                request, _("Phiên làm việc đã hết hạn. Hãy đăng nhập lại; những gì đã lưu vẫn còn.")
            )
        if not getattr(view, "login_required", True):
            return None
        if request.user.is_authenticated and two_factor.is_missing(request):
            two_factor.ask(
                request, request.user, request.get_full_path() if request.method == "GET" else OFFICE
            )
            return redirect("office-two-factor")
        if not request.user.is_authenticated:
            return to_login(request)
        if request.user.must_change_password and _route(request) not in WHILE_TO_CHANGE:
            messages.info(
                request, _("Mật khẩu này không chỉ mình bạn biết. Hãy đổi mật khẩu rồi làm việc tiếp.")
            )
            return redirect("office-password-change")
        return None


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    return (match.url_name or "") if match else ""


def is_over(request: HttpRequest) -> bool:
    """Return whether the log-in has lasted too long or was idle too long; note that it was used, where not."""
    now = int(time.time())
    began, seen = request.session.setdefault(BEGAN, now), request.session.get(SEEN, now)
    if now - began > settings.SESSION_COOKIE_AGE or now - seen > settings.SESSION_IDLE_SECONDS:
        return True
    if SEEN not in request.session or now - seen >= NOTED_EVERY:
        request.session[SEEN] = now
    return False


def to_login(request: HttpRequest) -> HttpResponse:
    """Send to the log-in and back afterwards: the page itself, or, from htmx, the page that asked."""
    if getattr(request, "htmx", False):
        path = request.htmx.current_url_abs_path or OFFICE  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(redirect_to_login(path).url)
    return redirect_to_login(request.get_full_path() if request.method == "GET" else OFFICE)
