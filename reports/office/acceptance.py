"""Accepting a sheet's self-scores as a whole: asked first, with how much of it nothing proves."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from districts import access
from reports.models import PointsState
from reports.summaries.appraisal import appraisal_sheet
from reports.workflow.entering import write_cells

from .acts import act_of
from .appraisal import NOT_APPRAISER, reach, year_crumbs
from .appraisal_form import acceptance
from .fetch import sheet_or_404


@login_required
def accept_sheet(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """How many components would be accepted, and which of them have no evidence; POST accepts those that were shown."""
    sheet = sheet_or_404(request.user, sheet_id)
    own, lock = reach(request, sheet)
    access.require(bool(own), NOT_APPRAISER)
    if lock is not None:
        messages.error(request, lock)
        return redirect("office:appraisal", sheet.pk)
    page = appraisal_sheet(sheet, mine=own)
    unjudged = [line for line in page.lines if line.is_mine and not line.is_judged]
    pending = [line for line in unjudged if line.score.self_state != PointsState.NOT_ENTERED]
    if request.method == "POST":
        # A row that has changed since it was shown is another one: the workflow refuses it.
        asked = dict(one.partition(":")[::2] for one in request.POST.getlist("row"))
        chosen = [line for line in pending if str(line.criterion.pk) in asked]
        if request.POST.get("only") == "evidence":
            chosen = [line for line in chosen if line.evidence]
        writes = [
            write for line in chosen if (write := acceptance(line, _version(asked[str(line.criterion.pk)])))
        ]
        results = write_cells(sheet, writes, act_of(request)) if writes else []
        saved = sum(result.outcome == "saved" for result in results)
        refused = [result.message for result in results if result.outcome in ("refused", "conflict")]
        if refused:
            messages.error(request, f"{len(refused)} tiêu chí không chấp nhận được: {refused[0]}")
        messages.success(request, f"Đã chấp nhận điểm tự chấm của {saved} tiêu chí.")
        return redirect("office:appraisal", sheet.pk)
    context = {
        "sheet": sheet,
        "pending": pending,
        "bare": [line for line in pending if not line.evidence],
        "not_entered": len(unjudged) - len(pending),
        "crumbs": year_crumbs(sheet.assessment_year, "Chấp nhận điểm tự chấm", sheet),
        "is_sample": sheet.assessment_year.organiser.is_sample,
    }
    return render(request, "office/accept_sheet.html", context)


def _version(shown: str) -> int:
    """Return the version that a row was shown in; one that is none was never shown."""
    return int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 10 else -1


urlpatterns = [path("sheets/<int:sheet_id>/appraisal/accept/", accept_sheet, name="accept_sheet")]
