"""Reports to take away: each view fetches, checks, calls one summary, writes a file."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import translation
from django.utils.translation import gettext as _

from districts.models import Organiser
from reports.letters.heading import unit_of_organiser
from reports.letters.rendering import LetterTemplateError, word_file
from reports.letters.unit import UnitLetter, unit_letter
from reports.letters.year import YearLetter, year_letter
from reports.summaries.dashboard import Dashboard, dashboard, find_unit
from reports.summaries.organisers import public_years
from reports.summaries.ranking import ranking

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# An official paper is Vietnamese, whichever edition of the site it is taken from.
PAPER_LANGUAGE = "vi"


def unit_report(request: HttpRequest, organiser: str, year: int, code: str) -> HttpResponse:
    """Give the Word report of a unit's year."""
    with translation.override(PAPER_LANGUAGE):
        letter = unit_letter(_summary(organiser, year, code))
    return _word(request, letter, f"bao-cao-cchc-{organiser}-{year}-{code}")


def year_report(request: HttpRequest, organiser: str, year: int, group: str) -> HttpResponse:
    """Give the Word report of a group's year, the ranking in its appendix."""
    found = get_object_or_404(public_years(), organiser__slug=organiser, year=year, group__slug=group)
    with translation.override(PAPER_LANGUAGE):
        letter = year_letter(ranking(found), unit_of_organiser(found.organiser, year))
    return _word(request, letter, f"bao-cao-cchc-{organiser}-{year}-{group}")


def _summary(organiser: str, year: int, code: str) -> Dashboard:
    found = get_object_or_404(Organiser, slug=organiser)
    unit = find_unit(found, year, code)
    summary = dashboard(found, year, unit) if unit else None
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
