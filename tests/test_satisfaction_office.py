"""A unit's satisfaction figures in the office: the form, the sheet out and in."""

from __future__ import annotations

import datetime as dt
import io
import re
from decimal import Decimal as D
from typing import Any

import pytest
import xlsxwriter
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from districts.audit import Act
from districts.models import Change
from reports.models import DossierCount, ImportBatch, Satisfaction
from reports.satisfaction_sheets import COLUMNS
from reports.workflow.figures import RowWrite, own_source, write_rows
from tests.factories import OfficeYear, make_office_year

pytestmark = pytest.mark.django_db
SURVEY = {"kind": "sipas", "scope": "own", "starts_on": "01/01/2025", "ends_on": "31/12/2025"}
RATING = SURVEY | {"kind": "rating"}


@pytest.fixture
def office() -> OfficeYear:
    return make_office_year()


def client(office: OfficeYear, person: str = "reporter") -> Client:
    found = Client()
    found.force_login(office.people[person])
    return found


def address(office: OfficeYear, name: str = "satisfaction", *args: int) -> str:
    return reverse(f"office:{name}", args=[office.units["an"].pk, *args])


def save(office: OfficeYear, **said: Any):
    return client(office).post(address(office, "satisfaction_new"), said)


def test_a_survey_is_entered_with_its_sample_and_factors(office):
    answer = save(
        office,
        **SURVEY,
        satisfied="1.674",
        respondents="2.000",
        percent="83,7 %",
        is_random_sample="on",
        design_effect="1,8",
        **{"factor.officials.satisfied": "1700", "factor.officials.respondents": "2000"},
    )
    assert answer.status_code == 302
    row = Satisfaction.objects.get()
    assert (row.satisfied, row.respondents, row.percent, row.design_effect) == (
        1674,
        2000,
        D("83.7"),
        D("1.8"),
    )
    assert list(row.factors.values_list("factor", "satisfied", "respondents")) == [("officials", 1700, 2000)]
    assert row.source == own_source(office.units["an"]) and row not in Satisfaction.objects.public()
    assert Change.objects.filter(model="reports.satisfaction", field="satisfied", after="1674").exists()


def test_ratings_are_entered_by_level_of_their_own_scale(office):
    save(office, **RATING, satisfied="3", respondents="5", scale="3", level_1="1", level_2="1", level_3="3")
    assert Satisfaction.objects.get().level_counts == {"1": 1, "2": 1, "3": 3}


# As the five reports print them: period, scope, kind, what else.
SEEDS = [
    ("2024", "own", "rating", {"satisfied": "184", "respondents": "184"}),
    ("2024", "communes", "rating", {"satisfied": "6.790", "respondents": "6.790"}),
    ("2022", "own", "sipas", {"percent": "98,4%"}),
    ("2023", "own", "sipas", {"percent": "98,6%", "percent_change": "0,2"}),
]


def test_the_satisfaction_figures_of_the_five_reports_are_entered_as_printed(office):
    for year, scope, kind, said in SEEDS:
        period = {"starts_on": f"01/01/{year}", "ends_on": f"31/12/{year}"}
        assert save(office, scope=scope, kind=kind, **period, **said).status_code == 302
    printed = ("scope", "satisfied", "respondents", "percent", "percent_change")
    assert list(Satisfaction.objects.order_by("pk").values_list(*printed)) == [
        ("own", 184, 184, None, None),
        ("communes", 6790, 6790, None, None),
        ("own", None, None, D("98.4"), None),
        ("own", None, None, D("98.6"), D("0.2")),
    ]
    shown = client(office).get(address(office)).content.decode()
    assert shown.count("Mọi lượt đều hài lòng") == 2 and 'class="gap"' not in shown


def test_a_stated_change_must_follow_from_the_year_before(office):
    earlier = {"starts_on": "01/01/2024", "ends_on": "31/12/2024"}
    save(office, **(SURVEY | earlier), percent="98,4%")
    answer = save(office, **SURVEY, percent="98,6%", percent_change="2")
    assert "thay đổi +0,2 điểm phần trăm, báo cáo ghi +2" in answer.content.decode()
    assert save(office, **SURVEY, percent="98,6%", percent_change="0,2").status_code == 302


def test_a_level_outside_the_scale_is_refused_beside_its_field(office):
    answer = save(office, **RATING, satisfied="3", respondents="4", scale="3", level_3="3", level_4="1")
    assert answer.status_code == 422 and "Thang 3 mức không có mức này" in answer.content.decode()
    answer = save(office, **RATING, satisfied="3", respondents="4", level_3="3")
    assert "Chọn thang đánh giá mấy mức" in answer.content.decode()


def test_a_gap_asks_for_a_reason_and_is_kept_with_it(office):
    said = RATING | {"satisfied": "90", "respondents": "100", "percent": "92"}
    answer = save(office, **said)
    assert answer.status_code == 422
    assert "Tính từ số đếm được 90" in answer.content.decode().replace("\u202f", " ")
    assert save(office, **said, gap_reason="Số phiếu giấy chưa nhập").status_code == 302
    shown = client(office, "viewer").get(address(office)).content.decode()
    assert "Số phiếu giấy chưa nhập" in shown and 'class="gap"' in shown


def test_what_cannot_be_is_refused(office):
    assert save(office, **RATING, satisfied="11", respondents="10", gap_reason="x").status_code == 422
    assert save(office, **RATING, satisfied="9", respondents="10", is_random_sample="on").status_code == 422
    assert save(office, **SURVEY).status_code == 422
    assert save(office, **SURVEY, satisfied="abc").status_code == 422
    assert not Satisfaction.objects.exists()


def test_more_ratings_than_resolved_dossiers_need_a_reason(office):
    unit = office.units["an"]
    DossierCount.objects.create(
        unit=unit,
        source=own_source(unit),
        scope="own",
        starts_on=dt.date(2025, 1, 1),
        ends_on=dt.date(2025, 12, 31),
        resolved=8,
    )
    answer = save(office, **RATING, satisfied="9", respondents="10")
    assert "Có 10 lượt đánh giá nhưng chỉ 8 hồ sơ" in answer.content.decode()


def entered(office: OfficeYear) -> Satisfaction:
    save(office, **RATING, satisfied="9", respondents="10", scale="3", level_1="1", level_3="9")
    return Satisfaction.objects.get()


def test_a_figure_is_shown_in_its_form_and_changed(office):
    row = entered(office)
    page = client(office).get(address(office, "satisfaction_row", row.pk)).content.decode()
    assert 'value="31/12/2025"' in page and 'value="10"' in page
    said = RATING | {"satisfied": "8", "respondents": "10", "version": row.version, "kind": "survey"}
    assert client(office).post(address(office, "satisfaction_row", row.pk), said).status_code == 302
    row = Satisfaction.objects.get()
    assert (row.satisfied, row.kind, row.level_counts, row.version) == (8, "survey", {}, 2)


def test_who_writes_on_an_older_version_is_told(office):
    row = entered(office)
    said = RATING | {"satisfied": "8", "respondents": "10", "version": row.version}
    client(office, "lead").post(address(office, "satisfaction_row", row.pk), said)
    answer = client(office).post(address(office, "satisfaction_row", row.pk), said | {"satisfied": "7"})
    assert answer.status_code == 422 and "Người khác vừa sửa" in answer.content.decode()
    assert Satisfaction.objects.get().satisfied == 8


def test_a_new_figure_does_not_write_over_one_of_the_same_period(office):
    entered(office)
    assert save(office, **RATING, satisfied="1", respondents="10").status_code == 422
    assert Satisfaction.objects.get().satisfied == 9


def test_a_figure_is_removed_with_its_trail(office):
    row = entered(office)
    client(office).post(address(office, "satisfaction_remove", row.pk))
    assert not Satisfaction.objects.exists()
    assert Change.objects.filter(field="satisfied", before="9", after=None).exists()


def test_another_unit_s_figure_is_not_reached_through_one_s_own(office):
    row = entered(office)
    stranger = client(office, "stranger")
    other = reverse("office:satisfaction_row", args=[office.units["binh"].pk, row.pk])
    assert stranger.get(other).status_code == 404


def uploaded(office: OfficeYear, content: bytes) -> ImportBatch:
    file = ContentFile(content, "hai-long.xlsx")
    client(office).post(address(office, "satisfaction_upload"), {"file": file})
    return ImportBatch.objects.latest("pk")


def sheet(*rows: dict[str, object]) -> bytes:
    """A workbook with our headers; a row by the names of the columns."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, [column.label for column in COLUMNS])
        for number, row in enumerate(rows, start=1):
            page.write_row(number, 0, [row.get(column.name) for column in COLUMNS])
    return content.getvalue()


def confirm(office: OfficeYear, batch: ImportBatch) -> None:
    page = client(office).get(reverse("office:upload", args=[batch.pk])).content.decode()
    digest = page.partition('name="digest" value="')[2].partition('"')[0]
    client(office).post(reverse("office:upload_apply", args=[batch.pk]), {"digest": digest})


IN_WORDS = {
    "kind": "khảo sát mức độ hài lòng (SIPAS)",
    "scope": "cơ quan của đơn vị",
    "starts_on": "01/01/2025",
    "ends_on": "31/12/2025",
}


def test_a_sheet_is_previewed_then_written(office):
    row = IN_WORDS | {"satisfied": 75, "respondents": "100", "is_random_sample": "có", "design_effect": "1,5"}
    row |= {"factor.access.percent": "81,2 %"}
    batch = uploaded(office, sheet(row))
    assert (batch.outcome, batch.kind, batch.unit) == ("checked", "satisfaction", office.units["an"])
    assert not Satisfaction.objects.exists()
    confirm(office, batch)
    written = Satisfaction.objects.get()
    assert (written.kind, written.satisfied, written.is_random_sample) == ("sipas", 75, True)
    assert written.factors.get().percent == D("81.2")


def test_the_sheet_that_goes_out_comes_in_again_without_a_change(office):
    entered(office)
    write_rows(
        office.units["an"],
        [
            RowWrite(
                Satisfaction,
                {"kind": "sipas", "scope": "own", "starts_on": "2025-01-01", "ends_on": "2025-12-31"},
                {"percent": D("0.5"), "respondents": 400, "is_random_sample": True, "note": "=1+1"},
                parts={"access": {"percent": D("0.25")}},
            )
        ],
        Act(office.people["lead"], Change.How.FORM),
    )
    out = client(office).get(address(office, "satisfaction_template"))
    batch = uploaded(office, out.content)
    assert (batch.outcome, batch.counts["unchanged"], batch.counts["changed"], batch.counts["new"]) == (
        "checked",
        2,
        0,
        0,
    )


def test_an_empty_cell_leaves_what_stands(office):
    entered(office)
    batch = uploaded(office, sheet(IN_WORDS | {"kind": "rating", "note": "đã soát"}))
    confirm(office, batch)
    row = Satisfaction.objects.get()
    assert (row.satisfied, row.note, row.level_counts) == (9, "đã soát", {"1": 1, "2": 0, "3": 9})


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"scope": "cả nước"}, "Chỉ ghi một trong"),
        ({"satisfied": "nhiều"}, "nhiều"),
        ({"percent": 0.985}, "Không rõ là tỷ lệ hay phần trăm"),
        ({"ends_on": None}, "Thiếu “Đến ngày”"),
        ({"satisfied": 11, "respondents": 10}, "không thể lớn hơn"),
        ({"satisfied": 9, "respondents": 10, "percent": "95 %"}, "giải thích chênh lệch"),
        ({"ends_on": "31/12/2024"}, "Ngày kết thúc"),
    ],
)
def test_a_sheet_with_an_error_writes_nothing_and_says_where(office, wrong, said):
    batch = uploaded(office, sheet(IN_WORDS | {"satisfied": 5, "respondents": 10} | wrong))
    assert batch.outcome == "refused"
    page = client(office).get(reverse("office:upload", args=[batch.pk])).content.decode()
    assert said in page and re.search(r"(hàng |ô [A-Z]+)2\b", page)
    assert not Satisfaction.objects.exists()


def test_the_same_figure_twice_in_a_sheet_is_an_error(office):
    row = IN_WORDS | {"satisfied": 5, "respondents": 10}
    assert uploaded(office, sheet(row, row)).outcome == "refused"


def test_a_file_without_our_header_is_refused(office):
    assert uploaded(office, b"a,b\n1,2\n").outcome == "refused"


def test_the_list_takes_the_same_number_of_queries_for_any_number_of_rows(
    office, django_assert_max_num_queries
):
    unit, source = office.units["an"], own_source(office.units["an"])
    for number in range(1, 7):
        row = Satisfaction.objects.create(
            unit=unit,
            source=source,
            scope="own",
            kind="rating",
            starts_on=dt.date(2025, number, 1),
            ends_on=dt.date(2025, number, 28),
            satisfied=1,
            respondents=1,
        )
        row.factors.create(factor="access", satisfied=1)
    person = client(office, "viewer")
    with django_assert_max_num_queries(14):
        assert person.get(address(office)).status_code == 200
