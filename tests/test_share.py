"""What carries the site elsewhere: changes, their feed, maps for search engines, pictures of links."""

import datetime as dt
import io
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image
from python_calamine import CalamineWorkbook

from reports import cards
from reports.models import Publication
from reports.summaries.news import NewsKind, news, news_count, news_page

from .test_pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_content")]
ATOM = {"a": "http://www.w3.org/2005/Atom"}
MAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def test_news_are_dated_newest_first_and_each_has_a_key_of_its_own():
    items = news()
    assert len(items) == news_count()
    assert len({item.key for item in items}) == len(items)
    days = [item.at for item in items if item.at]
    assert days == sorted(days, reverse=True)
    assert {item.kind for item in items} >= {NewsKind.PUBLICATION, NewsKind.CORRECTION, NewsKind.SOURCED}


def test_news_are_of_the_day_that_it_was_in_vietnam():
    item = next(item for item in news() if item.at)
    assert replace(item, at=dt.datetime(2025, 3, 31, 23, 30, tzinfo=dt.UTC)).day == dt.date(2025, 4, 1)


def test_a_page_of_news_is_a_cut_of_all():
    assert news_page(1, 3) + news_page(2, 3) == news()[:6]


def test_the_home_page_shows_what_became_public_of_real_places_in_the_order_of_all_changes():
    shown = news(6, real_first=True)
    assert shown == [item for item in news() if not item.is_sample][:6]
    assert [item.at is None for item in shown] == sorted(item.at is None for item in shown)


def test_a_correction_says_its_reason_and_leads_to_the_year(client):
    page = text_of(client, "/changes/")
    assert "Đính chính kết quả" in page
    assert "Tỉnh Minh Họa 2023" in page
    correction = next(item for item in news() if item.kind == NewsKind.CORRECTION)
    assert correction.reason and correction.reason in page
    assert client.get(correction.url).status_code == 200


def test_changes_can_be_taken_away(client):
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get("/changes/?export=xlsx").content))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[0][:3] == ["Ngày", "Loại", "Nội dung"] and len(rows) == news_count() + 1
    assert client.get("/changes/?export=csv").content.decode("utf-8-sig").startswith("Ngày,Loại")


@pytest.mark.parametrize("page", ["0", "-1", "²", "99999999999999999999", "x", ""])
def test_a_page_that_there_is_not_shows_the_nearest(client, page):
    assert client.get("/changes/", {"page": page}).status_code == 200


def test_the_feed_is_atom_with_whole_addresses(client, settings):
    settings.PUBLIC_URL = "https://cchc.example.vn"
    answer = client.get("/feed/")
    assert answer["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = ElementTree.fromstring(answer.content)
    entries = feed.findall("a:entry", ATOM)
    assert entries
    for entry in entries:
        assert "https://cchc.example.vn/" in ElementTree.tostring(entry.find("a:link", ATOM), "unicode")
        assert dt.datetime.fromisoformat(entry.findtext("a:updated", namespaces=ATOM))
    keys = [entry.findtext("a:id", namespaces=ATOM) for entry in entries]
    assert len(set(keys)) == len(keys)


def test_the_feed_marks_what_is_fictional(client):
    feed = ElementTree.fromstring(client.get("/feed/").content)
    titles = [title.text or "" for title in feed.findall("a:entry/a:title", ATOM)]
    assert any(title.startswith("Dữ liệu mẫu: Tỉnh Minh Họa") for title in titles)
    assert not any(title.startswith("Tỉnh Minh Họa") for title in titles)


def addresses_of(client, path):
    tree = ElementTree.fromstring(client.get(path).content)
    return [(place.text or "").removeprefix("http://testserver") for place in tree.findall(".//s:loc", MAP)]


def test_every_address_of_the_maps_is_a_page_and_none_is_of_a_fictional_place(client):
    sections = addresses_of(client, "/sitemap.xml")
    assert "/sitemap-dashboards.xml" in sections
    found = [
        address for section in sections if "units" not in section for address in addresses_of(client, section)
    ]
    assert "/ha-noi/2024/units/280/" in found and "/methodology/" in found
    for address in found:
        assert client.get(address).status_code == 200, address
    assert not any("minh-hoa" in address for address in found)
    assert "/units/gso2004/280/" in addresses_of(client, "/sitemap-units.xml")


def test_robots_are_led_to_the_map_and_kept_out_of_the_office(client):
    lines = client.get("/robots.txt").content.decode().splitlines()
    assert "Disallow: /office/" in lines
    assert lines[-1] == "Sitemap: http://testserver/sitemap.xml"


@pytest.mark.parametrize(
    "address",
    [
        "/card.png",
        "/ha-noi/2024/huyen/card.png",
        "/ha-noi/2024/units/280/card.png",
        "/tinh-minh-hoa/2024/huyen/card.png",
        "/tinh-minh-hoa/2024/units/MH03/card.png",
    ],
)
def test_a_picture_is_as_large_as_link_previews_want(client, address):
    answer = client.get(address)
    assert answer["Content-Type"] == "image/png" and len(answer.content) < 100_000
    assert Image.open(io.BytesIO(answer.content)).size == (1200, 630)


@pytest.mark.parametrize("address", ["/ha-noi/2024/units/999/card.png", "/ha-noi/1990/huyen/card.png"])
def test_there_is_no_picture_of_what_is_not_there(client, address):
    assert client.get(address).status_code == 404


def test_a_picture_says_what_the_page_says():
    from districts.models import Unit
    from reports.summaries.unit_results import results_of_unit

    unit = Unit.objects.get(scheme="gso2004", code="280")
    card = cards.unit_card(next(r for r in results_of_unit(unit) if r.year.year == 2024))
    assert card.title == "Huyện Phú Xuyên"
    assert card.figures == [("92,41", "tổng điểm"), ("23/30", "thứ hạng")]
    assert card.line == "Tăng 0,8 điểm và tăng 7 bậc so với năm 2023."
    assert not card.is_sample


def test_a_long_text_stays_within_its_picture():
    from reports.cards import _cut, _font, _lines

    font = _font(bold=True, size=68)
    words = "Ủy ban nhân dân " * 20
    assert all(font.getlength(line) <= 1056 for line in _lines(words, font, 1056))
    assert font.getlength(_cut(words, font, 1056)) <= 1056


@pytest.mark.parametrize("address", ["/changes/", "/feed/", "/"])
def test_queries_do_not_grow_with_what_became_public(client, address):
    with CaptureQueriesContext(connection) as queries:
        client.get(address)
    assert len(queries) <= 8


def test_links_tell_others_what_they_lead_to(client):
    page = " ".join(client.get("/ha-noi/2024/units/280/").content.decode().split())
    assert 'property="og:title" content="Huyện Phú Xuyên, năm 2024' in page
    assert 'property="og:image" content="http://testserver/ha-noi/2024/units/280/card.png"' in page
    assert "Năm 2024, Huyện Phú Xuyên đạt 92,41 điểm" in page.split('property="og:description"')[1][:200]


def test_fictional_places_are_not_for_search_engines(client):
    robots = '<meta name="robots" content="noindex">'
    assert robots in client.get("/tinh-minh-hoa/2024/").content.decode()
    assert robots not in client.get("/ha-noi/2024/").content.decode()


def test_the_feed_stands_what_was_pasted_from_word(client):
    Publication.objects.filter(version=2).update(reason="Tính lại\x0btỷ lệ\x01", decision_number="12\x0c/QĐ")
    found = ElementTree.fromstring(client.get("/feed/").content)
    assert any("Tính lại tỷ lệ" in (one.text or "") for one in found.iterfind(".//a:summary", ATOM))


def test_a_picture_says_what_was_derived_and_leaves_bounds_out(client):
    result = client.get("/ha-noi/2023/units/280/").context["summary"].result
    derived = replace(result, total=result.total._replace(quality="derived"))
    assert [label for _figure, label in cards.unit_card(derived).figures] == [
        "tổng điểm (suy ra)",
        "thứ hạng",
    ]
    bound = replace(result, total=result.total._replace(quality="lower"), rank=None)
    assert cards.unit_card(bound).figures == []
