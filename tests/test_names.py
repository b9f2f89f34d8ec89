import hashlib
import random
import unicodedata

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from districts import names
from districts.official import read_units

# Ordered by ICU 72 (CLDR 42), locale vi-u-kn-true.
ICU_ORDER = """
1|3|12|an|An|AN|án|An Giang|An-Giang|Ăn|Ân|Ba|Bà|Bả|Bã|Bá|Bạ|Ba Đình|Bà Rịa - Vũng Tàu|Băc|Bắc Kạn|Bâc|
Duy|Dương|Đà Nẵng|Đăk Lăk|Đắk Lắk|Đương|Ea H'leo|Ea H'Leo|Ea Hleo|Em|Êa|Gia Lai|Hoa|Hoà|Hoạ|Hòa|O|Ô|Ơ|Ở|
Phường|Phường 1|Phường 2|Phường 10|Sơn Kim 1|Sơn Kim 2|U|Ú|Ư|Xã 9B|Xã 10A|y|Ý Yên|Yên
"""
# Of all 7,696 official names, one a line, in the same order.
ICU_ORDER_OF_OFFICIAL_NAMES = "fd159e8d0facec1871e283a84d797d7ad4376f770500cb73c3865aae8569fcb3"
SIGNS = (
    "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵfjwz"
    "AÀÁĂẮÂẤBDĐEÊỆGOÔỐƠỚUƯỨY -'.,0123456789()/&"
)
VIETNAMESE = st.text(st.sampled_from(SIGNS), max_size=30)


def official_names():
    units = read_units()
    return sorted({unit.last.name for unit in units} | {v.name for unit in units for v in unit.versions})


def generated_names(count):
    """Short strings of few letters, so that they differ in a tone or in case alone."""
    chance = random.Random(7)
    few = [chance.choices(SIGNS, k=4) for _ in range(count // 50)]
    return sorted(
        {"".join(chance.choices(chance.choice(few), k=chance.randrange(1, 6))) for _ in range(count)}
    )


def test_names_stand_in_the_order_of_icu():
    by_icu = ICU_ORDER.replace("\n", "").split("|")
    shuffled = sorted(by_icu, key=lambda text: text[::-1])
    assert sorted(shuffled, key=names.sort_key) == by_icu


def test_all_official_names_stand_in_the_order_of_icu():
    of_the_list = {unit.versions[0].name for unit in read_units()}
    ordered = sorted(of_the_list, key=lambda name: (names.sort_key(name), name))
    assert hashlib.sha256("\n".join(ordered).encode()).hexdigest() == ICU_ORDER_OF_OFFICIAL_NAMES


@pytest.mark.postgres
@pytest.mark.django_db
@pytest.mark.parametrize(
    "texts", [official_names, lambda: generated_names(20_000)], ids=["official", "generated"]
)
def test_the_order_is_the_one_postgresql_gets_from_icu(texts):
    texts = texts()
    with connection.cursor() as cursor:
        cursor.execute("CREATE COLLATION cchc_vi (provider = icu, locale = 'vi-u-kn-true')")
        cursor.execute(
            'SELECT t FROM unnest(%s::text[]) AS t ORDER BY t COLLATE cchc_vi, t COLLATE "C"', [texts]
        )
        by_icu = [row[0] for row in cursor]
    assert sorted(texts, key=lambda text: (names.sort_key(text), text.encode())) == by_icu


@pytest.mark.postgres
@pytest.mark.django_db
def test_the_database_orders_sort_keys_byte_by_byte_whatever_its_collation():
    keys = [names.unit_sort_key(name, "Xã") for name in official_names()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT t FROM unnest(%s::text[]) AS t ORDER BY t", [keys])
        assert [row[0] for row in cursor] == sorted(keys)


@given(VIETNAMESE)
def test_a_sort_key_is_plain_letters_and_digits(text):
    key = names.sort_key(text)
    assert key.isascii()
    assert key.isalnum()
    assert key == key.lower()


@given(st.text(max_size=30))
def test_any_text_has_a_sort_key_and_folds_without_error(text):
    assert names.sort_key(text).isascii()
    assert names.fold(names.fold(text)) == names.fold(text)


@given(VIETNAMESE)
def test_composed_and_decomposed_text_are_the_same(text):
    decomposed = unicodedata.normalize("NFD", text)
    assert names.sort_key(decomposed) == names.sort_key(text)
    assert names.fold(decomposed) == names.fold(text)
    assert names.canonical(decomposed) == names.canonical(text)


@given(VIETNAMESE)
def test_folding_forgets_what_the_canonical_form_keeps(text):
    assert names.fold(names.canonical(text)) == names.fold(text)


def test_a_very_long_name_still_fits_its_column():
    assert len(names.unit_sort_key("Trường " * 17, "Đơn vị sự nghiệp")) == 400


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Huyện Phú Xuyên", "huyen phu xuyen"),
        ("  ĐẮK   LẮK ", "dak lak"),
        ("Bà Rịa - Vũng Tàu", "ba ria vung tau"),
        ("Ea H'leo", "ea h leo"),
        ("Phường 10", "phuong 10"),
        ("Quy\u0300nh, Lưu!", "quynh luu"),
        ("", ""),
    ],
)
def test_folding_leaves_letters_digits_and_single_spaces(text, folded):
    assert names.fold(text) == folded


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("Hoà", "hòa"),
        ("Thuý", "thúy"),
        ("Hoè", "hòe"),
        ("Khoẻ", "khỏe"),
        ("Tuỳ", "tùy"),
        ("Quý", "quý"),
        ("Qúy", "quý"),
        ("Hoàn", "hoàn"),
        ("Thuỷ Nguyên", "thủy nguyên"),
        ("Khuỷu", "khuỷu"),
        ("Thuế", "thuế"),
    ],
)
def test_old_and_new_tone_places_are_one(new, old):
    assert names.canonical(new) == old


def test_a_search_key_holds_all_names_with_and_without_marks():
    key = names.search_key([("Phường", "Bố Hạ"), ("Xã", "Bố Hạ")])
    assert key == "|bo ha|phuong bo ha|xa bo ha|bố hạ|phường bố hạ|xã bố hạ|"


def test_a_search_key_fits_its_column():
    assert len(names.search_key([("Xã", "Trường Sa " * 12), ("Xã", "Trường Sa")])) <= 240


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("h. Phú Xuyên", "huyện phú xuyên"),
        ("tp hcm", "thành phố hồ chí minh"),
        ("q1", "quận 1"),
        ("TX Sơn Tây", "thị xã sơn tây"),
        ("đk Phú Quốc", "đặc khu phú quốc"),
    ],
)
def test_abbreviations_are_written_out(typed, meant):
    assert names.readings(typed)[-1] == meant


@pytest.mark.parametrize(
    ("typed", "bare"),
    [("huyện Phú Xuyên", "phú xuyên"), ("tp hue", "hue"), ("xa xuan", "xuan"), ("Xã", "xã"), ("", "")],
)
def test_the_type_can_be_left_out(typed, bare):
    assert names.without_type(typed) == bare


PHU_XUYEN = names.search_key([("Huyện", "Phú Xuyên")])


def quality(query: str, key: str) -> int:
    found = names.match_quality(query, key)
    assert found is not None, query
    return found


@pytest.mark.parametrize(
    "queries",
    [
        ["phu xuyen", "phu", "phu xuy", "xuyen", "xuy", "uyen"],
        ["huyen phu xuyen", "huyen", "huy"],
        ["phú xuyên", "phú", "phú xuy", "xuyên", "xuyê"],
    ],
)
def test_whole_name_then_beginning_then_word_then_beginning_of_a_word_then_anywhere(queries):
    qualities = [quality(query, PHU_XUYEN) for query in queries]
    assert qualities == sorted(set(qualities))


def test_typed_marks_put_the_name_with_these_marks_first():
    phu_yen, phu_yen_son_la = (names.search_key([("Huyện", name)]) for name in ("Phú Yên", "Phù Yên"))
    assert quality("phù yên", phu_yen_son_la) < quality("phù yên", phu_yen)
    assert quality("phu yen", phu_yen_son_la) == quality("phu yen", phu_yen)


@pytest.mark.parametrize("query", ["phù xuyên x", "ha noi", "", "...", "uy"])
def test_what_does_not_match_has_no_quality(query):
    assert names.match_quality(query, PHU_XUYEN) is None


@given(VIETNAMESE, VIETNAMESE)
def test_the_widest_patterns_find_all_that_match(query, name):
    key = names.search_key([("Xã", name)])
    if names.match_quality(query, key) is not None:
        assert any(pattern in key for pattern in names.widest_patterns(query))
