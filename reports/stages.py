"""Which step may follow which? The year's stages, a sheet's statuses, and what each lets happen. Pure.

A year moves as a whole: prepare → self-scoring → first round → reply → second round → council → final → published.
It may leave out the second round or the council. Sheets move one by one inside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """Mirrors AssessmentYear.Stage."""

    PREPARE = "prepare"
    SELF_SCORING = "self_scoring"
    ROUND1 = "round1"
    REPLY = "reply"
    ROUND2 = "round2"
    COUNCIL = "council"
    FINAL = "final"
    PUBLISHED = "published"


class Status(StrEnum):
    """Mirrors ScoreSheet.Status."""

    OPEN = "open"
    RETURNED = "returned"
    SUBMITTED = "submitted"
    APPRAISED = "appraised"
    REPLIED = "replied"
    CLOSED = "closed"
    NOT_REPORTED = "not_reported"


class YearStep(StrEnum):
    OPEN = "open"
    CLOSE_ENTRY = "close_entry"
    OPEN_REPLIES = "open_replies"
    OPEN_SECOND_ROUND = "open_second_round"
    OPEN_COUNCIL = "open_council"
    DECIDE = "decide"
    PUBLISH = "publish"
    CORRECT = "correct"


class SheetStep(StrEnum):
    SUBMIT = "submit"
    SEND_BACK = "send_back"
    FINISH_APPRAISAL = "finish_appraisal"
    SEND_REPLY = "send_reply"
    CLOSE = "close"
    MARK_NOT_REPORTED = "mark_not_reported"
    REOPEN = "reopen"


class Part(StrEnum):
    """Which of a score's values somebody wants to write."""

    SELF = "self"
    APPRAISED = "appraised"
    SURVEY = "survey"


class Refusal(StrEnum):
    """Why something is not possible now; reports.workflow says it in Vietnamese."""

    NOT_THIS_STAGE = "not_this_stage"
    NOT_THIS_STATUS = "not_this_status"
    NO_SECOND_ROUND = "no_second_round"
    SECOND_ROUND_FIRST = "second_round_first"
    NO_COUNCIL = "no_council"
    COUNCIL_FIRST = "council_first"


@dataclass(frozen=True)
class Plan:
    """What a year includes."""

    has_second_round: bool = True
    has_council: bool = True


IN_APPRAISAL = frozenset({Stage.ROUND1, Stage.REPLY, Stage.ROUND2, Stage.COUNCIL})

# A year step: the stages it starts from, and the one it leads to.
YEAR_STEPS: dict[YearStep, tuple[frozenset[Stage], Stage]] = {
    YearStep.OPEN: (frozenset({Stage.PREPARE}), Stage.SELF_SCORING),
    YearStep.CLOSE_ENTRY: (frozenset({Stage.SELF_SCORING}), Stage.ROUND1),
    YearStep.OPEN_REPLIES: (frozenset({Stage.ROUND1}), Stage.REPLY),
    YearStep.OPEN_SECOND_ROUND: (frozenset({Stage.REPLY}), Stage.ROUND2),
    YearStep.OPEN_COUNCIL: (frozenset({Stage.REPLY, Stage.ROUND2}), Stage.COUNCIL),
    YearStep.DECIDE: (frozenset({Stage.REPLY, Stage.ROUND2, Stage.COUNCIL}), Stage.FINAL),
    YearStep.PUBLISH: (frozenset({Stage.FINAL}), Stage.PUBLISHED),
    YearStep.CORRECT: (frozenset({Stage.PUBLISHED}), Stage.PUBLISHED),
}

# A sheet step: the stages and statuses it starts from, and the status it leads to.
SHEET_STEPS: dict[SheetStep, tuple[frozenset[Stage], frozenset[Status], Status]] = {
    SheetStep.SUBMIT: (
        frozenset({Stage.SELF_SCORING, Stage.ROUND1}),
        frozenset({Status.OPEN, Status.RETURNED}),
        Status.SUBMITTED,
    ),
    SheetStep.SEND_BACK: (
        frozenset({Stage.SELF_SCORING, Stage.ROUND1}),
        frozenset({Status.SUBMITTED}),
        Status.RETURNED,
    ),
    SheetStep.FINISH_APPRAISAL: (
        frozenset({Stage.ROUND1, Stage.ROUND2}),
        frozenset({Status.SUBMITTED, Status.REPLIED}),
        Status.APPRAISED,
    ),
    SheetStep.SEND_REPLY: (frozenset({Stage.REPLY}), frozenset({Status.APPRAISED}), Status.REPLIED),
    SheetStep.CLOSE: (
        frozenset({Stage.REPLY, Stage.ROUND2, Stage.COUNCIL}),
        frozenset({Status.APPRAISED, Status.REPLIED}),
        Status.CLOSED,
    ),
    SheetStep.MARK_NOT_REPORTED: (
        frozenset({Stage.ROUND1, Stage.REPLY, Stage.ROUND2, Stage.COUNCIL}),
        frozenset({Status.OPEN, Status.RETURNED}),
        Status.NOT_REPORTED,
    ),
    SheetStep.REOPEN: (
        frozenset({Stage.ROUND1}),
        frozenset({Status.OPEN, Status.SUBMITTED, Status.APPRAISED, Status.NOT_REPORTED}),
        Status.RETURNED,
    ),
}


def year_refusal(stage: Stage, step: YearStep, plan: Plan) -> Refusal | None:
    """Return why a year cannot take a step from a stage, or None where it can."""
    if stage not in YEAR_STEPS[step][0]:
        return Refusal.NOT_THIS_STAGE
    if step == YearStep.OPEN_SECOND_ROUND and not plan.has_second_round:
        return Refusal.NO_SECOND_ROUND
    if step == YearStep.OPEN_COUNCIL and not plan.has_council:
        return Refusal.NO_COUNCIL
    if step in (YearStep.OPEN_COUNCIL, YearStep.DECIDE) and stage == Stage.REPLY and plan.has_second_round:
        return Refusal.SECOND_ROUND_FIRST
    if step == YearStep.DECIDE and plan.has_council and stage != Stage.COUNCIL:
        return Refusal.COUNCIL_FIRST
    return None


def sheet_refusal(stage: Stage, status: Status, step: SheetStep) -> Refusal | None:
    """Return why a sheet cannot take a step, or None where it can."""
    stages, statuses, _ = SHEET_STEPS[step]
    if stage not in stages:
        return Refusal.NOT_THIS_STAGE
    # In the first round only a sheet that was sent back is handed in again.
    if step == SheetStep.SUBMIT and stage == Stage.ROUND1 and status != Status.RETURNED:
        return Refusal.NOT_THIS_STAGE
    return None if status in statuses else Refusal.NOT_THIS_STATUS


def write_refusal(stage: Stage, status: Status, part: Part) -> Refusal | None:
    """Return why a part of a sheet's scores cannot be written, or None where it can."""
    if status == Status.NOT_REPORTED:
        return Refusal.NOT_THIS_STATUS
    if part == Part.SURVEY:
        return None if stage in IN_APPRAISAL else Refusal.NOT_THIS_STAGE
    if part == Part.APPRAISED:
        if stage not in (Stage.ROUND1, Stage.ROUND2, Stage.COUNCIL):
            return Refusal.NOT_THIS_STAGE
        return Refusal.NOT_THIS_STATUS if status in (Status.OPEN, Status.RETURNED) else None
    if stage not in (Stage.SELF_SCORING, Stage.ROUND1):
        return Refusal.NOT_THIS_STAGE
    if status == Status.RETURNED or (status == Status.OPEN and stage == Stage.SELF_SCORING):
        return None
    return Refusal.NOT_THIS_STATUS if status != Status.OPEN else Refusal.NOT_THIS_STAGE


def may_write_reply(stage: Stage, status: Status) -> bool:
    """Return whether the unit may explain itself now."""
    return stage == Stage.REPLY and status == Status.APPRAISED
