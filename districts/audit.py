"""What was changed, by whom and why? The only door to `Change`: rows go in together, and never out again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from .engine import append_only_lifted, insert_rows
from .models import Change, User

LABEL_LENGTH = 300
COLUMNS = (
    *("model", "object_id", "label", "field", "before", "after"),
    *("unit_id", "context", "actor_id", "how", "batch", "reason"),
)


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
    actor = act.actor.pk if act.actor else None
    rows = [
        (
            *(
                entry.model,
                entry.object_id,
                entry.label[:LABEL_LENGTH],
                entry.field,
                entry.before,
                entry.after,
            ),
            *(entry.unit_id, entry.context, actor, act.how, act.batch, entry.reason or act.reason),
        )
        for entry in entries
        if entry.before != entry.after
    ]
    if rows:
        insert_rows(Change, COLUMNS, rows)
    return len(rows)


def erase(changes: QuerySet[Change]) -> int:
    """Take out the trail of demo content together with the content itself; of nothing else. Return how many rows."""
    if not changes.exists():
        return 0
    with append_only_lifted(Change):
        return changes.delete()[0]
