"""Reports to take away: each view fetches, checks, calls one summary, writes a file."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from reports.letters import pdf
from reports.letters.heading import unit_of_organiser
from reports.letters.one_page import OnePage, one_page
from reports.letters.rendering import LetterTemplateError, word_file
from reports.letters.unit import UnitLetter, unit_letter
from reports.letters.year import YearLetter, year_letter
from reports.public_address import public_address
from reports.published import published
from reports.qr import qr_data_uri
from reports.summaries.dashboard import Dashboard, dashboard
from reports.summaries.organisers import public_year
from reports.summaries.places import find_place
from reports.summaries.ranking import ranking

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# An official paper is Vietnamese, whichever edition of the site it is taken from.
PAPER_LANGUAGE = "vi"


@published()
def unit_report(request: HttpRequest, organiser: str, year: int, code: str) -> HttpResponse:
    """Give the Word report of a unit's year."""
    with translation.override(PAPER_LANGUAGE):
        letter = unit_letter(_summary(organiser, year, code))
    return _word(request, letter, f"bao-cao-cchc-{organiser}-{year}-{code}")


@published()
def unit_a4(request: HttpRequest, organiser: str, year: int, code: str) -> HttpResponse:
    """Show a unit's year as one page to print."""
    summary = _summary(organiser, year, code)
    page = one_page(summary)
    title = _("Một trang A4")
    context = _page_context(request, summary, page) | {
        "density": page.density,
        "unit": summary.unit,
        "organiser": summary.organiser,
        "year": year,
        "has_pdf": pdf.is_offered(),
        "crumbs": [
            (summary.organiser.name, summary.organiser.get_absolute_url()),
            (page.letter.unit_name, _dashboard_path(summary)),
            (title, ""),
        ],
        "is_sample": summary.organiser.is_sample,
    }
    return render(request, "reports/a4.html", context)


@published()
def unit_pdf(request: HttpRequest, organiser: str, year: int, code: str) -> HttpResponse:
    """Give the same page as PDF; 501 where this machine cannot make one."""
    summary = _summary(organiser, year, code)
    page = one_page(summary)
    context = _page_context(request, summary, page) | {"language": translation.get_language()}

    def html_of(density: str) -> str:
        return render_to_string("reports/a4_pdf.html", context | {"density": density})

    try:
        written, _pages = pdf.one_page_pdf(html_of, page.density)
    except pdf.PdfUnavailableError:
        reason = _(
            "Máy chủ này không tạo tệp PDF; hãy mở trang A4 của đơn vị rồi in ra PDF bằng trình duyệt."
        )
        return _refusal(request, 501, _("Không tạo được tệp PDF"), reason)
    name = f"cchc-{organiser}-{year}-{code}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Cache-Control": "public, max-age=300"}
    return HttpResponse(written, content_type="application/pdf", headers=headers)


def _page_context(request: HttpRequest, summary: Dashboard, page: OnePage) -> dict[str, Any]:
    address = public_address(request, _dashboard_path(summary))
    return {"page": page, "address": address, "qr": qr_data_uri(address)}


def _dashboard_path(summary: Dashboard) -> str:
    return reverse("reports:dashboard", args=[summary.organiser.slug, summary.year, summary.unit.code])


@published(of="organiser")
def year_report(request: HttpRequest, organiser: str, year: int, group: str) -> HttpResponse:
    """Give the Word report of a group's year, the ranking in its appendix."""
    found = public_year(organiser, year, group)
    with translation.override(PAPER_LANGUAGE):
        letter = year_letter(ranking(found), unit_of_organiser(found.organiser, year))
    return _word(request, letter, f"bao-cao-cchc-{organiser}-{year}-{group}")


def _summary(organiser: str, year: int, code: str) -> Dashboard:
    place = find_place(organiser, year, code)
    summary = dashboard(place[0], year, place[1]) if place else None
    if summary is None or summary.is_empty:
        raise Http404(_("Không có số liệu của đơn vị này trong năm đã chọn."))
    return summary


def _word(request: HttpRequest, letter: UnitLetter | YearLetter, name: str) -> HttpResponse:
    try:
        with translation.override(PAPER_LANGUAGE):
            written = word_file(letter)
    except LetterTemplateError as error:
        return _refusal(request, 500, _("Chưa lập được báo cáo"), str(error))
    return HttpResponse(
        written,
        content_type=WORD,
        headers={"Content-Disposition": f'attachment; filename="{name}.docx"'},
    )


def _refusal(request: HttpRequest, status: int, title: str, reason: str) -> HttpResponse:
    context = {"title": title, "reason": reason}
    return render(request, "reports/no_report.html", context, status=status)
