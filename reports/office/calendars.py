"""Tasks to take away as a calendar."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from icalendar import Calendar, Event

from reports.summaries.tasks import Todo


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
