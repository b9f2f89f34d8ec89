"""Making units' figures public: a release copies what stands, and the copy is never changed again.

A second release of the same period is its next version; one of a longer period takes the place of those inside it, so
that no figure is public twice. Releases that only partly overlap are refused.
"""

from __future__ import annotations

import copy
import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import BigIntegerField, Max, Q, QuerySet
from django.db.models.functions import Coalesce

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
from .figure_rows import PARTS, key_fields, label_of

Kind = Release.Kind
# Which row in work, in which version of it: of a copy, what it was made of.
Mark = tuple[int, int]
# (unit, what names the row, …) → mark.
Marks = Mapping[tuple[Any, ...], Mark]
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
CHANGED_MEANWHILE = "Số liệu vừa thay đổi sau khi bạn mở trang; hãy xem lại rồi công khai."
SHOWN_ELSEWHERE = (
    "“%(row)s” của %(unit)s đang được công khai trong kỳ %(period)s của %(organiser)s; hãy công khai bản mới của kỳ đó"
    " trước."
)
NEEDS_REASON = "Số liệu đã công khai sẽ thay đổi; hãy nêu lý do."
LIES_WITHIN = "Kỳ này nằm trong kỳ đã công khai %s; hãy công khai bản mới của kỳ đó."
OVERLAPS = (
    "Kỳ này chồng lên một phần kỳ đã công khai %s; hãy chọn kỳ bao trùm cả hai hoặc không chồng lên nhau."
)


@transaction.atomic
def release(
    organiser: Organiser,
    kind: str,
    starts_on: dt.date,
    ends_on: dt.date,
    act: Act,
    reason: str = "",
    shown: str | None = None,
) -> Release:
    """Make public what the organiser's units have entered of a kind for periods within the one given.

    `shown` is the digest of the rows that the publisher saw. Raises Denied, and WorkflowError where other rows stand
    now, where there is nothing (new) to show, where the period overlaps another release or a row is public in one, or
    where public figures change without a reason.
    """
    allowed = act.is_program or (act.actor is not None and access.can_publish(act.actor, organiser))
    access.require(allowed, ONLY_PUBLISHERS)
    Organiser.objects.select_for_update().get(pk=organiser.pk)
    units = list(access.units_assessed_by(organiser).values_list("pk", flat=True))
    # Who is writing comes first or waits.
    list(Source.objects.select_for_update().filter(reported_by__in=units).order_by("pk"))
    replaced = _replaced(organiser, kind, starts_on, ends_on)
    _refuse_idle(organiser, kind, starts_on, ends_on, reason, shown)
    refusal = shown_elsewhere(organiser, kind, starts_on, ends_on)
    if refusal is not None:
        raise WorkflowError(refusal, code="period")
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


def mark_of(row: Any) -> Mark:
    """Return which row in work a row is or was copied from, in which version."""
    return (row.copied_from or row.pk, row.version)


def marks(rows: QuerySet[Any], model: type[Releasable]) -> dict[tuple[Any, ...], Mark]:
    """Return rows' marks by unit and by what names them."""
    origin = Coalesce("copied_from", "pk", output_field=BigIntegerField())
    found = rows.order_by().values_list("unit", *key_fields(model), origin, "version")
    return {tuple(key): (pk, version) for *key, pk, version in found}


def digest_of(entered: Marks) -> str:
    """Return what stands for rows as they were shown: it changes with every write among them."""
    told = sorted((key[0], *mark) for key, mark in entered.items())
    return hashlib.sha256(repr(told).encode()).hexdigest()[:32]


def shown_elsewhere(organiser: Organiser, kind: str, starts_on: dt.date, ends_on: dt.date) -> str | None:
    """Return why rows of a period would be public twice; None where they would not.

    A row may have moved here from a period that still shows it, and another organiser may show the same units.
    """
    units = access.units_assessed_by(organiser).values_list("pk", flat=True)
    own = overlapping(organiser, kind, starts_on, ends_on).values_list("pk", flat=True)
    for model in MODELS[kind]:
        rows = rows_within(model, units, starts_on, ends_on).order_by()
        others: Any = model.objects.filter(release__is_current=True).exclude(release__in=list(own))
        moved = others.filter(copied_from__in=rows.values("pk"))
        shared = others.exclude(release__organiser=organiser).filter(
            within(model, starts_on, ends_on), Q(unit__in=rows.values("unit"))
        )
        found = moved.select_related("release__organiser", "unit").order_by("pk").first() or (
            shared.select_related("release__organiser", "unit").order_by("pk").first()
        )
        if found is not None:
            return SHOWN_ELSEWHERE % {
                "row": label_of(found),
                "unit": found.unit,
                "period": f"{found.release.starts_on:%d/%m/%Y} – {found.release.ends_on:%d/%m/%Y}",
                "organiser": found.release.organiser,
            }
    return None


def entered_and_public(
    organiser: Organiser, kind: str, starts_on: dt.date, ends_on: dt.date
) -> tuple[dict[tuple[Any, ...], Mark], dict[tuple[Any, ...], Mark]]:
    """Return the marks of rows in work and the public ones within a period; the model's name begins each key."""
    units = access.units_assessed_by(organiser).values_list("pk", flat=True)
    releases = overlapping(organiser, kind, starts_on, ends_on).values_list("pk", flat=True)
    entered: dict[tuple[Any, ...], Mark] = {}
    public: dict[tuple[Any, ...], Mark] = {}
    for model in MODELS[kind]:
        name, own = model._meta.model_name, rows_within(model, units, starts_on, ends_on)
        copies = model.objects.filter(Q(release__in=list(releases)), within(model, starts_on, ends_on))
        entered |= {(name, *key): mark for key, mark in marks(own, model).items()}
        public |= {(name, *key): mark for key, mark in marks(copies, model).items()}
    return entered, public


def changes_public(entered: Marks, public: Marks) -> bool:
    """Return whether something that is public would change or go."""
    return any(entered.get(key) != mark for key, mark in public.items())


def _replaced(organiser: Organiser, kind: str, starts_on: dt.date, ends_on: dt.date) -> list[Release]:
    refusal = period_refusal(organiser, kind, starts_on, ends_on)
    if refusal is not None:
        raise WorkflowError(refusal, code="period")
    return list(overlapping(organiser, kind, starts_on, ends_on))


def _refuse_idle(
    organiser: Organiser, kind: str, starts_on: dt.date, ends_on: dt.date, reason: str, shown: str | None
) -> None:
    entered, public = entered_and_public(organiser, kind, starts_on, ends_on)
    if shown is not None and shown != digest_of(entered):
        raise WorkflowError(CHANGED_MEANWHILE, code="changed")
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
    copies = [_clone(row, release=made, copied_from=row.pk) for row in found]
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
