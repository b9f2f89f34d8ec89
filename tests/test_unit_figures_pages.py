"""Indicators, initiatives, activities, the 766 index and targets: entered, refused, warned of, and taken back."""

from __future__ import annotations

import datetime as dt
import io
from decimal import Decimal

import pytest
from django.urls import reverse

from districts.models import Change, Unit
from reports.indicators import load_indicators
from reports.models import Activity, Index766, Indicator, Initiative, Observation, Target
from reports.workflow.figures import own_source
from tests.factories import OfficeYear, make_office_year

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> OfficeYear:
    load_indicators()
    return make_office_year()


@pytest.fixture
def unit(office) -> Unit:
    return office.units["an"]


@pytest.fixture
def clerk(client, office):
    client.force_login(office.people["reporter"])
    return client


def indicator(slug: str) -> Indicator:
    return Indicator.objects.get(slug=slug)


def fill(client, unit, said: dict[str, dict[str, str]], year: int = 2024):
    """Post a year's form with what is said of each indicator; returns the page that follows."""
    fields = {f"{indicator(slug).pk}-{n}": text for slug, row in said.items() for n, text in row.items()}
    address = reverse("office:indicators", args=[unit.pk])
    return client.post(f"{address}?year={year}", fields, follow=True)


def test_a_ratio_is_entered_as_its_two_counts_and_shown_with_its_share(clerk, unit):
    page = fill(clerk, unit, {"tai-khoan-thu-cong-vu": {"numerator": "610", "denominator": "649"}})
    row = Observation.objects.get()
    assert [row.numerator, row.denominator, row.value] == [610, 649, None]
    assert "= 93,99\u202f%" in page.content.decode()


def test_a_count_with_a_dot_is_thousands_and_measured_figures_keep_their_decimals(clerk, unit):
    fill(clerk, unit, {"tthc-cong-khai": {"value": "1.674"}, "ty-le-van-ban-dien-tu": {"value": "98,5"}})
    found = dict(Observation.objects.values_list("indicator__slug", "value"))
    assert found == {"tthc-cong-khai": 1674, "ty-le-van-ban-dien-tu": Decimal("98.5")}


def test_a_part_greater_than_its_whole_is_refused_and_the_rest_is_saved(clerk, unit):
    said = {
        "tai-khoan-thu-cong-vu": {"numerator": "700", "denominator": "649"},
        "lop-tap-huan": {"value": "4"},
    }
    page = fill(clerk, unit, said)
    text = page.content.decode()
    assert page.status_code == 422
    assert "Tử số (700) lớn hơn mẫu số (649)." in text and 'value="700"' in text
    assert list(Observation.objects.values_list("indicator__slug", flat=True)) == ["lop-tap-huan"]


def test_what_cannot_be_read_is_said_beside_the_row(clerk, unit):
    page = fill(clerk, unit, {"lop-tap-huan": {"value": "bốn"}})
    assert page.status_code == 422 and not Observation.objects.exists()
    assert 'value="bốn"' in page.content.decode()


def test_a_jump_against_last_year_asks_for_a_reason(clerk, unit):
    fill(clerk, unit, {"lop-tap-huan": {"value": "3"}}, year=2023)
    page = fill(clerk, unit, {"lop-tap-huan": {"value": "40"}})
    assert "Kỳ trước là 3, kỳ này 40" in page.content.decode()
    assert Observation.objects.count() == 1
    fill(clerk, unit, {"lop-tap-huan": {"value": "40", "gap_reason": "Mở lớp đến từng thôn"}})
    assert Observation.objects.get(ends_on__year=2024).gap_reason == "Mở lớp đến từng thôn"


def test_a_figure_may_be_of_another_period_within_the_year_but_of_no_other_year(clerk, unit):
    said = {"value": "3", "starts_on": "01/01/2024", "ends_on": "31/05/2024"}
    page = fill(clerk, unit, {"lop-tap-huan": said | {"ends_on": "31/05/2023"}})
    assert page.status_code == 422 and "phải trong năm 2024" in page.content.decode()
    fill(clerk, unit, {"lop-tap-huan": said})
    row = Observation.objects.get()
    assert (str(row.starts_on), str(row.ends_on)) == ("2024-01-01", "2024-05-31")


def test_what_is_not_asked_for_every_year_is_added_from_the_catalogue(clerk, unit):
    address = reverse("office:indicators", args=[unit.pk])
    one = indicator("ty-le-co-quan-co-chu-ky-so")
    assert f'name="{one.pk}-value"' not in clerk.get(f"{address}?year=2021").content.decode()
    fields = {f"{one.pk}-value": "32", f"{one.pk}-numerator": "1.019"}
    clerk.post(f"{address}?year=2021&add={one.pk}", fields)
    row = Observation.objects.get()
    assert [row.value, row.numerator, row.denominator] == [32, 1019, None]
    assert f'name="{one.pk}-value"' in clerk.get(f"{address}?year=2021").content.decode()


def test_a_measured_figure_above_a_thousand_comes_back_as_it_is_shown(clerk, unit):
    revenue = indicator("thu-ngan-sach")
    address = f"{reverse('office:indicators', args=[unit.pk])}?year=2023&add={revenue.pk}"
    clerk.post(address, {f"{revenue.pk}-value": "1674,5"})
    assert 'value="1674,5"' in clerk.get(address).content.decode()
    clerk.post(address, {f"{revenue.pk}-note": "đã quyết toán", f"{revenue.pk}-version": "1"})
    row = Observation.objects.get()
    assert (row.value, row.note) == (Decimal("1674.5"), "đã quyết toán")


def test_the_year_before_stands_beside(clerk, unit):
    fill(clerk, unit, {"lop-tap-huan": {"value": "3"}}, year=2023)
    page = clerk.get(reverse("office:indicators", args=[unit.pk]), {"year": "2024"})
    assert "Năm trước: 3" in page.content.decode()


def test_a_bound_keeps_its_wording(clerk, unit):
    said = {"value": "351000", "quality": "lower", "wording": "trên 351.000"}
    fill(clerk, unit, {"tthc-cong-khai": said})
    row = Observation.objects.get()
    assert (row.quality, row.wording) == ("lower", "trên 351.000")


def test_a_closed_units_year_ends_with_it(clerk, unit):
    Unit.objects.filter(pk=unit.pk).update(valid_to=dt.date(2025, 6, 30))
    fill(clerk, unit, {"lop-tap-huan": {"value": "3"}}, year=2025)
    row = Observation.objects.get()
    assert (str(row.starts_on), str(row.ends_on)) == ("2025-01-01", "2025-06-30")


def test_the_second_of_two_clerks_is_told(clerk, unit):
    fill(clerk, unit, {"lop-tap-huan": {"value": "3", "version": "0"}})
    page = fill(clerk, unit, {"lop-tap-huan": {"value": "5", "version": "0"}})
    assert "Người khác vừa sửa số liệu này" in page.content.decode()
    assert Observation.objects.get().value == 3


def test_the_page_takes_the_same_queries_for_many_indicators(clerk, unit, django_assert_max_num_queries):
    rows = [
        Observation(
            indicator=one, unit=unit, scope="own", value=1, ends_on="2024-12-31", source=own_source(unit)
        )
        for one in Indicator.objects.filter(is_active=True)
    ]
    Observation.objects.bulk_create(rows)
    with django_assert_max_num_queries(16):
        clerk.get(reverse("office:indicators", args=[unit.pk]), {"year": "2024"})


def add(client, unit, what: str, /, **fields: str):
    said = {"starts_on": "01/01/2024", "ends_on": "31/12/2024", "quality": "exact", **fields}
    return client.post(reverse("office:activity_new", args=[unit.pk, what]), said, follow=True)


def test_an_initiative_is_kept_with_what_it_saved(clerk, unit):
    said = {"dossiers": "1139", "hours_saved": "4160", "dong_saved": "108440000"}
    page = add(clerk, unit, "initiative", name="Ngày không viết, không hẹn", **said)
    row = Initiative.objects.get()
    assert [row.dossiers, row.hours_saved, row.dong_saved] == [1139, 4160, 108_440_000]
    assert "108.440.000" in page.content.decode()


def test_an_activity_is_added_changed_and_removed_with_its_log(clerk, unit):
    add(clerk, unit, "activity", kind="training", title="Tập huấn một cửa")
    row = Activity.objects.get()
    said = {"kind": "training", "title": "Tập huấn số hóa", "version": str(row.version)}
    said |= {"starts_on": "01/01/2024", "ends_on": "31/12/2024", "quality": "exact"}
    clerk.post(reverse("office:activity", args=[unit.pk, "activity", row.pk]), said)
    assert Activity.objects.get().title == "Tập huấn số hóa"
    clerk.post(reverse("office:activity_remove", args=[unit.pk, "activity", row.pk]))
    assert not Activity.objects.exists()
    told = Change.objects.filter(model="reports.activity", field="title").order_by("pk")
    assert list(told.values_list("before", "after")) == [
        (None, "Tập huấn một cửa"),
        ("Tập huấn một cửa", "Tập huấn số hóa"),
        ("Tập huấn số hóa", None),
    ]


def test_days_the_wrong_way_round_are_refused(clerk, unit):
    page = add(clerk, unit, "activity", kind="award", title="Khen", starts_on="01/01/2025")
    assert "Ngày kết thúc kỳ phải bằng hoặc sau ngày bắt đầu." in page.content.decode()
    assert not Activity.objects.exists()


GROUPS = {"transparency": "17", "progress": "19,5", "online": "11", "digitised": "18,59"}
GROUPS |= {"payment": "8", "satisfaction": "16"}


def enter_766(client, unit, **fields: str):
    said = {f"{key}-points": text for key, text in GROUPS.items()}
    said |= {"starts_on": "01/01/2025", "ends_on": "31/03/2025", "points": "90,09", **fields}
    return client.post(reverse("office:index766_new", args=[unit.pk]), said, follow=True)


def test_the_portals_score_is_stored_and_ours_explains_it(clerk, unit):
    said = {
        "online.dossiers-points": "6",
        "online.dossiers-numerator": "40",
        "online.dossiers-denominator": "100",
    }
    page = enter_766(clerk, unit, **said)
    row = Index766.objects.get()
    assert (str(row.points), row.parts.count()) == ("90.090", 7)
    assert "Quý I/2025" in page.content.decode()
    form = clerk.get(reverse("office:index766_row", args=[unit.pk, row.pk])).content.decode()
    assert "4,800" in form and "khác" in form


def test_scores_that_do_not_add_up_ask_for_a_reason(clerk, unit):
    page = enter_766(clerk, unit, **{"payment-points": "8,5"})
    assert "Tổng điểm: ghi 90,09, các phần cộng lại được 90,59." in page.content.decode()
    assert not Index766.objects.exists()
    enter_766(clerk, unit, **{"payment-points": "8,5", "gap_reason": "Cổng hiển thị như vậy"})
    assert Index766.objects.get().gap_reason == "Cổng hiển thị như vậy"


def test_a_group_above_its_maximum_is_refused(clerk, unit):
    page = enter_766(clerk, unit, **{"payment-points": "10,5", "gap_reason": "x"})
    assert "Thanh toán trực tuyến: điểm phải từ 0 đến 10." in page.content.decode()
    assert not Index766.objects.exists()


def test_the_766_index_is_public_only_after_its_release_and_never_in_the_par_index(clerk, office, unit):
    enter_766(clerk, unit)
    page = reverse("reports:unit", args=[unit.scheme.code, unit.code])
    assert "Bộ chỉ số 766" not in clerk.get(page).content.decode()
    row = Index766.objects.get()
    Index766.objects.filter(pk=row.pk).update(
        release=office.organiser.releases.create(
            kind="index766", starts_on=row.starts_on, ends_on=row.ends_on
        )
    )
    text = clerk.get(page).content.decode()
    assert "Bộ chỉ số 766" in text and "90,09" in text and "không cộng vào chỉ số đó" in text


def test_a_target_says_how_far_it_is(clerk, unit):
    fill(clerk, unit, {"tai-khoan-thu-cong-vu": {"numerator": "610", "denominator": "649"}})
    said = {"year": "2024", "measure": "indicator", "value": "95"}
    said["indicator"] = str(indicator("tai-khoan-thu-cong-vu").pk)
    page = clerk.post(reverse("office:targets", args=[unit.pk]), said, follow=True).content.decode()
    assert "610/649 (93,99\u202f%)" in page and "chưa đạt" in page and "còn 1,0092" in page


def test_a_target_without_figures_is_neither_met_nor_missed(clerk, unit):
    page = clerk.post(
        reverse("office:targets", args=[unit.pk]),
        {"year": "2025", "measure": "rank", "value": "10"},
        follow=True,
    )
    assert "chưa có số liệu" in page.content.decode()


def test_a_target_by_indicator_names_one(clerk, unit):
    page = clerk.post(reverse("office:targets", args=[unit.pk]), {"year": "2025", "measure": "indicator"})
    assert "phải chọn chỉ tiêu" in page.content.decode() and not Target.objects.exists()


def upload(client, unit, name: str, content: bytes):
    file = io.BytesIO(content)
    file.name = name
    return client.post(reverse("office:figures_upload", args=[unit.pk]), {"file": file}, follow=True)


def test_the_workbook_that_goes_out_changes_nothing_when_it_comes_back(clerk, unit):
    fill(clerk, unit, {"tai-khoan-thu-cong-vu": {"numerator": "610", "denominator": "649"}})
    add(clerk, unit, "initiative", name="- Ngày không viết", hours_saved="4160,5")
    add(clerk, unit, "activity", kind="award", title="=Khen thưởng")
    address = reverse("office:indicators", args=[unit.pk])
    out = clerk.get(address, {"year": "2024", "export": "xlsx"}).content
    page = upload(clerk, unit, "chi-tieu.xlsx", out)
    assert page.context["counts"]["unchanged"] == 3
    assert page.context["error_count"] == 0 and not page.context["lines"]


def test_a_file_adds_and_changes_by_the_rows_it_names(clerk, unit):
    fill(clerk, unit, {"lop-tap-huan": {"value": "3"}})
    text = "Mã chỉ tiêu,Đến ngày,Giá trị\nlop-tap-huan,31/12/2024,4\nhoc-vien-tap-huan,31/12/2024,120\n"
    page = upload(clerk, unit, "chi-tieu.csv", text.encode())
    batch, digest = page.context["batch"], page.context["digest"]
    clerk.post(reverse("office:upload_apply", args=[batch.pk]), {"digest": digest})
    found = dict(Observation.objects.values_list("indicator__slug", "value"))
    assert found == {"lop-tap-huan": 4, "hoc-vien-tap-huan": 120}


@pytest.mark.parametrize(
    ("row", "cell", "said"),
    [
        ("khong-co,31/12/2024,4", "A2", "Không có chỉ tiêu mang mã này trong danh mục."),
        ("lop-tap-huan,,4", "B2", "Chưa ghi “Đến ngày”."),
        ("lop-tap-huan,31/12/2024,-4", "C2", "Không thể âm."),
        ("lop-tap-huan,32/12/2024,4", "B2", ""),
    ],
)
def test_a_fault_in_a_file_names_its_cell(clerk, unit, row, cell, said):
    page = upload(clerk, unit, "chi-tieu.csv", f"Mã chỉ tiêu,Đến ngày,Giá trị\n{row}\n".encode())
    text = page.content.decode()
    assert f"ô {cell}" in text and said in text and not Observation.objects.exists()


def test_a_figure_the_checks_refuse_is_an_error_of_the_file(clerk, unit):
    text = "Mã chỉ tiêu,Đến ngày,Tử số,Mẫu số\ntai-khoan-thu-cong-vu,31/12/2024,700,649\n"
    page = upload(clerk, unit, "chi-tieu.csv", text.encode())
    assert "Tử số (700) lớn hơn mẫu số (649)." in page.content.decode()
    assert not page.context["may_apply"]
