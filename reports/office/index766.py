"""The 766 index of a unit: the portal's own score by period, what counts explain of it, never part of the PAR INDEX."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_POST

from districts import access
from districts.models import Unit
from reports.index766 import GROUPS, MAXIMA
from reports.models import Index766
from reports.numbers_vi import number
from reports.readers import ReadError, parse_count, parse_decimal, text_of
from reports.summaries.index766 import explained_groups, scores_of
from reports.workflow.figures import MAY_NOT_WRITE, RowWrite, may_write, remove_row, write_rows

from .acts import act_of
from .fetch import unit_or_404
from .forms_plans import DAY, VersionedForm
from .remedies import crumbs_of
from .units import unit_context

PART_FIELDS = ("points", "numerator", "denominator", "flag")


class IndexForm(VersionedForm):
    """The total of a period; the groups and components are read beside it."""

    class Meta:
        model = Index766
        fields = ("starts_on", "ends_on", "points", "rank", "rank_of", "grade", "note", "gap_reason")
        localized_fields = ("points",)
        widgets: ClassVar = {
            "starts_on": DAY,
            "ends_on": DAY,
            "note": forms.Textarea(attrs={"rows": 2}),
            "gap_reason": forms.Textarea(attrs={"rows": 2}),
        }


@login_required
@require_GET
def index766(request: HttpRequest, unit_id: int) -> HttpResponse:
    """The periods entered, the latest first, with the scores of the six groups."""
    unit = unit_or_404(request.user, unit_id)
    rows = Index766.objects.in_work().filter(unit=unit).prefetch_related("parts")
    context = unit_context(request, unit, "Bộ chỉ số 766") | {"scores": scores_of(rows), "groups": GROUPS}
    return render(request, "office/index766.html", context)


@login_required
def index766_new(request: HttpRequest, unit_id: int) -> HttpResponse:
    return _page(request, unit_or_404(request.user, unit_id), None)


@login_required
def index766_row(request: HttpRequest, unit_id: int, row_id: int) -> HttpResponse:
    unit = unit_or_404(request.user, unit_id)
    return _page(request, unit, get_object_or_404(Index766.objects.in_work(), pk=row_id, unit=unit))


@login_required
@require_POST
def index766_remove(request: HttpRequest, unit_id: int, row_id: int) -> HttpResponse:
    unit = unit_or_404(request.user, unit_id)
    row = get_object_or_404(Index766.objects.in_work(), pk=row_id, unit=unit)
    try:
        remove_row(row, act_of(request))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, "Đã xóa.")
    return redirect("office:index766", unit.pk)


def _page(request: HttpRequest, unit: Unit, row: Index766 | None) -> HttpResponse:
    access.require(may_write(request.user, unit), MAY_NOT_WRITE)  # type: ignore[arg-type]
    form = IndexForm(request.POST or None, instance=row)
    typed, errors = _typed(request, row), dict[str, str]()
    if request.method == "POST" and form.is_valid():
        parts = _parts(typed, errors)
        if not errors and _saved(request, unit, form, row, parts):
            return redirect("office:index766", unit.pk)
    context = unit_context(request, unit) | {
        "form": form,
        "row": row,
        "groups": explained_groups(typed, errors),
        "title": "Sửa điểm bộ chỉ số 766" if row else "Nhập điểm bộ chỉ số 766",
        "crumbs": crumbs_of(
            unit, ("Bộ chỉ số 766", reverse("office:index766", args=[unit.pk])), ("Một kỳ", "")
        ),
    }
    status = 422 if form.errors or errors else 200
    return render(request, "office/index766_form.html", context, status=status)


def _typed(request: HttpRequest, row: Index766 | None) -> dict[str, dict[str, str]]:
    """Return what stands in the fields of each group and component: what was typed, else what is stored."""
    if request.method == "POST":
        return {key: {f: text_of(request.POST.get(f"{key}-{f}", "")) for f in PART_FIELDS} for key in MAXIMA}
    stored = {part.key: part for part in row.parts.all()} if row else {}
    return {key: {f: _text(getattr(stored.get(key), f, None)) for f in PART_FIELDS} for key in MAXIMA}


def _parts(typed: Mapping[str, Mapping[str, str]], errors: dict[str, str]) -> dict[str, dict[str, object]]:
    """Return the typed parts as values, those left empty left out; what cannot be read goes into `errors`."""
    found: dict[str, dict[str, object]] = {}
    for key, said in typed.items():
        values: dict[str, object] = {"flag": said["flag"][:60]}
        for name in ("points", "numerator", "denominator"):
            try:
                values[name] = (parse_decimal if name == "points" else parse_count)(said[name])
            except ReadError as error:
                errors[key] = str(error)
        if any(value not in (None, "") for value in values.values()):
            found[key] = values
    return found


def _saved(
    request: HttpRequest,
    unit: Unit,
    form: VersionedForm,
    row: Index766 | None,
    parts: dict[str, dict[str, object]],
) -> bool:
    values: dict[str, Any] = form.values()
    names = ("starts_on", "ends_on")
    key = {"pk": row.pk} if row is not None else {name: values.pop(name) for name in names}
    seen = form.cleaned_data["version"] or 0
    write = RowWrite(Index766, key, values, expected_version=seen, parts=parts)
    result = write_rows(unit, [write], act_of(request))[0]
    if result.outcome in ("saved", "unchanged"):
        messages.success(request, "Đã lưu.")
        return True
    form.add_error(None, result.message)
    for field, said in result.errors.items():
        if field in form.fields:
            form.add_error(field, said)
    return False


def _text(value: object) -> str:
    if value is None:
        return ""
    return number(value, 3) if isinstance(value, Decimal) else str(value)


urlpatterns: list[URLPattern] = [
    path("units/<int:unit_id>/index766/", index766, name="index766"),
    path("units/<int:unit_id>/index766/new/", index766_new, name="index766_new"),
    path("units/<int:unit_id>/index766/<int:row_id>/", index766_row, name="index766_row"),
    path("units/<int:unit_id>/index766/<int:row_id>/remove/", index766_remove, name="index766_remove"),
]
