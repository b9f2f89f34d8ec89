"""What tells the appraiser where to look: self-scores against the appraisal, and oddities. Nothing of it is public."""

from __future__ import annotations

from collections import Counter
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from districts import access
from reports import oddity_sentences, spreadsheets
from reports.analytics.oddities import DECLARED, Kind
from reports.spreadsheets import Sheet
from reports.summaries.inflation import (
    Column,
    Figure,
    UnitInflation,
    YearInflation,
    inflation_of_unit,
    inflation_of_year,
)
from reports.summaries.oddities import Listed, oddities_of

from .appraisal import year_crumbs
from .fetch import year_or_404

NOT_YOURS = "Trang này dành cho người thẩm định, người công bố và quản trị viên của cơ quan tổ chức đánh giá."
ROWS_A_PAGE = 100


@login_required
@require_GET
def inflation(request: HttpRequest, year_id: int) -> HttpResponse:
    """Self-scores against the appraisal over the years: all units for the office, for a unit's people their own."""
    year = year_or_404(request.user, year_id, for_units=True)
    name = f"cchc-{year.organiser.slug}-{year.year}-{year.group.slug}-tu-cham-tham-dinh"
    context = {"year": year, "is_sample": year.organiser.is_sample}
    if access.can_scrutinise(request.user, year.organiser):
        found = inflation_of_year(year, request.GET.get("area", ""))
        if request.GET.get("export") in ("csv", "xlsx"):
            return _export(request, name, [_year_sheet(found), _alike_sheet(found)])
        crumbs = year_crumbs(year, _("Tự chấm so với thẩm định"))
        return render(request, "office/inflation.html", context | {"found": found, "crumbs": crumbs})
    sheets = year.sheets.filter(unit__in=access.own_units(request.user)).select_related("unit")
    own = [inflation_of_unit(year, sheet.unit) for sheet in sheets.order_by("unit__sort_key")]
    access.require(bool(own), NOT_YOURS)
    if request.GET.get("export") in ("csv", "xlsx"):
        return _export(request, name, [_unit_sheet(own)])
    crumbs = year_crumbs(year, _("Tự chấm so với thẩm định"), sheets[0])
    return render(request, "office/inflation_unit.html", context | {"own": own, "crumbs": crumbs})


@login_required
@require_GET
def oddities(request: HttpRequest, year_id: int) -> HttpResponse:
    """What is worth a second look, with the reason for each; `?kind=` and `?unit=` choose among them."""
    year = year_or_404(request.user, year_id)
    access.require(access.can_scrutinise(request.user, year.organiser), NOT_YOURS)
    every = oddities_of(year)
    kind, unit = request.GET.get("kind", ""), request.GET.get("unit", "")
    chosen = [one for one in every if kind in ("", one.odd.kind) and unit in ("", one.unit.code)]
    if request.GET.get("export") in ("csv", "xlsx"):
        name = f"cchc-{year.organiser.slug}-{year.year}-{year.group.slug}-can-xem-lai"
        return _export(request, name, [_oddity_sheet(chosen)])
    page = Paginator(chosen, ROWS_A_PAGE).get_page(request.GET.get("page"))
    tally = Counter(one.odd.kind for one in every)
    context = {
        "year": year,
        "page": page,
        "rows": [(one, *_words(one), _address(one)) for one in page.object_list],
        "total": len(every),
        "kinds": [(k.value, words, tally[k]) for k, words in oddity_sentences.KINDS.items() if tally[k]],
        "units": list({one.unit.code: one.unit for one in every}.values()),
        "kind": kind,
        "unit": unit,
        "limits": DECLARED,
        "crumbs": year_crumbs(year, _("Điểm cần xem lại")),
        "is_sample": year.organiser.is_sample,
    }
    return render(request, "office/oddities.html", context)


def _words(one: Listed) -> tuple[str, str, str]:
    kind = str(oddity_sentences.KINDS[one.odd.kind])
    return kind, oddity_sentences.place_words(one), oddity_sentences.reason_sentence(one)


def _address(one: Listed) -> str:
    """Return where it is looked at: the area of the appraisal with its evidence, or the unit's figures."""
    if one.odd.reason == "satisfied":
        return reverse("office:satisfaction", args=[one.unit.pk])
    if one.scope is not None or one.odd.kind == Kind.DIGITS:
        return reverse("office:dossiers", args=[one.unit.pk])
    address = reverse("office:appraisal", args=[one.sheet.pk])
    return f"{address}?{urlencode({'area': one.area.code})}" if one.area else address


def _export(request: HttpRequest, name: str, sheets: list[Sheet]) -> HttpResponse:
    if request.GET["export"] == "csv":
        return spreadsheets.csv_response(sheets[0], name)
    return spreadsheets.xlsx_response(sheets, name)


def _year_headers(columns: tuple[Column, ...]) -> list[str]:
    return [
        words % {"year": column.year.year}
        for column in columns
        for words in (_("%(year)d: chênh lệch (điểm)"), _("%(year)d: so với điểm tối đa (%%)"))
    ]


def _cells(figures: tuple[Figure | None, ...]) -> list[spreadsheets.Cell]:
    return [cell for one in figures for cell in ((one.points, one.share) if one else (None, None))]


def _year_sheet(found: YearInflation) -> Sheet:
    headers = [_("Mã"), _("Đơn vị"), *_year_headers(found.columns)]
    rows = [[row.unit.code, str(row.unit), *_cells(row.cells)] for row in found.rows]
    return Sheet(_("Theo đơn vị"), headers, rows)


def _alike_sheet(found: YearInflation) -> Sheet:
    headers = [
        *(_("Mã"), _("Tiêu chí thành phần"), _("Đơn vị được tính"), _("Tự chấm cao hơn")),
        *(_("Tự chấm thấp hơn"), _("Chênh lệch trung bình (điểm)"), _("So với điểm tối đa (%)")),
    ]
    rows: list[list[spreadsheets.Cell]] = [
        [
            *(one.criterion.code, one.criterion.title, one.figures.counted, one.figures.over),
            *(one.figures.under, one.mean, one.mean_share),
        ]
        for one in found.alike
    ]
    return Sheet(_("Cùng chấm lệch"), headers, rows)


def _unit_sheet(own: list[UnitInflation]) -> Sheet:
    # All of one person's units share the years of the organiser, so the columns of the longest serve.
    columns = max((one.columns for one in own), key=len)
    headers = [_("Đơn vị"), _("Lĩnh vực"), *_year_headers(columns)]
    rows = [
        [str(one.unit), str(row.area.title) if row.area else _("Tất cả lĩnh vực"), *_cells(row.cells)]
        for one in own
        for row in one.rows
    ]
    return Sheet(_("Theo lĩnh vực"), headers, rows)


def _oddity_sheet(chosen: list[Listed]) -> Sheet:
    headers = [_("Mã"), _("Đơn vị"), _("Loại"), _("Chỗ cần xem"), _("Lý do (gợi ý, không phải kết luận)")]
    rows = [[one.unit.code, str(one.unit), *_words(one)] for one in chosen]
    return Sheet(_("Cần xem lại"), headers, rows)


urlpatterns = [
    path("years/<int:year_id>/inflation/", inflation, name="inflation"),
    path("years/<int:year_id>/oddities/", oddities, name="oddities"),
]
