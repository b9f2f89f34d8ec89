"""One value as a file says it, and what no component can have."""

from __future__ import annotations

from dataclasses import dataclass

from reports.models import Criterion, ScoreSheet
from reports.numbers_vi import number
from reports.readers import ReadError, text_of
from reports.sheet_files import Table
from reports.stages import Cell as Kind
from reports.workflow.cells import NOT_OF_THIS_CELL, ORIGINS

from .layout import Layout
from .score_cells import Value

STAGES = ("self", "appraised", "survey", "points")


class PlacedError(ReadError):
    """An error that belongs to another column than the points."""

    def __init__(self, message: str, column: int | None) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True, slots=True)
class Said:
    """One value as a file says it, at its place; `state` is the column of the state where that says it."""

    layout: Layout
    row: int
    column: int
    raw: object
    sheet: ScoreSheet
    criterion: Criterion
    stage: str
    note: str | None = None
    state: int | None = None

    @property
    def place(self) -> tuple[int, int]:
        return self.row, self.column

    @property
    def table(self) -> Table:
        return self.layout.table

    @property
    def is_blank(self) -> bool:
        table = self.table
        return not text_of(self.raw) and self.place not in table.broken and self.place not in table.formulas


def is_of_inputs(layout: Layout) -> bool:
    """Return whether a table gives variables of rules and no points."""
    return layout.has_inputs and not any(label in layout.columns for label in STAGES)


def require_possible(value: Value, criterion: Criterion, stage: str) -> None:
    """Raise ReadError for points the component cannot have at the stage."""
    if criterion.origin not in ORIGINS[Kind(stage)]:
        raise ReadError(NOT_OF_THIS_CELL[Kind(stage)])
    if value.points is None:
        return
    if value.points < 0:
        raise ReadError("Điểm không thể âm.")
    if criterion.max_points is not None and value.points > criterion.max_points:
        raise ReadError(f"Vượt điểm tối đa {number(criterion.max_points, 4)}.")
