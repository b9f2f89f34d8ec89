"""Public pages: each fetches, checks, calls one summary, renders."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django_tables2 import RequestConfig

from districts.models import Organiser
from districts.summaries import closing_sentence, unit_lineage
from reports import charts, map_drawing, sentences, spreadsheets, structured_data
from reports.index766_charts import index766_charts
from reports.letters.paragraphs import unit_paragraphs
from reports.models import AssessmentYear
from reports.public_address import public_address
from reports.published import a_page, an_export, published
from reports.summaries import dashboard as dashboards
from reports.summaries import organisers as organiser_summaries
from reports.summaries import ranking as rankings
from reports.summaries import units as unit_summaries
from reports.summaries.index766 import index766_of_unit
from reports.summaries.news import news
from reports.summaries.organisers import public_year
from reports.summaries.places import find_place
from reports.summaries.ranking import Ranking
from reports.summaries.results import UnitResult
from reports.summaries.unit_map import unit_map
from reports.summaries.versions import Changes, Version, changes_of_unit, version_of
from reports.tables import RankingTable

ROWS_PER_PAGE = 50
ITEMS_ON_HOME = 6


@published()
def home(request: HttpRequest) -> HttpResponse:
    context = {
        "news": news(ITEMS_ON_HOME, real_first=True),
        "organisers": organiser_summaries.organisers_with_years(),
    }
    return render(request, "reports/home.html", context)


@published(of="organiser")
def organiser(request: HttpRequest, organiser: str) -> HttpResponse:
    found = get_object_or_404(Organiser, slug=organiser)
    summary = organiser_summaries.organiser_summary(found)
    context = {
        "organiser": found,
        "summary": summary,
        "bump": charts.bump_chart(summary.histories),
        "crumbs": [(found.name, "")],
        "is_sample": found.is_sample,
    }
    return render(request, "reports/organiser.html", context)


@published(of="organiser", page=a_page, sort=RankingTable.sorts_by, export=an_export)
def year(request: HttpRequest, organiser: str, year: int) -> HttpResponse:
    """Show the year's ranking where one group was ranked, else the choice of groups."""
    years = organiser_summaries.PUBLIC_YEARS(organiser=organiser, year=year)
    if not years:
        raise Http404(_("Chưa có kết quả công bố cho năm này."))
    if len(years) == 1:
        return _ranking_page(request, years[0])
    found = years[0].organiser
    context = {
        "years": years,
        "organiser": found,
        "year": year,
        "crumbs": [(found.name, found.get_absolute_url()), (str(year), "")],
        "is_sample": found.is_sample,
    }
    return render(request, "reports/year.html", context)


@published(of="organiser", page=a_page, sort=RankingTable.sorts_by, export=an_export)
def ranking(request: HttpRequest, organiser: str, year: int, group: str) -> HttpResponse:
    return _ranking_page(request, public_year(organiser, year, group))


def _ranking_page(request: HttpRequest, year: AssessmentYear) -> HttpResponse:
    summary = rankings.ranking(year)
    kind, name = request.GET.get("type", ""), request.GET.get("q", "").strip()
    ranked, unranked = (
        rankings.matching(rows, kind=kind, name=name) for rows in (summary.ranked, summary.unranked)
    )
    table = RankingTable(ranked, caption=year.group.label, has_adjustments=summary.has_adjustments)
    RequestConfig(request, paginate=False).configure(table)
    table.paginate(per_page=ROWS_PER_PAGE)
    table.page = table.paginator.get_page(request.GET.get("page"))
    if request.GET.get("export") in ("csv", "xlsx"):
        return _export(request.GET["export"], summary, [*(row.record for row in table.rows), *unranked])
    shown = unit_map(summary)
    context = {
        "summary": summary,
        "year": year,
        "years": organiser_summaries.years_of_group(year),
        "organiser": year.organiser,
        "map": shown,
        # Who looks for a name wants that name.
        "drawing": map_drawing.draw(shown) if shown and shown.compares and not (kind or name) else None,
        "table": table,
        "unranked": unranked,
        "is_filtered": bool(kind or name),
        "type": kind,
        "name": name,
        "distribution": charts.distribution_chart(summary),
        "structured": structured_data.dataset(year, partial(public_address, request)),
        "rules": sentences.rule_sentences(summary),
        "coverage_lines": sentences.coverage_sentences(summary),
        "crumbs": [(year.organiser.name, year.organiser.get_absolute_url()), (str(year.year), "")],
        "is_sample": summary.is_sample,
    }
    return render(request, "reports/ranking.html", context)


@published(of="organiser", export=an_export)
def version(request: HttpRequest, organiser: str, year: int, group: str, number: int) -> HttpResponse:
    """Show one version of a published result as it was: permanent, so that it can be cited."""
    found = public_year(organiser, year, group)
    shown = version_of(found, number)
    if shown is None:
        raise Http404(_("Không có bản công bố này."))
    if request.GET.get("export") in ("csv", "xlsx"):
        return _version_export(request.GET["export"], shown)
    title = _("Bản công bố số %(n)s") % {"n": number}
    context = {
        "version": shown,
        "year": found,
        "organiser": found.organiser,
        "crumbs": [
            (found.organiser.name, found.organiser.get_absolute_url()),
            (str(found.year), found.get_absolute_url()),
            (title, ""),
        ],
        "is_sample": found.organiser.is_sample,
    }
    return render(request, "reports/version.html", context)


def _version_export(kind: str, shown: Version) -> HttpResponse:
    year, number = shown.publication.assessment_year, shown.publication.version
    name = f"cchc-{year.organiser.slug}-{year.year}-{year.group.slug}-{number}"
    sheet = spreadsheets.version_sheet(shown)
    if kind == "csv":
        return spreadsheets.csv_response(sheet, name)
    scored = year.basis == AssessmentYear.Basis.SCORED
    parts = [spreadsheets.component_sheet(shown.publication)] if scored else []
    return spreadsheets.xlsx_response([sheet, *parts], name)


def _export(kind: str, summary: Ranking, results: list[UnitResult]) -> HttpResponse:
    name = f"cchc-{summary.year.organiser.slug}-{summary.year.year}-{summary.year.group.slug}"
    sheet = spreadsheets.ranking_sheet(results)
    if kind == "csv":
        return spreadsheets.csv_response(sheet, name)
    sheets = [sheet]
    if summary.publication and summary.has_components:
        sheets.append(spreadsheets.component_sheet(summary.publication))
    return spreadsheets.xlsx_response([*sheets, spreadsheets.about_sheet(summary)], name)


@published()
def dashboard(request: HttpRequest, organiser: str, year: int, code: str) -> HttpResponse:
    place = find_place(organiser, year, code)
    if place is None:
        raise Http404(_("Không có số liệu của đơn vị này trong năm đã chọn."))
    found, unit = place
    summary, scores766 = dashboards.dashboard(found, year, unit), index766_of_unit(unit, year)
    if summary.is_empty and not scores766:
        raise Http404(_("Không có số liệu của đơn vị này trong năm đã chọn."))
    name = summary.result.unit_name if summary.result else unit.full_name
    drawn = charts.dashboard_charts(summary) | index766_charts(scores766)
    own, comparison = sentences.dashboard_sentences(summary)
    address = reverse("reports:dashboard", args=[found.slug, year, code])
    year_address = summary.assessment_year.get_absolute_url() if summary.assessment_year else ""
    context = {
        "summary": summary,
        "unit": unit,
        "unit_name": name,
        "organiser": found,
        "year": year,
        "criteria_set": summary.criteria_set,
        "corrections": _corrections(summary.result),
        "sentences": own,
        "comparison": comparison,
        # What is copied into a paper is Vietnamese, as papers are.
        "paragraphs": unit_paragraphs(summary, [*own, *comparison])
        if get_language() == settings.LANGUAGE_CODE
        else (),
        "charts": drawn,
        "dossiers": [{"summary": d, "chart": drawn.get(f"dossiers_{d.scope}")} for d in summary.dossiers],
        # What else there is of the unit lies under its own address.
        "address": address,
        "detail": f"{address}dossiers/",
        "years": _addresses(summary.years, year, address),
        "closed_sentence": closing_sentence(unit),
        "index766": scores766,
        "crumbs": [
            (found.name, found.get_absolute_url()),
            *([(str(year), year_address)] if year_address else []),
            (name, ""),
        ],
        "is_sample": found.is_sample,
    }
    return render(request, "reports/dashboard.html", context)


def _addresses(years: Iterable[int], year: int, address: str) -> list[tuple[int, str]]:
    """Return the addresses of other years' dashboards, made of this year's."""
    before, after = address.rsplit(f"/{year}/units/", 1)
    return [(other, f"{before}/{other}/units/{after}") for other in years]


def _corrections(result: UnitResult | None) -> tuple[Changes, ...]:
    published = result.publication if result else None
    return changes_of_unit(published, result.unit) if result and published else ()


@published()
def unit(request: HttpRequest, scheme: str, code: str) -> HttpResponse:
    found = unit_summaries.find_unit(scheme, code)
    if found is None:
        raise Http404(_("Không có đơn vị nào mang mã này."))
    summary = unit_summaries.unit_history(found)
    lineage = unit_lineage(found)
    formers = () if summary.results else unit_summaries.former_results(lineage)
    scores766 = index766_of_unit(found)
    context = {
        "unit": found,
        "summary": summary,
        "lineage": lineage,
        "formers": formers,
        "former_marks": {former.edge.unit.pk: _("có kết quả") for former in formers},
        "charts": charts.history_charts(summary.results) | index766_charts(scores766),
        "index766": scores766,
        "crumbs": [*((a.full_name, a.get_absolute_url()) for a in lineage.ancestors), (found.full_name, "")],
        "is_sample": found.scheme.is_sample,
    }
    return render(request, "reports/unit.html", context)
