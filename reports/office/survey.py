"""The points of a year's survey: units by components, typed where no answers are counted."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from districts import access
from reports.models import AssessmentYear, Criterion, PointsState, Score, ScoreOrigin, ScoreSheet
from reports.readers import whole_number
from reports.survey_points import tallies_of
from reports.workflow.entering import CellWrite, write_sheets

from .acts import act_of
from .appraisal import NOT_APPRAISER, year_crumbs
from .appraisal_form import MAX_TEXT, OUTCOMES, Refused, state_text, survey_value
from .fetch import year_or_404

# A form of more fields is refused by the server (DATA_UPLOAD_MAX_NUMBER_FIELDS): each cell has a value and a version.
FIELDS_A_PAGE = 900
MOST_UNITS_A_PAGE = 40
# A cell: its sheet and its component.
Key = tuple[int, int]


@login_required
def survey(request: HttpRequest, year_id: int) -> HttpResponse:
    """The points of the survey: units by components, a page of units at a time."""
    year = year_or_404(request.user, year_id)
    leaves = _leaves(year)
    may_write = access.can_appraise(request.user, year.organiser)
    sheets = year.sheets.select_related("unit", "assessment_year__organiser", "assessment_year__criteria_set")
    found = Paginator(sheets.order_by("unit__sort_key"), units_a_page(len(leaves))).get_page(
        request.GET.get("page")
    )
    refused: dict[Key, tuple[str, str]] = {}
    if request.method == "POST":
        access.require(may_write, NOT_APPRAISER)
        outcomes, refused = _write_survey(request, found, leaves)
        if request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse({"rows": _answers(outcomes, refused, found), "sums": {}})
        saved = list(outcomes.values()).count("saved")
        if not refused:
            messages.success(request, f"Đã lưu {saved} ô." if saved else "Không có gì thay đổi.")
            return redirect(f"{reverse('office:survey', args=[year.pk])}?page={found.number}")
        messages.error(request, f"Đã lưu {saved} ô; còn {len(refused)} ô chưa lưu được, xem lý do ở từng ô.")
    context = {
        "year": year,
        "leaves": leaves,
        "rows": _survey_rows(found, leaves, refused),
        "page": found,
        "may_write": may_write,
        "here": f"{reverse('office:survey', args=[year.pk])}?page={found.number}",
        "reason": _reason(request),
        "crumbs": year_crumbs(year, "Điểm điều tra xã hội học"),
        "is_sample": year.organiser.is_sample,
    }
    return render(request, "office/survey.html", context, status=422 if refused else 200)


def _write_survey(
    request: HttpRequest, page: Page[ScoreSheet], leaves: list[Criterion]
) -> tuple[dict[Key, str], dict[Key, tuple[str, str]]]:
    """Write the changed cells; return what became of each posted one, and text and reason of those refused."""
    outcomes: dict[Key, str] = {}
    refused: dict[Key, tuple[str, str]] = {}
    batch: list[tuple[ScoreSheet, list[CellWrite]]] = []
    stored = _survey_scores(page)
    for sheet in page:
        writes = []
        for leaf in leaves:
            text = request.POST.get(f"s-{sheet.pk}-{leaf.pk}")
            if text is None:
                continue
            outcomes[sheet.pk, leaf.pk] = "unchanged"
            if text.strip() == _survey_text(stored.get((sheet.pk, leaf.pk))):
                continue
            try:
                writes.append(_survey_write(leaf, text, request.POST.get(f"v-{sheet.pk}-{leaf.pk}", "")))
            except Refused as error:
                outcomes[sheet.pk, leaf.pk] = "refused"
                refused[sheet.pk, leaf.pk] = (text, str(error))
        if writes:
            batch.append((sheet, writes))
    for (sheet, _writes), results in zip(
        batch, write_sheets(batch, act_of(request, _reason(request))) if batch else [], strict=True
    ):
        for result in results:
            outcomes[sheet.pk, result.criterion_id] = result.outcome
            if result.outcome in ("refused", "conflict"):
                text = request.POST[f"s-{sheet.pk}-{result.criterion_id}"]
                refused[sheet.pk, result.criterion_id] = (text, result.message)
    return outcomes, refused


def _answers(
    outcomes: dict[Key, str], refused: dict[Key, tuple[str, str]], page: Page[ScoreSheet]
) -> list[dict[str, object]]:
    """Return the posted cells for the script, each a row of its own: texts as the fields show them."""
    stored = _survey_scores(page)

    def answer(key: Key, outcome: str) -> dict[str, object]:
        score = stored.get(key)
        text, (typed, message) = _survey_text(score), refused.get(key, ("", ""))
        return {
            "row": f"{key[0]}-{key[1]}",
            "outcome": outcome,
            "words": OUTCOMES[outcome],
            "message": message,
            "field": "s",
            "version": score.version if score else 0,
            "values": {"s": text},
            "theirs": f"Đang lưu: {text or 'trống'}. Của bạn: {typed or 'trống'}.",
        }

    return [answer(key, outcome) for key, outcome in outcomes.items()]


def _reason(request: HttpRequest) -> str:
    """Return why survey points differ from what the answers give, or change once they are decided."""
    return request.POST.get("reason", "").strip()[:MAX_TEXT]


def _survey_write(leaf: Criterion, text: str, version: str) -> CellWrite:
    state, points = survey_value(text.strip())
    expected = whole_number(version) or 0
    return CellWrite(
        criterion_id=leaf.pk, stage="survey", state=state, points=points, expected_version=expected
    )


def _survey_scores(page: Page[ScoreSheet]) -> dict[tuple[int, int], Score]:
    scores = Score.objects.filter(
        sheet__in=[sheet.pk for sheet in page], criterion__origin=ScoreOrigin.SURVEY
    )
    return {(score.sheet_id, score.criterion_id): score for score in scores}


def _survey_text(score: Score | None) -> str:
    return state_text(str(score.survey_state), score.survey_points) if score else ""


def _survey_rows(
    page: Page[ScoreSheet], leaves: list[Criterion], refused: dict[tuple[int, int], tuple[str, str]]
) -> list[dict[str, object]]:
    stored = _survey_scores(page)
    tallies = tallies_of([sheet.pk for sheet in page], leaves)

    def cell(sheet: ScoreSheet, leaf: Criterion) -> dict[str, object]:
        key = (sheet.pk, leaf.pk)
        score = stored.get(key)
        text, message = refused.get(key, (_survey_text(score), ""))
        name = f"{sheet.pk}-{leaf.pk}"
        return {
            "leaf": leaf,
            "name": name,
            "text": text,
            "saved": _survey_text(score),
            "message": message,
            "version": score.version if score else 0,
            "tally": tallies.get(key),
        }

    return [{"sheet": sheet, "cells": [cell(sheet, leaf) for leaf in leaves]} for sheet in page]


@login_required
@require_POST
def survey_none(request: HttpRequest, year_id: int) -> HttpResponse:
    """Say of every survey cell that nobody has entered: not assessed, because the year holds no survey."""
    year = year_or_404(request.user, year_id)
    access.require(access.can_appraise(request.user, year.organiser), NOT_APPRAISER)
    leaves = _leaves(year)
    given = set(
        Score.objects.filter(sheet__assessment_year=year, criterion__in=leaves)
        .exclude(survey_state=PointsState.NOT_ENTERED)
        .values_list("sheet_id", "criterion_id")
    )
    batch = [
        (sheet, [_not_assessed(leaf) for leaf in leaves if (sheet.pk, leaf.pk) not in given])
        for sheet in year.sheets.select_related("unit").order_by("unit__sort_key")
    ]
    act = act_of(request, _reason(request) or "Năm đánh giá không tổ chức điều tra xã hội học.")
    results = [one for found in write_sheets(batch, act) for one in found] if batch and leaves else []
    saved = sum(result.outcome == "saved" for result in results)
    refused = [result.message for result in results if result.outcome in ("refused", "conflict")]
    if refused:
        messages.error(request, f"{len(refused)} ô không ghi được: {refused[0]}")
    messages.success(
        request, f"Đã ghi “không đánh giá” cho {saved} ô; {len(given)} ô đã có giá trị được giữ nguyên."
    )
    return redirect("office:survey", year.pk)


def units_a_page(components: int) -> int:
    """Return how many units a page of the form may have."""
    return max(1, min(MOST_UNITS_A_PAGE, FIELDS_A_PAGE // (2 * max(1, components))))


def _leaves(year: AssessmentYear) -> list[Criterion]:
    leaves = Criterion.objects.filter(criteria_set=year.criteria_set_id, is_leaf=True)
    return list(leaves.filter(origin=ScoreOrigin.SURVEY).order_by("order"))


def _not_assessed(leaf: Criterion) -> CellWrite:
    return CellWrite(criterion_id=leaf.pk, stage="survey", state=PointsState.NOT_ASSESSED, points=None)


urlpatterns = [
    path("years/<int:year_id>/survey/", survey, name="survey"),
    path("years/<int:year_id>/survey/none/", survey_none, name="survey_none"),
]
