"""How sure the ranks of a published year are, for the organiser's people."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_GET

from reports.insight_sentences import certainty_sentences
from reports.summaries.certainty import certainty_of

from .appraisal import year_crumbs
from .fetch import year_or_404

NOT_PUBLISHED = "Năm này chưa công bố theo tiêu chí thành phần, nên chưa có thứ hạng để xét."


@login_required
@require_GET
def certainty(request: HttpRequest, year_id: int) -> HttpResponse:
    """Show the ranks each unit gets when survey answers are drawn again."""
    year = year_or_404(request.user, year_id)
    sure = certainty_of(year)
    context = {
        "year": year,
        "sure": sure,
        "sentences": certainty_sentences(sure) if sure else [NOT_PUBLISHED],
        "crumbs": year_crumbs(year, "Độ chắc chắn của thứ hạng"),
        "is_sample": year.organiser.is_sample,
    }
    return render(request, "office/certainty.html", context)


urlpatterns = [path("years/<int:year_id>/certainty/", certainty, name="certainty")]
