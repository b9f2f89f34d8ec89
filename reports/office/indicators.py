"""A unit's annual indicators: one page a year, each row its figure, last year's beside it."""

from __future__ import annotations

from itertools import groupby

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from districts import access
from reports.figure_sheets import figure_sheets
from reports.models import ImportBatch, Indicator, Quality, Scope
from reports.readers import whole_number, whole_year
from reports.spreadsheets import csv_response, xlsx_response
from reports.workflow.figures import MAY_NOT_WRITE, may_write

from .acts import act_of
from .fetch import unit_or_404
from .indicator_form import IndicatorRow, period_of, rows_of, save
from .units import unit_context
from .uploads import FileForm, received

FIRST_YEAR = 2015


@login_required
@require_http_methods(["GET", "POST"])
def indicators(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Fill in a year's indicators (`?year=`, `?scope=`); each row is saved or says why not.

    `?add=` shows further ones of the catalogue, those that are not asked for every year.
    """
    unit = unit_or_404(request.user, unit_id)
    year, scope = _year(request), _scope(request)
    if export := request.GET.get("export"):
        sheets = figure_sheets(unit, year)
        name = f"chi-tieu-{unit.code}-{year}"
        return csv_response(sheets[0], name) if export == "csv" else xlsx_response(sheets, name)
    added = [pk for text in request.GET.getlist("add") if (pk := whole_number(text))]
    rows = rows_of(unit, year, scope, added)
    if request.method == "POST":
        access.require(may_write(request.user, unit), MAY_NOT_WRITE)  # type: ignore[arg-type]
        saved = save(unit, year, scope, rows, request.POST, act_of(request))
        is_clean = not any(row.has_problem for row in rows)
        _say(request, saved, is_clean=is_clean)
        if is_clean:
            address = reverse("office:indicators", args=[unit.pk])
            return redirect(f"{address}?year={year}&scope={scope}")
    this_year = timezone.localdate().year
    context = unit_context(request, unit, "Chỉ tiêu") | {
        "topics": [(title, list(group)) for title, group in groupby(rows, lambda r: _topic(r.indicator))],
        "year": year,
        "years": range(this_year, FIRST_YEAR - 1, -1),
        "scope": scope,
        "scopes": Scope.choices,
        "qualities": Quality.choices,
        "period": period_of(unit, year),
        "added": added,
        "others": _others(rows),
        "file_form": FileForm(),
    }
    refused = any(row.has_problem for row in rows)
    return render(request, "office/indicators.html", context, status=422 if refused else 200)


@login_required
@require_POST
def figures_upload(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Take indicators, initiatives and activities as a file; what follows is the preview all files have."""
    unit = unit_or_404(request.user, unit_id)
    access.require(may_write(request.user, unit), MAY_NOT_WRITE)  # type: ignore[arg-type]
    back = reverse("office:indicators", args=[unit.pk])
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, " ".join(str(said) for said in form.errors["file"]))
        return redirect(back)
    file = form.cleaned_data["file"]
    return received(request, unit, file, kind=ImportBatch.Kind.FIGURES, settings={"back": back})


def _others(rows: list[IndicatorRow]) -> QuerySet[Indicator]:
    """Return the rest of the catalogue: what is not asked for every year, and can be told all the same."""
    return Indicator.objects.exclude(pk__in=[row.indicator.pk for row in rows]).order_by("name")


def _say(request: HttpRequest, saved: int, *, is_clean: bool) -> None:
    if saved:
        messages.success(request, f"Đã lưu {saved} chỉ tiêu.")
    elif is_clean:
        messages.info(request, "Không có gì thay đổi.")


def _year(request: HttpRequest) -> int:
    asked = request.GET.get("year", "")
    year = whole_year(asked) or timezone.localdate().year
    return min(max(year, 2000), 2100)


def _scope(request: HttpRequest) -> str:
    asked = request.GET.get("scope", "")
    return asked if asked in Scope.values else Scope.OWN.value


def _topic(indicator: Indicator) -> str:
    return str(indicator.get_topic_display())


urlpatterns: list[URLPattern] = [
    path("units/<int:unit_id>/indicators/", indicators, name="indicators"),
    path("units/<int:unit_id>/indicators/upload/", figures_upload, name="figures_upload"),
]
