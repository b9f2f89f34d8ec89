"""Files brought to the page of another kind: named by what they say of themselves, or by heads only they have."""

import pytest

from reports.imports.file_kinds import FORMS, wrong_kind
from reports.sheet_files import Table

ONLY = {
    "dossiers": ["(1)", "(2)", "(3)", "(4)", "(5)"],
    "satisfaction": ["Loại", "Phạm vi", "Từ ngày", "Đến ngày", "Số hài lòng"],
    "figures": ["Mã chỉ tiêu", "Phạm vi", "Từ ngày", "Đến ngày", "Giá trị"],
    "scores": ["Mã đơn vị", "Mã tiêu chí", "Điểm tự chấm"],
    "survey": ["Mã đơn vị", "Mã tiêu chí", "Câu hỏi", "A", "B"],
    "tasks": ["Mã việc", "Loại", "Nội dung", "Thời hạn"],
}


def told(**said: str) -> Table:
    return Table("cchc", [[key, value] for key, value in said.items()])


@pytest.mark.parametrize("expected", FORMS)
@pytest.mark.parametrize("kind", ONLY)
def test_a_table_with_the_heads_of_another_kind_is_named(kind, expected):
    found = wrong_kind([Table("Trang 1", [["Tiêu đề"], [], list(ONLY[kind])])], expected)
    assert (found is None) == (kind == expected)
    if found is not None:
        assert FORMS[kind].name in found.message and FORMS[expected].name in found.message
        assert FORMS[kind].page in found.message


def test_a_workbook_of_ours_says_itself_what_it_is():
    assert wrong_kind([told(kind="survey", year="2025")], "survey") is None
    assert wrong_kind([told(kind="survey", year="2025")], "scores") is not None
    for kind in ("unit", "year"):
        assert wrong_kind([told(kind=kind, criteria_set="mau")], "dossiers") is not None
        assert wrong_kind([told(kind=kind, criteria_set="mau")], "scores") is None


def test_what_is_not_known_for_certain_is_left_to_the_page():
    assert wrong_kind([Table("", [["Mã đơn vị", "1.1", "1.2"], ["THan", 1, 2]])], "dossiers") is None
    both = [Table("A", [list(ONLY["tasks"])]), Table("B", [list(ONLY["figures"])])]
    assert wrong_kind(both, "tasks") is None
