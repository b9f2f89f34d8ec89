"""The accounts of the fictional province: one for each role, in a demo database only."""

import stat

import pytest

from districts.demo_accounts import demo_password, keep_demo_accounts, password_file, remove_demo_accounts
from districts.models import Level, Membership, OrganiserUnit, Unit, User
from tests.factories import make_organiser, make_unit

pytestmark = pytest.mark.django_db
NAMES = ("nhaplieu", "lanhdao", "thamdinh", "congbo", "quantri", "xem")


@pytest.fixture
def sample_unit() -> Unit:
    province = make_unit("Minh Họa", level=Level.PROVINCE, type="Tỉnh")
    OrganiserUnit.objects.create(organiser=make_organiser("tinh-mau", is_sample=True), unit=province)
    return make_unit("Minh Giang", parent=province)


def test_there_is_one_for_each_role(sample_unit):
    assert keep_demo_accounts() == NAMES
    roles = set(Membership.objects.values_list("user__username", "role", "unit__name"))
    assert roles == {
        *(("nhaplieu", "reporter", "Minh Giang"), ("lanhdao", "lead", "Minh Giang")),
        *(("thamdinh", "appraiser", None), ("congbo", "publisher", None)),
        *(("quantri", "administrator", None), ("xem", "viewer", None)),
    }


def test_they_log_in_with_the_demo_password(sample_unit, client):
    keep_demo_accounts()
    response = client.post("/office/login/", {"username": "congbo", "password": "only-for-tests"})
    assert response.status_code == 302


def test_there_are_none_without_the_fictional_province():
    assert keep_demo_accounts() == ()
    assert User.objects.count() == 0


def test_keeping_them_again_changes_nothing(sample_unit):
    keep_demo_accounts()
    before = list(User.objects.order_by("pk").values())
    keep_demo_accounts()
    assert list(User.objects.order_by("pk").values()) == before


def test_another_password_is_taken_over(sample_unit, settings):
    keep_demo_accounts()
    settings.DEMO_PASSWORD = "another"
    keep_demo_accounts()
    assert User.objects.get(username="xem").check_password("another")


def test_a_random_password_is_kept_for_the_owner_only(settings, tmp_path):
    settings.DEMO_PASSWORD, settings.VAR_DIR = "", tmp_path
    password = demo_password()
    assert len(password) == 12 and demo_password() == password
    assert stat.S_IMODE(password_file().stat().st_mode) == 0o600


def test_removing_them_leaves_a_real_person_of_the_same_name(sample_unit, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    User.objects.create_user("thật", "that@thu.invalid")
    keep_demo_accounts()
    User.objects.filter(username="xem").update(email="xem@thu.invalid")
    assert remove_demo_accounts() == 5
    assert set(User.objects.values_list("username", flat=True)) == {"thật", "xem"}
