"""What a check says of a file: where in it, what stands there, and what is the matter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from reports.readers import text_of
from reports.sheet_files import Table, column_letter

SHOWN_LENGTH = 60


class Fate(StrEnum):
    """What applying a file would do to a value."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Finding:
    """An error or a warning at a cell; `row` is the one a spreadsheet shows, 0 where the whole file is meant.

    `what` names what the cell belongs to: a component with its title, a row of a form.
    """

    message: str
    sheet: str = ""
    row: int = 0
    column: str = ""
    value: str = ""
    is_error: bool = True
    what: str = ""

    @property
    def place(self) -> str:
        """Return where it is, in words: "Tự chấm, ô C7"; empty for the whole file."""
        if not self.row:
            return self.sheet
        cell = f"ô {self.column}{self.row}" if self.column else f"hàng {self.row}"
        return f"{self.sheet}, {cell}" if self.sheet else cell


def at_cell(table: Table, row: int, column: int | None, message: str, *, is_error: bool = True) -> Finding:
    """Return a finding at a cell of a table, row and column counted from 0."""
    cells = table.rows[row] if row < len(table.rows) else []
    value = _shown(cells[column]) if column is not None and column < len(cells) else ""
    shown = f"{value[:SHOWN_LENGTH]}…" if len(value) > SHOWN_LENGTH else value
    return Finding(
        message=message,
        sheet=table.name,
        row=row + 1,
        column="" if column is None else column_letter(column),
        value=shown,
        is_error=is_error,
    )


def _shown(cell: object) -> str:
    """A number of a spreadsheet has no mark of its own: it is shown with the comma that people write."""
    text = text_of(cell)
    return text.replace(".", ",") if isinstance(cell, float | Decimal) else text


def fate_of_value(before: object) -> Fate:
    """Return what becomes of one value that a file says otherwise: new where there was none."""
    return Fate.NEW if before in (None, "") else Fate.CHANGED


@dataclass(frozen=True)
class Shown:
    """One line of a preview: what would be written where, and what stands there now."""

    fate: Fate
    unit: str
    what: str
    before: str
    after: str
    place: str


@dataclass(frozen=True)
class Summary:
    """A check as pages and the command line show it."""

    lines: Sequence[Shown]
    findings: Sequence[Finding]
    unchanged: int
    rows: int
    blanks: int = 0

    @property
    def errors(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.is_error]

    @property
    def warnings(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.is_error]

    @property
    def counts(self) -> dict[str, int]:
        fates = Counter(line.fate for line in self.lines)
        return {
            "new": fates[Fate.NEW],
            "changed": fates[Fate.CHANGED],
            "unchanged": self.unchanged,
            "blanks": self.blanks,
            "errors": len(self.errors),
            "warnings": len(self.warnings),
        }
