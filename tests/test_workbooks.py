"""Workbooks that come back: exported and read in again they change nothing; errors are written beside the cells."""

import html
import io
import re
import zipfile
from dataclasses import replace
from decimal import Decimal

import pytest

from districts.audit import Act
from districts.models import Change
from reports import imports, workbooks
from reports.models import Score
from reports.sheet_files import Table, read_tables
from reports.workbooks.book import Book
from reports.workbooks.sums import write_sums

from .factories import make_office_year

pytestmark = pytest.mark.django_db


@pytest.fixture
def office():
    office = make_office_year()
    for code, state, points in (
        ("1.1", "value", "1.5"),
        ("1.2", "not_applicable", None),
        ("2.1", "value", "7.1234"),
    ):
        Score.objects.create(
            sheet=office.sheet,
            criterion=office.leaves[code],
            self_state=state,
            self_points=points and Decimal(points),
            self_note="Kế hoạch số 5" if code == "1.1" else "",
            appraised_state=state,
            appraised_points=points and Decimal(points),
        )
    return office


def read_again(office, content, who="reporter"):
    return imports.check_scores(office.year, read_tables(content), Act(office.people[who], Change.How.IMPORT))


def sheets(office):
    return list(office.year.sheets.select_related("unit").order_by("unit__sort_key"))


def cells(content, name):
    (table,) = [table for table in read_tables(content) if table.name == name]
    return table.rows


def test_a_year_exported_and_read_again_changes_nothing(office):
    checked = read_again(office, workbooks.year_workbook(office.year, sheets(office)), "appraiser")
    assert checked.summary.counts == {
        "new": 0,
        "changed": 0,
        "unchanged": 6,
        "blanks": 3 * 3 + 3 * 3 + 3 - 6,
        "errors": 0,
        "warnings": 0,
    }


def test_a_units_workbook_read_again_changes_nothing(office):
    checked = read_again(office, workbooks.unit_workbook(office.sheet))
    assert (checked.summary.errors, checked.changes, len(checked.cells)) == ([], [], 3)


def test_a_filled_workbook_writes_what_was_filled(office):
    rows = {table.name: table for table in read_tables(workbooks.unit_workbook(office.sheet))}
    page = rows["Tự chấm"]
    (row,) = [row for row in page.rows if "1.1" in row]
    row[page.rows[4].index("Điểm tự chấm")] = "2"
    checked = imports.check_scores(
        office.year, list(rows.values()), Act(office.people["reporter"], Change.How.IMPORT)
    )
    assert [(cell.criterion.code, cell.value.points) for cell in checked.changes] == [("1.1", Decimal(2))]


def test_a_years_workbook_has_a_sheet_for_each_stage_and_hides_its_codes(office):
    content = workbooks.year_workbook(office.year, sheets(office))
    names = [table.name for table in read_tables(content)]
    assert names == [
        *("Tự chấm", "Thẩm định", "Điều tra XHH"),
        *("Số liệu", "Hướng dẫn", "Danh mục", "cchc"),
    ]
    assert cells(content, "Tự chấm")[4] == ["Mã đơn vị", "Đơn vị", "1.1", "1.2", "2.1"]
    assert cells(content, "Điều tra XHH")[4] == ["Mã đơn vị", "Đơn vị", "2.2"]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        page = parts.read("xl/worksheets/sheet1.xml").decode()
    assert 'min="1" max="1"' in page and 'hidden="1"' in page
    assert "<sheetProtection" in page and "<dataValidation " in page


def test_headers_are_locked_and_points_are_not(office):
    content = workbooks.unit_workbook(office.sheet)
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        page, styles = parts.read("xl/worksheets/sheet1.xml").decode(), parts.read("xl/styles.xml").decode()
    assert "<sheetProtection" in page
    assert 'locked="0"' in styles
    assert 'type="list"' in page


def test_a_text_of_the_user_is_never_a_formula(office):
    Score.objects.filter(criterion=office.leaves["1.1"]).update(self_note="=HYPERLINK(1)")
    content = workbooks.unit_workbook(office.sheet)
    (page,) = [table for table in read_tables(content) if table.name == "Tự chấm"]
    # The total above the points is ours.
    assert page.formulas == {(2, page.rows[4].index("Điểm tự chấm"))}
    assert read_again(office, content).changes == []


def formulas_of(content: bytes, part: str) -> dict[str, str]:
    """The formulas of a sheet by the address of their cell."""
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        page = parts.read(f"xl/worksheets/{part}.xml").decode()
    found = re.findall(r'<c r="([A-Z]+[0-9]+)"[^>]*><f>([^<]*)</f>', page)
    return {address: html.unescape(formula) for address, formula in found}


def added_up(formula: str, rows: list[list[object]], column: int) -> Decimal:
    """What SUM of these rows of the points comes to."""
    total = Decimal(0)
    for first, last in re.findall(r"'Tự chấm'!K([0-9]+):K([0-9]+)", formula):
        values = [rows[row - 1][column] for row in range(int(first), int(last) + 1)]
        total += sum((Decimal(str(value)) for value in values if isinstance(value, float)), Decimal(0))
    return total


def test_a_units_workbook_adds_up_by_area_and_in_total_as_one_types(office):
    content = workbooks.unit_workbook(office.sheet)
    page, sums = cells(content, "Tự chấm"), cells(content, "Cộng điểm")
    column = page[4].index("Điểm tự chấm")
    assert column == 10
    by_area, total = sums[5:-1], sums[-1]
    assert [(row[0], row[2:6]) for row in by_area] == [
        ("1", [12.0, 1.5, 2.0, 1.0]),
        ("2", [8.0, 7.1234, 1.0, 1.0]),
    ]
    assert total[1:6] == ["Tổng cộng", 20.0, 8.6234, 3.0, 2.0]
    assert (page[2][column], page[3][column]) == (8.6234, 20.0)
    formulas = formulas_of(content, "sheet2")
    assert [added_up(formulas[f"D{row}"], page, column) for row in (6, 7)] == [
        Decimal("1.5"),
        Decimal("7.1234"),
    ]
    assert (formulas["D8"], formulas["F6"]) == ("SUM(D6:D7)", "COUNT('Tự chấm'!K6:K7)")
    assert formulas_of(content, "sheet1") == {"K3": "'Cộng điểm'!D8"}


def test_bonuses_are_added_up_apart_from_the_total(office):
    leaf = office.leaves["1.2"]
    leaf.rule = {"kind": "bonus", "most": "1"}
    placed = [
        (leaf.parent, office.leaves["1.1"], Decimal(1)),
        (leaf.parent, leaf, Decimal("0.5")),
        (leaf.parent, office.leaves["2.1"], None),
    ]
    assert leaf.adjustment == "bonus"
    book = Book()
    write_sums(book, book.sheet("Tự chấm"), 10, placed)
    content = book.content()
    rows = cells(content, "Cộng điểm")[5:]
    assert [(row[1], row[3]) for row in rows[1:]] == [
        ("Tổng cộng", 1.0),
        ("Điểm thưởng (chưa tính vào tổng)", 0.5),
    ]
    assert formulas_of(content, "sheet2")["D6"] == "SUM('Tự chấm'!K6:K6,'Tự chấm'!K8:K8)"


def test_the_sums_are_not_read_and_a_formula_in_a_cell_of_points_is_remarked_as_ever(office):
    tables = {table.name: table for table in read_tables(workbooks.unit_workbook(office.sheet))}
    page = tables["Tự chấm"]
    number = next(number for number, row in enumerate(page.rows) if "1.1" in row)
    place = (number, page.rows[4].index("Điểm tự chấm"))
    page.rows[number][place[1]] = 2.0
    tables["Tự chấm"] = replace(page, formulas=page.formulas | {place})
    tables["Cộng điểm"].rows[6][3] = "#REF!"
    checked = imports.check_scores(
        office.year, list(tables.values()), Act(office.people["reporter"], Change.How.IMPORT)
    )
    assert [(cell.criterion.code, cell.value.points) for cell in checked.changes] == [("1.1", Decimal(2))]
    assert [finding.message for finding in checked.findings] == ["Ô công thức: lấy kết quả đã lưu là 2."]


def test_a_file_with_its_errors_carries_no_sums_of_before(office):
    tables = read_tables(workbooks.unit_workbook(office.sheet))
    back = read_tables(workbooks.error_workbook(tables, []))
    assert "Cộng điểm" not in [table.name for table in back]
    page = next(table for table in back if table.name == "Tự chấm")
    assert page.rows[2][10] in (None, "")


def test_a_wrong_file_comes_back_with_errors_beside_the_cells(office):
    rows = [["Mã đơn vị", "1.1"], ["THan", "hai"]]
    checked = imports.check_scores(
        office.year, [Table("Tự chấm", rows)], Act(office.people["reporter"], Change.How.IMPORT)
    )
    content = workbooks.error_workbook([Table("Tự chấm", rows)], checked.findings)
    assert cells(content, "Tự chấm")[1] == ["THan", "hai", "Không phải là số; hãy ghi như 92,41."]
    assert cells(content, "Lỗi")[1] == [
        "Tự chấm",
        2.0,
        "B",
        "hai",
        "Lỗi",
        "Không phải là số; hãy ghi như 92,41.",
    ]
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        assert "Không phải là số; hãy ghi như 92,41." in parts.read("xl/comments1.xml").decode()


def test_a_file_with_its_errors_put_right_can_be_read_again(office):
    content = workbooks.unit_workbook(office.sheet)
    tables = read_tables(content)
    row = next(row for row in tables[0].rows if "1.1" in row)
    row[10] = "hai"
    checked = imports.check_scores(office.year, tables, Act(office.people["reporter"], Change.How.IMPORT))
    back = read_tables(workbooks.error_workbook(tables, checked.findings))
    page = next(table for table in back if table.name == "Tự chấm")
    next(row for row in page.rows if "1.1" in row)[10] = 2
    again = imports.check_scores(office.year, back, Act(office.people["reporter"], Change.How.IMPORT))
    assert (again.summary.errors, len(again.changes)) == ([], 1)


def test_a_csv_file_comes_back_as_a_workbook():
    content = workbooks.error_workbook([Table("", [["a", "b"]])], [])
    assert cells(content, "Dữ liệu") == [["a", "b"]]
