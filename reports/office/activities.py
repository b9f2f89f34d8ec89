"""A unit's initiatives and activities: dated records with what they saved, added one by one."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_POST

from districts import access
from districts.models import Unit
from reports.models import Activity, Initiative, Releasable
from reports.workflow.figures import MAY_NOT_WRITE, RowWrite, may_write, remove_row, write_rows

from .acts import act_of
from .fetch import unit_or_404
from .forms_plans import DAY, VersionedForm
from .remedies import crumbs_of
from .units import unit_context

IS_THERE = "Đã có dòng cùng tên, cùng kỳ; hãy mở dòng đó để sửa."
SOURCE_FIELDS = ("quality", "wording", "note")


class InitiativeForm(VersionedForm):
    class Meta:
        model = Initiative
        fields = (
            *("name", "description", "starts_on", "ends_on", "dossiers", "hours_saved", "dong_saved"),
            *SOURCE_FIELDS,
        )
        localized_fields = ("hours_saved", "dong_saved")
        widgets: ClassVar = {
            "starts_on": DAY,
            "ends_on": DAY,
            "description": forms.Textarea(attrs={"rows": 3}),
            "wording": forms.TextInput(),
            "note": forms.Textarea(attrs={"rows": 2}),
        }


class ActivityForm(VersionedForm):
    class Meta:
        model = Activity
        fields = ("kind", "title", "starts_on", "ends_on", *SOURCE_FIELDS)
        widgets: ClassVar = {
            "starts_on": DAY,
            "ends_on": DAY,
            "title": forms.Textarea(attrs={"rows": 2}),
            "wording": forms.TextInput(),
            "note": forms.Textarea(attrs={"rows": 2}),
        }


KINDS: dict[str, tuple[type[Releasable], type[VersionedForm], str]] = {
    "initiative": (Initiative, InitiativeForm, "Sáng kiến, mô hình"),
    "activity": (Activity, ActivityForm, "Hoạt động"),
}


@login_required
@require_GET
def activities(request: HttpRequest, unit_id: int) -> HttpResponse:
    """What a unit has entered of both, the latest first."""
    unit = unit_or_404(request.user, unit_id)
    context = unit_context(request, unit, "Sáng kiến, hoạt động") | {
        "initiatives": Initiative.objects.in_work().filter(unit=unit).order_by("-ends_on", "name"),
        "activities": Activity.objects.in_work().filter(unit=unit).order_by("-ends_on", "title"),
    }
    return render(request, "office/activities.html", context)


@login_required
def activity_new(request: HttpRequest, unit_id: int, kind: str) -> HttpResponse:
    return _page(request, unit_or_404(request.user, unit_id), kind, None)


@login_required
def activity(request: HttpRequest, unit_id: int, kind: str, row_id: int) -> HttpResponse:
    unit = unit_or_404(request.user, unit_id)
    return _page(request, unit, kind, _row_or_404(unit, kind, row_id))


@login_required
@require_POST
def activity_remove(request: HttpRequest, unit_id: int, kind: str, row_id: int) -> HttpResponse:
    unit = unit_or_404(request.user, unit_id)
    row = _row_or_404(unit, kind, row_id)
    try:
        remove_row(row, act_of(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, "Đã xóa.")
    return redirect("office:activities", unit.pk)


def _row_or_404(unit: Unit, kind: str, row_id: int) -> Any:
    if kind not in KINDS:
        raise Http404
    return get_object_or_404(KINDS[kind][0].objects.in_work(), pk=row_id, unit=unit)


def _page(request: HttpRequest, unit: Unit, kind: str, row: Any) -> HttpResponse:
    if kind not in KINDS:
        raise Http404
    model, form_class, title = KINDS[kind]
    access.require(may_write(request.user, unit), MAY_NOT_WRITE)  # type: ignore[arg-type]
    form = form_class(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid() and _saved(request, unit, model, form, row):
        return redirect("office:activities", unit.pk)
    context = unit_context(request, unit) | {
        "form": form,
        "title": title,
        "kind": kind,
        "row": row,
        "crumbs": crumbs_of(
            unit, ("Sáng kiến, hoạt động", reverse("office:activities", args=[unit.pk])), (title, "")
        ),
    }
    return render(request, "office/activity.html", context, status=422 if form.errors else 200)


def _saved(request: HttpRequest, unit: Unit, model: type[Releasable], form: VersionedForm, row: Any) -> bool:
    values = form.values()
    name = "name" if model is Initiative else "title"
    named = (name, "starts_on", "ends_on")
    key = {"pk": row.pk} if row is not None else {one: values.pop(one) for one in named}
    seen = form.cleaned_data["version"] or 0
    result = write_rows(unit, [RowWrite(model, key, values, expected_version=seen)], act_of(request))[0]
    if result.outcome in ("saved", "unchanged"):
        messages.success(request, "Đã lưu.")
        return True
    is_there = row is None and result.outcome == "conflict"
    form.add_error(None, IS_THERE if is_there else result.message)
    for field, said in result.errors.items():
        if field in form.fields:
            form.add_error(field, said)
    return False


urlpatterns: list[URLPattern] = [
    path("units/<int:unit_id>/activities/", activities, name="activities"),
    path("units/<int:unit_id>/activities/<slug:kind>/new/", activity_new, name="activity_new"),
    path("units/<int:unit_id>/activities/<slug:kind>/<int:row_id>/", activity, name="activity"),
    path(
        "units/<int:unit_id>/activities/<slug:kind>/<int:row_id>/remove/",
        activity_remove,
        name="activity_remove",
    ),
]
