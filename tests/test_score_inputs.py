"""Figures of rules in files: beside the points, read back exactly, and never lost by a file that has none."""

import csv
import io
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import F
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from districts.audit import Act
from districts.models import Change
from reports import imports, workbooks
from reports.automatic import parsed_rule
from reports.models import Criterion, DossierCount, Score
from reports.rule_inputs import questions, values
from reports.rules import InputError, evaluate
from reports.sheet_files import Table, read_tables

from .factories import make_office_year, make_source, make_survey_component

pytestmark = pytest.mark.django_db

RATIO: dict[str, Any] = {
    "numerator": {"name": "spent", "label": "kinh phí đã chi"},
    "denominator": {"name": "granted", "label": "kinh phí được giao"},
    "zero_denominator": "not_applicable",
}
LEVELS = [
    {"key": "full", "label": "Đạt, đúng hạn", "points": "4"},
    {"key": "late", "label": "Đạt nhưng chậm", "points": "2.5"},
    {"key": "none", "label": "Không đạt", "points": "0"},
]
# code → (most points, rule, what a unit stored, what the rule gives)
KINDS: dict[str, tuple[str, dict[str, Any], dict[str, str], str]] = {
    "8.1": ("4", {"kind": "levels", "levels": LEVELS}, {"level": "late"}, "2.5"),
    "8.2": (
        "3",
        {
            "kind": "thresholds",
            "steps": [{"from_percent": "90", "points": "3"}],
            "below_points": "1",
            **RATIO,
        },
        {"spent": "1234567.25", "granted": "1300000"},
        "3",
    ),
    "8.3": (
        "2",
        {"kind": "count", "item": {"name": "models", "label": "mô hình"}, "points_each": "0.5"},
        {"models": "3"},
        "1.5",
    ),
    "8.4": (
        "2",
        {"kind": "deduction", "event": {"name": "delays", "label": "lần chậm"}, "points_each": "0.25"},
        {"delays": "1"},
        "1.75",
    ),
    "8.5": (
        "5",
        {"kind": "percent_of_max", "percent": {"name": "share", "label": "tỷ lệ"}},
        {"share": "0.5"},
        "0.025",
    ),
    "9.1": (
        "2",
        {
            "kind": "bonus",
            "event": {"name": "events", "label": "sáng kiến"},
            "points_each": "0.5",
            "yearly_cap": "2",
        },
        {"events": "2"},
        "1",
    ),
    "9.2": (
        "3",
        {
            "kind": "penalty",
            "event": {"name": "events", "label": "vi phạm"},
            "points_each": "0.5",
            "yearly_cap": "3",
        },
        {"events": "3"},
        "1.5",
    ),
}
STORED: dict[str, tuple[dict[str, str], str]] = {
    "1.1": ({"answer": "yes"}, "2"),
    "1.2": ({"completed": "9", "planned": "12"}, "7.5"),
    **{code: (inputs, points) for code, (_, _, inputs, points) in KINDS.items()},
}
HEAD: list[object] = ["Mã đơn vị", "Mã tiêu chí", "Số liệu 1", "Giá trị 1", "Số liệu 2", "Giá trị 2"]
HEAD += ["Điểm tự chấm", "Tình trạng", "Thuyết minh"]


@pytest.fixture
def office():
    """A year whose criteria have a rule of each kind, every component of one unit filled in."""
    office = make_office_year()
    leaves = {**office.leaves, "2.3": make_survey_component(office.criteria_set)}
    for code, (most, rule, _, _) in KINDS.items():
        parent, _ = Criterion.objects.get_or_create(
            criteria_set=office.criteria_set,
            code=code[0],
            defaults={"title": f"Lĩnh vực {code[0]}", "order": 900},
        )
        leaves[code] = Criterion.objects.create(
            criteria_set=office.criteria_set,
            parent=parent,
            code=code,
            title=f"Tiêu chí {code}",
            order=2000 + len(leaves),
            depth=1,
            is_leaf=True,
            max_points=Decimal(most),
            origin="appraised",
            rule={"not_applicable": "leaves_maximum", **rule},
        )
    office = replace(office, leaves=leaves)
    for code, (inputs, points) in STORED.items():
        Score.objects.create(
            sheet=office.sheet,
            criterion=office.leaves[code],
            self_state="value",
            self_points=Decimal(points),
            self_inputs=inputs,
            version=1,
        )
    return office


def check(office, tables, who="reporter"):
    return imports.check_scores(office.year, tables, Act(office.people[who], Change.How.IMPORT))


def apply(office, checked):
    return imports.apply_scores(checked, Act(office.people["reporter"], Change.How.IMPORT))


def exported(office):
    return read_tables(workbooks.unit_workbook(office.sheet))


def row_of(tables, code):
    return next(row for row in tables[0].rows if len(row) > 2 and row[2] == code)


def column(tables, head):
    return tables[0].rows[4].index(head)


def given_row(code, first="", second="", points="", state="", note="", labels=("", "")):
    return Table("", [HEAD, ["THan", code, labels[0], first, labels[1], second, points, state, note]])


def messages(checked):
    return [(finding.column, finding.message) for finding in checked.summary.errors]


def stored(office, code):
    score = Score.objects.get(sheet=office.sheet, criterion=office.leaves[code])
    return score.self_state, score.self_points, score.self_inputs


def as_csv(table):
    """Write a sheet as a Vietnamese spreadsheet does: semicolons, decimal commas, rows of one length."""
    buffer = io.StringIO()
    width = max(map(len, table.rows))
    words = [[f"{c:g}".replace(".", ",") if isinstance(c, float) else c for c in row] for row in table.rows]
    writer = csv.writer(buffer, delimiter=";")
    writer.writerows([*row, *[""] * (width - len(row))] for row in words)
    return buffer.getvalue().encode("utf-8-sig")


def test_what_is_stored_here_is_what_the_rules_give(office):
    for code, (inputs, points) in STORED.items():
        rule = parsed_rule(office.leaves[code])
        assert evaluate(rule, values(rule, inputs)).points == Decimal(points), code


def test_a_units_workbook_with_every_kind_of_rule_read_again_changes_nothing(office):
    checked = check(office, exported(office))
    assert (checked.summary.findings, checked.changes, len(checked.cells)) == ([], [], len(STORED))


def test_a_units_sheet_saved_as_csv_changes_nothing(office):
    score = Score.objects.get(criterion=office.leaves["8.2"])
    score.self_inputs = {"spent": "12.345", "granted": "123456789012345678.5"}
    score.self_points = Decimal(1)
    score.save()
    (table, *_) = exported(office)
    checked = check(office, read_tables(as_csv(table)))
    assert (messages(checked), checked.changes, len(checked.cells)) == ([], [], len(STORED))


def test_a_year_with_every_kind_of_rule_read_again_changes_nothing(office):
    Score.objects.create(
        sheet=office.sheet,
        criterion=office.leaves["2.3"],
        survey_state="value",
        survey_points=Decimal("3.21"),
    )
    Score.objects.filter(sheet=office.sheet, self_state="value").update(
        appraised_state="value", appraised_points=F("self_points")
    )
    content = workbooks.year_workbook(office.year, [office.sheet])
    checked = check(office, read_tables(content), "appraiser")
    assert (messages(checked), checked.changes, len(checked.cells)) == ([], [], 2 * len(STORED) + 1)


def year_tables(office):
    tables = read_tables(workbooks.year_workbook(office.year, [office.sheet], ["self"]))
    return tables, next(table for table in tables if table.name == "Số liệu")


def answer(table, code, value, place=5):
    next(row for row in table.rows if code in row)[place] = value


def test_figures_on_the_sheet_of_a_year_change_the_points_on_the_other(office):
    tables, figures = year_tables(office)
    answer(figures, "8.3", 2)
    answer(figures, "8.1", "Không đạt")
    checked = check(office, tables)
    places = [(line.what, line.after, line.place) for line in checked.summary.lines]
    assert places == [
        ("8.1 Tiêu chí 8.1 · Tự chấm", "0 (Mức đạt: Không đạt)", "Tự chấm, ô F6"),
        ("8.3 Tiêu chí 8.3 · Tự chấm", "1 (mô hình: 2)", "Tự chấm, ô H6"),
    ]
    assert apply(office, checked) == 2
    assert stored(office, "8.1") == ("value", Decimal(0), {"level": "none"})


def test_figures_of_a_year_need_no_points_beside_them(office):
    _, figures = year_tables(office)
    answer(figures, "8.3", 2)
    apply(office, check(office, [figures]))
    assert stored(office, "8.3") == ("value", Decimal(1), {"models": "2"})


def test_the_only_figure_can_be_taken_back_on_the_sheet_of_a_year(office):
    tables, figures = year_tables(office)
    answer(figures, "8.3", "Chưa nhập")
    apply(office, check(office, tables))
    assert stored(office, "8.3") == ("not_entered", None, {})


def test_a_wrong_or_repeated_figure_of_a_year_is_refused_where_it_stands(office):
    tables, figures = year_tables(office)
    answer(figures, "1.2", 0, place=7)
    figures.rows.append(["THan", "", "8.3", "", "", 2])
    errors = check(office, tables).summary.errors
    first = next(number for number, row in enumerate(figures.rows, start=1) if "8.3" in row)
    assert [(error.sheet, error.column, error.message) for error in errors] == [
        ("Số liệu", "F", "nhiệm vụ hoàn thành: lớn hơn 0 trong khi mẫu số bằng 0."),
        ("Số liệu", "F", f"Lặp lại đơn vị và tiêu chí đã có ở hàng {first}."),
    ]


def test_a_workbook_asks_what_the_rule_asks_in_words(office):
    tables = exported(office)
    first, second = column(tables, "Số liệu 1"), column(tables, "Số liệu 2")
    assert row_of(tables, "8.2")[first : second + 2] == [
        *("kinh phí đã chi", 1234567.25),
        *("kinh phí được giao", 1300000),
    ]
    assert row_of(tables, "8.1")[first : first + 2] == ["Mức đạt", "Đạt nhưng chậm"]
    assert row_of(tables, "8.5")[first : first + 2] == ["tỷ lệ", "0,5%"]
    lists = next(table for table in tables if table.name == "Danh mục")
    assert [row[2] for row in lists.rows] == ["Đạt, đúng hạn", "Đạt nhưng chậm", "Không đạt"]


def test_a_changed_figure_changes_the_points_by_the_rule_and_says_so(office):
    tables = exported(office)
    row_of(tables, "8.3")[column(tables, "Giá trị 1")] = 2
    checked = check(office, tables)
    (line,) = checked.summary.lines
    assert (line.before, line.after) == ("1,5 (mô hình: 3)", "1 (mô hình: 2)")
    assert [warning.message for warning in checked.summary.warnings] == [
        "Số liệu đã đổi: quy tắc cho 1 điểm, điểm cũ trong ô này không dùng nữa."
    ]
    apply(office, checked)
    assert stored(office, "8.3") == ("value", Decimal(1), {"models": "2"})


@pytest.mark.parametrize(
    ("code", "first", "second", "points", "inputs"),
    [
        ("1.1", "Không", "", "0", {"answer": "no"}),
        ("1.1", "khong", "", "0", {"answer": "no"}),
        ("1.2", 6, "12", "5", {"completed": "6", "planned": "12"}),
        ("8.1", "Đạt, đúng hạn", "", "4", {"level": "full"}),
        ("8.2", 12.345, 100.0, "1", {"spent": "12.345", "granted": "100"}),
        ("8.3", "1.000 trường hợp", "", "2", {"models": "1000"}),
        ("8.5", "98,5%", "", "4.925", {"share": "98.5"}),
        ("9.2", 6.0, "", "3", {"events": "6"}),
    ],
)
def test_figures_alone_are_enough(office, code, first, second, points, inputs):
    apply(office, check(office, [given_row(code, first, second)]))
    assert stored(office, code) == ("value", Decimal(points), inputs)


def test_figures_need_no_column_of_points(office):
    apply(office, check(office, [Table("", [["Mã đơn vị", "Mã tiêu chí", "Giá trị 1"], ["THan", "9.1", 4]])]))
    assert stored(office, "9.1") == ("value", Decimal(2), {"events": "4"})


def test_other_points_than_the_rules_need_a_reason(office):
    checked = check(office, [given_row("8.3", 2, points="1,25")])
    message = "Theo số liệu đã nhập, quy tắc cho 1 điểm; nếu khác, hãy nêu lý do ở phần thuyết minh."
    assert messages(checked) == [("G", message)]
    apply(office, check(office, [given_row("8.3", 2, points="1,25", note="Một mô hình chỉ làm nửa năm")]))
    assert stored(office, "8.3") == ("value", Decimal("1.25"), {"models": "2"})


def test_a_file_of_points_alone_keeps_the_figures(office):
    wide: list[list[object]] = [["Mã đơn vị", "8.3", "8.4"], ["THan", "1,5", "1"]]
    assert messages(check(office, [Table("Tự chấm", wide)])) == [
        ("C", "Theo số liệu đã nhập, quy tắc cho 1,75 điểm; nếu khác, hãy nêu lý do ở phần thuyết minh.")
    ]
    Score.objects.filter(criterion=office.leaves["8.4"]).update(self_note="Biên bản số 3")
    apply(office, check(office, [Table("Tự chấm", wide)]))
    assert stored(office, "8.4") == ("value", Decimal(1), {"delays": "1"})


def test_a_figure_is_taken_back_only_by_saying_so_and_takes_the_points_with_it(office):
    assert check(office, [given_row("1.2", "", "")]).changes == []
    apply(office, check(office, [given_row("1.2", "", "Chưa nhập")]))
    assert stored(office, "1.2") == ("not_entered", None, {"completed": "9"})


def test_points_taken_back_leave_the_figures(office):
    apply(office, check(office, [given_row("1.2", points="Chưa nhập")]))
    assert stored(office, "1.2") == ("not_entered", None, {"completed": "9", "planned": "12"})
    assert check(office, exported(office)).changes == []


def test_a_denominator_of_zero_does_not_apply(office):
    apply(office, check(office, [given_row("1.2", 0, 0)]))
    assert stored(office, "1.2") == ("not_applicable", None, {"completed": "0", "planned": "0"})
    assert check(office, exported(office)).changes == []


@pytest.mark.parametrize(
    ("code", "cells", "found"),
    [
        ("8.3", {"first": "hai"}, ("D", "mô hình: Không phải là số; hãy ghi như 1674.")),
        ("8.3", {"first": -1}, ("D", "mô hình: phải từ 0 trở lên.")),
        ("8.3", {"first": 1.5}, ("D", "mô hình: Phải là số nguyên")),
        ("8.3", {"first": "1e400"}, ("D", "mô hình: Có chữ không hiểu được")),
        ("8.3", {"first": 1e300}, ("D", "mô hình: số quá lớn.")),
        ("8.3", {"first": 2, "second": 3}, ("F", "Tiêu chí này không có số liệu ở cột này")),
        ("8.5", {"first": 0.985}, ("D", "tỷ lệ: Không rõ là tỷ lệ hay phần trăm")),
        ("8.5", {"first": "105%"}, ("D", "tỷ lệ: không thể lớn hơn 100 %.")),
        ("8.2", {"second": "1.674"}, ("F", "kinh phí được giao: “1.674” có hai cách đọc")),
        ("1.2", {"first": 3, "second": 0}, ("D", "nhiệm vụ hoàn thành: lớn hơn 0 trong khi mẫu số bằng 0.")),
        (
            "8.1",
            {"first": "Tốt"},
            ("D", "Mức đạt: không có lựa chọn này; hãy ghi một trong: “Đạt, đúng hạn”"),
        ),
        ("8.1", {"first": "không áp dụng"}, ("D", "Ô này ghi số liệu; tình trạng ghi ở cột “Tình trạng”.")),
        ("1.1", {"first": True}, ("D", "Kết quả: không có lựa chọn này")),
        ("8.3", {"first": 2, "labels": ("lần chậm", "")}, ("D", "Hàng này ghi số liệu “lần chậm”")),
        ("8.3", {"first": 2, "state": "Không áp dụng"}, ("H", "Số liệu đã đổi thì để trống tình trạng này")),
        ("8.3", {"first": 2, "state": "xong"}, ("H", "Không có tình trạng này.")),
    ],
)
def test_what_cannot_be_is_refused_at_its_cell(office, code, cells, found):
    (error,) = check(office, [given_row(code, **cells)]).summary.errors
    assert (error.sheet, error.row, error.column) == ("", 2, found[0])
    assert error.message.startswith(found[1])


def test_a_formula_with_an_error_or_without_a_result_is_refused(office):
    rows = given_row("1.2", "", "#REF!").rows
    checked = check(office, [Table("", rows, formulas=frozenset({(1, 3)}), broken=frozenset({(1, 5)}))])
    assert [column for column, _ in messages(checked)] == ["D", "F"]


def test_figures_beside_an_appraisal_are_refused(office):
    rows: list[list[object]] = [
        ["Mã đơn vị", "Mã tiêu chí", "Giá trị 1", "Điểm thẩm định"],
        ["THan", "8.3", 2, ""],
    ]
    assert messages(check(office, [Table("", rows)], "appraiser")) == [
        ("C", "Số liệu chỉ ghi cùng điểm tự chấm.")
    ]


def know_dossiers(office):
    DossierCount.objects.create(
        unit=office.units["an"],
        scope="own",
        source=make_source(),
        starts_on="2025-01-01",
        ends_on="2025-12-31",
        resolved=200,
        resolved_early=100,
        resolved_on_time=50,
        resolved_late=50,
    )


def test_figures_of_the_system_are_shown_and_cannot_be_others(office):
    know_dossiers(office)
    tables = exported(office)
    first = column(tables, "Số liệu 1")
    assert row_of(tables, "2.1")[first : first + 4] == ["hồ sơ đúng hạn", 150, "hồ sơ", 200]
    assert check(office, tables).changes == []
    row_of(tables, "2.1")[first + 1] = 160
    assert messages(check(office, tables)) == [
        ("H", "Hệ thống đã có số liệu 150; đơn vị không nhập số khác, hãy để trống ô này.")
    ]


def test_a_stored_figure_that_the_system_now_knows_does_not_stand_in_the_way(office):
    Score.objects.create(
        sheet=office.sheet,
        criterion=office.leaves["2.1"],
        self_state="value",
        self_points=Decimal(4),
        self_inputs={"in_time": "1", "resolved": "2"},
    )
    know_dossiers(office)
    assert check(office, exported(office)).changes == []
    apply(office, check(office, [given_row("2.1", points=6)]))
    assert stored(office, "2.1") == ("value", Decimal(6), {})


def test_checking_figures_takes_the_same_queries_whatever_the_size(office, django_assert_max_num_queries):
    know_dossiers(office)
    tables = exported(office)
    with django_assert_max_num_queries(16):
        check(office, tables)


def test_a_workbook_takes_five_queries(office, django_assert_max_num_queries):
    know_dossiers(office)
    sheet = office.year.sheets.select_related(
        "unit", "assessment_year__organiser", "assessment_year__group", "assessment_year__criteria_set"
    ).get(unit=office.units["an"])
    with django_assert_max_num_queries(5):
        workbooks.unit_workbook(sheet)


WORDS = ["Có", "không", "Đạt, đúng hạn", "dat nhung cham", "Chưa nhập", "Không áp dụng", "98,5%", "1.674"]
ANY = st.one_of(
    st.none(),
    st.text(max_size=12),
    st.floats(),
    st.integers(-10, 10**18),
    st.booleans(),
    st.dates(),
    st.sampled_from([*WORDS, "1,5", "#REF!", "0", "3", "٣", "１２", "-0", "1e5", "1 000", "= 2"]),
)
YEAR_HEAD: list[object] = ["Mã đơn vị", "Mã tiêu chí", "Giá trị 1", "Giá trị 2"]
ROWS = st.tuples(
    st.sampled_from([*STORED, "2.1", "2.2", "2.3", "9.9"]), st.lists(ANY, min_size=7, max_size=7)
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(ROWS, max_size=4), odd=st.sets(st.tuples(st.integers(1, 4), st.integers(2, 8)), max_size=2)
)
@example(rows=[("8.5", ["", 0.0, "", "", "", "", ""])], odd=set())
def test_any_figures_are_checked_without_an_exception_and_only_possible_ones_accepted(office, rows, odd):
    table = Table("", [HEAD, *(["THan", code, *cells] for code, cells in rows)], formulas=frozenset(odd))
    checked = check(office, [table])
    for cell in checked.cells:
        rule = parsed_rule(cell.criterion)
        asked = {question.name: question for question in questions(rule)}
        assert cell.value.inputs.keys() <= asked.keys()
        for place, name in enumerate(asked):
            raw, text = cell.table.rows[cell.row][3 + 2 * place], cell.value.inputs.get(name, "")
            if text and not asked[name].choices:
                assert 0 <= Decimal(text) < 10**15
                if isinstance(raw, int | float) and not isinstance(raw, bool):
                    assert Decimal(text) == Decimal(f"{raw:.15g}")
            elif text:
                assert text in dict(asked[name].choices)
        assert cell.value.points is None or 0 <= cell.value.points <= cell.criterion.max_points
        if cell.value.inputs != cell.before.inputs:
            assert_is_the_rules(cell, rule)


def assert_is_the_rules(cell, rule):
    """Whoever gives other points than the rule says why; nothing impossible is ever complete."""
    try:
        given = evaluate(rule, values(rule, cell.value.inputs))
    except InputError:
        raise AssertionError(cell.value) from None
    if given.state == "value" and cell.value.state == "value":
        assert round(given.points, 4) == cell.value.points or cell.value.note


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROWS, max_size=3), points=st.lists(ANY, min_size=len(STORED), max_size=len(STORED)))
def test_figures_on_a_sheet_of_their_own_meet_any_points_without_an_exception(office, rows, points):
    figures = Table("Số liệu", [YEAR_HEAD, *(["THan", code, *cells[:2]] for code, cells in rows)])
    wide = Table("Tự chấm", [["Mã đơn vị", *STORED], ["THan", *points]])
    checked = check(office, [wide, figures])
    keys = [(cell.criterion.pk, cell.stage) for cell in checked.cells]
    assert len(keys) == len(set(keys))
    for cell in checked.cells:
        assert cell.value.points is None or 0 <= cell.value.points <= cell.criterion.max_points
        if cell.value.inputs != cell.before.inputs:
            assert_is_the_rules(cell, parsed_rule(cell.criterion))
