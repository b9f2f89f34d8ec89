"""The form of dossiers: typed, checked, saved row by row or as a whole; and the seeds' own contradictions."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from districts.audit import Act
from districts.models import Change, Level
from reports.demo import reports
from reports.dossier_columns import BY_NAME, cell_text
from reports.models import DossierCount, DossierField
from reports.office.dossier_form import PlaceForm
from reports.periods import Period
from reports.workflow.figure_checks import check
from reports.workflow.figures import RowWrite, write_rows
from tests.factories import OfficeYear, make_office_year, make_unit

FIVE_MONTHS = {"scope": "own", "starts_on": "01/01/2024", "ends_on": "31/05/2024"}


@pytest.fixture
def office(db: None) -> OfficeYear:
    return make_office_year()


@pytest.fixture
def reporter(office: OfficeYear) -> Client:
    client = Client()
    client.force_login(office.people["reporter"])
    return client


def address(office: OfficeYear, name: str) -> str:
    return reverse(f"office:{name}", args=[office.units["an"].pk])


def row(key: int = 0, **texts: str) -> dict[str, str]:
    return {f"{name}-{key}": text for name, text in texts.items()}


def post(client: Client, office: OfficeYear, *rows: dict[str, str], **fields: object):
    keys = [next(iter(one)).rsplit("-", 1)[1] for one in rows]
    posted = {**FIVE_MONTHS, "row": keys, **{k: v for one in rows for k, v in one.items()}, **fields}
    return client.post(address(office, "dossier_cells"), posted, headers={"Accept": "application/json"})


def answer(client: Client, office: OfficeYear, **texts: str) -> dict[str, Any]:
    (found,) = post(client, office, row(**texts)).json()["rows"]
    return found


XUAN_TRUONG = {
    "received": "1.674",
    "received_direct": "37",
    "received_online": "1389",
    "resolved": "1.547",
    "resolved_early": "1.068",
    "resolved_on_time": "479",
    "pending": "86",
    "awaiting_supplement": "26",
    "returned": "15",
    "digitised_results": "1524",
    "printed_digitised_rate": "98,5%",
}
XUAN_TRUONG_COMMUNES = {
    "received": "8.210",
    "received_direct": "1",
    "received_online": "8.209",
    "resolved": "8.202",
    "resolved_early": "7.056",
    "resolved_on_time": "1.144",
    "resolved_late": "2",
    "returned": "6",
    "digitised_results": "8.184",
    "printed_digitised_rate": "99,7%",
}
PHU_YEN = {"resolved_on_time": "330.048", "pending": "21.755", "late_unspecified": "50"}
TAY_HOA = {"on_time_or_early": "4.936", "printed_on_time_rate": "98,52%"}


@pytest.mark.parametrize(
    ("counts", "says"),
    [
        (
            XUAN_TRUONG,
            "Trực tuyến + trực tiếp = 1.389 + 37 = 1.426, tổng số tiếp nhận = 1.674, lệch 248; "
            "ô còn trống: từ kỳ trước chuyển sang.",
        ),
        (
            XUAN_TRUONG_COMMUNES,
            "8.202 + 6 = 8.208, tổng số tiếp nhận = 8.210, lệch 2; ô còn trống: đang giải quyết.",
        ),
        (
            PHU_YEN | {"received": "trên 351.000"},
            "= 351.853; tổng số tiếp nhận ghi “trên 351.000”, chênh 853",
        ),
        (PHU_YEN | {"received": "351.000"}, "= 351.853, tổng số tiếp nhận = 351.000, lệch 853"),
    ],
)
def test_what_the_reports_contradict_themselves_in_needs_a_reason_when_typed_here(
    office, reporter, counts, says
):
    refused = answer(reporter, office, **counts)
    assert (refused["outcome"], "gap_reason" in refused["fields"]) == ("refused", True)
    assert says in refused["message"]
    assert not DossierCount.objects.exists()
    saved = answer(reporter, office, **counts, gap_reason="theo báo cáo đã đăng")
    assert saved["outcome"] == "saved" and says in saved["message"]
    assert DossierCount.objects.get().gap_reason == "theo báo cáo đã đăng"


IN_ORDER = ("received", "received_online", "received_direct", "carried_over", "resolved")


def test_a_row_is_not_scolded_for_cells_that_are_still_to_come(office, reporter):
    typed: dict[str, str] = {}
    for name, text in zip(IN_ORDER[:3], ("1.250", "1.000", "200"), strict=True):
        typed[name] = text
        saved = answer(reporter, office, **typed)
        assert (saved["outcome"], saved["message"], saved["fields"]) == ("saved", "", [])
    page = reporter.get(address(office, "dossier_counts"), FIVE_MONTHS).content.decode()
    assert "lệch 50" not in page
    (said,) = (one for one in check(DossierCount, list(DossierCount.objects.all()))[0] if one.is_open)
    assert said.level == "warn" and "lệch 50" in said.text, "named every night and before a release"
    assert answer(reporter, office, **typed, carried_over="50")["outcome"] == "saved"


@pytest.mark.parametrize(
    "beyond", [{"carried_over": "0"}, {"resolved": "1.100"}, {"digitised_on_receipt": "1.100"}]
)
def test_once_the_row_goes_on_what_was_left_empty_needs_a_reason(office, reporter, beyond):
    typed = {"received": "1.250", "received_online": "1.000", "received_direct": "200"}
    refused = answer(reporter, office, **typed, **beyond)
    assert refused["outcome"] == "refused" and "gap_reason" in refused["fields"]
    assert "tổng số tiếp nhận = 1.250, lệch 50" in refused["message"]
    assert refused["message"].endswith("Hãy sửa lại, hoặc giải thích chênh lệch.")


def test_a_sum_that_is_too_great_already_is_said_at_once(office, reporter):
    refused = answer(reporter, office, received="1.250", received_online="1.300")
    assert "Trực tuyến = 1.300, tổng số tiếp nhận = 1.250, lệch 50." in refused["message"]


def test_a_rate_that_was_cut_off_is_remarked_beside_the_gap_of_two(office, reporter):
    saved = answer(reporter, office, **XUAN_TRUONG_COMMUNES, gap_reason="theo báo cáo")
    assert (
        "99,7805\u202f%, làm tròn là 99,8\u202f%; tỷ lệ đã công bố 99,7\u202f% là cắt bớt" in saved["message"]
    )


def test_a_total_given_away_by_its_rate_is_shown_without_asking_for_a_reason(office, reporter):
    saved = answer(reporter, office, **TAY_HOA)
    assert saved["outcome"] == "saved" and "chỉ tổng số 5.010 hồ sơ là phù hợp" in saved["message"]


def test_what_is_typed_is_stored_as_typed(office, reporter):
    answer(reporter, office, **XUAN_TRUONG, gap_reason="theo báo cáo")
    stored = DossierCount.objects.get()
    assert (stored.received, stored.carried_over, stored.awaiting_supplement) == (1674, None, 26)
    assert stored.printed_digitised_rate == Decimal("98.500")
    assert (stored.starts_on, stored.ends_on) == (dt.date(2024, 1, 1), dt.date(2024, 5, 31))
    page = reporter.get(address(office, "dossier_counts"), FIVE_MONTHS).content.decode()
    assert 'value="1.674"' in page and 'value="98,5%"' in page and "lệch 248" in page


DEMO_ROWS = [
    pytest.param(row, id=f"{report.name}-{row.id}")
    for report in reports()
    for row in report.rows
    if row.model == "DossierCount"
]


@pytest.mark.parametrize("printed", DEMO_ROWS)
def test_every_dossier_figure_of_the_reports_can_be_typed_in_as_it_was_printed(office, reporter, printed):
    fields = printed.fields
    said = fields.get("qualified", {})
    texts = {name: cell_text(name, fields[name], said) for name in BY_NAME if name in fields}
    days = {name: f"{fields[name]:%d/%m/%Y}" for name in ("starts_on", "ends_on")}
    posted = {"scope": fields["scope"], **days, "row": ["0"], **row(**texts, gap_reason="như đã đăng")}
    response = reporter.post(address(office, "dossier_cells"), posted)
    assert response.status_code == 302
    stored = DossierCount.objects.get()
    assert {name: getattr(stored, name) for name in BY_NAME if name in fields} == {
        name: fields[name] for name in BY_NAME if name in fields
    }
    assert {name: one["quality"] for name, one in stored.qualified.items()} == {
        name: one["quality"] for name, one in said.items()
    }


def test_more_than_can_be_is_refused_beside_its_cell(office, reporter):
    refused = answer(reporter, office, resolved="10", digitised_results="11", gap_reason="đúng vậy")
    assert (refused["outcome"], "digitised_results" in refused["fields"]) == ("refused", True)


def test_what_cannot_be_read_is_refused_beside_its_cell(office, reporter):
    refused = answer(reporter, office, received="nhiều lắm")
    assert (refused["outcome"], refused["fields"]) == ("refused", ["received"])
    assert refused["message"] == "Tiếp nhận, Tổng số: Không phải là số; hãy ghi như 1674."


def test_the_declared_convention_decides_what_is_a_gap(office, reporter):
    beside = row(received="108", resolved="80", pending="20", awaiting_supplement="8")
    (refused,) = post(reporter, office, beside, convention="inside").json()["rows"]
    assert "tổng số tiếp nhận = 108, lệch 8" in refused["message"]
    (saved,) = post(reporter, office, beside, convention="beside").json()["rows"]
    assert saved["outcome"] == "saved"
    assert DossierCount.objects.get().convention == "beside"


def test_fields_are_rows_and_their_sums_run_along(office, reporter):
    land, birth = (DossierField.objects.create(slug=slug, name=slug) for slug in ("dat-dai", "ho-tich"))
    answered = post(
        reporter,
        office,
        row(received="10"),
        row(land.pk, received="6"),
        row(birth.pk, received="4"),
    ).json()
    assert [one["outcome"] for one in answered["rows"]] == ["saved"] * 3
    assert answered["sums"]["received"] == {"sum": "10"}
    (total,) = [
        one for one in post(reporter, office, row(land.pk, received="7")).json()["rows"] if one["row"] == 0
    ]
    assert "cộng 2 lĩnh vực được 11, dòng tổng số ghi 10" in total["message"]


def test_an_emptied_row_is_taken_away_and_logged(office, reporter):
    answer(reporter, office, received="10")
    assert answer(reporter, office, received="", version="1")["outcome"] == "removed"
    assert not DossierCount.objects.exists()
    assert Change.objects.filter(field="received", before="10", after=None).count() == 1


def test_two_people_at_one_row_are_told_of_each_other(office, reporter):
    answer(reporter, office, received="10")
    answer(reporter, office, received="12", version="1")
    late = answer(reporter, office, received="13", version="1")
    assert late["outcome"] == "conflict" and "12" in late["theirs"] and late["version"] == 2
    assert DossierCount.objects.get().received == 12


def test_without_javascript_the_page_keeps_what_was_typed_and_says_why(office, reporter):
    posted = {
        **FIVE_MONTHS,
        "row": ["0"],
        **row(received="10", received_online="7", carried_over="2", received_direct="0"),
    }
    response = reporter.post(address(office, "dossier_cells"), posted)
    page = response.content.decode()
    assert response.status_code == 422 and 'value="7"' in page and "lệch 1. Hãy sửa lại" in page
    posted |= row(received="9")
    assert reporter.post(address(office, "dossier_cells"), posted).status_code == 302
    assert DossierCount.objects.get().received == 9


def test_last_period_s_pending_stands_beside_carried_over(office, reporter):
    answer(reporter, office, pending="12")
    june = {"scope": "own", "starts_on": "01/06/2024", "ends_on": "30/06/2024"}
    assert "kỳ trước còn 12" in reporter.get(address(office, "dossier_counts"), june).content.decode()


def test_what_communes_report_themselves_stands_beneath_the_form_of_their_block(office, reporter):
    unit = office.units["an"]
    communes = [make_unit(n, code=n, level=Level.COMMUNE, type="Xã", parent=unit) for n in ("Ba", "Bon")]
    period = {"scope": "own", "starts_on": dt.date(2024, 1, 1), "ends_on": dt.date(2024, 5, 31)}
    write_rows(
        communes[0], [RowWrite(DossierCount, period, {"received": 1234})], Act(None, Change.How.COMMAND)
    )
    asked = {**FIVE_MONTHS, "scope": "communes"}
    page = reporter.get(address(office, "dossier_counts"), asked).content.decode()
    assert "Cộng 1/2 xã tự báo cáo" in page and "<td>1.234</td>" in page


def test_a_new_field_joins_the_catalogue_once_however_it_is_typed(office, reporter):
    for name in ("Đất đai", "ĐẤT  ĐAI"):
        response = reporter.post(address(office, "dossier_field"), {**FIVE_MONTHS, "name": name})
        assert f"add={DossierField.objects.get().pk}" in response["Location"]


@pytest.mark.parametrize("person", ["viewer", "overseer"])
def test_who_only_looks_sees_no_fields_to_type_in(office, person):
    client = Client()
    client.force_login(office.people[person])
    page = client.get(address(office, "dossier_counts"), FIVE_MONTHS).content.decode()
    assert "data-row" not in page and "Chỉ xem" in page


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ({"shape": "month", "number": "2", "year": "2024"}, (2024, 2, 1), (2024, 2, 29)),
        ({"shape": "quarter", "number": "4", "year": "2025"}, (2025, 10, 1), (2025, 12, 31)),
        ({"shape": "half", "number": "1", "year": "2025"}, (2025, 1, 1), (2025, 6, 30)),
        ({"shape": "months_from_january", "number": "5", "year": "2024"}, (2024, 1, 1), (2024, 5, 31)),
        ({"shape": "year", "year": "2025"}, (2025, 1, 1), (2025, 12, 31)),
        ({"starts_on": "15/12/2024", "ends_on": "14/11/2025"}, (2024, 12, 15), (2025, 11, 14)),
    ],
)
def test_a_period_is_asked_for_by_its_name_or_its_days(asked, start, end):
    form = PlaceForm({"scope": "own", **asked})
    assert form.is_valid(), form.errors
    assert form.period == Period(dt.date(*start), dt.date(*end))


def test_a_period_that_is_none_is_asked_for_again(office, reporter):
    response = reporter.get(
        address(office, "dossier_counts"), {"scope": "own", "shape": "quarter", "number": "5"}
    )
    assert response.status_code == 422


def test_the_form_costs_the_same_for_many_fields(office, reporter, django_assert_max_num_queries):
    for number in range(30):
        field = DossierField.objects.create(slug=f"f{number}", name=f"Lĩnh vực {number}")
        post(reporter, office, row(field.pk, received="1"))
    with django_assert_max_num_queries(25):
        reporter.get(address(office, "dossier_counts"), FIVE_MONTHS)
