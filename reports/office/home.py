"""The office's first page: what is mine to do, by when, how far; and the board of a year."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from districts import access
from districts.models import Unit, User
from districts.names import fold
from reports.models import AssessmentYear, Assignment, ScoreSheet
from reports.office.fetch import assignments_of, visible_sheets, year_or_404
from reports.spreadsheets import Cell, Sheet, csv_response, xlsx_response
from reports.summaries.office import Board, Due, SheetProgress, board, due_of, progress_of
from reports.workflow.steps import steps_for
from reports.workflow.year_steps import units_of_year

# More than these are found by search, not by reading.
MOST_SHEETS = 60
# As many as a phone on a slow line can take.
ROWS_A_PAGE = 50
ORDERS: Mapping[str, Callable[[SheetProgress], tuple[float, float, str]]] = {
    "progress": lambda row: (row.done / row.total if row.total else 1, 0, row.sheet.unit.sort_key),
    "due": lambda row: (row.due is None, row.due.at.timestamp() if row.due else 0, row.sheet.unit.sort_key),
}


@dataclass(frozen=True)
class YearCard:
    """A year in work of an organiser whose people they are: how many sheets have been handed in, until when."""

    year: AssessmentYear
    sheets: int
    handed_in: int
    due: Due | None


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What a person's roles and assignments give them to do, the most urgent first."""
    assert isinstance(request.user, User)
    user = request.user
    sheets = _own_sheets(user)
    years = _years(user)
    tasks = assignments_of(user).exclude(assessment_year__stage=AssessmentYear.Stage.PUBLISHED)
    return render(
        request,
        "office/home.html",
        {
            "sheets": sorted(progress_of(sheets), key=_urgency),
            "years": years,
            "tasks": _with_sheets(list(tasks.select_related(*TASK_RELATIONS)[:MOST_SHEETS])),
            "administers": access.administered_by(user),
            "publishes": access.published_by(user),
            "organises": access.organisers_of(user),
            "own_units": access.own_units(user)[:MOST_SHEETS],
            "has_role": access.is_almighty(user) or user.memberships.exists(),
        },
    )


TASK_RELATIONS = ("assessment_year__organiser", "criterion", "unit", "agency")


@login_required
@require_GET
def year(request: HttpRequest, year_id: int) -> HttpResponse:
    """Units × areas of a year for the organiser's people, `?show=` one of `_filters`, `?q=` part of a name."""
    found = year_or_404(request.user, year_id)
    assert isinstance(request.user, User)
    shown = board(found)
    chosen, asked = request.GET.get("show", ""), request.GET.get("q", "").strip()[:80]
    order = request.GET.get("sort", "")
    rows = [row for row in shown.rows if _matches(row, chosen, fold(asked))]
    if order in ORDERS:
        rows.sort(key=ORDERS[order])
    if export := request.GET.get("export"):
        name = f"tien-do-{found.organiser.slug}-{found.year}"
        sheet = board_sheet(shown, rows)
        return csv_response(sheet, name) if export == "csv" else xlsx_response([sheet], name)
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "office/year.html",
        {
            "year": found,
            "board": shown,
            "rows": page.object_list,
            "page": page,
            "orders": [("", "tên đơn vị"), ("progress", "nhập ít nhất"), ("due", "hạn gần nhất")],
            "order": order,
            "filters": _filters(shown),
            "chosen": chosen,
            "asked": asked,
            "steps": steps_for(request.user, found),
            "roster": _roster(found),
            "is_sample": found.organiser.is_sample,
            "crumbs": [("Việc của tôi", reverse("office:home")), (f"{found.organiser} {found.year}", "")],
        },
    )


def _roster(year: AssessmentYear) -> list[Unit]:
    """Return the units that opening a prepared year will give a sheet."""
    is_prepared = year.stage == AssessmentYear.Stage.PREPARE and year.basis == AssessmentYear.Basis.SCORED
    return units_of_year(year) if is_prepared else []


def board_sheet(shown: Board, rows: Iterable[SheetProgress]) -> Sheet:
    """Return the board as a sheet: how many components of each area a unit has filled in, and of how many."""
    headers = ["Mã đơn vị", "Đơn vị", "Phiếu", "Hạn"]
    headers += [f"{area.code}. {area.title}" for area in shown.areas] + ["Đã nhập", "Phải nhập"]
    return Sheet("Tiến độ", headers, [_board_row(row) for row in rows])


def _board_row(row: SheetProgress) -> list[Cell]:
    unit = row.sheet.unit
    due = f"{timezone.localtime(row.due.at):%d/%m/%Y %H:%M}" if row.due else None
    areas: list[Cell] = [f"{area.done}/{area.total}" for area in row.areas]
    return [unit.code, unit.full_name, row.words, due, *areas, row.done, row.total]


def _own_sheets(user: User) -> list[ScoreSheet]:
    sheets = visible_sheets(user).filter(unit__in=access.own_units(user))
    current = sheets.exclude(assessment_year__stage=AssessmentYear.Stage.PUBLISHED)
    return list(current.order_by("assessment_year__year", "unit__sort_key")[:MOST_SHEETS])


def _years(user: User) -> list[YearCard]:
    status = ScoreSheet.Status
    waiting = Q(sheets__status__in=[status.OPEN, status.RETURNED, status.NOT_REPORTED])
    years = (
        AssessmentYear.objects.filter(organiser__in=access.organisers_of(user))
        .exclude(stage=AssessmentYear.Stage.PUBLISHED)
        .select_related("organiser", "group")
        .prefetch_related("deadlines")
        .annotate(sheet_count=Count("sheets"), waiting_count=Count("sheets", filter=waiting))
        .order_by("organiser__slug", "-year", "group__order")
    )
    now = timezone.now()
    return [
        YearCard(
            one, one.sheet_count, one.sheet_count - one.waiting_count, due_of(one, one.deadlines.all(), now)
        )
        for one in years
    ]


def _with_sheets(tasks: list[Assignment]) -> list[tuple[Assignment, ScoreSheet | None]]:
    """Put the sheet of its unit beside each assignment that names one."""
    wanted = Q(pk=None)
    for task in tasks:
        if task.unit_id:
            wanted |= Q(assessment_year=task.assessment_year_id, unit=task.unit_id)
    found = {(sheet.assessment_year_id, sheet.unit_id): sheet for sheet in ScoreSheet.objects.filter(wanted)}
    return [(task, found.get((task.assessment_year_id, task.unit_id or 0))) for task in tasks]


def _urgency(one: SheetProgress) -> tuple[bool, float, str]:
    return (one.due is None, one.due.at.timestamp() if one.due else 0.0, one.sheet.unit.sort_key)


def _matches(row: SheetProgress, chosen: str, asked: str) -> bool:
    if asked and asked not in row.sheet.unit.search_key and asked not in fold(row.sheet.unit.full_name):
        return False
    if chosen == "late":
        return row.is_late
    if chosen in ("handed_in", "waiting"):
        return row.is_handed_in == (chosen == "handed_in")
    return not chosen or row.state == chosen


def _filters(shown: Board) -> list[tuple[str, str]]:
    """Return what rows can be chosen by: the states that the page counts, and what lies across them."""
    states = [(str(state), words) for state, words, _ in shown.states]
    across = [("late", "quá hạn"), ("waiting", "mọi phiếu chưa nộp"), ("handed_in", "mọi phiếu đã nộp")]
    return [("", "tất cả"), *states, *across]


urlpatterns: list[URLPattern] = [
    path("", home, name="home"),
    path("years/<int:year_id>/", year, name="year"),
]
