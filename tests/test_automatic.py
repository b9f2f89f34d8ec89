"""Which of the figures in the system a rule reads."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from districts.models import Unit
from reports.automatic import figures_of
from reports.models import Satisfaction
from tests.factories import make_source, make_unit

pytestmark = pytest.mark.django_db
YEAR = {"starts_on": dt.date(2025, 1, 1), "ends_on": dt.date(2025, 12, 31)}


@pytest.fixture
def unit() -> Unit:
    return make_unit("An")


def sipas(unit: Unit, percent: str, **fields: Any) -> None:
    said = {"unit": unit, "kind": "sipas", "scope": "own", "source": make_source(), **YEAR} | fields
    Satisfaction.objects.create(percent=Decimal(percent), **said)


def read(unit: Unit) -> Decimal | None:
    return figures_of([unit.pk], 2025).get(unit.pk, {}).get("satisfaction.sipas.percent")


def test_what_the_unit_enters_itself_goes_before_what_others_print_whichever_came_first(unit):
    own = make_source("tu-bao-cao", reported_by=unit)
    sipas(unit, "70")
    sipas(unit, "90", source=own)
    sipas(unit, "60", source=make_source("khac"))
    assert read(unit) == Decimal("90")


def test_its_own_office_goes_before_its_territory_and_its_communes_do_not_count(unit):
    sipas(unit, "90")
    sipas(unit, "50", scope="territory", source=make_source("tu-bao-cao", reported_by=unit))
    sipas(unit, "10", scope="communes")
    assert read(unit) == Decimal("90")


def test_a_part_of_the_year_is_not_the_year(unit):
    sipas(unit, "90", ends_on=dt.date(2025, 6, 30))
    assert read(unit) is None
