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
from reports.periods import Period
from reports.summaries.entered import standings
from reports.summaries.readiness import readiness
from reports.workflow.context import WorkflowError
from reports.workflow.figures import RowWrite, remove_row, write_rows
from reports.workflow.releases import MODELS, release
from tests.factories import (
    OfficeYear,
    make_office_year,
    make_organiser,
    make_source,
    make_unit,
    make_user,
)
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


def test_what_belongs_to_a_release_cannot_be_changed_either(office):
    entered(office, *rows_of_every_model(Indicator.objects.create(slug="iso", name="ISO", topic="digital")))
    for kind in ("satisfaction", "index766"):
        made = released(office, kind)
        with pytest.raises(ValidationError, match="không sửa được"):
            made.save()
    for part in (
        Satisfaction.objects.public().get().factors.get(),
        Index766.objects.public().get().parts.get(),
    ):
        with pytest.raises(ValidationError, match="không sửa được"):
            part.save()


def test_a_unit_of_which_only_the_766_index_is_public_has_its_page(office, client):
    entered(office, RowWrite(Index766, {"starts_on": JANUARY, "ends_on": DECEMBER}, {"points": "90.5"}))
    assert client.get("/tinh-thu/2025/units/THan/").status_code == 404
    released(office, "index766")
    assert "90,5" in client.get("/tinh-thu/2025/units/THan/").content.decode()


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
    with django_assert_max_num_queries(28):
        made = released(office)
    logged = Change.objects.get(model="reports.release")
    assert (logged.object_id, logged.after, logged.context) == (made.pk, "1", "tinh-thu/figures")


MARCH_DAYS = {"starts_on": dt.date(2025, 3, 1), "ends_on": END_OF_MARCH}
APRIL_DAYS = {"starts_on": dt.date(2025, 4, 1), "ends_on": dt.date(2025, 4, 30)}


def test_a_row_that_takes_another_s_name_is_seen_as_a_change(office):
    """Versions count each row's own writes: that of another row tells nothing."""
    entered(office, RowWrite(Initiative, {"name": "A", **MARCH_DAYS}, {"dossiers": 1}))
    entered(office, RowWrite(Initiative, {"name": "A", **MARCH_DAYS}, {"dossiers": 2}))
    entered(office, RowWrite(Initiative, {"name": "B", **MARCH_DAYS}, {"dossiers": 999}))
    released(office, "figures")
    remove_row(Initiative.objects.in_work().get(name="A"), act(office))
    renamed = Initiative.objects.in_work().get(name="B")
    entered(office, RowWrite(Initiative, {"pk": renamed.pk}, {"name": "A"}))
    ready = readiness(office.organiser, "figures", Period(JANUARY, DECEMBER))
    assert [(one.label, one.is_removed) for one in ready.changes] == [("A", False), ("B", True)]
    assert ("hồ sơ", "2", "999") in ready.changes[0].fields
    with pytest.raises(WorkflowError, match="hãy nêu lý do"):
        released(office, "figures")
    released(office, "figures", reason="Nhập nhầm tên")
    assert [(one.name, one.dossiers) for one in Initiative.objects.public()] == [("A", 999)]


def test_a_row_moved_to_another_period_is_not_public_twice(office):
    entered(office, RowWrite(Initiative, {"name": "A", **MARCH_DAYS}, {"dossiers": 1}))
    released(office, "figures", **MARCH_DAYS)
    moved = Initiative.objects.in_work().get()
    entered(office, RowWrite(Initiative, {"pk": moved.pk}, APRIL_DAYS))
    with pytest.raises(
        WorkflowError, match=r"“A” của .* đang được công khai trong kỳ 01/03/2025 – 31/03/2025"
    ):
        released(office, "figures", **APRIL_DAYS)
    ready = readiness(office.organiser, "figures", Period(*APRIL_DAYS.values()))
    assert ready.refusal is not None and not ready.can_release
    released(office, "figures", **MARCH_DAYS, reason="Chuyển sang tháng 4")
    released(office, "figures", **APRIL_DAYS)
    assert [one.starts_on for one in Initiative.objects.public()] == [dt.date(2025, 4, 1)]


def test_a_release_whose_rows_are_gone_stays_on_the_list(office):
    entered(office, dossiers(withdrawn=1))
    released(office, **MARCH_DAYS)
    remove_row(DossierCount.objects.in_work().get(), act(office))
    (found,) = standings([office.units["an"].pk], "dossiers", 2025)
    assert (found.rows, found.gone, found.is_public) == (0, 1, False)
    assert found.words == "có số liệu đã xóa hoặc chuyển kỳ, bản công khai vẫn còn"


def test_what_changed_after_the_publisher_looked_is_not_released(office):
    entered(office, dossiers(withdrawn=1))
    shown = readiness(office.organiser, "dossiers", Period(JANUARY, DECEMBER)).digest
    entered(office, dossiers(withdrawn=777))
    with pytest.raises(WorkflowError, match="vừa thay đổi sau khi bạn mở trang"):
        release(office.organiser, "dossiers", JANUARY, DECEMBER, act(office, "publisher"), shown=shown)
    shown = readiness(office.organiser, "dossiers", Period(JANUARY, DECEMBER)).digest
    release(office.organiser, "dossiers", JANUARY, DECEMBER, act(office, "publisher"), shown=shown)
    assert DossierCount.objects.public().get().withdrawn == 777


def test_two_organisers_never_show_the_same_unit_s_figures(office):
    commune = make_unit("Xã", level=Level.COMMUNE, type="Xã", code="C1", parent=office.units["an"])
    lead = make_user("comlead", unit=commune, role="lead")
    write_rows(commune, [dossiers(withdrawn=1)], Act(lead, Change.How.FORM))
    released(office)
    district = make_organiser("huyen-an", name="Huyện An")
    OrganiserUnit.objects.create(organiser=district, unit=office.units["an"])
    publisher = Act(make_user("pub2", organiser=district, role="publisher"), Change.How.FORM)
    with pytest.raises(WorkflowError, match="của Tỉnh Thử; hãy công khai bản mới của kỳ đó trước"):
        release(district, "dossiers", JANUARY, DECEMBER, publisher)
    assert DossierCount.objects.public().filter(unit=commune).count() == 1


def test_the_same_title_may_come_again_next_year(office):
    for year in (2024, 2025):
        entered(
            office,
            RowWrite(
                Activity,
                {
                    "title": "Hội nghị tổng kết",
                    "starts_on": dt.date(year, 12, 1),
                    "ends_on": dt.date(year, 12, 31),
                },
                {"kind": "training"},
            ),
        )
    assert Activity.objects.in_work().count() == 2
