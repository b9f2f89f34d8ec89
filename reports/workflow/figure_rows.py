"""How is a row of figures named, compared and written down? For any `Releasable` model, from its own constraints."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Field, ForeignKey, Model, UniqueConstraint

from districts.audit import Entry
from reports.models import Index766, Releasable, Satisfaction

# What the workflow sets itself.
NOT_VALUES = frozenset({"id", "unit", "source", "release", "copied_from", "version"})
# Rows that belong to a row: the relation's name, and the field that tells them apart.
PARTS: Mapping[type[Releasable], tuple[str, str]] = {
    Satisfaction: ("factors", "factor"),
    Index766: ("parts", "key"),
}


@dataclass(frozen=True)
class RowWrite:
    """A row to be written: `key` names it (its model's constraints say by what), `values` are the other fields.

    A field that `values` does not name stays as it is. `key` may also be {"pk": …} of a known row; then `values` may
    name the key's fields too. `expected_version` is the one the writer saw, 0 where there was no row, None where it
    does not matter. `parts` are the rows that belong to it, by what tells them apart: all of them, None leaves them.
    `is_being_entered`: it is saved cell by cell, and what cells yet to come may settle asks for no reason; the checks
    of every night and of a release still name it until it is settled or explained.
    """

    model: type[Releasable]
    key: Mapping[str, object]
    values: Mapping[str, object] = field(default_factory=dict)
    expected_version: int | None = None
    parts: Mapping[str, Mapping[str, object]] | None = None
    is_being_entered: bool = False


def key_fields(model: type[Releasable]) -> tuple[str, ...]:
    """Return what names a row among its unit's own: the fields of the model's `once` constraints."""
    unique = [one for one in model._meta.constraints if isinstance(one, UniqueConstraint)]
    found = dict.fromkeys(name for one in unique for name in one.fields)
    return tuple(name for name in found if name not in NOT_VALUES)


def key_of(row: Any) -> tuple[object, ...]:
    """Return the values that name a row, in the order of `key_fields`."""
    return tuple(getattr(row, _concrete(type(row), name).attname) for name in key_fields(type(row)))


def asked_key(write: RowWrite) -> tuple[object, ...]:
    """Return the same of a write; what it does not name is empty. Raises ValueError for what is no part of it."""
    names = key_fields(write.model)
    if unknown := write.key.keys() - set(names):
        raise ValueError(f"{write.model.__name__} is not named by {sorted(unknown)}")
    return tuple(
        _python(_concrete(write.model, name), write.key[name]) if name in write.key else None
        for name in names
    )


def assign(row: Any, values: Mapping[str, object]) -> list[str]:
    """Set fields of a row and return the names of those that changed. Raises ValidationError by field."""
    changed, errors = [], {}
    for name, value in values.items():
        if name in NOT_VALUES:
            raise ValueError(f"{name} is not written so")
        one = _concrete(type(row), name)
        try:
            clean = _python(one, value)
        except ValidationError as error:
            errors[name] = error
            continue
        if clean != getattr(row, one.attname):
            setattr(row, name if isinstance(value, Model) else one.attname, clean_or(value, clean))
            changed.append(name)
    if errors:
        raise ValidationError(errors)
    return changed


def clean_or(value: object, clean: object) -> object:
    """Return a related row itself where one was given, so that it need not be read again."""
    return value if isinstance(value, Model) else clean


def entries(row: Any, before: Mapping[str, str | None], context: str, reason: str = "") -> list[Entry]:
    """Return what the audit writes of a row that was `before`; of a new one all that is filled in."""
    after = audited(row)
    return [
        Entry(
            model=row._meta.label_lower,
            object_id=row.pk,
            label=label_of(row),
            field=name,
            before=before.get(name),
            after=after.get(name),
            unit_id=row.unit_id,
            context=context,
            reason=reason,
        )
        for name in dict.fromkeys([*before, *after])
    ]


def audited(row: Any) -> dict[str, str | None]:
    """Return a row's values as the audit writes them; nothing is None."""
    fields = [one for one in row._meta.concrete_fields if one.name not in NOT_VALUES]
    return {one.name: _text(getattr(row, one.attname)) for one in fields}


def audited_parts(rows: Iterable[Any], told_by: str) -> dict[str, str | None]:
    """Return the rows that belong to a row as the audit writes them: `access.satisfied` → 12."""
    found = {}
    for part in rows:
        for one in part._meta.concrete_fields:
            if one.name not in ("id", told_by) and not isinstance(one, ForeignKey):
                found[f"{getattr(part, told_by)}.{one.name}"] = _text(getattr(part, one.attname))
    return found


def label_of(row: Any) -> str:
    """Return what the audit calls a row; a field of procedures is part of its name."""
    within = getattr(row, "field", None)
    return f"{row} · {within}" if within else str(row)


def _text(value: object) -> str | None:
    if value is None or value in ("", {}):
        return None
    if isinstance(value, Decimal):
        # The database adds zeros; a value is the same with them.
        return f"{value.normalize():f}"
    return json.dumps(value, sort_keys=True, ensure_ascii=False) if isinstance(value, dict) else str(value)


def _concrete(model: type[Model], name: str) -> Field[Any, Any]:
    found = model._meta.get_field(name)
    assert isinstance(found, Field)
    return found


def _python(one: Field[Any, Any], value: object) -> Any:
    if isinstance(value, Model):
        return value.pk
    return one.target_field.to_python(value) if isinstance(one, ForeignKey) else one.to_python(value)
