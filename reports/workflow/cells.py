"""What does one write make of a score? The value asked for, what stands against it, and what it changes. No queries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal

from reports import stages
from reports.automatic import Calculation, Figures, bound_inputs, calculation, parsed_rule
from reports.models import AssessmentYear, Criterion, Judgement, PointsState, Score, ScoreOrigin
from reports.numbers_vi import number
from reports.rules import AboveWhole, InputError, RatioRule, Rule
from reports.stages import Cell, Stage

Outcome = Literal["saved", "unchanged", "refused", "conflict"]
FOUR_PLACES = Decimal("0.0001")
GIVEN_STATES = frozenset(PointsState.values) - {PointsState.NOT_PUBLISHED}
FIELDS: Mapping[Cell, tuple[str, ...]] = {
    Cell.SELF: ("self_state", "self_points", "self_inputs", "self_note"),
    Cell.APPRAISED: ("appraised_state", "appraised_points", "appraised_reason"),
    Cell.SURVEY: ("survey_state", "survey_points"),
    Cell.REPLY: ("reply",),
}
WRITTEN = tuple(name for fields in FIELDS.values() for name in fields)
ORIGINS = {
    Cell.SELF: (ScoreOrigin.APPRAISED, ScoreOrigin.BOTH),
    Cell.APPRAISED: (ScoreOrigin.APPRAISED, ScoreOrigin.BOTH),
    Cell.REPLY: (ScoreOrigin.APPRAISED, ScoreOrigin.BOTH),
    Cell.SURVEY: (ScoreOrigin.SURVEY, ScoreOrigin.BOTH),
}
NOT_OF_THIS_CELL = {
    Cell.SELF: "Điểm của tiêu chí này do điều tra xã hội học xác định, đơn vị không tự chấm.",
    Cell.APPRAISED: "Điểm của tiêu chí này do điều tra xã hội học xác định, không thẩm định.",
    Cell.REPLY: "Tiêu chí này không qua thẩm định nên không có giải trình.",
    Cell.SURVEY: "Điểm của tiêu chí này không do điều tra xã hội học xác định.",
}
# In which stage of judging a value was given; a late appraisal during the replies still belongs to the first round.
ROUNDS = {
    Stage.ROUND1: Judgement.Stage.ROUND1,
    Stage.REPLY: Judgement.Stage.ROUND1,
    Stage.ROUND2: Judgement.Stage.ROUND2,
}


@dataclass(frozen=True)
class CellWrite:
    """A value somebody wants to write.

    `stage` is "self", "appraised", "survey" or "reply". `inputs` are the rule's variables as stored (`rule_inputs`);
    where they are complete `points` may be None and the rule gives them. `note` is the unit's remark, the reply, or a
    reason of this one cell; None leaves the unit's remark as it is. `expected_version` is the score's version the
    writer saw (0: there was no row), None to write whatever stands there.
    """

    criterion_id: int
    stage: str
    state: str = PointsState.NOT_ENTERED
    points: Decimal | None = None
    inputs: Mapping[str, str] = field(default_factory=dict)
    note: str | None = None
    reason: str = ""
    expected_version: int | None = None


@dataclass(frozen=True)
class Wanted:
    """The fields a write would set, the rule's own value, and the reason that goes with it."""

    fields: Mapping[str, object]
    reason: str
    refusal: str | None = None

    def changes(self, score: Score) -> bool:
        return any(getattr(score, name) != value for name, value in self.fields.items())


def wanted(
    score: Score,
    criterion: Criterion,
    write: CellWrite,
    figures: Figures,
    fallback: str,
    surveyed: Calculation | None = None,
) -> Wanted:
    """Return what a write asks for; `fallback` is the reason of the whole act; a refusal says what is wrong.

    `surveyed` is what the counted answers of a survey give, None where none were counted.
    """
    cell = Cell(write.stage)
    if cell == Cell.REPLY:
        text = (write.note if write.note is not None else write.reason).strip()
        return Wanted({"reply": text}, text)
    rule = parsed_rule(criterion)
    reason = ((write.note if cell != Cell.SELF else "") or write.reason or fallback).strip()
    try:
        counted = calculation(rule, write.inputs, figures) if rule is not None else None
    except (InputError, ArithmeticError, KeyError) as error:
        return Wanted(_fields(cell, score, write, reason), reason, str(error))
    filled = _filled(write, counted) if cell == Cell.SELF else write
    refusal = _value_refusal(filled, criterion) or (
        _self_refusal(filled, score, rule, counted, figures)
        if cell == Cell.SELF
        else _reason_refusal(cell, filled, score, counted, reason)
        or (_survey_refusal(filled, surveyed, reason) if cell == Cell.SURVEY else None)
    )
    return Wanted(_fields(cell, score, filled, reason), reason, refusal)


def correction_refusal(year: AssessmentYear, reason: str) -> str | None:
    """Return why a decided value cannot be changed like this: it needs a reason."""
    return "Kết quả đã chốt: phải nêu lý do sửa." if stages.is_correction(year.stage) and not reason else None


def value_text(state: str, points: Decimal | None) -> str | None:
    """Return a value as the audit writes it: exact points, or the name of the empty state; None: not entered."""
    if state == PointsState.NOT_ENTERED:
        return None
    return state if points is None else plain(points)


def plain(points: Decimal) -> str:
    """Return points without trailing zeros: 1.5000 → "1.5"."""
    return f"{points.normalize():f}"


def audited(score: Score, cell: Cell) -> dict[str, str | None]:
    """Return what the audit compares of a cell: a value with its state under the name of its points."""
    if cell == Cell.REPLY:
        return {"reply": score.reply or None}
    found = {f"{cell}_points": value_text(getattr(score, f"{cell}_state"), getattr(score, f"{cell}_points"))}
    if cell == Cell.SELF:
        inputs = score.self_inputs
        found["self_inputs"] = json.dumps(inputs, ensure_ascii=False, sort_keys=True) if inputs else None
        found["self_note"] = score.self_note or None
    if cell == Cell.APPRAISED:
        found["appraised_reason"] = score.appraised_reason or None
    return found


def above_whole_refusal(rule: Rule | None, counted: Calculation, note: str) -> str | None:
    """Return why a part may not be more than its whole, as the rule declares; the system's figures have own checks."""
    if not isinstance(rule, RatioRule) or counted.is_automatic or counted.ratio is None or counted.ratio <= 1:
        return None
    if rule.above_whole == AboveWhole.ALLOWED or (rule.above_whole == AboveWhole.EXPLAINED and note.strip()):
        return None
    part, whole = (number(term.value, 4) for term in counted.terms)
    said = f"{part}/{whole} = {number(counted.ratio * 100)} %, phần lớn hơn tổng số"
    if rule.above_whole == AboveWhole.REFUSED:
        return f"{said}: không thể đúng, hãy sửa lại."
    return f"{said}; hãy sửa lại, hoặc nêu lý do ở phần thuyết minh."


def judged(
    score: Score, cell: Cell, year: AssessmentYear, reason: str
) -> tuple[int, str, str, Decimal | None, Mapping[str, str], str]:
    """Return what is remembered of a write: score, stage, state, points, inputs, reason."""
    part = "appraised" if cell == Cell.REPLY else str(cell)
    stage = ROUNDS.get(Stage(year.stage), Judgement.Stage.COUNCIL) if cell == Cell.APPRAISED else cell
    return (
        score.pk,
        str(stage),
        getattr(score, f"{part}_state"),
        getattr(score, f"{part}_points"),
        score.self_inputs if cell == Cell.SELF else {},
        score.self_note if cell == Cell.SELF else reason,
    )


def _fields(cell: Cell, score: Score, write: CellWrite, reason: str) -> dict[str, object]:
    found: dict[str, object] = {f"{cell}_state": write.state, f"{cell}_points": write.points}
    if cell == Cell.SELF:
        found["self_inputs"] = dict(write.inputs)
        found["self_note"] = score.self_note if write.note is None else write.note.strip()
    if cell == Cell.APPRAISED:
        is_same = value_text(write.state, write.points) == value_text(
            score.appraised_state, score.appraised_points
        )
        found["appraised_reason"] = score.appraised_reason if is_same and not reason else reason
    return found


def _filled(write: CellWrite, counted: Calculation | None) -> CellWrite:
    """Take the points, and a denominator of zero, from the rule where the writer leaves them to it."""
    if write.state != PointsState.VALUE or write.points is not None or counted is None:
        return write
    return CellWrite(**{**vars(write), "state": counted.state, "points": counted.points})


def _value_refusal(write: CellWrite, criterion: Criterion) -> str | None:
    if write.state not in GIVEN_STATES:
        return "Tình trạng điểm không hợp lệ."
    if write.state != PointsState.VALUE:
        if write.points is not None:
            return "Không có điểm thì để trống ô điểm."
        is_declared = "not_applicable" in criterion.rule
        if write.state == PointsState.NOT_APPLICABLE and not is_declared:
            return f"Quy tắc của tiêu chí {criterion.code} không cho phép “không áp dụng”."
        return None
    return _points_refusal(write.points, criterion)


def _points_refusal(points: Decimal | None, criterion: Criterion) -> str | None:
    if points is None:
        return "Chưa có điểm, hoặc chưa đủ số liệu để tính điểm theo quy tắc."
    if not points.is_finite() or points < 0:
        return "Điểm phải từ 0 trở lên."
    if points != points.quantize(FOUR_PLACES):
        return "Điểm có nhiều nhất 4 chữ số thập phân."
    if criterion.max_points is not None and points > criterion.max_points:
        return f"{number(points, 4)} vượt điểm tối đa {number(criterion.max_points, 4)} của tiêu chí {criterion.code}."
    return None


def _self_refusal(
    write: CellWrite, score: Score, rule: Rule | None, counted: Calculation | None, figures: Figures
) -> str | None:
    """Refuse points that are not what the rule gives: the system's figures stand, one's own ask for a remark."""
    if rule is None or write.state == PointsState.NOT_ENTERED:
        return None
    for name, known in bound_inputs(rule, figures).items():
        if write.inputs.get(name) and Decimal(write.inputs[name]) != known:
            return f"Hệ thống đã có số liệu {number(known, 4)}; đơn vị không nhập số khác ({write.inputs[name]})."
    note = score.self_note if write.note is None else write.note
    if counted is None:
        return None
    if refusal := above_whole_refusal(rule, counted, note):
        return refusal
    if counted.gives(write.state, write.points):
        return None
    if counted.is_automatic:
        return (
            f"Điểm tính từ số liệu của hệ thống là {_said(counted)}; chỉ người thẩm định được sửa, kèm lý do."
        )
    if not note.strip():
        return (
            f"Theo số liệu đã nhập, quy tắc cho {_said(counted)}; nếu khác, hãy nêu lý do ở phần thuyết minh."
        )
    return None


def _reason_refusal(
    cell: Cell, write: CellWrite, score: Score, counted: Calculation | None, reason: str
) -> str | None:
    if cell != Cell.APPRAISED or reason or write.state == PointsState.NOT_ENTERED:
        return None
    if counted is not None and counted.is_automatic and not counted.gives(write.state, write.points):
        return f"Điểm tính từ số liệu của hệ thống là {_said(counted)}; phải nêu lý do chấm khác."
    own = value_text(score.self_state, score.self_points)
    if own is None and counted is not None and counted.is_automatic:
        return None
    if value_text(write.state, write.points) != own:
        return "Điểm thẩm định khác điểm tự chấm: phải nêu lý do."
    return None


def _survey_refusal(write: CellWrite, surveyed: Calculation | None, reason: str) -> str | None:
    if surveyed is None or reason or surveyed.gives(write.state, write.points):
        return None
    return f"Số phiếu đã nhập cho {_said(surveyed)}; phải nêu lý do ghi khác."


def _said(counted: Calculation) -> str:
    return "“không áp dụng”" if counted.points is None else f"{number(counted.points, 4)} điểm"
