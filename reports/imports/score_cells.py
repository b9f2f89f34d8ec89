"""A value of a file beside the one that stands: what it would change, and how a preview says so."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

from reports.automatic import parsed_rule
from reports.models import AssessmentYear, Criterion, PointsState, Score, ScoreSheet
from reports.numbers_vi import number
from reports.sheet_files import Table
from reports.workflow.cells import CellWrite

from .findings import Fate, Finding, Shown, Summary, at_cell
from .layout import STAGE_SHEETS
from .score_inputs import in_words

NO_INPUTS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Value:
    """What a cell says, or what stands: a state, points where there are any, a remark, the rule's variables."""

    state: str
    points: Decimal | None
    note: str | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)

    def is_worth(self, other: Value) -> bool:
        """Return whether state and points are the same, whatever the remark and the variables."""
        return (self.state, self.points) == (other.state, other.points)


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of a file at its place, beside the one that stands."""

    sheet: ScoreSheet
    criterion: Criterion
    stage: str
    table: Table
    row: int
    column: int
    value: Value
    before: Value
    score: Score | None

    @property
    def version(self) -> int:
        return self.score.version if self.score else 0

    def write(self) -> CellWrite:
        """Return it as the workflow takes it; variables that the file does not speak of stay as they are."""
        return CellWrite(
            criterion_id=self.criterion.pk,
            stage=self.stage,
            state=self.value.state,
            points=self.value.points,
            inputs=self.value.inputs,
            note=self.value.note,
            expected_version=self.version,
        )

    @property
    def fate(self) -> Fate:
        has_note = self.value.note not in (None, self.before.note or "")
        if self.value.is_worth(self.before) and not has_note and self.value.inputs == self.before.inputs:
            return Fate.UNCHANGED
        return Fate.NEW if self.before.state == PointsState.NOT_ENTERED else Fate.CHANGED


@dataclass(frozen=True)
class ScoreCheck:
    """What a file would do to a year; nothing is written where it has an error."""

    year: AssessmentYear
    cells: list[Cell]
    findings: list[Finding] = field(default_factory=list)
    rows: int = 0
    blanks: int = 0

    @cached_property
    def changes(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.fate != Fate.UNCHANGED]

    @cached_property
    def summary(self) -> Summary:
        changes = self.changes
        return Summary(
            [_shown(cell) for cell in changes],
            self.findings,
            len(self.cells) - len(changes),
            self.rows,
            self.blanks,
        )

    @property
    def digest(self) -> str:
        """Return what tells whether the same file would still do the same."""
        told = hashlib.sha256()
        for cell in self.changes:
            key = (cell.sheet.pk, cell.criterion.pk, cell.stage, _told(cell.value), _told(cell.before))
            told.update(repr((*key, cell.version)).encode())
        return told.hexdigest()


def standing(score: Score | None, stage: str, known: Mapping[str, Decimal]) -> Value:
    """Return what stands at a stage; variables the system knows (`known`) are no inputs of a unit."""
    if score is None:
        return Value(PointsState.NOT_ENTERED, None, "", NO_INPUTS)
    note = {"self": score.self_note, "appraised": score.appraised_reason}.get(stage, "")
    inputs: Mapping[str, str] = score.self_inputs if stage == "self" else NO_INPUTS
    if known and inputs:
        inputs = {name: text for name, text in inputs.items() if name not in known}
    return Value(getattr(score, f"{stage}_state"), getattr(score, f"{stage}_points"), note, inputs)


def _told(value: Value) -> tuple[object, ...]:
    return value.state, value.points, value.note, sorted(value.inputs.items())


def _shown(cell: Cell) -> Shown:
    has_inputs = cell.value.inputs != cell.before.inputs
    before, after = (
        _words(value, in_words(parsed_rule(cell.criterion), value.inputs) if has_inputs else "")
        for value in (cell.before, cell.value)
    )
    what = f"{cell.criterion} · {STAGE_SHEETS[cell.stage]}"
    place = at_cell(cell.table, cell.row, cell.column, "").place
    return Shown(cell.fate, cell.sheet.unit.full_name, what, before, after, place)


def _words(value: Value, inputs: str) -> str:
    words = str(PointsState(value.state).label) if value.points is None else number(value.points, 4)
    words = f"{words} ({inputs})" if inputs else words
    return f"{words} – {value.note}" if value.note else words
