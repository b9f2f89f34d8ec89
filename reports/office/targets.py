"""A unit's targets: what it wants to reach in a year, how far it is, and what remains."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from districts import access
from districts.models import Unit
from reports.models import Indicator, Target
from reports.summaries.targets import targets_of
from reports.workflow import plans

from .acts import act_of
from .fetch import unit_or_404
from .forms_plans import VersionedForm
from .remedies import crumbs_of, saved
from .units import unit_context


class TargetForm(VersionedForm):
    class Meta:
        model = Target
        fields = ("year", "measure", "indicator", "value", "note")
        localized_fields = ("value",)
        help_texts: ClassVar = {
            "indicator": "Chỉ chọn khi đo bằng chỉ tiêu trong danh mục.",
            "value": "Có thể để trống khi kế hoạch chỉ ghi “thăng hạng”.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["indicator"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = Indicator.objects.order_by("name")


@login_required
def targets(request: HttpRequest, unit_id: int) -> HttpResponse:
    """A unit's targets with their progress, and the form to set another."""
    unit = unit_or_404(request.user, unit_id)
    may_plan = access.can_enter(request.user, unit)
    form = TargetForm(request.POST or None, initial={"year": timezone.localdate().year}) if may_plan else None
    if request.method == "POST":
        access.require(may_plan, plans.NOT_YOURS)
        if form is not None and saved(request, form, Target(unit=unit)):
            return redirect("office:targets", unit.pk)
    context = unit_context(request, unit, "Mục tiêu") | {
        "progress": targets_of(unit),
        "form": form,
        "may_plan": may_plan,
    }
    return render(request, "office/targets.html", context, status=422 if form and form.errors else 200)


@login_required
def target(request: HttpRequest, unit_id: int, target_id: int) -> HttpResponse:
    """Change one target."""
    unit, row = _target_or_404(request, unit_id, target_id)
    access.require(access.can_enter(request.user, unit), plans.NOT_YOURS)
    form = TargetForm(request.POST or None, instance=row)
    if request.method == "POST" and saved(request, form, row):
        return redirect("office:targets", unit.pk)
    context = unit_context(request, unit) | {
        "form": form,
        "row": row,
        "crumbs": crumbs_of(unit, ("Mục tiêu", reverse("office:targets", args=[unit.pk])), ("Sửa", "")),
    }
    return render(request, "office/target.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def target_remove(request: HttpRequest, unit_id: int, target_id: int) -> HttpResponse:
    unit, row = _target_or_404(request, unit_id, target_id)
    plans.remove(row, act_of(request))
    messages.success(request, "Đã bỏ mục tiêu.")
    return redirect("office:targets", unit.pk)


def _target_or_404(request: HttpRequest, unit_id: int, target_id: int) -> tuple[Unit, Target]:
    unit = unit_or_404(request.user, unit_id)
    return unit, get_object_or_404(
        Target.objects.select_related("unit", "indicator"), pk=target_id, unit=unit
    )


urlpatterns: list[URLPattern] = [
    path("units/<int:unit_id>/targets/", targets, name="targets"),
    path("units/<int:unit_id>/targets/<int:target_id>/", target, name="target"),
    path("units/<int:unit_id>/targets/<int:target_id>/remove/", target_remove, name="target_remove"),
]
