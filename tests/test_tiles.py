"""Where squares stand, which step a figure falls in, and what the map's page says."""

from collections import Counter
from decimal import Decimal as D

import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from reports.maps.steps import movement_step_of, movement_steps, sequence, step_of
from reports.maps.tiles import TileFileError, read_tiles, short_lines
from reports.tile_layouts import PACKAGED, read_file, tiles_of

from .test_pages import text_of

HEAD = "scheme,code,column,row,short,first_year,last_year"
POINTS = st.decimals("0", "100", places=4)


def faults(*lines: str, head: str = HEAD) -> list[str]:
    with pytest.raises(TileFileError) as refused:
        read_tiles("\n".join([head, *lines]), "x.csv")
    return refused.value.faults


def test_a_line_is_a_square():
    (tile,) = read_tiles("\ufeffscheme,code,column,row\ngso2004,280,4,8\n", "x.csv")
    assert (tile.scheme, tile.code, tile.column, tile.row, tile.line) == ("gso2004", "280", 4, 8, 2)


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("a,1,0,1,,,", "x.csv, dòng 2: column phải là số nguyên từ 1 đến 40, không phải “0”."),
        ("a,1,1,²,,,", "x.csv, dòng 2: row phải là số nguyên từ 1 đến 40, không phải “²”."),
        (",1,1,1,,,", "x.csv, dòng 2: thiếu scheme."),
        ("a,1,1,1,,2022,2021", "x.csv, dòng 2: first_year 2022 sau last_year 2021."),
        (
            "a,1,1,1,,x,",
            "x.csv, dòng 2: first_year phải là năm từ 2000 đến 2100 hoặc để trống, không phải “x”.",
        ),
        ("a,1,1", "x.csv, dòng 2: số ô không khớp với dòng tiêu đề."),
        ("a,1,1,1,Quá dài quá,,", "x.csv, dòng 2: short có nhiều nhất hai dòng"),
        ('a,"1,1,1', "x.csv, dòng 2: không đúng cú pháp CSV."),
    ],
)
def test_a_faulty_line_is_named(line, fault):
    (found,) = faults(line)
    assert found.startswith(fault)


def test_all_faults_are_told_at_once():
    assert faults("a,1,1,1,,,", "a,2,1,1,,,", "a,1,2,1,,,") == [
        "x.csv, dòng 3: ô cột 1, hàng 1 đã có đơn vị 1 (dòng 2).",
        "x.csv, dòng 4: đơn vị 1 đã được đặt ở dòng 2.",
    ]
    assert faults(head="code,cột") == [
        "x.csv, dòng 1: thiếu cột scheme, column, row.",
        "x.csv, dòng 1: cột không biết: cột.",
    ]
    assert faults() == ["x.csv: không có đơn vị nào."]
    assert faults(head="") == ["x.csv, dòng 1: thiếu cột scheme, code, column, row."]


def test_a_square_may_pass_from_one_unit_to_another():
    before, after = read_tiles(f"{HEAD}\na,1,1,1,,,2021\na,2,1,1,,2022,\n", "x.csv")
    assert before.is_in(2021) and not before.is_in(2022)
    assert after.is_in(2022) and not after.is_in(2021)


@pytest.mark.parametrize("path", sorted(PACKAGED.glob("*.csv")), ids=lambda path: path.stem)
@pytest.mark.parametrize("year", [2020, 2021, 2022, 2024])
def test_no_two_units_share_a_square_in_any_year(path, year):
    tiles = [tile for tile in read_file(path) if tile.is_in(year)]
    assert len({(tile.column, tile.row) for tile in tiles}) == len(tiles) == len({t.code for t in tiles})


def test_all_thirty_of_ha_noi_stand_where_they_lie():
    at = {tile.code: (tile.column, tile.row) for tile in tiles_of("ha-noi", "huyen")}
    assert len(at) == 30
    assert at["016"][1] == min(row for _, row in at.values())  # Sóc Sơn: the north
    assert at["271"][0] == 1 and at["018"][0] == 7  # Ba Vì: the west, Gia Lâm: the east
    assert at["280"][1] == max(row for _, row in at.values())  # Phú Xuyên: the south


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("Phú Xuyên", ("Phú", "Xuyên")),
        ("Hai Bà Trưng", ("Hai Bà", "Trưng")),
        ("Ba", ("Ba",)),
        ("Đồng Phú Riềng Đỏ", ("Đồng Phú", "Riềng Đỏ")),
        ("Krông Pa-kơ-nang", ("Krông", "Pa-kơ-n.")),
    ],
)
def test_a_name_is_parted_so_that_it_fits(name, lines):
    assert short_lines(name) == lines


def test_a_short_name_of_the_file_goes_before():
    assert short_lines("Bắc Từ Liêm", "B. Từ|Liêm") == ("B. Từ", "Liêm")


def test_five_steps_from_eighty_to_ninety():
    steps = sequence([D("80"), D("90"), D("84")])
    assert [(one.number, str(one.low), str(one.high)) for one in steps] == [
        (1, "80.00", "82.00"),
        (2, "82.00", "84.00"),
        (3, "84.00", "86.00"),
        (4, "86.00", "88.00"),
        (5, "88.00", "90.00"),
    ]
    assert [step_of(D(value), steps).number for value in ("80", "83.99", "84", "90")] == [1, 2, 3, 5]


@given(st.lists(POINTS, min_size=1, max_size=40))
def test_every_value_lies_in_its_step_and_more_is_never_a_lower_one(values):
    steps = sequence(values)
    assert 1 <= len(steps) <= 5 and steps[-1].number == 5
    for value in values:
        step = step_of(value, steps)
        assert step.low <= value and (value < step.high or (step.is_last and value == step.high))
    numbers = [step_of(value, steps).number for value in sorted(values)]
    assert numbers == sorted(numbers)


@given(st.lists(st.decimals("-9", "9", places=4), min_size=1, max_size=40))
def test_a_movement_has_the_colour_of_its_direction(values):
    steps = movement_steps(values)
    for value in values:
        step = movement_step_of(value, steps)
        assert (step.number > 0, step.number < 0) == (value > 0, value < 0)
        assert step.low <= value <= step.high
        assert movement_step_of(-value, steps).number == -step.number


def test_without_values_there_is_no_step():
    assert sequence([]) == movement_steps([]) == ()
    (only,) = sequence([D("92.41")])
    assert (only.number, only.low, only.high) == (5, D("92.41"), D("92.41"))


def test_an_office_has_tiles_of_its_own(tmp_path, settings):
    settings.TILE_DIR = tmp_path
    (tmp_path / "ha-noi.huyen.csv").write_text("scheme,code,column,row\ngso2004,280,1,1\n")
    assert [tile.code for tile in tiles_of("ha-noi", "huyen")] == ["280"]
    (tmp_path / "ha-noi.huyen.csv").write_text("scheme,code,column,row\ngso2004,280,x,1\n")
    assert len(tiles_of("ha-noi", "huyen")) == 30


@pytest.mark.django_db
def test_the_packaged_files_place_units_that_there_are(demo_content, tmp_path, capsys):
    call_command("check_tiles")
    assert "ha-noi.huyen.csv: dùng được." in capsys.readouterr().out
    own = tmp_path / "ha-noi.khac.csv"
    own.write_text("scheme,code,column,row\ngso2004,999,1,1\n")
    with pytest.raises(CommandError) as refused:
        call_command("check_tiles", own, tmp_path / "x.csv")
    assert str(refused.value).splitlines() == [
        "ha-noi.khac.csv: tên tệp phải là <cơ quan>.<nhóm>.csv; không có nhóm “khac”.",
        "ha-noi.khac.csv, dòng 2: danh mục gso2004 không có đơn vị mã 999.",
        "x.csv: không đọc được tệp (No such file or directory).",
    ]


MAP = "/tinh-minh-hoa/2024/huyen/map/"


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_each_square_says_what_the_ranking_says(client):
    page = client.get(MAP)
    labels = {mark.label for mark in page.context["drawing"].marks}
    assert "Thành phố Minh Giang: 91,89 điểm, hạng 1/12" in labels
    ranked = client.get("/tinh-minh-hoa/2024/").context["summary"].ranked
    told = {one.unit.code: (one.value, one.rank) for one in page.context["map"].placed}
    assert told == {one.unit.code: (one.total.value, one.rank.value) for one in ranked}


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
@pytest.mark.parametrize(
    ("year", "there", "gone"), [(2021, {"MH12", "MH13"}, {"MH14"}), (2022, {"MH14"}, {"MH12", "MH13"})]
)
def test_the_merger_changes_the_map(client, year, there, gone):
    codes = {one.unit.code for one in client.get(f"/tinh-minh-hoa/{year}/huyen/map/").context["map"].placed}
    assert there <= codes and not gone & codes


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_a_unit_without_figures_says_why(client):
    shown = client.get("/tinh-minh-hoa/2021/huyen/map/").context
    (mark,) = (mark for mark in shown["drawing"].marks if mark.css == "is-unknown")
    assert mark.label == "Huyện Thượng Khê: không nộp báo cáo"
    assert "Bản đồ có số liệu của 12/13 đơn vị." in shown["sentences"][0]
    moved = client.get("/tinh-minh-hoa/2022/huyen/map/?by=movement").context["drawing"].marks
    assert "Huyện Tân Hạ: đơn vị vừa sắp xếp, không so sánh với năm trước" in {mark.label for mark in moved}


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_one_of_thirty_is_not_a_comparison(client):
    page = text_of(client, "/ha-noi/2024/huyen/map/")
    assert "1/30 đơn vị có số liệu" in page
    assert "Mới có một đơn vị có số liệu: bản đồ chưa so sánh được các đơn vị với nhau." in page
    shown = client.get("/ha-noi/2024/huyen/map/").context
    assert Counter(mark.css for mark in shown["drawing"].marks) == {"is-unknown": 29, "is-only": 1}
    assert "Huyện Phú Xuyên: 92,41 điểm, hạng 23/30" in {mark.label for mark in shown["drawing"].marks}
    assert client.get("/ha-noi/2024/").context["drawing"] is None
    assert client.get("/tinh-minh-hoa/2024/").context["drawing"] is not None


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_an_area_and_movement_have_their_own_figures(client):
    area = client.get(f"{MAP}?by=3").context["map"]
    unit = client.get("/tinh-minh-hoa/2024/units/MH03/").context["summary"]
    (own,) = (one for one in unit.areas if one.code == "3")
    (there,) = (one for one in area.placed if one.unit.code == "MH03")
    assert (there.value, there.rank) == (own.points, own.rank)
    labels = {mark.label for mark in client.get(f"{MAP}?by=movement").context["drawing"].marks}
    assert "Huyện Phú Vân: giảm 4,69 điểm so với năm trước" in labels


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_whatever_the_address_says_there_is_a_map(client):
    for query in ("?by=%00&shape=x", "?by=999", "?shape=boundaries", "?by=movement&by=total"):
        assert client.get(f"{MAP}{query}").context["map"].shape == "tiles"
    assert client.get("/son-la/2021/huyen/map/").status_code == 404
    assert client.get("/tinh-minh-hoa/2025/huyen/map/").status_code == 404


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
@pytest.mark.parametrize("address", [MAP, f"{MAP}?by=3", f"{MAP}?by=movement", "/ha-noi/2024/huyen/map/"])
def test_the_page_asks_a_constant_number_of_queries(client, django_assert_max_num_queries, address):
    with django_assert_max_num_queries(9):
        client.get(address)


@pytest.mark.django_db
@pytest.mark.usefixtures("demo_content")
def test_units_that_no_file_places_are_listed(client, settings, tmp_path):
    settings.TILE_DIR = tmp_path
    lines = "scheme,code,column,row\nminh-hoa,MH01,1,1\nminh-hoa,MH02,2,1\nminh-hoa,MH13,3,1\n"
    (tmp_path / "tinh-minh-hoa.huyen.csv").write_text(lines)
    shown = client.get(MAP).context
    assert len(shown["map"].placed) == 3 and len(shown["map"].unplaced) == 10
    assert "Huyện Hạ Khê: không thuộc danh sách đánh giá năm này" in {m.label for m in shown["drawing"].marks}
    assert "Chưa được đặt trên bản đồ" in text_of(client, MAP)
