"""What was changed, by whom and why? The only door to `Change`: rows go in together, and never out again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from .engine import append_only_lifted
from .models import Change, User

LABEL_LENGTH = 300
ROWS_A_STATEMENT = 2000


@dataclass(frozen=True)
class Act:
    """Who did it (None: a program), by which way in, why, and out of which uploaded file (its key)."""

    actor: User | None
    how: Change.How
    reason: str = ""
    batch: int | None = None

    @property
    def is_program(self) -> bool:
        """Return whether a command acts, which may what its caller may: nobody is logged in."""
        return self.actor is None and self.how == Change.How.COMMAND


@dataclass(frozen=True)
class Entry:
    """One field of one row before and after, as text; None is "nothing", which empty text is not.

    `model` is "reports.score", `context` what it belongs to beside the unit: "ha-noi/2024/huyen". A `reason` of its
    own goes before the act's.
    """

    model: str
    object_id: int
    label: str
    field: str
    before: str | None
    after: str | None
    unit_id: int | None = None
    context: str = ""
    reason: str = ""


def record(entries: Iterable[Entry], act: Act) -> int:
    """Write down what changed, in the caller's transaction; what stayed the same is no change. Return how many."""
    changes = [_change(entry, act) for entry in entries if entry.before != entry.after]
    Change.objects.bulk_create(changes, batch_size=ROWS_A_STATEMENT)
    return len(changes)


def erase(changes: QuerySet[Change]) -> int:
    """Take out the trail of demo content together with the content itself; of nothing else. Return how many rows."""
    if not changes.exists():
        return 0
    with append_only_lifted(Change):
        return changes.delete()[0]


def _change(entry: Entry, act: Act) -> Change:
    return Change(
        model=entry.model,
        object_id=entry.object_id,
        label=entry.label[:LABEL_LENGTH],
        field=entry.field,
        before=entry.before,
        after=entry.after,
        unit_id=entry.unit_id,
        context=entry.context,
        actor=act.actor,
        how=act.how,
        batch=act.batch,
        reason=entry.reason or act.reason,
    )
