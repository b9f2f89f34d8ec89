"""Figures that units enter themselves are written here and nowhere else: by form and file alike, all audited.

Permission, lock, check, save, audit, in one transaction and a number of queries that does not depend on how many rows
there are. Writers of one unit wait for each other at the unit's own source. Nothing written here is public: that is
what `releases` is for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.text import slugify

from districts import access, audit
from districts.audit import Act
from districts.models import Unit, User
from reports.models import Releasable, Source

from .figure_rows import PARTS, RowWrite, asked_key, audited, audited_parts, entries, key_of
from .figure_writes import NOT_THERE, Asked, RowResult, by_field, judged, parent_of

__all__ = [
    "RowResult",
    "RowWrite",
    "check_rows",
    "may_write",
    "own_source",
    "remove_row",
    "replace_rows",
    "write_rows",
]

ROWS_A_STATEMENT = 500
MAY_NOT_WRITE = "Bạn chưa được giao nhập số liệu cho đơn vị này."
IS_THERE = "Đã có số liệu khác cùng kỳ, cùng phạm vi."


def may_write(user: User, unit: Unit) -> bool:
    """Return whether they may enter a unit's figures: its own people, or the appraiser and administrator above."""
    organiser = access.organiser_above(unit)
    above = organiser is not None and (
        access.can_appraise(user, organiser) or access.can_administer(user, organiser)
    )
    return above or access.can_enter(user, unit)


def own_source(unit: Unit) -> Source:
    """Return the source of what a unit enters itself, made when it is first needed."""
    organiser = access.organiser_above(unit)
    source, _made = Source.objects.get_or_create(
        reported_by=unit,
        defaults={
            "slug": slugify(f"don-vi-bao-cao-{unit.scheme_id}-{unit.code}"),
            "title": f"Số liệu do {unit.full_name} báo cáo",
            "organisation": unit.full_name,
            "is_sample": bool(organiser and organiser.is_sample),
        },
    )
    return source


@transaction.atomic
def write_rows(unit: Unit, writes: Sequence[RowWrite], act: Act) -> list[RowResult]:
    """Write rows of a unit's own figures: results in the order of the writes.

    What is refused or in conflict is not written, the rest is; who wants all or nothing rolls back on a result that is
    neither "saved" nor "unchanged". Raises Denied where the actor may not write the unit's figures.
    """
    source = _locked_source(unit, act)
    by_model, asked = judged(unit, source, writes)
    for model, batch in by_model.items():
        _save(model, batch, unit, act)
    return [one.result for one in asked]


@transaction.atomic
def check_rows(unit: Unit, writes: Sequence[RowWrite]) -> list[RowResult]:
    """Return what `write_rows` would say, writing nothing: for previews and for what is still being typed."""
    source = Source.objects.filter(reported_by=unit).first() or Source(reported_by=unit)
    return [one.result for one in judged(unit, source, writes)[1]]


@transaction.atomic
def replace_rows(
    unit: Unit, model: type[Releasable], within: Q, writes: Sequence[RowWrite], act: Act
) -> list[RowResult]:
    """Write rows in the place of all that the unit has `within` a condition: a file replaces, it never adds."""
    _locked_source(unit, act)
    kept = {asked_key(write) for write in writes}
    for row in model.objects.in_work().filter(within, Q(unit=unit)):
        if key_of(row) not in kept:
            remove_row(row, act)
    return write_rows(unit, writes, act)


@transaction.atomic
def remove_row(row: Any, act: Act) -> None:
    """Take one of a unit's own rows away, with what belongs to it; what was released stays in its releases."""
    _locked_source(row.unit, act)
    found = type(row).objects.in_work().select_for_update(of=("self",)).filter(pk=row.pk).first()
    if found is None:
        raise ValidationError(NOT_THERE)
    before = audited(found) | _audited_parts(found)
    gone = [
        audit.Entry(
            one.model, one.object_id, one.label, one.field, one.before, None, one.unit_id, one.context
        )
        for one in entries(found, before, context_of(found.unit))
    ]
    found.delete()
    audit.record(gone, act)


def context_of(unit: Unit) -> str:
    """Return what changes of a unit's figures are filed under: "ha-noi/figures"."""
    organiser = access.organiser_above(unit)
    return f"{organiser.slug}/figures" if organiser else "figures"


def _locked_source(unit: Unit, act: Act) -> Source:
    allowed = act.is_program or (act.actor is not None and may_write(act.actor, unit))
    access.require(allowed, MAY_NOT_WRITE)
    return Source.objects.select_for_update(of=("self",)).get(pk=own_source(unit).pk)


def _save(model: type[Releasable], batch: Sequence[Asked], unit: Unit, act: Act) -> None:
    writing = [one for one in batch if one.outcome == "saved"]
    made = [one.row for one in writing if one.row.pk is None]
    try:
        with transaction.atomic():
            _write(model, writing)
    except IntegrityError:
        # The database refused some: find out which, one by one, and write the rest.
        for row in made:
            row.pk, row._state.adding = None, True
        for one in writing:
            _refuse_by_constraints(one)
        writing = [one for one in writing if one.outcome == "saved"]
        _write(model, writing)
    context = context_of(unit)
    found = (entry for one in writing for entry in _entries(one, context))
    audit.record(found, act)


def _write(model: type[Releasable], writing: Sequence[Asked]) -> None:
    for one in writing:
        one.row.version = one.seen + 1
    made = [one.row for one in writing if one.row._state.adding]
    known = [one.row for one in writing if not one.row._state.adding]
    model.objects.bulk_create(made, batch_size=ROWS_A_STATEMENT)
    changed = dict.fromkeys(name for one in writing for name in one.changed)
    if known:
        model.objects.bulk_update(known, ["version", *changed], batch_size=ROWS_A_STATEMENT)
    _write_parts(model, [one for one in writing if one.parts is not None])


def _write_parts(model: type[Releasable], writing: Sequence[Asked]) -> None:
    if not writing:
        return
    part_model: Any = model._meta.get_field(PARTS[model][0]).related_model
    parent = parent_of(part_model)
    part_model.objects.filter(**{f"{parent.name}__in": [one.row.pk for one in writing]}).delete()
    for one in writing:
        for part in one.parts or []:
            setattr(part, parent.name, one.row)
    part_model.objects.bulk_create(
        [part for one in writing for part in one.parts or []], batch_size=ROWS_A_STATEMENT
    )


def _refuse_by_constraints(one: Asked) -> None:
    try:
        one.row.validate_constraints()
        for part in one.parts or []:
            part.validate_constraints(exclude=[parent_of(part).name])
    except ValidationError as error:
        by_name = by_field(error)
        one.refuse(" ".join(by_name.values()) or IS_THERE, by_name)


def _entries(one: Asked, context: str) -> Iterable[audit.Entry]:
    found = entries(one.row, one.before, context)
    after = {entry.field: entry for entry in found}
    if one.parts is not None:
        relation, told_by = PARTS[one.write.model]
        texts = {f"{relation}.{name}": text for name, text in audited_parts(one.parts, told_by).items()}
        for name in dict.fromkeys([*(n for n in one.before if n.startswith(f"{relation}.")), *texts]):
            template = next(iter(after.values()))
            after[name] = audit.Entry(
                template.model,
                template.object_id,
                template.label,
                name,
                one.before.get(name),
                texts.get(name),
                template.unit_id,
                context,
            )
    return after.values()


def _audited_parts(row: Any) -> dict[str, str | None]:
    if type(row) not in PARTS:
        return {}
    relation, told_by = PARTS[type(row)]
    found = audited_parts(getattr(row, relation).all(), told_by)
    return {f"{relation}.{name}": text for name, text in found.items()}
