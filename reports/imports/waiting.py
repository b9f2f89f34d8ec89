"""Counted lists of dossiers that wait for the word to go ahead: numbers in their record, and no file."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction

from reports.dossier_lists import Counted
from reports.models import ImportBatch

from .dossier_lists import ListRefused
from .listed import Listed

Outcome = ImportBatch.Outcome
SETTLED = "Danh sách này đã được ghi hoặc đã bỏ."


def keep(batch: ImportBatch, counted: Counted | None, listed: Listed | None = None) -> None:
    """Record what became of an uploaded list: its rows, and its counts where there are any to be written."""
    batch.outcome = Outcome.CHECKED if listed else Outcome.REFUSED
    if counted is not None:
        batch.rows = counted.rows
        batch.counts = {
            "counted": counted.counted,
            "outside": counted.outside,
            "received_before": counted.received_before,
            "errors": counted.rejected,
            "first": counted.first and counted.first.isoformat(),
            "last": counted.last and counted.last.isoformat(),
            "columns": counted.layout.said,
            "ignored": list(counted.layout.ignored),
        }
    if listed is not None:
        batch.counts["listed"] = listed.as_json()
    batch.save()


def waiting_counts(batch: ImportBatch) -> Listed | None:
    """Return the counts that wait, None where they are settled."""
    stored = batch.counts.get("listed") if batch.outcome == Outcome.CHECKED else None
    return None if stored is None else Listed.from_json(stored)


@transaction.atomic
def settle(batch: ImportBatch, write: Callable[[], int] | None) -> int:
    """Write the counts of a batch once, or give them up where there is nothing to write with; return rows written.

    Raises ListRefused where somebody settled it meanwhile.
    """
    waiting = ImportBatch.objects.select_for_update(of=("self",)).filter(pk=batch.pk, outcome=Outcome.CHECKED)
    if not waiting.exists():
        raise ListRefused(SETTLED)
    written = write() if write else 0
    settled = {name: value for name, value in batch.counts.items() if name != "listed"}
    outcome = Outcome.APPLIED if write else Outcome.CANCELLED
    ImportBatch.objects.filter(pk=batch.pk).update(outcome=outcome, counts=settled)
    batch.outcome, batch.counts = outcome, settled
    return written
