"""The office's home and the board: what is mine, by when, how far; nothing of others."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reports.models import AssessmentYear, Deadline, Score, ScoreSheet
from reports.summaries.office import Due, Progress, board, progress_of

from .factories import OfficeYear, make_office_year, make_unit, make_user


@pytest.fixture
def office(db: None) -> OfficeYear:
    return make_office_year()


def page(person, address: str) -> str:
    client = Client()
    client.force_login(person)
    return client.get(address).content.decode()


def fill(office: OfficeYear, unit: str, code: str, state: str = "value") -> None:
    points = D(1) if state == "value" else None
    Score.objects.create(
        sheet=office.sheets[unit], criterion=office.leaves[code], self_state=state, self_points=points
    )


def areas(office: OfficeYear, unit: str = "an") -> list[str]:
    return [one.progress.value for one in progress_of([office.sheets[unit]])[0].areas]


def test_an_area_is_not_begun_in_progress_or_complete(office):
    assert areas(office) == ["not_begun", "not_begun"]
    fill(office, "an", "1.1")
    assert areas(office) == ["in_progress", "not_begun"]
    fill(office, "an", "1.2", "not_applicable")
    assert areas(office) == ["complete", "not_begun"]


def test_an_area_declared_to_have_nothing_is_told_from_silence(office):
    fill(office, "an", "2.1", "not_applicable")
    assert areas(office)[1] == Progress.DECLARED_NONE


def test_components_of_the_survey_are_not_the_units_to_fill_in(office):
    assert [one.total for one in progress_of([office.sheet])[0].areas] == [2, 1]


@pytest.mark.parametrize(
    ("days", "is_late", "words"),
    [
        (3, False, "còn 3 ngày"),
        (0, False, "hạn hôm nay"),
        (-2, True, "quá hạn 2 ngày"),
        (0, True, "quá hạn hôm nay"),
    ],
)
def test_a_deadline_is_said_in_words(days, is_late, words):
    assert Due(timezone.now(), days, is_late).words == words


def test_a_sheet_not_handed_in_after_the_deadline_is_late(office):
    Deadline.objects.update(at=timezone.now() - dt.timedelta(days=2))
    ScoreSheet.objects.filter(pk=office.sheets["binh"].pk).update(status="submitted")
    shown = board(office.year)
    assert shown.late == 2
    assert [row.is_late for row in shown.rows] == [True, False, True]


def test_the_home_shows_a_reporter_their_own_sheet_alone(office):
    shown = page(office.people["reporter"], reverse("office:home"))
    assert "Huyện An" in shown and "Đã nhập 0/3" in shown and "còn 7 ngày" in shown
    assert "Huyện Bình" not in shown


def test_the_home_shows_the_organisers_people_how_many_have_handed_in(office):
    shown = page(office.people["publisher"], reverse("office:home"))
    assert "Đã nộp 0/3 phiếu" in shown


def test_the_home_tells_who_has_no_role_whom_to_ask(office):
    assert "chưa được giao vai trò nào" in page(make_user("moi"), reverse("office:home"))


def test_who_is_not_logged_in_is_sent_to_the_log_in(office, client):
    response = client.get(reverse("office:home"))
    assert response.status_code == 302 and "/office/login/" in response["Location"]


def test_the_board_is_filtered_by_state_and_by_name_without_marks(office):
    fill(office, "cat", "1.1")
    address = reverse("office:year", args=[office.year.pk])
    begun = page(office.people["overseer"], f"{address}?show=in_progress")
    assert "Huyện Cát" in begun and "Huyện An" not in begun
    named = page(office.people["overseer"], f"{address}?q=binh")
    assert "Huyện Bình" in named and "Huyện Cát" not in named


def test_a_units_people_do_not_see_the_board(office):
    client = Client()
    client.force_login(office.people["lead"])
    assert client.get(reverse("office:year", args=[office.year.pk])).status_code == 403


def test_the_board_takes_as_many_queries_for_more_units(office, django_assert_num_queries):
    for number in range(20):
        ScoreSheet.objects.create(
            assessment_year=office.year, unit=make_unit(f"Thêm {number}", code=f"X{number}")
        )
    with django_assert_num_queries(6):
        assert len(board(office.year).rows) == 23


def many_units(office: OfficeYear, count: int) -> None:
    for number in range(count):
        ScoreSheet.objects.create(
            assessment_year=office.year, unit=make_unit(f"Thử {number:03}", code=f"X{number}")
        )


def board_page(office: OfficeYear, **asked: str):
    client = Client()
    client.force_login(office.people["overseer"])
    return client.get(reverse("office:year", args=[office.year.pk]), asked)


def test_the_board_shows_fifty_units_a_page_and_counts_all(office):
    many_units(office, 60)
    first, second = board_page(office), board_page(office, page="2")
    assert len(first.context["rows"]) == 50 and len(second.context["rows"]) == 13
    assert "63 đơn vị, 1–50" in first.content.decode()
    assert len(second.context["board"].rows) == 63


def test_the_board_can_begin_with_who_has_filled_in_least(office):
    fill(office, "an", "1.1")
    rows = board_page(office, sort="progress").context["rows"]
    assert [row.sheet.unit.name for row in rows] == ["Bình", "Cát", "An"]


def test_the_board_shows_who_has_handed_in_and_who_has_not(office):
    ScoreSheet.objects.filter(unit__name="Bình").update(status=ScoreSheet.Status.SUBMITTED)
    waiting, handed_in = board_page(office, show="waiting"), board_page(office, show="handed_in")
    assert [row.sheet.unit.name for row in waiting.context["rows"]] == ["An", "Cát"]
    assert [row.sheet.unit.name for row in handed_in.context["rows"]] == ["Bình"]


def states(office: OfficeYear) -> dict[str, int]:
    """What the year's page counts, in its words."""
    office.year.refresh_from_db()
    return {words: count for _, words, count in board(office.year).states}


def test_the_counts_of_the_board_add_up_while_units_score_themselves(office):
    many_units(office, 2)
    for code in ("1.1", "1.2", "2.1"):
        fill(office, "an", code)
    fill(office, "binh", "1.1")
    ScoreSheet.objects.filter(unit__name="Cát").update(status="submitted")
    assert states(office) == {"chưa bắt đầu": 2, "đang nhập": 1, "đã nhập đủ, chưa nộp": 1, "đã nộp": 1}
    shown = board_page(office)
    assert sum(count for _, _, count in shown.context["board"].states) == 5
    # The table says of each unit what the counts say.
    filled = board_page(office, show="complete").context["rows"]
    assert [(row.sheet.unit.name, row.words) for row in filled] == [("An", "đã nhập đủ, chưa nộp")]


@pytest.mark.parametrize("stage", [stage for stage in AssessmentYear.Stage if stage != "prepare"])
def test_every_sheet_is_counted_once_at_every_stage(office, stage):
    AssessmentYear.objects.update(stage=stage)
    many_units(office, len(ScoreSheet.Status) - 3)
    for sheet, status in zip(ScoreSheet.objects.order_by("pk"), ScoreSheet.Status, strict=True):
        ScoreSheet.objects.filter(pk=sheet.pk).update(status=status)
    assert sum(states(office).values()) == len(ScoreSheet.Status)


def test_after_entry_is_closed_the_board_counts_the_states_of_the_stage(office):
    AssessmentYear.objects.update(stage="submitted")
    assert states(office) == {"chưa nộp": 3, "đã nộp": 0}
    ScoreSheet.objects.exclude(unit__name="An").update(status="not_reported")
    assert states(office) == {"chưa nộp": 1, "đã nộp": 0, "không nộp báo cáo": 2}


def test_the_board_is_taken_away_whole_with_its_filters(office):
    many_units(office, 60)
    out = board_page(office, export="csv", q="thử 01").content.decode("utf-8-sig").splitlines()
    assert len(out) == 11
    assert out[0].startswith("Mã đơn vị,Đơn vị,Phiếu,Hạn,1. Lĩnh vực 1")


def test_an_administrator_finds_people_and_criteria(office):
    shown = page(office.people["administrator"], reverse("office:home"))
    assert reverse("admin:districts_user_changelist") in shown and reverse("office:criteria") in shown
    assert reverse("admin:districts_user_changelist") not in page(
        office.people["publisher"], reverse("office:home")
    )


def test_in_the_reply_stage_the_card_of_a_sheet_leads_to_the_reply(db):
    replying = make_office_year("reply")
    address = reverse("office:reply", args=[replying.sheet.pk])
    assert address in page(replying.people["lead"], reverse("office:home"))
