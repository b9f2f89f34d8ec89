"""The score grid: what is typed is read, counted, saved row by row, refused with a reason, never lost silently."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest
from django.test import Client
from django.urls import reverse

from districts.audit import Act
from districts.models import Change
from reports.models import DossierCount, Judgement, Score
from reports.workflow import steps

from .factories import OfficeYear, make_office_year, make_source

JSON = {"Accept": "application/json"}


@pytest.fixture
def office(db: None) -> OfficeYear:
    return make_office_year()


def client_of(office: OfficeYear, person: str) -> Client:
    client = Client()
    client.force_login(office.people[person])
    return client


def fields(office: OfficeYear, code: str, **typed: str) -> dict[str, str]:
    """A row as the form posts it: `in_x` is the rule's variable x."""
    key = office.leaves[code].pk
    posted = {"row": str(key), "area": code[0], f"version-{key}": typed.pop("version", "0")}
    for name in ("state", "points", "note"):
        posted[f"{name}-{key}"] = typed.pop(name, "not_entered" if name == "state" else "")
    for name, text in typed.items():
        posted[f"in-{key}-{name.removeprefix('in_')}"] = text
    return posted


def post(office: OfficeYear, code: str, person: str = "reporter", **typed: str):
    client = client_of(office, person)
    address = reverse("office:cells", args=[office.sheet.pk])
    return client.post(address, fields(office, code, **typed), headers=JSON)


def row(office: OfficeYear, code: str, person: str = "reporter", **typed: str) -> dict:
    return post(office, code, person, **typed).json()["rows"][0]


def make_dossier_year(office: OfficeYear, **counts: int) -> None:
    DossierCount.objects.create(
        unit=office.units["an"],
        scope="own",
        source=make_source(),
        starts_on=dt.date(2025, 1, 1),
        ends_on=dt.date(2025, 12, 31),
        **counts,
    )


def stored(office: OfficeYear, code: str) -> Score:
    return Score.objects.get(sheet=office.sheet, criterion=office.leaves[code])


def test_the_rule_gives_the_points_of_answered_questions(office):
    answer = row(office, "1.2", in_completed="18", in_planned="20")
    assert (answer["outcome"], answer["values"]["points"]) == ("saved", "9")
    assert answer["explained"] == "Tự tính: 9 điểm (tỷ lệ 90 %)."
    assert stored(office, "1.2").self_inputs == {"completed": "18", "planned": "20"}


@pytest.mark.parametrize("typed", ["1,5", "1.5", "1,50 điểm"])
def test_points_are_read_in_vietnamese_and_english_style(office, typed):
    assert row(office, "1.2", points=typed)["values"]["points"] == "1,5"
    assert stored(office, "1.2").self_points == D("1.5")


def test_a_yes_gives_the_maximum(office):
    assert row(office, "1.1", in_answer="yes")["values"]["points"] == "2"


def test_one_answer_alone_is_kept_and_the_other_asked_for(office):
    answer = row(office, "1.2", in_completed="18")
    assert (answer["outcome"], answer["explained"]) == ("saved", "Còn thiếu: nhiệm vụ được giao.")
    assert stored(office, "1.2").self_state == "not_entered"


def test_a_denominator_of_zero_does_what_the_component_says(office):
    assert row(office, "1.2", in_completed="0", in_planned="0")["values"]["state"] == "not_applicable"


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"points": "abc"}, "số"),
        ({"points": "11"}, "11 vượt điểm tối đa 10"),
        ({"points": "-1"}, "từ 0 trở lên"),
        ({"points": "1.000"}, "hãy ghi 1000 nếu là hàng nghìn, 1,000 nếu là số thập phân"),
        ({"in_completed": "12,5", "in_planned": "20"}, "nhiệm vụ hoàn thành: Phải là số nguyên"),
        (
            {"in_completed": "1200", "in_planned": "1.000"},
            "1.200/1.000 = 120 %, phần lớn hơn tổng số; hãy sửa lại, hoặc nêu lý do ở phần thuyết minh.",
        ),
        ({"in_completed": "5", "in_planned": "0"}, "mẫu số bằng 0"),
        ({"points": "3", "in_completed": "18", "in_planned": "20"}, "quy tắc cho 9 điểm"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(office, typed, message):
    answer = row(office, "1.2", **typed)
    assert answer["outcome"] == "refused"
    assert message in answer["message"]
    assert not Score.objects.exists()


def test_counts_are_taken_with_the_dot_of_thousands(office):
    row(office, "1.2", in_completed="1.674", in_planned="2.000")
    assert stored(office, "1.2").self_inputs == {"completed": "1674", "planned": "2000"}


def test_a_part_that_is_more_than_its_whole_is_taken_with_a_remark_that_says_why(office):
    answer = row(office, "1.2", in_completed="1200", in_planned="1000", note="Có nhiệm vụ giao thêm")
    assert (answer["outcome"], answer["values"]["points"]) == ("saved", "10")


def declare(office, **more):
    leaf = office.leaves["1.2"]
    leaf.rule = leaf.rule | more
    leaf.save()


def test_a_rule_may_refuse_a_part_that_is_more_than_its_whole_or_allow_it(office):
    declare(office, above_100="refused")
    given = {"in_completed": "1200", "in_planned": "1000"}
    answer = row(office, "1.2", **given, note="Có nhiệm vụ giao thêm")
    assert answer["outcome"] == "refused" and "không thể đúng" in answer["message"]
    declare(office, above_100="allowed")
    assert row(office, "1.2", **given)["outcome"] == "saved"


def test_other_points_than_the_rules_ask_for_a_remark(office):
    answer = row(
        office, "1.2", points="3", in_completed="18", in_planned="20", note="Theo kết luận thanh tra"
    )
    assert (answer["outcome"], answer["values"]["points"]) == ("saved", "3")


def test_a_remark_changed_later_leaves_the_points_that_differ_from_the_rule(office):
    given = {"points": "3", "in_completed": "18", "in_planned": "20"}
    row(office, "1.2", **given, note="A")
    answer = row(office, "1.2", **given, note="B", state="value", version="1")
    assert (answer["values"]["points"], answer["values"]["note"]) == ("3", "B")


@pytest.mark.parametrize(("completed", "shown"), [("1.125", "1,125"), ("12.5", "12,5")])
def test_a_remark_changed_later_leaves_figures_of_a_time_when_they_were_read_otherwise(
    office, completed, shown
):
    row(office, "1.2", in_completed="1", in_planned="20")
    score = stored(office, "1.2")
    inputs = score.self_inputs | {"completed": completed}
    Score.objects.filter(pk=score.pk).update(self_inputs=inputs)
    typed = {"in_completed": shown, "in_planned": "20", "version": str(score.version)}
    answer = row(office, "1.2", **typed, points="", note="Theo Báo cáo 12/BC-UBND")
    assert (answer["outcome"], stored(office, "1.2").self_inputs) == ("saved", inputs)


def test_changed_answers_count_anew(office):
    row(office, "1.2", in_completed="18", in_planned="20")
    answer = row(office, "1.2", state="value", points="9", in_completed="15", in_planned="20", version="1")
    assert answer["values"]["points"] == "7,5"


def test_answers_taken_away_take_their_points_along(office):
    row(office, "1.2", in_completed="18", in_planned="20")
    row(office, "1.2", state="value", points="9", in_completed="", in_planned="20", version="1")
    assert stored(office, "1.2").self_state == "not_entered"


def test_the_words_for_not_applicable_in_the_points_are_the_state(office):
    assert row(office, "1.2", points="Không áp dụng")["values"]["state"] == "not_applicable"
    assert stored(office, "1.2").self_points is None


def test_points_typed_over_a_state_become_a_value(office):
    row(office, "1.2", state="not_applicable")
    answer = row(office, "1.2", state="not_applicable", points="4", version="1")
    assert (answer["values"]["state"], answer["values"]["points"]) == ("value", "4")


def test_the_survey_is_not_entered_by_a_unit(office):
    assert row(office, "2.2", points="4")["outcome"] == "refused"


def test_a_row_that_says_what_is_stored_writes_nothing(office):
    row(office, "1.2", points="4")
    assert row(office, "1.2", state="value", points="4", version="1")["outcome"] == "unchanged"
    assert Judgement.objects.count() == 1


def test_running_totals_come_back_with_the_row(office):
    sums = post(office, "1.2", points="4,25").json()["sums"]
    assert sums["1"] == {"points": "4,25", "maximum": "12", "done": "1/2"}
    assert sums["total"] == {"points": "4,25", "maximum": "20", "done": "1/3"}


def test_what_does_not_apply_leaves_the_running_maximum(office):
    assert post(office, "1.2", state="not_applicable").json()["sums"]["total"]["maximum"] == "10"


def test_the_second_writer_is_shown_the_firsts_value_and_overwrites_nothing(office):
    row(office, "1.2", points="4")
    row(office, "1.2", "lead", state="value", points="5", version="1")
    answer = row(office, "1.2", state="value", points="6", version="1")
    assert (answer["outcome"], answer["values"]["points"]) == ("conflict", "5")
    assert answer["theirs"] == "lead: 5. Của bạn: 6."
    assert stored(office, "1.2").self_points == D(5)


def test_who_keeps_their_own_value_writes_it_on_the_newer_version(office):
    row(office, "1.2", points="4")
    row(office, "1.2", "lead", state="value", points="5", version="1")
    key = office.leaves["1.2"].pk
    posted = {
        **fields(office, "1.2", state="value", points="6", version="1"),
        "keep": key,
        f"theirs-{key}": "2",
    }
    client_of(office, "reporter").post(reverse("office:cells", args=[office.sheet.pk]), posted)
    assert stored(office, "1.2").self_points == D(6)


def test_without_script_the_page_keeps_what_could_not_be_saved(office):
    client = client_of(office, "reporter")
    posted = fields(office, "1.2", points="mười") | {
        "row": [str(office.leaves[c].pk) for c in ("1.1", "1.2")]
    }
    posted |= {f"points-{office.leaves['1.1'].pk}": "", f"in-{office.leaves['1.1'].pk}-answer": "yes"}
    response = client.post(reverse("office:cells", args=[office.sheet.pk]), posted)
    assert response.status_code == 422
    assert 'value="mười"' in response.content.decode()
    assert stored(office, "1.1").self_points == D(2)


def test_without_script_a_saved_area_comes_back(office):
    client = client_of(office, "reporter")
    address = reverse("office:cells", args=[office.sheet.pk])
    response = client.post(address, fields(office, "1.2", points="4"), follow=True)
    assert response.redirect_chain[0][0].endswith("?area=1")
    assert "Đã lưu 1 dòng." in response.content.decode()


@pytest.mark.parametrize(
    ("person", "status"),
    [("viewer", 403), ("appraiser", 403), ("overseer", 403), ("stranger", 404), ("lead", 200)],
)
def test_only_the_units_own_people_write(office, person, status):
    assert post(office, "1.2", person, points="4").status_code == status
    assert Score.objects.exists() is (status == 200)


@pytest.mark.parametrize("stage", ["round1", "reply", "final", "published"])
def test_a_locked_stage_refuses_with_its_reason(db, stage):
    office = make_office_year(stage)
    answer = post(office, "1.2", points="4")
    assert answer.status_code == 403 or "không thực hiện được" in answer.json()["rows"][0]["message"]
    assert not Score.objects.exists()


def test_who_may_not_write_sees_values_and_no_fields(office):
    row(office, "1.2", points="4,25", note="Có lý do")
    page = client_of(office, "overseer").get(reverse("office:sheet", args=[office.sheet.pk])).content.decode()
    assert "4,25" in page and "Có lý do" in page
    assert "data-row" not in page


def test_a_sheet_that_may_only_be_read_says_so_and_nothing_else(office):
    page = client_of(office, "overseer").get(reverse("office:sheet", args=[office.sheet.pk])).content.decode()
    assert "Chỉ xem" in page
    assert "Line(" not in page


def test_a_unit_reads_on_its_sheet_why_it_was_sent_back(db):
    office = make_office_year("submitted")
    steps.send_back(office.sheet, "Thiếu văn bản.", Act(office.people["appraiser"], Change.How.FORM))
    page = client_of(office, "reporter").get(reverse("office:sheet", args=[office.sheet.pk])).content.decode()
    assert "Thiếu văn bản." in page


def test_the_appraisal_is_hidden_from_the_unit_until_the_reply(db):
    office = make_office_year("round1")
    Score.objects.create(
        sheet=office.sheet,
        criterion=office.leaves["1.2"],
        appraised_state="value",
        appraised_points=D("7.77"),
    )
    address = reverse("office:sheet", args=[office.sheet.pk])
    assert "7,77" not in client_of(office, "lead").get(address).content.decode()
    assert "7,77" in client_of(office, "appraiser").get(address).content.decode()


def test_figures_the_system_has_are_shown_and_give_the_points(office):
    make_dossier_year(office, on_time_or_early=990, resolved=1000)
    address = reverse("office:sheet", args=[office.sheet.pk]) + "?area=2"
    page = client_of(office, "reporter").get(address).content.decode()
    assert "số liệu hệ thống" in page and "Tự tính: 7,92 điểm (tỷ lệ 99 %)." in page
    answer = row(office, "2.1", state="value")
    assert (answer["outcome"], answer["values"]["points"]) == ("saved", "7,92")


def test_a_unit_cannot_give_itself_other_points_than_the_systems_figures_do(office):
    make_dossier_year(office, on_time_or_early=990, resolved=1000)
    answer = row(office, "2.1", points="8", note="Vì sao không")
    assert answer["outcome"] == "refused" and "7,92" in answer["message"]


def test_a_sheet_takes_a_constant_number_of_queries(office, django_assert_max_num_queries):
    client = client_of(office, "reporter")
    with django_assert_max_num_queries(45):
        client.get(reverse("office:sheet", args=[office.sheet.pk]))


def test_an_area_leads_to_what_is_not_entered_and_to_the_areas_beside_it(office):
    address = reverse("office:sheet", args=[office.sheet.pk])
    client = client_of(office, "reporter")
    first, second = office.leaves["1.1"], office.leaves["1.2"]
    row(office, "1.1", points="2")
    page = client.get(address).content.decode()
    assert f'href="#row-{second.pk}"' in page and f'href="#row-{first.pk}"' not in page
    assert f'href="{address}?area=2">Lĩnh vực tiếp theo: 2.' in page
    assert "Lĩnh vực trước: 1</a>" in client.get(address, {"area": "2"}).content.decode()


def test_each_field_of_a_row_has_a_label_that_a_phone_shows(office):
    page = client_of(office, "reporter").get(reverse("office:sheet", args=[office.sheet.pk])).content.decode()
    key = office.leaves["1.1"].pk
    for name in ("points", "state", "note"):
        assert f'<label class="narrow-label" for="{name}-{key}">' in page
