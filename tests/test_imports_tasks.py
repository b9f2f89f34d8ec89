"""Tasks from a spreadsheet: what went out comes in unchanged, and every fault names its cell."""

from __future__ import annotations

import csv
import io

import pytest
from django.urls import reverse

from districts.models import Change
from reports.models import Plan, Task
from tests.factories import OfficeYear, make_office_year, make_unit

pytestmark = pytest.mark.django_db
HEADERS = (
    "Mã việc,Loại,Nội dung,Đơn vị chủ trì (mã),Cơ quan chủ trì,Thời hạn,Tình trạng,Hoàn thành ngày,Kết quả"
)


@pytest.fixture
def office() -> OfficeYear:
    return make_office_year()


@pytest.fixture
def plan(office):
    return Plan.objects.create(unit=office.units["an"], year=2025, title="Kế hoạch 2025")


def sent(client, office, plan, text):
    """Upload a CSV and return the page of its preview."""
    client.force_login(office.people["reporter"])
    file = io.BytesIO(text.encode())
    file.name = "nhiem-vu.csv"
    address = reverse("office:plan_upload", args=[plan.unit_id, plan.pk])
    return client.post(address, {"file": file}, follow=True)


def applied(client, page):
    batch = page.context["batch"]
    address = reverse("office:upload_apply", args=[batch.pk])
    return client.post(address, {"digest": page.context["digest"]}, follow=True)


def test_new_rows_become_tasks(client, office, plan):
    commune = make_unit("Xã Một", level=3, type="Xã", code="00123", parent=office.units["an"])
    row = ",trọng tâm,Số hóa kết quả,123,,30/06/2025,đang thực hiện,,"
    page = sent(client, office, plan, f"{HEADERS}\n{row.replace('trọng tâm', 'nhiệm vụ trọng tâm')}\n")
    assert "Số hóa kết quả" in page.content.decode()
    applied(client, page)
    task = Task.objects.get()
    assert (task.kind, task.responsible, str(task.due_on), task.state) == (
        "key",
        commune,
        "2025-06-30",
        "doing",
    )
    assert Change.objects.filter(model="reports.task", how="import", field="title").count() == 1


def test_the_exported_sheet_changes_nothing_when_it_comes_back(client, office, plan):
    Task.objects.create(plan=plan, title="- Việc một", kind="key", outcome="Đạt 80 %")
    Task.objects.create(plan=plan, title="Việc hai", state="done", done_on="2025-03-01", due_on="2025-04-01")
    client.force_login(office.people["reporter"])
    out = client.get(reverse("office:plan", args=[plan.unit_id, plan.pk]), {"export": "csv"})
    page = sent(client, office, plan, out.content.decode("utf-8-sig"))
    assert page.context["counts"]["unchanged"] == 2
    assert "Tệp không làm thay đổi giá trị nào." in page.content.decode()


def test_a_row_is_found_by_its_number_although_its_text_changed(client, office, plan):
    task = Task.objects.create(plan=plan, title="Việc")
    page = sent(client, office, plan, f"{HEADERS}\n{task.pk},,Việc đã đổi tên,,,,,,\n")
    applied(client, page)
    assert Task.objects.get().title == "Việc đã đổi tên"


@pytest.mark.parametrize(
    ("row", "cell", "said"),
    [
        (",,,,,01/01/2025,,,", "C2", "Chưa ghi nội dung."),
        (",,Việc,,,31/02/2025,,,", "F2", ""),
        (",,Việc,,,,mơ hồ,,", "G2", "Chỉ ghi: chưa bắt đầu, đang thực hiện"),
        (",,Việc,999,,,,,", "D2", "Không có đơn vị trực thuộc mang mã này."),
        ("987654,,Việc,,,,,,", "A2", "Không có nhiệm vụ mang mã này"),
    ],
)
def test_every_fault_names_its_cell_and_nothing_is_written(client, office, plan, row, cell, said):
    page = sent(client, office, plan, f"{HEADERS}\n{row}\n")
    text = page.content.decode()
    assert f"ô {cell}" in text and said in text
    assert not page.context["may_apply"] and not Task.objects.exists()


def test_a_task_written_twice_is_refused_with_the_first_row(client, office, plan):
    page = sent(client, office, plan, f"{HEADERS}\n,,Việc,,,,,,\n,,viec,,,,,,\n")
    assert "Lặp lại nhiệm vụ ở hàng 2." in page.content.decode()


def test_what_the_workflow_refuses_comes_back_beside_its_row(client, office, plan):
    page = sent(client, office, plan, f"{HEADERS}\n,,Việc,,,,đang thực hiện,01/02/2025,\n")
    answer = applied(client, page)
    assert "Chỉ việc đã hoàn thành mới có ngày hoàn thành." in answer.content.decode()
    assert not Task.objects.exists()


def test_a_sheet_without_the_heading_is_said_so(client, office, plan):
    page = sent(client, office, plan, "a,b\n1,2\n")
    assert "Không tìm thấy hàng tiêu đề" in page.content.decode()


def test_a_row_begins_with_no_formula(client, office, plan):
    Task.objects.create(plan=plan, title="=1+1")
    client.force_login(office.people["reporter"])
    out = client.get(reverse("office:plan", args=[plan.unit_id, plan.pk]), {"export": "csv"})
    rows = list(csv.reader(io.StringIO(out.content.decode("utf-8-sig"))))
    assert rows[1][2] == "'=1+1"


def test_a_number_written_twice_is_refused_before_anything_is_applied(client, office, plan):
    task = Task.objects.create(plan=plan, title="Việc")
    page = sent(client, office, plan, f"{HEADERS}\n{task.pk},,Việc một,,,,,,\n{task.pk},,Việc hai,,,,,,\n")
    assert "ô A3" in page.content.decode() and "Lặp lại nhiệm vụ ở hàng 2." in page.content.decode()
    assert not page.context["may_apply"]


@pytest.mark.parametrize("number", ["9" * 30, "²", "-1"])
def test_a_number_that_none_can_have_is_a_fault_of_its_cell(client, office, plan, number):
    page = sent(client, office, plan, f"{HEADERS}\n{number},,Việc,,,,,,\n")
    assert "ô A2" in page.content.decode() and "Không có nhiệm vụ mang mã này" in page.content.decode()
