"""Where in a table are a survey's answers? Counted, a row a question; or a row a form, as survey tools export."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from districts.names import fold
from reports.readers import text_of
from reports.rules import Survey
from reports.sheet_files import Table

from .findings import Finding, at_cell
from .layout import CRITERION_CODE, HEADER_ROWS, NOT_READ, OWN_SHEETS, UNIT_CODE, UNIT_NAME, labelled

QUESTION, GROUP_CODE, GROUP_NAME = "Câu hỏi", "Mã nhóm", "Nhóm trả lời"
ANSWER_HEADERS = (UNIT_CODE, UNIT_NAME, CRITERION_CODE, QUESTION, GROUP_CODE, GROUP_NAME)
_LABELS = {
    "ma don vi": "unit_code",
    "don vi": "unit_name",
    "ten don vi": "unit_name",
    "ma tieu chi": "criterion",
    "cau hoi": "question",
    "ma nhom": "group",
    "nhom": "group_name",
    "nhom tra loi": "group_name",
    "nhom doi tuong": "group_name",
}
_NUMBERED = re.compile(r"(?:q|c|câu|cau)\s*(\d{1,3})", re.IGNORECASE)
_CODED = re.compile(r"(\S+?)\s*[-/_ ]\s*(?:q|c|câu|cau)?\s*(\d{1,3})", re.IGNORECASE)
SOUGHT = (
    "hàng tiêu đề có “Mã đơn vị” cùng “Mã tiêu chí”, “Câu hỏi” và các phương án, "
    "hoặc có “Mã đơn vị” và các câu q1, q2, …"
)
NO_HEADER = f"Không tìm thấy {SOUGHT}; hãy dùng tệp mẫu."
Question = tuple[str, int]


@dataclass(frozen=True)
class AnswerLayout:
    """A table whose header row is found: columns of its labels, and of options or of questions.

    A question is (component, number in it); "" where the row itself names the component.
    """

    table: Table
    header: int
    columns: Mapping[str, int]
    options: Mapping[int, str] = field(default_factory=dict)
    questions: Mapping[int, Question] = field(default_factory=dict)

    @property
    def is_raw(self) -> bool:
        """Whether each row is one person's form."""
        return bool(self.questions)

    @property
    def known_columns(self) -> frozenset[int]:
        """The columns that are read; nothing else of a form is anybody's business."""
        return frozenset({*self.columns.values(), *self.options, *self.questions})

    @property
    def strange_questions(self) -> list[int]:
        """The columns named like questions that no component asks."""
        header = self.table.rows[self.header] if self.is_raw else []
        named = (place for place, cell in enumerate(header) if _NUMBERED.fullmatch(text_of(cell)))
        return [place for place in named if place not in self.questions]

    def rows(self) -> Iterator[tuple[int, list[object]]]:
        """Yield the rows below the header that have any text in a column that is read, counted from 0."""
        for number in range(self.header + 1, len(self.table.rows)):
            row = self.table.rows[number]
            if any(text_of(row[column]) for column in self.known_columns if column < len(row)):
                yield number, row

    def cell(self, row: Sequence[object], label: str) -> object:
        column = self.columns.get(label)
        return row[column] if column is not None and column < len(row) else None


def answer_layouts(
    tables: Sequence[Table], components: Mapping[str, Survey]
) -> tuple[list[AnswerLayout], list[Finding]]:
    """Return the tables that hold answers to the components, by code, and what is wrong with the others."""
    layouts, findings = [], []
    for table in tables:
        if fold(table.name) in OWN_SHEETS:
            continue
        layout = answer_layout(table, components)
        if layout is None:
            findings.append(Finding(NOT_READ % SOUGHT, sheet=table.name, is_error=False))
        else:
            layouts.append(layout)
            findings += _header_findings(layout)
    if not layouts:
        findings.append(Finding(NO_HEADER))
    return layouts, findings


def answer_layout(table: Table, components: Mapping[str, Survey]) -> AnswerLayout | None:
    """Return where a table holds answers, None where it holds none."""
    options = {option.key.casefold(): option.key for rule in components.values() for option in rule.options}
    for number, row in enumerate(table.rows[:HEADER_ROWS]):
        columns = labelled(row, _LABELS)
        free = {
            place: text_of(cell)
            for place, cell in enumerate(row)
            if text_of(cell) and place not in columns.values()
        }
        if "unit_code" not in columns and "unit_name" not in columns:
            continue
        if {"criterion", "question"} <= columns.keys():
            found = {
                place: options[key] for place, text in free.items() if (key := text.casefold()) in options
            }
            if found:
                return AnswerLayout(table, number, columns, options=found)
        questions = _questions(free, components, has_criterion="criterion" in columns)
        if questions:
            return AnswerLayout(table, number, columns, questions=questions)
    return None


def _questions(
    headers: Mapping[int, str], components: Mapping[str, Survey], *, has_criterion: bool
) -> dict[int, Question]:
    asked = [(code, number) for code, rule in components.items() for number in range(1, rule.questions + 1)]
    found: dict[int, Question] = {}
    for place, text in headers.items():
        if numbered := _NUMBERED.fullmatch(text):
            number = int(numbered[1])
            if has_criterion:
                found[place] = ("", number)
            elif 1 <= number <= len(asked):
                found[place] = asked[number - 1]
        elif (coded := _CODED.fullmatch(text)) and (coded[1], int(coded[2])) in asked:
            found[place] = (coded[1], int(coded[2]))
    return found


def _header_findings(layout: AnswerLayout) -> Iterator[Finding]:
    seen: set[object] = set()
    for place, meant in {**layout.options, **layout.questions}.items():
        if meant in seen:
            yield at_cell(layout.table, layout.header, place, "Cột này lặp lại ở tiêu đề.")
        seen.add(meant)
    for place in layout.strange_questions:
        yield at_cell(layout.table, layout.header, place, "Bộ tiêu chí của năm không có câu hỏi này.")
    yield from merged_findings(layout)


def merged_findings(layout: AnswerLayout) -> Iterator[Finding]:
    """Blocks of cells below the header that hide answers."""
    for (top, left), (bottom, right) in layout.table.merged:
        if bottom > layout.header and (bottom > top or right > left):
            place = max(top, layout.header + 1)
            yield at_cell(layout.table, place, left, "Ô bị trộn; hãy bỏ trộn ô trong bảng số liệu.")
