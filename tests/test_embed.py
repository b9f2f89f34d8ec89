"""What other sites may frame: who may, what it says, what it never carries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from .test_pages import text_of
from .test_settings import setting

RANKING = "/embed/tinh-minh-hoa/2024/huyen/"
UNIT = "/embed/ha-noi/2024/units/280/"
FRAMES = [RANKING, UNIT, "/embed/ha-noi/2024/huyen/", "/embed/tinh-minh-hoa/2024/units/MH03/"]
CORRECTED = "/tinh-minh-hoa/2023/huyen/"

demo = [pytest.mark.django_db, pytest.mark.usefixtures("demo_content")]


def with_marks(function):
    for mark in demo:
        function = mark(function)
    return function


@pytest.mark.parametrize(
    ("given", "origins"),
    [
        ({}, ["'self'"]),
        ({"CCHC_EMBED_ANCESTORS": "*"}, ["*"]),
        ({"CCHC_EMBED_ANCESTORS": "'self', https://bao.example.vn"}, ["'self'", "https://bao.example.vn"]),
        ({"CCHC_EMBED_ANCESTORS": ""}, ["'none'"]),
    ],
)
def test_the_environment_says_who_may_frame(given, origins):
    assert setting("s.EMBED_ANCESTORS", SECRET_KEY="x", **given).stdout == f"{origins}\n"


@with_marks
@pytest.mark.parametrize("address", FRAMES)
def test_a_frame_names_its_ancestors_and_sets_no_cookie(client, settings, address):
    settings.EMBED_ANCESTORS = ["'self'", "https://bao.example.vn"]
    answer = client.get(address)
    assert answer.status_code == 200
    assert "frame-ancestors 'self' https://bao.example.vn;" in answer["Content-Security-Policy"] + ";"
    assert "X-Frame-Options" not in answer
    assert not answer.cookies


@with_marks
@pytest.mark.parametrize("address", ["/", "/ha-noi/2024/huyen/", "/ha-noi/2024/units/280/", "/data/"])
def test_other_pages_are_never_framed(client, settings, address):
    settings.EMBED_ANCESTORS = ["*"]
    answer = client.get(address)
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "DENY"


@with_marks
def test_a_framed_ranking_says_what_the_page_says(client):
    framed, page = text_of(client, RANKING), text_of(client, "/tinh-minh-hoa/2024/huyen/")
    assert "Thị xã Hòa Khê" in framed and "Dữ liệu mẫu." in framed
    best = framed.split("Tăng, giảm bậc ")[1].split()[:1]
    assert best == ["1/12"]
    assert "Theo bản công bố:" in framed
    assert "Huyện Đông Khánh" in page and "Huyện Đông Khánh" in framed


@with_marks
def test_a_framed_unit_says_total_rank_and_source(client):
    said = text_of(client, UNIT)
    for words in ("Huyện Phú Xuyên", "92,41", "23 /30", "Tăng 7 bậc", "Nguồn: Bài viết về công tác"):
        assert words in said
    assert "Dữ liệu mẫu" not in said


@with_marks
def test_a_frame_without_enough_units_ranks_nobody(client):
    assert "Chưa đủ số liệu để xếp hạng" in text_of(client, "/embed/ha-noi/2024/huyen/")


@with_marks
def test_links_of_a_frame_leave_it(client):
    page = client.get(RANKING).content.decode()
    links = [part.split(">")[0] for part in page.split("<a ")[1:]]
    assert links and all('target="_blank"' in link and 'rel="noopener"' in link for link in links)
    assert 'href="http://testserver/tinh-minh-hoa/2024/huyen/"' in page


@with_marks
@pytest.mark.parametrize(
    "address",
    [
        "/embed/tinh-minh-hoa/2025/huyen/",  # opened, not published
        "/embed/tinh-minh-hoa/2025/units/MH03/",
        "/embed/ha-noi/1990/huyen/",
        "/embed/ha-noi/2024/units/999/",
        "/embed/ha-noi/2023/units/01/",  # figures, but no result of the index
    ],
)
def test_only_what_is_published_is_framed(client, address):
    assert client.get(address).status_code == 404


@with_marks
def test_a_framed_ranking_takes_as_many_queries_for_many_units_as_for_one(client):
    def queries(address):
        with CaptureQueriesContext(connection) as told:
            client.get(address)
        return len(told)

    assert queries(RANKING) <= queries("/embed/tinh-minh-hoa/2021/huyen/") + 1 <= 9


@with_marks
@pytest.mark.parametrize(
    ("address", "frame"),
    [
        ("/ha-noi/2024/units/280/", "http://testserver/embed/ha-noi/2024/units/280/"),
        ("/tinh-minh-hoa/2024/huyen/", "http://testserver/embed/tinh-minh-hoa/2024/huyen/"),
    ],
)
def test_a_page_gives_the_code_that_frames_it(client, address, frame):
    page = client.get(address).content.decode()
    code = page.split("<textarea")[1].split(">", 1)[1].split("</textarea>")[0]
    assert code.startswith(f"&lt;iframe src=&quot;{frame}&quot; title=&quot;")
    assert "Hiện chỉ các trang của chính trang web này" in page


@with_marks
@pytest.mark.parametrize(
    ("ancestors", "words"),
    [
        (["*"], "Mọi trang web đều có thể nhúng"),
        (["'self'", "https://a.vn"], "cho phép nhúng từ: https://a.vn"),
    ],
)
def test_a_page_says_who_may_frame_it(client, settings, ancestors, words):
    settings.EMBED_ANCESTORS = ancestors
    assert words in text_of(client, "/ha-noi/2024/units/280/")


def test_a_title_with_quotes_stays_in_its_attribute():
    from reports.templating.sharing import embed_code

    code = embed_code(None, "/embed/x/", '"Sông" & <Núi>', 300)
    assert 'title="&quot;Sông&quot; &amp; &lt;Núi&gt;"' in code
