"""Points of a year from a file: the whole file is checked, compared with what stands, then written at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from django.db import transaction

from districts.audit import Act
from reports.models import AssessmentYear, Criterion
from reports.sheet_files import Table
from reports.workflow.entering import CellResult, write_sheets

from .findings import Finding, at_cell
from .layout import Layout, identity, score_layouts
from .score_cells import Cell, ScoreCheck, Value
from .score_reading import Progress, Reading
from .score_year import StandingYear

__all__ = ["Cell", "ImportRefused", "ScoreCheck", "Value", "apply_scores", "check_scores"]

# What is held in memory at a time while writing; the transaction is one.
SHEETS_AT_ONCE = 100


class ImportRefused(ValueError):
    """Writing was refused after the check: nothing has been written; the findings say where and why."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__(findings[0].message if findings else "")
        self.findings = findings


def check_scores(
    year: AssessmentYear,
    tables: list[Table],
    act: Act,
    *,
    default_stage: str = "self",
    progress: Progress | None = None,
) -> ScoreCheck:
    """Check a whole file against a year, as `act` would write it: a dozen queries, whatever its size.

    Rights, locks, rules and reasons are the workflow's own. Nothing is written. `default_stage` is what a CSV
    file's points are. `progress` is told rows done and rows in all.
    """
    leaves = {leaf.code: leaf for leaf in _leaves(year)}
    layouts, findings = score_layouts(tables, leaves, default_stage)
    findings = [*_identity_findings(year, identity(tables)), *findings]
    if any(finding.is_error and not finding.row for finding in findings):
        return ScoreCheck(year, [], findings)
    total = sum(len(layout.table.rows) for layout in layouts)
    reading = Reading(StandingYear(year, act, leaves), findings, total, progress)
    reading.read(layouts)
    named = [_named(finding, layouts, leaves) for finding in findings]
    return ScoreCheck(year, reading.cells, named, reading.rows, reading.blanks)


def apply_scores(check: ScoreCheck, act: Act, progress: Progress | None = None) -> int:
    """Write what a check found, all or nothing, in one transaction; returns how many values were written.

    Raises ImportRefused where the workflow refuses a value (a stage that is locked, a right that is missing)
    or somebody else has changed one since the check.
    """
    if errors := [one for one in check.findings if one.is_error]:
        raise ImportRefused(errors)
    by_sheet: dict[int, list[Cell]] = defaultdict(list)
    for cell in check.changes:
        by_sheet[cell.sheet.pk].append(cell)
    refused: list[Finding] = []
    batches = list(by_sheet.values())
    with transaction.atomic():
        for start in range(0, len(batches), SHEETS_AT_ONCE):
            some = batches[start : start + SHEETS_AT_ONCE]
            results = write_sheets(
                [(cells[0].sheet, [cell.write() for cell in cells]) for cells in some], act
            )
            for cells, found in zip(some, results, strict=True):
                refused += _refusals(cells, found)
            if progress:
                progress(start + len(some), len(batches))
        if refused:
            raise ImportRefused(refused)
    return sum(map(len, by_sheet.values()))


def _named(finding: Finding, layouts: Sequence[Layout], leaves: Mapping[str, Criterion]) -> Finding:
    """Return a finding with the component its cell belongs to."""
    if not finding.row:
        return finding
    codes = (one.code_at(finding.row, finding.column) for one in layouts if one.table.name == finding.sheet)
    leaf = next((leaves[code] for code in codes if code in leaves), None)
    return finding if leaf is None else replace(finding, what=str(leaf))


def _refusals(cells: list[Cell], results: list[CellResult]) -> Iterator[Finding]:
    for cell, result in zip(cells, results, strict=True):
        if result.outcome == "conflict":
            message = "Người khác vừa sửa giá trị này; hãy kiểm tra lại tệp."
            yield replace(at_cell(cell.table, cell.row, cell.column, message), what=str(cell.criterion))
        elif result.outcome == "refused":
            yield replace(
                at_cell(cell.table, cell.row, cell.column, result.message), what=str(cell.criterion)
            )


def _leaves(year: AssessmentYear) -> list[Criterion]:
    return list(Criterion.objects.filter(criteria_set=year.criteria_set_id, is_leaf=True).order_by("order"))


def _identity_findings(year: AssessmentYear, said: dict[str, str]) -> Iterator[Finding]:
    expected = {
        "organiser": (
            year.organiser.slug,
            f"Tệp này của cơ quan khác, không phải của {year.organiser.name}.",
        ),
        "year": (str(year.year), f"Tệp này của năm {said.get('year', '')}, không phải năm {year.year}."),
        "group": (year.group.slug, f"Tệp này của nhóm khác, không phải nhóm {year.group.name}."),
        "criteria_set": (
            year.criteria_set.slug if year.criteria_set else "",
            "Tệp này theo bộ tiêu chí khác với bộ tiêu chí của năm; hãy tải mẫu mới.",
        ),
    }
    for key, (value, message) in expected.items():
        if key in said and said[key] != value:
            yield Finding(message)
