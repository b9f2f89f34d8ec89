"""A unit's satisfaction figures: entered one by one or by spreadsheet; public only after their release."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from districts import access
from districts.audit import Act
from districts.models import Change, Unit, User
from reports.models import ImportBatch, Satisfaction
from reports.satisfaction_sheets import satisfaction_sheet
from reports.spreadsheets import xlsx_response
from reports.summaries.satisfaction import summary_of_row
from reports.workflow.figure_checks import check
from reports.workflow.figures import MAY_NOT_WRITE, may_write, remove_row, write_rows

from .fetch import unit_or_404
from .forms_satisfaction import SatisfactionForm
from .uploads import FileForm, received

OUTSIDE = "Số liệu này không còn nữa."


@login_required
@require_GET
def satisfaction(request: HttpRequest, unit_id: int) -> HttpResponse:
    """What the unit has entered, what is said of it, and the way to enter more."""
    user, unit = _user(request), unit_or_404(request.user, unit_id)
    rows = list(_rows(unit))
    context = {
        "unit": unit,
        "rows": [
            (summary_of_row(row), said) for row, said in zip(rows, check(Satisfaction, rows), strict=True)
        ],
        "may_write": may_write(user, unit),
        "file_form": FileForm(),
        "is_sample": _is_sample(unit),
        "crumbs": _crumbs(unit),
    }
    return render(request, "office/satisfaction.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def satisfaction_new(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Enter a survey, or the ratings of a period."""
    return _edit(request, unit_or_404(request.user, unit_id), None, "Nhập số liệu mức độ hài lòng")


@login_required
@require_http_methods(["GET", "POST"])
def satisfaction_row(request: HttpRequest, unit_id: int, row_id: int) -> HttpResponse:
    """Change a figure."""
    unit = unit_or_404(request.user, unit_id)
    return _edit(request, unit, get_object_or_404(_rows(unit), pk=row_id), "Sửa số liệu mức độ hài lòng")


@login_required
@require_POST
def satisfaction_remove(request: HttpRequest, unit_id: int, row_id: int) -> HttpResponse:
    """Take a figure away; what was released stays released."""
    unit = unit_or_404(request.user, unit_id)
    row = get_object_or_404(_rows(unit), pk=row_id)
    try:
        remove_row(row, _act(request))
    except ValidationError as refusal:
        messages.error(request, " ".join(refusal.messages))
    else:
        messages.success(request, "Đã xóa số liệu.")
    return redirect("office:satisfaction", unit.pk)


@login_required
@require_GET
def satisfaction_template(request: HttpRequest, unit_id: int) -> HttpResponse:
    """The unit's figures as a sheet that can be changed, filled and uploaded."""
    unit = unit_or_404(request.user, unit_id)
    return xlsx_response([satisfaction_sheet(_rows(unit))], f"hai-long-{unit.code}")


@login_required
@require_POST
def satisfaction_upload(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Take a sheet in; what follows is the preview all files have."""
    unit = unit_or_404(request.user, unit_id)
    access.require(may_write(_user(request), unit), MAY_NOT_WRITE)
    back = reverse("office:satisfaction", args=[unit.pk])
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(str(said) for said in form.errors["file"]))
        return redirect(back)
    file = form.cleaned_data["file"]
    return received(request, unit, file, kind=ImportBatch.Kind.SATISFACTION, settings={"back": back})


def _edit(request: HttpRequest, unit: Unit, row: Satisfaction | None, title: str) -> HttpResponse:
    access.require(may_write(_user(request), unit), MAY_NOT_WRITE)
    form = SatisfactionForm(request.POST or None, row=row)
    if request.method == "POST" and form.is_valid():
        result = write_rows(unit, [form.write], _act(request))[0]
        if result.outcome in ("saved", "unchanged"):
            messages.success(
                request, "Đã lưu số liệu." if result.outcome == "saved" else "Không có gì thay đổi."
            )
            return redirect("office:satisfaction", unit.pk)
        form.refuse(result.message, dict(result.errors))
    context = {
        "unit": unit,
        "row": row,
        "form": form,
        "title": title,
        "is_sample": _is_sample(unit),
        "crumbs": [*_crumbs(unit, is_open=False), (title, "")],
    }
    return render(request, "office/satisfaction_form.html", context, status=422 if form.errors else 200)


def _rows(unit: Unit) -> QuerySet[Satisfaction]:
    rows = Satisfaction.objects.in_work().filter(unit=unit, source__reported_by=unit)
    return (
        rows.select_related("source", "unit")
        .prefetch_related("factors")
        .order_by("-ends_on", "kind", "scope")
    )


def _is_sample(unit: Unit) -> bool:
    organiser = access.organiser_above(unit)
    return organiser is not None and organiser.is_sample


def _crumbs(unit: Unit, *, is_open: bool = True) -> list[tuple[str, str]]:
    address = "" if is_open else reverse("office:satisfaction", args=[unit.pk])
    return [("Việc của tôi", reverse("office:home")), (unit.full_name, ""), ("Mức độ hài lòng", address)]


def _act(request: HttpRequest) -> Act:
    return Act(_user(request), Change.How.FORM)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


urlpatterns: list[URLPattern] = [
    path("units/<int:unit_id>/satisfaction/", satisfaction, name="satisfaction"),
    path("units/<int:unit_id>/satisfaction/new/", satisfaction_new, name="satisfaction_new"),
    path("units/<int:unit_id>/satisfaction/<int:row_id>/", satisfaction_row, name="satisfaction_row"),
    path(
        "units/<int:unit_id>/satisfaction/<int:row_id>/remove/",
        satisfaction_remove,
        name="satisfaction_remove",
    ),
    path(
        "units/<int:unit_id>/satisfaction/template.xlsx", satisfaction_template, name="satisfaction_template"
    ),
    path("units/<int:unit_id>/satisfaction/upload/", satisfaction_upload, name="satisfaction_upload"),
]
