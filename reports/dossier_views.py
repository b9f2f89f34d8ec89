"""The public page of a unit's dossiers in a year, and the same as a table to take away."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from reports import dossier_charts, spreadsheets
from reports.models import DossierCount
from reports.numbers_vi import date_vi
from reports.published import an_export, published
from reports.spreadsheets import Sheet
from reports.summaries.dossier_detail import DossierDetail, dossier_detail, dossier_years
from reports.summaries.dossiers import COUNTS, LABELS
from reports.summaries.places import find_place


@published(export=an_export)
def unit_dossiers(request: HttpRequest, organiser: str, year: int, code: str) -> HttpResponse:
    place = find_place(organiser, year, code)
    detail = dossier_detail(place[0], year, place[1]) if place else None
    if place is None or detail is None:
        raise Http404(_("Không có số liệu hồ sơ của đơn vị này trong năm đã chọn."))
    found, unit = place
    if request.GET.get("export") in ("csv", "xlsx"):
        return _export(request.GET["export"], detail)
    charts = dossier_charts.detail_charts(detail)
    dashboard = reverse("reports:dashboard", args=[found.slug, year, code])
    context = {
        "detail": detail,
        "unit": unit,
        "organiser": found,
        "year": year,
        "years": [
            (other, reverse("reports:unit_dossiers", args=[found.slug, other, code]))
            for other in dossier_years(unit)
        ],
        "scopes": [(one, charts.get(one.summary.scope, [])) for one in detail.scopes],
        "blocks": [{"summary": one.summary, "chart": None} for one in detail.scopes],
        "charts": charts,
        "sources": list({row.source_id: row.source for row in detail.rows}.values()),
        "crumbs": [
            (found.name, found.get_absolute_url()),
            (_("%(name)s, năm %(year)s") % {"name": unit.full_name, "year": year}, dashboard),
            (_("Hồ sơ"), ""),
        ],
        "is_sample": found.is_sample,
    }
    return render(request, "reports/unit_dossiers.html", context)


def _export(kind: str, detail: DossierDetail) -> HttpResponse:
    name = f"ho-so-{detail.organiser.slug}-{detail.year}-{detail.unit.code}"
    sheet = dossier_sheet(detail.rows)
    return (
        spreadsheets.csv_response(sheet, name) if kind == "csv" else spreadsheets.xlsx_response([sheet], name)
    )


def dossier_sheet(rows: Sequence[DossierCount]) -> Sheet:
    """Return every public row as it stands, periods that overlap included: nothing is added up, the source beside."""
    headers = [
        _("Đơn vị"),
        _("Phạm vi"),
        _("Lĩnh vực"),
        _("Từ ngày"),
        _("Đến ngày"),
        *(str(LABELS[name]).capitalize() for name in COUNTS),
        _("Cách đếm"),
        _("Giải thích chênh lệch"),
        _("Nguyên văn"),
        _("Nguồn"),
        _("Loại dữ liệu"),
    ]
    return Sheet(_("Hồ sơ"), headers, [_cells(row) for row in rows])


def _cells(row: DossierCount) -> list[str | int | None]:
    said = [one["wording"] for one in row.qualified.values() if one.get("wording")]
    return [
        row.unit.full_name,
        str(row.get_scope_display()),
        row.field.name if row.field else _("tất cả"),
        date_vi(row.starts_on),
        date_vi(row.ends_on),
        *(getattr(row, name) for name in COUNTS),
        str(row.get_convention_display()),
        row.gap_reason,
        "; ".join([*([row.wording] if row.wording else []), *said]),
        row.source.title,
        _("Dữ liệu mẫu, không có thật") if row.source.is_sample else _("Số liệu thật, theo nguồn"),
    ]
