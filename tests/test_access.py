"""What each role may, at one's own unit, at another one, at one's own organiser and at another one."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from districts import access
from districts.models import Level, Membership, Organiser, OrganiserUnit, Unit, User
from tests.factories import make_organiser, make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def own_province() -> Organiser:
    return province("tinh-nha", "Nhà")


@pytest.fixture
def other_province() -> Organiser:
    return province("tinh-khac", "Khác")


def province(slug: str, name: str) -> Organiser:
    organiser = make_organiser(slug, name=f"Tỉnh {name}")
    unit = make_unit(name, level=Level.PROVINCE, type="Tỉnh")
    OrganiserUnit.objects.create(organiser=organiser, unit=unit)
    for number in (1, 2):
        district = make_unit(f"{name} {number}", parent=unit)
        make_unit(f"{name} {number} xã", parent=district, level=Level.COMMUNE, type="Xã")
    return organiser


def unit(name: str) -> Unit:
    return Unit.objects.get(name=name)


def person(role: str, **place: Unit | Organiser) -> User:
    user = User.objects.create_user(role)
    Membership.objects.create(user=user, role=role, **place)
    return user


UNIT_RULES = {
    # role: (sees own, enters own, leads own); another unit never
    "viewer": (True, False, False),
    "reporter": (True, True, False),
    "lead": (True, True, True),
}


@pytest.mark.parametrize("role", UNIT_RULES)
def test_a_role_at_a_unit_reaches_this_unit(role, own_province):
    user, own = person(role, unit=unit("Nhà 1")), unit("Nhà 1")
    assert (
        access.can_view(user, own),
        access.can_enter(user, own),
        access.can_lead(user, own),
    ) == UNIT_RULES[role]


@pytest.mark.parametrize("role", UNIT_RULES)
@pytest.mark.parametrize("other", ["Nhà 2", "Nhà 1 xã", "Nhà", "Khác 1"])
def test_a_role_at_a_unit_reaches_no_other_unit(role, other, own_province, other_province):
    user = person(role, unit=unit("Nhà 1"))
    assert not any(may(user, unit(other)) for may in (access.can_view, access.can_enter, access.can_lead))


@pytest.mark.parametrize("role", UNIT_RULES)
def test_a_role_at_a_unit_is_none_at_the_organiser(role, own_province):
    user = person(role, unit=unit("Nhà"))
    assert not any(may(user, own_province) for may in ORGANISER_ACTS)


ORGANISER_ACTS = (access.can_view_organiser, access.can_appraise, access.can_publish, access.can_administer)
ORGANISER_RULES = {
    "viewer": (True, False, False, False),
    "appraiser": (True, True, False, False),
    "publisher": (True, False, True, False),
    "administrator": (True, False, False, True),
}


@pytest.mark.parametrize("role", ORGANISER_RULES)
def test_a_role_at_an_organiser_allows_this_and_no_more(role, own_province, other_province):
    user = person(role, organiser=own_province)
    assert tuple(may(user, own_province) for may in ORGANISER_ACTS) == ORGANISER_RULES[role]
    assert not any(may(user, other_province) for may in ORGANISER_ACTS)


@pytest.mark.parametrize("role", ORGANISER_RULES)
def test_an_organiser_s_people_see_all_units_below_and_enter_for_none(role, own_province, other_province):
    user = person(role, organiser=own_province)
    for name in ("Nhà", "Nhà 1", "Nhà 2", "Nhà 1 xã"):
        assert access.can_view(user, unit(name))
        assert not access.can_enter(user, unit(name)) and not access.can_lead(user, unit(name))
    assert not access.can_view(user, unit("Khác 1"))


@pytest.mark.parametrize("role", [*UNIT_RULES, *ORGANISER_RULES])
def test_units_of_are_exactly_the_units_one_can_view(role, own_province, other_province):
    place = {"unit": unit("Nhà 1")} if role in ("reporter", "lead") else {"organiser": own_province}
    user = person(role, **place)
    assert set(access.units_of(user)) == {one for one in Unit.objects.all() if access.can_view(user, one)}


def test_who_is_not_logged_in_or_no_longer_active_may_nothing(own_province):
    gone = person("publisher", organiser=own_province)
    gone.is_active = False
    for user in (AnonymousUser(), gone):
        assert not any(may(user, own_province) for may in ORGANISER_ACTS)
        assert not access.can_view(user, unit("Nhà 1")) and not access.units_of(user).exists()


def test_a_superuser_may_everything(own_province):
    user = User.objects.create_superuser("root")
    assert all(may(user, own_province) for may in ORGANISER_ACTS)
    assert access.can_lead(user, unit("Nhà 1 xã"))
    assert access.units_of(user).count() == 5


def test_the_organiser_above_is_the_nearest_one(own_province):
    country = make_unit("Nước", level=Level.COUNTRY, type="")
    ministry = make_organiser("bo", name="Bộ")
    OrganiserUnit.objects.create(organiser=ministry, unit=country)
    Unit.objects.filter(name="Nhà").update(parent=country)
    assert access.organiser_above(unit("Nhà 1 xã")) == own_province
    assert access.organiser_above(unit("Nhà")) == ministry
    assert access.organiser_above(country) is None


def test_memberships_are_read_once_and_a_unit_s_chain_once(own_province, django_assert_num_queries):
    user, seen = person("viewer", organiser=own_province), unit("Nhà 1 xã")
    with django_assert_num_queries(2):
        for _ in range(5):
            access.can_view(user, seen)
            access.can_publish(user, own_province)
            access.can_enter(user, seen)


def test_an_administrator_manages_people_within_reach_only(own_province, other_province):
    chief = person("administrator", organiser=own_province)
    below = person("reporter", unit=unit("Nhà 1 xã"))
    elsewhere = person("lead", unit=unit("Khác 1"))
    both = person("viewer", unit=unit("Nhà 2"))
    Membership.objects.create(user=both, unit=unit("Khác 2"), role="viewer")
    User.objects.create_superuser("root")
    assert set(access.people_administered_by(chief)) == {chief, below}
    assert set(access.memberships_administered_by(chief).values_list("unit__name", flat=True)) == {
        *(None, "Nhà 1 xã", "Nhà 2"),
    }
    assert not access.people_administered_by(elsewhere).exists()


def test_what_is_not_allowed_is_refused_with_the_reason():
    access.require(True, "không dùng đến")
    with pytest.raises(PermissionDenied, match="Chỉ lãnh đạo đơn vị nộp phiếu"):
        access.require(False, "Chỉ lãnh đạo đơn vị nộp phiếu.")


def test_the_keys_of_a_level_are_those_of_the_units_assessed(own_province, other_province):
    country = make_unit("Nước", level=Level.COUNTRY, type="")
    unit("Nhà").parent = country
    Unit.objects.filter(name__in=["Nhà", "Khác"]).update(parent=country)
    ministry, district = make_organiser("bo"), make_organiser("huyen-nha-1")
    for organiser, own in ((ministry, country), (district, unit("Nhà 1"))):
        OrganiserUnit.objects.create(organiser=organiser, unit=own)
    found: set[tuple[str, str]] = set()
    for organiser in (ministry, own_province, other_province, district):
        for level in Level.values:
            units = access.units_assessed_by(organiser).filter(level=level)
            keys = access.keys_assessed_by(organiser, level)
            assert sorted(Unit.objects.in_bulk(keys).values(), key=str) == sorted(units, key=str)
            found |= {(organiser.slug, one.name) for one in units}
    assert found == {
        *(("bo", name) for name in ("Nhà", "Khác")),
        *(("tinh-nha", name) for name in ("Nhà 1", "Nhà 2", "Nhà 2 xã")),
        *(("tinh-khac", name) for name in ("Khác 1", "Khác 1 xã", "Khác 2", "Khác 2 xã")),
        ("huyen-nha-1", "Nhà 1 xã"),
    }
