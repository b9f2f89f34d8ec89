"""A unit hands its sheet in: first what it lacks, row by row, then the step itself (office.publishing)."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_GET

from reports import stages
from reports.stages import Step
from reports.summaries.office import progress_of
from reports.summaries.submission import submission
from reports.workflow.steps import steps_for, waits_for_lead

from .appraisal import person
from .fetch import sheet_or_404


@login_required
@require_GET
def sheet_check(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """What of a sheet is unfilled, without evidence or otherwise than its rule; the unit's lead hands in from here."""
    sheet = sheet_or_404(request.user, sheet_id)
    user, year = person(request), sheet.assessment_year
    address = reverse("office:sheet", args=[sheet.pk])
    label = stages.LABELS[Step.SUBMIT]
    context = {
        "sheet": sheet,
        "year": year,
        "found": submission(sheet),
        "progress": progress_of([sheet])[0],
        "may_submit": Step.SUBMIT in {one.name for one in steps_for(user, sheet)},
        "waits_for_lead": waits_for_lead(user, sheet),
        "is_self_scoring": year.stage == stages.Stage.SELF_SCORING,
        "address": address,
        "button": label,
        "crumbs": [("Việc của tôi", reverse("office:home")), (str(sheet.unit), address), (label, "")],
        "is_sample": year.organiser.is_sample,
    }
    return render(request, "office/sheet_check.html", context)


urlpatterns = [path("sheets/<int:sheet_id>/check/", sheet_check, name="sheet_check")]
