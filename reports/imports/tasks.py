"""Tasks of a plan, and remedies of a publication, from a spreadsheet: the sheet that goes out comes in again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction

from districts.audit import Act
from districts.models import Unit
from districts.names import fold
from reports.models import Criterion, ImportBatch, Plan, Publication, RemediationTask, Task, Work
from reports.numbers_vi import date_vi, number
from reports.readers import ReadError, parse_date, parse_decimal, text_of, whole_number
from reports.sheet_files import Table
from reports.spreadsheets import FORMULA_STARTS
from reports.workflow import plans

from .findings import Fate, Finding, Shown, at_cell, fate_of_value
from .layout import HEADER_ROWS, labelled
from .row_checks import RowsCheck, fate_of
from .scores import ImportRefused

Row = Task | RemediationTask
LABELS = {
    "ma viec": "pk",
    "loai": "kind",
    "noi dung": "title",
    "bien phap": "title",
    "ma tieu chi": "criterion",
    "don vi chu tri ma": "responsible",
    "co quan chu tri": "responsible_name",
    "thoi han": "due_on",
    "diem du kien": "expected_points",
    "tinh trang": "state",
    "hoan thanh ngay": "done_on",
    "ket qua": "outcome",
}
TITLES = {
    "kind": "loại",
    "title": "nội dung",
    "responsible": "đơn vị chủ trì",
    "responsible_name": "cơ quan chủ trì",
    "due_on": "thời hạn",
    "expected_points": "điểm dự kiến",
    "state": "tình trạng",
    "done_on": "hoàn thành ngày",
    "outcome": "kết quả",
}
NO_HEADER = "Không tìm thấy hàng tiêu đề có “Nội dung” hoặc “Biện pháp”; hãy dùng tệp tải về từ trang này."


@dataclass(frozen=True)
class TaskRow:
    """One row of the file: the task it means, and the values it gives."""

    row: Row
    values: Mapping[str, Any]
    place: Finding

    @property
    def changes(self) -> dict[str, tuple[Any, Any]]:
        stand = {name: getattr(self.row, name) for name in self.values}
        return {name: (stand[name], said) for name, said in self.values.items() if stand[name] != said}

    @property
    def name(self) -> str:
        return f"{self.row.pk}: {self.row.title}"

    @property
    def fate(self) -> Fate:
        return fate_of(None if self.row._state.adding else self.row, self.changes)

    @property
    def lines(self) -> Iterator[Shown]:
        title = str(self.values.get("title") or self.row.title)
        for name, (before, after) in self.changes.items():
            yield Shown(
                fate=fate_of_value(before),
                unit=title[:80],
                what=TITLES[name],
                before=_words(self.row, name, before),
                after=_words(self.row, name, after),
                place=self.place.place,
            )


def check_tasks(
    batch: ImportBatch, tables: list[Table], _act: Act, _progress: object = None
) -> RowsCheck[TaskRow]:
    """Check a whole file against the plan, or the publication, that its sender named beside it."""
    assert batch.unit is not None
    found = [(table, header) for table in tables if (header := _header(table)) is not None]
    if len(found) != 1:
        said = NO_HEADER if not found else "Có nhiều trang tính có nhiệm vụ; hãy để lại một trang."
        return RowsCheck(batch.unit, [], [Finding(said)])
    table, header = found[0]
    columns = labelled(table.rows[header], LABELS)
    reading = _Reading(batch.unit, batch.counts["settings"], table, columns)
    rows = [
        row for number_ in range(header + 1, len(table.rows)) if (row := reading.read(number_)) is not None
    ]
    if not rows and not reading.findings:
        reading.findings.append(Finding("Tệp không có dòng nhiệm vụ nào."))
    return RowsCheck(batch.unit, rows, reading.findings)


@transaction.atomic
def apply_tasks(check: RowsCheck[TaskRow], act: Act, _progress: object = None) -> int:
    """Write the rows of a check that has no error; returns how many were new or changed. Raises ImportRefused."""
    refused = []
    written = [row for row in check.rows if row.fate != Fate.UNCHANGED]
    for row in written:
        version = None if row.row._state.adding else row.row.version
        try:
            plans.write(row.row, row.values, act, expected_version=version)
        except ValidationError as error:
            refused += [_refused(row.place, said) for said in error.messages]
    if refused:
        raise ImportRefused(refused)
    return len(written)


def _refused(place: Finding, said: str) -> Finding:
    return Finding(said, place.sheet, place.row, place.column, place.value)


def _header(table: Table) -> int | None:
    for number_, row in enumerate(table.rows[:HEADER_ROWS]):
        if "title" in labelled(row, LABELS):
            return number_
    return None


class _Reading:
    """One pass over the rows of a file for one plan or one publication."""

    def __init__(
        self, unit: Unit, settings: Mapping[str, Any], table: Table, columns: Mapping[str, int]
    ) -> None:
        self.unit, self.table, self.columns, self.findings = unit, table, columns, list[Finding]()
        self.plan = Plan.objects.filter(unit=unit, pk=settings.get("plan", 0)).first()
        self.publication = Publication.objects.filter(pk=settings.get("publication", 0)).first()
        self.units = {one.code: one for one in plans.responsible_units(unit)}
        self.known: dict[int, Row] = {one.pk: one for one in self._standing()}
        self.by_name = {self._name(one): one for one in self.known.values()}
        self.seen: dict[tuple[str, str], int] = {}
        self.met: dict[int, int] = {}
        criteria = Criterion.objects.filter(
            criteria_set=self.publication.criteria_set_id if self.publication else None, is_leaf=True
        )
        self.criteria = {one.code: one for one in criteria}

    def read(self, number_: int) -> TaskRow | None:
        cells = {name: self._cell(number_, column) for name, column in self.columns.items()}
        if not any(text_of(cells[name]) for name in cells):
            return None
        said: dict[str, Any] = {}
        before = len(self.findings)
        for name, read in self._readers().items():
            if name in self.columns:
                try:
                    said[name] = read(cells[name])
                except ReadError as error:
                    self._fault(number_, name, str(error))
        if len(self.findings) > before:
            return None
        row = self._row(number_, cells, said)
        return None if row is None else TaskRow(row, said, at_cell(self.table, number_, None, ""))

    def _row(self, number_: int, cells: Mapping[str, object], said: Mapping[str, Any]) -> Row | None:
        """Return the task a row means: by its number, else by its name, else a new one."""
        if not said.get("title"):
            self._fault(number_, "title", "Chưa ghi nội dung.")
            return None
        key = text_of(cells.get("pk"))
        name = (text_of(cells.get("criterion")) or said.get("kind", ""), fold(said["title"]))
        if name in self.seen:
            self._fault(number_, "title", f"Lặp lại nhiệm vụ ở hàng {self.seen[name] + 1}.")
            return None
        self.seen[name] = number_
        if key:
            found = self.known.get(whole_number(key) or 0)
            if found is None:
                self._fault(number_, "pk", "Không có nhiệm vụ mang mã này; việc mới thì để trống ô mã.")
        else:
            found = self.by_name.get(name) or self._new(number_, name[0])
        if found is not None and found.pk in self.met:
            self._fault(
                number_, "pk" if key else "title", f"Lặp lại nhiệm vụ ở hàng {self.met[found.pk] + 1}."
            )
            return None
        if found is not None and found.pk:
            self.met[found.pk] = number_
        return found

    def _new(self, number_: int, code: str) -> Row | None:
        if self.plan is not None:
            return Task(plan=self.plan)
        assert self.publication is not None
        criterion = self.criteria.get(code)
        if criterion is None:
            self._fault(number_, "criterion", "Không có tiêu chí thành phần này trong kết quả đã công bố.")
            return None
        return RemediationTask(unit=self.unit, publication=self.publication, criterion=criterion)

    def _standing(self) -> Iterator[Row]:
        if self.plan is not None:
            yield from Task.objects.filter(plan=self.plan).select_related("plan__unit", "responsible")
        elif self.publication is not None:
            remedies = RemediationTask.objects.filter(unit=self.unit, publication=self.publication)
            yield from remedies.select_related("unit", "responsible", "criterion")

    def _readers(self) -> Mapping[str, Callable[[object], Any]]:
        own: dict[str, Callable[[object], Any]] = (
            {
                "kind": lambda raw: _choice(raw, Task.Kind, Task.Kind.SPECIFIC),
                "responsible": self._responsible,
            }
            if self.plan is not None
            else {"expected_points": parse_decimal}
        )
        return {
            "title": lambda raw: _text(raw, 400),
            "responsible_name": lambda raw: _text(raw, 160),
            "due_on": _day,
            "state": lambda raw: _choice(raw, Work.State, Work.State.OPEN),
            "done_on": _day,
            "outcome": lambda raw: _text(raw, 4000),
            **own,
        }

    def _responsible(self, raw: object) -> Unit | None:
        code = text_of(raw)
        if not code:
            return None
        # A spreadsheet drops the zeros before a code.
        found = self.units.get(code) or next(
            (unit for known, unit in self.units.items() if known.lstrip("0") == code.lstrip("0")), None
        )
        if found is None:
            raise ReadError("Không có đơn vị trực thuộc mang mã này.")
        return found

    def _name(self, row: Row) -> tuple[str, str]:
        return (row.kind if isinstance(row, Task) else row.criterion.code, fold(row.title))

    def _cell(self, number_: int, column: int) -> object:
        cells = self.table.rows[number_]
        return cells[column] if column < len(cells) else None

    def _fault(self, number_: int, name: str, said: str) -> None:
        self.findings.append(at_cell(self.table, number_, self.columns.get(name), said))


def _text(raw: object, length: int) -> str:
    text = text_of(raw)
    # Our own sheets put an apostrophe before what a spreadsheet would run.
    if text[:1] == "'" and text[1:].startswith(FORMULA_STARTS):
        text = text[1:]
    if len(text) > length:
        raise ReadError(f"Dài hơn {length} ký tự.")
    return text


def _day(raw: object) -> Any:
    return None if not text_of(raw) else parse_date(raw)


def _choice(raw: object, choices: type[models.TextChoices], default: models.TextChoices) -> str:
    text = text_of(raw)
    if not text:
        return default.value
    for choice in choices:
        if fold(text) in (fold(str(choice.label)), choice.value):
            return str(choice.value)
    raise ReadError(f"Chỉ ghi: {', '.join(str(choice.label) for choice in choices)}.")


def _words(row: Row, name: str, value: Any) -> str:
    if value in (None, ""):
        return "–"
    if name in ("due_on", "done_on"):
        return date_vi(value)
    if name == "expected_points":
        return number(value, 4)
    if name == "state":
        return str(Work.State(value).label)
    return str(Task.Kind(value).label) if name == "kind" else str(value)
