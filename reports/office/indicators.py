"""A unit's annual indicators: one page a year, each row its figure, last year's beside it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from districts import access
from districts.models import Unit
from reports.figure_sheets import figure_sheets
from reports.models import ImportBatch, Indicator, Observation, Quality, Scope
from reports.numbers_vi import number
from reports.readers import ReadError, parse_count, parse_decimal, text_of
from reports.spreadsheets import csv_response, xlsx_response
from reports.workflow.figures import MAY_NOT_WRITE, RowResult, RowWrite, may_write, write_rows

from ..indicator_checks import MEASURED
from .acts import act_of
from .fetch import unit_or_404
from .units import unit_context
from .uploads import FileForm, received

NUMBERS = ("value", "numerator", "denominator")
TEXTS = ("wording", "note", "gap_reason")
FIRST_YEAR = 2015


@dataclass
class IndicatorRow:
    """One line of the form: the indicator, the figure that stands, what was typed, and what was said of it."""

    indicator: Indicator
    row: Observation | None
    before: Observation | None
    typed: Mapping[str, str] | None = None
    errors: dict[str, str] = field(default_factory=dict)
    message: str = ""

    @property
    def is_ratio(self) -> bool:
        return bool(self.indicator.denominator_label)

    @property
    def shown(self) -> dict[str, str]:
        """Return what stands in the fields: what was typed, else the figure."""
        if self.typed is not None:
            return dict(self.typed)
        row = self.row
        found = {name: _number(getattr(row, name)) for name in NUMBERS} if row else dict.fromkeys(NUMBERS, "")
        found |= {name: getattr(row, name) if row else "" for name in TEXTS}
        return found | {"quality": row.quality if row else Quality.EXACT}

    @property
    def share(self) -> Decimal | None:
        return _share(self.row)

    @property
    def before_share(self) -> Decimal | None:
        return _share(self.before)


@login_required
@require_http_methods(["GET", "POST"])
def indicators(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Fill in a year's indicators (`?year=`, `?scope=`); each row is saved or says why not."""
    unit = unit_or_404(request.user, unit_id)
    year, scope = _year(request), _scope(request)
    if export := request.GET.get("export"):
        sheets = figure_sheets(unit, year)
        name = f"chi-tieu-{unit.code}-{year}"
        return csv_response(sheets[0], name) if export == "csv" else xlsx_response(sheets, name)
    rows = _rows(unit, year, scope)
    if request.method == "POST":
        access.require(may_write(request.user, unit), MAY_NOT_WRITE)  # type: ignore[arg-type]
        if _save(request, unit, year, scope, rows):
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
        "period": _period(unit, year),
        "file_form": FileForm(),
    }
    refused = any(row.errors or row.message for row in rows)
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


def _rows(unit: Unit, year: int, scope: str) -> list[IndicatorRow]:
    """Return the indicators asked for, and those that have a figure of the year or the one before; two queries."""
    found: dict[int, dict[int, Observation]] = {}
    known = Observation.objects.in_work().filter(unit=unit, scope=scope, ends_on__year__in=[year - 1, year])
    for row in known.order_by("ends_on"):
        found.setdefault(row.indicator_id, {})[row.ends_on.year] = row
    wanted = [one for one in Indicator.objects.all() if one.is_active or one.pk in found]
    wanted.sort(key=lambda one: (Indicator.Topic.values.index(one.topic), one.order, one.slug))
    return [
        IndicatorRow(one, found.get(one.pk, {}).get(year), found.get(one.pk, {}).get(year - 1))
        for one in wanted
    ]


def _save(request: HttpRequest, unit: Unit, year: int, scope: str, rows: list[IndicatorRow]) -> bool:
    """Write the rows that were changed; return whether none was refused."""
    writes: list[tuple[IndicatorRow, RowWrite]] = []
    for row in rows:
        row.typed = _typed(request, row.indicator)
        if row.typed == IndicatorRow(row.indicator, row.row, None).shown:
            continue
        values = _values(row)
        if values is not None and (row.row is not None or any(values[name] is not None for name in NUMBERS)):
            writes.append((row, _write(request, unit, year, scope, row, values)))
    results = write_rows(unit, [write for _row, write in writes], act_of(request)) if writes else []
    for (row, _), result in zip(writes, results, strict=True):
        _told(row, result)
    saved = sum(result.outcome == "saved" for result in results)
    if saved:
        messages.success(request, f"Đã lưu {saved} chỉ tiêu.")
    is_clean = not any(row.errors or row.message for row in rows)
    if is_clean and not saved:
        messages.info(request, "Không có gì thay đổi.")
    return is_clean


def _told(row: IndicatorRow, result: RowResult) -> None:
    if result.outcome in ("saved", "unchanged"):
        row.row, row.typed = result.row, None
    else:
        row.errors, row.message = dict(result.errors), result.message


def _write(
    request: HttpRequest, unit: Unit, year: int, scope: str, row: IndicatorRow, values: dict[str, Any]
) -> RowWrite:
    first, last = _period(unit, year)
    seen = request.POST.get(f"{row.indicator.pk}-version", "0")
    if row.row is not None:
        key: dict[str, object] = {"pk": row.row.pk}
    else:
        key = {"indicator": row.indicator, "scope": scope, "ends_on": last}
        values["starts_on"] = first if row.indicator.aggregation == Indicator.Aggregation.SUM else None
    return RowWrite(Observation, key, values, expected_version=int(seen) if seen.isdecimal() else 0)


def _values(row: IndicatorRow) -> dict[str, Any] | None:
    """Return the typed row as values; what cannot be read becomes an error of the row."""
    assert row.typed is not None
    read = parse_decimal if row.indicator.unit_of_measure in MEASURED else parse_count
    values: dict[str, Any] = {}
    for name in NUMBERS:
        try:
            values[name] = read(row.typed[name])
        except ReadError as error:
            row.errors[name] = str(error)
    if row.errors:
        return None
    if row.row is not None and all(values[name] is None for name in NUMBERS):
        row.errors["value"] = "Chỉ tiêu đã có số liệu: sửa số, hoặc xóa dòng ở trang hoạt động."
        return None
    return values | {name: row.typed[name] for name in (*TEXTS, "quality")}


def _typed(request: HttpRequest, indicator: Indicator) -> dict[str, str]:
    names = (*NUMBERS, *TEXTS, "quality")
    typed = {name: text_of(request.POST.get(f"{indicator.pk}-{name}", "")) for name in names}
    return typed | {"quality": typed["quality"] or Quality.EXACT.value}


def _period(unit: Unit, year: int) -> tuple[dt.date, dt.date]:
    """Return the part of a year in which the unit existed: a closed unit's figures end with it."""
    first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
    if unit.valid_from and unit.valid_from.year == year:
        first = unit.valid_from
    if unit.valid_to and unit.valid_to.year == year:
        last = unit.valid_to
    return first, last


def _year(request: HttpRequest) -> int:
    asked = request.GET.get("year", "")
    year = int(asked) if asked.isdecimal() and len(asked) == 4 else timezone.localdate().year
    return min(max(year, 2000), 2100)


def _scope(request: HttpRequest) -> str:
    asked = request.GET.get("scope", "")
    return asked if asked in Scope.values else Scope.OWN.value


def _topic(indicator: Indicator) -> str:
    return str(indicator.get_topic_display())


def _number(value: Decimal | None) -> str:
    return "" if value is None else number(value, 4)


def _share(row: Observation | None) -> Decimal | None:
    if row is None or row.numerator is None or not row.denominator:
        return None
    return 100 * row.numerator / row.denominator


urlpatterns: list[URLPattern] = [
    path("units/<int:unit_id>/indicators/", indicators, name="indicators"),
    path("units/<int:unit_id>/indicators/upload/", figures_upload, name="figures_upload"),
]
