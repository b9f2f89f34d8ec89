"""A year as a whole: preparing it, moving it, the checklist, publishing and correcting; a sheet's steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse

from districts import access
from districts.audit import Act
from reports import stages
from reports.checks import Level
from reports.models import AssessmentYear, ScoreOrigin, ScoreSheet
from reports.stages import Step
from reports.summaries.consequences import consequences
from reports.summaries.corrections import pending_corrections
from reports.summaries.preview import Preview, preview
from reports.workflow import steps
from reports.workflow.checklist import checklist as lines_of
from reports.workflow.entering import CellWrite, write_cells
from reports.workflow.preparing import save_year
from reports.workflow.year_steps import refusal_of

from .appraisal import act_of, person
from .fetch import sheet_or_404, year_or_404
from .forms_publishing import (
    CellForm,
    CorrectForm,
    PublishForm,
    ReasonForm,
    ReopenForm,
    YearForm,
    YearStepForm,
    proposed_rules,
)

ONLY_PUBLISHERS = "Chỉ người có quyền công bố của cơ quan tổ chức được làm việc này."
# The steps that ask for a reason, and what their pages say that they do.
NEEDS_REASON = {
    Step.WITHDRAW: "Phiếu trở lại với đơn vị để sửa; phải nộp lại trong thời hạn tự chấm điểm.",
    Step.SEND_BACK: "Phiếu trở lại với đơn vị để sửa; đơn vị đọc được lý do và phải nộp lại.",
    Step.MARK_NOT_REPORTED: "Đơn vị sẽ được công bố không có điểm và thứ hạng. Ghi nhầm thì mở lại phiếu.",
    Step.REOPEN: "Phiếu này trở lại với đơn vị đến thời hạn dưới đây, kể cả khi cả kỳ đã khóa.",
}
SHEET_STEPS: dict[Step, Callable[[ScoreSheet, Act], Any]] = {
    Step.SUBMIT: steps.submit,
    Step.FINISH_APPRAISAL: steps.finish_appraisal,
    Step.SEND_REPLY: steps.send_reply,
    Step.CLOSE_SHEET: steps.close_sheet,
}
YEAR_STEPS: dict[Step, Callable[[AssessmentYear, Act], Any]] = {
    Step.OPEN_YEAR: steps.open_year,
    Step.CLOSE_ENTRY: steps.close_entry,
    Step.OPEN_APPRAISAL: steps.open_appraisal,
    Step.OPEN_REPLIES: steps.open_replies,
    Step.OPEN_SECOND_ROUND: steps.open_second_round,
    Step.OPEN_COUNCIL: steps.open_council,
    Step.DECIDE: steps.decide,
    Step.STEP_BACK: steps.step_back,
}


def _year_crumbs(year: AssessmentYear, title: str) -> list[tuple[str, str]]:
    return [
        ("Việc của tôi", reverse("office:home")),
        (f"{year.organiser} {year.year}", reverse("office:year", args=[year.pk])),
        (title, ""),
    ]


def _step(name: str) -> Step:
    try:
        return Step(name)
    except ValueError:
        raise Http404 from None


@login_required
def sheet_step(request: HttpRequest, sheet_id: int, step: str) -> HttpResponse:
    """Take a step of a sheet; a step that needs a reason asks for it first."""
    sheet, taken = sheet_or_404(request.user, sheet_id), _step(step)
    if taken not in SHEET_STEPS and taken not in NEEDS_REASON:
        raise Http404
    is_known = taken in {one.name for one in steps.steps_for(person(request), sheet)}
    if taken in NEEDS_REASON:
        return _reasoned_step(request, sheet, taken, is_known)
    if taken == Step.SUBMIT and request.method != "POST":
        return redirect("office:sheet_check", sheet.pk)
    if request.method != "POST":
        raise Http404
    is_done = _run(request, lambda: SHEET_STEPS[taken](sheet, act_of(request)), stages.LABELS[taken])
    if taken == Step.SUBMIT and not is_done:
        # There each component that is missing is a link to its row.
        return redirect("office:sheet_check", sheet.pk)
    return redirect(_back(request, sheet))


def _reasoned_step(request: HttpRequest, sheet: ScoreSheet, step: Step, is_known: bool) -> HttpResponse:
    form_class = ReopenForm if step == Step.REOPEN else ReasonForm
    # A form for somebody who cannot take the step would only promise it.
    access.require(is_known or request.method == "POST", "Bạn không thực hiện được bước này lúc này.")
    form = form_class(request.POST or None)
    if request.method == "POST" and form.is_valid():
        cleaned = form.cleaned_data

        def move() -> Any:
            if step == Step.REOPEN:
                return steps.reopen(sheet, cleaned["until"], act_of(request, cleaned["reason"]))
            if step == Step.WITHDRAW:
                return steps.withdraw(sheet, cleaned["reason"], act_of(request))
            if step == Step.SEND_BACK:
                return steps.send_back(sheet, cleaned["reason"], act_of(request))
            return steps.mark_not_reported(sheet, cleaned["reason"], act_of(request))

        if _run(request, move, stages.LABELS[step]):
            return redirect("office:sheet", sheet.pk)
    title = f"{stages.LABELS[step]}: {sheet.unit}"
    context = {
        "form": form,
        "title": title,
        "lead": NEEDS_REASON[step],
        "button": stages.LABELS[step],
        "crumbs": _year_crumbs(sheet.assessment_year, stages.LABELS[step]),
        "back": reverse("office:sheet", args=[sheet.pk]),
        "is_sample": sheet.assessment_year.organiser.is_sample,
    }
    return render(request, "office/form_page.html", context)


@login_required
def year_step(request: HttpRequest, year_id: int, step: str) -> HttpResponse:
    """Say what a step of a whole year would do, and take it; publishing and correcting have pages of their own."""
    year, taken = year_or_404(request.user, year_id), _step(step)
    if taken == Step.PUBLISH:
        return redirect("office:publish", year.pk)
    if taken == Step.CORRECT:
        return redirect("office:correct", year.pk)
    if taken not in YEAR_STEPS:
        raise Http404
    access.require(access.can_publish(request.user, year.organiser), ONLY_PUBLISHERS)
    form = YearStepForm(year, request.POST or None, needs_reason=taken == Step.STEP_BACK)
    if form.is_bound and form.is_valid():
        act = act_of(request, form.cleaned_data.get("reason", ""))
        _run(request, lambda: YEAR_STEPS[taken](year, act), stages.LABELS[taken])
        return redirect("office:year", year.pk)
    context = {
        "year": year,
        "told": consequences(year, taken),
        "form": form,
        "title": f"{stages.LABELS[taken]}: năm {year.year}?",
        "button": stages.LABELS[taken],
        "crumbs": _year_crumbs(year, stages.LABELS[taken]),
        "is_sample": year.organiser.is_sample,
    }
    return render(request, "office/year_step.html", context)


@login_required
def new_year(request: HttpRequest) -> HttpResponse:
    """Prepare a year: who is assessed, by which criteria, under which rules."""
    organisers = access.published_by(request.user)
    access.require(organisers.exists(), ONLY_PUBLISHERS)
    form = YearForm(organisers, request.POST or None, initial=proposed_rules(organisers))
    crumbs = [("Việc của tôi", reverse("office:home")), ("Lập kỳ đánh giá", "")]
    return _year_page(request, form, "Lập kỳ đánh giá", crumbs, "Đã lập kỳ đánh giá; kiểm tra rồi mở.")


@login_required
def year_settings(request: HttpRequest, year_id: int) -> HttpResponse:
    """Change a year's rules before it is opened, and its deadlines also later."""
    year = year_or_404(request.user, year_id)
    access.require(access.can_publish(request.user, year.organiser), ONLY_PUBLISHERS)
    form = YearForm(access.published_by(request.user), request.POST or None, instance=year)
    crumbs = _year_crumbs(year, "Quy tắc và thời hạn")
    return _year_page(request, form, f"Quy tắc và thời hạn, {year}", crumbs, "Đã lưu.")


def _year_page(
    request: HttpRequest, form: YearForm, title: str, crumbs: list[tuple[str, str]], done: str
) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        try:
            year = save_year(form.instance, form.deadlines(), act_of(request))
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, done)
            return redirect("office:year", year.pk)
    context = {
        "form": form,
        "title": title,
        "button": "Lưu",
        "crumbs": crumbs,
        "back": reverse("office:home"),
    }
    return render(request, "office/form_page.html", context)


@login_required
def checklist(request: HttpRequest, year_id: int) -> HttpResponse:
    """What still stands against publishing, for everybody of the organiser."""
    year = year_or_404(request.user, year_id)
    lines = lines_of(year)
    context = {
        "year": year,
        "lines": lines,
        "may_publish": access.can_publish(request.user, year.organiser),
        "is_final": year.stage == AssessmentYear.Stage.FINAL,
        "crumbs": _year_crumbs(year, "Kiểm tra trước khi công bố"),
        "is_sample": year.organiser.is_sample,
    }
    return render(request, "office/checklist.html", context)


@login_required
def publish(request: HttpRequest, year_id: int) -> HttpResponse:
    """Publish with the decision's number and date, the checklist beside it."""
    year = year_or_404(request.user, year_id)
    access.require(access.can_publish(request.user, year.organiser), ONLY_PUBLISHERS)
    lines, (table, no_table) = lines_of(year), _table(year)
    form = PublishForm(
        year.organiser,
        table.digest if table else "",
        request.POST or None,
        has_warnings=any(line.level in (Level.WARN, Level.BLOCK) for line in lines),
    )
    if request.method == "POST" and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("decision_number", "decided_on", "source")}
        shown = form.cleaned_data["table"]
        if _run(request, lambda: steps.publish(year, act_of(request), **given, shown=shown), "Công bố"):
            return redirect("office:published", year.pk)
    context = {
        "year": year,
        "lines": lines,
        "refusal": refusal_of(year, Step.PUBLISH),
        "table": table,
        "no_table": no_table,
        "form": form,
        "crumbs": _year_crumbs(year, "Công bố"),
        "is_sample": year.organiser.is_sample,
    }
    return render(request, "office/publish.html", context)


def _table(year: AssessmentYear) -> tuple[Preview | None, str]:
    """Return the result as it would be public, or why there is none."""
    try:
        return preview(year), ""
    except ValidationError as error:
        return None, " ".join(error.messages)


@login_required
def published(request: HttpRequest, year_id: int) -> HttpResponse:
    """What is published of a year, version by version, with the way to the public page."""
    year = year_or_404(request.user, year_id)
    context = {
        "year": year,
        "publications": year.publications.order_by("-version"),
        "may_publish": access.can_publish(request.user, year.organiser),
        "crumbs": _year_crumbs(year, "Các bản công bố"),
        "is_sample": year.organiser.is_sample,
    }
    return render(request, "office/published.html", context)


@login_required
def correct(request: HttpRequest, year_id: int) -> HttpResponse:
    """Put published values right: change cells, see before → after, publish the next version with its document."""
    year = year_or_404(request.user, year_id)
    access.require(access.can_publish(request.user, year.organiser), ONLY_PUBLISHERS)
    if year.current_publication is None:
        raise Http404
    cell = CellForm(year, request.POST if "cell" in request.POST else None, prefix="cell")
    if cell.is_bound and cell.is_valid() and _corrected_cell(request, cell):
        return redirect("office:correct", year.pk)
    pending, (table, no_table) = pending_corrections(year), _table(year)
    form = CorrectForm(
        year, table.digest if table else "", request.POST if "correct" in request.POST else None
    )
    if form.is_bound and form.is_valid():
        given = {name: form.cleaned_data[name] for name in ("decision_number", "decided_on")}
        given["shown"] = form.cleaned_data["table"]
        act = act_of(request, form.cleaned_data["reason"])
        if not pending and year.basis == AssessmentYear.Basis.SCORED:
            form.add_error(None, "Chưa có ô nào khác với bản đã công bố.")
        elif _run(request, lambda: steps.correct(year, act, **given), "Công bố bản đính chính"):
            return redirect("office:published", year.pk)
    context = {
        "year": year,
        "cell": cell,
        "form": form,
        "pending": pending,
        "table": table,
        "no_table": no_table,
        "crumbs": _year_crumbs(year, "Đính chính"),
        "is_sample": year.organiser.is_sample,
    }
    return render(request, "office/correct.html", context)


def _corrected_cell(request: HttpRequest, form: CellForm) -> bool:
    cleaned = form.cleaned_data
    criterion, (state, points) = cleaned["criterion"], cleaned["value"]
    write = CellWrite(
        criterion_id=criterion.pk,
        stage="survey" if criterion.origin == ScoreOrigin.SURVEY else "appraised",
        state=state,
        points=points,
        reason=cleaned["reason"],
    )
    result = write_cells(cleaned["sheet"], [write], act_of(request, cleaned["reason"]))[0]
    if result.outcome == "refused":
        form.add_error("value", result.message)
        return False
    messages.success(request, "Đã sửa ô; bản công bố chỉ thay đổi khi công bố bản đính chính.")
    return True


def done(step: str) -> str:
    """Say that a step was taken, by its name: “Đã nộp phiếu.”"""
    return f"Đã {step[:1].lower()}{step[1:]}."


def _run(request: HttpRequest, change: Callable[[], Any], label: str) -> bool:
    """Take a step and say what became of it; a refusal is a message, not an error page."""
    try:
        change()
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return False
    messages.success(request, done(label))
    return True


def _back(request: HttpRequest, sheet: ScoreSheet) -> str:
    """Whoever takes a step of the appraisal goes on with the appraisal."""
    name = "office:appraisal" if request.POST.get("from") == "appraisal" else "office:sheet"
    return reverse(name, args=[sheet.pk])


urlpatterns = [
    path("sheets/<int:sheet_id>/steps/<slug:step>/", sheet_step, name="sheet_step"),
    path("years/<int:year_id>/steps/<slug:step>/", year_step, name="year_step"),
    path("years/new/", new_year, name="year_new"),
    path("years/<int:year_id>/settings/", year_settings, name="year_settings"),
    path("years/<int:year_id>/checklist/", checklist, name="checklist"),
    path("years/<int:year_id>/publish/", publish, name="publish"),
    path("years/<int:year_id>/published/", published, name="published"),
    path("years/<int:year_id>/correct/", correct, name="correct"),
]
