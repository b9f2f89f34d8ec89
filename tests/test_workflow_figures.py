"""Writing a unit's own figures: who may, what is refused, what is logged, and at what cost."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db.models import Q

from districts.access import Denied
from districts.audit import Act
from districts.models import Change, Organiser
from reports.models import (
    Activity,
    DossierCount,
    DossierField,
    Index766,
    Indicator,
    Initiative,
    Observation,
    Satisfaction,
    Source,
)
from reports.workflow.figure_rows import key_fields
from reports.workflow.figures import RowWrite, own_source, remove_row, replace_rows, write_rows
from tests.factories import OfficeYear, make_office_year

MARCH = {"scope": "own", "starts_on": dt.date(2025, 3, 1), "ends_on": dt.date(2025, 3, 31)}


@pytest.fixture
def office(db: None) -> OfficeYear:
    return make_office_year()


def act(office: OfficeYear, person: str = "reporter") -> Act:
    return Act(office.people[person], Change.How.FORM)


def dossiers(**values: object) -> RowWrite:
    return RowWrite(DossierCount, MARCH, values)


def written(office: OfficeYear, *writes: RowWrite) -> list[str]:
    return [one.outcome for one in write_rows(office.units["an"], writes, act(office))]


def rows_of_every_model(indicator: Indicator) -> list[RowWrite]:
    period = {"starts_on": dt.date(2025, 1, 1), "ends_on": dt.date(2025, 12, 31)}
    return [
        RowWrite(DossierCount, MARCH, {"withdrawn": 2}),
        RowWrite(
            Satisfaction,
            {"scope": "own", "kind": "survey", **period},
            {"satisfied": 9, "respondents": 10},
            parts={"access": {"satisfied": 8, "respondents": 10}},
        ),
        RowWrite(
            Observation,
            {"indicator": indicator, "scope": "own", "ends_on": period["ends_on"]},
            {"value": Decimal("12")},
        ),
        RowWrite(Initiative, {"name": "Hẹn giờ", **period}, {"dossiers": 1139}),
        RowWrite(Activity, {"title": "Lớp bồi dưỡng", **period}, {"kind": "training"}),
        RowWrite(
            Index766, period, {"points": Decimal("90.09")}, parts={"progress": {"points": Decimal("19")}}
        ),
    ]


def test_rows_of_every_model_are_written_once_and_found_again(office):
    indicator = Indicator.objects.create(slug="iso", name="ISO 9001", topic="digital")
    writes = rows_of_every_model(indicator)
    assert written(office, *writes) == ["saved"] * 6
    assert written(office, *writes) == ["unchanged"] * 6
    assert Satisfaction.objects.get().factors.get().satisfied == 8
    assert Index766.objects.get().parts.get().key == "progress"


def test_what_names_a_row_comes_from_its_constraints():
    assert key_fields(DossierCount) == ("scope", "starts_on", "ends_on", "field")
    assert key_fields(Observation) == ("indicator", "scope", "ends_on")
    assert key_fields(Initiative) == ("name", "starts_on", "ends_on")


def test_what_is_entered_is_not_public(office):
    written(office, dossiers(withdrawn=2))
    assert not DossierCount.objects.public().exists()
    assert DossierCount.objects.in_work().get().source.reported_by == office.units["an"]


def test_the_source_of_a_sample_organiser_s_unit_is_marked_as_sample(office):
    Organiser.objects.update(is_sample=True)
    assert own_source(office.units["an"]).is_sample
    assert own_source(office.units["an"]) == Source.objects.get(reported_by=office.units["an"])


@pytest.mark.parametrize("person", ["reporter", "lead", "appraiser", "administrator"])
def test_who_enters_for_a_unit(office, person):
    assert write_rows(office.units["an"], [dossiers(withdrawn=1)], act(office, person))[0].outcome == "saved"


@pytest.mark.parametrize("person", ["viewer", "stranger", "overseer", "publisher"])
def test_who_does_not(office, person):
    with pytest.raises(Denied):
        write_rows(office.units["an"], [dossiers(withdrawn=1)], act(office, person))
    assert not DossierCount.objects.exists()


def test_who_saw_an_older_version_is_told_and_writes_nothing(office):
    written(office, dossiers(withdrawn=1))
    written(office, dossiers(withdrawn=2))
    late = RowWrite(DossierCount, MARCH, {"withdrawn": 9}, expected_version=1)
    (result,) = write_rows(office.units["an"], [late], act(office))
    assert (result.outcome, result.row.withdrawn, result.row.version) == ("conflict", 2, 2)


def test_every_field_that_changed_is_logged(office):
    written(office, dossiers(withdrawn=1))
    written(office, dossiers(withdrawn=2, note="đã soát lại"))
    logged = Change.objects.filter(model="reports.dossiercount", unit=office.units["an"])
    assert set(logged.values_list("field", "before", "after")) >= {
        ("withdrawn", None, "1"),
        ("withdrawn", "1", "2"),
        ("note", None, "đã soát lại"),
    }
    assert {one.context for one in logged} == {"tinh-thu/figures"}


def test_parts_are_logged_and_replaced_as_a_whole(office):
    period = {"starts_on": dt.date(2025, 1, 1), "ends_on": dt.date(2025, 12, 31)}
    key = {"scope": "own", "kind": "survey", **period}
    first = RowWrite(Satisfaction, key, {}, parts={"access": {"satisfied": 8}, "results": {"satisfied": 7}})
    written(office, first, dossiers(withdrawn=1))
    written(office, RowWrite(Satisfaction, key, {}, parts={"access": {"satisfied": 9}}))
    assert [one.satisfied for one in Satisfaction.objects.get().factors.all()] == [9]
    logged = Change.objects.filter(field__startswith="factors.").order_by("pk")
    assert ("factors.results.satisfied", "7", None) in logged.values_list("field", "before", "after")


def test_a_removed_row_leaves_its_trail(office):
    written(office, dossiers(withdrawn=1))
    remove_row(DossierCount.objects.get(), act(office))
    assert not DossierCount.objects.exists()
    logged = Change.objects.filter(field="withdrawn").order_by("pk")
    assert list(logged.values_list("before", "after")) == [(None, "1"), ("1", None)]


def test_what_a_constraint_forbids_is_refused_and_the_rest_is_written(office):
    period = {"starts_on": dt.date(2025, 1, 1), "ends_on": dt.date(2025, 12, 31)}
    wrong = RowWrite(
        Satisfaction, {"scope": "own", "kind": "rating", **period}, {"satisfied": 11, "respondents": 10}
    )
    right = RowWrite(
        Satisfaction, {"scope": "own", "kind": "sipas", **period}, {"satisfied": 9, "respondents": 10}
    )
    refused, saved = write_rows(office.units["an"], [wrong, right], act(office))
    assert (refused.outcome, saved.outcome) == ("refused", "saved")
    assert "không thể lớn hơn" in refused.message


def test_a_count_that_is_no_whole_number_or_below_zero_is_refused(office):
    (result,) = write_rows(office.units["an"], [dossiers(withdrawn="nhiều", returned=1)], act(office))
    assert (result.outcome, list(result.errors)) == ("refused", ["withdrawn"])
    (result,) = write_rows(office.units["an"], [dossiers(withdrawn=-1)], act(office))
    assert (result.outcome, list(result.errors)) == ("refused", ["withdrawn"])
    assert not DossierCount.objects.exists()


def test_a_period_does_not_cross_the_end_of_the_unit(office):
    unit = office.units["an"]
    unit.valid_to = dt.date(2025, 3, 15)
    unit.save()
    (result,) = write_rows(unit, [dossiers(withdrawn=1)], act(office))
    assert result.outcome == "refused" and "15/03/2025" in result.errors["ends_on"]


def test_a_row_may_be_named_by_its_number_and_renamed(office):
    period = {"starts_on": dt.date(2025, 1, 1), "ends_on": dt.date(2025, 12, 31)}
    written(
        office,
        RowWrite(Initiative, {"name": "Cũ", **period}),
        RowWrite(Initiative, {"name": "Khác", **period}),
    )
    old = Initiative.objects.get(name="Cũ")
    assert written(office, RowWrite(Initiative, {"pk": old.pk}, {"name": "Mới"})) == ["saved"]
    assert written(office, RowWrite(Initiative, {"pk": old.pk}, {"name": "Khác"})) == ["refused"]
    elsewhere = write_rows(
        office.units["binh"],
        [RowWrite(Initiative, {"pk": old.pk}, {"name": "Của ta"})],
        act(office, "stranger"),
    )
    assert [one.outcome for one in elsewhere] == ["refused"]
    assert Initiative.objects.get(pk=old.pk).name == "Mới"


def test_replacing_takes_away_what_is_not_written_again(office):
    land = DossierField.objects.create(slug="dat-dai", name="Đất đai")
    written(office, dossiers(withdrawn=1), RowWrite(DossierCount, {**MARCH, "field": land}, {"withdrawn": 1}))
    replace_rows(office.units["an"], DossierCount, Q(**MARCH), [dossiers(withdrawn=1)], act(office))
    assert [row.field for row in DossierCount.objects.all()] == [None]


def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(office, django_assert_max_num_queries):
    fields = [DossierField.objects.create(slug=f"f{n}", name=f"Lĩnh vực {n}") for n in range(40)]
    writes = [RowWrite(DossierCount, {**MARCH, "field": one}, {"withdrawn": 1}) for one in fields]
    own_source(office.units["an"])
    with django_assert_max_num_queries(20):
        assert written(office, *writes) == ["saved"] * 40
    changed = [RowWrite(DossierCount, {**MARCH, "field": one}, {"withdrawn": 3}) for one in fields]
    with django_assert_max_num_queries(20):
        assert written(office, *changed) == ["saved"] * 40
