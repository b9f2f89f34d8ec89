"""A unit's one-stop desks: set up, printed, what they have counted by month, and what people wrote at them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from districts import access
from districts.audit import Act
from districts.models import Change, Unit, User
from reports.models import Desk, RatingComment
from reports.qr import desk_address, qr_svg
from reports.readers import whole_number
from reports.scale import WORDS
from reports.summaries.ratings import comments_of, comments_waiting, months_of_desks
from reports.workflow.desks import NOT_YOURS, save_desk
from reports.workflow.figures import may_write
from reports.workflow.month_figures import confirm_month
from reports.workflow.ratings import moderate

from .fetch import unit_or_404

SHOWN_MONTHS = 13
State = RatingComment.State


class DeskForm(forms.ModelForm):
    levels = forms.TypedChoiceField(
        label="Thang đánh giá",
        coerce=int,
        choices=[(n, f"{n} mức: {', '.join(WORDS[n])}") for n in (5, 4, 3)],
    )

    class Meta:
        model = Desk
        fields = ("name", "levels", "asks_factors", "asks_comment", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            del self.fields["is_active"]
        else:
            self.fields[
                "is_active"
            ].help_text = "Bỏ chọn: tờ đã in dẫn tới trang báo quầy đã thôi nhận đánh giá."


@login_required
@require_GET
def desks(request: HttpRequest, unit_id: int) -> HttpResponse:
    """The desks of a unit, and what they have counted in the last months."""
    user, unit = _user(request), unit_or_404(request.user, unit_id)
    first = timezone.localdate().replace(day=1) - dt.timedelta(days=31 * (SHOWN_MONTHS - 1))
    context = {
        "unit": unit,
        "desks": [(desk, desk_address(request, desk)) for desk in unit.desks.order_by("-is_active", "name")],
        "months": months_of_desks(unit, first=first.replace(day=1)),
        "may_manage": access.can_manage_desks(user, unit),
        "may_confirm": may_write(user, unit),
        "waiting": comments_waiting(unit) if access.can_moderate(user, unit) else 0,
        "is_sample": _is_sample(unit),
        "crumbs": _crumbs(unit, ("Đánh giá tại quầy", "")),
    }
    return render(request, "office/desks.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def desk_new(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Set up a desk."""
    unit = unit_or_404(request.user, unit_id)
    return _edit(request, unit, Desk(unit=unit), "Lập quầy mới")


@login_required
@require_http_methods(["GET", "POST"])
def desk(request: HttpRequest, unit_id: int, desk_id: int) -> HttpResponse:
    """Rename a desk, change its scale, close it or open it again."""
    unit = unit_or_404(request.user, unit_id)
    found = get_object_or_404(unit.desks, pk=desk_id)
    return _edit(request, unit, found, f"Sửa {found.name}")


@login_required
@require_GET
def desk_sheet(request: HttpRequest, unit_id: int, desk_id: int) -> HttpResponse:
    """A sheet of A5 with the desk's QR code, to be printed."""
    unit = unit_or_404(request.user, unit_id)
    found = get_object_or_404(unit.desks, pk=desk_id)
    context = {"desk": found, "unit": unit, "address": desk_address(request, found)}
    return render(request, "office/desk_sheet.html", context)


@login_required
@require_GET
def desk_qr(request: HttpRequest, unit_id: int, desk_id: int) -> HttpResponse:
    """The QR code alone, for a sheet of one's own."""
    found = get_object_or_404(unit_or_404(request.user, unit_id).desks, pk=desk_id)
    headers = {"Content-Disposition": f'inline; filename="{found.code}.svg"'}
    return HttpResponse(qr_svg(desk_address(request, found)), content_type="image/svg+xml", headers=headers)


@login_required
@require_POST
def month_confirm(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Make what the desks counted in a month a figure of the unit."""
    unit = unit_or_404(request.user, unit_id)
    seen = whole_number(request.POST.get("seen")) or 0
    result = confirm_month(unit, request.POST.get("month", ""), _act(request), seen)
    if result.outcome in ("saved", "unchanged"):
        messages.success(request, "Đã ghi vào số liệu mức độ hài lòng của đơn vị.")
    else:
        messages.error(request, result.message)
    return redirect("office:desks", unit.pk)


@login_required
@require_GET
def desk_comments(request: HttpRequest, unit_id: int) -> HttpResponse:
    """What people wrote: to the moderator all of it, to the unit's officials what was let through."""
    unit = unit_or_404(request.user, unit_id)
    moderates = access.can_moderate(request.user, unit)
    context = {
        "unit": unit,
        "moderates": moderates,
        "waiting": comments_of(unit, State.WAITING) if moderates else [],
        "shown": comments_of(unit, State.SHOWN),
        "hidden": comments_of(unit, State.HIDDEN) if moderates else [],
        "is_sample": _is_sample(unit),
        "crumbs": _crumbs(
            unit, ("Đánh giá tại quầy", reverse("office:desks", args=[unit.pk])), ("Ý kiến", "")
        ),
    }
    return render(request, "office/desk_comments.html", context)


@login_required
@require_POST
def desk_comment(request: HttpRequest, unit_id: int, comment_id: int) -> HttpResponse:
    """Let a comment through to the unit, or not."""
    unit = unit_or_404(request.user, unit_id)
    readable = State.values if access.can_moderate(request.user, unit) else [State.SHOWN]
    comments = RatingComment.objects.filter(rating__desk__unit=unit, state__in=readable)
    found = get_object_or_404(comments, pk=comment_id)
    try:
        moderate(found, request.POST.get("state", ""), _act(request))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    return redirect("office:desk_comments", unit.pk)


def _edit(request: HttpRequest, unit: Unit, desk: Desk, title: str) -> HttpResponse:
    access.require(access.can_manage_desks(request.user, unit), NOT_YOURS)
    form = DeskForm(request.POST or None, instance=desk)
    if request.method == "POST" and form.is_valid():
        try:
            save_desk(form.save(commit=False), _act(request))
        except ValidationError as refusal:
            form.add_error(None, refusal.messages)
        else:
            messages.success(request, f"Đã lưu {desk.name}.")
            return redirect("office:desks", unit.pk)
    back = reverse("office:desks", args=[unit.pk])
    context = {
        "form": form,
        "title": title,
        "button": "Lưu",
        "back": back,
        "crumbs": _crumbs(unit, ("Đánh giá tại quầy", back), (title, "")),
    }
    return render(request, "office/form_page.html", context, status=422 if form.errors else 200)


def _is_sample(unit: Unit) -> bool:
    organiser = access.organiser_above(unit)
    return organiser is not None and organiser.is_sample


def _crumbs(unit: Unit, *rest: tuple[str, str]) -> list[tuple[str, str]]:
    return [("Việc của tôi", reverse("office:home")), (unit.full_name, ""), *rest]


def _act(request: HttpRequest) -> Act:
    return Act(_user(request), Change.How.FORM)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


urlpatterns: list[URLPattern] = [
    path("units/<int:unit_id>/desks/", desks, name="desks"),
    path("units/<int:unit_id>/desks/new/", desk_new, name="desk_new"),
    path("units/<int:unit_id>/desks/<int:desk_id>/", desk, name="desk"),
    path("units/<int:unit_id>/desks/<int:desk_id>/sheet/", desk_sheet, name="desk_sheet"),
    path("units/<int:unit_id>/desks/<int:desk_id>/qr.svg", desk_qr, name="desk_qr"),
    path("units/<int:unit_id>/desks/months/", month_confirm, name="month_confirm"),
    path("units/<int:unit_id>/desks/comments/", desk_comments, name="desk_comments"),
    path("units/<int:unit_id>/desks/comments/<int:comment_id>/", desk_comment, name="desk_comment"),
]
