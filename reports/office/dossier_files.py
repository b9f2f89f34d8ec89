"""Form II.06 as a file: to take away, to fill in, and to bring back."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from districts import access
from districts.models import Unit, User
from reports.dossier_sheets import dossier_workbook
from reports.models import DossierCount, ImportBatch, Scope
from reports.periods import DAY, Period, named_period
from reports.workflow.figures import MAY_NOT_WRITE, may_write

from .dossier_form import PlaceForm
from .fetch import unit_or_404
from .uploads import FileForm, received, workbook_response

NO_SUCH_PERIOD = "Chưa rõ kỳ của biểu mẫu: hãy chọn loại kỳ, kỳ thứ và năm, hoặc từ ngày – đến ngày."
ORDER = {scope: place for place, scope in enumerate(Scope.values)}


@login_required
@require_GET
def dossier_sheet(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Form II.06 of a period (as `dossier_counts` names it; empty where nothing is entered), or of all periods."""
    unit = unit_or_404(request.user, unit_id)
    place = PlaceForm({"scope": Scope.OWN, **request.GET.dict()})
    chosen = place.period if place.is_valid() else None
    if request.GET and chosen is None:
        messages.error(request, NO_SUCH_PERIOD)
        return redirect("office:dossiers", unit.pk)
    name = f"bieu-II.06-{unit.code}" + (f"-{chosen.start:%d%m%Y}-{chosen.end:%d%m%Y}" if chosen else "")
    return workbook_response(dossier_workbook(unit, _forms(unit, chosen)), name)


@login_required
@require_POST
def dossier_upload(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Take a form in; what follows is the preview all files have."""
    unit = unit_or_404(request.user, unit_id)
    assert isinstance(request.user, User)
    access.require(may_write(request.user, unit), MAY_NOT_WRITE)
    back = reverse("office:dossiers", args=[unit.pk])
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(str(said) for said in form.errors["file"]))
        return redirect(back)
    file = form.cleaned_data["file"]
    return received(request, unit, file, kind=ImportBatch.Kind.DOSSIERS, settings={"back": back})


def _forms(unit: Unit, chosen: Period | None) -> dict[Period, list[DossierCount]]:
    rows = DossierCount.objects.in_work().filter(unit=unit).select_related("field")
    if chosen is not None:
        rows = rows.filter(starts_on=chosen.start, ends_on=chosen.end)
    found: dict[Period, list[DossierCount]] = {chosen: []} if chosen else {}
    for row in sorted(rows, key=_order):
        found.setdefault(Period(row.starts_on, row.ends_on), []).append(row)
    return found or {_last_month(): []}


def _last_month() -> Period:
    last = timezone.localdate().replace(day=1) - DAY
    return named_period("month", last.month, last.year)


def _order(row: DossierCount) -> tuple[object, ...]:
    return (row.ends_on, row.starts_on, ORDER[row.scope], row.field.slug if row.field else "")


urlpatterns: list[URLPattern] = [
    path("units/<int:unit_id>/dossiers/form.xlsx", dossier_sheet, name="dossier_sheet"),
    path("units/<int:unit_id>/dossiers/upload/", dossier_upload, name="dossier_upload"),
]
