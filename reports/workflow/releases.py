"""Making units' figures public: a release copies what stands, and the copy is never changed again.

A second release of the same period is its next version; one of a longer period takes the place of those inside it, so
that no figure is public twice. Releases that only partly overlap are refused.
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max, Q, QuerySet

from districts import access, audit
from districts.audit import Act
from districts.models import Organiser
from reports.models import (
    Activity,
    DossierCount,
    Index766,
    Initiative,
    Observation,
    Releasable,
    Release,
    Satisfaction,
    Source,
)

from .context import WorkflowError
from .figure_rows import PARTS, key_fields

Kind = Release.Kind
# (unit, what names the row, …) → version.
Versions = Mapping[tuple[Any, ...], int]
MODELS: Mapping[str, tuple[type[Releasable], ...]] = {
    Kind.DOSSIERS: (DossierCount,),
    Kind.SATISFACTION: (Satisfaction,),
    Kind.FIGURES: (Observation, Initiative, Activity),
    Kind.INDEX766: (Index766,),
}
ROWS_A_STATEMENT = 500
ONLY_PUBLISHERS = "Chỉ người có quyền công bố của cơ quan tổ chức được công khai số liệu."
NOTHING_THERE = "Chưa có số liệu nào trong kỳ này."
NOTHING_NEW = "Mọi số liệu của kỳ này đã được công khai và không thay đổi từ đó."
NEEDS_REASON = "Số liệu đã công khai sẽ thay đổi; hãy nêu lý do."
LIES_WITHIN = "Kỳ này nằm trong kỳ đã công khai %s; hãy công khai bản mới của kỳ đó."
OVERLAPS = (
    "Kỳ này chồng lên một phần kỳ đã công khai %s; hãy chọn kỳ bao trùm cả hai hoặc không chồng lên nhau."
)


@transaction.atomic
def release(
    organiser: Organiser, kind: str, starts_on: dt.date, ends_on: dt.date, act: Act, reason: str = ""
) -> Release:
    """Make public what the organiser's units have entered of a kind for periods within the one given.

    Raises Denied, and WorkflowError where there is nothing (new) to show, where the period overlaps another release,
    or where public figures change without a reason.
    """
    allowed = act.is_program or (act.actor is not None and access.can_publish(act.actor, organiser))
    access.require(allowed, ONLY_PUBLISHERS)
    Organiser.objects.select_for_update().get(pk=organiser.pk)
    units = list(access.units_assessed_by(organiser).values_list("pk", flat=True))
    # Who is writing comes first or waits.
    list(Source.objects.select_for_update().filter(reported_by__in=units).order_by("pk"))
    replaced = _replaced(organiser, kind, starts_on, ends_on)
    _refuse_idle(organiser, kind, starts_on, ends_on, reason)
    made = _new_version(organiser, kind, starts_on, ends_on, replaced, act, reason)
    for model in MODELS[kind]:
        _copy(model, rows_within(model, units, starts_on, ends_on), made)
    return made


def rows_within(
    model: type[Releasable], units: Iterable[int], starts_on: dt.date, ends_on: dt.date
) -> QuerySet[Any]:
    """Return what units have entered for periods within the one given."""
    return model.objects.in_work().filter(Q(unit__in=list(units)), within(model, starts_on, ends_on))


def within(model: type[Releasable], starts_on: dt.date, ends_on: dt.date) -> Q:
    """Return the condition that a row's period lies within another; what is counted at a day has no start."""
    begins = Q(starts_on__gte=starts_on)
    if model is Observation:
        begins |= Q(starts_on=None, ends_on__gte=starts_on)
    return begins & Q(ends_on__lte=ends_on)


def overlapping(organiser: Organiser, kind: str, starts_on: dt.date, ends_on: dt.date) -> QuerySet[Release]:
    """Return the current releases of the kind of which the period has days in common."""
    return organiser.releases.filter(
        kind=kind, is_current=True, starts_on__lte=ends_on, ends_on__gte=starts_on
    )


def period_refusal(organiser: Organiser, kind: str, starts_on: dt.date, ends_on: dt.date) -> str | None:
    """Return why a period cannot be released beside those that are; None where it can."""
    if starts_on > ends_on:
        return "Ngày kết thúc kỳ phải bằng hoặc sau ngày bắt đầu."
    for other in overlapping(organiser, kind, starts_on, ends_on):
        name = f"{other.starts_on:%d/%m/%Y} – {other.ends_on:%d/%m/%Y}"
        if starts_on <= other.starts_on and other.ends_on <= ends_on:
            continue
        contains = other.starts_on <= starts_on and ends_on <= other.ends_on
        return (LIES_WITHIN if contains else OVERLAPS) % name
    return None


def versions(rows: QuerySet[Any], model: type[Releasable]) -> dict[tuple[Any, ...], int]:
    """Return rows' versions by unit and by what names them: a released copy keeps the version it was made of."""
    found = rows.order_by().values_list("unit", *key_fields(model), "version")
    return {tuple(key): version for *key, version in found}


def entered_and_public(
    organiser: Organiser, kind: str, starts_on: dt.date, ends_on: dt.date
) -> tuple[dict[tuple[Any, ...], int], dict[tuple[Any, ...], int]]:
    """Return the versions in work and the public ones within a period; the model's name begins each key."""
    units = access.units_assessed_by(organiser).values_list("pk", flat=True)
    releases = overlapping(organiser, kind, starts_on, ends_on).values_list("pk", flat=True)
    entered: dict[tuple[Any, ...], int] = {}
    public: dict[tuple[Any, ...], int] = {}
    for model in MODELS[kind]:
        name, own = model._meta.model_name, rows_within(model, units, starts_on, ends_on)
        copies = model.objects.filter(Q(release__in=list(releases)), within(model, starts_on, ends_on))
        entered |= {(name, *key): version for key, version in versions(own, model).items()}
        public |= {(name, *key): version for key, version in versions(copies, model).items()}
    return entered, public


def changes_public(entered: Versions, public: Versions) -> bool:
    """Return whether something that is public would change or go."""
    return any(entered.get(key) != version for key, version in public.items())


def _replaced(organiser: Organiser, kind: str, starts_on: dt.date, ends_on: dt.date) -> list[Release]:
    refusal = period_refusal(organiser, kind, starts_on, ends_on)
    if refusal is not None:
        raise WorkflowError(refusal, code="period")
    return list(overlapping(organiser, kind, starts_on, ends_on))


def _refuse_idle(organiser: Organiser, kind: str, starts_on: dt.date, ends_on: dt.date, reason: str) -> None:
    entered, public = entered_and_public(organiser, kind, starts_on, ends_on)
    if not entered and not public:
        raise WorkflowError(NOTHING_THERE, code="nothing")
    if entered == public:
        raise WorkflowError(NOTHING_NEW, code="nothing")
    if changes_public(entered, public) and not reason.strip():
        raise WorkflowError(NEEDS_REASON, code="reason")


def _new_version(
    organiser: Organiser,
    kind: str,
    starts_on: dt.date,
    ends_on: dt.date,
    replaced: list[Release],
    act: Act,
    reason: str,
) -> Release:
    same = organiser.releases.filter(kind=kind, starts_on=starts_on, ends_on=ends_on)
    last = same.aggregate(last=Max("version"))["last"] or 0
    if last and not reason.strip():
        raise WorkflowError(NEEDS_REASON, code="reason")
    Release.objects.filter(pk__in=[one.pk for one in replaced]).update(is_current=False)
    made = Release.objects.create(
        organiser=organiser,
        kind=kind,
        starts_on=starts_on,
        ends_on=ends_on,
        version=last + 1,
        by=act.actor,
        reason=reason.strip(),
    )
    audit.record([*(_ended(one) for one in replaced), _made(made, last)], act)
    return made


def _made(made: Release, last: int) -> audit.Entry:
    return audit.Entry(
        model="reports.release",
        object_id=made.pk,
        label=str(made),
        field="version",
        before=str(last) if last else None,
        after=str(made.version),
        context=f"{made.organiser.slug}/figures",
        reason=made.reason,
    )


def _ended(one: Release) -> audit.Entry:
    return audit.Entry(
        model="reports.release",
        object_id=one.pk,
        label=str(one),
        field="is_current",
        before="True",
        after="False",
        context=f"{one.organiser.slug}/figures",
    )


def _copy(model: type[Releasable], rows: QuerySet[Any], made: Release) -> None:
    """Copy rows, with what belongs to them, into a release."""
    relation = PARTS[model][0] if model in PARTS else ""
    found = list(rows.order_by("pk").prefetch_related(*([relation] if relation else [])))
    copies = [_clone(row, release=made) for row in found]
    model.objects.bulk_create(copies, batch_size=ROWS_A_STATEMENT)
    if not relation:
        return
    part_model: Any = model._meta.get_field(relation).related_model
    parent = model._meta.get_field(relation).remote_field.name  # type: ignore[union-attr]
    parts = [
        _clone(part, **{parent: its})
        for row, its in zip(found, copies, strict=True)
        for part in getattr(row, relation).all()
    ]
    part_model.objects.bulk_create(parts, batch_size=ROWS_A_STATEMENT)


def _clone(row: Any, **changes: Any) -> Any:
    made = copy.copy(row)
    made.pk, made._state.adding = None, True
    for name, value in changes.items():
        setattr(made, name, value)
    return made
