"""Nothing that units enter is public before its release, and nothing changed after it before the next."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from districts.access import Denied, units_assessed_by
from districts.audit import Act
from districts.models import Change, Level, OrganiserUnit, Unit
from reports.models import (
    Activity,
    DossierCount,
    Index766,
    Indicator,
    Initiative,
    Observation,
    Release,
    Satisfaction,
)
from reports.workflow.context import WorkflowError
from reports.workflow.figures import RowWrite, remove_row, write_rows
from reports.workflow.releases import MODELS, release
from tests.factories import OfficeYear, make_office_year, make_organiser, make_source, make_unit
from tests.test_workflow_figures import MARCH, act, dossiers, rows_of_every_model

JANUARY, DECEMBER = dt.date(2025, 1, 1), dt.date(2025, 12, 31)
END_OF_MARCH = dt.date(2025, 3, 31)
EVERY_MODEL = {DossierCount, Satisfaction, Observation, Initiative, Activity, Index766}


@pytest.fixture
def office(db: None) -> OfficeYear:
    return make_office_year()


def released(
    office: OfficeYear,
    kind: str = "dossiers",
    starts_on: dt.date = JANUARY,
    ends_on: dt.date = DECEMBER,
    reason: str = "",
) -> Release:
    return release(office.organiser, kind, starts_on, ends_on, act(office, "publisher"), reason)


def entered(office: OfficeYear, *writes: RowWrite) -> None:
    assert {one.outcome for one in write_rows(office.units["an"], writes, act(office))} == {"saved"}


def test_every_model_that_can_be_released_has_its_kind():
    assert {model for models in MODELS.values() for model in models} == EVERY_MODEL


def test_what_is_entered_is_public_only_after_its_release(office):
    entered(office, *rows_of_every_model(Indicator.objects.create(slug="iso", name="ISO", topic="digital")))
    for kind, models in MODELS.items():
        assert not any(model.objects.public().exists() for model in models)
        released(office, kind)
        assert all(model.objects.public().count() == 1 for model in models)
    assert Satisfaction.objects.public().get().factors.get().satisfied == 8
    assert Index766.objects.public().get().parts.get().key == "progress"
    assert all(model.objects.in_work().count() == 1 for model in EVERY_MODEL)


def test_what_is_changed_after_a_release_is_public_only_in_the_next_version(office):
    entered(office, dossiers(withdrawn=1))
    released(office)
    entered(office, dossiers(withdrawn=2))
    assert DossierCount.objects.public().get().withdrawn == 1
    second = released(office, reason="soát lại")
    assert DossierCount.objects.public().get().withdrawn == 2
    assert (second.version, second.is_current) == (2, True)
    assert DossierCount.objects.filter(release__version=1).get().withdrawn == 1


def test_public_figures_never_change_without_a_reason(office):
    entered(office, dossiers(withdrawn=1))
    released(office)
    entered(office, dossiers(withdrawn=2))
    with pytest.raises(WorkflowError, match="lý do"):
        released(office, reason=" ")
    assert DossierCount.objects.public().get().withdrawn == 1


def test_what_is_taken_away_after_a_release_stays_public_until_the_next(office):
    entered(office, dossiers(withdrawn=1))
    released(office)
    remove_row(DossierCount.objects.in_work().get(), act(office))
    assert DossierCount.objects.public().count() == 1
    released(office, reason="nhập nhầm đơn vị")
    assert not DossierCount.objects.public().exists()


def test_what_was_taken_away_and_entered_again_counts_as_changed(office):
    entered(office, dossiers(withdrawn=1))
    released(office)
    remove_row(DossierCount.objects.in_work().get(), act(office))
    entered(office, dossiers(withdrawn=5))
    released(office, reason="nhập lại")
    assert DossierCount.objects.public().get().withdrawn == 5


def test_a_release_with_nothing_new_is_refused(office):
    with pytest.raises(WorkflowError, match="Chưa có"):
        released(office)
    entered(office, dossiers(withdrawn=1))
    released(office)
    with pytest.raises(WorkflowError, match="không thay đổi"):
        released(office, reason="cho chắc")


def test_a_released_row_cannot_be_changed(office):
    entered(office, dossiers(withdrawn=1))
    released(office)
    row = DossierCount.objects.public().get()
    row.withdrawn = 7
    with pytest.raises(ValidationError):
        row.save()
    with pytest.raises(ValidationError):
        remove_row(row, act(office))


def test_a_longer_period_takes_the_place_of_those_within_it(office):
    entered(office, dossiers(withdrawn=1))
    march = released(office, ends_on=END_OF_MARCH)
    april = {"scope": "own", "starts_on": dt.date(2025, 4, 1), "ends_on": dt.date(2025, 4, 30)}
    entered(office, RowWrite(DossierCount, april, {"withdrawn": 2}))
    released(office)
    march.refresh_from_db()
    assert not march.is_current
    assert sorted(DossierCount.objects.public().values_list("withdrawn", flat=True)) == [1, 2]


@pytest.mark.parametrize(
    ("starts_on", "ends_on"), [(dt.date(2025, 2, 1), END_OF_MARCH), (dt.date(2025, 3, 1), DECEMBER)]
)
def test_periods_that_would_show_a_figure_twice_are_refused(office, starts_on, ends_on):
    entered(office, dossiers(withdrawn=1))
    released(office, ends_on=dt.date(2025, 6, 30))
    with pytest.raises(WorkflowError):
        released(office, starts_on=starts_on, ends_on=ends_on, reason="thử")


def test_only_the_organiser_s_publisher_releases(office):
    entered(office, dossiers(withdrawn=1))
    for person in ("lead", "appraiser", "administrator", "overseer", "stranger"):
        with pytest.raises(Denied):
            release(office.organiser, "dossiers", JANUARY, DECEMBER, act(office, person))


def test_a_release_leaves_other_organisers_and_outside_sources_alone(office):
    province = make_unit("Khác", level=Level.PROVINCE, code="XA")
    elsewhere = make_unit("Xa", code="XA1", parent=province)
    OrganiserUnit.objects.create(organiser=make_organiser("tinh-khac"), unit=province)
    write_rows(elsewhere, [dossiers(withdrawn=9)], Act(None, Change.How.COMMAND))
    DossierCount.objects.create(unit=office.units["an"], source=make_source(), withdrawn=3, **MARCH)
    entered(office, dossiers(withdrawn=1))
    released(office)
    assert [row.withdrawn for row in DossierCount.objects.filter(release__isnull=False)] == [1]
    assert sorted(DossierCount.objects.public().values_list("withdrawn", flat=True)) == [1, 3]


def test_the_country_does_not_release_for_the_units_of_its_provinces(office):
    country = make_unit("Việt Nam", level=Level.COUNTRY, code="VN")
    province = Unit.objects.get(code="TH")
    province.parent = country
    province.save()
    ministry = make_organiser("viet-nam")
    OrganiserUnit.objects.create(organiser=ministry, unit=country)
    assert list(units_assessed_by(ministry)) == [province]
    assert set(units_assessed_by(office.organiser)) == set(office.units.values())


def test_a_release_is_logged_and_costs_the_same_for_many_rows(office, django_assert_max_num_queries):
    for number in range(1, 13):
        day = dt.date(2025, number, 1)
        entered(
            office,
            RowWrite(DossierCount, {"scope": "own", "starts_on": day, "ends_on": day}, {"withdrawn": 1}),
        )
    with django_assert_max_num_queries(25):
        made = released(office)
    logged = Change.objects.get(model="reports.release")
    assert (logged.object_id, logged.after, logged.context) == (made.pk, "1", "tinh-thu/figures")
