"""What has a person, or a unit, promised to do, until when? Tasks of plans and remedies as one list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet
from django.utils import timezone

from districts import access
from districts.models import Unit, User
from reports.models import RemediationTask, Task, Work

SOON = dt.timedelta(days=7)
IS_OPEN = Q(state__in=[Work.State.OPEN, Work.State.DOING])


@dataclass(frozen=True)
class Todo:
    """A task with whose it is; late is what is neither done nor dropped after its day."""

    row: Task | RemediationTask
    unit: Unit
    is_late: bool
    is_soon: bool

    @property
    def is_remedy(self) -> bool:
        return isinstance(self.row, RemediationTask)

    @property
    def is_open(self) -> bool:
        return self.row.state in (Work.State.OPEN, Work.State.DOING)

    @property
    def kind(self) -> str:
        """Return what sort of task it is, in words."""
        if isinstance(self.row, RemediationTask):
            return f"Khắc phục {self.row.criterion.code}"
        return str(self.row.get_kind_display())

    @property
    def responsible(self) -> str:
        """Return who is responsible, in words; empty where nobody is named."""
        return str(self.row.responsible or self.row.responsible_name)


@dataclass(frozen=True)
class Column:
    """Tasks of one state, as a board shows them."""

    state: str
    title: str
    todos: tuple[Todo, ...]


def todos_of(user: User) -> list[Todo]:
    """Return the open tasks of a person's units and those their units are responsible for, the soonest first.

    Two queries beyond the memberships.
    """
    own = access.own_units(user)
    tasks = Task.objects.filter(IS_OPEN, Q(plan__unit__in=own) | Q(responsible__in=own))
    remedies = RemediationTask.objects.filter(IS_OPEN, Q(unit__in=own) | Q(responsible__in=own))
    return listed([*_with_units(tasks), *_with_criteria(remedies)])


def open_todos(until: dt.date, today: dt.date) -> list[Todo]:
    """Return everybody's open tasks that are due by a day, the soonest first; two queries."""
    is_due = IS_OPEN & Q(due_on__lte=until)
    tasks, remedies = Task.objects.filter(is_due), RemediationTask.objects.filter(is_due)
    return listed([*_with_units(tasks), *_with_criteria(remedies)], today)


def listed(rows: Iterable[Task | RemediationTask], today: dt.date | None = None) -> list[Todo]:
    """Return tasks as a list, the soonest first, those without a day last."""
    today = today or timezone.localdate()
    todos = [_todo(row, today) for row in rows]
    return sorted(todos, key=lambda one: (one.row.due_on is None, one.row.due_on or today, one.row.pk))


def columns(todos: Iterable[Todo]) -> list[Column]:
    """Return a board: a column for each state, in the order of the work."""
    wanted = list(todos)
    return [
        Column(state.value, str(state.label), tuple(one for one in wanted if one.row.state == state))
        for state in Work.State
    ]


def _todo(row: Task | RemediationTask, today: dt.date) -> Todo:
    is_open = row.state in (Work.State.OPEN, Work.State.DOING)
    is_late = is_open and row.due_on is not None and row.due_on < today
    is_soon = is_open and row.due_on is not None and today <= row.due_on <= today + SOON
    return Todo(row, row.plan.unit if isinstance(row, Task) else row.unit, is_late, is_soon)


def _with_units(tasks: QuerySet[Task]) -> QuerySet[Task]:
    return tasks.select_related("plan__unit", "responsible")


def _with_criteria(remedies: QuerySet[RemediationTask]) -> QuerySet[RemediationTask]:
    return remedies.select_related("unit", "responsible", "criterion", "publication__assessment_year")
