"""What does a file say of a rule's variables? Cells beside the points → inputs as they are stored, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from districts.names import fold
from reports import rule_inputs
from reports.numbers_vi import number
from reports.readers import ReadError, parse_state, read_as, text_of
from reports.rule_inputs import Question
from reports.rules import PercentOfMax, Rule

from .findings import Finding, at_cell
from .layout import INPUTS, Layout

BROKEN = "Ô công thức bị lỗi (#REF!, #DIV/0!…); hãy sửa công thức hoặc ghi số."
NO_RESULT = "Ô công thức chưa có kết quả; hãy mở tệp bằng bảng tính, lưu lại hoặc ghi số."
FROM_FORMULA = "Ô công thức: lấy kết quả đã lưu là %s."
TOO_LARGE = Decimal(10) ** 15


@dataclass(frozen=True)
class Asked:
    """What a component asks of a unit, what is stored, and what the system already knows, by variable."""

    rule: Rule | None
    stored: Mapping[str, str]
    known: Mapping[str, Decimal]


def shown(rule: Rule, question: Question, stored: str) -> str:
    """Return a stored input as a file shows it: the words of a choice, a decimal comma, a percent with its mark."""
    if not stored:
        return ""
    if question.choices:
        return dict(question.choices).get(stored, stored)
    text = f"{Decimal(stored):f}"
    text = (text.rstrip("0").rstrip(".") if "." in text else text).replace(".", ",") or "0"
    return f"{text}%" if isinstance(rule, PercentOfMax) else text


def in_words(rule: Rule | None, inputs: Mapping[str, str]) -> str:
    """Return inputs for people: "đã giải quyết: 9; tổng số: 10"; empty where there are none."""
    if rule is None:
        return ""
    asked = rule_inputs.questions(rule)
    said = [(one.label, _in_words(rule, one, inputs.get(one.name, ""))) for one in asked]
    return "; ".join(f"{label}: {text}" for label, text in said if text)


def _in_words(rule: Rule, question: Question, stored: str) -> str:
    """Return an input as pages print it: a number with its thousands."""
    if not stored or question.choices or isinstance(rule, PercentOfMax):
        return shown(rule, question, stored)
    return number(Decimal(stored), 4)


def read_inputs(
    layout: Layout, number_: int, row: list[object], asked: Asked
) -> tuple[Mapping[str, str], list[Finding]]:
    """Return a component's inputs after a row of a file, and what is to be said of its cells.

    What the row leaves empty, or as it was exported, stays as stored; where a finding is an error nothing is taken.
    """
    questions = rule_inputs.questions(asked.rule)
    found, findings = dict(asked.stored), list[Finding]()
    for place, name in enumerate(INPUTS):
        column = layout.columns.get(name)
        if column is None:
            continue
        try:
            if place >= len(questions):
                _require_empty(layout, number_, row, column)
                continue
            text, remark = _answer(layout, (number_, column), row, asked, questions, place)
        except ReadError as error:
            findings.append(at_cell(layout.table, number_, column, str(error)))
            continue
        found[questions[place].name] = text
        if remark:
            findings.append(at_cell(layout.table, number_, column, remark, is_error=False))
    kept = {name: text for name, text in found.items() if text != ""}
    return (asked.stored if kept == asked.stored else kept), findings


def stray_inputs(layout: Layout, number_: int, row: list[object]) -> Iterator[Finding]:
    """Yield an error for each variable that is given where no self-score is."""
    for name in INPUTS:
        column = layout.columns.get(name)
        if column is not None and text_of(layout.cell(row, name)):
            yield at_cell(layout.table, number_, column, "Số liệu chỉ ghi cùng điểm tự chấm.")


def _require_empty(layout: Layout, number_: int, row: list[object], column: int) -> None:
    raw = row[column] if column < len(row) else None
    if text_of(raw) or (number_, column) in layout.table.broken:
        raise ReadError("Tiêu chí này không có số liệu ở cột này; hãy để trống.")


def _answer(
    layout: Layout,
    place: tuple[int, int],
    row: list[object],
    asked: Asked,
    questions: Sequence[Question],
    nth: int,
) -> tuple[str, str]:
    """Return one answer as stored, and a remark on how it was read. Raises ReadError."""
    question, table = questions[nth], layout.table
    raw = row[place[1]] if place[1] < len(row) else None
    stored = asked.stored.get(question.name, "")
    if place in table.broken:
        raise ReadError(BROKEN)
    if not text_of(raw):
        if place in table.formulas:
            raise ReadError(NO_RESULT)
        return stored, ""
    said = text_of(layout.cell(row, f"label_{nth + 1}"))
    if said and fold(said) != fold(question.label):
        raise ReadError(f"Hàng này ghi số liệu “{said}”, tiêu chí hỏi “{question.label}”; hãy tải mẫu mới.")
    assert asked.rule is not None
    if question.name in asked.known:
        _require_known(asked.rule, question, raw, asked.known[question.name])
        return stored, ""
    if text_of(raw) == shown(asked.rule, question, stored) or (
        not question.choices and _is_number(raw, stored)
    ):
        return stored, ""
    text = _typed(asked.rule, question, raw, stored)
    return text, _remark(question, raw, text, is_formula=place in table.formulas)


def _is_number(raw: object, stored: str) -> bool:
    """Whether a cell holds the number that is stored: a workbook that comes back as it was changes nothing."""
    return isinstance(raw, int | float) and stored != "" and text_of(raw) == text_of(float(stored))


def _typed(rule: Rule, question: Question, raw: object, stored: str) -> str:
    if question.choices:
        return _choice(question, raw)
    if state := parse_state(raw):
        return _cleared(state)
    text = rule_inputs.read(rule, question.name, raw)
    value = Decimal(text or 0)
    if value < 0:
        raise ReadError(f"{question.label}: phải từ 0 trở lên.")
    if value >= TOO_LARGE:
        raise ReadError(f"{question.label}: số quá lớn.")
    return stored if stored and Decimal(stored) == value else text


def _choice(question: Question, raw: object) -> str:
    text = text_of(raw)
    for spell in (text_of, lambda words: fold(text_of(words))):
        found = [key for key, label in question.choices if spell(label) == spell(text)]
        if len(found) == 1:
            return found[0]
        if found:
            raise ReadError(f"{question.label}: có nhiều lựa chọn tên “{text}”; hãy nhập trên trang.")
    if state := parse_state(raw):
        return _cleared(state)
    listed = ", ".join(f"“{label}”" for _, label in question.choices)
    raise ReadError(f"{question.label}: không có lựa chọn này; hãy ghi một trong: {listed}.")


def _cleared(state: str) -> str:
    if state != "not_entered":
        raise ReadError("Ô này ghi số liệu; tình trạng ghi ở cột “Tình trạng”.")
    return ""


def _require_known(rule: Rule, question: Question, raw: object, known: Decimal) -> None:
    if text_of(raw) == shown(rule, question, f"{known:f}"):
        return
    if Decimal(rule_inputs.read(rule, question.name, raw) or 0) != known:
        raise ReadError(
            f"Hệ thống đã có số liệu {number(known, 4)}; đơn vị không nhập số khác, hãy để trống ô này."
        )


def _remark(question: Question, raw: object, text: str, *, is_formula: bool) -> str:
    if not text or question.choices:
        return ""
    if is_formula:
        return FROM_FORMULA % number(Decimal(text), 4)
    return read_as(raw, Decimal(text))
