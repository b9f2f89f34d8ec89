"""Every stage × step pair of years and sheets; what is open to writing when."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.models import AssessmentYear, ScoreSheet
from reports.stages import (
    LABELS,
    SHEET_STEPS,
    STAGE_NAMES,
    STATUS_NAMES,
    YEAR_STEPS,
    Cell,
    Plan,
    Stage,
    Status,
    Step,
    Why,
    allowed,
    is_correction,
    sheet_target,
    writable,
    year_target,
)

# The whole table of a year with everything: any pair that is not here is refused.
FULL = {
    ("prepare", "open_year", "self_scoring"),
    ("self_scoring", "close_entry", "submitted"),
    ("submitted", "open_appraisal", "round1"),
    ("round1", "open_replies", "reply"),
    ("reply", "open_second_round", "round2"),
    ("round2", "open_council", "council"),
    ("council", "decide", "final"),
    ("final", "publish", "published"),
    ("published", "correct", "published"),
}
NO_SECOND_ROUND = FULL - {("reply", "open_second_round", "round2"), ("round2", "open_council", "council")} | {
    ("reply", "open_council", "council")
}
NO_COUNCIL = FULL - {("round2", "open_council", "council"), ("council", "decide", "final")} | {
    ("round2", "decide", "final")
}
NEITHER = NO_SECOND_ROUND - {("reply", "open_council", "council")} | {("reply", "decide", "final")}
ONE_WAY = ("prepare", "published")
TOTALS = {
    ("prepare", "publish", "published"),
    ("final", "publish", "published"),
    ("published", "correct", "published"),
}


def and_back(way: set[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    """Each step of a way that can be taken back, back: to prepare and out of published there is none."""
    reach = {place for place in way if place[0] not in ONE_WAY and place[2] not in ONE_WAY}
    return way | {(target, "step_back", start) for start, _, target in reach}


WAYS = [
    (Plan(), and_back(FULL)),
    (Plan(has_second_round=False), and_back(NO_SECOND_ROUND)),
    (Plan(has_council=False), and_back(NO_COUNCIL)),
    (Plan(has_second_round=False, has_council=False), and_back(NEITHER - {("council", "decide", "final")})),
    (Plan(is_totals=True), TOTALS),
]


@pytest.mark.parametrize(("plan", "way"), WAYS)
@pytest.mark.parametrize(("stage", "step"), [*itertools.product(Stage, YEAR_STEPS)])
def test_a_year_takes_the_steps_of_its_way_and_no_other(
    plan: Plan, way: set[tuple[str, str, str]], stage: Stage, step: Step
) -> None:
    leads_to = {target for start, taken, target in way if (start, taken) == (stage, step)}
    refusal = allowed(stage, None, step, plan=plan)
    if leads_to:
        assert refusal is None
        assert year_target(stage, step, plan) == leads_to.pop()
    elif stage in {start for start, _, _ in way}:
        assert refusal is not None
        assert refusal.message.startswith(LABELS[step])


Places = dict[str, set[tuple[str, str]]]
E, S, R1, RE, R2, CO = "self_scoring", "submitted", "round1", "reply", "round2", "council"
WORK = (E, S, R1, RE, R2, CO)
SHEETS: Places = {
    "submit": {(E, "open"), (E, "returned")},
    "withdraw": {(E, "submitted")},
    "send_back": {(E, "submitted"), (S, "submitted"), (R1, "submitted")},
    "finish_appraisal": {
        *((R1, "submitted"), (RE, "submitted"), (R2, "submitted"), (CO, "submitted")),
        *((R2, "replied"), (CO, "replied")),
    },
    "send_reply": {(RE, "appraised")},
    "close_sheet": {(stage, status) for stage in (RE, R2, CO) for status in ("appraised", "replied")},
    "reopen": {(stage, status) for stage in WORK for status in Status},
    "mark_not_reported": {(stage, status) for stage in WORK[1:] for status in ("open", "returned")},
}
LET_IN: Places = {
    "submit": {(stage, status) for stage in WORK for status in ("open", "returned")},
    "send_reply": {(RE, "appraised"), (R2, "appraised"), (CO, "appraised")},
}


@pytest.mark.parametrize("is_reopened", [False, True])
@pytest.mark.parametrize(("stage", "status", "step"), [*itertools.product(Stage, Status, SHEET_STEPS)])
def test_a_sheet_takes_the_steps_of_its_place_and_no_other(
    stage: Stage, status: Status, step: Step, is_reopened: bool
) -> None:
    places = LET_IN.get(step, SHEETS[step]) if is_reopened else SHEETS[step]
    refusal = allowed(stage, status, step, is_reopened=is_reopened)
    assert (refusal is None) == ((stage, status) in places)
    if refusal is not None:
        assert refusal.why in (Why.STAGE, Why.STATUS)
        assert STAGE_NAMES[stage] in refusal.message


CELLS: Places = {
    "self": {(E, "open"), (E, "returned")},
    "reply": {(RE, "appraised")},
    "survey": {(stage, status) for stage in WORK for status in Status}
    | {(stage, status) for stage in ("final", "published") for status in Status if status != "not_reported"},
    "appraised": {
        (stage, status) for stage in (R1, R2, CO) for status in ("submitted", "appraised", "replied")
    }
    | {(RE, "submitted")}
    | {(stage, status) for stage in ("final", "published") for status in Status if status != "not_reported"},
}


@pytest.mark.parametrize(("stage", "status", "cell"), [*itertools.product(Stage, Status, Cell)])
def test_each_value_is_open_in_its_places_only(stage: Stage, status: Status, cell: Cell) -> None:
    assert (writable(stage, status, cell) is None) == ((stage, status) in CELLS[cell])


@pytest.mark.parametrize("stage", WORK)
def test_a_sheet_let_in_again_takes_self_scores_until_it_is_submitted(stage: str) -> None:
    assert writable(stage, "returned", "self", is_reopened=True) is None
    assert writable(stage, "submitted", "self", is_reopened=True) is not None


@pytest.mark.parametrize(
    ("stage", "status", "target"),
    [
        ("self_scoring", "submitted", "returned"),
        ("round1", "appraised", "returned"),
        ("reply", "replied", "appraised"),
        ("council", "closed", "appraised"),
        ("council", "not_reported", "returned"),
    ],
)
def test_a_reopened_sheet_goes_back_as_far_as_it_must(stage: str, status: str, target: str) -> None:
    assert sheet_target(stage, status, "reopen") == target


def test_stages_and_statuses_are_those_of_the_models() -> None:
    assert [*Stage] == AssessmentYear.Stage.values == [*STAGE_NAMES]
    assert [*Status] == ScoreSheet.Status.values == [*STATUS_NAMES]
    assert set(LABELS) == set(Step) == set(YEAR_STEPS) | set(SHEET_STEPS)


def test_what_is_not_declared_is_an_error_and_no_refusal() -> None:
    for wrong in (("nowhere", None, "decide"), ("final", None, "jump"), ("round1", None, "submit")):
        with pytest.raises(ValueError):
            allowed(*wrong)


def test_only_decided_results_are_corrected() -> None:
    assert [stage for stage in Stage if is_correction(stage)] == ["final", "published"]


steps = st.lists(st.sampled_from([*Step]), max_size=60)
plans = st.builds(Plan, st.booleans(), st.booleans(), st.booleans())


@given(steps, plans, st.booleans())
def test_no_sequence_of_steps_leaves_the_declared_stages(
    taken: list[Step], plan: Plan, is_reopened: bool
) -> None:
    stage, status = Stage.PREPARE, Status.OPEN
    for step in taken:
        if allowed(stage, status, step, plan=plan, is_reopened=is_reopened) is not None:
            continue
        before = stage
        if step in YEAR_STEPS:
            stage = year_target(stage, step, plan)
            assert (step == Step.STEP_BACK) == ([*Stage].index(stage) < [*Stage].index(before))
        else:
            status = sheet_target(stage, status, step)
        assert stage in Stage and status in Status
        assert plan.has_second_round or stage != Stage.ROUND2
        assert plan.has_council or stage != Stage.COUNCIL
