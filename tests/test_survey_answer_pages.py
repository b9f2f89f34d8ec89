"""The office's pages of a survey: rounds, counting by component and by unit, files of answers."""

import io
from decimal import Decimal as D

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from districts.models import Change
from reports import rules
from reports.imports.survey_layout import answer_layout
from reports.models import ImportBatch, Score, SurveyAnswerCount, SurveyRound
from reports.sheet_files import FileError, read_tables
from reports.survey_workbooks import without_strangers

from .factories import SURVEY_RULE, make_office_year, make_survey_component
from .test_survey_answers import GROUPS

pytestmark = pytest.mark.django_db
_RULE = rules.parse(dict(SURVEY_RULE), D(4))
COMPONENTS = {"2.3": _RULE} if isinstance(_RULE, rules.Survey) else {}


@pytest.fixture
def office(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "private": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path, "base_url": None},
        }
    }
    return make_office_year("round1")


@pytest.fixture
def leaf(office):
    return make_survey_component(office.criteria_set)


@pytest.fixture
def round_(office):
    return SurveyRound.objects.create(
        assessment_year=office.year, name="Đợt 1", forms_sent=50, forms_valid=40
    )


@pytest.fixture
def appraiser(client, office):
    client.force_login(office.people["appraiser"])
    return client


def address(name, round_, *further):
    return reverse(f"office:{name}", args=[round_.assessment_year_id, round_.pk, *further])


def fields_of(page):
    """Return the fields of a counting page as a browser would send them back."""
    found = {}
    for block in page.context["blocks"]:
        found[f"v-{block.name}"] = block.version
        found |= {cell["name"]: cell["text"] for row in block.rows for cell in row.cells}
    return found


def points(office, leaf, sheet="an"):
    return Score.objects.get(sheet=office.sheets[sheet], criterion=leaf).survey_points


# Rounds


def test_a_round_is_written_down_and_shown_with_its_response_rate(appraiser, office, leaf):
    page = appraiser.post(
        reverse("office:survey_round_new", args=[office.year.pk]),
        {
            "name": "Đợt 1",
            "starts_on": "05/12/2025",
            "forms_sent": "50",
            "forms_valid": "40",
            "design_effect": "1,5",
        },
        follow=True,
    )
    text = page.content.decode()
    assert "phát ra 50, hợp lệ 40 phiếu" in text and "tỷ lệ phản hồi 80" in text
    assert SurveyRound.objects.get().design_effect == D("1.5")
    listed = appraiser.get(reverse("office:survey_rounds", args=[office.year.pk])).content.decode()
    assert "Đợt 1" in listed and "0/3" in listed and "A = 100" in listed


def test_a_round_that_cannot_be_is_refused_beside_its_field(appraiser, office):
    address = reverse("office:survey_round_new", args=[office.year.pk])
    fields = {"name": "Đợt 1", "starts_on": "05/12/2025", "ends_on": "01/12/2025"}
    page = appraiser.post(address, fields)
    assert page.status_code == 422 and "từ ngày bắt đầu trở đi" in page.content.decode()
    page = appraiser.post(address, {"name": "Đợt 1", "forms_sent": "1", "forms_valid": "2"})
    assert page.status_code == 422 and "không thể lớn hơn số phiếu phát ra" in page.content.decode()
    assert not SurveyRound.objects.exists()


def test_a_decided_year_s_round_is_changed_with_a_reason(client, office, round_):
    office.year.stage = "final"
    office.year.save()
    client.force_login(office.people["publisher"])
    edit = address("survey_round_edit", round_)
    assert client.post(edit, {"name": "Khác"}).status_code == 422
    assert client.post(edit, {"name": "Khác", "reason": "Ghi nhầm tên"}).status_code == 302
    assert Change.objects.get(field="name").reason == "Ghi nhầm tên"


def test_an_empty_round_can_be_taken_out(appraiser, round_):
    assert "Bỏ đợt điều tra này" in appraiser.get(address("survey_round", round_)).content.decode()
    appraiser.post(address("survey_round_remove", round_))
    assert not SurveyRound.objects.exists()


# Counting


def test_answers_are_counted_by_component_and_the_calculation_is_shown(appraiser, office, leaf, round_):
    there = address("survey_component", round_, leaf.pk)
    fields = fields_of(appraiser.get(there))
    name = f"a-{office.sheet.pk}-{leaf.pk}-0"
    fields |= {f"{name}-1-0": "3", f"{name}-1-1": "1", f"{name}-2-0": "1", f"{name}-2-2": "4"}
    page = appraiser.post(there, fields, follow=True)
    text = " ".join(page.content.decode().split())
    assert "Đã lưu 1 bảng và tính lại điểm." in text
    assert (
        "n = 5 phiếu (9 câu trả lời)" in text
        and "trung bình 55 %" in text
        and "<strong>2,2</strong>/4" in text
    )
    assert points(office, leaf) == D("2.2")


def test_the_same_page_again_changes_nothing(appraiser, office, leaf, round_):
    there = address("survey_component", round_, leaf.pk)
    SurveyAnswerCount.objects.create(
        round=round_, sheet=office.sheet, criterion=leaf, question=1, option="A", count=3
    )
    page = appraiser.post(there, fields_of(appraiser.get(there)), follow=True)
    assert "Không có gì thay đổi." in page.content.decode()
    assert not Change.objects.exists()


def test_answers_are_counted_by_unit_too_a_block_a_group(appraiser, office, round_):
    leaf = make_survey_component(office.criteria_set, groups=GROUPS)
    there = address("survey_unit", round_, office.sheet.pk)
    page = appraiser.get(there)
    assert "Người dân" in page.content.decode() and len(page.context["blocks"]) == 2
    fields = fields_of(page)
    for group, option in ((0, 0), (1, 2)):
        for question in (1, 2):
            fields[f"a-{office.sheet.pk}-{leaf.pk}-{group}-{question}-{option}"] = "10"
    appraiser.post(there, fields)
    assert points(office, leaf) == D(3)
    one_group = appraiser.get(address("survey_component", round_, leaf.pk), {"group": "heads"})
    assert [block.group.key for block in one_group.context["blocks"]] == ["heads"] * 3


def test_what_is_no_count_is_kept_beside_its_block_and_the_others_are_written(
    appraiser, office, leaf, round_
):
    there = address("survey_component", round_, leaf.pk)
    fields = fields_of(appraiser.get(there))
    fields[f"a-{office.sheet.pk}-{leaf.pk}-0-1-0"] = "ba"
    fields[f"a-{office.sheets['binh'].pk}-{leaf.pk}-0-1-0"] = "3"
    page = appraiser.post(there, fields)
    assert page.status_code == 422
    assert (
        "Câu 1, phương án A: Không phải là số; hãy ghi như 1674." in page.content.decode()
        and 'value="ba"' in page.content.decode()
    )
    assert points(office, leaf, "binh") == D(4)
    assert SurveyAnswerCount.objects.count() == 1


def test_two_people_at_one_block_the_second_is_told(appraiser, office, leaf, round_):
    there = address("survey_component", round_, leaf.pk)
    first = fields_of(appraiser.get(there))
    second = dict(first)
    first[f"a-{office.sheet.pk}-{leaf.pk}-0-1-0"] = "3"
    second[f"a-{office.sheet.pk}-{leaf.pk}-0-1-0"] = "5"
    appraiser.post(there, first)
    page = appraiser.post(there, second)
    assert page.status_code == 422 and "Người khác vừa sửa số phiếu này" in page.content.decode()
    assert SurveyAnswerCount.objects.get().count == 3
    again = fields_of(page)
    appraiser.post(there, again)
    assert SurveyAnswerCount.objects.get().count == 5


@pytest.mark.parametrize("who", ["overseer", "administrator"])
def test_who_does_not_appraise_sees_the_counts_and_no_fields(client, office, leaf, round_, who):
    client.force_login(office.people[who])
    there = address("survey_component", round_, leaf.pk)
    assert '<input type="text"' not in client.get(there).content.decode()
    assert client.post(there, {}).status_code == 403


def test_no_page_has_more_fields_than_django_takes(appraiser, office, round_):
    many = [{"key": f"g{n}", "label": f"Nhóm {n}", "weight_percent": "25"} for n in range(4)]
    options = [{"key": str(n), "weight_percent": str(100 - 10 * n)} for n in range(11)]
    make_survey_component(office.criteria_set, groups=many, options=options, questions=50)
    there = address("survey_unit", round_, office.sheet.pk)
    pages = [appraiser.get(there, {"page": n}) for n in (1, 2, 3, 4)]
    assert [page.content.decode().count("<input") < 1000 for page in pages] == [True] * 4
    assert [page.context["blocks"][0].group.key for page in pages] == ["g0", "g1", "g2", "g3"]


def test_a_round_of_another_year_is_not_found(appraiser, office, leaf, round_):
    other = type(office.year).objects.create(organiser=office.organiser, year=2024, group=office.year.group)
    foreign = reverse("office:survey_component", args=[other.pk, round_.pk, leaf.pk])
    assert appraiser.get(foreign).status_code == 404
    assert appraiser.get(address("survey_component", round_, office.leaves["1.1"].pk)).status_code == 404


def test_pages_take_a_number_of_queries_that_does_not_grow(
    appraiser, office, leaf, round_, django_assert_max_num_queries
):
    make_survey_component(office.criteria_set, "2.4")
    SurveyAnswerCount.objects.bulk_create(
        SurveyAnswerCount(round=round_, sheet=sheet, criterion=leaf, question=1, option=option, count=3)
        for sheet in office.sheets.values()
        for option in "ABC"
    )
    for there in (
        reverse("office:survey_rounds", args=[office.year.pk]),
        address("survey_round", round_),
        address("survey_component", round_, leaf.pk),
        address("survey_unit", round_, office.sheet.pk),
        reverse("office:survey", args=[office.year.pk]),
    ):
        with django_assert_max_num_queries(16):
            assert appraiser.get(there).status_code == 200


# Files


def send(client, round_, content, name="phieu.csv"):
    file = SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)
    return client.post(address("survey_upload", round_), {"file": file}, follow=True)


def confirm(client, page):
    batch = ImportBatch.objects.latest("pk")
    there = reverse("office:upload_apply", args=[batch.pk])
    return client.post(there, {"digest": page.context["digest"]}, follow=True)


COUNTED = """Mã đơn vị;Mã tiêu chí;Câu hỏi;A;B;C
THan;2.3;1;3;1;0
THan;2.3;2;1;0;4
THbinh;2.3;1;2;;
"""
FORMS = """Họ và tên;Điện thoại;Mã đơn vị;q1;q2
Nguyễn Thị Kín;0912345678;THan;A;Tốt
Trần Văn Mật;0987654321;THan;a;C
Lê Thị Ẩn;0900000000;THan;Khá;
"""


def test_counted_rows_are_shown_with_the_points_and_written_when_confirmed(appraiser, office, leaf, round_):
    page = send(appraiser, round_, COUNTED)
    text = page.content.decode()
    assert "A 3 · B 1 · C 0" in text and "2.3 · điểm điều tra" in text and "2,2" in text
    assert not SurveyAnswerCount.objects.exists()
    done = confirm(appraiser, page)
    assert "Đã ghi 7 giá trị" in done.content.decode() and done.redirect_chain[-1][0] == address(
        "survey_round", round_
    )
    assert (points(office, leaf), points(office, leaf, "binh")) == (D("2.2"), D(4))
    assert Change.objects.filter(field="answers")[0].how == "import"


def test_forms_are_counted_and_a_second_time_change_nothing(appraiser, office, leaf, round_):
    confirm(appraiser, send(appraiser, round_, FORMS))
    counts = SurveyAnswerCount.objects.order_by("question", "option").values_list(
        "question", "option", "count"
    )
    assert list(counts) == [(1, "A", 2), (1, "B", 1), (1, "C", 0), (2, "A", 1), (2, "B", 0), (2, "C", 1)]
    assert "Tệp không làm thay đổi giá trị nào." in send(appraiser, round_, FORMS).content.decode()


def test_who_answered_is_kept_nowhere(appraiser, office, leaf, round_):
    page = send(appraiser, round_, FORMS)
    batch = ImportBatch.objects.get()
    with batch.file.open("rb") as file:
        kept = repr(read_tables(file.read()))
    assert "THan" in kept and not any(word in kept for word in ("Kín", "0912345678", "Họ và tên"))
    assert "Nguyễn" not in page.content.decode()
    confirm(appraiser, page)
    told = repr(list(Change.objects.values())) + repr(list(ImportBatch.objects.values()))
    assert "Nguyễn" not in told and "0912345678" not in told


def test_names_above_the_header_or_on_sheets_that_are_not_read_are_left_behind_too():
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet("Phiếu")
        page.write_row(0, 0, ["Người phỏng vấn: Trần Văn Mật"])
        page.write_row(2, 0, ["Mã đơn vị", "q1", "Ghi chú"])
        page.write_row(3, 0, ["THan", "A", "gọi 0912345678"])
        book.add_worksheet("Danh sách").write_row(0, 0, ["Nguyễn Thị Kín"])
    bare = without_strangers(buffer.getvalue(), COMPONENTS)
    first, second = read_tables(bare)
    assert first.rows[2:] == [["Mã đơn vị", "q1"], ["THan", "A"]] and not any(
        any(row) for row in first.rows[:2]
    )
    assert not any(any(row) for row in second.rows)
    assert without_strangers(buffer.getvalue(), COMPONENTS) == bare


def test_groups_are_told_by_key_or_name(appraiser, office, round_):
    leaf = make_survey_component(office.criteria_set, groups=GROUPS)
    forms = "Mã đơn vị;Nhóm trả lời;2.3-1;2.3-2\nTHan;Người dân;A;A\nTHan;heads;C;C\nTHan;người dân;A;A\n"
    confirm(appraiser, send(appraiser, round_, forms))
    assert points(office, leaf) == D(3)
    assert "Thiếu nhóm trả lời." in send(appraiser, round_, COUNTED).content.decode()


def test_a_component_can_be_named_in_the_row(appraiser, office, leaf, round_):
    make_survey_component(office.criteria_set, "2.4")
    forms = "Mã đơn vị;Mã tiêu chí;q1;q2\nTHan;2.4;A;A\nTHan;2.3;C;C\n"
    confirm(appraiser, send(appraiser, round_, forms))
    assert points(office, leaf) == 0


def test_questions_are_numbered_through_the_whole_form(appraiser, office, leaf, round_):
    other = make_survey_component(office.criteria_set, "2.4")
    confirm(appraiser, send(appraiser, round_, "Mã đơn vị;q3;q4\nTHan;A;B\n"))
    assert points(office, other) == D("3.2")
    assert not SurveyAnswerCount.objects.filter(criterion=leaf).exists()


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        ("Mã đơn vị;Mã tiêu chí;Câu hỏi;A\nTHxx;2.3;1;3\n", "ô A2", "Không có đơn vị mã “THxx”"),
        ("Mã đơn vị;Mã tiêu chí;Câu hỏi;A\nTHan;9.9;1;3\n", "ô B2", "không có tiêu chí khảo sát mã này"),
        ("Mã đơn vị;Mã tiêu chí;Câu hỏi;A\nTHan;2.2;1;3\n", "ô B2", "không có tiêu chí khảo sát mã này"),
        ("Mã đơn vị;Mã tiêu chí;Câu hỏi;A\nTHan;2.3;3;3\n", "ô D2", "chỉ có 2 câu hỏi"),
        ("Mã đơn vị;Mã tiêu chí;Câu hỏi;A\nTHan;2.3;;3\n", "ô C2", "Thiếu số thứ tự câu hỏi"),
        ("Mã đơn vị;Mã tiêu chí;Câu hỏi;A\nTHan;2.3;1;-3\n", "ô D2", "số nguyên từ 0 trở lên"),
        ("Mã đơn vị;Mã tiêu chí;Câu hỏi;A\nTHan;2.3;1;2,5\n", "ô D2", "Phải là số nguyên"),
        ("Mã đơn vị;Mã tiêu chí;Câu hỏi;A\nTHan;2.3;1;nhiều\n", "ô D2", "Không phải là số"),
        ("Mã đơn vị;Mã tiêu chí;Câu hỏi;A\nTHan;2.3;1;3\nTHan;2.3;1;4\n", "ô C3", "Lặp lại"),
        ("Mã đơn vị;Mã tiêu chí;Câu hỏi;Nhóm;A\nTHan;2.3;1;Sở;4\n", "ô D2", "không có nhóm trả lời này"),
        ("Mã đơn vị;q1;q2\nTHan;A;E\n", "ô C2", "chỉ có A, B, C"),
        ("Mã đơn vị;q1;q9\nTHan;A;A\n", "ô C1", "không có câu hỏi này"),
        ("Mã đơn vị;q1;q1\nTHan;A;A\n", "ô C1", "lặp lại ở tiêu đề"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_at_its_cell_and_nothing_is_written(
    appraiser, office, leaf, round_, content, place, message
):
    text = send(appraiser, round_, content).content.decode()
    assert place in text and message in text
    assert "/apply/" not in text
    assert not SurveyAnswerCount.objects.exists()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"%PDF-1.7 \xe2\xe3", "Không phải bảng tính"),
        (b"PK\x03\x04 broken", "Tệp bị hỏng"),
        (b";;\n", "Tệp không có dữ liệu"),
        ("Đơn vị;Điểm\nAn;3\n".encode(), "Không tìm thấy hàng tiêu đề"),
    ],
)
def test_what_holds_no_answers_is_refused_and_not_kept(appraiser, office, leaf, round_, content, message):
    page = send(appraiser, round_, content)
    assert page.status_code == 422 and message in page.content.decode()
    assert not ImportBatch.objects.exists()


def test_more_forms_than_were_valid_are_pointed_out(appraiser, office, leaf, round_):
    SurveyRound.objects.update(forms_valid=2)
    assert (
        "Tệp có 3 phiếu, nhiều hơn 2 phiếu hợp lệ của đợt." in send(appraiser, round_, FORMS).content.decode()
    )


def test_not_entered_in_a_file_takes_counts_away(appraiser, office, leaf, round_):
    confirm(appraiser, send(appraiser, round_, COUNTED))
    gone = "Mã đơn vị;Mã tiêu chí;Câu hỏi;A\nTHbinh;2.3;1;Chưa nhập\n"
    confirm(appraiser, send(appraiser, round_, gone))
    assert points(office, leaf, "binh") is None


def test_the_template_goes_out_and_comes_in_again_without_a_change(appraiser, office, leaf, round_):
    confirm(appraiser, send(appraiser, round_, COUNTED))
    content = appraiser.get(address("survey_template", round_)).content
    rows = read_tables(content)[0].rows
    assert rows[5] == ["test:THan", "Huyện An", "2.3", 1, "", "", 3, 1, 0]
    page = send(appraiser, round_, content, "phieu.xlsx")
    assert "Tệp không làm thay đổi giá trị nào." in page.content.decode()
    other = SurveyRound.objects.create(assessment_year=office.year, name="Đợt 2")
    assert "Tệp này của đợt điều tra khác" in send(appraiser, other, content, "phieu.xlsx").content.decode()


def test_who_does_not_appraise_uploads_nothing(client, office, leaf, round_):
    for who in ("overseer", "administrator", "lead"):
        client.force_login(office.people[who])
        assert send(client, round_, COUNTED).status_code == 403


def test_counts_changed_since_the_preview_are_not_written_over(appraiser, office, leaf, round_):
    page = send(appraiser, round_, COUNTED)
    SurveyAnswerCount.objects.create(
        round=round_, sheet=office.sheet, criterion=leaf, question=1, option="A", count=9
    )
    assert "Dữ liệu đã thay đổi từ lúc xem trước" in confirm(appraiser, page).content.decode()
    assert SurveyAnswerCount.objects.get().count == 9


def test_a_file_takes_a_number_of_queries_that_does_not_grow(
    appraiser, office, leaf, round_, django_assert_max_num_queries
):
    make_survey_component(office.criteria_set, "2.4")
    rows = [
        f"TH{unit};{code};{q};3;1;0"
        for unit in ("an", "binh", "cat")
        for code in ("2.3", "2.4")
        for q in (1, 2)
    ]
    page = send(appraiser, round_, "Mã đơn vị;Mã tiêu chí;Câu hỏi;A;B;C\n" + "\n".join(rows) + "\n")
    batch = ImportBatch.objects.get()
    there = reverse("office:upload_apply", args=[batch.pk])
    with django_assert_max_num_queries(60):
        appraiser.post(there, {"digest": page.context["digest"]})
    assert SurveyAnswerCount.objects.count() == 36


# Beside the points


def test_the_points_page_shows_the_calculation_and_wants_a_reason_for_other_points(
    appraiser, office, leaf, round_
):
    confirm(appraiser, send(appraiser, round_, COUNTED))
    there = reverse("office:survey", args=[office.year.pk])
    text = " ".join(appraiser.get(there).content.decode().split())
    assert "n = 4 phiếu" not in text and "n = 5: 2,2" in text and "n = 5 phiếu (9 câu trả lời)" in text
    name = f"{office.sheet.pk}-{leaf.pk}"
    typed = {f"s-{name}": "3", f"v-{name}": "1"}
    page = appraiser.post(there, typed)
    assert page.status_code == 422 and "phải nêu lý do ghi khác" in page.content.decode()
    assert appraiser.post(there, typed | {"reason": "Theo phúc tra"}).status_code == 302
    assert points(office, leaf) == D(3)
    assert Change.objects.filter(field="survey_points").latest("pk").reason == "Theo phúc tra"


def test_a_file_of_points_other_than_what_the_answers_give_is_refused(appraiser, office, leaf, round_):
    confirm(appraiser, send(appraiser, round_, COUNTED))
    file = SimpleUploadedFile("diem.csv", "Mã đơn vị;2.3\nTHan;3\n".encode())
    there = reverse("office:uploads", args=[office.year.pk])
    page = appraiser.post(there, {"file": file, "stage": "survey"}, follow=True)
    assert "Số phiếu đã nhập cho 2,2 điểm" in page.content.decode()


def test_a_formula_without_a_result_is_no_answer_and_is_said(appraiser, office, leaf, round_):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        page = book.add_worksheet("Phiếu")
        page.write_row(0, 0, ["Mã đơn vị", "q1"])
        page.write_row(1, 0, ["THan"])
        page.write_formula(1, 1, "=NA()", None, "")
    text = send(appraiser, round_, buffer.getvalue(), "phieu.xlsx").content.decode()
    assert "Phiếu, ô B2" in text and "#REF!" in text


cells = st.sampled_from(
    ["Mã đơn vị", "q1", "q2", "2.3-1", "Mã tiêu chí", "Câu hỏi", "A", "B", "THan", "7", "", "x;y"]
)


@given(st.lists(st.lists(cells, min_size=2, max_size=4), min_size=1, max_size=6))
def test_no_file_gets_past_the_cleaning_with_what_is_not_read(rows):
    content = "\n".join(";".join(f'"{cell}"' for cell in row) for row in rows).encode()
    try:
        kept = read_tables(without_strangers(content, COMPONENTS))[0]
    except FileError:
        return
    layout = answer_layout(kept, COMPONENTS)
    assert layout is not None
    before = read_tables(content)[0]
    assert all(
        cell == before.rows[row][column] and column in layout.known_columns.union(layout.strange_questions)
        for row, found in enumerate(kept.rows)
        for column, cell in enumerate(found)
        if cell
    )
