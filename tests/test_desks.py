"""Desks in the office: set up, printed, counted by month, moderated."""

from __future__ import annotations

import datetime as dt
from xml.etree import ElementTree

import pytest
import segno
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from districts.audit import Act
from districts.models import Change
from reports.models import Desk, Rating, RatingComment, Satisfaction
from reports.summaries.ratings import months_of_desks
from reports.workflow.desks import save_desk
from reports.workflow.figures import RowWrite, write_rows
from reports.workflow.month_figures import confirm_month
from reports.workflow.ratings import Answer, moderate, rate
from tests.factories import OfficeYear, make_desk, make_office_year

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> OfficeYear:
    return make_office_year()


def page(office: OfficeYear, person: str, address: str = "office:desks", *args: int):
    client = Client()
    client.force_login(office.people[person])
    return client.get(reverse(address, args=[office.units["an"].pk, *args]))


def post(office: OfficeYear, person: str, address: str, *args: int, **fields: object):
    client = Client()
    client.force_login(office.people[person])
    return client.post(reverse(address, args=[office.units["an"].pk, *args]), fields)


def ratings(desk: Desk, on: str, *levels: int, scale: int = 5) -> None:
    Rating.objects.bulk_create(
        Rating(
            desk=desk,
            level=level,
            levels=scale,
            on=dt.date.fromisoformat(on),
            form_hash=f"{desk.pk}.{on}.{n}",
        )
        for n, level in enumerate(levels)
    )


def act(office: OfficeYear, person: str) -> Act:
    return Act(office.people[person], Change.How.FORM)


def test_a_lead_sets_up_a_desk_under_a_code_of_its_own(office):
    assert (
        post(office, "lead", "office:desk_new", name="Quầy 1", levels=4, asks_comment="on").status_code == 302
    )
    desk = Desk.objects.get()
    assert (desk.unit, desk.name, desk.levels, desk.asks_factors, desk.is_active) == (
        office.units["an"],
        "Quầy 1",
        4,
        False,
        True,
    )
    assert len(desk.code) == 8 and not set(desk.code) & set("01ilo")
    logged = Change.objects.filter(model="reports.desk", field="name").get()
    assert (logged.after, logged.actor, logged.unit) == ("Quầy 1", office.people["lead"], office.units["an"])


def test_a_name_is_given_once_within_a_unit(office):
    make_desk(office.units["an"], name="Quầy 1")
    answer = post(office, "lead", "office:desk_new", name="Quầy 1", levels=5)
    assert answer.status_code == 422 and Desk.objects.count() == 1


def test_closing_a_desk_keeps_its_code_and_is_logged(office):
    desk = make_desk(office.units["an"], code="abc")
    post(office, "administrator", "office:desk", desk.pk, name="Quầy cũ", levels=5)
    desk.refresh_from_db()
    assert (desk.code, desk.name, desk.is_active) == ("abc", "Quầy cũ", False)
    assert Client().get("/d/abc/").status_code == 410
    assert ("is_active", "True", "False") in Change.objects.values_list("field", "before", "after")


def test_who_only_fills_in_sets_up_no_desk(office):
    assert post(office, "reporter", "office:desk_new", name="Quầy 1", levels=5).status_code == 403
    with pytest.raises(PermissionDenied):
        save_desk(Desk(unit=office.units["an"], name="Quầy"), act(office, "appraiser"))
    assert not Desk.objects.exists()


def path_of(svg: bytes) -> str:
    drawn = ElementTree.fromstring(svg)
    return " ".join(part.attrib["d"] for part in drawn.iter() if part.tag.endswith("path"))


def test_the_printed_code_encodes_the_desk_s_whole_public_address(office, settings):
    desk = make_desk(office.units["an"], code="abc")
    here = page(office, "viewer", "office:desk_qr", desk.pk)
    assert here["Content-Type"] == "image/svg+xml"
    expected = segno.make("http://testserver/d/abc/", error="q", micro=False)
    assert path_of(here.content).endswith(path_of(expected.svg_inline().encode()).partition(" ")[2][-200:])
    settings.PUBLIC_URL = "https://cchc.example.vn"
    there = page(office, "viewer", "office:desk_qr", desk.pk)
    assert there.content != here.content
    sheet = page(office, "viewer", "office:desk_sheet", desk.pk).content.decode()
    assert "https://cchc.example.vn/d/abc/" in sheet


def test_months_count_each_desk_and_all_together(office):
    one, two = make_desk(office.units["an"], name="A"), make_desk(office.units["an"], name="B")
    ratings(one, "2025-03-31", 5, 4, 1)
    ratings(two, "2025-03-01", 4)
    ratings(two, "2025-04-01", 3)
    ratings(make_desk(office.units["binh"]), "2025-03-02", 5)
    april, march = months_of_desks(office.units["an"])
    assert (march.period.start, march.period.end) == (dt.date(2025, 3, 1), dt.date(2025, 3, 31))
    assert (march.counted.satisfied, march.counted.respondents) == (3, 4)
    assert march.counted.level_counts == {"1": 1, "2": 0, "3": 0, "4": 2, "5": 1}
    assert [(d.desk.name, d.counted.satisfied, d.counted.respondents) for d in march.desks] == [
        ("A", 2, 3),
        ("B", 1, 1),
    ]
    assert (april.counted.satisfied, april.counted.respondents) == (0, 1)


def test_scales_that_differ_are_added_by_satisfied_people_only(office):
    one, two = make_desk(office.units["an"]), make_desk(office.units["an"])
    ratings(one, "2025-03-31", 5, 3)
    ratings(two, "2025-03-31", 3, 2, scale=3)
    (march,) = months_of_desks(office.units["an"])
    assert (march.counted.satisfied, march.counted.respondents) == (2, 4)
    assert march.counted.level_counts == {}


def test_the_number_of_queries_does_not_grow_with_desks_and_months(office, django_assert_num_queries):
    for number in range(3):
        ratings(make_desk(office.units["an"]), f"2025-0{number + 1}-05", 5, 4)
    with django_assert_num_queries(3):
        assert len(months_of_desks(office.units["an"])) == 3


def test_a_month_becomes_a_figure_only_when_a_clerk_says_so(office):
    ratings(make_desk(office.units["an"]), "2025-03-10", 5, 5, 4, 1)
    assert not Satisfaction.objects.exists()
    post(office, "reporter", "office:month_confirm", month="2025-03")
    row = Satisfaction.objects.get()
    assert (row.kind, row.scope, row.satisfied, row.respondents) == ("rating", "own", 3, 4)
    assert row.level_counts == {"1": 1, "2": 0, "3": 0, "4": 1, "5": 2}
    assert (row.starts_on, row.ends_on) == (dt.date(2025, 3, 1), dt.date(2025, 3, 31))
    assert row.source.reported_by == office.units["an"] and not row.is_random_sample
    assert months_of_desks(office.units["an"])[0].is_confirmed
    assert row not in Satisfaction.objects.public()


@time_machine.travel(dt.datetime(2025, 5, 10, 3, tzinfo=dt.UTC), tick=False)
def test_a_figure_that_says_something_else_is_shown_beside_the_count(office):
    ratings(make_desk(office.units["an"]), "2025-03-10", 5, 5)
    confirm_month(office.units["an"], "2025-03", act(office, "reporter"))
    Satisfaction.objects.update(respondents=9)
    shown = page(office, "reporter").content.decode()
    assert "đang ghi 2/9" in shown and "Ghi thay số đang ghi" in shown
    assert "vào số liệu</button>" not in page(office, "viewer").content.decode()


def test_a_month_that_is_not_over_is_no_figure_yet(office):
    ratings(make_desk(office.units["an"]), "2025-03-10", 5)
    with time_machine.travel(dt.datetime(2025, 3, 31, 16, 59, tzinfo=dt.UTC), tick=False):
        assert confirm_month(office.units["an"], "2025-03", act(office, "lead")).outcome == "refused"
    with time_machine.travel(dt.datetime(2025, 3, 31, 17, 0, tzinfo=dt.UTC), tick=False):
        assert confirm_month(office.units["an"], "2025-03", act(office, "lead")).outcome == "saved"


def test_an_answer_counts_on_the_day_it_has_in_vietnam(office):
    desk = make_desk(office.units["an"])
    with time_machine.travel(dt.datetime(2025, 3, 31, 17, 0, tzinfo=dt.UTC), tick=False):
        rate(desk, Answer(5, 5), "a" * 64)
    assert Rating.objects.get().on == dt.date(2025, 4, 1)


def comment(office: OfficeYear, state: str = "waiting", text: str = "Chờ lâu quá") -> RatingComment:
    desk = Desk.objects.first() or make_desk(office.units["an"])
    ratings(desk, f"2025-03-{1 + Rating.objects.count():02}", 2)
    return RatingComment.objects.create(rating=Rating.objects.latest("pk"), text=text, state=state)


def test_the_unit_reads_a_comment_only_after_it_was_let_through(office):
    waiting = comment(office)
    for person in ("viewer", "reporter", "lead"):
        assert "Chờ lâu quá" not in page(office, person, "office:desk_comments").content.decode()
    assert "Chờ lâu quá" in page(office, "appraiser", "office:desk_comments").content.decode()
    post(office, "appraiser", "office:desk_comment", waiting.pk, state="shown")
    assert "Chờ lâu quá" in page(office, "viewer", "office:desk_comments").content.decode()


def test_a_comment_that_was_held_back_stays_with_the_moderators(office):
    waiting = comment(office)
    post(office, "administrator", "office:desk_comment", waiting.pk, state="hidden")
    assert "Chờ lâu quá" not in page(office, "lead", "office:desk_comments").content.decode()
    assert "Chờ lâu quá" in page(office, "appraiser", "office:desk_comments").content.decode()
    waiting.refresh_from_db()
    assert waiting.moderated_by == office.people["administrator"] and waiting.moderated_at is not None


def test_nobody_of_the_unit_moderates_and_waiting_comments_are_not_there_for_them(office):
    waiting, shown = comment(office), comment(office, "shown", "Tốt")
    assert post(office, "lead", "office:desk_comment", waiting.pk, state="shown").status_code == 404
    assert post(office, "lead", "office:desk_comment", shown.pk, state="hidden").status_code == 403
    with pytest.raises(PermissionDenied):
        moderate(waiting, "shown", act(office, "lead"))


def test_moderation_is_logged_without_the_words(office):
    moderate(comment(office), "shown", act(office, "appraiser"))
    logged = Change.objects.get(model="reports.ratingcomment")
    assert (logged.before, logged.after) == ("waiting", "shown")
    assert "Chờ" not in logged.label


def test_a_comment_is_not_put_back_to_wait(office):
    with pytest.raises(ValidationError):
        moderate(comment(office), "waiting", act(office, "appraiser"))


@time_machine.travel(dt.datetime(2025, 5, 10, 3, tzinfo=dt.UTC), tick=False)
def test_the_page_says_that_raters_choose_themselves(office):
    ratings(make_desk(office.units["an"]), "2025-03-10", 5)
    shown = page(office, "overseer").content.decode()
    assert "không phải mẫu ngẫu nhiên" in shown and "1/1" in shown


@time_machine.travel(dt.datetime(2025, 5, 10, 3, tzinfo=dt.UTC), tick=False)
def test_a_figure_typed_after_the_page_was_opened_is_not_written_over(office):
    ratings(make_desk(office.units["an"]), "2025-03-10", 5, 5)
    march = {"starts_on": dt.date(2025, 3, 1), "ends_on": dt.date(2025, 3, 31)}
    typed = RowWrite(
        Satisfaction,
        {"scope": "own", "kind": "rating", **march},
        {"satisfied": 90, "respondents": 100},
        parts={"access": {"satisfied": 90, "respondents": 100}},
    )
    write_rows(office.units["an"], [typed], act(office, "reporter"))
    assert confirm_month(office.units["an"], "2025-03", act(office, "reporter"), seen=0).outcome == "conflict"
    assert Satisfaction.objects.get().respondents == 100
    seen = Satisfaction.objects.get().version
    assert confirm_month(office.units["an"], "2025-03", act(office, "reporter"), seen=seen).outcome == "saved"
    row = Satisfaction.objects.get()
    assert (row.respondents, row.factors.count()) == (2, 0)
