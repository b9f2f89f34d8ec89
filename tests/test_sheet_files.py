"""Uploaded bytes become tables, or a sentence; nothing is opened that could explode."""

import io
import zipfile

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import sheet_files
from reports.sheet_files import FileError, Table, column_letter, read_tables

ROWS = [["Mã đơn vị", "1.1"], ["T001", 92.41]]
PARTS = {
    "[Content_Types].xml": "<Types/>",
    "xl/workbook.xml": '<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"/></Relationships>',
}


def workbook(rows, *, name="Tự chấm", more=None):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        page = book.add_worksheet(name)
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
        if more:
            more(page)
    return buffer.getvalue()


def archive(**parts):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        for name, text in {**PARTS, **parts}.items():
            file.writestr(name, text)
    return buffer.getvalue()


def message(content):
    with pytest.raises(FileError) as caught:
        read_tables(content)
    return str(caught.value)


def test_a_workbook_is_read_with_its_sheet_names():
    (table,) = read_tables(workbook(ROWS))
    assert table == Table("Tự chấm", [["Mã đơn vị", "1.1"], ["T001", 92.41]])


def test_formulas_broken_cells_and_merged_blocks_are_told():
    def more(page):
        page.write_formula("B3", "=B2", None, 92.41)
        page.write_formula("B4", "=1/0", None, "#DIV/0!")
        page.merge_range("A5:B5", "Cộng")

    (table,) = read_tables(workbook(ROWS, more=more))
    assert table.formulas == {(2, 1)}
    assert table.broken == {(3, 1)}
    assert table.merged == (((4, 0), (4, 1)),)


@pytest.mark.parametrize(
    "content",
    [
        "Mã đơn vị;1.1\nT001;92,41\n".encode(),
        "Mã đơn vị;1.1\nT001;92,41\n".encode("utf-8-sig"),
        "Mã đơn vị;1.1\nT001;92,41\n".encode("utf-16"),
        "Mã đơn vị\t1.1\r\nT001\t92,41\r\n".encode("utf-16"),
        'Mã đơn vị,1.1\nT001,"92,41"\n'.encode(),
        "sep=;\nMã đơn vị;1.1\nT001;92,41\n".encode(),
    ],
)
def test_csv_is_read_with_either_separator_and_any_usual_encoding(content):
    (table,) = read_tables(content)
    assert [row for row in table.rows if row] == [["Mã đơn vị", "1.1"], ["T001", "92,41"]]


def test_csv_in_the_old_windows_encoding_is_read():
    text = "Ma\u0303 đơn vi\u0323;1.1\nHuyê\u0323n;5\n"
    (table,) = read_tables(text.encode("cp1258"))
    assert sheet_files.text_of(table.rows[0][0]) == "Mã đơn vị"
    assert sheet_files.text_of(table.rows[1][0]) == "Huyện"


def test_a_decimal_comma_that_was_taken_for_a_separator_is_refused_with_its_row():
    assert message("Mã đơn vị,1.1\nT001,92,41\n".encode()).startswith("Hàng 2 có 3 ô")
    assert message("Mã đơn vị,1.1\nT001,92,41\nT002,92,40\n".encode()).startswith("Hàng 2 có 3 ô")


def test_a_file_of_more_than_50_mb_is_refused():
    assert message(b"a;b\n" * (13 * 2**20 + 1)) == sheet_files.TOO_BIG


def test_a_zip_bomb_is_refused_by_its_directory():
    assert message(archive(**{"xl/worksheets/sheet1.xml": "<c/>" * 2_000_000})) == sheet_files.BOMB
    assert message(archive(**{f"xl/{n}.bin": "" for n in range(1_001)})) == sheet_files.BOMB


def test_a_part_that_is_larger_than_its_directory_says_is_refused():
    content = archive(**{"xl/worksheets/sheet1.xml": "<worksheet/>" + " " * 500_000})
    size = (500_012).to_bytes(4, "little")
    assert content.count(size) == 2
    assert message(content.replace(size, (100).to_bytes(4, "little"))) == sheet_files.DAMAGED


def test_one_cell_at_the_end_of_the_world_is_refused():
    cell = (
        '<worksheet><sheetData><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    assert message(archive(**{"xl/worksheets/sheet1.xml": cell})).startswith("Bảng quá lớn: đến hàng 1048576")


def test_a_document_type_is_refused():
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet/>'
    assert message(archive(**{"xl/worksheets/sheet1.xml": bomb})) == sheet_files.DAMAGED
    assert message(archive(**{"xl/sharedStrings.xml": bomb})) == sheet_files.DAMAGED


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"Xin chao",
        b"\0\1\2\3" * 50,
    ],
)
def test_what_is_no_spreadsheet_is_told_so(content):
    assert message(content) == sheet_files.NOT_A_SHEET


def test_another_kind_of_archive_is_no_spreadsheet():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        file.writestr("word/document.xml", "<document/>")
    assert message(buffer.getvalue()) == sheet_files.NOT_A_SHEET


def test_an_encrypted_or_old_workbook_is_told_so():
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504
    assert message(ole + "EncryptedPackage".encode("utf-16-le")) == sheet_files.ENCRYPTED
    assert message(ole) == sheet_files.OLD_EXCEL


@pytest.mark.parametrize("content", [b"", b"\n\n", b" ;\n;\n", workbook([])])
def test_an_empty_file_is_told_so(content):
    assert message(content) == sheet_files.EMPTY


def test_a_truncated_workbook_is_damaged():
    assert message(workbook(ROWS)[:-200]) == sheet_files.DAMAGED


def test_columns_have_the_letters_a_spreadsheet_shows():
    assert [column_letter(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]


@given(
    st.one_of(
        st.binary(max_size=400),
        st.binary(max_size=400).map(lambda tail: b"PK\3\4" + tail),
        st.text().map(str.encode),
    )
)
def test_any_bytes_are_a_table_or_a_file_error(content):
    try:
        assert read_tables(content)
    except FileError as error:
        assert str(error)


GOOD = workbook(ROWS)


@settings(max_examples=150)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=6))
def test_a_workbook_with_wrong_bytes_is_a_table_or_a_file_error(edits):
    content = bytearray(GOOD)
    for place, byte in edits:
        content[place] = byte
    try:
        read_tables(bytes(content))
    except FileError as error:
        assert str(error)


@settings(max_examples=60)
@given(st.text(max_size=300))
def test_any_text_as_a_sheet_is_a_table_or_a_file_error(text):
    try:
        read_tables(archive(**{"xl/worksheets/sheet1.xml": f"<worksheet><sheetData>{text}"}))
    except FileError as error:
        assert str(error)
