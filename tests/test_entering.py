"""Writing values: who may, when, what is refused, conflicts, judgements and the audit."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from districts.access import Denied
from districts.audit import Act
from districts.models import Change
from reports.models import Assignment, Deadline, Judgement, Score
from reports.workflow.entering import (
    CellResult,
    CellWrite,
    entry_refusal,
    evidence_refusal,
    write_cells,
    write_sheets,
)

from .factories import OfficeYear, make_office_year, make_source, make_user

pytestmark = pytest.mark.django_db
FORM = Change.How.FORM


def write(office: OfficeYear, code: str, person: str = "reporter", **fields: Any) -> CellResult:
    """Write one value into the sheet of "an": `points` as text, self-scored unless `stage` says otherwise."""
    points = fields.pop("points", None)
    fields = {"stage": "self", "state": "value" if points is not None else "not_entered"} | fields
    one = CellWrite(office.leaves[code].pk, points=points and D(points), **fields)
    return write_cells(office.sheet, [one], Act(office.people[person], FORM))[0]


def test_a_value_is_saved_with_its_judgement_and_its_trace() -> None:
    office = make_office_year()
    result = write(office, "1.1", points="2", inputs={"answer": "yes"}, note="QĐ số 5")
    assert (result.outcome, result.score.version) == ("saved", 1)
    score = Score.objects.get()
    assert (score.pk, score.self_state, score.self_points, score.self_note) == (
        result.score.pk,
        "value",
        2,
        "QĐ số 5",
    )
    judgement = Judgement.objects.get()
    assert (judgement.stage, judgement.points, judgement.by) == ("self", D(2), office.people["reporter"])
    changes = {change.field: (change.before, change.after) for change in Change.objects.all()}
    assert changes == {
        "self_points": (None, "2"),
        "self_inputs": (None, '{"answer": "yes"}'),
        "self_note": (None, "QĐ số 5"),
    }
    change = Change.objects.get(field="self_points")
    assert (change.context, change.unit, change.object_id) == (
        "tinh-thu/2025/huyen",
        office.units["an"],
        score.pk,
    )


def test_the_same_value_again_is_no_change() -> None:
    office = make_office_year()
    write(office, "1.1", points="2")
    assert write(office, "1.1", points="2.00", expected_version=0).outcome == "unchanged"
    assert (Score.objects.get().version, Judgement.objects.count(), Change.objects.count()) == (1, 1, 1)


def test_who_writes_on_an_older_version_is_shown_the_other_value_and_overwrites_nothing() -> None:
    office = make_office_year()
    write(office, "1.2", points="5", expected_version=0)
    late = write(office, "1.2", "lead", points="6", expected_version=0)
    assert (late.outcome, late.score.self_points, late.score.version) == ("conflict", 5, 1)
    assert "Người khác vừa sửa" in late.message
    assert write(office, "1.2", "lead", points="6", expected_version=1).outcome == "saved"
    assert Score.objects.get().self_points == 6
    assert Change.objects.filter(before="5", after="6").count() == 1


@pytest.mark.parametrize(
    ("code", "fields", "words"),
    [
        ("1.1", {"points": "2.5"}, "vượt điểm tối đa"),
        ("1.1", {"points": "-1"}, "từ 0 trở lên"),
        ("1.1", {"points": "1.00001"}, "4 chữ số"),
        ("1.1", {"points": "NaN"}, "từ 0 trở lên"),
        ("1.1", {"state": "not_published"}, "không hợp lệ"),
        ("1.1", {"state": "value"}, "Chưa có điểm"),
        ("1.1", {"points": "1", "inputs": {"answer": "yes"}}, "quy tắc cho 2 điểm"),
        ("1.2", {"points": "1", "inputs": {"completed": "-3", "planned": "4"}}, "từ 0 trở lên"),
        ("2.2", {"points": "1"}, "không tự chấm"),
    ],
)
def test_a_value_that_cannot_be_is_refused(code: str, fields: dict[str, Any], words: str) -> None:
    result = write(make_office_year(), code, **fields)
    assert result.outcome == "refused"
    assert words in result.message
    assert not Score.objects.exists() and not Change.objects.exists()


def test_the_rule_gives_the_points_where_the_unit_gives_its_variables() -> None:
    office = make_office_year()
    given = write(office, "1.2", state="value", inputs={"completed": "2", "planned": "3"})
    assert given.score.self_points == D("6.6667")
    assert write(office, "1.2", points="6.67", inputs={"completed": "2", "planned": "3"}).outcome == "saved"
    other = write(
        office, "1.2", points="7", inputs={"completed": "2", "planned": "3"}, note="Có việc đột xuất"
    )
    assert (other.outcome, other.score.self_points) == ("saved", 7)


def test_nothing_of_nothing_is_what_the_component_declares() -> None:
    given = write(make_office_year(), "1.2", state="value", inputs={"completed": "0", "planned": "0"})
    assert (given.outcome, given.score.self_state, given.score.self_points) == (
        "saved",
        "not_applicable",
        None,
    )


def dossiers(office: OfficeYear, in_time: int, resolved: int) -> None:
    office.units["an"].dossier_counts.create(
        scope="own",
        starts_on=dt.date(2025, 1, 1),
        ends_on=dt.date(2025, 12, 31),
        on_time_or_early=in_time,
        resolved=resolved,
        source=make_source(),
    )


def test_points_from_the_systems_own_figures_are_the_appraisers_to_change_with_a_reason() -> None:
    office = make_office_year()
    dossiers(office, 3, 4)
    assert write(office, "2.1", state="value").score.self_points == 6
    refused = write(office, "2.1", points="8", note="Chúng tôi thấy khác")
    assert (refused.outcome, "chỉ người thẩm định" in refused.message) == ("refused", True)
    other = write(office, "2.1", state="value", inputs={"in_time": "4"})
    assert "Hệ thống đã có số liệu 3" in other.message
    move(office, "round1", "submitted")
    assert "phải nêu lý do" in write(office, "2.1", "appraiser", stage="appraised", points="7").message
    assert (
        write(office, "2.1", "appraiser", stage="appraised", points="7", reason="Hồ sơ trùng").outcome
        == "saved"
    )


def test_figures_of_part_of_a_year_are_not_the_years() -> None:
    office = make_office_year()
    dossiers(office, 3, 4)
    office.units["an"].dossier_counts.update(ends_on=dt.date(2025, 5, 31))
    assert write(office, "2.1", points="8").outcome == "saved"


def move(office: OfficeYear, stage: str, status: str) -> None:
    """Set year and sheets where the test needs them, past the steps."""
    office.year.stage = stage
    office.year.save(update_fields=["stage"])
    for sheet in office.sheets.values():
        sheet.status = status
        sheet.save(update_fields=["status"])


def test_an_appraised_value_that_differs_needs_its_reason() -> None:
    office = make_office_year()
    write(office, "1.1", points="2")
    move(office, "round1", "submitted")
    assert write(office, "1.1", "appraiser", stage="appraised", points="2").outcome == "saved"
    assert "phải nêu lý do" in write(office, "1.1", "appraiser", stage="appraised", points="1").message
    done = write(office, "1.1", "appraiser", stage="appraised", points="1", reason="Thiếu tài liệu")
    assert (done.score.appraised_points, done.score.appraised_reason, done.score.self_points) == (
        1,
        "Thiếu tài liệu",
        2,
    )
    last = Judgement.objects.order_by("pk").last()
    assert last is not None
    assert (last.stage, last.points, last.reason) == ("round1", D(1), "Thiếu tài liệu")
    assert Change.objects.get(field="appraised_points", after="1").before == "2"


@pytest.mark.parametrize(
    ("person", "stage", "allowed"),
    [
        ("reporter", "self", True),
        ("lead", "self", True),
        ("viewer", "self", False),
        ("stranger", "self", False),
        ("appraiser", "self", False),
        ("publisher", "self", False),
        ("administrator", "self", False),
        ("appraiser", "survey", True),
        ("publisher", "survey", True),
        ("lead", "survey", False),
        ("overseer", "survey", False),
    ],
)
def test_who_may_write_while_units_score_themselves(person: str, stage: str, allowed: bool) -> None:
    office = make_office_year()
    code = "2.2" if stage == "survey" else "1.1"
    if allowed:
        assert write(office, code, person, stage=stage, points="1").outcome == "saved"
    else:
        with pytest.raises(Denied):
            write(office, code, person, stage=stage, points="1")


def test_what_is_locked_is_said_with_since_when() -> None:
    office = make_office_year("round1")
    office.sheet.submitted_at = dt.datetime(2026, 1, 5, 17, tzinfo=timezone.get_default_timezone())
    office.sheet.save()
    refused = write(office, "1.1", points="2")
    assert (refused.outcome, "Đã khóa từ 17:00 ngày 05/01/2026" in refused.message) == ("refused", True)


def test_a_deadline_locks_until_a_publisher_lets_the_sheet_in_again() -> None:
    office = make_office_year()
    Deadline.objects.update(at=timezone.now() - dt.timedelta(hours=1))
    assert "hết hạn" in write(office, "1.1", points="2").message
    assert entry_refusal(office.people["lead"], office.sheet) is not None
    office.sheet.reopened_until = timezone.now() + dt.timedelta(hours=1)
    office.sheet.save()
    assert write(office, "1.1", points="2").outcome == "saved"
    assert entry_refusal(office.people["lead"], office.sheet) is None
    assert evidence_refusal(office.people["lead"], office.sheet) is None


def test_who_was_assigned_nodes_writes_these_only() -> None:
    office = make_office_year()
    friend, area = make_user("friend"), office.leaves["1.1"].parent
    assert area is not None
    for person in (friend, office.people["reporter"]):
        Assignment.objects.create(
            assessment_year=office.year,
            unit=office.units["an"],
            criterion=area,
            user=person,
            task="enter",
        )
    office.people["friend"] = friend  # type: ignore[index]
    assert write(office, "1.1", "friend", points="1").outcome == "saved"
    assert "phân công" in write(office, "2.1", "friend", points="1").message
    assert "phân công" in write(office, "2.1", points="1").message
    assert write(office, "2.1", "lead", points="1").outcome == "saved"


def test_a_decided_value_is_changed_by_a_publisher_with_a_reason_only() -> None:
    office = make_office_year("published")
    with pytest.raises(Denied):
        write(office, "1.1", "appraiser", stage="appraised", points="1", reason="Nhầm")
    assert "phải nêu lý do" in write(office, "1.1", "publisher", stage="appraised", points="1").message
    assert write(office, "1.1", "publisher", stage="appraised", points="1", reason="Nhầm").outcome == "saved"


def test_a_reply_is_written_beside_the_appraisal() -> None:
    office = make_office_year("reply")
    assert (
        write(office, "1.1", stage="reply", note="Tài liệu đã gửi ngày 5").score.reply
        == "Tài liệu đã gửi ngày 5"
    )
    assert Judgement.objects.get().stage == "reply"


def queries(office: OfficeYear, writes: list[CellWrite]) -> int:
    office.people["reporter"].__dict__.pop("_rights", None)
    with CaptureQueriesContext(connection) as found:
        write_cells(office.sheet, writes, Act(office.people["reporter"], FORM))
    return len(found)


def test_queries_do_not_grow_with_the_cells() -> None:
    office = make_office_year()
    many = [CellWrite(office.leaves[code].pk, "self", "value", D(2)) for code in ("2.1", "1.1", "1.2")]
    assert (queries(office, many[:1]), queries(office, many[1:])) == (14, 12)
    again = [CellWrite(one.criterion_id, "self", "value", D(1)) for one in many]
    assert queries(office, again) == 14


def test_one_person_writes_two_values_of_a_component_at_once() -> None:
    office = make_office_year("round1")
    leaf = office.leaves["1.1"].pk
    both = [
        CellWrite(leaf, "appraised", "value", D(1), reason="Một phần", expected_version=0),
        CellWrite(office.leaves["2.2"].pk, "survey", "value", D(4), expected_version=0),
    ]
    results = write_sheets(
        [(office.sheet, both), (office.sheets["binh"], both)], Act(office.people["appraiser"], FORM)
    )
    assert [[one.outcome for one in sheet] for sheet in results] == [["saved", "saved"], ["saved", "saved"]]
    assert (Score.objects.count(), Judgement.objects.count()) == (4, 4)
