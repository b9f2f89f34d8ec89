"""What the pages of real units say, from which source, and how many queries a page takes."""

from __future__ import annotations

import csv
import html
import io
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from reports.workflow import publish

from .factories import at, make_criteria_set, make_organiser, make_sheet, make_unit, make_year

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_content")]


def text_of(client: Client, address: str) -> str:
    """Return a page as a reader sees it: no tags, single spaces."""
    response = client.get(address)
    assert response.status_code == 200, address
    body = re.sub(r"<script.*?</script>", " ", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).replace("\u202f", " ").split())


def test_phu_xuyen_2024_reads_as_its_report_says(client):
    page = text_of(client, "/ha-noi/2024/units/280/")
    for words in (
        "Năm 2024, Huyện Phú Xuyên đạt 92,41 điểm, xếp thứ 23/30.",
        "Tăng 0,8 điểm và tăng 7 bậc so với năm 2023.",
        "Điểm thẩm định 63,26/70, xếp thứ 24/30; điều tra xã hội học 29,15/30, xếp thứ 4/30.",
        "Tổng điểm tăng (+0,8) dù điểm thẩm định giảm (−1,06, số suy ra): bù lại, điểm điều tra xã hội học +1,86.",
        "100 % hài lòng và rất hài lòng (184/184 lượt)",
        "Người đánh giá tự chọn, không phải mẫu ngẫu nhiên.",
        "hài lòng và rất hài lòng (6.790/6.790 lượt)",
    ):
        assert words in page
    for figure in ("1.139", "4.160 giờ", "108.440.000 đồng", "trên 4.500"):
        assert figure in page
    assert "Nguồn: Bài viết về công tác cải cách hành chính của huyện Phú Xuyên năm 2024" in page


@pytest.mark.parametrize(
    "address",
    ["/ha-noi/2024/units/280/", "/tinh-minh-hoa/2024/units/MH03/", "/phu-yen/2023/units/562/"],
)
def test_the_contents_of_a_units_page_name_what_is_on_it(client, address):
    page = client.get(address).content.decode()
    contents = re.search(r'<ul class="contents">(.*?)</ul>', page, re.S)
    assert contents
    anchors = re.findall(r'href="#([^"]+)"', contents[1])
    assert len(anchors) > 2
    assert [anchor for anchor in anchors if f'id="{anchor}"' not in page] == []


def test_phu_xuyen_2023_shows_what_was_derived_and_who_confirmed_the_rest(client):
    page = text_of(client, "/ha-noi/2023/units/280/")
    assert "91,61" in page and "30 /30" in page
    assert "Điểm thẩm định 64,32; điều tra xã hội học 27,29 (số suy ra từ nguồn)." in page
    assert "Thông tấn xã Việt Nam , 20/02/2024" in page


def test_hanoi_2024_says_that_one_of_thirty_units_has_figures_and_ranks_nobody(client):
    page = text_of(client, "/ha-noi/2024/")
    assert "1/30 đơn vị có số liệu" in page
    assert "Mới có số liệu của 1/30 đơn vị năm 2024." in page
    assert "hệ thống không tự xếp hạng" in page
    assert "23 /30" in page and "1 /30 Huyện" not in page


def test_tay_hoa_2023_reads_as_its_report_says(client):
    page = text_of(client, "/phu-yen/2023/units/562/")
    assert "đạt 88,78 điểm, xếp loại Tốt; nguồn không nêu thứ hạng." in page
    assert "98,6 %" in page and "Tăng 0,2 điểm phần trăm" in page
    assert "4.936" in page and "nguồn ghi 98,52 %" in page
    assert "17.329" in page
    assert "chỉ tổng số 5.010 hồ sơ là phù hợp, tức là 74 hồ sơ quá hạn (suy ra)" in page


def test_phu_yen_2021_shows_a_bound_and_a_stated_climb(client):
    page = text_of(client, "/son-la/2021/units/122/")
    assert "trên 351.000" in page
    for figure in ("330.048", "21.755", "610/649", "189"):
        assert figure in page
    assert "Tăng 2 bậc so với năm 2020 (theo nguồn)." in page
    assert "tốp cuối" in page
    assert "330.048 + 21.755 + 50 = 351.853" in page and "chênh 853 hồ sơ" in page


def test_xuan_truong_shows_counts_of_five_months_with_both_gaps(client):
    page = text_of(client, "/nam-dinh/2024/units/364/")
    assert "5 tháng đầu năm 2024" in page
    for figure in ("1.674", "1.389", "1.547", "8.210", "8.202"):
        assert figure in page
    assert "1.389 + 37 = 1.426, nguồn ghi tiếp nhận 1.674: còn 248 hồ sơ chưa rõ" in page
    assert "1.547 + 86 + 26 + 15 = 1.674, khớp với số tiếp nhận" in page
    assert re.search(r"8\.202 \+ 6 = 8\.208.*?2 hồ sơ chưa rõ", page)
    assert "99,7805" in page
    assert "Tăng 2 bậc so với năm 2022 (theo nguồn)." in text_of(client, "/nam-dinh/2023/units/364/")


def test_thach_that_shows_the_set_of_eight_contents_and_the_citys_procedures(client):
    page = text_of(client, "/ha-noi/2023/units/276/")
    assert "4190/QĐ-UBND" in page
    assert "318" in text_of(client, "/ha-noi/2023/units/01/")


def test_a_unit_page_tells_its_end_and_links_its_successors(client):
    page = text_of(client, "/units/gso2004/280/")
    assert (
        "Huyện Phú Xuyên kết thúc hoạt động từ ngày 01/07/2025; "
        "địa bàn nay thuộc các xã Phú Xuyên, Phượng Dực, Chuyên Mỹ, Đại Xuyên."
    ) in page
    assert 'href="/units/qd19-2025/10273/"' in client.get("/units/gso2004/280/").content.decode()


def test_the_home_page_offers_search_years_and_real_news_first(client):
    page = text_of(client, "/")
    assert "Thành phố Hà Nội" in page and "1/30 đơn vị có số liệu" in page
    # Of the newest year how many units are known, of the years before a link each.
    assert "30/30" not in page[: page.index("Số liệu mới")] and "Các năm trước: 2023" in page
    assert 'href="/ha-noi/2023/"' in client.get("/").content.decode()
    news = page[page.index("Số liệu mới") :]
    assert "Hà Nội 2023" in news and "Tỉnh Minh Họa" not in news


SAMPLE_PAGES = [
    "/tinh-minh-hoa/",
    "/tinh-minh-hoa/2024/",
    "/tinh-minh-hoa/2024/units/MH03/",
    "/units/minh-hoa/MH03/",
]


@pytest.mark.parametrize("address", SAMPLE_PAGES)
def test_every_page_of_the_sample_province_says_that_it_is_one(client, address):
    assert "Dữ liệu mẫu." in text_of(client, address)


def test_a_corrected_year_shows_before_and_after(client):
    page = text_of(client, "/tinh-minh-hoa/2023/")
    assert "Bản đính chính (bản công bố số 2)" in page
    assert "Văn bản đính chính: QĐ mẫu 05/2024, 08/03/2024." in page
    assert "Điểm trước" in page and "Điểm sau" in page


@pytest.mark.parametrize(
    "address",
    [
        *(
            "/khong-co/",
            "/ha-noi/1999/",
            "/ha-noi/2024/sothu/",
            "/ha-noi/2024/units/999/",
            "/units/gso2004/zz/",
        ),
        *("/ha-noi/2020/units/280/", "/methodology/khong-co/", "/ha-noi/20240/"),
    ],
)
def test_what_is_not_there_is_a_404(client, address):
    assert client.get(address).status_code == 404


def test_filters_find_names_without_accents_and_types(client):
    page = text_of(client, "/tinh-minh-hoa/2024/?q=hoa+khe&type=Th%E1%BB%8B+x%C3%A3")
    assert "Thị xã Hòa Khê" in page and "Huyện Đông Khánh" not in page
    assert "Không có đơn vị nào khớp" in text_of(client, "/tinh-minh-hoa/2024/?q=zzz")


def rows_of_csv(client: Client, address: str) -> list[dict[str, str]]:
    body = client.get(address).content
    assert body.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))


def test_an_export_has_the_same_filters_and_says_that_it_is_a_sample(client):
    rows = rows_of_csv(client, "/tinh-minh-hoa/2024/?q=khe&export=csv")
    assert {r["Đơn vị"] for r in rows} == {"Thị xã Hòa Khê", "Huyện Lâm Khê", "Huyện Thượng Khê"}
    assert {r["Loại dữ liệu"] for r in rows} == {"Dữ liệu mẫu, không có thật"}


def test_an_export_of_real_figures_names_its_source(client):
    [row] = rows_of_csv(client, "/ha-noi/2024/?export=csv")
    assert (row["Hạng"], row["Trên tổng số"], row["Tổng điểm"]) == ("23", "30", "92.4100")
    assert "Trung tâm VHTT&TT huyện Phú Xuyên" in row["Nguồn"]


def test_the_workbook_carries_components_and_where_it_is_from(client):
    response = client.get("/tinh-minh-hoa/2024/?export=xlsx")
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.content))
    assert book.sheet_names == ["Xếp hạng", "Tiêu chí thành phần", "Thông tin"]
    components = book.get_sheet_by_name("Tiêu chí thành phần").to_python()
    assert len(components) == 13 and len(components[0]) == 59
    about = {row[0]: row[1] for row in book.get_sheet_by_name("Thông tin").to_python()}
    assert about["Loại dữ liệu"] == "Dữ liệu mẫu, không có thật"


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def publish_units(slug: str, count: int) -> None:
    criteria = make_criteria_set({"1.1": ("70", "appraised"), "2.1": ("30", "survey")}, slug=f"bo-{slug}")
    year = make_year(2024, organiser=make_organiser(slug), criteria_set=criteria)
    for number in range(count):
        unit = make_unit(f"Đơn vị {slug} {number}", code=f"{slug[:3]}{number:03}".upper())
        make_sheet(year, unit, {"1.1": str(40 + number), "2.1": "20"})
    publish(year, published_at=at(2025), decision_number="QĐ thử")


@pytest.mark.parametrize("page", ["/{}/2024/", "/{}/2024/huyen/", "/{}/2024/units/{}000/", "/{}/"])
def test_queries_do_not_grow_with_the_number_of_units(client, page):
    publish_units("fewunits", 3)
    publish_units("manyunits", 24)
    few = queries_of(client, page.format("fewunits", "FEW"))
    assert queries_of(client, page.format("manyunits", "MAN")) == few


@pytest.mark.parametrize(
    ("address", "most"),
    [
        *(("/", 8), ("/ha-noi/2024/", 6), ("/ha-noi/2024/units/280/", 9), ("/units/gso2004/280/", 11)),
        *(("/tinh-minh-hoa/2024/", 7), ("/tinh-minh-hoa/2024/units/MH03/", 9), ("/tinh-minh-hoa/", 7)),
    ],
)
def test_a_page_stays_within_its_queries(client, address, most):
    assert queries_of(client, address) <= most


def test_pages_lead_to_what_else_there_is(client):
    unit = client.get("/tinh-minh-hoa/2024/units/MH03/").content.decode()
    for page in ("change/", "what-if/", "dossiers/"):
        assert f'href="/tinh-minh-hoa/2024/units/MH03/{page}"' in unit
    assert 'href="/tinh-minh-hoa/compare/?year=2024&amp;group=huyen&amp;like=MH03"' in unit
    year = client.get("/tinh-minh-hoa/2024/").content.decode()
    assert 'href="/tinh-minh-hoa/2024/huyen/losses/"' in year
    known_by_totals = client.get("/ha-noi/2024/").content.decode()
    assert "losses/" not in known_by_totals and "/ha-noi/compare/" in known_by_totals


@pytest.mark.parametrize("address", ["/", "/en/", "/ha-noi/2024/units/280/"])
def test_officials_find_the_log_in_at_the_foot_of_a_public_page(client, address):
    assert '<a href="/office/">' in client.get(address).content.decode()
