"""The form behind a desk's QR code: one page for a phone, no log-in, no cookie, no script."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from districts.visitors import client_address
from reports import scale
from reports.desk_tokens import VALID_FOR, TokenExpired, TokenForged, new_token, read_token
from reports.floods import WINDOW, is_flooded
from reports.models import Desk, Factor
from reports.workflow.ratings import Answer, rate

COMMENT_LENGTH = 1000
# Not on the screen, not read aloud, and not a name that a browser fills in for its owner: only a program does.
HONEYPOT = "subject"


@dataclass
class Typed:
    """What somebody has chosen so far, so that a form that comes back keeps it."""

    level: int | None = None
    factors: Mapping[str, int] = field(default_factory=dict)
    comment: str = ""


# Nothing here acts for anybody who is logged in, and there is no cookie to forge a request with: the signed token
# in the form, which counts once, stands where Django's CSRF token would.
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def desk(request: HttpRequest, code: str) -> HttpResponse:
    """The form of a desk, and the answer to it."""
    found = get_object_or_404(Desk.objects.select_related("unit"), code=code.lower())
    if not found.is_active:
        return render(request, "desk/closed.html", {"desk": found}, status=410)
    if request.method == "POST":
        return _answer(request, found)
    return _form(request, found, Typed())


@never_cache
@require_safe
def desk_thanks(request: HttpRequest, code: str) -> HttpResponse:
    """What follows an answer; loading it again sends nothing."""
    found = get_object_or_404(Desk.objects.select_related("unit"), code=code.lower())
    return render(request, "desk/thanks.html", {"desk": found})


def _answer(request: HttpRequest, desk: Desk) -> HttpResponse:
    if request.POST.get(HONEYPOT):
        return redirect("reports:desk_thanks", desk.code)
    typed = _typed(request, desk)
    try:
        token = read_token(request.POST.get("token", ""), desk)
    except TokenExpired:
        hours = int(VALID_FOR.total_seconds() // 3600)
        error = _("Trang đã mở quá %(hours)d giờ. Nội dung vẫn còn, hãy bấm gửi lần nữa.") % {"hours": hours}
        return _form(request, desk, typed, error, status=422)
    except TokenForged:
        return _form(request, desk, typed, _("Phiếu này không hợp lệ. Hãy bấm gửi lần nữa."), status=422)
    if typed.level is None or typed.level > token.levels:
        return _form(request, desk, typed, _("Hãy chọn một mức hài lòng."), status=422)
    if is_flooded(desk.code, client_address(request)):
        return _too_many(request, desk, typed)
    answer = Answer(typed.level, token.levels, typed.factors, typed.comment)
    try:
        rate(desk, answer, token.form_hash)
    except ValidationError as refusal:
        return _form(request, desk, typed, " ".join(refusal.messages), status=422)
    return redirect("reports:desk_thanks", desk.code)


def _typed(request: HttpRequest, desk: Desk) -> Typed:
    """Read what was chosen; what the desk does not ask, or no person could have chosen, is left out."""
    factors = {key: _level(request.POST.get(f"factor_{key}", "")) for key in Factor.values}
    words = unicodedata.normalize("NFC", request.POST.get("comment", "")).replace("\x00", "")
    return Typed(
        level=_level(request.POST.get("level", "")),
        factors={key: n for key, n in factors.items() if n is not None} if desk.asks_factors else {},
        comment=words.strip()[:COMMENT_LENGTH] if desk.asks_comment else "",
    )


def _level(text: str) -> int | None:
    return int(text) if text in {str(level) for level in range(1, max(scale.WORDS) + 1)} else None


def _too_many(request: HttpRequest, desk: Desk, typed: Typed) -> HttpResponse:
    minutes = int(WINDOW.total_seconds() // 60)
    error = _(
        "Quầy đã nhận rất nhiều đánh giá từ cùng một kết nối mạng. Hãy gửi lại sau %(minutes)d phút, "
        "hoặc dùng kết nối khác."
    ) % {"minutes": minutes}
    response = _form(request, desk, typed, error, status=429)
    response.headers["Retry-After"] = str(int(WINDOW.total_seconds()))
    return response


def _form(
    request: HttpRequest, desk: Desk, typed: Typed, error: str = "", *, status: int = 200
) -> HttpResponse:
    levels = scale.choices(desk.levels)
    context: dict[str, Any] = {
        "desk": desk,
        "token": new_token(desk),
        "honeypot": HONEYPOT,
        "levels": levels,
        "factors": [(key, label, typed.factors.get(key)) for key, label in Factor.choices],
        "typed": typed,
        "error": error,
        "comment_length": COMMENT_LENGTH,
    }
    return render(request, "desk/form.html", context, status=status)
