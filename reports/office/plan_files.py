"""Tasks to take away as sheets for a spreadsheet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.http import HttpResponse

from reports.models import Task
from reports.numbers_vi import date_vi
from reports.spreadsheets import Cell, Sheet, csv_response, xlsx_response
from reports.summaries.losses import Gain
from reports.summaries.tasks import Todo

TASK_HEADERS = (
    *("Mã việc", "Loại", "Nội dung", "Đơn vị chủ trì (mã)", "Cơ quan chủ trì", "Thời hạn"),
    *("Tình trạng", "Hoàn thành ngày", "Kết quả"),
)
REMEDY_HEADERS = (
    *("Mã việc", "Mã tiêu chí", "Tiêu chí thành phần", "Biện pháp", "Cơ quan chủ trì", "Thời hạn"),
    *("Điểm dự kiến", "Tình trạng", "Hoàn thành ngày", "Kết quả", "Điểm trước", "Điểm sau", "Tăng, giảm"),
)


def exported(sheets: Sequence[Sheet], name: str, kind: str) -> HttpResponse:
    """Return sheets as XLSX, or the first of them as CSV."""
    return csv_response(sheets[0], name) if kind == "csv" else xlsx_response(sheets, name)


def task_sheet(tasks: Iterable[Task]) -> Sheet:
    """Return a plan's tasks as one sheet, which can be filled in and uploaded again."""
    return Sheet("Nhiệm vụ", TASK_HEADERS, [_task_row(task) for task in tasks])


def remedy_sheet(todos: Iterable[Todo], gains: Mapping[int, Gain]) -> Sheet:
    """Return remedies as one sheet, with what their components showed at the next publication."""
    return Sheet("Khắc phục", REMEDY_HEADERS, [_remedy_row(todo, gains.get(todo.row.pk)) for todo in todos])


def _task_row(task: Task) -> list[Cell]:
    return [
        task.pk,
        str(task.get_kind_display()),
        task.title,
        task.responsible.code if task.responsible else None,
        task.responsible_name or None,
        date_vi(task.due_on) if task.due_on else None,
        str(task.get_state_display()),
        date_vi(task.done_on) if task.done_on else None,
        task.outcome or None,
    ]


def _remedy_row(todo: Todo, gain: Gain | None) -> list[Cell]:
    row = todo.row
    assert not isinstance(row, Task)
    return [
        row.pk,
        row.criterion.code,
        row.criterion.title,
        row.title,
        todo.responsible or None,
        date_vi(row.due_on) if row.due_on else None,
        row.expected_points,
        str(row.get_state_display()),
        date_vi(row.done_on) if row.done_on else None,
        row.outcome or None,
        gain.before if gain else None,
        gain.after if gain else None,
        gain.change if gain else None,
    ]
