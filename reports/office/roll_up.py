"""An organiser's indicators of a year, over all its units: for its own people, before anything is public."""

from __future__ import annotations

from itertools import groupby

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from districts.models import Organiser
from reports.readers import whole_year
from reports.spreadsheets import Cell, Sheet, csv_response, xlsx_response
from reports.summaries.roll_up import RollUp, roll_up

from .fetch import organiser_or_404

YEARS_BACK = 6
HEADERS = (
    *("Mã", "Chỉ tiêu", "Đơn vị tính", "Phạm vi", "Cách tổng hợp", "Kết quả", "Tổng tử số", "Tổng mẫu số"),
    *("Độ chính xác", "Thấp nhất", "Trung vị", "Cao nhất", "Đơn vị có số liệu", "Đơn vị phải có"),
    *("Chưa có số liệu", "Kỳ"),
)
UNIT_HEADERS = (
    *("Mã", "Chỉ tiêu", "Phạm vi", "Mã đơn vị", "Đơn vị", "Kỳ"),
    *("Giá trị", "Tử số", "Mẫu số", "Độ chính xác", "Nguyên văn", "Giải thích chênh lệch"),
)


@login_required
@require_GET
def organiser_indicators(request: HttpRequest, slug: str) -> HttpResponse:
    """Each indicator as it declares (`?year=`), with who has not told it; `?export=csv|xlsx`."""
    organiser = organiser_or_404(request.user, slug)
    this_year = timezone.localdate().year
    asked = request.GET.get("year", "")
    year = whole_year(asked) or this_year
    rows = roll_up(organiser, year)
    if export := request.GET.get("export"):
        return _exported(rows, f"chi-tieu-{organiser.slug}-{year}", export)
    context = {
        "organiser": organiser,
        "year": year,
        "years": sorted({*range(this_year - YEARS_BACK, this_year + 1), year}, reverse=True),
        "topics": [(title, list(group)) for title, group in groupby(rows, _topic)],
        "is_sample": organiser.is_sample,
        "crumbs": _crumbs(organiser, year),
    }
    return render(request, "office/roll_up.html", context)


def _crumbs(organiser: Organiser, year: int) -> list[tuple[str, str]]:
    releases = f"{reverse('office:releases')}?year={year}"
    return [
        ("Việc của tôi", reverse("office:home")),
        ("Công khai số liệu", releases),
        (f"Chỉ tiêu, {organiser}", ""),
    ]


def _topic(row: RollUp) -> str:
    return str(row.indicator.get_topic_display())


def _exported(rows: list[RollUp], name: str, kind: str) -> HttpResponse:
    together = Sheet("Tổng hợp", HEADERS, [_line(row) for row in rows])
    if kind == "csv":
        return csv_response(together, name)
    return xlsx_response([together, Sheet("Từng đơn vị", UNIT_HEADERS, _unit_lines(rows))], name)


def _line(row: RollUp) -> list[Cell]:
    ends = [one.compared if one else None for one in (row.lowest, row.highest)]
    return [
        row.indicator.slug,
        row.indicator.name,
        row.indicator.unit_of_measure,
        row.scope_label,
        str(row.indicator.get_aggregation_display()),
        row.total if row.total is not None else row.share,
        row.numerator,
        row.denominator,
        row.quality_label if row.counted else None,
        ends[0],
        row.middle,
        ends[1],
        len(row.figures),
        len(row.figures) + len(row.missing),
        "; ".join(unit.full_name for unit in row.missing),
        "; ".join(row.periods),
    ]


def _unit_lines(rows: list[RollUp]) -> list[list[Cell]]:
    return [
        [
            row.indicator.slug,
            row.indicator.name,
            row.scope_label,
            one.unit.code,
            one.unit.full_name,
            one.period,
            one.row.value,
            one.row.numerator,
            one.row.denominator,
            str(one.row.get_quality_display()),
            one.row.wording,
            one.row.gap_reason,
        ]
        for row in rows
        for one in row.figures
    ]


urlpatterns: list[URLPattern] = [
    path("organisers/<slug:slug>/indicators/", organiser_indicators, name="organiser_indicators"),
]
