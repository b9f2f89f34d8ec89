"""Open data: what there is, what its columns mean, and the files."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from reports import spreadsheets, structured_data
from reports.models import AssessmentYear
from reports.open_data import files
from reports.open_data.fields import DATASETS, RESULTS
from reports.open_data.rows import has_rows, parts_of, rows_of
from reports.public_address import public_address
from reports.published import published
from reports.summaries.organisers import public_year, public_years

# Whoever reads a package in a browser, on whatever site, may read its description as well.
FOR_EVERYBODY = {"Access-Control-Allow-Origin": "*"}
# What the files of a year hold may have been released by another organiser: pages depend on all of them.
KINDS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


@published()
def index(request: HttpRequest) -> HttpResponse:
    """Show the years that can be taken away, the licence, and what every column means."""
    years = public_years()
    context = {
        "organisers": [(one, list(own)) for one, own in groupby(years, key=lambda year: year.organiser)],
        "structured": structured_data.catalogue(years, partial(public_address, request)),
        "datasets": DATASETS.values(),
        "crumbs": [(_("Dữ liệu mở"), "")],
    }
    return render(request, "reports/data.html", context)


@published()
def catalogue(request: HttpRequest) -> HttpResponse:
    """Return one package that describes the results of all years."""
    resources = []
    for year in public_years():
        address = public_address(request, _address(year))
        told = files.package(year, [RESULTS.slug], address)["resources"]
        resources += [one | {"name": f"{year.organiser.slug}-{year.year}-{year.group.slug}"} for one in told]
    about = {
        "profile": "tabular-data-package",
        "name": "cchc",
        "title": _("Chỉ số cải cách hành chính: kết quả các năm"),
        "licenses": files.licences(),
        "resources": resources,
    }
    return JsonResponse(about, json_dumps_params={"ensure_ascii": False}, headers=FOR_EVERYBODY)


@published()
def year(request: HttpRequest, organiser: str, year: int, group: str) -> HttpResponse:
    """Show the files of a year."""
    found = public_year(organiser, year, group)
    slugs = _datasets(found)
    context = {
        "year": found,
        "organiser": found.organiser,
        "structured": structured_data.dataset(found, partial(public_address, request), slugs),
        "datasets": [DATASETS[slug] for slug in slugs],
        "about": files.about(found),
        "crumbs": [(_("Dữ liệu mở"), reverse("reports:data")), (f"{found.organiser.name} {found.year}", "")],
        "is_sample": found.organiser.is_sample,
    }
    return render(request, "reports/data_year.html", context)


@published()
def datapackage(request: HttpRequest, organiser: str, year: int, group: str) -> HttpResponse:
    """Return the Frictionless data package of a year; its files stand beside it."""
    found = public_year(organiser, year, group)
    told = files.package(found, _datasets(found))
    return JsonResponse(told, json_dumps_params={"ensure_ascii": False}, headers=FOR_EVERYBODY)


@published()
def workbook(request: HttpRequest, organiser: str, year: int, group: str) -> HttpResponse:
    """Return all of a year as one workbook, with what its columns mean."""
    found = public_year(organiser, year, group)
    return spreadsheets.xlsx_response(files.workbook_sheets(found), f"cchc-{organiser}-{year}-{group}")


@published()
def file(
    request: HttpRequest, organiser: str, year: int, group: str, dataset: str, kind: str
) -> HttpResponseBase:
    """Return one dataset of a year, streamed as it is read."""
    found = public_year(organiser, year, group)
    if dataset not in DATASETS or kind not in KINDS or not has_rows(dataset, found):
        raise Http404(_("Không có tệp này."))
    lines: Iterator[str] = (
        files.csv_parts(DATASETS[dataset], parts_of(dataset, found))
        if kind == "csv"
        else files.json_parts(DATASETS[dataset], rows_of(dataset, found), files.about(found))
    )
    name = f"cchc-{organiser}-{year}-{group}-{dataset}.{kind}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'} | FOR_EVERYBODY
    return StreamingHttpResponse(lines, content_type=KINDS[kind], headers=headers)


def _datasets(year: AssessmentYear) -> list[str]:
    """Return which datasets have rows of a year; four queries at most."""
    return [dataset for dataset in DATASETS if has_rows(dataset, year)]


def _address(year: AssessmentYear) -> str:
    return reverse("reports:data_year", args=[year.organiser.slug, year.year, year.group.slug])
