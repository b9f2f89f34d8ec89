"""What a file of rows would do, row by row: shared by every kind of file whose rows become rows of the database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from django.db import transaction

from districts.audit import Act
from districts.models import Unit
from reports.workflow.figures import RowResult, RowWrite, check_rows, write_rows

from .findings import Fate, Finding, Shown, Summary
from .scores import ImportRefused

# By field: what stands and what the file says.
Changes = Mapping[str, tuple[Any, Any]]


class FileRow(Protocol):
    """A row of a file with what it would change."""

    @property
    def name(self) -> str:
        """Return what tells the row from the others of its file."""
        ...

    @property
    def changes(self) -> Changes: ...

    @property
    def fate(self) -> Fate: ...

    @property
    def lines(self) -> Iterable[Shown]:
        """Return its lines in the preview."""
        ...


class FigureFileRow(FileRow, Protocol):
    """A row of a unit's figures, which the workflow of figures writes."""

    @property
    def write(self) -> RowWrite: ...

    @property
    def place(self) -> Finding: ...


R = TypeVar("R", bound=FileRow)


@dataclass(frozen=True)
class RowsCheck(Generic[R]):
    """What a file would do to a unit; rows it does not name stay as they are."""

    unit: Unit
    rows: Sequence[R]
    findings: list[Finding] = field(default_factory=list)

    @property
    def summary(self) -> Summary:
        lines = [line for row in self.rows for line in row.lines]
        unchanged = sum(row.fate == Fate.UNCHANGED for row in self.rows)
        return Summary(lines, self.findings, unchanged, len(self.rows))

    @property
    def digest(self) -> str:
        """Return what tells whether the same file would still do the same."""
        told = hashlib.sha256()
        for row in self.rows:
            told.update(repr((row.name, row.fate, sorted(row.changes.items(), key=str))).encode())
        return told.hexdigest()


def fate_of(stands: object, changes: Changes) -> Fate:
    """Return what becomes of a row that `stands` (None: there is none yet)."""
    if stands is None:
        return Fate.NEW
    return Fate.CHANGED if changes else Fate.UNCHANGED


def tried(check: RowsCheck[Any]) -> list[Finding]:
    """Return what the workflow would say of a file of figures; nothing is written."""
    if not check.rows or check.summary.errors:
        return []
    return list(outcomes(check.rows, check_rows(check.unit, [row.write for row in check.rows])))


@transaction.atomic
def apply_rows(check: RowsCheck[Any], act: Act, _progress: object = None) -> int:
    """Write the figures of a check that has no error; returns how many were new or changed. Raises ImportRefused."""
    results = write_rows(check.unit, [row.write for row in check.rows], act)
    if refused := [finding for finding in outcomes(check.rows, results) if finding.is_error]:
        raise ImportRefused(refused)
    return sum(result.outcome == "saved" for result in results)


def outcomes(rows: Iterable[FigureFileRow], results: Iterable[RowResult]) -> Iterator[Finding]:
    """Return what was said of each row when it was written, at its place in the file."""
    for row, result in zip(rows, results, strict=True):
        place = row.place
        if result.outcome in ("refused", "conflict"):
            yield Finding(result.message, place.sheet, place.row, what=row.name)
        else:
            for said in result.said:
                yield Finding(said.text, place.sheet, place.row, is_error=False, what=row.name)
