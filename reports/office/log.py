"""The change log: of a year, of a unit's sheet, of one cell; filtered, and to take away."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone

from districts import access
from districts.models import Change
from reports.models import AssessmentYear, Criterion, Judgement, Score, ScoreSheet
from reports.models.bounds import PLAUSIBLE_DAY
from reports.spreadsheets import Sheet, csv_response
from reports.summaries.sheet import hidden_from_unit, hidden_stages
from reports.workflow import context_of

from .fetch import sheet_or_404, year_or_404
from .log_words import field_words, shortened, value_words

ROWS_A_PAGE = 100
HEADERS = ["Lúc", "Đơn vị", "Dòng", "Trường", "Trước", "Sau", "Người thực hiện", "Cách thức", "Lý do"]
# What the appraisal did is the office's own until it is opened to the unit.
SURVEY_FIELDS = ("survey", "survey_points", "survey_state", "answers")
APPRAISAL_FIELDS = (
    *("appraised", "appraised_points", "appraised_state", "appraised_reason"),
    *SURVEY_FIELDS,
)


class FilterForm(forms.Form):
    q = forms.CharField(label="Dòng, đơn vị hoặc lý do có chữ", required=False, max_length=100)
    who = forms.CharField(label="Người thực hiện", required=False, max_length=100)
    how = forms.ChoiceField(label="Cách thức", required=False, choices=[("", "tất cả"), *Change.How.choices])
    since = forms.DateField(
        label="Từ ngày",
        required=False,
        validators=PLAUSIBLE_DAY,
        widget=forms.DateInput(attrs={"placeholder": "dd/mm/yyyy"}),
    )
    until = forms.DateField(
        label="Đến ngày",
        required=False,
        validators=PLAUSIBLE_DAY,
        widget=forms.DateInput(attrs={"placeholder": "dd/mm/yyyy"}),
    )


@login_required
def year_log(request: HttpRequest, year_id: int) -> HttpResponse:
    """All changes of a year, for the organiser's people."""
    year = year_or_404(request.user, year_id)
    changes = Change.objects.filter(context=context_of(year))
    title = f"Nhật ký thay đổi, {year.organiser} {year.year}"
    return _log_page(request, changes, year, title, f"nhat-ky-{year.organiser.slug}-{year.year}")


@login_required
def sheet_log(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """All changes of a unit's sheet."""
    sheet = sheet_or_404(request.user, sheet_id)
    year = sheet.assessment_year
    changes = Change.objects.filter(context=context_of(year), unit=sheet.unit)
    if not access.can_view_organiser(request.user, year.organiser):
        changes = _for_unit(changes, sheet)
    title = f"Nhật ký thay đổi, {sheet.unit} {year.year}"
    return _log_page(request, changes, year, title, f"nhat-ky-{year.year}-{sheet.unit.code}", sheet)


@login_required
def cell_log(request: HttpRequest, sheet_id: int, criterion_id: int) -> HttpResponse:
    """The history of one component of a sheet: each judgement, and each change with its reason."""
    sheet = sheet_or_404(request.user, sheet_id)
    year = sheet.assessment_year
    leaf = get_object_or_404(Criterion, pk=criterion_id, criteria_set=year.criteria_set_id, is_leaf=True)
    score = Score.objects.filter(sheet=sheet, criterion=leaf).first()
    judgements = (
        Judgement.objects.filter(score=score).select_related("by") if score else Judgement.objects.none()
    )
    changes = _of_score(score)
    if not access.can_view_organiser(request.user, year.organiser):
        changes = _for_unit(changes, sheet)
        judgements = judgements.exclude(stage__in=hidden_stages(year))
    context = {
        "sheet": sheet,
        "year": year,
        "leaf": leaf,
        "judgements": judgements.order_by("-at", "-pk"),
        "rows": [
            _shortened(_row(change, {str(leaf): leaf})) for change in changes.select_related("actor", "unit")
        ],
        "crumbs": [*_crumbs(year, sheet), (f"Lịch sử {leaf.code}", "")],
        "is_sample": year.organiser.is_sample,
    }
    return render(request, "office/cell_log.html", context)


def _for_unit(changes: QuerySet[Change], sheet: ScoreSheet) -> QuerySet[Change]:
    """Leave out what the unit may not see yet: all of the appraisal, or the round that is not over, and the survey."""
    hidden = hidden_stages(sheet.assessment_year)
    if Judgement.Stage.ROUND1 in hidden:
        return changes.exclude(field__in=APPRAISAL_FIELDS)
    if hidden:
        changes = changes.exclude(field__in=SURVEY_FIELDS)
    since = hidden_from_unit(sheet)
    return changes if since is None else changes.exclude(field__in=APPRAISAL_FIELDS, at__gte=since)


def _of_score(score: Score | None) -> QuerySet[Change]:
    if score is None:
        return Change.objects.none()
    return Change.objects.filter(model="reports.score", object_id=score.pk)


def _log_page(
    request: HttpRequest,
    changes: QuerySet[Change],
    year: AssessmentYear,
    title: str,
    name: str,
    sheet: ScoreSheet | None = None,
) -> HttpResponse:
    form = FilterForm(request.GET or None)
    found = _filtered(changes, form.cleaned_data if form.is_valid() else {}).select_related("actor", "unit")
    leaves = _leaves(year)
    if request.GET.get("export") == "csv":
        return csv_response(
            Sheet("Nhật ký", HEADERS, [_cells(_row(change, leaves)) for change in found.iterator()]), name
        )
    page = Paginator(found, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "year": year,
        "sheet": sheet,
        "title": title,
        "form": form,
        "page": page,
        "rows": [_shortened(_row(change, leaves)) for change in page],
        "crumbs": [*_crumbs(year, sheet), ("Nhật ký", "")],
        "is_sample": year.organiser.is_sample,
    }
    return render(request, "office/log.html", context)


def _filtered(changes: QuerySet[Change], asked: dict[str, Any]) -> QuerySet[Change]:
    if text := asked.get("q"):
        changes = changes.filter(
            Q(label__icontains=text) | Q(unit__name__icontains=text) | Q(reason__icontains=text)
        )
    if who := asked.get("who"):
        names = ("username", "first_name", "last_name")
        matches = Q()
        for field in names:
            matches |= Q(**{f"actor__{field}__icontains": who})
        changes = changes.filter(matches)
    if how := asked.get("how"):
        changes = changes.filter(how=how)
    if since := asked.get("since"):
        changes = changes.filter(at__gte=_midnight(since))
    if until := asked.get("until"):
        changes = changes.filter(at__lt=_midnight(until + dt.timedelta(days=1)))
    return changes


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def _leaves(year: AssessmentYear) -> dict[str, Criterion]:
    leaves = Criterion.objects.filter(criteria_set=year.criteria_set_id, is_leaf=True)
    return {str(leaf): leaf for leaf in leaves}


def _row(change: Change, leaves: Mapping[str, Criterion]) -> dict[str, Any]:
    actor = change.actor
    return {
        "at": timezone.localtime(change.at),
        "unit": change.unit.full_name if change.unit else "",
        "label": change.label,
        "field": field_words(change),
        "before": value_words(change, change.before, leaves),
        "after": value_words(change, change.after, leaves),
        "actor": (actor.get_full_name() or actor.get_username()) if actor else "hệ thống",
        "how": change.get_how_display(),
        "reason": change.reason,
    }


def _shortened(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"before": shortened(row["before"]), "after": shortened(row["after"])}


def _cells(row: dict[str, Any]) -> list[str]:
    moment = f"{row['at']:%d/%m/%Y %H:%M:%S}"
    names: Iterable[str] = ("unit", "label", "field", "before", "after", "actor", "how", "reason")
    return [moment, *("" if row[name] is None else str(row[name]) for name in names)]


def _crumbs(year: AssessmentYear, sheet: ScoreSheet | None) -> list[tuple[str, str]]:
    here = (
        (f"{year.organiser} {year.year}", reverse("office:year", args=[year.pk]))
        if sheet is None
        else (f"{sheet.unit} {year.year}", reverse("office:sheet", args=[sheet.pk]))
    )
    return [("Việc của tôi", reverse("office:home")), here]


urlpatterns = [
    path("years/<int:year_id>/log/", year_log, name="year_log"),
    path("sheets/<int:sheet_id>/log/", sheet_log, name="sheet_log"),
    path("sheets/<int:sheet_id>/log/<int:criterion_id>/", cell_log, name="cell_log"),
]
