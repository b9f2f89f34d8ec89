"""The survey of a year: its rounds, the answers counted in them by component or by unit, and files of answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_POST

from districts import access
from reports import stages, survey_workbooks
from reports.models import AssessmentYear, Criterion, ImportBatch, SurveyRound
from reports.rules import Survey
from reports.sheet_files import FileError
from reports.summaries.survey import survey_overview, unit_lines
from reports.survey_points import survey_components
from reports.workflow.survey_answers import (
    NOT_YOURS,
    AnswerResult,
    may_set_up,
    remove_round,
    write_answers,
    write_round,
)

from .appraisal import act_of
from .fetch import year_or_404
from .forms_survey import RoundForm
from .survey_grid import Block, filled, paged, typed, unwritten
from .uploads import FileForm, received, workbook_response

NOT_APPRAISER = "Chỉ người thẩm định và người công bố của cơ quan tổ chức được nhập số phiếu điều tra."


class AnswerFileForm(FileForm):
    """A file of answers, counted already or one form a row."""

    reason = forms.CharField(
        label="Lý do, văn bản kèm theo", max_length=500, required=False, help_text="Ghi vào nhật ký."
    )


@login_required
@require_GET
def survey_rounds(request: HttpRequest, year_id: int) -> HttpResponse:
    """The rounds of a year's survey, and how many units have answers to each component."""
    year = year_or_404(request.user, year_id)
    context = {
        "year": year,
        "overview": survey_overview(year),
        "may_set_up": may_set_up(act_of(request), SurveyRound(assessment_year=year)),
        "crumbs": _crumbs(year),
        "is_sample": year.organiser.is_sample,
    }
    return render(request, "office/survey_rounds.html", context)


@login_required
def survey_round_new(request: HttpRequest, year_id: int) -> HttpResponse:
    """A new round."""
    year = year_or_404(request.user, year_id)
    return _round_form(request, SurveyRound(assessment_year=year), "Đợt điều tra mới")


@login_required
def survey_round_edit(request: HttpRequest, year_id: int, round_id: int) -> HttpResponse:
    """What is said of a round: days, forms, sample."""
    row = _round_or_404(request, year_id, round_id)
    return _round_form(request, row, f"Sửa đợt: {row.name}")


def _round_form(request: HttpRequest, row: SurveyRound, title: str) -> HttpResponse:
    year = row.assessment_year
    access.require(may_set_up(act_of(request), row), NOT_YOURS)
    form = RoundForm(request.POST or None, instance=row, needs_reason=stages.is_correction(year.stage))
    if request.method == "POST" and form.is_valid():
        try:
            written = write_round(row, form.values(), act_of(request, form.cleaned_data.get("reason", "")))
        except ValidationError as error:
            form.add_error(None, list(error.messages))
        else:
            messages.success(request, f"Đã lưu đợt “{written.name}”.")
            return redirect("office:survey_round", year.pk, written.pk)
    context = {
        "form": form,
        "title": title,
        "button": "Lưu đợt điều tra",
        "back": reverse("office:survey_rounds", args=[year.pk]),
        "crumbs": _crumbs(year, (title, "")),
        "is_sample": year.organiser.is_sample,
    }
    return render(request, "office/form_page.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def survey_round(request: HttpRequest, year_id: int, round_id: int) -> HttpResponse:
    """One round: its components and units with ways into the counting, and its files."""
    return _round_page(request, _round_or_404(request, year_id, round_id), AnswerFileForm())


def _round_page(request: HttpRequest, row: SurveyRound, form: AnswerFileForm) -> HttpResponse:
    year = row.assessment_year
    overview = survey_overview(year)
    batches = ImportBatch.objects.filter(
        assessment_year=year, kind=ImportBatch.Kind.SURVEY, counts__settings__round=row.pk
    )
    context = {
        "year": year,
        "round": row,
        "line": next(line for line in overview.rounds if line.round.pk == row.pk),
        "components": [(line, line.by_round.get(row.pk, 0)) for line in overview.components],
        "unit_count": overview.units,
        "units": unit_lines(row),
        "form": form,
        "batches": batches.select_related("by")[:20],
        "may_set_up": may_set_up(act_of(request), row),
        "may_write": _may_write(request, year),
        "crumbs": _crumbs(year, (row.name, "")),
        "is_sample": year.organiser.is_sample,
    }
    return render(request, "office/survey_round.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def survey_round_remove(request: HttpRequest, year_id: int, round_id: int) -> HttpResponse:
    """Take out a round in which nothing was counted."""
    row = _round_or_404(request, year_id, round_id)
    try:
        remove_round(row, act_of(request, request.POST.get("reason", "")[:500]))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("office:survey_round", year_id, round_id)
    messages.success(request, f"Đã bỏ đợt “{row.name}”.")
    return redirect("office:survey_rounds", year_id)


@login_required
def survey_component(request: HttpRequest, year_id: int, round_id: int, criterion_id: int) -> HttpResponse:
    """The answers to one component, all units: a block a unit; `?group=` one of several groups of respondents."""
    row = _round_or_404(request, year_id, round_id)
    leaf, rule = _component_or_404(row.assessment_year, criterion_id)
    groups = {group.key: group for group in rule.asked_groups}
    group = groups.get(request.GET.get("group", ""), rule.asked_groups[0])
    sheets = row.assessment_year.sheets.select_related("unit").order_by("unit__sort_key", "unit__code")
    blocks = [Block(sheet, leaf, rule, group) for sheet in sheets]
    context = {"leaf": leaf, "rule": rule, "group": group, "title": f"{leaf.code} {leaf.title}"}
    return _grid(request, row, blocks, context)


@login_required
def survey_unit(request: HttpRequest, year_id: int, round_id: int, sheet_id: int) -> HttpResponse:
    """The answers to all components for one unit: a block a component and group."""
    row = _round_or_404(request, year_id, round_id)
    sheets = row.assessment_year.sheets.select_related("unit")
    sheet = get_object_or_404(sheets, pk=sheet_id)
    components = survey_components(row.assessment_year)
    blocks = [
        Block(sheet, leaf, rule, group) for leaf, rule in components.items() for group in rule.asked_groups
    ]
    return _grid(request, row, blocks, {"sheet": sheet, "title": sheet.unit.full_name})


def _grid(
    request: HttpRequest, row: SurveyRound, blocks: Sequence[Block], shown: dict[str, Any]
) -> HttpResponse:
    year = row.assessment_year
    page = Paginator(paged(blocks), 1).get_page(request.GET.get("page"))
    found = filled(row, page.object_list[0])
    problems: dict[str, Block] = {}
    reason = request.POST.get("reason", "").strip()[:500]
    if request.method == "POST":
        access.require(_may_write(request, year), NOT_APPRAISER)
        problems = _write(request, row, found, reason)
        if not problems:
            return redirect(request.get_full_path())
        # Who has seen the other's counts and saves again writes on them.
        found = filled(row, page.object_list[0])
    context = {
        **shown,
        "year": year,
        "round": row,
        "page": page,
        "blocks": [_with_problem(block, problems) for block in found],
        "may_write": _may_write(request, year),
        "needs_reason": stages.is_correction(year.stage),
        "reason": reason,
        "crumbs": _crumbs(year, (row.name, _address(row)), (str(shown["title"]), "")),
        "is_sample": year.organiser.is_sample,
    }
    return render(request, "office/survey_counts.html", context, status=422 if problems else 200)


def _write(request: HttpRequest, row: SurveyRound, blocks: Sequence[Block], reason: str) -> dict[str, Block]:
    """Write what was typed; return the blocks of what was not, by name."""
    writes, wrong = typed(blocks, request.POST)
    results: list[AnswerResult] = write_answers(row, writes, act_of(request, reason)) if writes else []
    problems = wrong | unwritten(blocks, results, request.POST)
    saved = sum(one.outcome == "saved" for one in results)
    if problems:
        messages.error(
            request, f"Đã lưu {saved} bảng; còn {len(problems)} bảng chưa lưu được, xem lý do ở từng bảng."
        )
    elif saved:
        messages.success(request, f"Đã lưu {saved} bảng và tính lại điểm.")
    else:
        messages.info(request, "Không có gì thay đổi.")
    return problems


def _with_problem(block: Block, problems: dict[str, Block]) -> Block:
    problem = problems.get(block.name)
    if problem is None:
        return block
    return Block(
        **{name: getattr(block, name) for name in ("sheet", "criterion", "rule", "group", "stored", "tally")},
        texts=problem.texts,
        message=problem.message,
    )


@login_required
@require_POST
def survey_upload(request: HttpRequest, year_id: int, round_id: int) -> HttpResponse:
    """Take a file of answers in; of a file of forms nothing but units, groups and answers is kept."""
    row = _round_or_404(request, year_id, round_id)
    access.require(_may_write(request, row.assessment_year), NOT_APPRAISER)
    form = AnswerFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _round_page(request, row, form)
    file = form.cleaned_data["file"]
    try:
        kept = survey_workbooks.without_strangers(file.read(), _components(row.assessment_year))
    except FileError as error:
        form.add_error("file", str(error))
        return _round_page(request, row, form)
    settings = {"round": row.pk, "reason": form.cleaned_data["reason"], "back": _address(row)}
    bare = SimpleUploadedFile(file.name, kept)
    return received(request, row.assessment_year, bare, kind=ImportBatch.Kind.SURVEY, settings=settings)


@login_required
@require_GET
def survey_template(request: HttpRequest, year_id: int, round_id: int) -> HttpResponse:
    """A round as a workbook that can be filled and uploaded, with what stands."""
    row = _round_or_404(request, year_id, round_id)
    year = row.assessment_year
    name = f"phieu-dieu-tra-{year.organiser.slug}-{year.year}-{row.pk}"
    return workbook_response(survey_workbooks.answer_workbook(row), name)


def _may_write(request: HttpRequest, year: AssessmentYear) -> bool:
    if stages.is_correction(year.stage):
        return access.can_publish(request.user, year.organiser)
    return access.can_appraise(request.user, year.organiser) or access.can_publish(
        request.user, year.organiser
    )


def _round_or_404(request: HttpRequest, year_id: int, round_id: int) -> SurveyRound:
    year = year_or_404(request.user, year_id)
    row = get_object_or_404(SurveyRound, pk=round_id, assessment_year=year)
    row.assessment_year = year
    return row


def _component_or_404(year: AssessmentYear, criterion_id: int) -> tuple[Criterion, Survey]:
    for leaf, rule in survey_components(year).items():
        if leaf.pk == criterion_id:
            return leaf, rule
    raise Http404


def _components(year: AssessmentYear) -> dict[str, Survey]:
    return {leaf.code: rule for leaf, rule in survey_components(year).items()}


def _address(row: SurveyRound) -> str:
    return reverse("office:survey_round", args=[row.assessment_year_id, row.pk])


def _crumbs(year: AssessmentYear, *further: tuple[str, str]) -> list[tuple[str, str]]:
    rounds = reverse("office:survey_rounds", args=[year.pk]) if further else ""
    return [
        ("Việc của tôi", reverse("office:home")),
        (f"{year.organiser} {year.year}", reverse("office:year", args=[year.pk])),
        ("Phiếu điều tra", rounds),
        *further,
    ]


_ROUND = "years/<int:year_id>/survey/rounds/<int:round_id>/"
urlpatterns: list[URLPattern] = [
    path("years/<int:year_id>/survey/rounds/", survey_rounds, name="survey_rounds"),
    path("years/<int:year_id>/survey/rounds/new/", survey_round_new, name="survey_round_new"),
    path(_ROUND, survey_round, name="survey_round"),
    path(f"{_ROUND}edit/", survey_round_edit, name="survey_round_edit"),
    path(f"{_ROUND}remove/", survey_round_remove, name="survey_round_remove"),
    path(f"{_ROUND}components/<int:criterion_id>/", survey_component, name="survey_component"),
    path(f"{_ROUND}units/<int:sheet_id>/", survey_unit, name="survey_unit"),
    path(f"{_ROUND}upload/", survey_upload, name="survey_upload"),
    path(f"{_ROUND}template.xlsx", survey_template, name="survey_template"),
]
