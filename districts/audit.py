"""The only door to the log of changes: written set-based, in the same transaction as the change itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .models import Change, User


@dataclass(frozen=True)
class Act:
    """Who does something, how and why; `actor` is None for a command."""

    actor: User | None
    how: Change.How
    reason: str = ""
    batch: int | None = None


@dataclass(frozen=True)
class Entry:
    """One field of one row, before and after; None is nothing, "" is empty text."""

    model: str
    object_id: int
    label: str
    field: str
    before: str | None
    after: str | None
    unit_id: int | None = None
    context: str = ""


def record(entries: Iterable[Entry], act: Act) -> int:
    """Write down what changed and return how many entries that was; what did not change is left out."""
    rows = [
        Change(
            model=entry.model,
            object_id=entry.object_id,
            label=entry.label[:300],
            field=entry.field,
            before=entry.before,
            after=entry.after,
            unit_id=entry.unit_id,
            context=entry.context,
            actor=act.actor,
            how=act.how,
            batch=act.batch,
            reason=act.reason,
        )
        for entry in entries
        if entry.before != entry.after
    ]
    Change.objects.bulk_create(rows, batch_size=1000)
    return len(rows)
