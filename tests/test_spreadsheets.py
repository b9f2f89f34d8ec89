"""Sheets to take away: nothing a spreadsheet would run, numbers as numbers."""

import csv
import io
from decimal import Decimal as D

import pytest
from python_calamine import CalamineWorkbook

from reports.spreadsheets import Sheet, csv_response, safe_text, xlsx_response

SHEET = Sheet(
    "Thử", ["Tên", "Điểm"], [["=HYPERLINK(1)", D("92.41")], ["Phú Xuyên", None], ["-5", D("-1.06")]]
)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_would_be_a_formula_gets_an_apostrophe(text):
    assert safe_text(text) == f"'{text}"


@pytest.mark.parametrize("cell", ["Phú Xuyên", 5, D("-1.06"), None, ""])
def test_other_cells_stay_as_they_are(cell):
    assert safe_text(cell) == cell


def test_a_csv_begins_with_a_bom_and_keeps_negative_numbers():
    response = csv_response(SHEET, "thu")
    assert response.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows == [["Tên", "Điểm"], ["'=HYPERLINK(1)", "92.41"], ["Phú Xuyên", ""], ["'-5", "-1.06"]]
    assert response["Content-Disposition"] == 'attachment; filename="thu.csv"'


def test_a_workbook_holds_numbers_and_texts_never_formulas():
    book = CalamineWorkbook.from_filelike(io.BytesIO(xlsx_response([SHEET], "thu").content))
    assert book.get_sheet_by_name("Thử").to_python() == [
        ["Tên", "Điểm"],
        ["=HYPERLINK(1)", 92.41],
        ["Phú Xuyên", ""],
        ["-5", -1.06],
    ]
