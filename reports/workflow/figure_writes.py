"""What would become of writes of figures: the rows as they would stand, and why some cannot be written."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, Q

from districts.models import Unit
from reports.checks import Level
from reports.models import Releasable, Source

from .figure_checks import check
from .figure_rows import (
    NOT_VALUES,
    PARTS,
    RowWrite,
    asked_key,
    assign,
    audited,
    audited_parts,
    key_fields,
    key_of,
)
from .said import Said

CHANGED_MEANWHILE = "Người khác vừa sửa số liệu này; hãy xem lại rồi lưu lần nữa."
NOT_THERE = "Số liệu này không còn nữa."
NEEDS_REASON = "Hãy sửa lại, hoặc giải thích chênh lệch."
TWICE = "Một dòng số liệu được ghi hai lần trong cùng một lượt."
UNREADABLE = "Có giá trị không đọc được."
INVALID = "Có giá trị không hợp lệ."


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
class Asked:
    """One write on its way: the row as it would stand, what it was before, and why it cannot be."""

    write: RowWrite
    row: Any
    before: dict[str, str | None]
    changed: list[str] = field(default_factory=list)
    parts: list[Any] | None = None
    seen: int = 0
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


def judged(
    unit: Unit, source: Source, writes: Sequence[RowWrite]
) -> tuple[dict[type[Releasable], list[Asked]], list[Asked]]:
    """Return the writes as they would be saved or refused: by model, and in their own order."""
    wanted: dict[type[Releasable], list[RowWrite]] = defaultdict(list)
    for write in writes:
        wanted[write.model].append(write)
    by_model = {model: _asked(unit, source, model, some) for model, some in wanted.items()}
    for model, batch in by_model.items():
        _check(model, batch)
    queues = {model: iter(batch) for model, batch in by_model.items()}
    return by_model, [next(queues[write.model]) for write in writes]


def _asked(unit: Unit, source: Source, model: type[Releasable], writes: Sequence[RowWrite]) -> list[Asked]:
    known = _known(unit, model, writes)
    by_pk = {row.pk: row for row in known.values()}
    asked, met = [], set()
    for write in writes:
        key = ("pk", write.key["pk"]) if "pk" in write.key else asked_key(write)
        row = by_pk.get(write.key["pk"]) if "pk" in write.key else known.get(key)
        one = _one(unit, source, write, row)
        if key in met or (row is not None and row.pk in met):
            one.refuse(TWICE)
        met |= {key, row.pk} if row is not None else {key}
        asked.append(one)
    return asked


def _one(unit: Unit, source: Source, write: RowWrite, row: Any) -> Asked:
    if row is None and "pk" in write.key:
        one = Asked(write, write.model(), {})
        one.refuse(NOT_THERE)
        return one
    stored, seen = row, row.version if row is not None else 0
    before = audited(row) if row is not None else {}
    row = copy.copy(row) if row is not None else write.model(version=0)
    row.unit, row.source = unit, source
    one = Asked(write, row, before, seen=seen)
    try:
        named = {} if "pk" in write.key else dict(write.key)
        one.changed = assign(row, named | dict(write.values))
        if not row.pk:
            one.changed = [f.name for f in row._meta.concrete_fields if f.name not in NOT_VALUES]
    except ValidationError as error:
        one.refuse(UNREADABLE, by_field(error))
        return one
    try:
        _add_parts(one)
    except ValidationError as error:
        one.refuse(INVALID, {PARTS[write.model][0]: " ".join(error.messages)})
        return one
    if row.pk and not one.changed and one.parts is None:
        one.outcome = "unchanged"
    elif write.expected_version is not None and write.expected_version < seen:
        one.outcome, one.message, one.row = "conflict", CHANGED_MEANWHILE, stored
    return one


def _add_parts(one: Asked) -> None:
    """Make the rows that belong to a row where others than the known ones are asked for."""
    if one.write.parts is None:
        return
    relation, told_by = PARTS[one.write.model]
    part_model: Any = one.write.model._meta.get_field(relation).related_model
    wanted = [part_model(**{told_by: key}, **values) for key, values in one.write.parts.items()]
    for part in wanted:
        part.clean_fields(exclude=[parent_of(part).name])
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


def _relations(model: type[Releasable]) -> list[str]:
    keys = [one for one in model._meta.concrete_fields if isinstance(one, ForeignKey)]
    # A nullable relation would be an outer join, which PostgreSQL locks no rows of; `of` names the row itself.
    return [one.name for one in keys if one.name not in NOT_VALUES]


def _check(model: type[Releasable], batch: Sequence[Asked]) -> None:
    """Refuse what cannot be, and what contradicts itself without a reason; the checks see the batch together."""
    open_ones = [one for one in batch if one.outcome in ("saved", "unchanged")]
    for one in open_ones:
        _check_fields(one)
    whole = [one for one in open_ones if one.outcome != "refused"]
    for one, said in zip(whole, check(model, [one.row for one in whole]), strict=True):
        one.said = list(said)
        if one.outcome == "saved":
            _judge(one)


def _check_fields(one: Asked) -> None:
    if one.outcome != "saved":
        return
    try:
        # Keys of other tables come as rows that were read; the constraints are the database's to refuse.
        related = [f.name for f in one.row._meta.concrete_fields if isinstance(f, ForeignKey)]
        one.row.clean_fields(exclude=related)
        one.row.clean()
    except ValidationError as error:
        one.refuse(INVALID, by_field(error))


def _judge(one: Asked) -> None:
    blocked = [said for said in one.said if said.level is Level.BLOCK]
    if blocked:
        errors = {name: said.text for said in reversed(blocked) for name in said.fields[:1]}
        one.refuse(" ".join(said.text for said in blocked), errors)
        return
    is_let_be = one.write.is_being_entered
    warned = [said for said in one.said if said.level is Level.WARN and not (is_let_be and said.is_open)]
    if warned and not one.row.gap_reason.strip():
        one.refuse(f"{' '.join(said.text for said in warned)} {NEEDS_REASON}", {"gap_reason": NEEDS_REASON})


def by_field(error: ValidationError) -> dict[str, str]:
    if not hasattr(error, "error_dict"):
        return {"__all__": " ".join(error.messages)}
    return {name: " ".join(messages) for name, messages in error.message_dict.items()}


def parent_of(part: Any) -> Any:
    return next(one for one in part._meta.concrete_fields if isinstance(one, ForeignKey))
