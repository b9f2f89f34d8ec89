"""A year from opening to correction: who may, what is asked for first, what is written down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal as D

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from districts.access import Denied
from districts.audit import Act
from districts.models import Change
from reports import stages
from reports.models import (
    AssessmentYear,
    CouncilMeeting,
    CouncilVote,
    OfficialResult,
    Publication,
    ScoreSheet,
    Standing,
)
from reports.workflow import WorkflowError, steps
from reports.workflow.checklist import CheckLine, checklist
from reports.workflow.council import council_decision
from reports.workflow.entering import CellWrite, write_cells
from reports.workflow.preparing import save_year

from .factories import OfficeYear, make_office_year, make_source, make_unit

pytestmark = pytest.mark.django_db


def act(office: OfficeYear, person: str, reason: str = "") -> Act:
    return Act(office.people[person], Change.How.STEP, reason)


def fill(
    office: OfficeYear, key: str, person: str, stage: str, points: Mapping[str, str], reason: str = ""
) -> None:
    writes = [CellWrite(office.leaves[code].pk, stage, "value", D(given)) for code, given in points.items()]
    results = write_cells(office.sheets[key], writes, act(office, person, reason))
    assert {one.outcome for one in results} == {"saved"}, [one.message for one in results]


OWN = {"1.1": "2", "1.2": "9", "2.1": "7"}


def vote(year: AssessmentYear, present: int, writing: int, against: int, absent: int) -> None:
    meeting = CouncilMeeting.objects.create(assessment_year=year, held_on=dt.date(2026, 1, 20))
    modes = [("present", True)] * present + [("writing", True)] * writing + [("present", False)] * against
    modes += [("absent", None)] * absent  # type: ignore[list-item]
    for place, (mode, agrees) in enumerate(modes):
        CouncilVote.objects.create(meeting=meeting, member=f"Thành viên {place}", mode=mode, agrees=agrees)


def played(office: OfficeYear) -> Publication:
    """Play the year of one unit by the people it takes; the two others do not report."""
    year, publisher = office.year, act(office, "publisher")
    steps.open_year(year, publisher)
    sheets = {sheet.unit.name: sheet for sheet in ScoreSheet.objects.filter(assessment_year=year)}
    office.sheets.update({"an": sheets["An"], "binh": sheets["Bình"], "cat": sheets["Cát"]})  # type: ignore[attr-defined]
    fill(office, "an", "reporter", "self", OWN)
    steps.submit(office.sheet, act(office, "lead"))
    steps.send_back(office.sheet, "Thiếu tài liệu của 1.2", act(office, "appraiser"))
    fill(office, "an", "reporter", "self", {"1.2": "8"})
    steps.submit(office.sheet, act(office, "lead"))
    steps.close_entry(year, publisher)
    for key in ("binh", "cat"):
        steps.mark_not_reported(office.sheets[key], "Không nộp", publisher)
    steps.open_appraisal(year, publisher)
    fill(office, "an", "appraiser", "appraised", {"1.1": "2", "2.1": "7"})
    fill(office, "an", "appraiser", "appraised", {"1.2": "6"}, "Chỉ có 6 văn bản")
    fill(office, "an", "appraiser", "survey", {"2.2": "4"})
    steps.finish_appraisal(office.sheet, act(office, "appraiser"))
    steps.open_replies(year, publisher)
    reply = CellWrite(office.leaves["1.2"].pk, "reply", note="Hai văn bản ban hành tháng 12")
    write_cells(office.sheet, [reply], act(office, "reporter"))
    steps.send_reply(office.sheet, act(office, "lead"))
    steps.open_second_round(year, publisher)
    fill(office, "an", "appraiser", "appraised", {"1.2": "7"}, "Chấp nhận một văn bản")
    steps.finish_appraisal(office.sheet, act(office, "appraiser"))
    steps.open_council(year, publisher)
    vote(year, present=4, writing=2, against=1, absent=3)
    steps.decide(year, publisher)
    return steps.publish(year, publisher, decision_number="141/QĐ-UBND", decided_on=dt.date(2026, 1, 28))


def test_a_whole_year_is_played_by_five_roles() -> None:
    office = make_office_year("prepare")
    publication = played(office)
    standing = Standing.objects.get(
        scope__publication=publication, scope__key="total", unit=office.units["an"]
    )
    assert (standing.points, standing.rank, publication.roster_size) == (D(20), 1, 3)
    assert (office.year.stage, publication.decision_number) == ("published", "141/QĐ-UBND")
    moves = Change.objects.filter(model="reports.assessmentyear", field="stage").order_by("pk")
    assert [change.after for change in moves] == [
        *("self_scoring", "submitted", "round1", "reply", "round2", "council", "final", "published")
    ]
    own = Change.objects.filter(
        model="reports.scoresheet", object_id=office.sheet.pk, field="status"
    ).order_by("pk")
    assert [change.after for change in own] == [
        *("open", "submitted", "returned", "submitted", "appraised", "replied", "appraised", "closed")
    ]
    judged = office.sheet.scores.get(criterion__code="1.2").judgements.order_by("pk")
    assert [(one.stage, one.points) for one in judged] == [
        *(("self", D(9)), ("self", D(8)), ("round1", D(6)), ("reply", D(6)), ("round2", D(7))),
    ]


def test_a_correction_is_a_new_version_that_shows_before_and_after() -> None:
    office = make_office_year("prepare")
    first = played(office)
    fill(office, "an", "publisher", "appraised", {"1.2": "7.5"}, "Cộng sót 0,5 điểm")
    assert Standing.objects.get(scope__publication=first, scope__key="total", rank=1).points == 20
    with pytest.raises(WorkflowError, match="lý do"):
        steps.correct(office.year, act(office, "publisher"), decision_number="150/QĐ-UBND")
    second = steps.correct(office.year, act(office, "publisher", "Cộng sót"), decision_number="150/QĐ-UBND")
    standings = Standing.objects.filter(unit=office.units["an"], scope__key="total").order_by("pk")
    assert [standing.points for standing in standings] == [20, D("20.5")]
    assert (second.version, second.reason, office.year.current_publication) == (2, "Cộng sót", second)
    change = Change.objects.get(field="appraised_points", before="7", after="7.5")
    assert (change.reason, change.actor) == ("Cộng sót 0,5 điểm", office.people["publisher"])
    corrected = Change.objects.filter(field="current_publication").order_by("pk").last()
    assert corrected is not None
    assert (corrected.before, corrected.after) == ("1 · 141/QĐ-UBND", "2 · 150/QĐ-UBND")


def test_a_sheet_is_submitted_when_it_is_complete_and_by_its_lead_only() -> None:
    office = make_office_year()
    fill(office, "an", "reporter", "self", {"1.1": "2"})
    with pytest.raises(WorkflowError, match=r"Còn 2 tiêu chí chưa tự chấm: 1\.2, 2\.1"):
        steps.submit(office.sheet, act(office, "lead"))
    fill(office, "an", "reporter", "self", {"1.2": "9", "2.1": "7"})
    for person in ("reporter", "stranger", "publisher"):
        with pytest.raises(Denied):
            steps.submit(office.sheet, act(office, person))
    steps.submit(office.sheet, act(office, "lead"))
    assert (office.sheet.status, office.sheet.submitted_at is None) == ("submitted", False)
    with pytest.raises(WorkflowError, match="đã nộp"):
        steps.submit(office.sheet, act(office, "lead"))


def test_sent_back_after_entry_was_closed_a_sheet_is_open_for_five_days() -> None:
    office = make_office_year("round1")
    steps.send_back(office.sheet, "Thiếu", act(office, "appraiser"))
    until = office.sheet.reopened_until
    assert until is not None
    assert dt.timedelta(days=4) < until - timezone.now() <= dt.timedelta(days=5)
    fill(office, "an", "reporter", "self", OWN)
    steps.submit(office.sheet, act(office, "lead"))
    assert office.sheet.reopened_until is None


def test_sending_back_and_letting_in_need_a_reason() -> None:
    office = make_office_year("round1")
    until = timezone.now() + dt.timedelta(days=1)
    with pytest.raises(WorkflowError, match="lý do"):
        steps.send_back(office.sheet, " ", act(office, "appraiser"))
    with pytest.raises(WorkflowError, match="lý do"):
        steps.reopen(office.sheet, until, act(office, "publisher"))
    with pytest.raises(WorkflowError, match="ở sau"):
        steps.reopen(office.sheet, timezone.now(), act(office, "publisher", "Sót"))
    steps.reopen(office.sheet, until, act(office, "publisher", "Sót"))
    assert (office.sheet.status, office.sheet.reopened_until) == ("returned", until)


@pytest.mark.parametrize(
    ("present", "writing", "against", "absent", "is_valid"),
    [(6, 0, 0, 4, True), (3, 3, 0, 4, True), (5, 0, 0, 5, False), (5, 0, 5, 0, False), (0, 0, 0, 0, False)],
)
def test_a_council_decides_with_more_than_half_of_all_its_members(
    present: int, writing: int, against: int, absent: int, is_valid: bool
) -> None:
    office = make_office_year("council")
    if present or absent:
        vote(office.year, present, writing, against, absent)
    assert council_decision(office.year).is_valid == is_valid
    if is_valid:
        steps.decide(office.year, act(office, "publisher"))
        assert set(office.year.sheets.values_list("status", flat=True)) == {"closed"}
    else:
        with pytest.raises(WorkflowError, match="hội đồng"):
            steps.decide(office.year, act(office, "publisher"))


def test_a_year_is_not_decided_over_a_unit_that_waits() -> None:
    office = make_office_year("council", has_council=True)
    vote(office.year, 3, 0, 0, 0)
    ScoreSheet.objects.filter(pk=office.sheets["binh"].pk).update(status="submitted")
    with pytest.raises(WorkflowError, match=r"Còn 1 phiếu.*Huyện Bình"):
        steps.decide(office.year, act(office, "publisher"))
    assert AssessmentYear.objects.get().stage == "council"


YEAR_STEPS: list[Callable[..., object]] = [
    *(steps.open_year, steps.close_entry, steps.open_appraisal, steps.open_replies, steps.open_second_round),
    *(steps.open_council, steps.decide, steps.publish),
]


@pytest.mark.parametrize("person", ["lead", "overseer", "appraiser", "administrator"])
@pytest.mark.parametrize("step", YEAR_STEPS)
def test_only_a_publisher_moves_a_year(step: Callable[..., object], person: str) -> None:
    office = make_office_year("prepare")
    with pytest.raises(Denied):
        step(office.year, act(office, person))


def test_without_a_person_only_a_command_takes_a_step() -> None:
    office = make_office_year()
    for how in (Change.How.FORM, Change.How.STEP, Change.How.IMPORT):
        with pytest.raises(Denied):
            steps.close_entry(office.year, Act(None, how))
        with pytest.raises(Denied):
            steps.submit(office.sheet, Act(None, how))
    steps.close_entry(office.year, Act(None, Change.How.COMMAND))


def test_opening_gives_every_unit_of_the_group_a_sheet_and_no_other() -> None:
    office = make_office_year("prepare")
    make_unit("Cũ", parent=office.units["an"].parent, valid_to=dt.date(2025, 6, 30), code="THcu")
    make_unit("Xã", parent=office.units["an"], level=3, code="THxa")
    steps.open_year(office.year, act(office, "publisher"))
    assert sorted(office.year.sheets.values_list("unit__name", flat=True)) == ["An", "Bình", "Cát"]


def test_a_refused_step_says_where_the_year_stands_and_since_when() -> None:
    office = make_office_year()
    steps.close_entry(office.year, act(office, "publisher"))
    with pytest.raises(WorkflowError, match=r"đã khóa tự chấm điểm.*Đã khóa từ \d\d:\d\d ngày"):
        steps.close_entry(office.year, act(office, "publisher"))


def names(office: OfficeYear, person: str, *, of_year: bool = False) -> list[str]:
    return [
        step.name for step in steps.steps_for(office.people[person], office.year if of_year else office.sheet)
    ]


def test_buttons_are_the_steps_that_would_be_taken() -> None:
    office = make_office_year()
    assert names(office, "lead") == ["submit"]
    assert names(office, "reporter") == names(office, "appraiser") == []
    assert names(office, "publisher") == ["reopen"]
    assert names(office, "publisher", of_year=True) == ["close_entry"]
    assert names(office, "appraiser", of_year=True) == []


def lines(office: OfficeYear) -> dict[str, CheckLine]:
    return {line.key: line for line in checklist(office.year)}


def test_the_checklist_names_what_is_missing_and_what_differs() -> None:
    office = make_office_year("prepare")
    played(office)
    OfficialResult.objects.create(
        assessment_year=office.year, unit=office.units["an"], source=make_source(), total=D("20.5"), rank=2
    )
    make_unit("Mới", parent=office.units["an"].parent, code="THmoi")
    found = lines(office)
    assert {key: str(line.level) for key, line in found.items()} == {
        "units": "ok",
        "silent": "warn",
        "roster": "warn",
        "council": "ok",
        "unscored": "ok",
        "official": "warn",
        "ties": "ok",
        "identities": "ok",
    }
    assert found["roster"].details == ("Huyện Mới",)
    assert found["official"].details == (
        "Huyện An, tổng điểm: văn bản 20,50, hệ thống 20,00",
        "Huyện An, hạng: văn bản 2/?, hệ thống 1/?",
    )


def test_the_checklist_of_a_year_in_work_blocks() -> None:
    office = make_office_year("round1")
    found = lines(office)
    assert [found[key].level for key in ("units", "council", "unscored")] == ["block", "block", "warn"]
    assert found["unscored"].details[0] == "Huyện An: 4 tiêu chí (1.1, 1.2, 2.1, 2.2)"


def test_the_checklist_asks_as_many_questions_for_many_units() -> None:
    office = make_office_year("round1")
    with CaptureQueriesContext(connection) as few:
        checklist(office.year)
    for place in range(6):
        unit = make_unit(f"Thêm {place}", parent=office.units["an"].parent, code=f"THx{place}")
        ScoreSheet.objects.create(assessment_year=office.year, unit=unit, status="submitted")
    with CaptureQueriesContext(connection) as many:
        checklist(office.year)
    assert len(many) == len(few)


every_step = st.lists(st.sampled_from([*stages.Step]), min_size=5, max_size=25)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(taken=every_step, has_second_round=st.booleans(), has_council=st.booleans())
def test_no_sequence_of_steps_reaches_what_is_not_declared(
    taken: list[stages.Step], has_second_round: bool, has_council: bool
) -> None:
    from django.db import transaction

    with transaction.atomic():
        office = make_office_year("prepare", has_second_round=has_second_round, has_council=has_council)
        for step in taken:
            _try(office, step)
            year = AssessmentYear.objects.get(pk=office.year.pk)
            assert year.stage in [*stages.Stage]
            assert year.stage != "published"  # Nothing was appraised, no council met.
            assert has_second_round or year.stage != "round2"
            assert set(year.sheets.values_list("status", flat=True)) <= set(stages.Status)
        transaction.set_rollback(True)


def _try(office: OfficeYear, step: stages.Step) -> None:
    """Take a step of the year, or of its first sheet, with all that it asks for."""
    by = Act(None, Change.How.COMMAND, "thử")
    sheet = ScoreSheet.objects.filter(assessment_year=office.year).order_by("pk").first()
    try:
        if step in stages.YEAR_STEPS:
            getattr(steps, step)(office.year, by)
        elif sheet is None:
            return
        elif step == stages.Step.REOPEN:
            steps.reopen(sheet, timezone.now() + dt.timedelta(days=1), by)
        elif step in (stages.Step.WITHDRAW, stages.Step.SEND_BACK, stages.Step.MARK_NOT_REPORTED):
            getattr(steps, step)(sheet, "thử", by)
        else:
            getattr(steps, step)(sheet, by)
    except WorkflowError:
        return


def test_saving_a_years_note_does_not_put_back_a_step_taken_meanwhile():
    office = make_office_year(stage="prepare")
    office.year.note = "Theo Kế hoạch 01"
    AssessmentYear.objects.filter(pk=office.year.pk).update(stage="self_scoring")
    save_year(office.year, {}, Act(office.people["publisher"], Change.How.FORM))
    assert AssessmentYear.objects.values_list("stage", "note").get(pk=office.year.pk) == (
        "self_scoring",
        "Theo Kế hoạch 01",
    )
