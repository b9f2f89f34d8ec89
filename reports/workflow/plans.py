"""Plans, tasks, remedies and targets are written here: permission, lock, check, save, audit, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar, cast

from django.db import models, transaction

from districts import access, audit
from districts.audit import Act
from districts.models import Level, Unit
from reports.models import Plan, PointsState, PublishedScore, RemediationTask, Target, Task

from .context import WorkflowError

Planned = Plan | Task | RemediationTask | Target
Row = TypeVar("Row", bound=Planned)
NOT_YOURS = "Chỉ người nhập liệu và lãnh đạo của đơn vị được lập kế hoạch và nhiệm vụ của đơn vị."
NOT_RESPONSIBLE = "Chỉ đơn vị lập kế hoạch và đơn vị chủ trì được cập nhật nhiệm vụ này."
CHANGED_MEANWHILE = "Người khác vừa sửa nhiệm vụ này; hãy xem lại giá trị hiện có rồi lưu lần nữa."
# What who is responsible may say of a task that somebody else gave them.
REPORTED = frozenset({"state", "done_on", "outcome"})
FIELDS: Mapping[type[models.Model], tuple[str, ...]] = {
    Target: ("year", "measure", "indicator", "value", "note"),
    Plan: ("year", "title", "number", "dated_on", "stated_key_tasks", "stated_specific_tasks"),
    Task: ("kind", "title", "responsible", "responsible_name", "due_on", "state", "done_on", "outcome"),
    RemediationTask: (
        *("title", "responsible", "responsible_name", "due_on", "expected_points"),
        *("state", "done_on", "outcome"),
    ),
}


@transaction.atomic
def write(row: Row, values: Mapping[str, object], act: Act, *, expected_version: int | None = None) -> Row:
    """Write fields of a new or a known row of a unit's plans, with their audit; return the row.

    Raises Denied where the actor may not, ValidationError where the values cannot be, WorkflowError where somebody
    changed the row since `expected_version`. Values that are already so change nothing.
    """
    stood = _locked(row)
    if stood is not None and expected_version is not None and stood.version != expected_version:
        raise WorkflowError(CHANGED_MEANWHILE)
    target = stood or row
    before = _told(target) if stood is not None else {}
    changed = {name for name, value in values.items() if getattr(target, name) != value}
    _require(target, changed if stood is not None else set(values), act)
    for name in changed:
        setattr(target, name, values[name])
    _check(target)
    if stood is not None and not changed:
        return target
    target.version += 1 if stood is not None else 0
    target.save()
    entries = [_entry(target, name, before.get(name), after) for name, after in _told(target).items()]
    audit.record(entries, act)
    return target


@transaction.atomic
def remove(row: Row, act: Act) -> None:
    """Take a row out, with all that hangs on it; the log keeps what it said. Raises Denied."""
    stood = _locked(row)
    if stood is None:
        return
    access.require(_may_plan(act, unit_of(stood)), NOT_YOURS)
    tasks: list[Task] = list(stood.tasks.all()) if isinstance(stood, Plan) else []
    rows: list[Planned] = [*tasks, stood]
    audit.record((_entry(one, name, said, None) for one in rows for name, said in _told(one).items()), act)
    stood.delete()


def unit_of(row: Planned) -> Unit:
    """Return whose plan or task it is."""
    return row.plan.unit if isinstance(row, Task) else row.unit


def responsible_units(unit: Unit) -> models.QuerySet[Unit]:
    """Return who may be made responsible for a unit's task: the unit, its communes and its agencies."""
    below = models.Q(parent=unit, level__in=[Level.COMMUNE, Level.AGENCY])
    return Unit.objects.filter(models.Q(pk=unit.pk) | below).order_by("-level", "sort_key")


def may_report(act: Act, row: Task | RemediationTask) -> bool:
    """Return whether they may say how far a task is: whose it is, and who is responsible for it."""
    return _may_plan(act, unit_of(row)) or (row.responsible is not None and _may_plan(act, row.responsible))


def _may_plan(act: Act, unit: Unit) -> bool:
    return act.is_program or (act.actor is not None and access.can_enter(act.actor, unit))


def _require(row: Row, changed: set[str], act: Act) -> None:
    if isinstance(row, Task | RemediationTask) and changed <= REPORTED:
        access.require(may_report(act, row), NOT_RESPONSIBLE)
    else:
        access.require(_may_plan(act, unit_of(row)), NOT_YOURS)


def _locked(row: Row) -> Row | None:
    if row._state.adding:
        return None
    found = type(row)._default_manager.select_for_update(of=("self",)).filter(pk=row.pk).first()
    return cast("Row | None", found)


def _check(row: Planned) -> None:
    if isinstance(row, RemediationTask):
        _check_component(row)
    row.full_clean()


def _check_component(row: RemediationTask) -> None:
    """A remedy is for points that the unit lost in that publication, and cannot bring more than were lost."""
    published = PublishedScore.objects.filter(
        publication=row.publication_id, unit=row.unit_id, criterion=row.criterion_id, state=PointsState.VALUE
    ).first()
    if published is None or published.points is None:
        raise WorkflowError("Tiêu chí này không có điểm của đơn vị trong kết quả đã công bố.")
    maximum = published.max_points if published.max_points is not None else published.points
    lost = published.points if row.criterion.adjustment == "penalty" else maximum - published.points
    if row.expected_points is not None and row.expected_points > lost:
        raise WorkflowError(
            {"expected_points": f"Không thể lấy lại nhiều hơn số điểm đã mất ({lost.normalize():f})."}
        )


def _told(row: Planned) -> dict[str, str | None]:
    """Return what the log compares of a row, as text."""
    return {name: _text(getattr(row, name)) for name in FIELDS[type(row)]}


def _text(value: object) -> str | None:
    return None if value in (None, "") else str(value)


def _entry(row: Planned, name: str, before: str | None, after: str | None) -> audit.Entry:
    return audit.Entry(
        model=f"reports.{row._meta.model_name}",
        object_id=row.pk,
        label=str(row),
        field=name,
        before=before,
        after=after,
        unit_id=unit_of(row).pk,
    )
