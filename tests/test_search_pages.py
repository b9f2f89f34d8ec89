"""Search finds what there is besides units: criteria, years, pages."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from districts.finding import found_elsewhere, offer
from districts.names import fold, text_key, text_matcher
from reports.finding import PAGES, find

from .factories import make_criteria_set
from .test_pages import text_of

demo = pytest.mark.usefixtures("demo_content")


def quality(query, *texts):
    return text_matcher(query)(text_key(texts))


def test_a_text_is_found_with_and_without_marks_those_typed_first():
    assert quality("dữ liệu mở", "Dữ liệu mở") == 0
    assert quality("du lieu mo", "Dữ liệu mở") == 0
    assert quality("dữ liệu mơ", "Dữ liệu mở") is not None
    assert quality("phú", "phú quý") < quality("phú", "phù phiếm")


def test_words_are_found_in_any_order():
    title = "Tỷ lệ hồ sơ TTHC được giải quyết đúng hạn"
    assert quality("hồ sơ đúng hạn", title) is not None
    assert quality("dung han ho so", title) is not None
    assert quality("hồ sơ quá hạn", title) is None
    assert quality("ho so", title) < quality("so ho", title)


@pytest.mark.parametrize("query", ["", "  ", "a", "an", "%", "...", "zzzz", "\x00"])
def test_what_names_nothing_or_is_too_short_finds_nothing(query):
    assert quality(query, "An toàn thông tin") is None


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_found_by_itself(text, other):
    if len(fold(text)) >= 3:
        assert quality(text, other, text) is not None


@pytest.mark.django_db
@demo
@pytest.mark.parametrize(
    ("query", "title", "url"),
    [
        ("phương pháp", "Bộ tiêu chí và cách tính", "/methodology/"),
        ("cach tinh", "Bộ tiêu chí và cách tính", "/methodology/"),
        ("API", "Giao diện lập trình (API)", "/api/v1/docs/"),
        ("dữ liệu mở", "Dữ liệu mở", "/data/"),
        ("đính chính", "Công bố và thay đổi", "/changes/"),
        ("ha noi 2024", "Xếp hạng Chỉ số CCHC 2024, Thành phố Hà Nội", "/ha-noi/2024/huyen/"),
        ("so sánh hà nội", "So sánh đơn vị, Thành phố Hà Nội", "/ha-noi/compare/"),
        ("thành phố hà nội", "Các năm xếp hạng của Thành phố Hà Nội", "/ha-noi/"),
    ],
)
def test_a_page_is_found_by_what_people_call_it(query, title, url):
    first = find(query, 5)[0]
    assert (first.title, first.url) == (title, url)


@pytest.mark.django_db
@demo
def test_a_criterion_is_found_by_its_words_and_by_its_code(client):
    by_code = find("1.1.1", 3)[0]
    assert by_code.title.startswith("1.1.1 ") and "#c-1.1.1" in by_code.url
    words = " ".join(reversed(fold(by_code.title).split()[3:6]))
    assert by_code in find(words, 20)
    path, anchor = by_code.url.split("#")
    assert f'id="{anchor}"' in client.get(path).content.decode()


@pytest.mark.django_db
def test_a_draft_is_nobodys_business():
    criteria_set = make_criteria_set({"1.1": ("70", "appraised")})
    assert [hit.url for hit in find("lĩnh vực 1", 5)] == ["/methodology/bo-thu/#c-1"]
    criteria_set.is_draft = True
    criteria_set.save(update_fields=["is_draft"])
    assert not any("bo-thu" in hit.url for query in ("lĩnh vực 1", "bộ thử") for hit in find(query, 20))


@pytest.mark.django_db
@demo
def test_every_page_that_search_offers_is_there(client):
    for page in PAGES:
        hit = find(str(page.title), 1)[0]
        assert client.get(hit.url).status_code == 200
    for query in ("minh họa", "cải cách", "2023"):
        for hit in find(query, 20):
            assert client.get(hit.url.split("#")[0]).status_code == 200


@pytest.mark.django_db
@demo
def test_results_and_suggestions_name_the_kind_and_mark_samples(client):
    page = text_of(client, "/units/?q=dữ liệu mở")
    assert "Không có đơn vị nào tên “dữ liệu mở”" in page and "Dữ liệu mở Trang" in page
    answer = client.get("/units/", {"q": "minh hoa 2024"}, headers={"HX-Request": "true"}).content.decode()
    assert "Xếp hạng Chỉ số CCHC 2024, Tỉnh Minh Họa" in answer and "dữ liệu mẫu" in answer
    assert "<html" not in answer and answer.count("<li>") <= 9


@pytest.mark.django_db
@demo
def test_suggestions_hold_as_many_units_as_leave_room_for_the_rest(client):
    answer = client.get("/units/", {"q": "ho so"}, headers={"HX-Request": "true"}).content.decode()
    addresses = [part.split('"')[1] for part in answer.split("<a ")[1:]]
    assert [address.startswith("/units/") for address in addresses] == [True] * 5 + [False] * 3 + [True]
    assert addresses[-1] == "/units/?q=ho%20so"


@pytest.mark.django_db
@demo
@pytest.mark.parametrize("query", ["an", "phu xuyen", "ho so", "zzzz"])
def test_a_search_takes_a_constant_number_of_queries(client, query):
    with CaptureQueriesContext(connection) as told:
        client.get("/units/", {"q": query})
    assert len(told) <= 6


@pytest.mark.django_db
def test_a_search_offered_twice_answers_once():
    offer(find)
    assert [hit.url for hit in found_elsewhere("giao diện lập trình", 9)] == ["/api/v1/docs/"]


@pytest.mark.parametrize(
    ("path", "said"), [("/units/", "Quá nhiều lượt tìm"), ("/en/units/", "Too many searches")]
)
@pytest.mark.django_db
def test_who_searches_too_often_is_told_when_to_come_back_and_others_are_not(client, settings, path, said):
    cache.clear()
    settings.SEARCH_LIMIT = 2
    answers = [client.get(path, {"q": "phu xuyen"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"] == "60" and said in answers[2].content.decode()
    assert client.get(path, {"q": "phu"}, REMOTE_ADDR="198.51.100.7").status_code == 200
    cache.clear()
