"""The appraiser's view of a sheet, the gaps of a year, survey points, and the unit's reply."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db.models import F
from django.test import Client
from django.urls import reverse

from districts.audit import Act
from districts.models import Change
from reports.models import AssessmentYear, Assignment, Criterion, Evidence, Score, ScoreSheet
from reports.office.survey import units_a_page
from reports.summaries.appraisal import gap_table
from reports.summaries.sheet import sheet_of
from reports.workflow.entering import CellWrite, write_cells

from .factories import OfficeYear, make_office_year

D = Decimal
pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> OfficeYear:
    made = make_office_year(stage="round1")
    for code, points in (("1.1", "2"), ("1.2", "9"), ("2.1", "8")):
        Score.objects.create(
            sheet=made.sheet, criterion=made.leaves[code], self_state="value", self_points=Decimal(points)
        )
    return made


def page(client: Client, office: OfficeYear, who: str, name: str = "appraisal", **asked: str) -> str:
    client.force_login(office.people[who])
    response = client.get(reverse(f"office:{name}", args=[office.sheet.pk]), asked)
    assert response.status_code == 200
    return response.content.decode()


def judge(client: Client, office: OfficeYear, who: str = "appraiser", **fields: str) -> int:
    client.force_login(office.people[who])
    return client.post(reverse("office:appraisal", args=[office.sheet.pk]), fields).status_code


def score(office: OfficeYear, code: str) -> Score:
    return Score.objects.get(sheet=office.sheet, criterion=office.leaves[code])


def row(office: OfficeYear, code: str, points: str, reason: str = "", version: str = "1") -> dict[str, str]:
    key = office.leaves[code].pk
    return {
        "row": str(key),
        f"points-{key}": points,
        f"state-{key}": "value",
        f"reason-{key}": reason,
        f"version-{key}": version,
    }


def test_the_appraiser_sees_self_points_beside_the_fields(client, office):
    text = page(client, office, "appraiser")
    assert (
        "Tiêu chí 1.2" in text
        and "<strong>9</strong>" in text
        and f"points-{office.leaves['1.2'].pk}" in text
    )


def test_a_viewer_of_the_organiser_sees_no_fields(client, office):
    assert 'name="points-' not in page(client, office, "overseer")


def test_the_unit_itself_is_sent_to_the_reply(client, office):
    client.force_login(office.people["lead"])
    assert client.get(reverse("office:appraisal", args=[office.sheet.pk])).status_code == 403


def test_another_unit_does_not_find_the_sheet(client, office):
    client.force_login(office.people["stranger"])
    assert client.get(reverse("office:appraisal", args=[office.sheet.pk])).status_code == 404


def test_accepting_an_area_takes_over_its_self_points_only(client, office):
    keys = [office.leaves[code].pk for code in ("1.1", "1.2")]
    fields = {f"version-{key}": "1" for key in keys} | {"row": keys, "area": "1", "do": "accept_area"}
    assert judge(client, office, **fields) == 302
    assert score(office, "1.2").appraised_points == 9
    assert score(office, "2.1").appraised_state == "not_entered"


def test_an_area_is_not_accepted_over_what_was_typed(client, office):
    typed = row(office, "1.2", "7,5", "Thiếu báo cáo")
    other = office.leaves["1.1"].pk
    fields = typed | {"row": [typed["row"], str(other)], f"version-{other}": "1"}
    assert judge(client, office, area="1", do="accept_area", **fields) == 302
    assert (score(office, "1.2").appraised_points, score(office, "1.1").appraised_points) == (D("7.5"), D(2))


def test_accepting_one_component_saves_what_was_typed_in_the_others_and_stays_at_its_row(client, office):
    typed, other = row(office, "1.2", "7,5", "Thiếu báo cáo"), office.leaves["1.1"].pk
    fields = typed | {"row": [typed["row"], str(other)], f"version-{other}": "1", "area": "1"}
    client.force_login(office.people["appraiser"])
    there = reverse("office:appraisal", args=[office.sheet.pk])
    answer = client.post(there, fields | {"do": f"accept-{other}"})
    assert answer["Location"] == f"{there}?area=1#row-{other}"
    assert (score(office, "1.2").appraised_points, score(office, "1.1").appraised_points) == (D("7.5"), D(2))


def test_before_a_sheet_is_accepted_what_is_typed_is_saved_and_the_page_asks(client, office):
    client.force_login(office.people["appraiser"])
    there = reverse("office:appraisal", args=[office.sheet.pk])
    fields = {"area": "1", "do": "accept_sheet", **row(office, "1.2", "7,5", "Thiếu báo cáo")}
    asked = client.post(there, fields)
    assert asked["Location"] == f"{there}accept/"
    assert score(office, "1.2").appraised_points == D("7.5")
    assert score(office, "2.1").appraised_state == "not_entered"
    Evidence.objects.create(score=score(office, "2.1"), title="Báo cáo", url="https://example.org/")
    text = " ".join(client.get(asked["Location"]).content.decode().split())
    assert "<strong>2 tiêu chí thành phần</strong> chưa thẩm định" in text
    assert "1 tiêu chí trong số đó không có tài liệu kiểm chứng" in text
    keys = [f"{office.leaves[code].pk}:{score(office, code).version}" for code in ("1.1", "1.2", "2.1")]
    assert all(f'value="{key}"' in text for key in (keys[0], keys[2]))
    Score.objects.filter(pk=score(office, "1.1").pk).update(version=F("version") + 1)
    client.post(asked["Location"], {"row": keys})
    assert score(office, "1.1").appraised_state == "not_entered"
    assert score(office, "2.1").appraised_points == 8
    client.post(asked["Location"], {"row": keys, "only": "evidence"})
    assert score(office, "1.1").appraised_state == "not_entered"
    client.post(asked["Location"], {"row": f"{office.leaves['1.1'].pk}:{score(office, '1.1').version}"})
    assert score(office, "1.1").appraised_points == 2
    assert score(office, "1.2").appraised_points == D("7.5")
    assert score(office, "2.1").appraised_points == 8


def test_a_row_saves_itself_and_brings_the_sums_of_its_area(client, office):
    client.force_login(office.people["appraiser"])
    there = reverse("office:appraisal", args=[office.sheet.pk])
    json = {"accept": "application/json"}
    answer = client.post(there, {"area": "1", **row(office, "1.2", "7,5")}, headers=json).json()
    (said,) = answer["rows"]
    assert (said["outcome"], said["field"]) == ("refused", "reason") and "phải nêu lý do" in said["message"]
    answer = client.post(there, {"area": "1", **row(office, "1.2", "7,5", "Thiếu")}, headers=json).json()
    (said,) = answer["rows"]
    assert (said["outcome"], said["values"]["points"], said["version"]) == ("saved", "7,5", 2)
    assert said["explained"] == "Chênh lệch +1,5"
    assert answer["sums"]["1"] == {"appraised": "7,5", "gap": "+1,5", "judged": "1/2"}


def test_points_may_be_lowered_with_a_reason(client, office):
    assert judge(client, office, area="1", do="save", **row(office, "1.2", "7,5", "Thiếu báo cáo")) == 302
    judged = score(office, "1.2")
    assert (judged.appraised_points, judged.appraised_reason) == (Decimal("7.5"), "Thiếu báo cáo")


def test_other_points_without_a_reason_are_refused_beside_the_field(client, office):
    client.force_login(office.people["appraiser"])
    fields = {"area": "1", "do": "save", **row(office, "1.2", "7,5")}
    response = client.post(reverse("office:appraisal", args=[office.sheet.pk]), fields)
    assert response.status_code == 422 and "phải nêu lý do" in response.content.decode()
    assert score(office, "1.2").appraised_state == "not_entered"


def test_more_than_the_maximum_is_refused(client, office):
    assert judge(client, office, area="1", do="save", **row(office, "1.2", "10,5", "Vượt")) == 422


def test_a_value_somebody_else_changed_meanwhile_is_not_overwritten(client, office):
    Score.objects.filter(pk=score(office, "1.2").pk).update(
        version=5, appraised_state="value", appraised_points=6
    )
    mine = row(office, "1.2", "7", "Lý do")
    assert judge(client, office, area="1", do="save", **mine) == 422
    assert score(office, "1.2").appraised_points == 6
    key = mine["row"]
    assert judge(client, office, area="1", **mine, keep=key, **{f"theirs-{key}": "5"}) == 302
    assert score(office, "1.2").appraised_points == 7


def test_an_assigned_appraiser_judges_the_assigned_area_alone(client, office):
    area = Criterion.objects.get(criteria_set=office.criteria_set, code="2")
    Assignment.objects.create(
        assessment_year=office.year, criterion=area, user=office.people["appraiser"], task="appraise"
    )
    judge(client, office, area="1", do="save", **row(office, "1.2", "9"))
    judge(client, office, area="2", do="save", **row(office, "2.1", "8"))
    assert score(office, "1.2").appraised_state == "not_entered"
    assert score(office, "2.1").appraised_points == 8


def test_the_gap_of_an_area_is_self_less_appraised_points(office):
    Score.objects.filter(pk=score(office, "1.2").pk).update(appraised_state="value", appraised_points=7)
    an = next(one for one in gap_table(office.year).rows if one.sheet.unit_id == office.units["an"].pk)
    assert [(cell.points, cell.heat) for cell in an.cells] == [(2, 3), (None, 0)]
    assert an.total.points == 2 and an.judged == 1


def test_the_gaps_of_a_year_are_the_organisers(client, office):
    address = reverse("office:gaps", args=[office.year.pk])
    client.force_login(office.people["overseer"])
    assert "Huyện An" in client.get(address).content.decode()
    client.force_login(office.people["lead"])
    assert client.get(address).status_code == 403


def test_survey_points_are_entered_by_table(client, office):
    client.force_login(office.people["appraiser"])
    key = f"{office.sheet.pk}-{office.leaves['2.2'].pk}"
    other = f"{office.sheets['binh'].pk}-{office.leaves['2.2'].pk}"
    fields = {f"s-{key}": "4,25", f"v-{key}": "0", f"s-{other}": "KĐG", f"v-{other}": "0"}
    assert client.post(reverse("office:survey", args=[office.year.pk]), fields).status_code == 302
    assert score(office, "2.2").survey_points == Decimal("4.25")
    assert Score.objects.get(sheet=office.sheets["binh"]).survey_state == "not_assessed"


def test_a_survey_cell_over_its_maximum_is_refused_and_the_others_are_kept(client, office):
    client.force_login(office.people["appraiser"])
    key = f"{office.sheet.pk}-{office.leaves['2.2'].pk}"
    other = f"{office.sheets['binh'].pk}-{office.leaves['2.2'].pk}"
    fields = {f"s-{key}": "5,5", f"v-{key}": "0", f"s-{other}": "4", f"v-{other}": "0"}
    response = client.post(reverse("office:survey", args=[office.year.pk]), fields)
    assert response.status_code == 422 and 'value="5,5"' in response.content.decode()
    assert Score.objects.get(sheet=office.sheets["binh"]).survey_points == 4


@pytest.fixture
def replying() -> OfficeYear:
    made = make_office_year(stage="reply")
    Score.objects.create(
        sheet=made.sheet,
        criterion=made.leaves["1.2"],
        self_state="value",
        self_points=9,
        appraised_state="value",
        appraised_points=7,
        appraised_reason="Thiếu báo cáo quý II",
    )
    return made


def test_the_unit_sees_points_and_reason_in_the_reply_stage(client, replying):
    text = page(client, replying, "lead", "reply")
    assert "Thiếu báo cáo quý II" in text and f"reply-{replying.leaves['1.2'].pk}" in text


def test_before_the_reply_stage_the_unit_sees_nothing_of_the_appraisal(client, office):
    client.force_login(office.people["lead"])
    assert client.get(reverse("office:reply", args=[office.sheet.pk])).status_code == 403


@pytest.fixture(params=["round2", "council"])
def second_round(request) -> OfficeYear:
    """A year whose first round gave 7 of component 1.2, and whose next one is about to give 8,5."""
    made = make_office_year(stage="round1")
    by, how, sheet = made.people["appraiser"], Change.How.FORM, made.sheet
    Score.objects.create(sheet=sheet, criterion=made.leaves["1.2"], self_state="value", self_points=9)
    ScoreSheet.objects.update(status="submitted")
    write = {"criterion_id": made.leaves["1.2"].pk, "stage": "appraised", "state": "value"}
    write_cells(sheet, [CellWrite(**write, points=Decimal(7), reason="Thiếu báo cáo")], Act(by, how))
    AssessmentYear.objects.update(stage=request.param)
    ScoreSheet.objects.update(status="replied")
    again = CellWrite(**write, points=Decimal("8.5"), reason="Chấp nhận giải trình")
    who = by if request.param == "round2" else made.people["publisher"]
    (result,) = write_cells(ScoreSheet.objects.get(pk=sheet.pk), [again], Act(who, how))
    assert result.outcome == "saved", result.message
    return made


@pytest.mark.parametrize("name", ["reply", "sheet", "sheet_log", "cell_log"])
def test_a_unit_reads_the_finished_round_while_the_next_is_written(client, second_round, name):
    args = [second_round.sheet.pk, *([second_round.leaves["1.2"].pk] if name == "cell_log" else [])]

    def seen(who: str) -> str:
        client.force_login(second_round.people[who])
        return client.get(reverse(f"office:{name}", args=args), {"area": "1", "all": "1"}).content.decode()

    assert "Thiếu báo cáo" in seen("lead")
    assert "8,5" not in seen("lead") and "8.5" not in seen("lead")
    assert "Chấp nhận giải trình" not in seen("lead")
    assert "Chấp nhận giải trình" in seen("overseer")
    AssessmentYear.objects.update(stage="final")
    assert "Chấp nhận giải trình" in seen("lead")


def test_survey_points_are_nothing_to_a_unit_before_the_decision(replying):
    Score.objects.create(
        sheet=replying.sheet, criterion=replying.leaves["2.2"], survey_state="value", survey_points="4.375"
    )
    of_unit, of_office = sheet_of(replying.sheet, for_unit=True), sheet_of(replying.sheet)
    assert of_unit.rows[-1].score.survey_points is None
    assert of_office.rows[-1].score.survey_points == Decimal("4.375")


def test_the_lead_replies_and_sends(client, replying):
    client.force_login(replying.people["lead"])
    key = replying.leaves["1.2"].pk
    fields = {f"reply-{key}": "Báo cáo đã gửi ngày 05/7.", f"version-{key}": "1", "send": ""}
    client.post(reverse("office:reply", args=[replying.sheet.pk]), fields)
    replying.sheet.refresh_from_db()
    assert score(replying, "1.2").reply == "Báo cáo đã gửi ngày 05/7."
    assert replying.sheet.status == "replied"


def test_who_may_only_read_the_reply_is_told_why_and_nothing_of_the_program(client, replying):
    text = page(client, replying, "viewer", "reply")
    assert "Chỉ xem" in text and "Criterion:" not in text and "Row(" not in text


def test_a_viewer_of_the_unit_cannot_reply(client, replying):
    client.force_login(replying.people["viewer"])
    key = replying.leaves["1.2"].pk
    response = client.post(
        reverse("office:reply", args=[replying.sheet.pk]), {f"reply-{key}": "Không", "save": ""}
    )
    assert response.status_code == 403


def test_pages_take_the_same_number_of_queries_whatever_the_size(
    client, office, django_assert_max_num_queries
):
    client.force_login(office.people["appraiser"])
    with django_assert_max_num_queries(40):
        client.get(reverse("office:appraisal", args=[office.sheet.pk]))


def test_a_year_without_a_survey_is_told_so_once(client, office):
    client.force_login(office.people["appraiser"])
    Score.objects.create(
        sheet=office.sheet, criterion=office.leaves["2.2"], survey_state="value", survey_points=Decimal(4)
    )
    page = client.post(reverse("office:survey_none", args=[office.year.pk]), follow=True)
    states = Score.objects.filter(criterion=office.leaves["2.2"]).order_by("sheet__unit__sort_key")
    assert list(states.values_list("survey_state", flat=True)) == ["value", "not_assessed", "not_assessed"]
    assert "Đã ghi “không đánh giá” cho 2 ô; 1 ô đã có giá trị được giữ nguyên." in page.content.decode()
    told = Change.objects.filter(field="survey_points", after="not_assessed").values_list("reason", flat=True)
    assert list(told) == ["Năm đánh giá không tổ chức điều tra xã hội học."] * 2


@pytest.mark.parametrize(("components", "units"), [(1, 40), (7, 40), (12, 37), (40, 11), (600, 1)])
def test_a_page_of_survey_points_stays_below_the_servers_limit_of_fields(components, units):
    assert units_a_page(components) == units
