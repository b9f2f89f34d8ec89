"""Building a criteria set on the screen: the tree, the rules, checks, trials, files, and the freeze."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from districts.models import Change
from reports import criteria_editing as editing
from reports import criteria_rows
from reports.criteria_files import parse_set
from reports.models import AssessmentYear, CriteriaSet, Criterion, Publication
from reports.office.forms_rules import FORMS, SurveyForm
from reports.rules import KINDS, SchemaError

from .factories import OfficeYear, make_office_year

ROWS: list[Sequence[object]] = [
    list(criteria_rows.HEADERS),
    ["1", "Chỉ đạo", 3, "", "", "", ""],
    ["1.1", "Kế hoạch", "1", "TĐ", "Mức", "Đủ=1; Chậm=0,5; Không=0", "Kế hoạch"],
    ["1.2", "Hoàn thành", "2", "TĐ", "Tỷ lệ", "mục tiêu=100; sàn=70; tử=việc xong; mẫu=việc giao", ""],
    ["2", "Tác động", 2, "", "", "", ""],
    ["2.1", "Khảo sát", "2", "XHH", "Khảo sát", "câu hỏi=3; đối tượng=người dân; A=100; B=60; C=0", ""],
]


@pytest.fixture
def office(db: None) -> OfficeYear:
    made = make_office_year(stage="prepare")
    CriteriaSet.objects.filter(pk=made.criteria_set.pk).update(organiser=made.organiser)
    return made


@pytest.fixture
def draft(office: OfficeYear, client) -> OfficeYear:
    client.force_login(office.people["administrator"])
    return office


def address(name: str, office: OfficeYear, *args: object) -> str:
    return reverse(f"office:{name}", args=[office.criteria_set.slug, *args])


def node_fields(**overrides: str) -> dict[str, str]:
    return {"code": "1.3", "title": "Tuyên truyền", "max_points": "1,5", "origin": "appraised", **overrides}


def test_a_leaf_is_added_below_its_area_in_its_place(client, draft):
    area = Criterion.objects.get(criteria_set=draft.criteria_set, code="1")
    client.post(address("criteria_node_new", draft), node_fields(parent=str(area.pk)))
    codes = list(draft.criteria_set.criteria.order_by("order").values_list("code", flat=True))
    assert codes == ["1", "1.1", "1.2", "1.3", "2", "2.1", "2.2"]


def test_a_node_with_children_cannot_be_scored_itself(client, draft):
    area = Criterion.objects.get(criteria_set=draft.criteria_set, code="1")
    response = client.post(
        address("criteria_node", draft, area.pk), node_fields(code="1", origin="appraised")
    )
    assert "không chấm điểm trực tiếp" in response.content.decode()


def test_a_node_never_lies_below_itself(client, draft):
    area = Criterion.objects.get(criteria_set=draft.criteria_set, code="1")
    leaf = draft.leaves["1.1"]
    fields = node_fields(code="1", origin="", parent=str(leaf.pk), max_points="12")
    assert (
        "không nằm trong chính nó"
        in client.post(address("criteria_node", draft, area.pk), fields).content.decode()
    )


def test_moving_up_swaps_with_the_one_above(client, draft):
    client.post(address("criteria_move", draft, draft.leaves["1.2"].pk), {"up": ""})
    codes = list(draft.criteria_set.criteria.order_by("order").values_list("code", flat=True))
    assert codes == ["1", "1.2", "1.1", "2", "2.1", "2.2"]


def test_a_deleted_leaf_is_gone_and_remembered(client, draft):
    client.post(address("criteria_delete", draft, draft.leaves["1.1"].pk))
    assert not Criterion.objects.filter(pk=draft.leaves["1.1"].pk).exists()
    assert Change.objects.get(model="reports.criterion").before == "1.1"


def test_every_kind_of_rule_has_a_form():
    assert FORMS.keys() == KINDS.keys()


def test_a_rule_is_declared_by_its_form(client, draft):
    leaf = draft.leaves["1.1"]
    fields = {
        "label_0": "Đủ",
        "points_0": "2",
        "label_1": "Thiếu",
        "points_1": "0,5",
        "not_applicable": "full_points",
    }
    assert client.post(f"{address('criteria_rule', draft, leaf.pk)}?kind=levels", fields).status_code == 302
    leaf.refresh_from_db()
    levels = [(level["label"], level["points"]) for level in leaf.rule["levels"]]
    assert levels == [("Đủ", "2"), ("Thiếu", "0.5")]


def test_a_rule_that_does_not_reach_the_maximum_is_refused(client, draft):
    leaf = draft.leaves["1.1"]
    fields = {"label_0": "Đủ", "points_0": "1", "not_applicable": "leaves_maximum"}
    text = client.post(f"{address('criteria_rule', draft, leaf.pk)}?kind=levels", fields).content.decode()
    assert "phải bằng điểm tối đa" in text


@pytest.mark.parametrize("code", ["1.1", "1.2", "2.1", "2.2"])
def test_a_rule_survives_its_form(draft, code):
    rule = draft.leaves[code].rule
    form_class = FORMS[rule["kind"]]
    initial = {
        key: str(value).replace(".", ",") if not isinstance(value, str) else value
        for key, value in form_class.initial_of(rule).items()
    }
    form = form_class(initial)
    assert form.is_valid(), form.errors
    assert form.rule(rule) == rule


def test_a_trial_calculation_explains_itself(client, draft):
    leaf = draft.leaves["1.2"]
    text = client.get(
        address("criteria_trial", draft, leaf.pk), {"applies": "1", "completed": "45", "planned": "50"}
    ).content.decode()
    assert "9,00" in text and "tính theo quy tắc" in text and "90" in text


def test_a_trial_with_a_negative_number_says_so(client, draft):
    query = {"applies": "1", "completed": "-1", "planned": "50"}
    text = client.get(address("criteria_trial", draft, draft.leaves["1.2"].pk), query).content.decode()
    assert "phải từ 0 trở lên" in text


def test_sums_that_do_not_add_up_are_listed(draft):
    draft.criteria_set.criteria.filter(code="1").update(max_points=13)
    CriteriaSet.objects.filter(pk=draft.criteria_set.pk).update(max_points=25)
    draft.criteria_set.refresh_from_db()
    assert "[1].max_points" in {fault.path for fault in editing.faults(draft.criteria_set)}


def test_which_sets_are_frozen_is_read_in_two_queries(office, django_assert_num_queries):
    CriteriaSet.objects.create(name="Bộ khung", slug="khung")
    AssessmentYear.objects.filter(pk=office.year.pk).update(stage="round1")
    with django_assert_num_queries(2):
        frozen = editing.frozen_sets()
    assert frozen == {office.criteria_set.pk}


def test_a_set_in_use_is_frozen(client, draft):
    draft.year.stage = "self_scoring"
    draft.year.save()
    response = client.post(address("criteria_delete", draft, draft.leaves["1.1"].pk), follow=True)
    assert "lập bản mới" in response.content.decode()
    assert Criterion.objects.filter(pk=draft.leaves["1.1"].pk).exists()


def test_a_new_version_links_each_node_to_the_one_before(client, draft):
    fields = {"organiser": str(draft.organiser.pk), "name": "Bộ mới", "slug": "bo-moi"}
    client.post(address("criteria_copy", draft), fields)
    copy = CriteriaSet.objects.get(slug="bo-moi")
    pairs = [
        (node.code, node.previous and node.previous.code, node.parent and node.parent.code)
        for node in copy.criteria.all()
    ]
    assert copy.previous == draft.criteria_set and ("1.1", "1.1", "1") in pairs and len(pairs) == 6


def test_only_administrators_of_the_organiser_build(client, office):
    for who in ("publisher", "appraiser", "lead"):
        client.force_login(office.people[who])
        assert client.get(reverse("office:criteria")).status_code == 403
        assert client.post(address("criteria_delete", office, office.leaves["1.1"].pk)).status_code == 403


def test_rows_of_a_spreadsheet_declare_a_set():
    document = criteria_rows.document(ROWS, slug="tu-tep", name="Từ tệp", status="verified")
    text = parse_set(document)
    assert [area.code for area in text.areas] == ["1", "2"]
    assert text.areas[0].children[1].rule["floor_percent"] == "70"


def test_a_row_below_a_node_that_is_not_there_names_its_row():
    with pytest.raises(criteria_rows.RowsError, match="Dòng 2: chưa có dòng của mã 3"):
        criteria_rows.document([ROWS[0], ["3.1", "X", "1", "TĐ", "Có/không", "", ""]])


CELLS = st.sampled_from(
    [
        None,
        "",
        "1",
        "1.1",
        "2.",
        1.0,
        1.1,
        float("nan"),
        -1,
        "TĐ",
        "XHH",
        "Mức",
        "Tỷ lệ",
        "Khảo sát",
        "A=1;B=",
        "=",
        "x",
    ]
)


@given(st.lists(st.lists(CELLS, max_size=8), max_size=4))
def test_any_rows_are_read_or_refused(rows):
    with contextlib.suppress(criteria_rows.RowsError, SchemaError):
        parse_set(
            criteria_rows.document(
                [list(criteria_rows.HEADERS), *rows], slug="x", name="x", status="verified"
            )
        )


def test_a_csv_file_becomes_a_set_of_the_organiser(client, draft):
    lines = "\n".join(",".join(f'"{cell}"' for cell in row) for row in ROWS)
    file = SimpleUploadedFile("bo.csv", lines.encode("utf-8-sig"))
    fields = {"organiser": str(draft.organiser.pk), "file": file, "name": "Từ tệp", "slug": "tu-tep"}
    client.post(reverse("office:criteria_import"), fields)
    made = CriteriaSet.objects.get(slug="tu-tep")
    assert made.organiser == draft.organiser and made.criteria.filter(is_leaf=True).count() == 3


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"slug": 1}', b"\xff\xfe"])
def test_what_is_no_set_is_refused_with_words(client, draft, content):
    file = SimpleUploadedFile("bo.json", content)
    response = client.post(
        reverse("office:criteria_import"), {"organiser": str(draft.organiser.pk), "file": file}
    )
    assert response.status_code == 200 and "notice-error" in response.content.decode()


def test_a_workbook_that_is_none_is_refused(client, draft):
    file = SimpleUploadedFile("bo.xlsx", b"PK\x03\x04 not a workbook")
    fields = {"organiser": str(draft.organiser.pk), "file": file, "name": "X", "slug": "x"}
    assert (
        "Tệp bị hỏng, không mở được"
        in client.post(reverse("office:criteria_import"), fields).content.decode()
    )


def test_a_file_never_takes_over_the_set_of_another_organiser(client, draft):
    CriteriaSet.objects.create(slug="cua-ho", name="Của họ", status="sample")
    document = criteria_rows.document(ROWS, slug="cua-ho", name="Từ tệp", status="verified")
    file = SimpleUploadedFile("bo.json", json.dumps(document).encode())
    response = client.post(
        reverse("office:criteria_import"), {"organiser": str(draft.organiser.pk), "file": file}
    )
    assert "cơ quan khác" in response.content.decode()
    assert CriteriaSet.objects.get(slug="cua-ho").name == "Của họ"


def test_what_is_handed_out_reads_in_again_unchanged(client, draft):
    fields = {"organiser": str(draft.organiser.pk), "name": "Từ tệp", "slug": "tu-tep"}
    lines = "\n".join(",".join(f'"{cell}"' for cell in row) for row in ROWS)
    client.post(
        reverse("office:criteria_import"), {**fields, "file": SimpleUploadedFile("bo.csv", lines.encode())}
    )
    content = client.get(reverse("office:criteria_export", args=["tu-tep"])).content
    before = editing.set_text(CriteriaSet.objects.get(slug="tu-tep"))
    client.post(reverse("office:criteria_import"), {**fields, "file": SimpleUploadedFile("bo.json", content)})
    assert editing.set_text(CriteriaSet.objects.get(slug="tu-tep")) == before


def test_a_draft_is_not_public_until_a_result_stands_on_it(client, draft):
    fields = {"organiser": str(draft.organiser.pk), "name": "Bộ mới", "slug": "bo-moi"}
    client.force_login(draft.people["administrator"])
    client.post(address("criteria_copy", draft), fields)
    made = CriteriaSet.objects.get(slug="bo-moi")
    assert client.get("/methodology/bo-moi/").status_code == 404
    assert "Bộ mới" not in client.get("/methodology/").content.decode()
    Publication.objects.create(
        assessment_year=draft.year,
        criteria_set=made,
        published_at=timezone.now(),
        roster_size=1,
        ranking_rule="competition",
        rank_on="rounded",
        round_at="total",
        digits=2,
    )
    assert client.get("/methodology/bo-moi/").status_code == 200


def test_what_a_ratio_asks_of_its_figures_goes_through_its_form_unchanged():
    declared = {
        "kind": "proportional",
        "target_percent": "100",
        "numerator": {"name": "done", "label": "việc xong", "measure": "amount"},
        "denominator": {"name": "all", "label": "việc giao"},
        "above_100": "refused",
        "not_applicable": "leaves_maximum",
        "zero_denominator": "zero",
    }
    form = FORMS["proportional"](FORMS["proportional"].initial_of(declared))
    assert form.is_valid(), form.errors
    assert form.rule(declared) == declared


def test_a_row_says_what_a_share_above_100_percent_asks_for():
    parameters = "mục tiêu=100; tử=việc xong; mẫu=việc giao; trên 100 %=thuyết minh"
    rows = [*ROWS[:3], ["1.2", "Hoàn thành", "2", "TĐ", "Tỷ lệ", parameters, ""]]
    set_ = criteria_rows.document(rows, slug="thu")
    assert set_["areas"][0]["children"][1]["rule"]["above_100"] == "explained"
    rows[-1] = [*rows[-1][:5], parameters.replace("thuyết minh", "tùy"), ""]
    with pytest.raises(criteria_rows.RowsError, match="Dòng 4: “trên 100 %” chỉ ghi"):
        criteria_rows.document(rows, slug="thu")


def test_a_survey_s_rule_goes_through_its_form_unchanged():
    declared = {
        "kind": "survey",
        "questions": 2,
        "respondents": "công chức",
        "options": [
            {"key": "A", "label": "Rất tốt", "weight_percent": "100"},
            {"key": "D", "weight_percent": "0"},
        ],
        "groups": [
            {"key": "people", "label": "Người dân", "weight_percent": "62.5"},
            {"key": "heads", "label": "Lãnh đạo sở", "weight_percent": "37.5"},
        ],
        "not_applicable": "leaves_maximum",
        "zero_denominator": "not_applicable",
    }
    form = SurveyForm(SurveyForm.initial_of(declared))
    assert form.is_valid(), form.errors
    assert form.rule(declared) == declared


def test_a_group_without_its_weight_is_asked_for():
    form = SurveyForm({"group_0": "Người dân"})
    assert form.errors["group_weight_0"] == ["Dòng này nhập chưa đủ."]
