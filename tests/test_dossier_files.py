"""Form II.06 as a spreadsheet: its header and numbers, and what comes back replaces and never adds."""

import datetime as dt
import io

import pytest
import xlsxwriter
from django.core.files.base import ContentFile
from django.test import Client
from django.urls import reverse

from districts.models import Change
from reports.dossier_columns import FORM_COLUMNS
from reports.models import DossierCount, DossierField, ImportBatch
from reports.sheet_files import read_tables
from reports.workflow.figures import RowWrite, write_rows
from tests.factories import OfficeYear, make_office_year
from tests.test_workflow_figures import act

MARCH = {"starts_on": dt.date(2025, 3, 1), "ends_on": dt.date(2025, 3, 31)}
HEADER_ROW, FIRST_ROW = 9, 10


@pytest.fixture
def office(db: None) -> OfficeYear:
    made = make_office_year()
    land = DossierField.objects.create(slug="dat-dai", name="Đất đai")
    own, communes = {"scope": "own", **MARCH}, {"scope": "communes", **MARCH}
    writes = [
        RowWrite(DossierCount, own, {"received": 1674, "received_online": 1389, "received_direct": 285}),
        RowWrite(DossierCount, {**own, "field": land}, {"received": 1674, "convention": "inside"}),
        RowWrite(
            DossierCount,
            communes,
            {
                "received": 351000,
                "qualified": {"received": {"quality": "lower", "wording": "trên 351.000"}},
                "resolved": 10,
                "resolved_early": 4,
                "resolved_on_time": 5,
                "gap_reason": "= thiếu một hồ sơ",
            },
        ),
    ]
    assert [one.outcome for one in write_rows(made.units["an"], writes, act(made))] == ["saved"] * 3
    return made


@pytest.fixture
def reporter(office: OfficeYear) -> Client:
    client = Client()
    client.force_login(office.people["reporter"])
    return client


# Sheets by name, as rows of cells; places are counted from 1, as a spreadsheet shows them.
Book = dict[str, list[list[object]]]
FORM = "01.03.2025-31.03.2025"


def read(content: bytes) -> Book:
    return {table.name: [list(row) for row in table.rows] for table in read_tables(content)}


def exported(client: Client, office: OfficeYear) -> Book:
    days = {"starts_on": "01/03/2025", "ends_on": "31/03/2025"}
    return read(client.get(reverse("office:dossier_sheet", args=[office.units["an"].pk]), days).content)


def cell(book: Book, row: int, column: int) -> object:
    return book[FORM][row - 1][column - 1]


def change(book: Book, row: int, column: int, value: object) -> None:
    book[FORM][row - 1][column - 1] = value


def uploaded(client: Client, office: OfficeYear, book: Book) -> str:
    content = io.BytesIO()
    written = xlsxwriter.Workbook(content, {"in_memory": True, "strings_to_formulas": False})
    for name, rows in book.items():
        sheet = written.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    written.close()
    file = ContentFile(content.getvalue(), "bieu.xlsx")
    response = client.post(reverse("office:dossier_upload", args=[office.units["an"].pk]), {"file": file})
    return client.get(response["Location"]).content.decode()


def confirmed(client: Client) -> int:
    batch = ImportBatch.objects.order_by("pk").last()
    assert batch is not None
    page = client.get(reverse("office:upload", args=[batch.pk]))
    digest = page.context["digest"]
    return client.post(reverse("office:upload_apply", args=[batch.pk]), {"digest": digest}).status_code


def stored() -> list[tuple[str, str, int | None]]:
    rows = DossierCount.objects.in_work()
    return sorted((row.scope, row.field.name if row.field else "", row.received) for row in rows)


def test_the_header_is_that_of_the_form(office, reporter):
    book = exported(reporter, office)
    texts = [str(text) for row in book[FORM][:6] for text in row if text]
    assert "Biểu số II.06/VPCP/KSTT" in texts
    assert "Kỳ báo cáo: từ ngày 01/03/2025 đến ngày 31/03/2025" in texts
    assert "Đơn vị báo cáo: Huyện An" in texts and "Đơn vị nhận báo cáo: Tỉnh Thử" in texts
    assert "Đơn vị tính: số hồ sơ TTHC" in texts


def test_the_columns_are_numbered_1_to_13_and_rows_stand_under_their_tier(office, reporter):
    book = exported(reporter, office)
    assert [cell(book, HEADER_ROW, n) for n in range(1, 14)] == [f"({n})" for n in range(1, 14)]
    names = [cell(book, row, 2) for row in range(FIRST_ROW, FIRST_ROW + 3)]
    assert names == ["Cơ quan của đơn vị", "Đất đai", "Các xã, phường, thị trấn trực thuộc"]
    assert cell(book, FIRST_ROW, 3) == 1674, "a number, not a text"
    assert len(FORM_COLUMNS) == 11


def test_what_was_exported_changes_nothing_when_it_is_read_again(office, reporter):
    page = uploaded(reporter, office, exported(reporter, office))
    assert "<strong>0</strong> mới" in page and "<strong>0</strong> thay đổi" in page
    assert (
        "<strong>3</strong> không đổi" in page
        and "lỗi" not in ImportBatch.objects.get().get_outcome_display()
    )
    assert Change.objects.filter(how="import").count() == 0


def test_a_changed_file_is_shown_and_written_as_shown(office, reporter):
    book = exported(reporter, office)
    change(book, FIRST_ROW, 3, 1675)
    change(book, FIRST_ROW, 5, 286)
    change(book, FIRST_ROW + 1, 3, 1675)
    page = uploaded(reporter, office, book)
    assert "1.674" in page and "1.675" in page
    assert confirmed(reporter) == 302
    assert stored() == [
        ("communes", "", 351000),
        ("own", "", 1675),
        ("own", "Đất đai", 1675),
    ]
    assert Change.objects.filter(how="import", field="received", before="1674", after="1675").count() == 2


def test_each_value_of_a_preview_stands_at_its_own_cell_and_a_first_one_is_new(office, reporter):
    book = exported(reporter, office)
    change(book, FIRST_ROW, 3, 1675)
    change(book, FIRST_ROW, 5, 286)
    change(book, FIRST_ROW + 1, 4, 7)
    page = uploaded(reporter, office, book)
    assert all(f"{FORM}, ô {place}" in page for place in ("C10", "E10", "D11")) and "ô B10" not in page
    assert "<strong>1</strong> mới" in page and "<strong>2</strong> thay đổi" in page
    assert '<th scope="col">Dòng</th>' in page


def test_a_workbook_of_points_is_named_with_the_page_that_takes_it(office, reporter):
    sheet = office.sheets["an"]
    points = reporter.get(reverse("office:sheet_template", args=[sheet.pk])).content
    page = uploaded(reporter, office, read(points))
    assert "Đây là phiếu chấm điểm, không phải biểu II.06" in page
    assert "“Nhập bằng bảng tính” của kỳ đánh giá" in page and "đơn vị mang mã" not in page


def test_a_form_brought_where_points_are_taken_is_named(office, reporter):
    file = ContentFile(
        reporter.get(reverse("office:dossier_sheet", args=[office.units["an"].pk])).content, "bieu.xlsx"
    )
    address = reverse("office:uploads", args=[office.year.pk])
    page = reporter.post(address, {"file": file, "stage": "self"}, follow=True).content.decode()
    assert "Đây là biểu II.06, không phải phiếu chấm điểm" in page
    assert "“Hồ sơ thủ tục hành chính” của đơn vị" in page


def test_a_sheet_that_is_left_out_is_told_with_what_was_looked_for(office, reporter):
    book = exported(reporter, office) | {"Ghi chép": [["linh tinh"]]}
    page = uploaded(reporter, office, book)
    assert "Bỏ qua trang tính này: ở các hàng đầu không có hàng số cột “(1)”, “(2)”, “(3)”" in page


def test_a_file_replaces_its_scope_and_period_and_leaves_the_others(office, reporter):
    book = exported(reporter, office)
    del book[FORM][FIRST_ROW : FIRST_ROW + 2]
    page = uploaded(reporter, office, book)
    assert "(bỏ dòng)" in page
    assert confirmed(reporter) == 302
    assert stored() == [("communes", "", 351000), ("own", "", 1674)]


def test_a_new_field_is_remarked_and_added(office, reporter):
    book = exported(reporter, office)
    change(book, FIRST_ROW + 1, 2, "Hộ tịch")
    assert "Lĩnh vực mới" in uploaded(reporter, office, book)
    assert not DossierField.objects.filter(name="Hộ tịch").exists(), "a look changes nothing"
    confirmed(reporter)
    assert ("own", "Hộ tịch", 1674) in stored() and ("own", "Đất đai", 1674) not in stored()


def test_a_gap_without_a_reason_refuses_the_whole_file(office, reporter):
    book = exported(reporter, office)
    change(book, FIRST_ROW, 3, 1700)
    page = uploaded(reporter, office, book)
    assert "1 lỗi, không giá trị nào được ghi" in page and "1.389 + 285 = 1.674" in page
    assert ImportBatch.objects.get().outcome == "refused"
    assert ("own", "", 1674) in stored()


@pytest.mark.parametrize(
    ("row", "column", "value", "says"),
    [
        (FIRST_ROW, 3, "nhiều", "ô C10"),
        (FIRST_ROW, 3, -1, "không thể âm"),
        (FIRST_ROW + 2, 2, "Đất đai", "Lặp lại dòng"),
        (HEADER_ROW, 3, "x", "Không tìm thấy hàng số cột"),
        (3, 1, "Kỳ báo cáo: tháng 3", "Không đọc được kỳ báo cáo"),
        (FIRST_ROW, 2, "Đất đai", "phía trên phải có dòng"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_its_place(office, reporter, row, column, value, says):
    book = exported(reporter, office)
    change(book, row, column, value)
    page = uploaded(reporter, office, book)
    assert says in page
    assert stored()[1] == ("own", "", 1674)


def test_a_file_of_another_unit_is_refused(office, reporter):
    book = exported(reporter, office)
    book["cchc"][1][1] = "test/THbinh"
    assert "của đơn vị mang mã THbinh, không phải của Huyện An" in uploaded(reporter, office, book)


def test_without_figures_the_form_comes_empty_and_all_periods_have_their_sheets(office, reporter):
    april = {"starts_on": "01/04/2025", "ends_on": "30/04/2025"}
    response = reporter.get(reverse("office:dossier_sheet", args=[office.units["an"].pk]), april)
    empty = read(response.content)["01.04.2025-30.04.2025"]
    assert empty[FIRST_ROW - 1][1] == "Cơ quan của đơn vị" and empty[FIRST_ROW - 1][2] in (None, "")
    response = reporter.get(reverse("office:dossier_sheet", args=[office.units["an"].pk]))
    assert list(read(response.content)) == [FORM, "cchc"]
