"""Before a sheet is handed in it is said what it lacks; after that its unit can take it back for a while."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal as D

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from districts.models import Change
from reports.models import AssessmentYear, Deadline, Score

from .factories import OfficeYear, make_office_year


@pytest.fixture
def office(db: None) -> OfficeYear:
    return make_office_year()


def client_of(office: OfficeYear, person: str) -> Client:
    client = Client()
    client.force_login(office.people[person])
    return client


def text(office: OfficeYear, person: str, name: str = "sheet_check", *args: str) -> str:
    address = reverse(f"office:{name}", args=[office.sheet.pk, *args])
    return " ".join(client_of(office, person).get(address).content.decode().split())


def fill(office: OfficeYear, **points: str) -> None:
    for code, given in points.items():
        leaf = office.leaves[code.removeprefix("c").replace("_", ".")]
        said = {"self_state": "value", "self_points": D(given)}
        Score.objects.create(sheet=office.sheet, criterion=leaf, **said)


def take(office: OfficeYear, person: str, step: str, **said: str):
    address = reverse("office:sheet_step", args=[office.sheet.pk, step])
    answer = client_of(office, person).post(address, said, follow=True)
    office.sheet.refresh_from_db()
    return answer


def filled(office: OfficeYear) -> None:
    fill(office, c1_1="2", c1_2="9", c2_1="7")


def test_handing_in_asks_first_and_links_each_component_that_is_missing(office):
    fill(office, c1_1="2", c1_2="9")
    shown = text(office, "lead")
    leaf = office.leaves["2.1"]
    assert "Còn 1 tiêu chí chưa tự chấm" in shown
    assert f'<a href="{reverse("office:sheet", args=[office.sheet.pk])}?area=2#row-{leaf.pk}">2.1' in shown
    assert '<button type="submit" class="button">Nộp phiếu' not in shown
    answer = take(office, "lead", "submit")
    assert office.sheet.status == "open"
    # Who sends it all the same is led to the same list.
    assert answer.redirect_chain[-1][0] == reverse("office:sheet_check", args=[office.sheet.pk])


def test_points_without_evidence_and_other_than_by_the_rule_are_named(office):
    filled(office)
    leaf = office.leaves["1.2"]
    Score.objects.filter(criterion=leaf).update(self_inputs={"completed": "8", "planned": "10"})
    score = Score.objects.get(criterion=office.leaves["1.1"])
    score.evidence.create(stage="self", title="Báo cáo", url="https://example.vn/", by=office.people["lead"])
    shown = text(office, "lead")
    assert "2 tiêu chí có điểm nhưng chưa có tài liệu kiểm chứng" in shown
    assert "1 tiêu chí khác với cách tính đã khai" in shown
    assert "tự chấm 9 điểm, theo cách tính 8 điểm" in shown
    assert '<button type="submit" class="button">Nộp phiếu' in shown


def test_the_old_address_of_handing_in_leads_to_the_check(office):
    address = reverse("office:sheet_step", args=[office.sheet.pk, "submit"])
    answer = client_of(office, "lead").get(address)
    assert answer["Location"] == reverse("office:sheet_check", args=[office.sheet.pk])


def test_a_clerk_reads_that_the_lead_hands_in(office):
    filled(office)
    assert "Lãnh đạo đơn vị nộp phiếu." in text(office, "reporter", "sheet")
    assert '<button type="submit" class="button">Nộp phiếu' not in text(office, "reporter")
    assert "Lãnh đạo đơn vị nộp phiếu." not in text(office, "lead", "sheet")
    assert "Lãnh đạo đơn vị nộp phiếu." not in text(office, "appraiser", "sheet")


def test_a_lead_takes_a_sheet_back_with_a_reason_in_the_log(office):
    filled(office)
    take(office, "lead", "submit")
    assert office.sheet.status == "submitted"
    assert "lãnh đạo đơn vị rút lại phiếu" in text(office, "reporter", "sheet")
    assert "Rút lại phiếu</a>" in text(office, "lead", "sheet")
    take(office, "lead", "withdraw")
    assert office.sheet.status == "submitted"
    take(office, "lead", "withdraw", reason="Sót một văn bản")
    assert (office.sheet.status, office.sheet.submitted_at) == ("open", None)
    last = Change.objects.filter(field="status").latest("pk")
    assert (last.after, last.reason) == ("open", "Sót một văn bản")


@pytest.mark.parametrize("person", ["reporter", "appraiser", "publisher"])
def test_nobody_else_takes_a_sheet_back(office, person):
    filled(office)
    take(office, "lead", "submit")
    assert take(office, person, "withdraw", reason="Thử").status_code == 403
    assert office.sheet.status == "submitted"


def test_a_sheet_is_not_taken_back_after_the_deadline(office):
    filled(office)
    take(office, "lead", "submit")
    Deadline.objects.update(at=timezone.now() - dt.timedelta(hours=1))
    assert "Rút lại phiếu</a>" not in text(office, "lead", "sheet")
    answer = take(office, "lead", "withdraw", reason="Sót").content.decode()
    assert "Thời hạn tự chấm điểm đã qua" in answer and office.sheet.status == "submitted"


def test_a_sheet_is_not_taken_back_once_somebody_has_begun_to_appraise_it(office):
    filled(office)
    take(office, "lead", "submit")
    # The year was in the first round and has gone back.
    office.sheet.scores.first().judgements.create(stage="round1", state="value", points=1)
    assert "Rút lại phiếu</a>" not in text(office, "lead", "sheet")
    answer = take(office, "lead", "withdraw", reason="Sót").content.decode()
    assert "đã bắt đầu được thẩm định" in answer and office.sheet.status == "submitted"


def test_once_entry_is_closed_it_is_said_whom_to_ask(office):
    filled(office)
    take(office, "lead", "submit")
    AssessmentYear.objects.update(stage="submitted")
    assert "đề nghị cơ quan tổ chức đánh giá mở lại phiếu" in text(office, "reporter", "sheet")
    take(office, "lead", "withdraw", reason="Sót")
    assert office.sheet.status == "submitted"
