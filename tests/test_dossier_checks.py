"""What is said of a unit's dossier counts beside other periods, fields and communes, and what that does to a write."""

import datetime as dt

import pytest

from districts.audit import Act
from districts.models import Change, Level, Unit
from reports.models import DossierCount, DossierField
from reports.workflow.dossier_checks import check_dossier_rows
from reports.workflow.figures import RowResult, RowWrite, write_rows
from tests.factories import make_unit

BY_COMMAND = Act(None, Change.How.COMMAND)


@pytest.fixture
def district(db: None) -> Unit:
    return make_unit("An", code="AN")


def month(number: int, scope: str = "own", field: DossierField | None = None) -> dict[str, object]:
    end = (dt.date(2025, number, 28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    return {"scope": scope, "starts_on": dt.date(2025, number, 1), "ends_on": end, "field": field}


def write(unit: Unit, key: dict[str, object], **values: object) -> RowResult:
    return write_rows(unit, [RowWrite(DossierCount, key, values)], BY_COMMAND)[0]


def test_a_carry_over_that_is_not_what_was_pending_needs_a_reason(district):
    assert write(district, month(1), pending=12).outcome == "saved"
    refused = write(district, month(2), carried_over=15)
    assert (refused.outcome, list(refused.errors)) == ("refused", ["gap_reason"])
    assert "chênh lệch 3 hồ sơ" in refused.message
    saved = write(district, month(2), carried_over=15, gap_reason="nhận bàn giao 3 hồ sơ giấy")
    assert (saved.outcome, [said.key for said in saved.said]) == ("saved", ["carried_over"])


def test_what_cannot_be_is_refused_even_with_a_reason(district):
    refused = write(district, month(1), resolved=10, digitised_results=11, gap_reason="vẫn đúng")
    assert (refused.outcome, list(refused.errors)) == ("refused", ["digitised_results"])


def test_rows_of_one_write_are_seen_together(district):
    land, birth = (DossierField.objects.create(slug=slug, name=slug) for slug in ("dat-dai", "ho-tich"))
    writes = [
        RowWrite(DossierCount, month(1), {"received": 10}),
        RowWrite(DossierCount, month(1, field=land), {"received": 6}),
        RowWrite(DossierCount, month(1, field=birth), {"received": 3}),
    ]
    total, *fields = write_rows(district, writes, BY_COMMAND)
    assert (total.outcome, [one.outcome for one in fields]) == ("refused", ["saved", "saved"])
    assert "cộng 2 lĩnh vực được 9, dòng tổng số ghi 10: chênh lệch 1 hồ sơ" in total.message


def test_the_communes_block_is_compared_when_all_communes_report_themselves(district):
    communes = [
        make_unit(name, code=name, level=Level.COMMUNE, type="Xã", parent=district) for name in ("Ba", "Bốn")
    ]
    assert write(communes[0], month(1), received=6).outcome == "saved"
    assert write(district, month(1, "communes"), received=10).outcome == "saved"
    assert write(communes[1], month(1), received=3).outcome == "saved"
    (said,) = check_dossier_rows(DossierCount.objects.filter(scope="communes"))
    assert [one.text for one in said] == [
        "Cột “tiếp nhận”: cộng số liệu 2/2 xã tự báo cáo được 9, khối xã ghi 10: chênh lệch 1 hồ sơ."
    ]


def test_the_whole_territory_is_its_office_and_its_communes(district):
    write(district, month(1), received=6)
    write(district, month(1, "communes"), received=3)
    refused = write(district, month(1, "territory"), received=10)
    assert "toàn địa bàn ghi 10: chênh lệch 1 hồ sơ" in refused.message


def test_a_quarter_is_not_less_than_one_of_its_months(district):
    write(district, month(2), resolved=11)
    quarter = {**month(1), "ends_on": dt.date(2025, 3, 31)}
    refused = write(district, quarter, resolved=10)
    assert "ít hơn 11 của riêng kỳ 01/02/2025 – 28/02/2025" in refused.message


def test_checking_costs_the_same_for_many_rows(district, django_assert_num_queries):
    for number in range(1, 13):
        write(district, month(number, "communes"), received=number)
    rows = list(DossierCount.objects.select_related("unit"))
    with django_assert_num_queries(2):
        check_dossier_rows(rows)
