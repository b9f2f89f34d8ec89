"""What is fetched for the office is what its reader may see: own, the organiser's, or assigned."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from districts.models import Level, Unit
from reports.office.fetch import organiser_or_404, sheet_or_404, visible_sheets, year_or_404
from tests.factories import OfficeYear, make_office_year, make_unit, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> OfficeYear:
    return make_office_year("self_scoring")


def seen(user) -> set[str]:
    return {sheet.unit.name for sheet in visible_sheets(user)}


def test_a_unit_s_people_see_their_sheet_and_an_organiser_s_all(office):
    assert seen(office.people["reporter"]) == {"An"}
    assert seen(office.people["stranger"]) == {"Bình"}
    assert seen(office.people["overseer"]) == {"An", "Bình", "Cát"}


def test_who_is_assigned_a_node_of_one_sheet_sees_this_sheet(office):
    helper = make_user("phong-ban")
    office.year.assignments.create(
        unit=office.units["an"], criterion=office.leaves["1.1"], user=helper, task="enter"
    )
    assert seen(helper) == {"An"}


def test_a_department_that_appraises_a_node_sees_the_sheets_of_all_units(office):
    department = agency("Sở Thử", office.units["an"].parent)
    official = make_user("so", unit=department, role="viewer")
    office.year.assignments.create(criterion=office.leaves["1.1"], agency=department, task="appraise")
    assert seen(official) == {"An", "Bình", "Cát"}


def test_entering_is_for_a_named_unit_only(office):
    helper = make_user("phong-ban")
    office.year.assignments.create(criterion=office.leaves["1.1"], user=helper, task="enter")
    assert seen(helper) == set()


def test_a_unit_s_people_get_the_year_only_where_the_page_is_for_them(office):
    lead = office.people["lead"]
    assert year_or_404(lead, office.year.pk, for_units=True) == office.year
    with pytest.raises(PermissionDenied, match="dành cho cơ quan tổ chức đánh giá"):
        year_or_404(lead, office.year.pk)


def test_what_one_may_not_see_is_not_found(office):
    nobody = make_user("nobody")
    for fetch in (
        lambda: sheet_or_404(nobody, office.sheet.pk),
        lambda: year_or_404(nobody, office.year.pk, for_units=True),
        lambda: organiser_or_404(office.people["lead"], office.organiser.slug),
    ):
        with pytest.raises(Http404):
            fetch()


def test_fetching_a_sheet_takes_the_same_queries_for_every_role(office, django_assert_num_queries):
    for name in ("reporter", "overseer"):
        with django_assert_num_queries(2):
            sheet = sheet_or_404(office.people[name], office.sheet.pk)
            assert sheet.unit.name == "An" and sheet.assessment_year.organiser == office.organiser


def agency(name: str, parent: Unit | None) -> Unit:
    return make_unit(name, level=Level.AGENCY, type="", code="SO", parent=parent)
