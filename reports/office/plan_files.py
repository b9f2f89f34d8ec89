"""Tasks to take away: sheets for a spreadsheet, and a calendar feed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from django.http import HttpResponse
from icalendar import Calendar, Event

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


def calendar(todos: Iterable[Todo], address: str, now: dt.datetime) -> bytes:
    """Return tasks that have a day as an iCalendar file (RFC 5545), a whole-day event each; `address` is the site's."""
    feed = Calendar()
    feed.add("prodid", "-//CCHC//VI")
    feed.add("version", "2.0")
    feed.add("x-wr-calname", "Nhiệm vụ cải cách hành chính")
    host = address.partition("//")[2]
    for todo in todos:
        if todo.row.due_on is not None:
            feed.add_component(_event(todo, host, now))
    content: bytes = feed.to_ical()
    return content


def _event(todo: Todo, host: str, now: dt.datetime) -> Event:
    event, due = Event(), todo.row.due_on
    assert due is not None
    event.add("uid", f"{todo.row._meta.model_name}-{todo.row.pk}@{host}")
    event.add("dtstamp", now)
    event.add("dtstart", due)
    if due < dt.date.max:
        event.add("dtend", due + dt.timedelta(days=1))
    event.add("summary", f"{todo.kind}: {todo.row.title}")
    event.add("description", f"{todo.unit.full_name}. {todo.row.get_state_display()}.")
    return event


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
