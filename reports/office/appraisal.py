"""Appraising a unit's sheet, the gaps of a year, and the unit's reply."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from districts import access
from districts.audit import Act
from reports.models import AssessmentYear, ScoreSheet
from reports.numbers_vi import number, signed
from reports.readers import whole_number
from reports.stages import Cell
from reports.summaries.appraisal import (
    AppraisalSheet,
    AreaLines,
    Line,
    appraisal_sheet,
    gap_table,
)
from reports.summaries.sheet import is_appraisal_open
from reports.workflow import finishing
from reports.workflow.entering import CellWrite, cell_refusal, write_cells
from reports.workflow.reach import YearInWork, lock_of, reach_of
from reports.workflow.steps import send_reply, steps_for

from .acts import act_of, person
from .appraisal_form import (
    MAX_TEXT,
    STATES,
    Answer,
    Refused,
    Shown,
    acceptance,
    is_changed,
    judgement,
    posted_lines,
    shown,
)
from .fetch import sheet_or_404, year_or_404

NOT_FOR_UNITS = "Đơn vị xem kết quả thẩm định ở trang giải trình."
NOT_APPRAISER = "Bạn không được phân công thẩm định phiếu này."
NOT_LEAD = "Chỉ lãnh đạo đơn vị được gửi giải trình."
NOT_OPEN = "Kết quả thẩm định chưa được mở cho đơn vị."


def reach(request: HttpRequest, sheet: ScoreSheet) -> tuple[frozenset[int], str | None]:
    """Return the leaves they may judge, and why nobody may now; two answers from one read of the year."""
    act = act_of(request)
    work = YearInWork.read(sheet.assessment_year_id, act.actor)
    reach = reach_of(act, sheet, Cell.APPRAISED, work)
    mine = frozenset(pk for pk, node in work.nodes.items() if node.is_leaf and reach.includes(pk))
    return mine, lock_of(sheet, Cell.APPRAISED, work)


@login_required
def appraisal(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """One area of a sheet with self value, evidence, automatic value and last year side by side; POST judges."""
    sheet = sheet_or_404(request.user, sheet_id)
    own, lock = reach(request, sheet)
    organiser = sheet.assessment_year.organiser
    access.require(bool(own) or access.can_view_organiser(request.user, organiser), NOT_FOR_UNITS)
    page = appraisal_sheet(sheet, mine=own)
    if request.method != "POST":
        return _appraisal_page(request, page, {}, lock)
    access.require(bool(own), NOT_APPRAISER)
    area = _area(page, request.POST.get("area", ""))
    do = request.POST.get("do", "")
    said = posted_lines(area.lines, request.POST)
    answers = _judge(sheet, said, do, act_of(request))
    fresh = appraisal_sheet(sheet_or_404(request.user, sheet_id), mine=own)
    answered = _answered(fresh, said, answers)
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"rows": [_json(one) for one in answered], "sums": _sums(fresh)})
    unsaved = {one.line.criterion.pk: one for one in answered if one.answer and one.answer.is_unsaved}
    saved = sum(answer.outcome == "saved" for answer in answers.values())
    asks_first = do == "accept_sheet"
    if saved or unsaved or not asks_first:
        _tell(request, saved, len(unsaved))
    if unsaved:
        return _appraisal_page(request, fresh, unsaved, lock, status=422)
    if asks_first:
        return redirect("office:accept_sheet", sheet.pk)
    chosen = do.removeprefix("accept-") if do.startswith("accept-") else ""
    return redirect(_address("office:appraisal", sheet, area) + (f"#row-{chosen}" if chosen else ""))


def _judge(sheet: ScoreSheet, said: list[Shown], do: str, act: Act) -> dict[int, Answer]:
    """Write what was typed, whichever button was pressed, and accept what its button names.

    An area's button accepts what nobody has judged or typed; a component's its own row, whatever stands there.
    """
    answers: dict[int, Answer] = {}
    writes = []
    for one in said:
        key = one.line.criterion.pk
        answers[key] = Answer("unchanged")
        try:
            if do == f"accept-{key}":
                write = acceptance(one.line, one.version)
            elif is_changed(one):
                write = judgement(one)
            elif do == "accept_area" and not one.line.is_judged:
                write = acceptance(one.line, one.version)
            else:
                write = None
        except Refused as error:
            answers[key] = Answer("refused", str(error), error.field)
        else:
            writes += [write] if write else []
    for result in write_cells(sheet, writes, act) if writes else []:
        answers[result.criterion_id] = Answer(result.outcome, result.message, "points")
    return answers


def _answered(page: AppraisalSheet, said: list[Shown], answers: dict[int, Answer]) -> list[Shown]:
    """Return the posted rows on their lines as they are stored now: with what was typed where it was not written."""
    lines = {line.criterion.pk: line for line in page.lines}
    found = []
    for one in said:
        key = one.line.criterion.pk
        answer, line = answers[key], lines[key]
        found.append(replace(one if answer.is_unsaved else shown(line), line=line, answer=answer))
    return found


def _json(one: Shown) -> dict[str, Any]:
    """Return a row for the script: texts as the fields show them, so that it need not format anything."""
    assert one.answer is not None
    stored = one.stored
    return {
        "row": one.line.criterion.pk,
        "outcome": one.answer.outcome,
        "words": one.answer.words,
        "message": one.answer.message,
        "field": one.answer.field,
        "version": stored.version,
        "values": {"state": stored.state, "points": stored.points, "reason": stored.reason},
        "explained": one.gap,
        "theirs": one.theirs,
    }


def _sums(page: AppraisalSheet) -> dict[str, dict[str, str]]:
    """Return what the table of areas shows of the appraisal."""
    areas = {
        one.area.code: {
            "appraised": (signed if one.is_outside else number)(one.appraised_points, 4),
            "gap": signed(one.gap, 4),
            **({} if one.is_outside else {"judged": f"{one.judged}/{len(one.counted)}"}),
        }
        for one in page.areas
    }
    return areas | {"total": {"gap": signed(page.gap, 4), "judged": f"{page.judged}/{len(page.counted)}"}}


def _appraisal_page(
    request: HttpRequest,
    page: AppraisalSheet,
    unsaved: dict[int, Shown],
    lock: str | None,
    status: int = 200,
) -> HttpResponse:
    sheet = page.sheet
    area = _area(page, request.POST.get("area") or request.GET.get("area", ""))
    context = {
        "page": page,
        "sheet": sheet,
        "year": sheet.assessment_year,
        "area": area,
        "lines": [unsaved.get(line.criterion.pk, shown(line)) for line in area.lines],
        "states": STATES,
        "may_judge": area.is_mine and lock is None,
        "may_judge_any": any(one.is_mine for one in page.areas) and lock is None,
        "lock": lock,
        "is_office": access.can_view_organiser(request.user, sheet.assessment_year.organiser),
        "steps": steps_for(person(request), sheet),
        "crumbs": year_crumbs(sheet.assessment_year, "Thẩm định", sheet),
        "is_sample": sheet.assessment_year.organiser.is_sample,
    }
    return render(request, "office/appraisal.html", context, status=status)


@login_required
def gaps(request: HttpRequest, year_id: int) -> HttpResponse:
    """How far the appraisal of a year is, and what it took away: units by areas."""
    return _gaps_page(request, year_or_404(request.user, year_id))


@login_required
@require_POST
def finish_all(request: HttpRequest, year_id: int) -> HttpResponse:
    """Finish the appraisal of every sheet of a year that lacks nothing; name the others with their reasons."""
    year = year_or_404(request.user, year_id)
    finished = finishing.finish_complete(year, act_of(request))
    messages.success(request, f"Đã kết thúc thẩm định {finished.done} phiếu.")
    if not finished.left:
        return redirect("office:gaps", year.pk)
    return _gaps_page(request, year, finished.left)


def _gaps_page(
    request: HttpRequest, year: AssessmentYear, left: tuple[tuple[ScoreSheet, str], ...] = ()
) -> HttpResponse:
    context = {
        "year": year,
        "table": gap_table(year),
        "left": left,
        "may_scrutinise": access.can_scrutinise(request.user, year.organiser),
        "may_finish": year.stage in finishing.STAGES and finishing.may_finish_all(person(request), year),
        "crumbs": year_crumbs(year, "Tiến độ và chênh lệch thẩm định"),
        "is_sample": year.organiser.is_sample,
    }
    return render(request, "office/gaps.html", context)


@login_required
def reply(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """What the appraisal gave, with its reasons, and the unit's reply to it, component by component."""
    sheet = sheet_or_404(request.user, sheet_id)
    year = sheet.assessment_year
    is_office = access.can_view_organiser(request.user, year.organiser)
    access.require(is_office or access.can_view(request.user, sheet.unit), NOT_LEAD)
    access.require(is_office or is_appraisal_open(year), NOT_OPEN)
    refusal = cell_refusal(person(request), sheet, Cell.REPLY)
    page = appraisal_sheet(sheet, mine=(), for_unit=not is_office)
    unsaved: dict[int, tuple[str, str]] = {}
    if request.method == "POST":
        access.require(refusal is None, refusal or "")
        unsaved = _write_replies(request, page)
        if not unsaved:
            return _replied(request, sheet)
    shows_all = request.GET.get("all") == "1"
    shown_lines = [
        line
        for line in page.lines
        if shows_all or line.differs or line.score.reply or line.criterion.pk in unsaved
    ]
    context = {
        "page": page,
        "sheet": sheet,
        "year": year,
        "lines": [_reply_line(line, unsaved) for line in shown_lines],
        "hidden": len(page.lines) - len(shown_lines),
        "shows_all": shows_all,
        "refusal": refusal,
        "shows_inflation": access.own_units(request.user).filter(pk=sheet.unit_id).exists(),
        "may_reply": refusal is None,
        "may_send": refusal is None and access.can_lead(request.user, sheet.unit),
        "max_text": MAX_TEXT,
        "crumbs": year_crumbs(year, "Giải trình", sheet),
        "is_sample": year.organiser.is_sample,
    }
    return render(request, "office/reply.html", context, status=422 if unsaved else 200)


def _write_replies(request: HttpRequest, page: AppraisalSheet) -> dict[int, tuple[str, str]]:
    """Write the changed replies; return text and reason of those that could not be written, by component."""
    texts: dict[int, str] = {}
    writes = []
    for line in page.lines:
        key = line.criterion.pk
        text = request.POST.get(f"reply-{key}")
        if text is None or text.strip().replace("\r\n", "\n") == line.score.reply:
            continue
        texts[key] = text.strip().replace("\r\n", "\n")
        version = request.POST.get(f"version-{key}", "")
        expected = whole_number(version) or 0
        note = texts[key][:MAX_TEXT]
        writes.append(CellWrite(criterion_id=key, stage="reply", note=note, expected_version=expected))
    results = write_cells(page.sheet, writes, act_of(request)) if writes else []
    if results or "send" not in request.POST:
        outcomes = [result.outcome for result in results]
        refused = sum(outcome in ("refused", "conflict") for outcome in outcomes)
        _tell(request, outcomes.count("saved"), refused)
    return {
        result.criterion_id: (texts[result.criterion_id], result.message)
        for result in results
        if result.outcome in ("refused", "conflict")
    }


def _replied(request: HttpRequest, sheet: ScoreSheet) -> HttpResponse:
    if "send" in request.POST:
        access.require(access.can_lead(request.user, sheet.unit), NOT_LEAD)
        try:
            send_reply(sheet, act_of(request))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, "Đã gửi giải trình.")
    return redirect("office:reply", sheet.pk)


def _reply_line(line: Line, unsaved: dict[int, tuple[str, str]]) -> dict[str, object]:
    text, message = unsaved.get(line.criterion.pk, (line.score.reply, ""))
    return {"line": line, "text": text, "message": message}


def _area(page: AppraisalSheet, code: str) -> AreaLines:
    """Return the area of that code; else the first one of theirs, else the first."""
    chosen = [area for area in page.areas if area.area.code == code]
    return next(iter([*chosen, *(area for area in page.areas if area.is_mine), *page.areas]))


def _tell(request: HttpRequest, saved: int, refused: int) -> None:
    if refused:
        messages.error(
            request, f"Đã lưu {saved} dòng; còn {refused} dòng chưa lưu được, xem lý do ở từng dòng."
        )
    elif saved:
        messages.success(request, f"Đã lưu {saved} dòng.")
    else:
        messages.info(request, "Không có gì thay đổi.")


def _address(name: str, sheet: ScoreSheet, area: AreaLines) -> str:
    return f"{reverse(name, args=[sheet.pk])}?area={area.area.code}"


def year_crumbs(year: AssessmentYear, title: str, sheet: ScoreSheet | None = None) -> list[tuple[str, str]]:
    # The year's board is the organiser's: a unit's people go from its sheet to their home.
    here = (
        (f"{year.organiser} {year.year}", reverse("office:year", args=[year.pk]))
        if sheet is None
        else (f"{sheet.unit} {year.year}", reverse("office:sheet", args=[sheet.pk]))
    )
    return [("Việc của tôi", reverse("office:home")), here, (title, "")]


urlpatterns = [
    path("sheets/<int:sheet_id>/appraisal/", appraisal, name="appraisal"),
    path("sheets/<int:sheet_id>/reply/", reply, name="reply"),
    path("years/<int:year_id>/appraisal/", gaps, name="gaps"),
    path("years/<int:year_id>/appraisal/finish/", finish_all, name="finish_all"),
]
