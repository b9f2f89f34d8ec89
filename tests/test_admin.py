"""The admin has the office's rights: administrators, within reach, and nothing official or reported."""

import pytest
from django.core import mail
from django.test import Client
from django_otp.plugins.otp_totp.models import TOTPDevice

from districts.models import Change, Level, Membership, Organiser, OrganiserUnit, Unit, User
from tests.factories import make_criteria_set, make_organiser, make_unit, make_year

pytestmark = pytest.mark.django_db
LISTS = (
    *("districts/user", "districts/membership", "districts/organiser", "districts/unit"),
    *(
        "reports/assessmentyear",
        "reports/scoresheet",
        "reports/score",
        "reports/judgement",
        "reports/evidence",
    ),
    *("reports/importbatch", "reports/deadline", "reports/officialresult", "reports/publication"),
    *("reports/criteriaset", "reports/criterion"),
)


@pytest.fixture
def own() -> Organiser:
    return make_province("tinh-nha", "Nhà")


@pytest.fixture
def administrator(own: Organiser, client: Client) -> User:
    user = User.objects.create_user("quan-tri", password="x")
    Membership.objects.create(user=user, organiser=own, role="administrator")
    client.force_login(user)
    return user


def make_province(slug: str, name: str) -> Organiser:
    province = make_unit(name, level=Level.PROVINCE, type="Tỉnh")
    OrganiserUnit.objects.create(organiser=make_organiser(slug, name=name), unit=province)
    make_unit(f"{name} 1", parent=province)
    return make_organiser(slug)


def new_person(
    role: str = "reporter", unit: str = "Nhà 1", organiser: str = "", **overrides: str
) -> dict[str, str]:
    place = Unit.objects.filter(name=unit).first()
    password = "năm từ dài và dễ nhớ"
    return {
        "username": "moi",
        "password1": password,
        "password2": password,
        "memberships-TOTAL_FORMS": "1",
        "memberships-INITIAL_FORMS": "0",
        "memberships-0-role": role,
        "memberships-0-unit": str(place.pk) if place else "",
        "memberships-0-organiser": organiser,
        **overrides,
    }


@pytest.mark.parametrize("address", LISTS)
def test_administrators_see_every_list(client, administrator, address):
    assert client.get(f"/office/admin/{address}/").status_code == 200


@pytest.mark.parametrize("role", ["viewer", "appraiser", "publisher"])
def test_other_roles_are_refused(client, own, role):
    user = User.objects.create_user("khac")
    Membership.objects.create(user=user, organiser=own, role=role)
    client.force_login(user)
    response = client.get("/office/admin/")
    assert response.status_code == 302
    assert client.get(response["Location"]).status_code == 403


def test_a_new_person_gets_a_role_and_both_are_written_down(client, administrator):
    client.post("/office/admin/districts/user/add/", new_person())
    assert str(Membership.objects.get(user__username="moi")) == "moi · nhập liệu · Huyện Nhà 1"
    change = Change.objects.get(model="districts.membership")
    assert (change.actor, change.how, change.after) == (
        administrator,
        "admin",
        "moi · nhập liệu · Huyện Nhà 1",
    )


def test_a_person_without_a_role_is_not_made(client, administrator):
    client.post("/office/admin/districts/user/add/", new_person(role="", unit=""))
    assert not User.objects.filter(username="moi").exists()


def test_a_role_out_of_reach_is_refused(client, administrator):
    other = make_province("tinh-khac", "Khác")
    client.post("/office/admin/districts/user/add/", new_person(unit="Khác 1"))
    client.post(
        "/office/admin/districts/user/add/", new_person("publisher", unit="", organiser=str(other.pk))
    )
    assert not Membership.objects.exclude(user=administrator).exists()


def test_nobody_makes_a_superuser_of_himself(client, administrator):
    address = f"/office/admin/districts/user/{administrator.pk}/change/"
    fields = new_person() | {"username": "quan-tri", "is_superuser": "on", "is_active": "on"}
    client.post(address, fields)
    assert not User.objects.filter(is_superuser=True).exists()


@pytest.mark.parametrize("page", ["change", "password"])
def test_the_account_of_somebody_elsewhere_is_out_of_reach(client, administrator, page):
    make_province("tinh-khac", "Khác")
    other = User.objects.create_user("nguoi-khac")
    Membership.objects.create(user=other, unit=Unit.objects.get(name="Khác 1"), role="lead")
    assert client.get(f"/office/admin/districts/user/{other.pk}/{page}/").status_code in (302, 404)


def test_an_address_that_names_nobody_is_not_found(client, administrator):
    assert client.get("/office/admin/districts/user/abc/password/").status_code == 404
    assert client.get("/office/admin/districts/user/99999/password/").status_code == 404


def test_nobody_is_deleted(client, administrator):
    assert client.post(f"/office/admin/districts/user/{administrator.pk}/delete/").status_code == 403


def test_a_password_set_by_an_administrator_is_written_down(client, administrator):
    person = User.objects.create_user("can-bo")
    Membership.objects.create(user=person, unit=Unit.objects.get(name="Nhà 1"), role="lead")
    fields = {
        "password1": "năm từ dài và dễ nhớ",
        "password2": "năm từ dài và dễ nhớ",
    }
    client.post(f"/office/admin/districts/user/{person.pk}/password/", fields)
    change = Change.objects.get(field="password")
    assert (change.actor, change.before, change.after) == (administrator, None, "đặt lại")
    person.refresh_from_db()
    assert person.must_change_password


def test_who_is_made_by_an_administrator_chooses_a_password_and_is_written_to(client, administrator):
    client.post("/office/admin/districts/user/add/", new_person() | {"email": "moi@thu.invalid"})
    assert User.objects.get(username="moi").must_change_password
    [letter] = mail.outbox
    assert letter.to == ["moi@thu.invalid"]
    assert "Người quản trị vừa đặt mật khẩu" in letter.body


def test_a_changed_address_is_told_to_the_former_one(client, administrator):
    client.post("/office/admin/districts/user/add/", new_person() | {"email": "moi@thu.invalid"})
    person = User.objects.get(username="moi")
    mail.outbox.clear()
    rows = {"memberships-TOTAL_FORMS": "1", "memberships-INITIAL_FORMS": "1"}
    rows |= {"memberships-0-id": str(person.memberships.get().pk), "memberships-0-user": str(person.pk)}
    changed = new_person() | rows | {"email": "khac@thu.invalid", "is_active": "on"}
    client.post(f"/office/admin/districts/user/{person.pk}/change/", changed)
    assert [(letter.to, "đổi địa chỉ thư" in letter.body) for letter in mail.outbox] == [
        (["moi@thu.invalid"], True)
    ]


def test_official_units_are_read_only_and_agencies_can_be_declared(client, administrator):
    official = Unit.objects.get(name="Nhà 1")
    assert (
        client.post(f"/office/admin/districts/unit/{official.pk}/change/", {"name": "X"}).status_code == 403
    )
    fields = {"code": "SNV", "type": "Sở", "name": "Nội vụ", "parent": str(Unit.objects.get(name="Nhà").pk)}
    client.post("/office/admin/districts/unit/add/", fields)
    agency = Unit.objects.get(name="Nội vụ")
    assert (agency.level, agency.scheme_id, agency.full_name) == (Level.AGENCY, "co-quan", "Sở Nội vụ")


def test_units_are_found_without_marks(client, administrator):
    assert "Nhà 1" in client.get("/office/admin/districts/unit/?q=nha 1").content.decode()


def test_an_organiser_s_administrator_does_not_widen_the_organiser(client, administrator, own):
    other = make_province("tinh-khac", "Khác").units.get()
    forms = {"TOTAL_FORMS": "1", "INITIAL_FORMS": "0", "0-organiser": str(own.pk), "0-unit": str(other.pk)}
    fields = {"name": "Nhà mới"} | {f"organiser_units-{name}": value for name, value in forms.items()}
    client.post(f"/office/admin/districts/organiser/{own.pk}/change/", fields)
    own.refresh_from_db()
    assert (own.name, [unit.name for unit in own.units.all()]) == ("Nhà mới", ["Nhà"])


def test_reports_are_shown_and_never_changed(client, administrator, own):
    year = make_year(2024, organiser=own)
    address = f"/office/admin/reports/assessmentyear/{year.pk}"
    assert client.get(f"{address}/change/").status_code == 200
    assert client.post(f"{address}/change/", {"year": "2020"}).status_code == 403
    assert client.post(f"{address}/delete/", {"post": "yes"}).status_code == 403
    assert client.get("/office/admin/reports/assessmentyear/add/").status_code == 403


def test_another_organiser_s_year_is_not_shown(client, administrator):
    year = make_year(2024, organiser=make_province("tinh-khac", "Khác"))
    assert client.get(f"/office/admin/reports/assessmentyear/{year.pk}/change/").status_code == 302


def test_a_draft_of_criteria_can_be_changed_and_a_set_in_use_cannot(client, administrator, own):
    criteria_set = make_criteria_set({"1.1": ("10", "appraised")})
    criteria_set.organiser = own
    criteria_set.save()
    address = f"/office/admin/reports/criteriaset/{criteria_set.pk}/change/"
    client.post(address, {"name": "Bộ nháp", "legal_basis": "", "note": ""})
    criteria_set.refresh_from_db()
    assert criteria_set.name == "Bộ nháp"
    make_year(2024, organiser=own, criteria_set=criteria_set, stage="self_scoring")
    assert client.post(address, {"name": "Khác"}).status_code == 403


def test_the_admin_keeps_to_the_content_security_policy(client, administrator):
    response = client.get("/office/admin/districts/user/add/")
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "<style" not in response.content.decode() and " onclick=" not in response.content.decode()


def test_administrators_do_not_take_off_their_own_second_step_here(
    administrator: User, client: Client
) -> None:
    device = TOTPDevice.objects.create(user=administrator, confirmed=True)
    action = {"action": "take_off_second_factor", "_selected_action": administrator.pk}
    client.post("/office/admin/districts/user/", action)
    assert TOTPDevice.objects.filter(pk=device.pk).exists()
