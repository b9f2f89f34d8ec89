"""The change log: of a year, a sheet and a cell; filters, export, and who sees what."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.urls import reverse

from districts import audit
from districts.audit import Act
from districts.models import Change
from reports.workflow import context_of
from reports.workflow.entering import CellWrite, write_cells

from .factories import OfficeYear, make_office_year

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> OfficeYear:
    made = make_office_year()
    write = CellWrite(
        made.leaves["1.2"].pk,
        "self",
        "value",
        Decimal(9),
        {"completed": "9", "planned": "10"},
        note="Theo báo cáo",
    )
    write_cells(made.sheet, [write], Act(made.people["reporter"], Change.How.FORM))
    return made


def text(client, office: OfficeYear, reader: str, name: str, *args: object, **query: str) -> str:
    client.force_login(office.people[reader])
    response = client.get(reverse(f"office:{name}", args=args), query)
    assert response.status_code == 200
    return response.content.decode()


def test_the_log_of_a_year_tells_who_changed_what(client, office):
    page = text(client, office, "overseer", "year_log", office.year.pk)
    assert "điểm tự chấm" in page and "reporter" in page and "Huyện An" in page and "1.2 Tiêu chí 1.2" in page


def test_what_a_rule_was_told_is_read_in_words_with_its_labels(client, office):
    inputs = {"completed": "1674", "planned": "2000"}
    write = CellWrite(office.leaves["1.2"].pk, "self", "value", None, inputs, note="Theo báo cáo")
    write_cells(office.sheet, [write], Act(office.people["reporter"], Change.How.FORM))
    page = text(client, office, "reporter", "sheet_log", office.sheet.pk)
    assert "nhiệm vụ hoàn thành: 1.674; nhiệm vụ được giao: 2.000" in page
    assert "8,37" in page and "8.37" not in page and "{&#34;" not in page and "completed" not in page


def test_a_status_is_told_in_the_words_of_sheets_and_a_stage_in_those_of_years(client, office):
    record(office, "reports.scoresheet", "status", "open", "submitted")
    record(office, "reports.assessmentyear", "stage", "self_scoring", "submitted")
    page = text(client, office, "overseer", "year_log", office.year.pk)
    assert "<td>đang nhập</td>\n          <td>đã nộp</td>" in page
    assert "<td>tự chấm điểm</td>\n          <td>đã khóa tự chấm điểm</td>" in page


@pytest.mark.parametrize(
    ("model", "field", "value", "said"),
    [
        (
            "evidence",
            "evidence",
            f"Trích xuất · a.pdf (SHA-256 {'0123456789abcdef' * 4})",
            "SHA-256 0123456789ab…)",
        ),
        ("assessmentyear", "deadline_self_scoring", "2026-03-31T10:00:00+00:00", "17:00 31/03/2026"),
        ("assessmentyear", "has_council", "True", "<td>có</td>"),
        ("assessmentyear", "rank_on", "rounded", "điểm đã làm tròn"),
        ("officialresult", "total", "92.41", "92,41"),
        ("score", "survey_points", "not_assessed", "không đánh giá"),
        ("gone", "whatever", "x", "whatever"),
    ],
)
def test_any_entry_is_read_in_words(client, office, model, field, value, said):
    record(office, f"reports.{model}", field, None, value)
    page = text(client, office, "overseer", "year_log", office.year.pk)
    assert said in page
    assert (f"<td>{field}</td>" in page) == (model == "gone")


def test_the_file_of_the_log_keeps_the_whole_checksum(client, office):
    whole = "0123456789abcdef" * 4
    record(office, "reports.evidence", "evidence", None, f"a.pdf (SHA-256 {whole})")
    assert whole in text(client, office, "overseer", "year_log", office.year.pk, export="csv")


def record(office: OfficeYear, model: str, field: str, before: str | None, after: str) -> None:
    entry = audit.Entry(model, 1, "Dòng", field, before, after, context=context_of(office.year))
    audit.record([entry], Act(office.people["publisher"], Change.How.STEP))


def test_the_log_is_filtered_by_person(client, office):
    assert "Theo báo cáo" not in text(client, office, "overseer", "year_log", office.year.pk, who="lead")


def test_the_log_is_filtered_by_day(client, office):
    page = text(client, office, "overseer", "year_log", office.year.pk, until="01/01/2020")
    assert "Không có thay đổi nào" in page


def test_the_log_goes_out_as_csv(client, office):
    client.force_login(office.people["overseer"])
    response = client.get(reverse("office:year_log", args=[office.year.pk]), {"export": "csv"})
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[0].startswith("Lúc,Đơn vị,Dòng") and any("điểm tự chấm,,9," in line for line in lines)


def test_a_unit_reads_its_own_log_alone(client, office):
    assert "điểm tự chấm" in text(client, office, "viewer", "sheet_log", office.sheet.pk)
    client.force_login(office.people["stranger"])
    assert client.get(reverse("office:sheet_log", args=[office.sheet.pk])).status_code == 404
    assert client.get(reverse("office:year_log", args=[office.year.pk])).status_code == 403


def test_the_history_of_a_cell_stands_beside_it(client, office):
    page = text(client, office, "reporter", "cell_log", office.sheet.pk, office.leaves["1.2"].pk)
    assert "Tự chấm" in page and "9 điểm" in page and "Theo báo cáo" in page


def test_before_the_reply_stage_the_unit_reads_no_appraisal(client, office):
    type(office.year).objects.filter(pk=office.year.pk).update(stage="round1")
    type(office.sheet).objects.filter(pk=office.sheet.pk).update(status="submitted")
    write = CellWrite(
        office.leaves["1.2"].pk, "appraised", "value", Decimal(7), reason="Thiếu báo cáo quý II"
    )
    write_cells(office.sheet, [write], Act(office.people["appraiser"], Change.How.FORM))
    leaf = office.leaves["1.2"].pk
    assert "Thiếu báo cáo quý II" in text(client, office, "appraiser", "cell_log", office.sheet.pk, leaf)
    assert "Thiếu báo cáo quý II" not in text(client, office, "reporter", "cell_log", office.sheet.pk, leaf)
    assert "Thiếu báo cáo quý II" not in text(client, office, "reporter", "sheet_log", office.sheet.pk)


def test_before_the_reply_stage_the_unit_reads_no_survey_points(client, office):
    survey = next(leaf for leaf in office.leaves.values() if leaf.origin == "survey")
    write_cells(
        office.sheet,
        [CellWrite(survey.pk, "survey", "value", Decimal("3.75"))],
        Act(office.people["appraiser"], Change.How.FORM),
    )
    assert "3,75" in text(client, office, "appraiser", "cell_log", office.sheet.pk, survey.pk)
    assert "3,75" not in text(client, office, "reporter", "cell_log", office.sheet.pk, survey.pk)
    assert "3,75" not in text(client, office, "reporter", "sheet_log", office.sheet.pk)
