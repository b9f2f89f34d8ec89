"""A unit's dossiers: the forms that were filled in, and one form (scope × period) as a grid of fields and columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from districts import access
from districts.audit import Act
from districts.models import Change, Unit, User
from districts.names import fold
from reports.dossier_columns import Column
from reports.models import DossierCount, Scope
from reports.numbers_vi import count
from reports.periods import moved
from reports.readers import text_of, whole_number
from reports.summaries.dossier_entry import (
    Entered,
    Entry,
    EntryRow,
    Month,
    entered_forms,
    entry_of,
    last_months,
    shown_columns,
)
from reports.summaries.dossiers import period_label
from reports.workflow.dossier_fields import field_named
from reports.workflow.figures import MAY_NOT_WRITE, may_write
from reports.workflow.said import Said

from .dossier_form import OUTCOMES, Answer, PlaceForm, Typed, address_of, save, typed_rows
from .fetch import unit_or_404
from .units import unit_context
from .uploads import FileForm

NO_PERIOD = "Hãy chọn phạm vi và kỳ số liệu."


@dataclass(frozen=True)
class Cell:
    """One cell of the grid."""

    column: Column
    text: str
    saved: str
    is_wrong: bool


@dataclass(frozen=True)
class Line:
    """A row as the page shows it: with what was typed where that could not be saved."""

    row: EntryRow
    cells: list[Cell]
    reason: str
    answer: Answer | None
    said: list[Said]
    theirs: str


@login_required
@require_GET
def dossiers(request: HttpRequest, unit_id: int) -> HttpResponse:
    """The forms a unit has filled in, and the way to the next one."""
    unit = unit_or_404(request.user, unit_id)
    form = PlaceForm(initial={"shape": "quarter", "year": timezone.localdate().year})
    return _forms_page(request, unit, form)


@login_required
@require_GET
def dossier_counts(request: HttpRequest, unit_id: int) -> HttpResponse:
    """One form: `?scope=`, and the period by name or by days; `?add=` opens rows of further fields."""
    unit = unit_or_404(request.user, unit_id)
    form = PlaceForm(request.GET)
    if not form.is_valid():
        return _forms_page(request, unit, form, status=422)
    added = [pk for text in request.GET.getlist("add") if (pk := whole_number(text))]
    entry = entry_of(unit, form.cleaned_data["scope"], form.period, added)
    return _grid_page(request, entry, {}, {})


@login_required
@require_POST
def dossier_cells(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Write the posted rows; JSON for the script, a page for a plain form."""
    unit = unit_or_404(request.user, unit_id)
    assert isinstance(request.user, User)
    access.require(may_write(request.user, unit), MAY_NOT_WRITE)
    place = PlaceForm(request.POST)
    if not place.is_valid():
        messages.error(request, NO_PERIOD)
        return redirect("office:dossiers", unit.pk)
    scope, period = place.cleaned_data["scope"], place.period
    typed, convention = typed_rows(request.POST), _convention(request)
    answers = save(unit, scope, period, typed, convention, Act(request.user, Change.How.FORM))
    after = entry_of(unit, scope, period, [one.key for one in typed])
    if request.headers.get("Accept", "").startswith("application/json"):
        rows = [_json(row, answers.get(row.key)) for row in after.rows]
        return JsonResponse({"rows": rows, "sums": _sums(after)})
    unsaved = {one.key: one for one in typed if answers[one.key].outcome in ("refused", "conflict")}
    if unsaved:
        messages.error(request, f"Còn {len(unsaved)} dòng chưa lưu được; xem lý do bên cạnh từng dòng.")
        return _grid_page(request, after, answers, unsaved, status=422)
    messages.success(request, "Đã lưu số liệu hồ sơ.")
    return redirect(address_of(unit, scope, period))


@login_required
@require_POST
def dossier_field(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Open a row of another field, by its name; one that the catalogue does not know yet is added to it."""
    unit = unit_or_404(request.user, unit_id)
    assert isinstance(request.user, User)
    access.require(may_write(request.user, unit), MAY_NOT_WRITE)
    place = PlaceForm(request.POST)
    if not place.is_valid():
        return redirect("office:dossiers", unit.pk)
    name = text_of(request.POST.get("name", ""))
    back = address_of(unit, place.cleaned_data["scope"], place.period)
    if not fold(name):
        messages.error(request, "Hãy ghi tên lĩnh vực.")
        return redirect(back)
    return redirect(f"{back}&add={field_named(name, Act(request.user, Change.How.FORM)).pk}#grid-title")


def _convention(request: HttpRequest) -> str:
    said = request.POST.get("convention", "")
    return said if said in DossierCount.Convention.values else ""


def _forms_page(request: HttpRequest, unit: Unit, form: PlaceForm, *, status: int = 200) -> HttpResponse:
    forms = entered_forms(unit)
    listed = [(one, address_of(unit, one.scope, one.period)) for one in forms]
    scope = forms[0].scope if forms else Scope.OWN
    context = unit_context(request, unit, "Hồ sơ thủ tục hành chính") | {
        "forms": listed,
        "months": [
            _month_line(unit, month, scope) for month in last_months(unit, forms, timezone.localdate())
        ],
        "form": form,
        "file_form": FileForm(),
    }
    return render(request, "office/dossiers.html", context, status=status)


@dataclass(frozen=True)
class MonthLine:
    """A month in the list: where its form opens, its forms by scope with their addresses, its file."""

    month: Month
    address: str
    forms: list[tuple[Entered, str]]
    sheet: str


def _month_line(unit: Unit, month: Month, scope: str) -> MonthLine:
    """Return a month as the list shows it; an empty one opens in the scope that the unit entered last."""
    forms = [(one, address_of(unit, one.scope, month.period)) for one in month.forms]
    address = forms[0][1] if forms else address_of(unit, scope, month.period)
    return MonthLine(month, address, forms, address_of(unit, scope, month.period, "dossier_sheet"))


def _neighbours(entry: Entry, today: dt.date) -> dict[str, tuple[str, str] | None]:
    """Return name and address of the periods of the same kind before and after, as far as they have begun."""

    def there(steps: int) -> tuple[str, str] | None:
        period = moved(entry.period, steps)
        first, last = entry.unit.valid_from or dt.date.min, min(today, entry.unit.valid_to or today)
        if period is None or period.end < first or period.start > last:
            return None
        return period_label(period), address_of(entry.unit, entry.scope, period)

    return {"before": there(-1), "after": there(1)}


def _scopes(entry: Entry) -> list[tuple[str, str]]:
    """Return the scopes with the addresses of their forms of the same period; none for the scope that is open."""
    return [
        (str(scope.label), "" if scope == entry.scope else address_of(entry.unit, scope, entry.period))
        for scope in Scope
    ]


def _grid_page(
    request: HttpRequest,
    entry: Entry,
    answers: Mapping[int, Answer],
    unsaved: Mapping[int, Typed],
    *,
    status: int = 200,
) -> HttpResponse:
    columns = shown_columns(with_rare=entry.has_rare or "all" in request.GET)
    name = f"{entry.label}, {entry.scope_label}"
    lines = [_line(row, columns, answers.get(row.key), unsaved.get(row.key)) for row in entry.rows]
    context = unit_context(request, entry.unit, f"Hồ sơ: {name}") | {
        "entry": entry,
        "scopes": _scopes(entry),
        **_neighbours(entry, timezone.localdate()),
        "columns": columns,
        "groups": _groups(columns),
        "lines": lines,
        "sums": [(column, _sum(entry, column)) for column in columns],
        "communes": _communes(entry, columns),
        "conventions": DossierCount.Convention.choices,
        "convention": _convention(request) if request.method == "POST" else entry.convention,
        "shows_all": any(column.is_rare for column in columns),
        "here": address_of(entry.unit, entry.scope, entry.period),
        "sheet": address_of(entry.unit, entry.scope, entry.period, "dossier_sheet"),
    }
    return render(request, "office/dossier_counts.html", context, status=status)


def _line(row: EntryRow, columns: list[Column], answer: Answer | None, typed: Typed | None) -> Line:
    wrong = set(answer.wrong if answer else ()) | {name for said in row.said for name in said.fields}
    saved = row.texts
    texts = saved | dict(typed.texts if typed else {})
    return Line(
        row,
        [Cell(one, texts[one.name], saved[one.name], one.name in wrong) for one in columns],
        typed.reason if typed else row.reason,
        answer,
        [] if answer and answer.outcome == "refused" else list(row.said),
        _theirs(row) if answer and answer.outcome == "conflict" else "",
    )


def _theirs(row: EntryRow) -> str:
    counts = [f"{one.label.lower()} {row.texts[one.name]}" for one in shown_columns(with_rare=True)[:9]]
    return "Giá trị đang lưu: " + " · ".join(counts)


def _groups(columns: list[Column]) -> list[tuple[str, int]]:
    """Return the groups of columns with their number, for the head of the table."""
    found: dict[str, int] = {}
    for column in columns:
        found[column.group] = found.get(column.group, 0) + 1
    return list(found.items())


def _sum(entry: Entry, column: Column) -> str:
    return count(entry.sums[column.name]) if column.name in entry.sums else ""


def _communes(entry: Entry, columns: list[Column]) -> list[str]:
    """Return what the communes' own figures add up to, by column; nothing where none has any."""
    if entry.communes is None:
        return []
    sums = entry.communes.sums
    return [count(sums[one.name]) if one.name in sums else "" for one in columns]


def _sums(entry: Entry) -> dict[str, dict[str, str]]:
    return {one.name: {"sum": _sum(entry, one)} for one in shown_columns(with_rare=True)}


def _json(row: EntryRow, answer: Answer | None) -> dict[str, Any]:
    """Return a row for the script: texts as the fields show them, so that it need not format anything."""
    outcome = answer.outcome if answer else ""
    texts = [said.text for said in row.said]
    message = answer.message if answer and answer.outcome in ("refused", "conflict") else " ".join(texts)
    return {
        "row": row.key,
        "outcome": outcome,
        "words": answer.words if answer else OUTCOMES["saved"] if row.row else "",
        "message": message,
        "fields": list(answer.wrong) if answer else [],
        "version": row.version,
        "values": row.texts | {"gap_reason": row.reason},
        "theirs": _theirs(row) if outcome == "conflict" else "",
    }


urlpatterns: list[URLPattern] = [
    path("units/<int:unit_id>/dossiers/", dossiers, name="dossiers"),
    path("units/<int:unit_id>/dossiers/counts/", dossier_counts, name="dossier_counts"),
    path("units/<int:unit_id>/dossiers/cells/", dossier_cells, name="dossier_cells"),
    path("units/<int:unit_id>/dossiers/field/", dossier_field, name="dossier_field"),
]
