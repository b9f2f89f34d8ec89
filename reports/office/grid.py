"""The score grid of a unit: one area at a time, saved row by row, or as a plain form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_POST

from districts import access
from districts.audit import Act
from districts.models import Change, User
from reports.models import Criterion, Judgement, ScoreSheet
from reports.numbers_vi import number, signed
from reports.office.cell_form import (
    STATES,
    Refused,
    Typed,
    explained,
    is_changed,
    shown_texts,
    typed_rows,
    written,
)
from reports.office.fetch import sheet_or_404
from reports.rule_inputs import Question
from reports.summaries.office import SheetProgress, progress_of
from reports.summaries.sheet import Row, Sheet, Sum, is_appraisal_open, sheet_of, status_reason
from reports.workflow.entering import CellResult, entry_refusal, write_cells
from reports.workflow.steps import steps_for, waits_for_lead

OUTCOMES = {
    "saved": "Đã lưu",
    "unchanged": "Không đổi",
    "refused": "Chưa lưu",
    "conflict": "Người khác đã sửa",
}
NOT_IN_SHEET = "Tiêu chí này không có trong phiếu."


@dataclass(frozen=True)
class Theirs:
    """What somebody else has written meanwhile."""

    version: int
    shown: Typed
    by: str

    def beside(self, mine: Typed) -> str:
        """Return both values in words, for who has to choose."""
        state = str(dict(STATES).get(self.shown.state, self.shown.state))  # type: ignore[call-overload]
        inputs = " / ".join(text or "–" for text in self.shown.inputs.values())
        theirs = [
            self.shown.points or state,
            f"({inputs})" if any(self.shown.inputs.values()) else "",
            _remark(self.shown),
        ]
        own = [mine.points or "trống", _remark(mine)]
        return f"{self.by or 'Người khác'}: {_joined(theirs)}. Của bạn: {_joined(own)}."


def _remark(shown: Typed) -> str:
    return f"· {shown.note}" if shown.note else ""


def _joined(parts: list[str]) -> str:
    return " ".join(filter(None, parts))


@dataclass(frozen=True)
class Answer:
    """What became of one posted row."""

    outcome: str
    message: str = ""
    field: str = ""
    theirs: Theirs | None = None

    @property
    def words(self) -> str:
        return OUTCOMES[self.outcome]


@dataclass(frozen=True)
class Line:
    """A row as the page shows it: with what was typed where that could not be saved."""

    row: Row
    shown: Typed
    answer: Answer | None = None

    @property
    def explained(self) -> str:
        return explained(self.row)

    @property
    def theirs(self) -> str:
        found = self.answer and self.answer.theirs
        return found.beside(self.shown) if found else ""

    @property
    def questions(self) -> list[tuple[Question, str, Decimal | None]]:
        """Each question, what is typed, and the system's own figure where it knows one."""
        bound = self.row.bound
        return [(one, self.shown.inputs.get(one.name, ""), bound.get(one.name)) for one in self.row.questions]


@login_required
@require_GET
def sheet(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """One area of a unit's sheet, `?area=<code>`; the first one without it."""
    found = sheet_or_404(request.user, sheet_id)
    return _page(request, sheet_of(found, for_unit=not _is_officer(request, found)), {})


@login_required
@require_POST
def cells(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """Write the posted rows; JSON for the script, a page for a plain form."""
    found = sheet_or_404(request.user, sheet_id)
    typed = [
        row for row in typed_rows(request.POST) if str(row.criterion_id) not in request.POST.getlist("take")
    ]
    for_unit = not _is_officer(request, found)
    before = sheet_of(found, for_unit=for_unit)
    answers = _write(before, typed, Act(actor=_person(request), how=Change.How.FORM))
    after = sheet_of(found, for_unit=for_unit)
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"rows": [_json(after, one, answers) for one in typed], "sums": _sums(after)})
    unsaved = {
        one.criterion_id: one for one in typed if answers[one.criterion_id].outcome in ("refused", "conflict")
    }
    if unsaved:
        messages.error(request, f"Còn {len(unsaved)} dòng chưa lưu được; xem lý do bên cạnh từng dòng.")
        return _page(request, after, answers, unsaved, status=422)
    saved = sum(answer.outcome == "saved" for answer in answers.values())
    messages.success(request, f"Đã lưu {saved} dòng." if saved else "Không có gì thay đổi.")
    area = request.POST.get("area", "")
    return HttpResponseRedirect(
        reverse("office:sheet", args=[sheet_id]) + (f"?area={area}" if area.isalnum() else "")
    )


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _write(before: Sheet, typed: list[Typed], act: Act) -> dict[int, Answer]:
    """Write what was changed and can be read; return what became of every row, by component."""
    rows = {row.criterion.pk: row for row in before.rows}
    answers: dict[int, Answer] = {}
    writes = []
    for one in typed:
        row = rows.get(one.criterion_id)
        if row is None:
            answers[one.criterion_id] = Answer("refused", NOT_IN_SHEET)
        elif not is_changed(row, one):
            answers[one.criterion_id] = Answer("unchanged")
        else:
            try:
                writes.append(written(row, one))
            except Refused as error:
                answers[one.criterion_id] = Answer("refused", str(error), error.field)
    results = write_cells(before.sheet, writes, act) if writes else []
    writers = _writers([result for result in results if result.outcome == "conflict"])
    for result in results:
        answers[result.criterion_id] = _answer(result, rows[result.criterion_id], writers)
    return answers


def _answer(result: CellResult, row: Row, writers: Mapping[int, str]) -> Answer:
    if result.outcome != "conflict":
        return Answer(result.outcome, result.message)
    current = replace(row, score=result.score)
    theirs = Theirs(current.version, shown_texts(current), writers.get(result.score.pk, ""))
    return Answer("conflict", result.message, theirs=theirs)


def _writers(conflicts: list[CellResult]) -> dict[int, str]:
    """Return who wrote last, by score."""
    if not conflicts:
        return {}
    last = Judgement.objects.filter(score__in=[one.score.pk for one in conflicts], stage=Judgement.Stage.SELF)
    return {
        one.score_id: one.by.get_full_name() or one.by.get_username()
        for one in last.select_related("by").order_by("at", "pk")
        if one.by is not None
    }


def _json(after: Sheet, typed: Typed, answers: Mapping[int, Answer]) -> dict[str, Any]:
    """Return a row for the script: texts as the fields show them, so that it need not format anything."""
    answer = answers[typed.criterion_id]
    row = next((one for one in after.rows if one.criterion.pk == typed.criterion_id), None)
    said: dict[str, Any] = {
        "row": typed.criterion_id,
        "outcome": answer.outcome,
        "words": answer.words,
        "message": answer.message,
        "field": answer.field,
    }
    if row is not None and answer.outcome != "refused":
        shown = answer.theirs.shown if answer.theirs else shown_texts(row)
        said |= {"version": shown.version, "values": _fields(shown), "explained": explained(row)}
    if answer.theirs:
        said |= {"theirs": answer.theirs.beside(typed)}
    return said


def _fields(shown: Typed) -> dict[str, str]:
    inputs = {f"in-{name}": text for name, text in shown.inputs.items()}
    return {"state": shown.state, "points": shown.points, "note": shown.note, **inputs}


def _sums(sheet: Sheet) -> dict[str, dict[str, str]]:
    found = {
        one.key: _sum_texts(one) for one in [*sheet.sums, sheet.total] if one.total or one.key == "total"
    }
    adjusted = sheet.adjusted
    if adjusted is not None:
        found["adjustment"] = {"points": signed(adjusted.net, 4)}
        found["adjusted"] = {"points": number(adjusted.total, 4)}
    return found


def _sum_texts(one: Sum) -> dict[str, str]:
    return {
        "points": number(one.points, 4),
        "maximum": number(one.maximum, 4),
        "done": f"{one.done}/{one.total}",
    }


def _page(
    request: HttpRequest,
    sheet: Sheet,
    answers: Mapping[int, Answer],
    unsaved: Mapping[int, Typed] | None = None,
    status: int = 200,
) -> HttpResponse:
    area = _chosen(sheet, request.POST.get("area") or request.GET.get("area", ""))
    refusal = entry_refusal(_person(request), sheet.sheet)
    progress: SheetProgress = progress_of([sheet.sheet])[0]
    shown = [
        Line(row, (unsaved or {}).get(row.criterion.pk) or shown_texts(row), answers.get(row.criterion.pk))
        for row in (sheet.rows_of(area) if area else [])
    ]
    sums = {one.key: one for one in sheet.sums}
    context = {
        "summary": sheet,
        "sheet": sheet.sheet,
        "year": sheet.sheet.assessment_year,
        "area": area,
        "tabs": [(one, sums[one.code]) for one in sheet.areas],
        "area_sum": area and sums[area.code],
        "total": sheet.total,
        "adjusted": sheet.adjusted,
        "lines": shown,
        "states": STATES,
        "progress": progress,
        "can_edit": refusal is None,
        "refusal": refusal,
        "status_reason": status_reason(sheet.sheet),
        "is_officer": _is_officer(request, sheet.sheet),
        "shows_appraisal": _is_officer(request, sheet.sheet)
        or is_appraisal_open(sheet.sheet.assessment_year),
        "steps": steps_for(_person(request), sheet.sheet),
        "waits_for_lead": waits_for_lead(_person(request), sheet.sheet),
        "is_sample": sheet.sheet.assessment_year.organiser.is_sample,
        "crumbs": _crumbs(request, sheet.sheet),
    }
    return render(request, "office/grid.html", context, status=status)


def _is_officer(request: HttpRequest, sheet: ScoreSheet) -> bool:
    return access.can_view_organiser(request.user, sheet.assessment_year.organiser)


def _chosen(sheet: Sheet, code: str) -> Criterion | None:
    areas = {area.code: area for area in sheet.areas}
    return areas.get(code) or next(iter(sheet.areas), None)


def _crumbs(request: HttpRequest, sheet: ScoreSheet) -> list[tuple[str, str]]:
    year = sheet.assessment_year
    board = reverse("office:year", args=[year.pk]) if _is_officer(request, sheet) else ""
    above = [(f"{year.organiser} {year.year}", board)] if board else []
    return [("Việc của tôi", reverse("office:home")), *above, (str(sheet.unit), "")]


urlpatterns: list[URLPattern] = [
    path("sheets/<int:sheet_id>/", sheet, name="sheet"),
    path("sheets/<int:sheet_id>/cells/", cells, name="cells"),
]
