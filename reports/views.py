"""Public pages: each fetches, checks, calls one summary, renders."""

from __future__ import annotations

import datetime as dt

from districts.names import fold
from districts.summaries import unit_lineage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django_tables2 import RequestConfig

from districts.models import Organiser, Unit
from reports import charts, sentences, spreadsheets
from reports.models import AssessmentYear
from reports.summaries import dashboard as dashboards
from reports.summaries import organisers as organiser_summaries
from reports.summaries import ranking as rankings
from reports.summaries import units as unit_summaries
from reports.tables import RankingTable

ROWS_PER_PAGE = 50


def home(request: HttpRequest) -> HttpResponse:
    context = {
        "news": organiser_summaries.latest_news(),
        "organisers": organiser_summaries.organisers_with_years(),
    }
    return render(request, "reports/home.html", context)


def organiser(request: HttpRequest, organiser: str) -> HttpResponse:
    found = get_object_or_404(Organiser, slug=organiser)
    summary = organiser_summaries.organiser_summary(found)
    context = {
        "organiser": found,
        "is_sample": found.is_sample,
        "summary": summary,
        "bump": charts.bump_chart(summary.histories),
    }
    return render(request, "reports/organiser.html", context)


def year(request: HttpRequest, organiser: str, year: int) -> HttpResponse:
    """Show the year's ranking where one group was ranked, else the choice of groups."""
    years = list(organiser_summaries.public_years().filter(organiser__slug=organiser, year=year))
    if not years:
        raise Http404(_("Chưa có kết quả công bố cho năm này."))
    if len(years) == 1:
        return _ranking_page(request, years[0])
    context = {
        "years": years,
        "organiser": years[0].organiser,
        "year": year,
        "is_sample": years[0].organiser.is_sample,
    }
    return render(request, "reports/year.html", context)


def ranking(request: HttpRequest, organiser: str, year: int, group: str) -> HttpResponse:
    years = organiser_summaries.public_years()
    return _ranking_page(
        request, get_object_or_404(years, organiser__slug=organiser, year=year, group__slug=group)
    )


def _ranking_page(request: HttpRequest, year: AssessmentYear) -> HttpResponse:
    summary = rankings.ranking(year)
    kind, name = request.GET.get("type", ""), request.GET.get("q", "").strip()
    shown = [
        r
        for r in summary.results
        if (not kind or r.unit.type == kind) and (not name or fold(name) in fold(r.unit_name))
    ]
    ranked = [r for r in shown if r in summary.ranked]
    table = RankingTable(ranked)
    RequestConfig(request, paginate={"per_page": ROWS_PER_PAGE}).configure(table)
    if (kind_of_file := request.GET.get("export")) in ("csv", "xlsx"):
        return _export(kind_of_file, summary, shown)
    context = {
        "summary": summary,
        "year": year,
        "organiser": year.organiser,
        "is_sample": summary.is_sample,
        "table": table,
        "unranked": [r for r in shown if r not in summary.ranked],
        "is_filtered": bool(kind or name),
        "type": kind,
        "name": name,
        "distribution": charts.distribution_chart(summary),
    }
    return render(request, "reports/ranking.html", context)


def _export(kind: str, summary: rankings.Ranking, shown: list[rankings.UnitResult]) -> HttpResponse:
    name = f"cchc-{summary.year.organiser.slug}-{summary.year.year}-{summary.year.group.slug}"
    sheet = spreadsheets.ranking_sheet(shown)
    if kind == "csv":
        return spreadsheets.csv_response(sheet, name)
    sheets = [sheet]
    if summary.publication and summary.year.criteria_set:
        sheets.append(spreadsheets.component_sheet(summary.publication))
    return spreadsheets.xlsx_response([*sheets, spreadsheets.about_sheet(summary)], name)


def dashboard(request: HttpRequest, organiser: str, year: int, code: str) -> HttpResponse:
    found = get_object_or_404(Organiser, slug=organiser)
    unit = dashboards.find_unit(found, year, code)
    summary = dashboards.dashboard(found, year, unit) if unit else None
    if unit is None or summary is None or summary.is_empty:
        raise Http404(_("Không có số liệu của đơn vị này trong năm đã chọn."))
    context = {
        "summary": summary,
        "unit": unit,
        "unit_name": summary.result.unit_name if summary.result else unit.name_on(dt.date(year, 12, 31)),
        "organiser": found,
        "year": year,
        "is_sample": found.is_sample,
        "sentences": sentences.result_sentences(summary.result) if summary.result else [],
        "comparison": sentences.comparison_sentences(summary),
        "charts": charts.dashboard_charts(summary),
        "lineage": unit_lineage(unit),
    }
    return render(request, "reports/dashboard.html", context)


def unit(request: HttpRequest, scheme: str, code: str) -> HttpResponse:
    found = get_object_or_404(Unit.objects.select_related("scheme"), scheme=scheme, code=code)
    summary = unit_summaries.unit_history(found)
    context = {
        "unit": found,
        "summary": summary,
        "lineage": unit_lineage(found),
        "is_sample": found.scheme.is_sample,
        "charts": charts.history_charts(summary.results),
    }
    return render(request, "reports/unit.html", context)
