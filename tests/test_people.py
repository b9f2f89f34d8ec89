"""Accounts for many people from a spreadsheet: shown first, then made whole or not at all."""

from __future__ import annotations

import io

import pytest
import xlsxwriter
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

from districts.models import Change, Level, Membership, Organiser, OrganiserUnit, Unit, User
from reports.imports.people import HEADERS

from .factories import make_organiser, make_unit
from .letters import wait_for_letters

pytestmark = pytest.mark.django_db
LAN = ("Nguyễn Thị Lan", "lan@thu.invalid", "", "", "Nhà 1", "nhập liệu")
MINH = ("Trần Minh", "minh@thu.invalid", "minh", "", "", "Thẩm định")


@pytest.fixture
def own() -> Organiser:
    return make_province("tinh-nha", "Nhà")


@pytest.fixture
def administrator(own: Organiser, client: Client) -> User:
    user = User.objects.create_user("quan-tri", "quan-tri@thu.invalid", "x")
    Membership.objects.create(user=user, organiser=own, role="administrator")
    client.force_login(user)
    return user


def make_province(slug: str, name: str) -> Organiser:
    organiser = make_organiser(slug, name=name)
    province = make_unit(name, level=Level.PROVINCE, type="Tỉnh")
    OrganiserUnit.objects.create(organiser=organiser, unit=province)
    make_unit(f"{name} 1", parent=province)
    return organiser


def sent(client: Client, own: Organiser, *rows: tuple[str, ...], headers: tuple[str, ...] = HEADERS):
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer) as book:
        sheet = book.add_worksheet("Tài khoản")
        for number, row in enumerate((headers, *rows)):
            sheet.write_row(number, 0, row)
    file = SimpleUploadedFile("tai-khoan.xlsx", buffer.getvalue())
    return client.post("/office/people/", {"organiser": own.pk, "file": file})


def confirmed(client: Client, preview):
    return client.post("/office/people/apply/", {"rows": preview.context["rows"]}, follow=True)


def messages_of(preview) -> list[tuple[str, str, str]]:
    return [(one.place, one.value, one.message) for one in preview.context["check"].findings]


def test_nothing_is_made_before_it_was_confirmed(client, administrator, own):
    preview = sent(client, own, LAN, MINH)
    assert "Nguyễn Thị Lan" in preview.content.decode()
    assert [row.username for row in preview.context["check"].new] == ["lan@thu.invalid", "minh"]
    assert User.objects.count() == 1


def test_people_get_accounts_roles_and_a_letter_and_all_is_written_down(client, administrator, own):
    done = confirmed(client, sent(client, own, LAN, MINH))
    assert "Đã cấp 2 tài khoản mới và 2 vai trò." in done.content.decode()
    lan = User.objects.get(username="lan@thu.invalid")
    assert (lan.last_name, lan.first_name, lan.email) == ("Nguyễn Thị", "Lan", "lan@thu.invalid")
    roles = Membership.objects.exclude(user=administrator).order_by("pk")
    assert [str(one) for one in roles] == [
        "lan@thu.invalid · nhập liệu · Huyện Nhà 1",
        "minh · thẩm định · Nhà",
    ]
    assert [letter.to for letter in mail.outbox] == [["lan@thu.invalid"], ["minh@thu.invalid"]]
    assert "http://testserver/office/password/reset/" in mail.outbox[0].body
    assert set(Change.objects.values_list("actor", "how")) == {(administrator.pk, "import")}
    assert Change.objects.count() == 4


def test_a_new_person_sets_a_password_by_the_letter_of_a_reset(client, administrator, own):
    confirmed(client, sent(client, own, LAN))
    mail.outbox.clear()
    Client().post("/office/password/reset/", {"email": "lan@thu.invalid"})
    wait_for_letters()
    assert [letter.to for letter in mail.outbox] == [["lan@thu.invalid"]]


def test_a_second_role_goes_to_the_account_there_is_and_the_same_list_changes_nothing(
    client, administrator, own
):
    confirmed(client, sent(client, own, LAN))
    again = sent(client, own, LAN, (*LAN[:5], "lãnh đạo đơn vị"))
    check = again.context["check"]
    assert (len(check.new), len(check.roles), check.unchanged) == (0, 1, 1)
    confirmed(client, again)
    assert User.objects.get(username="lan@thu.invalid").memberships.count() == 2
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("row", "place", "value", "message"),
    [
        (
            (*LAN[:5], "giám đốc"),
            "Tài khoản, ô F2",
            "giám đốc",
            "Vai trò ở đơn vị là một trong: xem, nhập liệu",
        ),
        ((*LAN[:5], "quản trị"), "Tài khoản, ô F2", "quản trị", "Vai trò ở đơn vị là một trong"),
        ((*LAN[:4], "", "nhập liệu"), "Tài khoản, ô F2", "nhập liệu", "Vai trò ở cơ quan tổ chức đánh giá"),
        ((LAN[0], "lan@", *LAN[2:]), "Tài khoản, ô B2", "lan@", "Thư điện tử không hợp lệ."),
        (("", *LAN[1:]), "Tài khoản, ô A2", "", "Thiếu họ và tên."),
        (
            (*LAN[:4], "Khác 1", "xem"),
            "Tài khoản, ô E2",
            "Khác 1",
            "Không có đơn vị tên “Khác 1” trong phạm vi",
        ),
        ((*LAN[:2], "a b", *LAN[3:]), "Tài khoản, ô C2", "a b", "Tên đăng nhập không hợp lệ."),
    ],
)
def test_a_row_that_cannot_be_is_named_by_its_cell(client, administrator, own, row, place, value, message):
    make_province("tinh-khac", "Khác")
    preview = sent(client, own, row)
    assert preview.status_code == 422
    [(found_place, found_value, found)] = messages_of(preview)
    assert (found_place, found_value) == (place, value)
    assert found.startswith(message)


def test_rows_that_contradict_one_another_or_an_account_are_refused(client, administrator, own):
    other = make_province("tinh-khac", "Khác")
    stranger = User.objects.create_user("nguoi-khac", "Khac@thu.invalid")
    Membership.objects.create(user=stranger, organiser=other, role="publisher")
    preview = sent(
        client,
        own,
        MINH,
        ("Trần Văn Minh", *MINH[1:5], "xem"),
        MINH,
        ("Ai Đó", "khac@thu.invalid", "nguoi-khac", "", "", "xem"),
        ("Ai Đó", "khac@thu.invalid", "ai-do", "", "", "xem"),
    )
    assert [(place, message) for place, _, message in messages_of(preview)] == [
        ("Tài khoản, hàng 3", "Khác họ tên hoặc thư điện tử ở hàng 2."),
        ("Tài khoản, hàng 4", "Dòng này lặp lại một dòng ở trên."),
        ("Tài khoản, hàng 5", "Tên đăng nhập này đã có và thuộc người ngoài phạm vi quản trị của bạn."),
        ("Tài khoản, hàng 6", "Thư điện tử này đã thuộc tài khoản “nguoi-khac”."),
    ]


def test_what_changed_since_it_was_shown_is_refused_and_nothing_half_made(client, administrator, own):
    preview = sent(client, own, LAN, MINH)
    User.objects.create_user("minh", "khac@thu.invalid")
    assert confirmed(client, preview).status_code == 422
    assert not User.objects.filter(username="lan@thu.invalid").exists()
    assert mail.outbox == []


def test_rows_that_were_not_shown_to_this_administrator_are_refused(client, administrator, own):
    rows = sent(client, own, LAN).context["rows"]
    other = User.objects.create_user("quan-tri-khac", password="x")
    Membership.objects.create(user=other, organiser=own, role="administrator")
    client.force_login(other)
    for forged in (rows, "xyz"):
        done = client.post("/office/people/apply/", {"rows": forged}, follow=True)
        assert "hãy tải tệp lên lại" in done.content.decode()
    assert not User.objects.filter(username="lan@thu.invalid").exists()


def test_a_letter_that_does_not_go_is_told_and_the_account_stays(client, administrator, own, settings):
    preview = sent(client, own, LAN)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    assert "Chưa gửi được thư cho 1 người: lan@thu.invalid." in confirmed(client, preview).content.decode()
    assert User.objects.filter(username="lan@thu.invalid").exists()


def test_a_file_without_the_columns_and_one_that_is_none_are_told(client, administrator, own):
    assert "hãy dùng tệp mẫu" in sent(client, own, LAN, headers=("a",) * 6).content.decode()
    file = SimpleUploadedFile("x.xlsx", b"PK\x03\x04 not a workbook")
    answer = client.post("/office/people/", {"organiser": own.pk, "file": file})
    assert answer.status_code == 422 and "field-error" in answer.content.decode()


def test_the_template_names_the_units_within_reach_and_comes_in_again(client, administrator, own):
    make_province("tinh-khac", "Khác")
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get("/office/people/template/").content))
    assert book.get_sheet_by_name("Tài khoản").to_python()[0] == list(HEADERS)
    names = [row[1] for row in book.get_sheet_by_name("Đơn vị").to_python()[1:]]
    assert "Huyện Nhà 1" in names and "Huyện Khác 1" not in names


def test_units_are_told_apart_by_their_code(client, administrator, own):
    unit = Unit.objects.get(name="Nhà 1")
    preview = sent(client, own, (*LAN[:3], unit.code, "", "xem"))
    assert [row.unit for row in preview.context["check"].roles] == [unit.pk]
