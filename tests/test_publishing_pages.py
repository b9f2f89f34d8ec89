"""The pages that move a year as a whole: prepare, open, council, checklist, publish, correct; and a sheet's steps."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from districts.audit import Act
from districts.models import Change
from reports.models import AssessmentYear, CouncilMeeting, CriteriaSet, Deadline, Publication, Score, Standing
from reports.summaries.corrections import pending_corrections
from reports.workflow import publish as publish_bare
from reports.workflow import steps

from .factories import OfficeYear, make_office_year, make_sheet, make_source, make_year

pytestmark = pytest.mark.django_db
POINTS = {"an": ("2", "9", "8", "4"), "binh": ("2", "8", "7", "4"), "cat": ("1", "7", "6", "5")}


def scored(office: OfficeYear) -> OfficeYear:
    for key, points in POINTS.items():
        for code, value in zip(("1.1", "1.2", "2.1", "2.2"), points, strict=True):
            part = "survey" if code == "2.2" else "appraised"
            given = {f"{part}_state": "value", f"{part}_points": Decimal(value)}
            Score.objects.create(sheet=office.sheets[key], criterion=office.leaves[code], **given)
    return office


@pytest.fixture
def final() -> OfficeYear:
    return scored(make_office_year(stage="final", has_council=False))


def address(name: str, office: OfficeYear, *args: object) -> str:
    return reverse(f"office:{name}", args=[office.year.pk, *args])


def publish(client, office: OfficeYear, **said: str):
    """Publish the table that the page shows."""
    client.force_login(office.people["publisher"])
    shown = client.get(address("publish", office)).context["form"]["table"].value()
    fields = {"decision_number": "12/QĐ-UBND", "decided_on": "05/03/2026", "confirms": "on", "table": shown}
    return client.post(address("publish", office), fields | said)


def test_publishing_writes_the_decision_and_links_the_public_page(client, final):
    response = publish(client, final)
    assert response.status_code == 302
    made = Publication.objects.get()
    assert (made.decision_number, made.decided_on) == ("12/QĐ-UBND", dt.date(2026, 3, 5))
    assert final.year.get_absolute_url() in client.get(response.url).content.decode()


def test_nothing_is_public_before_and_the_ranking_is_after(client, final):
    public = final.year.get_absolute_url()
    assert client.get(public).status_code == 404
    publish(client, final)
    client.logout()
    assert "23,00" in client.get(public).content.decode()


@pytest.mark.parametrize("who", ["appraiser", "administrator", "overseer"])
def test_only_publishers_publish(client, final, who):
    client.force_login(final.people[who])
    assert client.post(address("publish", final), {}).status_code == 403


def test_warnings_ask_for_a_confirmation(client, final):
    Score.objects.filter(criterion=final.leaves["1.1"])[:1].get().delete()
    assert publish(client, final, confirms="").status_code == 200
    assert not Publication.objects.exists()


def test_the_checklist_names_what_is_missing(client, final):
    Score.objects.filter(sheet=final.sheet, criterion=final.leaves["1.1"]).delete()
    client.force_login(final.people["overseer"])
    assert "1.1" in client.get(address("checklist", final)).content.decode()


def test_a_corrected_cell_is_pending_until_the_correction_is_published(client, final):
    publish(client, final)
    fields = {
        "cell": "1",
        "cell-sheet": str(final.sheet.pk),
        "cell-criterion": str(final.leaves["1.2"].pk),
        "cell-value": "7,5",
        "cell-reason": "Cộng nhầm",
    }
    client.post(address("correct", final), fields)
    final.year.refresh_from_db()
    pending = pending_corrections(final.year)
    assert [(one.criterion.code, one.before, one.after, one.reason) for one in pending] == [
        ("1.2", Decimal(9), Decimal("7.5"), "Cộng nhầm")
    ]
    assert Standing.objects.get(unit=final.units["an"], scope__kind="total").points == 23


def test_a_corrected_survey_cell_shows_its_reason_too(client, final):
    publish(client, final)
    fields = {"cell": "1", "cell-sheet": str(final.sheet.pk), "cell-criterion": str(final.leaves["2.2"].pk)}
    client.post(address("correct", final), fields | {"cell-value": "5", "cell-reason": "Sót một đợt"})
    final.year.refresh_from_db()
    assert [one.reason for one in pending_corrections(final.year)] == ["Sót một đợt"]


def correct(client, office: OfficeYear, seen: Publication, **said: str):
    shown = client.get(address("correct", office)).context["form"]["table"].value()
    fields = {"decision_number": "15/QĐ-UBND", "decided_on": "20/03/2026", "reason": "Cộng nhầm"}
    return client.post(
        address("correct", office), fields | {"correct": "1", "seen": seen.pk, "table": shown} | said
    )


def test_a_correction_is_a_new_version_with_its_document_and_reason(client, final):
    test_a_corrected_cell_is_pending_until_the_correction_is_published(client, final)
    correct(client, final, Publication.objects.get())
    newest = Publication.objects.get(version=2)
    assert (newest.decision_number, newest.reason) == ("15/QĐ-UBND", "Cộng nhầm")
    assert Standing.objects.get(
        unit=final.units["an"], scope__kind="total", scope__publication=newest
    ).points == Decimal("21.5")


def test_a_correction_that_changes_nothing_is_refused(client, final):
    publish(client, final)
    page = correct(client, final, Publication.objects.get())
    assert "Chưa có ô nào khác" in page.content.decode()


def test_a_correction_of_a_version_that_is_no_longer_the_last_is_refused(client, final):
    test_a_correction_is_a_new_version_with_its_document_and_reason(client, final)
    first, second = Publication.objects.order_by("version")
    Score.objects.filter(sheet=final.sheet, criterion=final.leaves["1.2"]).update(appraised_points="7")
    refused = correct(client, final, first)
    assert "đã có một bản khác được công bố" in refused.content.decode()
    assert Publication.objects.count() == 2
    # The form that was refused goes on with the version that its page shows now.
    assert refused.context["form"]["seen"].value() == str(second.pk)
    assert refused.context["form"]["table"].value() == refused.context["table"].digest
    assert correct(client, final, second).status_code == 302


def told(rows) -> list[tuple]:
    return [
        (one.unit_name, one.points, one.rank, one.is_tied, one.grade, one.points_change, one.rank_change)
        for one in rows
    ]


def stored(version: int) -> list[tuple]:
    totals = Standing.objects.filter(scope__kind="total", scope__publication__version=version).filter(
        scope__publication__assessment_year__year=2025
    )
    return told(totals.order_by("rank", "unit__sort_key"))


def test_the_table_before_publishing_is_the_table_that_is_published(client, final):
    AssessmentYear.objects.filter(pk=final.year.pk).update(grade_bands=[{"name": "Tốt", "from": "80"}])
    earlier = make_year(
        2024, organiser=final.organiser, group=final.year.group, criteria_set=final.criteria_set
    )
    for key, points in (("an", "1"), ("binh", "5")):
        make_sheet(earlier, final.units[key], {"1.1": "1", "1.2": points, "2.1": "1", "2.2": "1"})
    publish_bare(earlier, published_at=timezone.now())
    client.force_login(final.people["publisher"])
    page = client.get(address("publish", final))
    table = page.context["table"]
    shown = told(row.total for row in table.rows)
    text = page.content.decode()
    assert "Huyện An" in text and "23,00" in text and "Tốt" in text and "+19,00" in text
    assert not final.year.publications.exists()
    publish(client, final)
    assert shown == stored(1)


def test_a_year_that_is_not_decided_has_no_button_to_publish(client):
    office = make_office_year(stage="round1")
    client.force_login(office.people["publisher"])
    text = client.get(address("publish", office)).content.decode()
    assert "Chưa công bố được" in text and 'class="button">Công bố' not in text


def test_looking_at_the_table_writes_nothing(client, final):
    client.force_login(final.people["publisher"])
    with CaptureQueriesContext(connection) as asked:
        client.get(address("publish", final))
    words = ("INSERT", "UPDATE", "DELETE")
    # A session that is used is renewed.
    written = [one["sql"] for one in asked if one["sql"].startswith(words) and "session" not in one["sql"]]
    assert written == []
    assert (Publication.objects.count(), Standing.objects.count()) == (0, 0)


def test_another_table_than_the_one_looked_at_is_not_published(client, final):
    client.force_login(final.people["publisher"])
    shown = client.get(address("publish", final)).context["form"]["table"].value()
    Score.objects.filter(sheet=final.sheet, criterion=final.leaves["1.2"]).update(appraised_points="7")
    refused = publish(client, final, table=shown)
    assert "số liệu đã thay đổi" in refused.content.decode() and not Publication.objects.exists()
    # The form that was refused goes on with the table that its page shows now.
    assert refused.context["form"]["table"].value() == refused.context["table"].digest


def test_figures_that_change_at_the_last_moment_are_not_published(final):
    act = Act(final.people["publisher"], Change.How.FORM)
    with pytest.raises(ValidationError, match="số liệu đã thay đổi"):
        steps.publish(final.year, act, decision_number="12", shown="of another table")
    assert not Publication.objects.exists()


def test_a_decision_or_a_meeting_of_a_day_to_come_is_refused(client, final):
    day = f"{timezone.localdate() + dt.timedelta(days=1):%d/%m/%Y}"
    assert f"Ngày {day} chưa tới" in publish(client, final, decided_on=day).content.decode()
    act = Act(final.people["publisher"], Change.How.FORM)
    with pytest.raises(ValidationError, match="chưa tới"):
        steps.publish(final.year, act, decided_on=timezone.localdate() + dt.timedelta(days=1))
    assert not Publication.objects.exists()
    AssessmentYear.objects.filter(pk=final.year.pk).update(stage="council", has_council=True)
    rows = votes(("Chủ tịch", "present", "agree"))
    page = client.post(address("council_new", final), {"held_on": day, **rows})
    assert "chưa tới" in page.content.decode() and not CouncilMeeting.objects.exists()
    today = f"{timezone.localdate():%d/%m/%Y}"
    assert client.post(address("council_new", final), {"held_on": today, **rows}).status_code == 302


def test_units_that_did_not_report_are_a_warning_by_name(client, final):
    final.year.sheets.exclude(pk=final.sheet.pk).update(status="not_reported")
    client.force_login(final.people["publisher"])
    page = client.get(address("publish", final))
    line = next(line for line in page.context["lines"] if line.key == "silent")
    assert (line.level, line.details) == ("warn", ("Huyện Bình", "Huyện Cát"))
    assert "2/3 đơn vị không nộp báo cáo" in line.title
    assert publish(client, final, confirms="").status_code == 200


def test_a_correction_shows_the_new_total_and_rank_before_it_is_published(client, final):
    publish(client, final)
    Score.objects.filter(sheet=final.sheet, criterion=final.leaves["1.2"]).update(appraised_points="6")
    client.force_login(final.people["publisher"])
    page = client.get(address("correct", final))
    text = " ".join(page.content.decode().split())
    assert "<strong>Huyện An</strong> 23,00 → 20,00 điểm, hạng 1/3 → 2/3" in text
    shown = told(row.total for row in page.context["table"].rows)
    correct(client, final, Publication.objects.get())
    assert shown == stored(2)


def year_fields(office: OfficeYear, **overrides: str) -> dict[str, str]:
    return {
        "organiser": str(office.organiser.pk),
        "year": "2026",
        "group": str(office.year.group_id),
        "criteria_set": str(office.criteria_set.pk),
        "round_at": "total",
        "digits": "2",
        "rank_on": "rounded",
        "ranking_rule": "dense",
        "has_council": "on",
        "grade_bands": "Tốt = 80\nKhá = 70",
        "deadline_self_scoring": "17:00 31/01/2027",
        **overrides,
    }


def test_a_year_is_prepared_with_rules_bands_and_deadlines(client):
    office = make_office_year()
    client.force_login(office.people["publisher"])
    response = client.post(reverse("office:year_new"), year_fields(office))
    assert response.status_code == 302
    made = AssessmentYear.objects.get(year=2026)
    assert made.grade_bands == [{"name": "Tốt", "from": "80"}, {"name": "Khá", "from": "70"}]
    assert timezone.localtime(Deadline.objects.get(assessment_year=made).at).hour == 17


def test_a_year_is_prepared_by_a_set_that_can_score_and_shows_whom_it_will_open(client):
    office = make_office_year(stage="prepare")
    frame = CriteriaSet.objects.create(name="Bộ khung", slug="khung")
    client.force_login(office.people["publisher"])
    form = client.get(reverse("office:year_new")).content.decode()
    assert office.criteria_set.name in form and frame.name not in form
    page = client.get(address("year", office)).content.decode()
    assert "3 đơn vị có phiếu" in page and "Huyện An, Huyện Bình, Huyện Cát." in page


def test_a_new_year_begins_with_the_rules_of_the_last(client):
    office = make_office_year(ranking_rule="dense", digits=3, has_council=False)
    client.force_login(office.people["publisher"])
    initial = client.get(reverse("office:year_new")).context["form"].initial
    assert (initial["year"], initial["group"], initial["digits"]) == (2026, office.year.group_id, 3)
    assert (initial["ranking_rule"], initial["has_council"]) == ("dense", False)


def test_a_deadline_before_that_of_the_stage_before_is_refused(client):
    office = make_office_year()
    client.force_login(office.people["publisher"])
    fields = year_fields(office, deadline_reply="17:00 30/01/2027")
    text = client.post(reverse("office:year_new"), fields).content.decode()
    assert "Không được trước thời hạn" in text and "17:00 ngày 31/01/2027" in text
    assert not AssessmentYear.objects.filter(year=2026).exists()


def test_only_sources_the_organisers_years_cite_are_offered(client, final):
    own, other = make_source("rieng"), make_source("khac")
    past = make_year(2020, organiser=final.organiser, basis="totals")
    past.official_results.create(unit=final.units["an"], source=own, total=80)
    client.force_login(final.people["publisher"])
    offered = client.get(address("publish", final)).context["form"].fields["source"].queryset
    assert own in offered and other not in offered


def test_bands_in_the_wrong_order_are_refused(client):
    office = make_office_year()
    client.force_login(office.people["publisher"])
    fields = year_fields(office, grade_bands="Khá = 70\nTốt = 80")
    assert "từ cao xuống thấp" in client.post(reverse("office:year_new"), fields).content.decode()


def test_the_rules_of_an_opened_year_stay_while_deadlines_move(client):
    office = make_office_year()
    client.force_login(office.people["publisher"])
    client.post(address("year_settings", office), year_fields(office, digits="0"))
    office.year.refresh_from_db()
    assert office.year.digits == 2
    assert office.year.deadlines.get(stage="self_scoring").at.astimezone(dt.UTC).year == 2027


def test_a_step_of_the_year_moves_it(client):
    office = make_office_year()
    client.force_login(office.people["publisher"])
    take(client, office, "close_entry")
    office.year.refresh_from_db()
    assert office.year.stage == "submitted"


def take(client, office: OfficeYear, step: str, **said: str):
    """Confirm a step of the year on the page that says what it does."""
    client.force_login(office.people["publisher"])
    shown = client.get(address("year_step", office, step)).context["form"]["stage"].value()
    return client.post(address("year_step", office, step), {"stage": shown} | said, follow=True)


def asked(client, office: OfficeYear, step: str) -> str:
    client.force_login(office.people["publisher"])
    return " ".join(client.get(address("year_step", office, step)).content.decode().split())


def test_a_step_of_the_year_names_first_whom_it_concerns_and_until_when_they_had_time(client):
    office = make_office_year()
    office.sheet.status = "submitted"
    office.sheet.save()
    text = asked(client, office, "close_entry")
    assert "<strong>2 đơn vị chưa nộp phiếu:</strong> Huyện Bình, Huyện Cát." in text
    assert "còn 7 ngày: bước này kết thúc trước hạn" in text
    assert "quay lại được giai đoạn “tự chấm điểm”" in text
    office.year.refresh_from_db()
    assert office.year.stage == "self_scoring"


def test_the_page_of_a_step_that_would_be_refused_says_why_and_has_no_button(client):
    office = make_office_year(stage="round1")
    text = asked(client, office, "open_replies")
    assert "Còn 3 phiếu ở tình trạng “đã nộp”" in text
    assert '<button type="submit" class="button">Mở giải trình' not in text


@pytest.mark.parametrize("step", ["open_year", "close_entry", "open_appraisal", "open_replies", "decide"])
@pytest.mark.parametrize("basis", ["scored", "totals"])
def test_every_step_can_be_asked_for_at_every_stage(client, step, basis):
    office = make_office_year(stage="prepare")
    client.force_login(office.people["publisher"])
    for stage in AssessmentYear.Stage:
        AssessmentYear.objects.filter(pk=office.year.pk).update(stage=stage, basis=basis)
        for one in (step, "step_back", "open_second_round", "open_council"):
            assert client.get(address("year_step", office, one)).status_code == 200


def test_who_may_not_take_a_step_is_not_told_what_it_does(client):
    office = make_office_year()
    client.force_login(office.people["appraiser"])
    assert client.get(address("year_step", office, "close_entry")).status_code == 403


def test_opening_a_year_says_that_there_is_no_way_back(client):
    text = asked(client, make_office_year(stage="prepare"), "open_year")
    assert "3 đơn vị có phiếu chấm điểm" in text and "Không có bước quay lại giai đoạn chuẩn bị" in text


def test_a_year_goes_back_by_one_stage_with_a_reason_in_the_log(client):
    office = make_office_year()
    take(client, office, "close_entry")
    assert "3 đơn vị nhập và nộp phiếu được trở lại" in asked(client, office, "step_back")
    take(client, office, "step_back")
    office.year.refresh_from_db()
    assert office.year.stage == "submitted"
    take(client, office, "step_back", reason="Khóa nhầm, còn hạn")
    office.year.refresh_from_db()
    assert office.year.stage == "self_scoring"
    last = Change.objects.filter(field="stage").latest("pk")
    assert (last.before, last.after, last.reason) == ("submitted", "self_scoring", "Khóa nhầm, còn hạn")


def test_going_back_sent_twice_goes_back_once(client):
    office = make_office_year(stage="reply")
    said = {"stage": "reply", "reason": "Mở nhầm"}
    client.force_login(office.people["publisher"])
    for _ in range(2):
        answer = client.post(address("year_step", office, "step_back"), said, follow=True)
    office.year.refresh_from_db()
    assert office.year.stage == "round1"
    assert "đã chuyển giai đoạn" in answer.content.decode()


def test_a_year_does_not_go_back_to_replies_once_a_later_round_has_judged(client):
    office = make_office_year(stage="round2")
    assert "vòng thẩm định sau chấm" not in asked(client, office, "step_back")
    score = Score.objects.create(sheet=office.sheet, criterion=office.leaves["1.2"])
    score.judgements.create(stage="round2", state="value", points=7)
    assert "Không quay lại giai đoạn giải trình được: đã có 1 điểm" in asked(client, office, "step_back")
    take(client, office, "step_back", reason="Mở nhầm")
    office.year.refresh_from_db()
    assert office.year.stage == "round2"


def test_out_of_a_decided_result_closed_sheets_come_back_as_appraised(client, final):
    final.year.sheets.filter(pk=final.sheets["cat"].pk).update(status="not_reported")
    assert "2 đơn vị có phiếu trở về tình trạng “đã thẩm định”:</strong> Huyện An, Huyện Bình." in asked(
        client, final, "step_back"
    )
    take(client, final, "step_back", reason="Chốt nhầm")
    final.year.refresh_from_db()
    assert final.year.stage == "round2"
    statuses = final.year.sheets.order_by("unit__sort_key").values_list("status", flat=True)
    assert [*statuses] == ["appraised", "appraised", "not_reported"]
    assert Change.objects.filter(field="status", after="appraised", reason="Chốt nhầm").count() == 2
    take(client, final, "decide")
    final.year.refresh_from_db()
    assert final.year.stage == "final"


def test_a_published_year_does_not_go_back(client, final):
    publish(client, final)
    take(client, final, "step_back", reason="Công bố nhầm")
    final.year.refresh_from_db()
    assert final.year.stage == "published"


def test_a_step_out_of_turn_is_a_message_not_an_error(client):
    office = make_office_year()
    client.force_login(office.people["publisher"])
    response = take(client, office, "decide")
    assert response.status_code == 200 and "notice-error" in response.content.decode()


def test_a_sheet_is_sent_back_with_its_reason(client):
    office = make_office_year(stage="round1")
    client.force_login(office.people["appraiser"])
    where = reverse("office:sheet_step", args=[office.sheet.pk, "send_back"])
    assert "Lý do" in client.get(where).content.decode()
    client.post(where, {"reason": "Thiếu tài liệu"})
    office.sheet.refresh_from_db()
    assert office.sheet.status == "returned"
    assert Change.objects.filter(reason="Thiếu tài liệu").exists()


def test_a_publisher_lets_one_sheet_in_again_until_a_day(client):
    office = make_office_year(stage="round1")
    client.force_login(office.people["publisher"])
    where = reverse("office:sheet_step", args=[office.sheet.pk, "reopen"])
    client.post(where, {"reason": "Mất điện", "until": "17:00 31/12/2098"})
    office.sheet.refresh_from_db()
    assert office.sheet.reopened_until and office.sheet.reopened_until.year == 2098


def votes(*rows: tuple[str, str, str]) -> dict[str, str]:
    fields = {"votes-TOTAL_FORMS": str(len(rows)), "votes-INITIAL_FORMS": "0"}
    for place, (member, mode, vote) in enumerate(rows):
        fields |= {f"votes-{place}-member": member, f"votes-{place}-mode": mode, f"votes-{place}-vote": vote}
    return fields


def test_the_council_decides_with_more_than_half_of_all_members(client):
    office = make_office_year(stage="council")
    client.force_login(office.people["publisher"])
    rows = votes(
        ("Chủ tịch", "present", "agree"),
        ("Giám đốc Sở Nội vụ", "writing", "agree"),
        ("Ủy viên", "absent", "none"),
    )
    client.post(address("council_new", office), {"held_on": "10/02/2026", "minutes_number": "01/BB", **rows})
    text = client.get(address("council", office)).content.decode()
    assert "hợp lệ" in text and "2/3" in text and "01/BB" in text


def test_the_log_says_who_of_the_council_voted_otherwise_though_the_count_is_the_same(client):
    office = make_office_year(stage="council")
    client.force_login(office.people["publisher"])
    one, other = (
        votes(("A", "present", "agree"), ("B", "present", "disagree")),
        votes(("A", "present", "disagree"), ("B", "present", "agree")),
    )
    client.post(address("council_new", office), {"held_on": "10/02/2026", **one})
    meeting = reverse("office:council_meeting", args=[office.year.pk, CouncilMeeting.objects.get().pk])
    client.post(meeting, {"held_on": "11/02/2026", **other})
    told = dict(
        Change.objects.filter(before__isnull=False, field__in=["members", "held_on"]).values_list(
            "field", "before"
        )
    )
    assert told["held_on"] == "10/02/2026"
    assert told["members"] == "A (có mặt): tán thành; B (có mặt): không tán thành"


def test_half_of_the_members_is_not_enough(client):
    office = make_office_year(stage="council")
    client.force_login(office.people["publisher"])
    rows = votes(("Chủ tịch", "present", "agree"), ("Ủy viên", "absent", "none"))
    client.post(address("council_new", office), {"held_on": "10/02/2026", **rows})
    assert "chưa hợp lệ" in client.get(address("council", office)).content.decode()


def test_an_absent_member_has_no_vote(client):
    office = make_office_year(stage="council")
    client.force_login(office.people["publisher"])
    rows = votes(("Chủ tịch", "absent", "agree"))
    client.post(address("council_new", office), {"held_on": "10/02/2026", **rows})
    assert not CouncilMeeting.objects.exists()


def test_units_do_not_see_the_council(client):
    office = make_office_year(stage="council")
    client.force_login(office.people["lead"])
    assert client.get(address("council", office)).status_code == 403
