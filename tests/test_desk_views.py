"""The form behind a desk's QR code: what it asks, what counts, what does not."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from districts.models import Change
from reports.models import Desk, Rating, RatingComment
from tests.factories import make_desk, make_unit

pytestmark = pytest.mark.django_db
LIGHT = 30 * 1024


@pytest.fixture(autouse=True)
def _no_counts_of_other_tests():
    cache.clear()


@pytest.fixture
def desk() -> Desk:
    return make_desk(make_unit("An"))


def token_of(client: Client, desk: Desk) -> str:
    page = client.get(f"/d/{desk.code}/").content.decode()
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def answer(desk: Desk, level: int | str = 5, client: Client | None = None, **fields: Any):
    client = client or Client()
    said = {"token": token_of(client, desk), "level": level} | fields
    return client.post(f"/d/{desk.code}/", said)


def test_an_answer_counts_on_its_day_and_scale(desk):
    response = answer(desk, 4)
    assert (response.status_code, response["Location"]) == (302, "/d/quay1/thanks/")
    rating = Rating.objects.get()
    assert (rating.desk, rating.level, rating.levels, rating.factors) == (desk, 4, 5, {})


def test_factors_and_words_are_kept_and_the_words_wait_for_a_moderator(desk):
    answer(desk, 2, factor_officials="1", factor_access="", factor_weather="3", comment="  Chờ lâu. ")
    assert Rating.objects.get().factors == {"officials": 1}
    assert RatingComment.objects.values_list("text", "state").get() == ("Chờ lâu.", "waiting")


def test_a_desk_keeps_nothing_that_it_does_not_ask(desk):
    Desk.objects.update(asks_factors=False, asks_comment=False)
    page = Client().get("/d/quay1/").content.decode()
    assert "factor_" not in page and "textarea" not in page
    answer(desk, factor_access="3", comment="Tốt")
    assert Rating.objects.get().factors == {} and not RatingComment.objects.exists()


@pytest.mark.parametrize("levels", [3, 4, 5])
def test_a_desk_offers_its_own_number_of_levels(desk, levels):
    Desk.objects.update(levels=levels)
    page = Client().get("/d/quay1/").content.decode()
    assert page.count('type="radio"') == levels
    assert answer(desk, levels + 1).status_code == 422
    assert not Rating.objects.exists()


def test_a_form_opened_before_the_scale_changed_is_answered_on_its_own_scale(desk):
    token = token_of(Client(), desk)
    Desk.objects.update(levels=3)
    Client().post("/d/quay1/", {"token": token, "level": 5})
    assert Rating.objects.values_list("level", "levels").get() == (5, 5)


def test_the_same_form_sent_twice_counts_once(desk):
    token = token_of(Client(), desk)
    for level in (5, 1):
        response = Client().post("/d/quay1/", {"token": token, "level": level, "comment": "Tốt"})
        assert response["Location"] == "/d/quay1/thanks/"
    assert Rating.objects.get().level == 5
    assert RatingComment.objects.count() == 1


@pytest.mark.parametrize("token", ["", "x", "quay1.5.abc:1tabc:xxxx", "quay1.5.abc"])
def test_a_form_that_is_not_ours_does_not_count(desk, token):
    response = Client().post("/d/quay1/", {"token": token, "level": 5})
    assert response.status_code == 422 and "không hợp lệ" in response.content.decode()
    assert not Rating.objects.exists()


def test_a_form_of_one_desk_does_not_count_at_another(desk):
    other = make_desk(desk.unit)
    token = token_of(Client(), other)
    assert Client().post("/d/quay1/", {"token": token, "level": 5}).status_code == 422


def test_a_form_left_open_for_hours_comes_back_filled_in_and_can_be_sent(desk):
    with time_machine.travel(dt.datetime(2026, 10, 1, 8, 0, tzinfo=dt.UTC), tick=False) as clock:
        token = token_of(Client(), desk)
        clock.shift(dt.timedelta(hours=2, seconds=5))
        said = {"token": token, "level": 2, "factor_results": "1", "comment": "Chậm"}
        page = Client().post("/d/quay1/", said).content.decode()
        assert "quá 2 giờ" in page and re.search(r'value="2"\s+required\s+checked', page)
        assert "Chậm</textarea>" in page and re.search(r'value="1"\s+selected', page)
        fresh = re.search(r'name="token" value="([^"]+)"', page)
        assert fresh and Client().post("/d/quay1/", said | {"token": fresh[1]}).status_code == 302
    assert Rating.objects.get().factors == {"results": 1}


def test_without_a_level_nothing_counts_and_what_was_written_stays(desk):
    response = answer(desk, "", comment="Chỉ góp ý")
    assert response.status_code == 422
    page = response.content.decode()
    assert "Hãy chọn một mức" in page and "Chỉ góp ý</textarea>" in page


def test_what_only_a_program_fills_in_is_thanked_for_and_not_counted(desk):
    assert answer(desk, subject="http://spam.example")["Location"] == "/d/quay1/thanks/"
    assert not Rating.objects.exists()


def test_many_answers_from_one_address_are_slowed_down_at_that_desk_only(desk, settings):
    settings.DESK_LIMIT = 3
    assert [answer(desk).status_code for _ in range(4)] == [302, 302, 302, 429]
    other = make_desk(desk.unit)
    assert answer(other).status_code == 302
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert answer(desk, client=elsewhere).status_code == 302
    assert Rating.objects.count() == 5


def test_after_ten_minutes_the_address_may_go_on_with_what_it_had_filled_in(desk, settings):
    settings.DESK_LIMIT = 1
    with time_machine.travel(dt.datetime(2026, 10, 1, 8, 0, tzinfo=dt.UTC), tick=False) as clock:
        answer(desk)
        slowed = answer(desk, 2, comment="Chờ")
        assert (slowed.status_code, slowed["Retry-After"]) == (429, "600")
        assert "Chờ</textarea>" in slowed.content.decode()
        clock.shift(dt.timedelta(minutes=10, seconds=1))
        assert answer(desk, 2).status_code == 302


def test_the_same_form_counts_once_before_and_after_the_key_was_changed(desk, settings):
    client = Client()
    said = {"token": token_of(client, desk), "level": 5}
    client.post(f"/d/{desk.code}/", said)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "the new key of this server"
    assert client.post(f"/d/{desk.code}/", said).status_code == 302
    assert Rating.objects.count() == 1


def test_a_network_of_ipv6_is_one_place(desk, settings):
    settings.DESK_LIMIT = 1
    answer(desk, client=Client(REMOTE_ADDR="2001:db8:1:2::1"))
    assert answer(desk, client=Client(REMOTE_ADDR="2001:db8:1:2::2")).status_code == 429
    assert answer(desk, client=Client(REMOTE_ADDR="2001:db8:1:3::2")).status_code == 302


def test_nothing_tells_who_answered(desk):
    answer(desk, client=Client(REMOTE_ADDR="203.0.113.77"), comment="Tốt")
    stored = str(Rating.objects.values().get()) + str(RatingComment.objects.values().get())
    assert "203.0.113" not in stored
    assert "203.0.113" not in str(getattr(cache, "_cache", {}))
    assert not Change.objects.exists()


def test_a_closed_desk_is_gone_for_readers_and_for_forms_still_open(desk):
    client = Client()
    token = token_of(client, desk)
    Desk.objects.update(is_active=False)
    for response in (client.get("/d/quay1/"), client.post("/d/quay1/", {"token": token, "level": 5})):
        assert response.status_code == 410
        assert "không còn nhận đánh giá" in response.content.decode()
    assert not Rating.objects.exists()


def test_a_scanner_that_looks_ahead_gets_the_form_s_headers(desk):
    assert Client().head("/d/quay1/").status_code == 200
    assert Client().head("/d/quay1/thanks/").status_code == 200


def test_a_code_typed_in_capitals_is_found_and_an_unknown_one_is_not(desk):
    assert Client().get("/d/QUAY1/").status_code == 200
    assert Client().get("/d/khong-co/").status_code == 404


@pytest.mark.parametrize("path", ["/d/quay1/", "/d/quay1/thanks/"])
def test_pages_leave_no_cookie_and_are_not_kept(desk, path):
    response = Client().get(path)
    assert not response.cookies
    assert "no-store" in response["Cache-Control"]
    assert "script-src 'self'" in response["Content-Security-Policy"]


def test_an_answer_needs_no_cookie_even_where_forgery_is_checked(desk):
    assert answer(desk, client=Client(enforce_csrf_checks=True)).status_code == 302


def test_all_that_a_phone_loads_is_under_thirty_kilobytes(desk):
    page = Client().get("/d/quay1/").content
    loaded = re.findall(r'(?:href|src)="/?static/([^"]+)"', page.decode())
    assert sorted(loaded) == ["css/desk.css", "img/mark.svg"]
    files = [Path(settings.BASE_DIR, "static", name).read_bytes() for name in loaded]
    assert len(page) + sum(map(len, files)) < LIGHT
    assert b"<script" not in page


def test_a_form_takes_one_query_to_show(desk, django_assert_num_queries):
    with django_assert_num_queries(1):
        Client().get("/d/quay1/")


def test_what_was_written_is_shown_back_as_text(desk):
    page = answer(desk, "", comment="<b>x</b>").content.decode()
    assert "<b>x</b>" not in page and "&lt;b&gt;x&lt;/b&gt;" in page


def test_a_sample_desk_says_so(desk):
    Desk.objects.update(is_sample=True)
    assert "Dữ liệu mẫu." in Client().get("/d/quay1/").content.decode()
