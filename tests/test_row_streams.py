"""Rows of files one after the other: encodings, separators, workbooks of limited size, all numbered as Excel shows."""

import io

import pytest
import xlsxwriter

from reports import row_streams, workbook_archives
from reports.row_streams import open_rows
from reports.sheet_files import EMPTY, OLD_EXCEL
from reports.workbook_archives import FileError

TEXT = "Mã hồ sơ;Lĩnh vực\n1;Đất đai\n"


def read(content, progress=None):
    return [list(sheet.rows) for sheet in open_rows(io.BytesIO(content), progress)]


def message(content):
    with pytest.raises(FileError) as error:
        read(content)
    return str(error.value)


def workbook(rows, first=(0, 0)):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.add_worksheet("Trống")
        sheet = book.add_worksheet("Hồ sơ")
        for number, row in enumerate(rows):
            sheet.write_row(first[0] + number, first[1], row)
    return buffer.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_unicode_is_read_in_any_encoding(encoding):
    assert read(TEXT.encode(encoding)) == [[(1, ["Mã hồ sơ", "Lĩnh vực"]), (2, ["1", "Đất đai"])]]


def test_the_old_vietnamese_code_page_is_read():
    content = "Ma hô sơ;Linh vưc\n1;Đât đai\n".encode("cp1258")
    assert read(content) == [[(1, ["Ma hô sơ", "Linh vưc"]), (2, ["1", "Đât đai"])]]


@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_any_usual_separator_is_found(mark):
    assert read(TEXT.replace(";", mark).encode())[0][1] == (2, ["1", "Đất đai"])


def test_rows_have_the_numbers_excel_shows():
    content = 'sep=;\n\na;"hai\ndòng"\nb;c\n'.encode()
    assert [row for row in read(content)[0] if row[1]] == [(3, ["a", "hai\ndòng"]), (4, ["b", "c"])]


def test_a_workbook_is_read_with_its_own_row_numbers_and_columns():
    empty, rows = read(workbook([["Mã", "Ngày"], ["1", 45356]], first=(2, 1)))
    assert empty == []
    assert [row for row in rows if any(row[1])] == [(3, ["", "Mã", "Ngày"]), (4, ["", "1", 45356.0])]


def test_a_workbook_of_too_many_rows_is_refused_before_it_is_read():
    content = workbook([[1]], first=(100_020, 0))
    assert message(content) == row_streams.TOO_MANY_ROWS
    assert "CSV" in row_streams.TOO_MANY_ROWS


def test_progress_reaches_its_end():
    told = []
    read(b"a;b\n" * 12_000, lambda done, total: told.append((done, total)))
    assert len(told) == 3 and told[-1] == (48_000, 48_000)


def test_what_is_no_spreadsheet_says_so():
    assert message(b"") == EMPTY
    assert message(b"%PDF-1.7\0\0") == workbook_archives.NOT_A_SHEET
    assert message(b"PK\x03\x04 broken") == workbook_archives.DAMAGED
    assert message(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600) == OLD_EXCEL
    assert message(b'a;b\n"' + b"x" * 200_000) == row_streams.UNCLOSED % 2
