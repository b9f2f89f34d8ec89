import pytest
from django.urls import reverse

from districts.models import Unit
from tests.factories import make_scheme, make_unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("official_units")]


def found(query, limit=20):
    return [
        f"{unit} ({unit.place})" if unit.place else str(unit) for unit in Unit.objects.search(query, limit)
    ]


def test_a_name_without_marks_finds_the_district_before_the_communes():
    assert found("phu xuyen")[0] == "Huyện Phú Xuyên (Thành phố Hà Nội)"
    assert "Thị trấn Phú Xuyên (Huyện Phú Xuyên, Thành phố Hà Nội)" in found("phu xuyen")


@pytest.mark.parametrize("query", ["huyện phú xuyên", "huyen phu xuyen", "h. Phu Xuyen", "H phú xuyên"])
def test_the_type_may_be_typed_or_abbreviated(query):
    assert found(query) == ["Huyện Phú Xuyên (Thành phố Hà Nội)"]


def test_marks_that_were_typed_come_first():
    assert found("phù yên")[0] == "Huyện Phù Yên (Tỉnh Sơn La)"
    assert found("phú yên")[0] == "Tỉnh Phú Yên"
    assert set(found("phù yên")) == set(found("phú yên")) == set(found("phu yen"))


def test_old_and_new_tone_places_find_the_same():
    assert found("Hoà Bình") == found("Hòa Bình")
    assert found("hoà bình")[0] == "Tỉnh Hòa Bình"


def test_decomposed_unicode_finds_the_same():
    assert found("Phu\u0301 Xuye\u0302n") == found("Phú Xuyên")


def test_a_short_city_name_finds_the_city_in_force_first():
    first = Unit.objects.search("tp hue")[0]
    assert (str(first), first.scheme_id) == ("Thành phố Huế", "qd19-2025")
    assert found("tp hcm")[0] == "Thành phố Hồ Chí Minh"


def test_a_numbered_unit_is_found_by_letter_and_number():
    assert found("q1")[0] == found("quận 1")[0] == "Quận 1 (Thành phố Hồ Chí Minh)"


def test_the_province_narrows():
    assert found("phu xuyen ha noi")[0] == "Huyện Phú Xuyên (Thành phố Hà Nội)"
    assert all("Hà Nội" in line for line in found("phu xuyen ha noi"))
    assert found("xuân trường, nam định")[0] == "Huyện Xuân Trường (Tỉnh Nam Định)"


def test_a_wrong_type_still_finds_the_place():
    assert found("huyện đồng nai")[0] == "Thành phố Đồng Nai"


def test_an_earlier_name_finds_the_unit():
    assert found("xa bo ha")[0] == "Phường Bố Hạ (Thành phố Bắc Ninh)"


def test_an_apostrophe_need_not_be_typed():
    assert found("ea hleo") == found("ea h'leo") == found("Ea H’Leo")
    assert found("ea hleo")[0] == "Huyện Ea H'leo (Tỉnh Đắk Lắk)"


def test_the_beginning_of_a_name_comes_before_its_middle():
    names = [unit.name for unit in Unit.objects.search("xuyen", 20)]
    assert names.index("Xuyên Mộc") < names.index("Phú Xuyên")


@pytest.mark.parametrize("query", ["", "   ", "%", "_", "...", "zzzzzz", "x" * 500, "zz\x00'; --"])
def test_what_names_nothing_finds_nothing(query):
    assert found(query) == []


@pytest.mark.parametrize("query", ["a", "phu xuyen", "phu xuyen ha noi", "zzzz", "a b c d e f g h i k l m"])
def test_a_search_takes_at_most_two_queries(query, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        assert isinstance([unit.place for unit in Unit.objects.search(query, 50)], list)


def test_the_page_lists_what_was_found(client):
    page = client.get(reverse("districts:search"), {"q": "phu xuyen"}).content.decode()
    assert 'href="/units/gso2004/280/"' in page
    assert "đến 30/06/2025" in page
    assert "hiện nay" in page


def test_suggestions_are_only_the_list(client):
    address = reverse("districts:search")
    page = client.get(address, {"q": "phu xuyen"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in page
    assert page.count("<li>") == 5
    assert "Thành phố Hà Nội" in page


def test_suggestions_end_with_a_link_to_all(client):
    address = reverse("districts:search")
    page = client.get(address, {"q": "thanh"}, headers={"HX-Request": "true"}).content.decode()
    assert page.count("<li>") == 9
    assert 'href="/units/?q=thanh"' in page


def test_an_empty_search_says_what_to_type(client):
    assert "Gõ tên tỉnh, huyện hoặc xã" in client.get(reverse("districts:search")).content.decode()


def test_a_search_without_result_gives_hints_and_repeats_the_words_safely(client):
    page = client.get(reverse("districts:search"), {"q": "<b>zz</b>"}).content.decode()
    assert "Không tìm thấy “&lt;b&gt;zz&lt;/b&gt;”" in page
    assert "Có thể thử:" in page


def test_a_query_that_is_too_long_is_cut_and_says_so(client):
    page = client.get(reverse("districts:search"), {"q": "phu " * 60}).content.decode()
    assert "chỉ 100 ký tự đầu được dùng" in page


def test_sample_units_are_marked_in_the_results(client):
    make_unit("Thị Xã Mẫu", scheme=make_scheme("sample", is_sample=True))
    assert "dữ liệu mẫu" in client.get(reverse("districts:search"), {"q": "thi xa mau"}).content.decode()


def test_a_search_page_takes_as_many_queries_for_many_units_as_for_one(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        client.get(reverse("districts:search"), {"q": "an"})


def test_a_code_of_one_unit_leads_to_it(client):
    assert client.get("/units/280/").headers["Location"] == "/units/gso2004/280/"


def test_a_code_of_two_lists_offers_both(client):
    page = client.get("/units/01/").content.decode()
    assert 'href="/units/gso2004/01/"' in page
    assert 'href="/units/qd19-2025/01/"' in page


def test_an_unknown_code_is_not_found(client):
    assert client.get("/units/99999/").status_code == 404


@pytest.mark.parametrize("query", ["10273", " 10273 "])
def test_a_code_finds_the_units_that_bear_it(query):
    assert set(found(query)) == {
        "Xã Phú Xuyên (Thành phố Hà Nội)",
        "Thị trấn Phú Xuyên (Huyện Phú Xuyên, Thành phố Hà Nội)",
    }


def test_a_number_in_a_name_goes_before_a_code():
    assert found("10")[0].startswith("Quận 10 ") or found("10")[0].startswith("Phường 10 ")
    assert "Tỉnh Lào Cai" in found("10", 200)


@pytest.mark.parametrize("query", ["tphcm", "TP HCM", "tp.hcm", "TPHCM"])
def test_the_city_is_found_by_its_abbreviation(query):
    assert found(query)[0] == "Thành phố Hồ Chí Minh"


def test_an_abbreviated_place_narrows_a_name():
    assert found("quan 1 tphcm") == found("quan 1 tp hcm") != []


@pytest.mark.parametrize("query", ["phuxuyen", "PhuXuyen", "PhúXuyên"])
def test_a_name_typed_without_spaces_is_found(query):
    assert set(found(query)) == set(found("phu xuyen"))


def test_a_type_and_a_name_typed_without_spaces_are_found():
    assert found("huyenphuxuyen") == ["Huyện Phú Xuyên (Thành phố Hà Nội)"]
    assert found("khongcodonvinay") == []
