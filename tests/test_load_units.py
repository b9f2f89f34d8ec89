import datetime as dt
from io import StringIO

import pytest
from django.core.management import call_command
from django.db.models import Count

from districts.loading import load_official_units
from districts.models import Scheme, Succession, Unit, UnitVersion
from districts.official import read_units
from districts.sentences import Title, basis, ended, founded, listed
from districts.summaries import closing_sentence, unit_lineage
from tests.factories import make_scheme, make_unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("official_units")]


def old(code):
    return Unit.objects.get(scheme="gso2004", code=code)


def new(code):
    return Unit.objects.get(scheme="qd19-2025", code=code)


def test_all_units_of_both_schemes_are_loaded():
    rows = Unit.objects.order_by("scheme", "level").values_list("scheme", "level").annotate(Count("pk"))
    assert list(rows) == [
        ("gso2004", 1, 63),
        ("gso2004", 2, 696),
        ("gso2004", 3, 10035),
        ("qd19-2025", 1, 34),
        ("qd19-2025", 3, 3321),
    ]


def test_all_stated_edges_are_loaded():
    assert Succession.objects.filter(is_derived=False).count() == 10602


def test_a_one_to_one_unchanged_edge_continues():
    kinds = dict(
        Succession.objects.filter(is_derived=False).values_list("kind").annotate(Count("pk")).order_by()
    )
    assert kinds == {
        "continues": 124,
        "end": 5,
        "merge": 9432,
        "reclassify": 3,
        "rename": 5,
        "split": 1033,
    }


def test_eleven_provinces_continue_and_fifty_two_merge_into_twenty_three():
    edges = Succession.objects.filter(predecessor__level=1)
    assert edges.filter(kind="continues", is_derived=True).count() == 11
    assert edges.filter(kind="merge", is_derived=True).count() == 52
    assert edges.filter(kind="merge").values("successor").distinct().count() == 23


def test_every_unit_of_the_old_scheme_has_a_successor():
    assert not Unit.objects.filter(scheme="gso2004", succeeded_by__isnull=True).exists()


def test_every_split_commune_has_one_main_part():
    mains = Unit.objects.filter(succeeded_by__kind="split").annotate(n=Count("succeeded_by", distinct=True))
    split = Succession.objects.filter(kind="split", is_main_part=True).values("predecessor")
    assert split.count() == split.distinct().count() == mains.count() == 471


@pytest.mark.parametrize(
    ("code", "name", "province"),
    [
        ("280", "Phú Xuyên", "Thành phố Hà Nội"),
        ("276", "Thạch Thất", "Thành phố Hà Nội"),
        ("364", "Xuân Trường", "Tỉnh Ninh Bình"),
        ("562", "Tây Hòa", "Tỉnh Đắk Lắk"),
        ("122", "Phù Yên", "Tỉnh Sơn La"),
    ],
)
def test_the_districts_of_the_five_reports_lie_in_the_provinces_they_lie_in_today(code, name, province):
    district = Unit.objects.get(scheme="gso2004", level=2, name=name)
    places = {edge.unit.place for edge in unit_lineage(district).successors}
    assert (district.code, places) == (code, {province})


def test_a_second_run_writes_nothing():
    assert load_official_units() == 0


def test_what_differs_is_put_right_and_counted():
    Unit.objects.filter(scheme="gso2004", code="280").update(name="Phú Xuyen", search_key="|x|")
    Succession.objects.get(predecessor=old("280"), successor=new("10273")).delete()
    assert load_official_units() == 2
    assert old("280").name == "Phú Xuyên"


def test_edges_that_are_not_in_the_list_are_deleted():
    Succession.objects.create(predecessor=old("280"), successor=new("11948"), kind="end")
    assert load_official_units() == 1
    assert not old("280").succeeded_by.filter(successor=new("11948")).exists()


def test_units_of_other_schemes_are_left_alone():
    unit = make_unit("Minh Họa", scheme=make_scheme("sample", is_sample=True))
    load_official_units()
    assert Unit.objects.filter(pk=unit.pk, name="Minh Họa").exists()


def test_the_command_says_how_many_rows_it_wrote():
    out = StringIO()
    call_command("load_units", "--progress", stdout=out)
    assert "696 đơn vị" in out.getvalue()
    assert "đã ghi 0 dòng" in out.getvalue()


def test_the_schemes_meet_without_a_gap():
    ends = dict(Scheme.objects.values_list("code", "valid_to"))
    starts = dict(Scheme.objects.values_list("code", "valid_from"))
    assert (ends["gso2004"], starts["qd19-2025"]) == (dt.date(2025, 6, 30), dt.date(2025, 7, 1))


def test_a_unit_bears_its_last_name_and_keeps_the_earlier_one():
    bo_ha = new("07294")
    assert bo_ha.full_name == "Phường Bố Hạ"
    assert bo_ha.name_on(dt.date(2026, 9, 19)) == "Xã Bố Hạ"
    assert bo_ha.name_on(dt.date(2026, 9, 20)) == "Phường Bố Hạ"


def test_three_provinces_became_cities_in_2026():
    cities = UnitVersion.objects.filter(unit__level=1, unit__scheme="qd19-2025", type="Thành phố")
    assert cities.filter(valid_from__year=2026).count() == 3
    assert Unit.objects.filter(scheme="qd19-2025", type="Thành phố").count() == 9


def test_an_amendment_of_another_name_is_refused(tmp_path):
    header = "scheme,level,code,type,name,parent,valid_from,valid_to\n"
    (tmp_path / "units.csv").write_text(f"{header}qd19-2025,1,75,Tỉnh,Đồng Nai,,2025-07-01,\n")
    (tmp_path / "amendments_2026.csv").write_text(
        "code,old_name,new_name,province,decree,effective\n75,Tỉnh Bình Dương,Thành phố Đồng Nai,,1,2026-04-30\n"
    )
    with pytest.raises(ValueError, match="Tỉnh Bình Dương"):
        read_units(tmp_path)


@pytest.mark.parametrize(
    ("scheme", "code", "said"),
    [
        (
            "gso2004",
            "280",
            [
                "Huyện Phú Xuyên kết thúc hoạt động từ ngày 01/07/2025; địa bàn nay thuộc các xã Phú Xuyên, "
                "Phượng Dực, Chuyên Mỹ, Đại Xuyên."
            ],
        ),
        (
            "gso2004",
            "364",
            [
                "Huyện Xuân Trường kết thúc hoạt động từ ngày 01/07/2025; địa bàn nay thuộc các xã Xuân Trường, "
                "Xuân Hồng, Xuân Giang, Xuân Hưng, tỉnh Ninh Bình."
            ],
        ),
        (
            "gso2004",
            "36",
            [
                "Tỉnh Nam Định được sắp xếp cùng các tỉnh Hà Nam, Ninh Bình từ ngày 01/07/2025; địa bàn nay thuộc "
                "tỉnh Ninh Bình.",
                "Căn cứ: Nghị quyết 202/2025/QH15.",
            ],
        ),
        (
            "gso2004",
            "01",
            ["Thành phố Hà Nội được giữ nguyên khi sắp xếp đơn vị hành chính từ ngày 01/07/2025."],
        ),
        ("gso2004", "14845", ["Thị trấn Mường Lát từ ngày 01/07/2025 là xã Mường Lát."]),
        (
            "qd19-2025",
            "07294",
            [
                "Xã Bố Hạ được thành lập từ ngày 01/07/2025 trên địa bàn các xã Đông Sơn, Hương Vĩ và thị trấn Bố Hạ.",
                "Xã Bố Hạ từ ngày 20/09/2026 là phường Bố Hạ theo 388/NQ-UBTVQH16.",
            ],
        ),
        (
            "qd19-2025",
            "11948",
            ["Đặc khu Bạch Long Vĩ được thành lập từ ngày 01/07/2025 trên địa bàn huyện Bạch Long Vĩ."],
        ),
    ],
)
def test_a_unit_says_what_became_of_it(scheme, code, said):
    assert unit_lineage(Unit.objects.get(scheme=scheme, code=code)).sentences == said


def test_a_district_in_many_communes_counts_them_and_lists_them():
    yen_son = Unit.objects.get(scheme="gso2004", level=2, name="Yên Sơn")
    lineage = unit_lineage(yen_son)
    assert len(lineage.successors) == 14
    assert "14 đơn vị hành chính (danh sách bên dưới)" in lineage.sentences[0]


def test_beside_each_neighbour_stands_where_it_lies_and_how_it_is_known():
    province, district = unit_lineage(old("36")).successors, unit_lineage(old("280")).successors
    assert province[0].remarks == ["nhập", "từ 01/07/2025", "suy ra từ cấp xã"]
    assert district[0].remarks == ["Thành phố Hà Nội", "từ 01/07/2025", "suy ra từ cấp xã"]


def test_of_a_split_commune_the_main_part_is_marked():
    edges = unit_lineage(Unit.objects.get(scheme="gso2004", level=3, name="Cống Vị")).successors
    assert [(edge.unit.name, edge.remarks[2]) for edge in edges] == [
        ("Ngọc Hà", "phần chính"),
        ("Giảng Võ", "một phần"),
    ]


def test_a_new_commune_names_communes_and_not_the_district_they_formed():
    lineage = unit_lineage(new("10273"))
    assert "Huyện Phú Xuyên" in {edge.unit.full_name for edge in lineage.predecessors}
    assert "huyện" not in lineage.sentences[0].lower()


def test_a_unit_in_force_has_no_closing_sentence():
    assert closing_sentence(new("10273")) == ""
    assert closing_sentence(old("10273")).endswith("địa bàn nay thuộc xã Phú Xuyên.")


@pytest.mark.parametrize("code", ["01", "36", "075", "280", "10273"])
def test_a_lineage_takes_at_most_five_queries(code, django_assert_max_num_queries):
    unit = old(code)
    with django_assert_max_num_queries(5):
        assert [edge.unit.place for edge in unit_lineage(unit).successors]


def test_the_breadcrumb_runs_from_the_province_down():
    assert [str(u) for u in unit_lineage(old("10273")).ancestors] == ["Thành phố Hà Nội", "Huyện Phú Xuyên"]


def test_names_are_grouped_by_type():
    titles = [Title("Xã", "A"), Title("Phường", "C"), Title("Xã", "B"), Title("Đặc khu", "D")]
    assert listed(titles) == "các xã A, B, phường C và đặc khu D"


def test_a_closure_without_a_day_gives_none():
    assert ended(Title("Xã", "A"), [], None) == "Xã A đã kết thúc hoạt động."


def test_a_unit_formed_of_parts_says_so():
    said = founded(Title("Xã", "A"), [], [Title("Xã", "B")], dt.date(2024, 12, 1))
    assert said == "Xã A được thành lập từ ngày 01/12/2024 trên một phần địa bàn xã B."


def test_nothing_is_cited_where_no_act_is_known():
    assert basis(["", ""]) == ""
