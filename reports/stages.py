"""Which step leads from where to where? The stages of a year, the statuses of a sheet, and what is open when. Pure.

A year goes prepare → self_scoring → submitted → round1 → reply → round2 → council → final → published; it may skip
the second round or the council. A year known only by its totals goes from prepare to published at once. A year that is
not published may step back by one stage, but never to prepare: its sheets follow the rules that were set there. A sheet
goes open → submitted → appraised → replied → closed, or back to open (its unit takes it back) or to returned; what it
may do depends on its year's stage. A reopened sheet (a publisher let it in until a day) may be written and submitted
although its year has gone on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """Where a year stands, in order; mirrors reports.models.AssessmentYear.Stage."""

    PREPARE = "prepare"
    SELF_SCORING = "self_scoring"
    SUBMITTED = "submitted"
    ROUND1 = "round1"
    REPLY = "reply"
    ROUND2 = "round2"
    COUNCIL = "council"
    FINAL = "final"
    PUBLISHED = "published"


class Status(StrEnum):
    """Where a sheet stands; mirrors reports.models.ScoreSheet.Status."""

    OPEN = "open"
    RETURNED = "returned"
    SUBMITTED = "submitted"
    APPRAISED = "appraised"
    REPLIED = "replied"
    CLOSED = "closed"
    NOT_REPORTED = "not_reported"


class Step(StrEnum):
    """What a person can do to a sheet or to a year; the value is the last part of its address."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    SEND_BACK = "send_back"
    FINISH_APPRAISAL = "finish_appraisal"
    SEND_REPLY = "send_reply"
    CLOSE_SHEET = "close_sheet"
    REOPEN = "reopen"
    MARK_NOT_REPORTED = "mark_not_reported"
    OPEN_YEAR = "open_year"
    CLOSE_ENTRY = "close_entry"
    OPEN_APPRAISAL = "open_appraisal"
    OPEN_REPLIES = "open_replies"
    OPEN_SECOND_ROUND = "open_second_round"
    OPEN_COUNCIL = "open_council"
    DECIDE = "decide"
    STEP_BACK = "step_back"
    PUBLISH = "publish"
    CORRECT = "correct"


class Cell(StrEnum):
    """What is written of a component."""

    SELF = "self"
    APPRAISED = "appraised"
    SURVEY = "survey"
    REPLY = "reply"


LABELS: Mapping[Step, str] = {
    Step.SUBMIT: "Nộp phiếu",
    Step.WITHDRAW: "Rút lại phiếu",
    Step.SEND_BACK: "Trả lại để sửa",
    Step.FINISH_APPRAISAL: "Hoàn thành thẩm định",
    Step.SEND_REPLY: "Gửi giải trình",
    Step.CLOSE_SHEET: "Chốt phiếu",
    Step.REOPEN: "Mở lại phiếu",
    Step.MARK_NOT_REPORTED: "Ghi nhận không nộp báo cáo",
    Step.OPEN_YEAR: "Mở kỳ đánh giá",
    Step.CLOSE_ENTRY: "Khóa tự chấm điểm",
    Step.OPEN_APPRAISAL: "Bắt đầu thẩm định",
    Step.OPEN_REPLIES: "Mở giải trình",
    Step.OPEN_SECOND_ROUND: "Bắt đầu thẩm định lần 2",
    Step.OPEN_COUNCIL: "Trình hội đồng thẩm định",
    Step.DECIDE: "Chốt kết quả",
    Step.STEP_BACK: "Quay lại giai đoạn trước",
    Step.PUBLISH: "Công bố",
    Step.CORRECT: "Đính chính",
}
STAGE_NAMES: Mapping[Stage, str] = {
    Stage.PREPARE: "chuẩn bị",
    Stage.SELF_SCORING: "tự chấm điểm",
    Stage.SUBMITTED: "đã khóa tự chấm điểm",
    Stage.ROUND1: "thẩm định lần 1",
    Stage.REPLY: "giải trình",
    Stage.ROUND2: "thẩm định lần 2",
    Stage.COUNCIL: "hội đồng thẩm định",
    Stage.FINAL: "đã chốt kết quả",
    Stage.PUBLISHED: "đã công bố",
}
STATUS_NAMES: Mapping[Status, str] = {
    Status.OPEN: "đang nhập",
    Status.RETURNED: "trả lại để sửa",
    Status.SUBMITTED: "đã nộp",
    Status.APPRAISED: "đã thẩm định",
    Status.REPLIED: "đã giải trình",
    Status.CLOSED: "đã chốt",
    Status.NOT_REPORTED: "không nộp báo cáo",
}


class Why(StrEnum):
    """Why a step or a write is refused; `WORDS` says it."""

    STAGE = "stage"
    STATUS = "status"
    NO_SECOND_ROUND = "no_second_round"
    NO_COUNCIL = "no_council"
    SECOND_ROUND_FIRST = "second_round_first"
    COUNCIL_FIRST = "council_first"
    TOTALS_ONLY = "totals_only"


WORDS: Mapping[Why, str] = {
    Why.STAGE: "không thực hiện được khi kỳ đánh giá ở giai đoạn “{stage}”.",
    Why.STATUS: "không thực hiện được khi phiếu ở tình trạng “{status}” (kỳ đánh giá: {stage}).",
    Why.NO_SECOND_ROUND: "kỳ đánh giá này không có thẩm định lần 2.",
    Why.NO_COUNCIL: "kỳ đánh giá này không có hội đồng thẩm định.",
    Why.SECOND_ROUND_FIRST: "phải qua thẩm định lần 2 trước.",
    Why.COUNCIL_FIRST: "phải có quyết nghị của hội đồng thẩm định trước.",
    Why.TOTALS_ONLY: "kỳ đánh giá này chỉ có kết quả tổng hợp, không chấm điểm trên hệ thống.",
}


@dataclass(frozen=True)
class Refusal:
    """Why not: a key for programs, a Vietnamese sentence for people."""

    why: Why
    message: str


@dataclass(frozen=True)
class Plan:
    """What a year declares about its own way."""

    has_second_round: bool = True
    has_council: bool = True
    is_totals: bool = False


OPEN_STAGES = (Stage.SELF_SCORING, Stage.SUBMITTED, Stage.ROUND1, Stage.REPLY, Stage.ROUND2, Stage.COUNCIL)
LATE_STAGES = OPEN_STAGES[1:]
TO_ENTER = (Status.OPEN, Status.RETURNED)
TO_APPRAISE = (Status.SUBMITTED, Status.APPRAISED, Status.REPLIED)

YEAR_STEPS: Mapping[Step, Mapping[Stage, Stage]] = {
    Step.OPEN_YEAR: {Stage.PREPARE: Stage.SELF_SCORING},
    Step.CLOSE_ENTRY: {Stage.SELF_SCORING: Stage.SUBMITTED},
    Step.OPEN_APPRAISAL: {Stage.SUBMITTED: Stage.ROUND1},
    Step.OPEN_REPLIES: {Stage.ROUND1: Stage.REPLY},
    Step.OPEN_SECOND_ROUND: {Stage.REPLY: Stage.ROUND2},
    Step.OPEN_COUNCIL: {Stage.REPLY: Stage.COUNCIL, Stage.ROUND2: Stage.COUNCIL},
    Step.DECIDE: {Stage.REPLY: Stage.FINAL, Stage.ROUND2: Stage.FINAL, Stage.COUNCIL: Stage.FINAL},
    Step.PUBLISH: {Stage.FINAL: Stage.PUBLISHED},
    Step.CORRECT: {Stage.PUBLISHED: Stage.PUBLISHED},
    Step.STEP_BACK: {
        Stage.SUBMITTED: Stage.SELF_SCORING,
        Stage.ROUND1: Stage.SUBMITTED,
        Stage.REPLY: Stage.ROUND1,
        Stage.ROUND2: Stage.REPLY,
        Stage.COUNCIL: Stage.ROUND2,
        Stage.FINAL: Stage.COUNCIL,
    },
}
TOTALS_STEPS: Mapping[Step, Mapping[Stage, Stage]] = {
    Step.PUBLISH: {Stage.PREPARE: Stage.PUBLISHED, Stage.FINAL: Stage.PUBLISHED},
    Step.CORRECT: {Stage.PUBLISHED: Stage.PUBLISHED},
}
Where = tuple[Stage, Status]


def _where(stages: Iterable[Stage], statuses: Iterable[Status]) -> frozenset[Where]:
    found = list(statuses)
    return frozenset((stage, status) for stage in stages for status in found)


SHEET_STEPS: Mapping[Step, frozenset[Where]] = {
    Step.SUBMIT: _where([Stage.SELF_SCORING], TO_ENTER),
    Step.WITHDRAW: _where([Stage.SELF_SCORING], [Status.SUBMITTED]),
    Step.SEND_BACK: _where([Stage.SELF_SCORING, Stage.SUBMITTED, Stage.ROUND1], [Status.SUBMITTED]),
    # A sheet that was let in again late is appraised late.
    Step.FINISH_APPRAISAL: _where([Stage.ROUND1, Stage.REPLY], [Status.SUBMITTED])
    | _where([Stage.ROUND2, Stage.COUNCIL], [Status.SUBMITTED, Status.REPLIED]),
    Step.SEND_REPLY: _where([Stage.REPLY], [Status.APPRAISED]),
    Step.CLOSE_SHEET: _where([Stage.REPLY, Stage.ROUND2, Stage.COUNCIL], [Status.APPRAISED, Status.REPLIED]),
    Step.REOPEN: _where(OPEN_STAGES, Status),
    Step.MARK_NOT_REPORTED: _where(LATE_STAGES, TO_ENTER),
}
# What a sheet that was let in again may do beside.
REOPENED_STEPS: Mapping[Step, frozenset[Where]] = {
    Step.SUBMIT: _where(LATE_STAGES, TO_ENTER),
    Step.SEND_REPLY: _where([Stage.ROUND2, Stage.COUNCIL], [Status.APPRAISED]),
}
SHEET_TARGETS: Mapping[Step, Status] = {
    Step.SUBMIT: Status.SUBMITTED,
    Step.WITHDRAW: Status.OPEN,
    Step.SEND_BACK: Status.RETURNED,
    Step.FINISH_APPRAISAL: Status.APPRAISED,
    Step.SEND_REPLY: Status.REPLIED,
    Step.CLOSE_SHEET: Status.CLOSED,
    Step.MARK_NOT_REPORTED: Status.NOT_REPORTED,
}
# After publication a value changes only on the way to a correction.
CORRECTED = _where([Stage.FINAL, Stage.PUBLISHED], [s for s in Status if s != Status.NOT_REPORTED])
CELLS: Mapping[Cell, frozenset[Where]] = {
    Cell.SELF: _where([Stage.SELF_SCORING], TO_ENTER),
    Cell.APPRAISED: _where([Stage.ROUND1, Stage.ROUND2, Stage.COUNCIL], TO_APPRAISE)
    | _where([Stage.REPLY], [Status.SUBMITTED])
    | CORRECTED,
    Cell.SURVEY: _where(OPEN_STAGES, Status) | CORRECTED,
    Cell.REPLY: _where([Stage.REPLY], [Status.APPRAISED]),
}
REOPENED_CELLS: Mapping[Cell, frozenset[Where]] = {
    Cell.SELF: _where(LATE_STAGES, TO_ENTER),
    Cell.REPLY: _where([Stage.ROUND2, Stage.COUNCIL], [Status.APPRAISED]),
}


def allowed(
    stage: str, status: str | None, step: str, *, plan: Plan | None = None, is_reopened: bool = False
) -> Refusal | None:
    """Return why a step cannot be taken from where year and sheet stand, None where it can.

    `status` is None for the steps of a year. Raises ValueError for a stage, status or step that is not declared.
    """
    plan, taken, here = plan or Plan(), Step(step), Stage(stage)
    if taken in YEAR_STEPS:
        return _year_refusal(here, taken, plan)
    if status is None:
        raise ValueError(f"{step} is a step of a sheet")
    places = SHEET_STEPS[taken] | (REOPENED_STEPS.get(taken, frozenset()) if is_reopened else frozenset())
    return _refusal(here, Status(status), places, LABELS[taken])


def writable(stage: str, status: str, cell: str, *, is_reopened: bool = False) -> Refusal | None:
    """Return why a kind of value cannot be written where year and sheet stand, None where it can."""
    kind = Cell(cell)
    places = CELLS[kind] | (REOPENED_CELLS.get(kind, frozenset()) if is_reopened else frozenset())
    return _refusal(Stage(stage), Status(status), places, CELL_NAMES[kind])


CELL_NAMES: Mapping[Cell, str] = {
    Cell.SELF: "Nhập điểm tự chấm",
    Cell.APPRAISED: "Nhập điểm thẩm định",
    Cell.SURVEY: "Nhập điểm điều tra xã hội học",
    Cell.REPLY: "Nhập giải trình",
}


def year_target(stage: str, step: str, plan: Plan | None = None) -> Stage:
    """Return where a year stands after a step that is allowed. Raises KeyError where it is not."""
    plan, taken = plan or Plan(), Step(step)
    target = (TOTALS_STEPS if plan.is_totals else YEAR_STEPS)[taken][Stage(stage)]
    if taken == Step.STEP_BACK:
        # A stage that the year goes without is passed over on the way back too.
        while (target == Stage.COUNCIL and not plan.has_council) or (
            target == Stage.ROUND2 and not plan.has_second_round
        ):
            target = YEAR_STEPS[taken][target]
    return target


def whom_to_ask(stage: str, status: str) -> str:
    """Return in words how self-scores that are closed are opened again; empty where they no longer can be."""
    if Stage(stage) == Stage.SELF_SCORING and Status(status) == Status.SUBMITTED:
        return (
            "Cần sửa thì lãnh đạo đơn vị rút lại phiếu, hoặc đề nghị cơ quan tổ chức đánh giá trả lại phiếu."
        )
    return "Cần sửa thì đề nghị cơ quan tổ chức đánh giá mở lại phiếu." if Stage(stage) in OPEN_STAGES else ""


def sheet_target(stage: str, status: str, step: str) -> Status:
    """Return where a sheet stands after a step that is allowed.

    Reopened before replies are due, or never appraised, it goes back to its unit; later it may only reply again.
    """
    if Step(step) != Step.REOPEN:
        return SHEET_TARGETS[Step(step)]
    is_early = Stage(stage) in (Stage.SELF_SCORING, Stage.SUBMITTED, Stage.ROUND1)
    has_appraisal = Status(status) in (Status.APPRAISED, Status.REPLIED, Status.CLOSED)
    return Status.APPRAISED if has_appraisal and not is_early else Status.RETURNED


def is_correction(stage: str) -> bool:
    """Return whether what is written now changes a result that was decided: publishers only, with a reason."""
    return Stage(stage) in (Stage.FINAL, Stage.PUBLISHED)


def _refusal(stage: Stage, status: Status, places: frozenset[Where], what: str) -> Refusal | None:
    if (stage, status) in places:
        return None
    why = Why.STATUS if any(where[0] == stage for where in places) else Why.STAGE
    return _said(why, what, stage, status)


def _year_refusal(stage: Stage, step: Step, plan: Plan) -> Refusal | None:
    why = _why_not(stage, step, plan)
    return None if why is None else _said(why, LABELS[step], stage)


def _why_not(stage: Stage, step: Step, plan: Plan) -> Why | None:
    if plan.is_totals:
        if step not in TOTALS_STEPS:
            return Why.TOTALS_ONLY
        return None if stage in TOTALS_STEPS[step] else Why.STAGE
    if step == Step.OPEN_SECOND_ROUND and not plan.has_second_round:
        return Why.NO_SECOND_ROUND
    if step == Step.OPEN_COUNCIL and not plan.has_council:
        return Why.NO_COUNCIL
    if stage not in YEAR_STEPS[step]:
        return Why.STAGE
    if step in (Step.OPEN_COUNCIL, Step.DECIDE) and stage == Stage.REPLY and plan.has_second_round:
        return Why.SECOND_ROUND_FIRST
    if step == Step.DECIDE and stage != Stage.COUNCIL and plan.has_council:
        return Why.COUNCIL_FIRST
    return None


def _said(why: Why, what: str, stage: Stage, status: Status | None = None) -> Refusal:
    sentence = WORDS[why].format(stage=STAGE_NAMES[stage], status=STATUS_NAMES[status] if status else "")
    return Refusal(why, f"{what}: {sentence}")
