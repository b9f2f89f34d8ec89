"""Uploads as records: received, checked, kept privately until they are applied or cancelled."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.core.files.base import ContentFile
from django.db import transaction

from districts import access
from districts.audit import Act
from districts.models import Change, Unit, User
from reports.models import AssessmentYear, ImportBatch, Source
from reports.sheet_files import FileError, Table, read_tables

from .dossiers import apply_dossiers, check_dossiers_file
from .figures import check_figures_file
from .file_kinds import wrong_kind
from .findings import Finding, Summary
from .results import apply_results, check_results
from .row_checks import apply_rows
from .satisfaction import check_satisfaction_file
from .scores import ImportRefused, Progress, apply_scores, check_scores
from .survey import apply_answers, check_answers
from .tasks import apply_tasks, check_tasks

Kind = ImportBatch.Kind
Outcome = ImportBatch.Outcome
NAME_LENGTH = 200
MAY_NOT_BRING = "Chỉ người công bố và người quản trị của cơ quan được nhập kết quả năm trước."
NOT_KEPT = "Tệp không còn được giữ."
WAITING = (Outcome.CHECKED, Outcome.REFUSED)


class ImportChanged(ValueError):
    """What the file would do is no longer what its sender was shown."""


class Check(Protocol):
    """What a file would do: shown, and written exactly as shown."""

    @property
    def summary(self) -> Summary: ...

    @property
    def digest(self) -> str:
        """Return what tells whether the same file would still do the same."""
        ...


@dataclass(frozen=True)
class Reader:
    """How files of one kind are checked (of the batch's year or unit, as `Act` would write them) and written.

    `write` is all or nothing, in one transaction, and returns how many values were written; it raises ImportRefused
    where the workflow refuses one.
    """

    check: Callable[[ImportBatch, list[Table], Act, Progress | None], Check]
    write: Callable[[Any, Act, Progress | None], int]


@dataclass(frozen=True)
class Checked:
    """A batch with what its file says; without a check where the file cannot be read at all."""

    batch: ImportBatch
    summary: Summary
    check: Check | None
    tables: list[Table]


def receive(
    place: AssessmentYear | Unit,
    user: User,
    name: str,
    content: bytes,
    *,
    kind: str = Kind.SCORES,
    settings: dict[str, Any] | None = None,
) -> Checked:
    """Record a file uploaded to a year or to a unit, and check it; kept until applied or cancelled, errors or not.

    `settings` is what the sender said beside the file: {"stage": …} of a CSV file, {"source": …} of results,
    {"reason": …} of all its changes, {"how": "form"} where it was typed.
    """
    batch = ImportBatch(
        kind=kind,
        assessment_year=place if isinstance(place, AssessmentYear) else None,
        unit=place if isinstance(place, Unit) else None,
        by=user,
        file_name=name[-NAME_LENGTH:],
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        outcome=Outcome.CHECKED,
        counts={"settings": settings or {}},
    )
    checked = _checked(batch, content, user)
    batch.rows = checked.summary.rows
    batch.outcome = Outcome.REFUSED if checked.summary.errors else Outcome.CHECKED
    batch.counts |= checked.summary.counts
    if not checked.tables:
        # What cannot be opened is not kept, only what was said of it.
        batch.counts["said"] = checked.summary.errors[0].message
    else:
        batch.file.save(f"{batch.sha256[:16]}.bin", ContentFile(content), save=False)
    batch.save()
    return checked


def review(batch: ImportBatch, user: User, progress: Progress | None = None) -> Checked:
    """Check a kept file again, as things stand now."""
    if not batch.file:
        return _unread(batch, batch.counts.get("said", NOT_KEPT))
    try:
        with batch.file.open("rb") as file:
            content = file.read()
    except FileNotFoundError:
        # Somebody settles it at this moment, or a backup was taken while somebody did.
        return _unread(batch, NOT_KEPT)
    return _checked(batch, content, user, progress)


def confirm(batch: ImportBatch, user: User, *, shown: str) -> int:
    """Apply a batch exactly as its sender was shown it, in one transaction, and let go of the file.

    `shown` is the digest of the check they saw. Returns how many values were written. Raises ImportChanged where
    the file would now do something else, ImportRefused where it has errors or the workflow refuses; nothing is
    written then.
    """
    if batch.kind == Kind.RESULTS:
        access.require(_may_bring_results(batch, user), MAY_NOT_BRING)
    checked = review(batch, user)
    if checked.summary.errors or checked.check is None:
        raise ImportRefused(checked.summary.errors)
    if checked.check.digest != shown:
        raise ImportChanged("Dữ liệu đã thay đổi từ lúc xem trước; hãy xem lại rồi xác nhận lần nữa.")
    with transaction.atomic():
        # Whoever confirms the same batch a second time waits here, and is told.
        waiting = ImportBatch.objects.select_for_update().filter(pk=batch.pk, outcome__in=WAITING)
        if not waiting.exists():
            raise ImportChanged("Tệp này đã được ghi hoặc đã bỏ.")
        written = READERS[batch.kind].write(checked.check, _act(batch, user), None)
        batch.outcome = Outcome.APPLIED
        batch.save(update_fields=["outcome"])
        transaction.on_commit(lambda: _let_go(batch))
    return written


def _may_bring_results(batch: ImportBatch, user: User) -> bool:
    assert batch.assessment_year is not None
    organiser = batch.assessment_year.organiser
    return access.can_publish(user, organiser) or access.can_administer(user, organiser)


def cancel(batch: ImportBatch) -> None:
    """Give a batch up and let go of the file."""
    # What somebody has applied meanwhile stays applied.
    waiting = ImportBatch.objects.filter(pk=batch.pk, outcome__in=WAITING)
    if waiting.update(outcome=Outcome.CANCELLED):
        batch.outcome = Outcome.CANCELLED
        _let_go(batch)


def same_file(batch: ImportBatch) -> ImportBatch | None:
    """Return the last earlier upload of the very same bytes to the same year or unit."""
    earlier = ImportBatch.objects.filter(
        assessment_year=batch.assessment_year,
        unit=batch.unit,
        kind=batch.kind,
        sha256=batch.sha256,
        pk__lt=batch.pk,
    )
    return earlier.select_related("by").order_by("-pk").first()


def _let_go(batch: ImportBatch) -> None:
    if batch.file:
        batch.file.delete(save=False)
        batch.save(update_fields=["file"])


def _checked(batch: ImportBatch, content: bytes, user: User, progress: Progress | None = None) -> Checked:
    try:
        tables = read_tables(content)
    except FileError as error:
        return _unread(batch, str(error))
    if (wrong := wrong_kind(tables, batch.kind)) is not None:
        return Checked(batch, Summary([], [wrong], 0, 0), None, tables)
    check = READERS[batch.kind].check(batch, tables, _act(batch, user), progress)
    return Checked(batch, check.summary, check, tables)


def _unread(batch: ImportBatch, why: str) -> Checked:
    return Checked(batch, Summary([], [Finding(why)], 0, 0), None, [])


def _act(batch: ImportBatch, user: User) -> Act:
    said = batch.counts.get("settings", {})
    return Act(user, Change.How(said.get("how", Change.How.IMPORT)), said.get("reason", ""), batch.pk)


def _scores(batch: ImportBatch, tables: list[Table], act: Act, progress: Progress | None) -> Check:
    assert batch.assessment_year is not None
    stage = batch.counts.get("settings", {}).get("stage", "self")
    return check_scores(batch.assessment_year, tables, act, default_stage=stage, progress=progress)


def _results(batch: ImportBatch, tables: list[Table], act: Act, progress: Progress | None) -> Check:
    assert batch.assessment_year is not None
    source = Source.objects.get(slug=batch.counts["settings"]["source"])
    return check_results(batch.assessment_year, source, tables)


# A new kind of file brings a line here; its pages are those of all uploads.
READERS: Mapping[str, Reader] = {
    Kind.SCORES: Reader(_scores, apply_scores),
    Kind.DOSSIERS: Reader(check_dossiers_file, apply_dossiers),
    Kind.SATISFACTION: Reader(check_satisfaction_file, apply_rows),
    Kind.SURVEY: Reader(check_answers, apply_answers),
    Kind.FIGURES: Reader(check_figures_file, apply_rows),
    Kind.TASKS: Reader(check_tasks, apply_tasks),
    Kind.RESULTS: Reader(_results, lambda check, act, progress: apply_results(check, act)),
}
