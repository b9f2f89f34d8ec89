"""Figures that units enter themselves are written here and nowhere else: by form and file alike, all audited.

Permission, lock, check, save, audit, in one transaction and a number of queries that does not depend on how many rows
there are. Writers of one unit wait for each other at the unit's own source. Nothing written here is public: that is
what `releases` is for.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import ForeignKey, Max, Q
from django.utils.text import slugify

from districts import access, audit
from districts.audit import Act
from districts.models import Unit, User
from reports.checks import Level
from reports.models import Releasable, Source

from .figure_checks import Said, check
from .figure_rows import (
    NOT_VALUES,
    PARTS,
    RowWrite,
    asked_key,
    assign,
    audited,
    audited_parts,
    entries,
    key_fields,
    key_of,
)

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
CHANGED_MEANWHILE = "Người khác vừa sửa số liệu này; hãy xem lại rồi lưu lần nữa."
NOT_THERE = "Số liệu này không còn nữa."
NEEDS_REASON = "Số liệu không khớp; hãy giải thích chênh lệch hoặc sửa lại."
TWICE = "Một dòng số liệu được ghi hai lần trong cùng một lượt."
IS_THERE = "Đã có số liệu khác cùng kỳ, cùng phạm vi."


@dataclass(frozen=True)
class RowResult:
    """What became of a write; `row` as it stands now, as asked for where it was refused.

    `errors` by field in Vietnamese, `said` all that the checks find in the row as asked for.
    """

    outcome: Literal["saved", "unchanged", "refused", "conflict"]
    row: Any
    message: str = ""
    errors: Mapping[str, str] = field(default_factory=dict)
    said: Sequence[Said] = ()


@dataclass
class _Asked:
    """One write on its way: the row as it would stand, what it was before, and why it cannot be."""

    write: RowWrite
    row: Any
    before: dict[str, str | None]
    changed: list[str] = field(default_factory=list)
    parts: list[Any] | None = None
    seen: int = 0
    # A row that was taken away and comes again goes on from what was released of it.
    above: int = 0
    outcome: Literal["saved", "unchanged", "refused", "conflict"] = "saved"
    message: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    said: list[Said] = field(default_factory=list)

    def refuse(self, message: str, errors: Mapping[str, str] | None = None) -> None:
        self.outcome, self.message = "refused", message
        self.errors.update(errors or {})

    @property
    def result(self) -> RowResult:
        return RowResult(self.outcome, self.row, self.message, self.errors, self.said)


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
    by_model, asked = _judged(unit, source, writes)
    for model, batch in by_model.items():
        _save(model, batch, unit, act)
    return [one.result for one in asked]


@transaction.atomic
def check_rows(unit: Unit, writes: Sequence[RowWrite]) -> list[RowResult]:
    """Return what `write_rows` would say, writing nothing: for previews and for what is still being typed."""
    source = Source.objects.filter(reported_by=unit).first() or Source(reported_by=unit)
    return [one.result for one in _judged(unit, source, writes)[1]]


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


def _judged(
    unit: Unit, source: Source, writes: Sequence[RowWrite]
) -> tuple[dict[type[Releasable], list[_Asked]], list[_Asked]]:
    """Return the writes as they would be saved or refused: by model, and in their own order."""
    wanted: dict[type[Releasable], list[RowWrite]] = defaultdict(list)
    for write in writes:
        wanted[write.model].append(write)
    by_model = {model: _asked(unit, source, model, some) for model, some in wanted.items()}
    for model, batch in by_model.items():
        _check(model, batch)
    queues = {model: iter(batch) for model, batch in by_model.items()}
    return by_model, [next(queues[write.model]) for write in writes]


def _asked(unit: Unit, source: Source, model: type[Releasable], writes: Sequence[RowWrite]) -> list[_Asked]:
    known = _known(unit, model, writes)
    released = _released_versions(unit, model, writes)
    by_pk = {row.pk: row for row in known.values()}
    asked, met = [], set()
    for write in writes:
        key = ("pk", write.key["pk"]) if "pk" in write.key else asked_key(write)
        row = by_pk.get(write.key["pk"]) if "pk" in write.key else known.get(key)
        one = _one(unit, source, write, row)
        one.above = released.get(key, 0) if row is None else one.seen
        if key in met or (row is not None and row.pk in met):
            one.refuse(TWICE)
        met |= {key, row.pk} if row is not None else {key}
        asked.append(one)
    return asked


def _one(unit: Unit, source: Source, write: RowWrite, row: Any) -> _Asked:
    if row is None and "pk" in write.key:
        one = _Asked(write, write.model(), {})
        one.refuse(NOT_THERE)
        return one
    stored, seen = row, row.version if row is not None else 0
    before = audited(row) if row is not None else {}
    row = copy.copy(row) if row is not None else write.model(version=0)
    row.unit, row.source = unit, source
    one = _Asked(write, row, before, seen=seen)
    try:
        named = {} if "pk" in write.key else dict(write.key)
        one.changed = assign(row, named | dict(write.values))
        if not row.pk:
            one.changed = [f.name for f in row._meta.concrete_fields if f.name not in NOT_VALUES]
    except ValidationError as error:
        one.refuse("Có giá trị không đọc được.", _by_field(error))
        return one
    try:
        _add_parts(one)
    except ValidationError as error:
        one.refuse("Có giá trị không hợp lệ.", {PARTS[write.model][0]: " ".join(error.messages)})
        return one
    if row.pk and not one.changed and one.parts is None:
        one.outcome = "unchanged"
    elif write.expected_version is not None and write.expected_version < seen:
        one.outcome, one.message, one.row = "conflict", CHANGED_MEANWHILE, stored
    return one


def _add_parts(one: _Asked) -> None:
    """Make the rows that belong to a row where others than the known ones are asked for."""
    if one.write.parts is None:
        return
    relation, told_by = PARTS[one.write.model]
    part_model: Any = one.write.model._meta.get_field(relation).related_model
    wanted = [part_model(**{told_by: key}, **values) for key, values in one.write.parts.items()]
    for part in wanted:
        part.clean_fields(exclude=[_parent_of(part).name])
    # For the checks, which see rows as they would stand.
    one.row.asked_parts = wanted
    known = list(getattr(one.row, relation).all()) if one.row.pk else []
    if audited_parts(known, told_by) != audited_parts(wanted, told_by):
        one.parts = wanted
        one.before |= {f"{relation}.{name}": text for name, text in audited_parts(known, told_by).items()}


def _known(unit: Unit, model: type[Releasable], writes: Sequence[RowWrite]) -> dict[tuple[object, ...], Any]:
    """Return the rows that the writes may mean, by what names them: one query, and one for what belongs to them."""
    rows = (
        model.objects.in_work().filter(Q(unit=unit, source__reported_by=unit)).select_for_update(of=("self",))
    )
    numbers = [write.key["pk"] for write in writes if "pk" in write.key]
    rows = rows.filter(_meant(model, writes) | Q(pk__in=numbers)).select_related(*_relations(model))
    if model in PARTS:
        rows = rows.prefetch_related(PARTS[model][0])
    return {key_of(row): row for row in rows.order_by("pk")}


def _meant(model: type[Releasable], writes: Sequence[RowWrite]) -> Q:
    """Return a condition that the named rows meet, and few others."""
    keys = [asked_key(write) for write in writes if "pk" not in write.key]
    meant = Q() if keys else Q(pk__in=[])
    for place, name in enumerate(key_fields(model)):
        values = {key[place] for key in keys}
        if keys and None not in values:
            meant &= Q(**{f"{name}__in": values})
    return meant


def _released_versions(
    unit: Unit, model: type[Releasable], writes: Sequence[RowWrite]
) -> dict[tuple[object, ...], int]:
    rows = model.objects.filter(source__reported_by=unit, release__isnull=False).filter(_meant(model, writes))
    found = rows.order_by().values_list(*key_fields(model)).annotate(last=Max("version"))
    return {tuple(key): last for *key, last in found}


def _relations(model: type[Releasable]) -> list[str]:
    keys = [one for one in model._meta.concrete_fields if isinstance(one, ForeignKey)]
    # A nullable relation would be an outer join, which PostgreSQL locks no rows of; `of` names the row itself.
    return [one.name for one in keys if one.name not in NOT_VALUES]


def _check(model: type[Releasable], batch: Sequence[_Asked]) -> None:
    """Refuse what cannot be, and what contradicts itself without a reason; the checks see the batch together."""
    open_ones = [one for one in batch if one.outcome in ("saved", "unchanged")]
    for one in open_ones:
        _check_fields(one)
    whole = [one for one in open_ones if one.outcome != "refused"]
    for one, said in zip(whole, check(model, [one.row for one in whole]), strict=True):
        one.said = list(said)
        if one.outcome == "saved":
            _judge(one)


def _check_fields(one: _Asked) -> None:
    if one.outcome != "saved":
        return
    try:
        # Keys of other tables come as rows that were read; the constraints are the database's to refuse.
        related = [f.name for f in one.row._meta.concrete_fields if isinstance(f, ForeignKey)]
        one.row.clean_fields(exclude=related)
        one.row.clean()
    except ValidationError as error:
        one.refuse("Có giá trị không hợp lệ.", _by_field(error))


def _judge(one: _Asked) -> None:
    blocked = [said for said in one.said if said.level is Level.BLOCK]
    if blocked:
        errors = {name: said.text for said in reversed(blocked) for name in said.fields[:1]}
        one.refuse(" ".join(said.text for said in blocked), errors)
        return
    warned = [said for said in one.said if said.level is Level.WARN]
    if warned and not one.row.gap_reason.strip():
        one.refuse(f"{NEEDS_REASON} {' '.join(said.text for said in warned)}", {"gap_reason": NEEDS_REASON})


def _by_field(error: ValidationError) -> dict[str, str]:
    if not hasattr(error, "error_dict"):
        return {"__all__": " ".join(error.messages)}
    return {name: " ".join(messages) for name, messages in error.message_dict.items()}


def _save(model: type[Releasable], batch: Sequence[_Asked], unit: Unit, act: Act) -> None:
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


def _write(model: type[Releasable], writing: Sequence[_Asked]) -> None:
    for one in writing:
        one.row.version = one.above + 1
    made = [one.row for one in writing if one.row._state.adding]
    known = [one.row for one in writing if not one.row._state.adding]
    model.objects.bulk_create(made, batch_size=ROWS_A_STATEMENT)
    changed = dict.fromkeys(name for one in writing for name in one.changed)
    if known:
        model.objects.bulk_update(known, ["version", *changed], batch_size=ROWS_A_STATEMENT)
    _write_parts(model, [one for one in writing if one.parts is not None])


def _write_parts(model: type[Releasable], writing: Sequence[_Asked]) -> None:
    if not writing:
        return
    part_model: Any = model._meta.get_field(PARTS[model][0]).related_model
    parent = _parent_of(part_model)
    part_model.objects.filter(**{f"{parent.name}__in": [one.row.pk for one in writing]}).delete()
    for one in writing:
        for part in one.parts or []:
            setattr(part, parent.name, one.row)
    part_model.objects.bulk_create(
        [part for one in writing for part in one.parts or []], batch_size=ROWS_A_STATEMENT
    )


def _parent_of(part: Any) -> Any:
    return next(one for one in part._meta.concrete_fields if isinstance(one, ForeignKey))


def _refuse_by_constraints(one: _Asked) -> None:
    try:
        one.row.validate_constraints()
        for part in one.parts or []:
            part.validate_constraints(exclude=[_parent_of(part).name])
    except ValidationError as error:
        by_field = _by_field(error)
        one.refuse(" ".join(by_field.values()) or IS_THERE, by_field)


def _entries(one: _Asked, context: str) -> Iterable[audit.Entry]:
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
