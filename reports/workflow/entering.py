"""Values of scores are written here and nowhere else: by grid, appraisal and uploads alike, all or nothing.

Permission, lock, check, save, judgement, audit, in one transaction and a number of queries that does not depend on how
many cells or sheets there are. Writers of one sheet wait for each other at the sheet's row, so a step and a write never
interleave: a step locks the sheets it closes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from districts import access, audit
from districts.audit import Act
from districts.engine import insert_rows
from districts.models import Change, User
from reports.automatic import Calculation, Figures, figures_of, has_bindings
from reports.models import Criterion, Judgement, Score, ScoreSheet
from reports.stages import Cell
from reports.survey_points import calculations_of

from .cells import (
    NOT_OF_THIS_CELL,
    ORIGINS,
    WRITTEN,
    CellWrite,
    Outcome,
    Wanted,
    audited,
    correction_refusal,
    judged,
    wanted,
)
from .context import WorkflowError, context_of
from .reach import NOT_ASSIGNED, Reach, YearInWork, lock_of, reach_of

__all__ = [
    "CellResult",
    "CellWrite",
    "entry_refusal",
    "evidence_refusal",
    "given_components",
    "write_cells",
    "write_sheets",
]

CHANGED_MEANWHILE = "Người khác vừa sửa ô này; hãy xem cả hai giá trị rồi chọn."
NOT_IN_SET = "Tiêu chí này không có trong bộ tiêu chí của kỳ đánh giá."
ROWS_A_STATEMENT = 1000
JUDGED = ("score_id", "stage", "state", "points", "inputs", "reason", "by_id", "batch_id")


@dataclass(frozen=True)
class CellResult:
    """What became of a write; `score` is the row as it stands now, unsaved where there is none yet."""

    criterion_id: int
    outcome: Outcome
    score: Score
    message: str = ""


@dataclass(frozen=True)
class _Sheet:
    """A sheet in one batch: what may be written there and why not."""

    sheet: ScoreSheet
    reach: Mapping[Cell, Reach]
    locks: Mapping[Cell, str | None]
    figures: Figures
    # What the counted answers of a survey give, by sheet and component.
    surveyed: Mapping[tuple[int, int], Calculation]


def write_cells(sheet: ScoreSheet, writes: Sequence[CellWrite], act: Act) -> list[CellResult]:
    """Write values into one sheet; a result for each write, in their order. See `write_sheets`."""
    return write_sheets([(sheet, writes)], act)[0]


@transaction.atomic
def write_sheets(batch: Sequence[tuple[ScoreSheet, Sequence[CellWrite]]], act: Act) -> list[list[CellResult]]:
    """Write values into sheets of one year: results in the order of the writes.

    What is refused or in conflict is not written, the rest is; who wants all or nothing rolls back on a result that is
    neither "saved" nor "unchanged". Raises Denied where the actor has no right at all to such values of a sheet.
    """
    locked = _locked([sheet for sheet, _ in batch])
    work = _year_of(locked.values(), act)
    states = _states(batch, locked, work, act)
    scores = _scores(batch)
    seen = {key: score.version for key, score in scores.items()}
    changes: dict[tuple[int, int], _Changed] = {}
    results = [
        [_write(states[sheet.pk], write, scores, seen, changes, work, act) for write in writes]
        for sheet, writes in batch
    ]
    _save(list(changes.values()), act, work)
    return results


@dataclass
class _Changed:
    """A score that changes in this batch: what the audit knew before of the cells written, and what was judged."""

    score: Score
    criterion: Criterion
    before: dict[str, str | None]
    judgements: list[tuple[Cell, str]]


def entry_refusal(user: User, sheet: ScoreSheet) -> str | None:
    """Return why a person cannot write self-scores into a sheet now, in Vietnamese; None where they can."""
    return cell_refusal(user, sheet, Cell.SELF)


def evidence_refusal(user: User, sheet: ScoreSheet, criterion: Criterion | None = None) -> str | None:
    """Return why a person cannot add evidence: open with the self-scores and, later, with the reply."""
    refusals = [cell_refusal(user, sheet, cell, criterion) for cell in (Cell.SELF, Cell.REPLY)]
    return None if None in refusals else refusals[0]


def given_components(user: User, sheet: ScoreSheet) -> frozenset[int] | None:
    """Return the components of a sheet that a person was given to fill in; None where they may fill in all."""
    work = YearInWork.read(sheet.assessment_year_id, user)
    return reach_of(Act(user, Change.How.FORM), sheet, Cell.SELF, work).only


def cell_refusal(user: User, sheet: ScoreSheet, cell: str, criterion: Criterion | None = None) -> str | None:
    """Return why a person cannot write a kind of value into a sheet (or one leaf of it) now; None where they can."""
    kind, work = Cell(cell), YearInWork.read(sheet.assessment_year_id, user)
    reach = reach_of(Act(user, Change.How.FORM), sheet, kind, work)
    if reach.refusal is not None:
        return reach.refusal
    if criterion is not None and not reach.includes(criterion.pk):
        return NOT_ASSIGNED
    return lock_of(sheet, kind, work)


def _locked(sheets: Iterable[ScoreSheet]) -> dict[int, ScoreSheet]:
    rows = ScoreSheet.objects.select_for_update(of=("self",)).select_related("unit")
    return {row.pk: row for row in rows.filter(pk__in=[sheet.pk for sheet in sheets]).order_by("pk")}


def _year_of(sheets: Iterable[ScoreSheet], act: Act) -> YearInWork:
    # Read after the sheets are locked: a step that was under way has then been taken.
    years = {sheet.assessment_year_id for sheet in sheets}
    if len(years) != 1:
        raise WorkflowError("Các phiếu phải cùng một kỳ đánh giá.")
    return YearInWork.read(years.pop(), act.actor)


def _states(
    batch: Sequence[tuple[ScoreSheet, Sequence[CellWrite]]],
    locked: Mapping[int, ScoreSheet],
    work: YearInWork,
    act: Act,
) -> dict[int, _Sheet]:
    asked = {write.criterion_id for _, writes in batch for write in writes}
    is_bound = any(has_bindings(work.nodes[pk]) for pk in asked & work.nodes.keys())
    figures = figures_of([row.unit_id for row in locked.values()], work.year.year) if is_bound else {}
    surveyed = _surveyed(batch, work)
    states = {}
    for sheet, writes in batch:
        row, cells = locked[sheet.pk], {Cell(write.stage) for write in writes}
        reach = {cell: reach_of(act, row, cell, work) for cell in cells}
        for cell in cells:
            access.require(reach[cell].refusal is None, reach[cell].refusal or "")
        locks = {cell: lock_of(row, cell, work) for cell in cells}
        states[row.pk] = _Sheet(row, reach, locks, figures.get(row.unit_id, {}), surveyed)
    return states


def _surveyed(
    batch: Sequence[tuple[ScoreSheet, Sequence[CellWrite]]], work: YearInWork
) -> dict[tuple[int, int], Calculation]:
    asked = {write.criterion_id for _, writes in batch for write in writes if write.stage == Cell.SURVEY}
    return calculations_of(
        [sheet.pk for sheet, _ in batch], [work.nodes[pk] for pk in asked & work.nodes.keys()]
    )


def _scores(batch: Sequence[tuple[ScoreSheet, Sequence[CellWrite]]]) -> dict[tuple[int, int], Score]:
    rows = Score.objects.select_for_update(of=("self",)).filter(sheet__in=[sheet.pk for sheet, _ in batch])
    return {(row.sheet_id, row.criterion_id): row for row in rows.order_by("pk")}


def _write(
    state: _Sheet,
    write: CellWrite,
    scores: dict[tuple[int, int], Score],
    seen: Mapping[tuple[int, int], int],
    changes: dict[tuple[int, int], _Changed],
    work: YearInWork,
    act: Act,
) -> CellResult:
    key = (state.sheet.pk, write.criterion_id)
    criterion = work.nodes.get(write.criterion_id)
    score = scores.get(key) or Score(sheet=state.sheet, criterion_id=write.criterion_id, version=0)
    if criterion is None or not criterion.is_leaf:
        return CellResult(write.criterion_id, "refused", score, NOT_IN_SET)
    score.criterion, score.sheet = criterion, state.sheet
    cell = Cell(write.stage)
    if criterion.origin not in ORIGINS[cell]:
        return CellResult(criterion.pk, "refused", score, NOT_OF_THIS_CELL[cell])
    asked = wanted(score, criterion, write, state.figures, act.reason, state.surveyed.get(key))
    if asked.refusal is None and not asked.changes(score):
        return CellResult(criterion.pk, "unchanged", score)
    refusal = _refusal(state, cell, criterion, asked, work)
    if refusal is not None:
        return CellResult(criterion.pk, "refused", score, refusal)
    if write.expected_version is not None and write.expected_version < seen.get(key, 0):
        return CellResult(criterion.pk, "conflict", score, CHANGED_MEANWHILE)
    changed = changes.setdefault(key, _Changed(score, criterion, {}, []))
    if not changed.judgements:
        score.version = seen.get(key, 0) + 1
    changed.before = audited(score, cell) | changed.before
    for name, value in asked.fields.items():
        setattr(score, name, value)
    changed.judgements.append((cell, asked.reason))
    scores[key] = score
    return CellResult(criterion.pk, "saved", score)


def _refusal(state: _Sheet, cell: Cell, criterion: Criterion, asked: Wanted, work: YearInWork) -> str | None:
    if not state.reach[cell].includes(criterion.pk):
        return NOT_ASSIGNED
    return state.locks[cell] or asked.refusal or correction_refusal(work.year, asked.reason)


def _save(changes: list[_Changed], act: Act, work: YearInWork) -> None:
    if not changes:
        return
    rows = [changed.score for changed in changes]
    for row in rows:
        # One statement for new and known rows alike; the database hands back the key of either.
        row.pk = None
    Score.objects.bulk_create(
        rows,
        batch_size=ROWS_A_STATEMENT,
        update_conflicts=True,
        unique_fields=["sheet", "criterion"],
        update_fields=["version", *WRITTEN],
    )
    insert_rows(
        Judgement,
        JUDGED,
        [
            (*judged(changed.score, cell, work.year, reason), act.actor and act.actor.pk, act.batch)
            for changed in changes
            for cell, reason in changed.judgements
        ],
    )
    audit.record((entry for changed in changes for entry in _entries(changed, work)), act)


def _entries(changed: _Changed, work: YearInWork) -> Iterable[audit.Entry]:
    score, context = changed.score, context_of(work.year)
    reasons = [reason for _, reason in changed.judgements if reason]
    found = {name: text for cell, _ in changed.judgements for name, text in audited(score, cell).items()}
    for name, after in found.items():
        if after == changed.before[name]:
            continue
        yield audit.Entry(
            model="reports.score",
            object_id=score.pk,
            label=str(changed.criterion),
            field=name,
            before=changed.before[name],
            after=after,
            unit_id=score.sheet.unit_id,
            context=context,
            reason=reasons[-1] if reasons else "",
        )
