"""Where in a table are the codes and the points? Our templates, and sheets people made themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from districts.names import fold
from reports.readers import text_of
from reports.sheet_files import Table, column_letter

from .findings import Finding, at_cell

HEADER_ROWS = 20
# The hidden sheet by which a workbook of ours says what it is for.
IDENTITY_SHEET = "cchc"
INSTRUCTIONS_SHEET = "Hướng dẫn"
ERRORS_SHEET = "Lỗi"
LISTS_SHEET = "Danh mục"
# What our formulas add up: to be looked at, never read.
SUMS_SHEET = "Cộng điểm"
STAGE_SHEETS = {"self": "Tự chấm", "appraised": "Thẩm định", "survey": "Điều tra XHH"}
# The variables of a whole year; whose points they go with is on the sheet of the self-scores.
INPUTS_SHEET = "Số liệu"
UNIT_CODE, UNIT_NAME, CRITERION_CODE = "Mã đơn vị", "Đơn vị", "Mã tiêu chí"
LONG_POINTS = {"self": "Điểm tự chấm", "appraised": "Điểm thẩm định", "survey": "Điểm điều tra"}
# The variables of a rule beside the points: what is asked, and the answer; no rule asks for more than two.
INPUT_LABELS, INPUT_HEADERS = ("Số liệu 1", "Số liệu 2"), ("Giá trị 1", "Giá trị 2")
INPUTS = ("input_1", "input_2")
STATE_HEADER, NOTE_HEADER, YEAR_HEADER = "Tình trạng", "Thuyết minh", "Năm"

_SHEET_STAGES = {
    "tu cham": "self",
    "tu cham diem": "self",
    "tham dinh": "appraised",
    "dieu tra xhh": "survey",
    "dieu tra xa hoi hoc": "survey",
}
OWN_SHEETS = {
    fold(name) for name in (IDENTITY_SHEET, INSTRUCTIONS_SHEET, ERRORS_SHEET, LISTS_SHEET, SUMS_SHEET)
}
_LABELS = {
    "ma don vi": "unit_code",
    "don vi": "unit_name",
    "ten don vi": "unit_name",
    "ma tieu chi": "criterion",
    "diem tu cham": "self",
    "diem tham dinh": "appraised",
    "diem dieu tra": "survey",
    "diem dieu tra xa hoi hoc": "survey",
    "diem": "points",
    "tinh trang": "state",
    "thuyet minh": "note",
    "ly do": "note",
    "nam": "year",
    **{fold(label): f"label_{nth}" for nth, label in enumerate(INPUT_LABELS, start=1)},
    **{fold(label): name for label, name in zip(INPUT_HEADERS, INPUTS, strict=True)},
}
_POINTS = ("self", "appraised", "survey", "points")


@dataclass(frozen=True)
class Layout:
    """A table whose header row is found: columns of the labels, and of component codes in a wide table."""

    table: Table
    header: int
    columns: Mapping[str, int]
    criteria: Mapping[int, str] = field(default_factory=dict)
    stage: str | None = None

    @property
    def is_wide(self) -> bool:
        return bool(self.criteria)

    @property
    def has_inputs(self) -> bool:
        """Whether rows give variables of the rule beside the points."""
        return not self.is_wide and any(name in self.columns for name in INPUTS)

    def rows(self) -> Iterator[tuple[int, list[object]]]:
        """Yield the rows below the header that have any text, with their number counted from 0."""
        for number in range(self.header + 1, len(self.table.rows)):
            row = self.table.rows[number]
            if any(text_of(cell) for cell in row):
                yield number, row

    def cell(self, row: list[object], label: str) -> object:
        column = self.columns.get(label)
        return row[column] if column is not None and column < len(row) else None

    def code_at(self, row: int, column: str) -> str:
        """Return the code of the component a cell belongs to, named as a spreadsheet does; empty for none."""
        if not self.header < row - 1 < len(self.table.rows):
            return ""
        if self.is_wide:
            return next((code for place, code in self.criteria.items() if column_letter(place) == column), "")
        return text_of(self.cell(self.table.rows[row - 1], "criterion")).removeprefix("'")


def identity(tables: Iterable[Table]) -> dict[str, str]:
    """Return what a workbook of ours says it is for; empty for any other file."""
    for table in tables:
        if fold(table.name) == IDENTITY_SHEET:
            return {
                text_of(row[0]): text_of(row[1]) for row in table.rows if len(row) > 1 and text_of(row[0])
            }
    return {}


def score_layouts(
    tables: list[Table], codes: Iterable[str], default_stage: str
) -> tuple[list[Layout], list[Finding]]:
    """Return the tables that hold points, and what is wrong with the others."""
    known = set(codes)
    layouts, findings = [], []
    for table in tables:
        if fold(table.name) in OWN_SHEETS:
            continue
        layout = _layout(table, known)
        if layout is None:
            findings.append(_unread(table))
            continue
        stage = _SHEET_STAGES.get(fold(table.name)) if table.name else default_stage
        has_own_stage = any(label in layout.columns for label in ("self", "appraised", "survey", *INPUTS))
        if stage is None and not has_own_stage:
            expected = ", ".join(f"“{name}”" for name in STAGE_SHEETS.values())
            message = f"Tên trang tính không cho biết là điểm gì; hãy đặt tên là một trong: {expected}."
            findings.append(Finding(message, sheet=table.name, value=table.name))
            continue
        findings += _header_findings(layout, known)
        layouts.append(Layout(table, layout.header, layout.columns, layout.criteria, stage))
    if not layouts and not any(finding.is_error for finding in findings):
        findings.append(Finding(_NO_HEADER))
    return layouts, findings


# Said of a sheet that is left out, with the heads that were looked for.
NOT_READ = "Bỏ qua trang tính này: ở các hàng đầu không có %s."
_SOUGHT = "hàng tiêu đề có “Mã đơn vị” và mã các tiêu chí, hoặc “Mã tiêu chí” và cột điểm"
_NO_HEADER = f"Không tìm thấy {_SOUGHT}; hãy dùng tệp mẫu và không trộn ô ở hàng này."


def _unread(table: Table) -> Finding:
    is_stage = fold(table.name) in _SHEET_STAGES or not table.name
    message = _NO_HEADER if is_stage else NOT_READ % _SOUGHT
    return Finding(message, sheet=table.name, is_error=is_stage)


def _layout(table: Table, known: set[str]) -> Layout | None:
    for number, row in enumerate(table.rows[:HEADER_ROWS]):
        columns = labelled(row, _LABELS)
        criteria = {
            place: text_of(cell)
            for place, cell in enumerate(row)
            if place not in columns.values() and text_of(cell) in known
        }
        if criteria and ("unit_code" in columns or "unit_name" in columns):
            return Layout(table, number, columns, criteria)
        if "criterion" in columns and any(label in columns for label in (*_POINTS, *INPUTS)):
            return Layout(table, number, columns)
    return None


def labelled(row: list[object], labels: Mapping[str, str]) -> dict[str, int]:
    """Return the column of each label a header row has; the first where one is written twice."""
    found: dict[str, int] = {}
    for place, cell in enumerate(row):
        key = labels.get(fold(text_of(cell)))
        if key:
            found.setdefault(key, place)
    return found


def _header_findings(layout: Layout, known: set[str]) -> Iterator[Finding]:
    """Columns that cannot be told, and blocks of cells that hide values."""
    row = layout.table.rows[layout.header]
    used = set(layout.columns.values()) | set(layout.criteria)
    seen: dict[str, int] = {}
    for place, code in layout.criteria.items():
        if code in seen:
            yield at_cell(layout.table, layout.header, place, "Mã tiêu chí lặp lại ở tiêu đề.")
        elif isinstance(row[place], float) and f"{code}0" in known:
            yield at_cell(
                layout.table, layout.header, place, f"Không rõ là {code} hay {code}0; hãy ghi dạng chữ."
            )
        seen.setdefault(code, place)
    for place, cell in enumerate(row):
        text = text_of(cell)
        if text and place not in used:
            yield from _unknown_column(layout, place, text)
    for (top, left), (bottom, right) in layout.table.merged:
        if bottom > layout.header and bottom >= top and (bottom > top or right > left):
            yield at_cell(
                layout.table,
                max(top, layout.header + 1),
                left,
                "Ô bị trộn; hãy bỏ trộn ô trong bảng số liệu.",
            )


def _unknown_column(layout: Layout, place: int, text: str) -> Iterator[Finding]:
    if not layout.is_wide:
        return
    is_code = text[0].isdigit()
    message = (
        "Bộ tiêu chí của năm không có tiêu chí thành phần mã này."
        if is_code
        else "Không nhận ra cột này nên bỏ qua."
    )
    yield at_cell(layout.table, layout.header, place, message, is_error=is_code)
