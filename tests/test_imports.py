"""Files of points and of printed results: checked as a whole, shown, then written at once or not at all."""

import hashlib
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from districts.audit import Act
from districts.models import Change, Level, OrganiserUnit
from reports import imports
from reports.imports import Fate
from reports.models import ImportBatch, OfficialResult, Score
from reports.sheet_files import Table, read_tables

from .factories import make_office_year, make_organiser, make_source, make_unit, make_year

pytestmark = pytest.mark.django_db

HEADER: list[object] = ["Mã đơn vị", "Đơn vị", "1.1", "1.2"]


def table(*rows, name="Tự chấm", **cells):
    return Table(name, [HEADER, *map(list, rows)], **cells)


def check(office, *tables, who="reporter", **options):
    act = Act(office.people[who], Change.How.IMPORT, options.pop("reason", ""))
    return imports.check_scores(office.year, list(tables), act, **options)


def messages(checked):
    return [finding.message for finding in checked.summary.errors]


def points_of(office, unit="an", code="1.1"):
    score = Score.objects.filter(sheet=office.sheets[unit], criterion=office.leaves[code]).first()
    return score and score.self_points


def make_appraised(office, *tables, reason="Kết luận kiểm tra", **options):
    office.year.stage = "round1"
    office.year.save(update_fields=["stage"])
    office.year.sheets.update(status="submitted")
    return check(office, *tables, who="appraiser", reason=reason, **options)


def apply(checked, office, who="reporter", reason=""):
    return imports.apply_scores(checked, Act(office.people[who], Change.How.IMPORT, reason))


@pytest.fixture
def office():
    return make_office_year()


def test_a_file_is_shown_then_written(office):
    checked = check(office, table(["THan", "Huyện An", 1.5, "Không áp dụng"]))
    assert [(line.what, line.after) for line in checked.summary.lines] == [
        ("1.1 Tiêu chí 1.1 · Tự chấm", "1,5"),
        ("1.2 Tiêu chí 1.2 · Tự chấm", "không áp dụng"),
    ]
    assert points_of(office) is None
    assert apply(checked, office) == 2
    assert points_of(office) == Decimal("1.5")


def test_new_changed_and_unchanged_values_are_told_apart(office):
    apply(check(office, table(["THan", "", 1.5, 2])), office)
    checked = check(office, table(["THan", "", 1.25, 2]))
    assert checked.summary.counts | {"warnings": 0} == {
        "new": 0,
        "changed": 1,
        "unchanged": 1,
        "blanks": 0,
        "errors": 0,
        "warnings": 0,
    }
    assert (checked.summary.lines[0].before, checked.summary.lines[0].after) == ("1,5", "1,25")


def test_a_blank_cell_leaves_what_stands(office):
    apply(check(office, table(["THan", "", 1.5, None])), office)
    apply(check(office, table(["THan", "", "  ", 2])), office)
    assert points_of(office) == Decimal("1.5")


def test_a_value_is_taken_back_only_by_saying_so(office):
    apply(check(office, table(["THan", "", 1.5, None])), office)
    apply(check(office, table(["THan", "", "Chưa nhập", None])), office)
    assert points_of(office) is None


@pytest.mark.parametrize(
    "typed", ["1,5", "1.5", " 1,5\u00a0", "1,5 điểm", unicodedata.normalize("NFD", "1,5 điểm")]
)
def test_points_are_read_as_people_type_them(office, typed):
    apply(check(office, table(["THan", "Huyện An", typed, None])), office)
    assert points_of(office) == Decimal("1.5")


def test_a_reading_that_could_be_another_is_shown(office):
    checked = check(office, table(["THan", "", "1,674", None]))
    assert [(f.message, f.row, f.column) for f in checked.summary.warnings] == [
        (
            "“1,674” được hiểu là số thập phân 1,674 (dấu phẩy là dấu thập phân), không phải 1674.",
            2,
            "C",
        )
    ]


def test_an_error_names_sheet_row_column_and_value_and_nothing_is_written(office):
    checked = check(office, table(["THan", "", 1.5, "hai"]))
    (error,) = checked.summary.errors
    assert (error.sheet, error.row, error.column, error.value) == ("Tự chấm", 2, "D", "hai")
    with pytest.raises(imports.ImportRefused):
        apply(checked, office)
    assert not Score.objects.exists()


def test_more_than_the_maximum_is_refused(office):
    assert messages(check(office, table(["THan", "", 1000, None]))) == [
        f"Vượt điểm tối đa {office.leaves['1.1'].max_points.normalize():f}."
    ]


def test_negative_points_are_refused(office):
    assert messages(check(office, table(["THan", "", -1, None]))) == ["Điểm không thể âm."]


def test_a_unit_that_is_not_yours_is_refused_and_not_compared(office):
    checked = check(office, table(["THbinh", "", 1, 1]))
    assert messages(checked) == ["Đơn vị này không thuộc quyền của anh/chị."]
    assert checked.cells == []


def test_an_appraiser_may_not_score_for_a_unit_but_appraise_it(office):
    (message,) = messages(check(office, table(["THan", "", 1, None]), who="appraiser"))
    assert message == "Chỉ người nhập liệu hoặc lãnh đạo của đơn vị được nhập điểm tự chấm."
    appraised = make_appraised(office, table(["THan", "", 1, None], name="Thẩm định"))
    assert messages(appraised) == []


def test_an_appraisal_that_differs_needs_the_reason_of_the_whole_file(office):
    rows = table(["THan", "", 1, None], name="Thẩm định")
    assert messages(make_appraised(office, rows, reason="")) == [
        "Điểm thẩm định khác điểm tự chấm: phải nêu lý do."
    ]
    assert apply(make_appraised(office, rows), office, "appraiser", "Kết luận kiểm tra") == 1
    assert Score.objects.get().appraised_reason == "Kết luận kiểm tra"


def test_a_unit_that_is_not_in_the_year_is_refused(office):
    (message,) = messages(check(office, table(["XX", "", 1, 1])))
    assert message == "Không có đơn vị mã “XX” trong danh sách của năm."


def test_a_code_beside_another_name_is_refused(office):
    (message,) = messages(check(office, table(["THan", "Huyện Bình", 1, 1])))
    assert message == "Mã “THan” là Huyện An, không khớp tên “Huyện Bình”."


def test_a_unit_is_found_by_its_name_with_or_without_marks(office):
    rows = [unicodedata.normalize("NFD", "Huyện Bình "), "binh", "h. Bình"]
    for name in rows:
        checked = check(office, table(["", name, 1, None]), who="stranger")
        assert [cell.sheet.unit.name for cell in checked.cells] == ["Bình"]


def test_rows_twice_are_refused_with_the_first_row(office):
    found = messages(check(office, table(["THan", "", 1, None], ["THan", "", 2, None])))
    assert found == ["Lặp lại đơn vị và tiêu chí đã có ở hàng 2."]


def test_a_column_of_an_unknown_component_is_refused(office):
    other = Table("Tự chấm", [[*HEADER, "9.9"], ["THan", "", 1, 1, 1]])
    assert messages(check(office, other)) == ["Bộ tiêu chí của năm không có tiêu chí thành phần mã này."]


def test_survey_components_are_not_self_scored(office):
    survey = Table("Tự chấm", [["Mã đơn vị", "2.2"], ["THan", 1]])
    assert messages(check(office, survey)) == [
        "Điểm của tiêu chí này do điều tra xã hội học xác định, đơn vị không tự chấm."
    ]


def test_a_workbook_of_another_year_is_refused(office):
    identity = Table("cchc", [["organiser", "tinh-thu"], ["year", "2024"]])
    assert messages(check(office, identity, table(["THan", "", 1, 1]))) == [
        "Tệp này của năm 2024, không phải năm 2025."
    ]


def test_a_row_of_another_year_is_refused(office):
    rows = Table("Tự chấm", [["Năm", *HEADER], [2024, "THan", "", 1, 1]])
    assert messages(check(office, rows)) == ["Không phải năm 2025."]


def test_a_sheet_whose_name_does_not_say_what_it_holds_is_refused(office):
    (message,) = messages(check(office, table(["THan", "", 1, 1], name="Sheet1")))
    assert "đặt tên là một trong: “Tự chấm”, “Thẩm định”, “Điều tra XHH”" in message


def test_a_sheet_without_a_header_is_refused(office):
    (message,) = messages(check(office, Table("Tự chấm", [["An", 1], ["Bình", 2]])))
    assert message.startswith("Không tìm thấy hàng tiêu đề")


def test_a_title_merged_above_the_header_does_not_matter(office):
    rows = [["Bảng điểm năm 2025", None, None, None], HEADER, ["THan", "", 1.5, 1]]
    assert messages(check(office, Table("Tự chấm", rows, merged=(((0, 0), (0, 3)),)))) == []


def test_cells_merged_among_the_points_are_refused(office):
    rows = table(["THan", "", 1.5, None], merged=(((1, 2), (1, 3)),))
    assert messages(check(office, rows)) == ["Ô bị trộn; hãy bỏ trộn ô trong bảng số liệu."]


def test_formula_cells_give_their_stored_result_and_say_so(office):
    checked = check(office, table(["THan", "", 1.5, 1], formulas=frozenset({(1, 2)})))
    assert checked.summary.warnings[0].message == "Ô công thức: lấy kết quả đã lưu là 1,5."


def test_a_formula_without_a_result_or_with_an_error_is_refused(office):
    rows = table(["THan", "", "", ""], formulas=frozenset({(1, 2)}), broken=frozenset({(1, 3)}))
    assert messages(check(office, rows)) == [
        "Ô công thức chưa có kết quả; hãy mở tệp bằng bảng tính, lưu lại hoặc ghi số.",
        "Ô công thức bị lỗi (#REF!, #DIV/0!…); hãy sửa công thức hoặc ghi số.",
    ]


def test_a_csv_file_says_its_stage_beside_the_file(office):
    content = "Mã đơn vị;1.1;1.2\nTHan;1,5;2\n".encode()
    checked = make_appraised(office, *read_tables(content), default_stage="appraised")
    assert {cell.stage for cell in checked.cells} == {"appraised"}


def test_a_row_a_component_is_read_too(office):
    rows = [
        ["Mã đơn vị", "Mã tiêu chí", "Điểm tự chấm", "Tình trạng", "Thuyết minh"],
        ["THan", "1.1", "1,5", "", "Đã ban hành"],
        ["THan", "1.2", "", "Không áp dụng", ""],
    ]
    apply(check(office, Table("", rows)), office)
    score = Score.objects.get(criterion=office.leaves["1.1"])
    assert (score.self_points, score.self_note) == (Decimal("1.5"), "Đã ban hành")
    assert Score.objects.get(criterion=office.leaves["1.2"]).self_state == "not_applicable"


def test_points_beside_a_state_that_has_none_are_refused(office):
    rows = [["Mã đơn vị", "Mã tiêu chí", "Điểm", "Tình trạng"], ["THan", "1.1", 1, "Không áp dụng"]]
    assert messages(check(office, Table("", rows))) == ["Đã có điểm thì không chọn tình trạng này."]


def test_checking_takes_the_same_queries_whatever_the_size(office, django_assert_max_num_queries):
    rows = [["THan", "", 1, 1]]
    with django_assert_max_num_queries(14):
        check(office, table(*rows))


def upload(office, content, who="reporter", name="diem.csv"):
    return imports.receive(office.year, office.people[who], name, content)


CSV = "Mã đơn vị;1.1;1.2\nTHan;1,5;2\n".encode()


@pytest.fixture
def private(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "private": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path, "base_url": None},
        }
    }
    return tmp_path


def test_an_upload_is_a_record_and_its_file_is_kept_until_it_is_applied(
    office, private, django_capture_on_commit_callbacks
):
    checked = upload(office, CSV)
    batch = ImportBatch.objects.get()
    assert (batch.outcome, batch.rows, batch.size) == ("checked", 1, len(CSV))
    assert batch.sha256 == hashlib.sha256(CSV).hexdigest()
    assert batch.file.read() == CSV
    with django_capture_on_commit_callbacks(execute=True):
        imports.confirm(batch, office.people["reporter"], shown=checked.check.digest)
    batch.refresh_from_db()
    assert (batch.outcome, batch.file.name) == ("applied", "")
    assert [path for path in private.rglob("*") if path.is_file()] == []
    assert points_of(office) == Decimal("1.5")


def test_a_cancelled_upload_changes_nothing_and_lets_go_of_the_file(office, private):
    imports.cancel(upload(office, CSV).batch)
    assert ImportBatch.objects.get().outcome == "cancelled"
    assert [path for path in private.rglob("*") if path.is_file()] == []
    assert points_of(office) is None


def test_what_changed_since_it_was_shown_is_not_overwritten(office, private):
    checked = upload(office, CSV)
    apply(check(office, table(["THan", "", 1, None])), office)
    with pytest.raises(imports.ImportChanged):
        imports.confirm(checked.batch, office.people["reporter"], shown=checked.check.digest)
    assert points_of(office) == Decimal(1)


def test_a_file_is_not_applied_twice(office, private):
    checked = upload(office, CSV)
    imports.confirm(checked.batch, office.people["reporter"], shown=checked.check.digest)
    again = ImportBatch.objects.get()
    with pytest.raises((imports.ImportChanged, imports.ImportRefused)):
        imports.confirm(again, office.people["reporter"], shown=checked.check.digest)


def test_the_same_file_again_is_known(office, private):
    first = upload(office, CSV)
    assert imports.same_file(first.batch) is None
    assert imports.same_file(upload(office, CSV).batch) == first.batch


def test_a_file_that_is_no_spreadsheet_is_recorded_and_not_kept(office, private):
    checked = upload(office, b"%PDF-1.7 \xe2\xe3\xcf\xd3", name="bao-cao.pdf")
    assert checked.summary.errors[0].message.startswith("Không phải bảng tính")
    assert (checked.batch.outcome, bool(checked.batch.file)) == ("refused", False)


def test_a_locked_stage_is_told_before_anything_is_written():
    office = make_office_year("round1")
    found = messages(check(office, table(["THan", "", 1.5, None])))
    assert len(found) == 1
    assert points_of(office) is None


def test_what_the_workflow_refuses_at_the_last_moment_writes_nothing(office):
    rows = table(["THan", "", 1.5, None], ["THbinh", "", 1, None])
    office.people["reporter"].memberships.create(unit=office.units["binh"], role="reporter")
    checked = check(office, rows)
    office.sheets["binh"].status = "submitted"
    office.sheets["binh"].save(update_fields=["status"])
    with pytest.raises(imports.ImportRefused) as refused:
        apply(checked, office)
    assert [finding.row for finding in refused.value.findings] == [3]
    assert not Score.objects.exists()


RESULTS = ["Đơn vị", "Tổng điểm", "Điểm thẩm định", "Điểm điều tra xã hội học", "Hạng", "Xếp loại"]


@pytest.fixture
def past():
    organiser = make_organiser()
    province = make_unit("Thử", level=Level.PROVINCE, type="Tỉnh", code="TH")
    OrganiserUnit.objects.create(organiser=organiser, unit=province)
    for name in ("An", "Bình", "Cát"):
        make_unit(name, code=f"TH{name}", parent=province)
    return make_year(2023, organiser=organiser, basis="totals")


def check_past(year, *rows, header=RESULTS):
    return imports.check_results(
        year, make_source(), [Table("Phụ lục", [["PHỤ LỤC"], header, *map(list, rows)])]
    )


def said(checked, *, errors=True):
    return [finding.message for finding in checked.findings if finding.is_error == errors]


def test_an_annex_is_stored_as_printed_with_its_source(past):
    checked = check_past(
        past, ["Huyện An", "92,41", "63,26", "29,15", 1, "Tốt"], ["Bình", "91.61", "", "", 2, ""]
    )
    assert imports.apply_results(checked, Act(None, Change.How.IMPORT)) == 2
    row = OfficialResult.objects.get(unit__name="An")
    assert (row.total, row.appraised_points, row.rank, row.grade) == (
        Decimal("92.41"),
        Decimal("63.26"),
        1,
        "Tốt",
    )
    assert Change.objects.filter(model="reports.officialresult", field="total").count() == 2


def test_an_annex_read_again_changes_nothing(past):
    rows = [["Huyện An", "92,41", "63,26", "29,15", "1/3", "Tốt"]]
    imports.apply_results(check_past(past, *rows), Act(None, Change.How.IMPORT))
    assert [row.fate for row in check_past(past, *rows).rows] == [Fate.UNCHANGED]
    changed = check_past(past, ["Huyện An", "92,42", "63,26", "29,15", "1/3", "Tốt"])
    assert [(line.before, line.after) for line in changed.summary.lines] == [("92,41", "92,42")]


def test_parts_that_miss_the_total_by_rounding_or_by_more_are_told_and_stored(past):
    checked = check_past(past, ["An", "92,42", "63,26", "29,15", 1, ""], ["Bình", "91,0", "60", "29", 2, ""])
    assert said(checked) == []
    assert said(checked, errors=False) == [
        "Tổng các phần lệch 0,01 so với tổng điểm, do làm tròn.",
        "Tổng các phần lệch 2 so với tổng điểm.",
    ]


def test_ranks_that_contradict_totals_and_ties_are_told(past):
    checked = check_past(
        past, ["An", 90, "", "", 2, ""], ["Bình", 91, "", "", 3, ""], ["Cát", 90, "", "", 1, ""]
    )
    assert said(checked, errors=False) == [
        "Điểm thấp hơn Huyện Bình nhưng hạng 1 không sau hạng 3.",
        "Bằng điểm Huyện Cát nhưng khác hạng (1 và 2).",
    ]


def test_ranks_that_jump_without_a_tie_are_told(past):
    checked = check_past(past, ["An", 95, "", "", 1, ""], ["Bình", 90, "", "", 3, ""])
    assert said(checked, errors=False) == ["Thiếu hạng giữa 1 và 3."]
    tied = check_past(
        past, ["An", 95, "", "", 1, ""], ["Bình", 95, "", "", 1, ""], ["Cát", 90, "", "", 3, ""]
    )
    assert said(tied, errors=False) == []


def test_a_name_of_two_units_is_asked_and_never_guessed(past):
    make_unit("An", code="THan2", type="Thị xã", parent=past.organiser.units.get())
    (message,) = said(check_past(past, ["An", 90, "", "", 1, ""]))
    assert message.startswith("Có nhiều đơn vị cùng tên, hãy ghi mã: Huyện An (mã test:THAn); Thị xã An")
    assert said(check_past(past, ["Thị xã An", 90, "", "", 1, ""])) == []


def test_a_unit_of_elsewhere_or_twice_in_an_annex_is_refused(past):
    make_unit("Xa")
    checked = check_past(
        past, ["Xa", 90, "", "", 1, ""], ["An", 89, "", "", 2, ""], ["An", 88, "", "", 3, ""]
    )
    assert said(checked) == ["Không có đơn vị tên “Xa” thuộc Tỉnh Thử.", "Lặp lại đơn vị ở hàng 4."]


def test_an_annex_may_print_ranks_alone(past):
    checked = check_past(past, ["An", 1], ["Bình", 2], header=["Đơn vị", "Xếp hạng"])
    imports.apply_results(checked, Act(None, Change.How.IMPORT))
    assert OfficialResult.objects.get(unit__name="Bình").total is None


CELLS = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.floats(),
    st.integers(-10, 10**6),
    st.booleans(),
    st.dates(),
    st.sampled_from(
        ["THan", "Huyện An", "1,5", "1.5", "1.1", "1.2", "Mã đơn vị", "Đơn vị", "Tổng điểm", "#REF!"]
    ),
)
TABLES = st.builds(
    lambda name, rows, head: Table(name, [*([HEADER] if head else []), *rows]),
    st.sampled_from(["Tự chấm", "Thẩm định", "", "Sheet1", "cchc"]),
    st.lists(st.lists(CELLS, max_size=6), max_size=6),
    st.booleans(),
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tables=st.lists(TABLES, max_size=3))
def test_any_table_is_checked_without_an_exception_and_accepts_only_possible_points(office, tables):
    checked = check(office, *tables)
    for cell in checked.cells:
        assert cell.value.points is None or 0 <= cell.value.points <= cell.criterion.max_points
        raw = cell.table.rows[cell.row][cell.column]
        assert not isinstance(raw, int | float) or cell.value.points == Decimal(str(raw))
    imports.check_results(office.year, make_source(), tables)


def test_a_unit_cannot_guess_by_upload_what_the_appraisal_gave(office):
    apply(
        make_appraised(office, table(["THan", "", 1.5, None], name="Thẩm định")),
        office,
        "appraiser",
        "Kết luận",
    )
    guesses = [check(office, table(["THan", "", guess, None], name="Thẩm định")) for guess in (1.5, 1.25)]
    assert [messages(guess) for guess in guesses] == [messages(guesses[0])] * 2
    assert messages(guesses[0]) and not guesses[0].summary.lines
