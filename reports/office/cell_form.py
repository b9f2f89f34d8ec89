"""What did somebody type in a row of the grid? Texts of the form → a write, or why it cannot be one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from django.http import QueryDict

from reports import rule_inputs
from reports.automatic import Calculation, calculation
from reports.models import PointsState
from reports.numbers_vi import number
from reports.readers import ReadError, parse_decimal, parse_state, text_of, whole_number
from reports.rules import InputError, Reason
from reports.summaries.office import NOTHING_TO_SCORE
from reports.summaries.sheet import Row
from reports.workflow.cells import CellWrite, above_whole_refusal

MAX_NOTE = 4000
STATES = (
    (PointsState.VALUE, "có điểm"),
    (PointsState.NOT_ENTERED, "chưa nhập"),
    (PointsState.NOT_APPLICABLE, "không áp dụng"),
    (PointsState.NOT_ASSESSED, "không đánh giá"),
)
# What is stored of points.
DIGITS = 4


class Refused(ValueError):
    """The row cannot be written; the message says why in Vietnamese, `field` names the column."""

    def __init__(self, message: str, field: str = "points") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class Typed:
    """One row as posted: nothing of it is read yet."""

    criterion_id: int
    version: int
    state: str
    points: str
    note: str
    inputs: Mapping[str, str] = field(default_factory=dict)


def typed_rows(posted: QueryDict) -> list[Typed]:
    """Return the rows a form has sent: `row` names each, its fields end in the component's key."""
    keys = list(dict.fromkeys(key for key in posted.getlist("row") if whole_number(key)))
    return [_typed(posted, key) for key in keys]


def _typed(posted: QueryDict, key: str) -> Typed:
    prefix = f"in-{key}-"
    version = posted.get(f"version-{key}", "")
    if key in posted.getlist("keep"):
        # Who was shown both values and keeps their own writes on the newer version.
        version = posted.get(f"theirs-{key}", version)
    return Typed(
        criterion_id=int(key),
        version=whole_number(version) or 0,
        state=posted.get(f"state-{key}", ""),
        points=posted.get(f"points-{key}", ""),
        note=posted.get(f"note-{key}", ""),
        inputs={
            name.removeprefix(prefix): posted.get(name, "") for name in posted if name.startswith(prefix)
        },
    )


def is_changed(row: Row, typed: Typed) -> bool:
    """Return whether the row says anything else than what is stored: what was not touched is not written."""
    shown = shown_texts(row)
    return (
        (typed.state or shown.state) != shown.state
        or text_of(typed.points) != shown.points
        or text_of(typed.note) != text_of(shown.note)
        or any(text_of(text) != shown.inputs.get(name, "") for name, text in typed.inputs.items())
    )


def shown_texts(row: Row) -> Typed:
    """Return a row's stored values as its fields show them."""
    score = row.score
    inputs = {q.name: shown_input(score.self_inputs.get(q.name, ""), bool(q.choices)) for q in row.questions}
    return Typed(
        criterion_id=row.criterion.pk,
        version=row.version,
        state=str(score.self_state),
        points="" if score.self_points is None else plain(score.self_points),
        note=score.self_note,
        inputs=inputs,
    )


def plain(value: Decimal) -> str:
    """Return a number as it is typed: a decimal comma, no thousands, no trailing zeros."""
    text = f"{value:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return (text or "0").replace(".", ",")


def shown_input(stored: str, is_choice: bool) -> str:
    return stored if is_choice or not stored else plain(Decimal(stored))


def written(row: Row, typed: Typed) -> CellWrite:
    """Return what to write. Raises Refused.

    Where the rule's questions are all answered the rule gives the points; other points must have been typed, and
    `write_cells` asks them for a remark.
    """
    if row.is_survey:
        raise Refused("Điểm điều tra xã hội học do cơ quan tổ chức đánh giá nhập.")
    note = typed.note.strip().replace("\r\n", "\n")
    if len(note) > MAX_NOTE:
        raise Refused(f"Thuyết minh dài quá {MAX_NOTE} ký tự.", "note")
    inputs = _inputs(row, typed)
    state, points = _state_and_points(row, typed, inputs)
    return CellWrite(
        criterion_id=row.criterion.pk,
        stage="self",
        state=state,
        points=points,
        inputs=inputs,
        note=note,
        expected_version=typed.version,
    )


def _inputs(row: Row, typed: Typed) -> dict[str, str]:
    stored, before = {}, shown_texts(row).inputs
    for question in row.questions:
        if question.name in row.bound:
            continue
        if typed.inputs.get(question.name, "") == before[question.name]:
            # As it was shown: it may be of a time when the rule's numbers were read otherwise.
            if text := row.score.self_inputs.get(question.name, ""):
                stored[question.name] = text
            continue
        try:
            text = (
                rule_inputs.read(row.rule, question.name, typed.inputs.get(question.name, ""))
                if row.rule
                else ""
            )
        except ReadError as error:
            raise Refused(str(error), f"in-{question.name}") from error
        if text:
            stored[question.name] = text
    return stored


def _state_and_points(row: Row, typed: Typed, inputs: dict[str, str]) -> tuple[str, Decimal | None]:
    said, before = parse_state(typed.points), shown_texts(row)
    state = said or typed.state or before.state
    if state not in PointsState.values or state == PointsState.NOT_PUBLISHED:
        raise Refused("Không có tình trạng này.", "state")
    is_overruled = (
        state == before.state and not said and (text_of(typed.points) or inputs != row.score.self_inputs)
    )
    if state in NOTHING_TO_SCORE and not is_overruled:
        return state, None
    if state == PointsState.NOT_ENTERED and state != before.state:
        # Chosen just now: the figures stay, the points go.
        return state, None
    points = None if said else _points(row, typed.points)
    is_retyped = text_of(typed.points) != before.points
    counted = calculated(row, inputs)
    if counted is not None and not (is_retyped and points is not None):
        is_same = inputs == row.score.self_inputs and row.score.self_state == PointsState.VALUE
        if is_same and not is_retyped:
            return PointsState.VALUE, row.score.self_points
        return counted.state, counted.points
    if counted is None and not is_retyped and calculated(row, row.score.self_inputs) is not None:
        # The points were the rule's, and what they came from is gone.
        points = None
    return (PointsState.NOT_ENTERED, None) if points is None else (PointsState.VALUE, points)


def _points(row: Row, typed: str) -> Decimal | None:
    try:
        points = parse_decimal(typed, digits=DIGITS)
    except ReadError as error:
        raise Refused(str(error)) from error
    limit = row.criterion.max_points
    if points is not None and points < 0:
        raise Refused("Điểm phải từ 0 trở lên.")
    if points is not None and limit is not None and points > limit:
        raise Refused(f"{number(points, DIGITS)} vượt điểm tối đa {number(limit, DIGITS)}.")
    return points


def calculated(row: Row, inputs: Mapping[str, str]) -> Calculation | None:
    """Return what the rule gives, None where something is missing. Raises Refused for what cannot be."""
    if row.rule is None or row.is_survey:
        return None
    try:
        return calculation(row.rule, inputs, row.figures)
    except InputError as error:
        raise Refused(str(error), f"in-{row.questions[0].name}" if row.questions else "points") from error


def explained(row: Row) -> str:
    """Return the automatic calculation of a row in words, empty where nothing was answered yet."""
    try:
        counted = calculated(row, row.score.self_inputs)
    except Refused as error:
        return str(error)
    if counted is not None:
        is_to_take = counted.is_automatic and row.score.self_state == PointsState.NOT_ENTERED
        doubt = above_whole_refusal(row.rule, counted, row.score.self_note)
        said = [_calculation(counted), doubt, "Chọn “có điểm” để nhận." if is_to_take else ""]
        return " ".join(text for text in said if text)
    given = {*row.score.self_inputs, *row.bound}
    missing = [question.label for question in row.questions if question.name not in given]
    return f"Còn thiếu: {', '.join(missing)}." if given and missing else ""


def _calculation(counted: Calculation) -> str:
    if counted.points is None:
        return "Mẫu số bằng 0: coi là không áp dụng."
    points = number(counted.points, DIGITS)
    clause = {
        Reason.BELOW_FLOOR: ", dưới mức tối thiểu",
        Reason.CAPPED: ", đã đến mức tối đa",
        Reason.ZERO_DENOMINATOR: ", mẫu số bằng 0",
    }.get(counted.reason, "")
    if counted.ratio is None:
        return f"Tự tính: {points} điểm{clause}."
    return f"Tự tính: {points} điểm (tỷ lệ {number(counted.ratio * 100)} %{clause})."
