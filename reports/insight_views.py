"""Analyses of published results: each view fetches, checks, calls one summary, renders."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from districts.models import Organiser
from reports import insight_sentences, spreadsheets
from reports.analytics.change import Piece
from reports.analytics.restated import Rule
from reports.models import AssessmentYear
from reports.published import an_export, one_of, published
from reports.readers import whole_year
from reports.summaries.certainty import certainty_of
from reports.summaries.change import change_of_unit
from reports.summaries.compare import MOST_UNITS, Comparison, comparison
from reports.summaries.organisers import public_year, public_years
from reports.summaries.places import find_place
from reports.summaries.restated import across_mergers
from reports.summaries.weaknesses import weaknesses_of


@published()
def change(request: HttpRequest, organiser: str, year: int, code: str) -> HttpResponse:
    """Show what drove the change of a unit's total against the year before."""
    place = find_place(organiser, year, code)
    changed = change_of_unit(place[0], year, place[1]) if place else None
    if place is None or changed is None:
        raise Http404(_("Không có hai năm liền nhau để so sánh."))
    found, unit = place
    context = {
        "change": changed,
        "sections": [
            (title, explanation, _most(explanation.pieces))
            for title, explanation in (
                (_("Theo phần điểm"), changed.parts),
                (_("Theo lĩnh vực"), changed.areas),
            )
            if explanation
        ],
        "most_component": _most([one.piece for one in changed.moved]),
        "sentences": insight_sentences.change_sentences(changed),
        "organiser": found,
        "unit": unit,
        "year": year,
        "crumbs": [
            (found.name, found.get_absolute_url()),
            (str(year), changed.now.year.get_absolute_url()),
            (changed.now.unit_name, changed.now.url),
            (_("Vì sao điểm thay đổi"), ""),
        ],
        "is_sample": found.is_sample,
    }
    return render(request, "reports/change.html", context)


def _most(pieces: Iterable[Piece]) -> Decimal | None:
    return max((abs(piece.change) for piece in pieces if piece.change is not None), default=None)


@published(export=an_export)
def compare(request: HttpRequest, organiser: str) -> HttpResponse:
    """Show up to six units of one year side by side; the address carries the choice."""
    years = list(public_years().filter(organiser__slug=organiser))
    if not years:
        raise Http404(_("Cơ quan này chưa có năm nào được công bố."))
    found = years[0].organiser
    year = _chosen_year(years, request.GET.get("year"), request.GET.get("group"))
    asked = request.GET.getlist("unit")
    like = request.GET.get("like", "")
    compared = comparison(year, asked, like=like)
    if request.GET.get("export") in ("csv", "xlsx"):
        return _compare_export(request.GET["export"], compared)
    codes = {result.unit.code for result in compared.choices}
    context = {
        "comparison": compared,
        "year": year,
        "years": years,
        "organiser": found,
        "satisfied": list(zip(compared.results, compared.satisfaction, strict=True)),
        "chosen": {result.unit.code for result in compared.results},
        "unknown": [code[:40] for code in dict.fromkeys([*asked, like]) if code and code not in codes],
        "is_cut": len(set(asked) & codes) > MOST_UNITS,
        "most": MOST_UNITS,
        "like": compared.results[0] if compared.like else None,
        "crumbs": [(found.name, found.get_absolute_url()), (_("So sánh đơn vị"), "")],
        "is_sample": found.is_sample,
    }
    return render(request, "reports/compare.html", context)


def _chosen_year(years: list[AssessmentYear], year: str | None, group: str | None) -> AssessmentYear:
    """Return the asked year and group, the newest year where there is none such."""
    wanted = whole_year(year)
    found = [
        one for one in years if (not wanted or one.year == wanted) and (not group or one.group.slug == group)
    ]
    return (found or years)[0]


def _compare_export(kind: str, compared: Comparison) -> HttpResponse:
    year = compared.year
    name = f"cchc-{year.organiser.slug}-{year.year}-{year.group.slug}-so-sanh"
    sheet = spreadsheets.comparison_sheet(compared)
    return (
        spreadsheets.csv_response(sheet, name) if kind == "csv" else spreadsheets.xlsx_response([sheet], name)
    )


@published(of="organiser")
def certainty(request: HttpRequest, organiser: str, year: int, group: str) -> HttpResponse:
    """Show how sure the ranks of a year are, where the site shows that to everybody."""
    if not settings.PUBLIC_CERTAINTY:
        raise Http404(_("Trang này chỉ dành cho cơ quan tổ chức đánh giá."))
    found = public_year(organiser, year, group)
    sure = certainty_of(found)
    if sure is None:
        raise Http404(_("Năm này không công bố điểm thành phần."))
    context = {
        "sure": sure,
        "sentences": insight_sentences.certainty_sentences(sure),
        "year": found,
        "organiser": found.organiser,
        "crumbs": [
            (found.organiser.name, found.organiser.get_absolute_url()),
            (str(found.year), found.get_absolute_url()),
            (_("Độ chắc chắn của thứ hạng"), ""),
        ],
        "is_sample": found.organiser.is_sample,
    }
    return render(request, "reports/certainty.html", context)


@published(rule=one_of(*Rule), export=an_export)
def across(request: HttpRequest, organiser: str) -> HttpResponse:
    """Show an organiser's results as published and restated to today's units, by a rule the address names."""
    found = get_object_or_404(Organiser, slug=organiser)
    asked = request.GET.get("rule", Rule.MAIN)
    rule = Rule(asked) if asked in set(Rule) else Rule.MAIN
    summary = across_mergers(found, rule, request.GET.get("group", ""))
    if summary is None:
        raise Http404(_("Cơ quan này chưa có năm nào được công bố."))
    if request.GET.get("export") in ("csv", "xlsx"):
        name = f"cchc-{organiser}-{summary.group.slug}-quy-doi-{rule}"
        sheet = spreadsheets.restated_sheet(summary)
        if request.GET["export"] == "csv":
            return spreadsheets.csv_response(sheet, name)
        return spreadsheets.xlsx_response([sheet], name)
    context = {
        "summary": summary,
        "organiser": found,
        "rules": [(Rule.MAIN, _("Theo phần chính")), (Rule.DOSSIERS, _("Theo số hồ sơ tiếp nhận"))],
        "crumbs": [(found.name, found.get_absolute_url()), (_("Qua các lần sắp xếp đơn vị"), "")],
        "is_sample": found.is_sample,
    }
    return render(request, "reports/restated.html", context)


@published(of="organiser", export=an_export)
def losses(request: HttpRequest, organiser: str, year: int, group: str) -> HttpResponse:
    """Show where the units of a group lose points together, and who regained them."""
    found = public_year(organiser, year, group)
    weak = weaknesses_of(found)
    if weak is None:
        raise Http404(_("Năm này không công bố điểm thành phần."))
    if request.GET.get("export") in ("csv", "xlsx"):
        name = f"cchc-{organiser}-{year}-{group}-diem-mat"
        sheet = spreadsheets.weaknesses_sheet(weak)
        if request.GET["export"] == "csv":
            return spreadsheets.csv_response(sheet, name)
        return spreadsheets.xlsx_response([sheet], name)
    title = _("Điểm bị mất theo tiêu chí")
    context = {
        "weak": weak,
        "year": found,
        "organiser": found.organiser,
        "sentences": insight_sentences.weakness_sentences(weak),
        "crumbs": [
            (found.organiser.name, found.organiser.get_absolute_url()),
            (str(found.year), found.get_absolute_url()),
            (title, ""),
        ],
        "is_sample": found.organiser.is_sample,
    }
    return render(request, "reports/losses.html", context)
