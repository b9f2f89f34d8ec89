"""The methodology pages: what a reader finds, and how many queries it takes."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from reports.criteria import load_files
from reports.criteria_files import packaged_files

from .factories import make_criteria_set, make_year

pytestmark = pytest.mark.django_db


@pytest.fixture
def _packaged() -> None:
    load_files(packaged_files())


def page(client: Client, slug: str) -> str:
    response = client.get(f"/methodology/{slug}/")
    assert response.status_code == 200
    return " ".join(response.content.decode().replace("\u202f", " ").split())


def index(client: Client) -> str:
    response = client.get("/methodology/")
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


@pytest.mark.usefixtures("_packaged")
def test_the_index_tells_the_three_indices_apart_and_lists_the_sets(client: Client) -> None:
    html = index(client)
    for words in ("PAR INDEX", "766/QĐ-TTg", "SIPAS", "1-2-2-4", "Không áp dụng", "Chưa nhập"):
        assert words in html
    assert 'href="/methodology/ha-noi-4190-2023/"' in html
    assert html.count("chưa kiểm chứng") == 2


def test_the_index_without_sets_says_so(client: Client) -> None:
    assert "Chưa có bộ tiêu chí nào" in index(client)


@pytest.mark.usefixtures("_packaged")
def test_a_set_shows_its_rules_in_words_with_an_anchor_each(client: Client) -> None:
    html = page(client, "bo-tieu-chi-mau")
    assert 'id="c-3.3.2"' in html
    assert "Từ 95 % đến dưới 98 %: 2 điểm." in html
    assert "Không phát sinh (mẫu số bằng 0): tính điểm tối đa." in html
    assert "Kiểm chứng: Biểu II.06 trích xuất hệ thống" in html
    assert "Bộ tiêu chí mẫu, chưa kiểm chứng" in html


@pytest.mark.usefixtures("_packaged")
def test_a_later_set_maps_to_the_one_before(client: Client) -> None:
    html = page(client, "bo-tieu-chi-mau-2")
    assert 'href="/methodology/bo-tieu-chi-mau/#c-3.3.2"' in html
    assert "tối đa 4 điểm" in html
    assert "Thành phần của bản trước không còn ở bản này" in html
    assert 'href="/methodology/bo-tieu-chi-mau/#c-2.3.2"' in html


@pytest.mark.usefixtures("_packaged")
def test_a_frame_says_that_its_criteria_are_not_known(client: Client) -> None:
    html = page(client, "ha-noi-4190-2023")
    assert "Quyết định số 4190/QĐ-UBND" in html
    assert "mới có khung, chưa có phụ lục điểm" in html
    assert "Chưa có cây tiêu chí" in html
    assert "<table" not in html


def test_a_component_without_a_rule_says_so(client: Client) -> None:
    make_criteria_set({"1.1": ("70", "appraised"), "1.2": ("30", "survey")})
    assert page(client, "bo-thu").count("Quy tắc chưa được nhập.") == 2


def test_a_year_that_is_not_published_is_not_linked(client: Client) -> None:
    make_year(2024, criteria_set=make_criteria_set({"1.1": ("100", "appraised")}))
    assert "Dùng để đánh giá" not in page(client, "bo-thu")


def test_an_unknown_set_is_not_found(client: Client) -> None:
    assert client.get("/methodology/khong-co/").status_code == 404


@pytest.mark.usefixtures("_packaged")
def test_queries_do_not_grow_with_the_set(client: Client) -> None:
    make_criteria_set({"1.1": ("70", "appraised"), "1.2": ("30", "survey")})
    counted = []
    for slug in ("bo-thu", "bo-tieu-chi-mau"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            page(client, slug)
        counted.append(len(queries))
    assert counted == [4, 4]


def test_queries_of_the_index_do_not_grow_with_the_sets(client: Client) -> None:
    with CaptureQueriesContext(connection) as few:
        index(client)
    load_files(packaged_files())
    with CaptureQueriesContext(connection) as many:
        index(client)
    assert len(few) == len(many)
