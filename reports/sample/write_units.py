"""Write the fictional province and its units: names over time, the merger, the organiser."""

from __future__ import annotations

import datetime as dt

from districts.models import Level, Organiser, OrganiserUnit, Scheme, Succession, Unit, UnitVersion
from districts.names import search_key, unit_sort_key

from .places import (
    MERGED,
    MERGED_INTO,
    MERGED_ON,
    ORGANISER,
    PLACES,
    PROVINCE_CODE,
    SCHEME,
    TOWN,
    TOWN_BEFORE,
    TOWN_FROM,
    YEARS,
)


def write_units() -> tuple[dict[str, Unit], Organiser]:
    """Return the districts by code, and the organiser the province is."""
    scheme = Scheme.objects.create(code=SCHEME, name="Danh mục minh họa (hư cấu)", is_sample=True)
    province = _unit(scheme, PROVINCE_CODE, Level.PROVINCE, "Tỉnh", "Minh Họa", None)
    province.save()
    units = Unit.objects.bulk_create(
        _unit(
            *(scheme, p.code, Level.DISTRICT, p.type, p.name, province),
            valid_from=None if p.first_year == YEARS[0] else dt.date(p.first_year, 1, 1),
            valid_to=None if p.last_year == YEARS[-1] else dt.date(p.last_year, 12, 31),
            earlier=[(TOWN_BEFORE, p.name)] if p.code == TOWN else [],
        )
        for p in PLACES
    )
    by_code = {unit.code: unit for unit in units}
    UnitVersion.objects.bulk_create(version for unit in (province, *units) for version in _versions(unit))
    Succession.objects.bulk_create(
        Succession(
            predecessor=by_code[code],
            successor=by_code[MERGED_INTO],
            effective_on=MERGED_ON,
            kind=Succession.Kind.MERGE,
            is_main_part=code == MERGED[0],
        )
        for code in MERGED
    )
    organiser = Organiser.objects.create(slug=ORGANISER, name="Tỉnh Minh Họa", is_sample=True)
    OrganiserUnit.objects.create(organiser=organiser, unit=province)
    return by_code, organiser


def _unit(
    scheme: Scheme,
    code: str,
    level: Level,
    type_: str,
    name: str,
    parent: Unit | None,
    *,
    valid_from: dt.date | None = None,
    valid_to: dt.date | None = None,
    earlier: list[tuple[str, str]] | None = None,
) -> Unit:
    return Unit(
        scheme=scheme,
        code=code,
        level=level,
        type=type_,
        name=name,
        parent=parent,
        valid_from=valid_from,
        valid_to=valid_to,
        sort_key=unit_sort_key(name, type_),
        search_key=search_key([(type_, name), *(earlier or [])]),
    )


def _versions(unit: Unit) -> list[UnitVersion]:
    last = UnitVersion(
        unit=unit,
        type=unit.type,
        name=unit.name,
        parent=unit.parent,
        valid_from=unit.valid_from,
        valid_to=unit.valid_to,
    )
    if unit.code != TOWN:
        return [last]
    last.valid_from = TOWN_FROM
    before = TOWN_FROM - dt.timedelta(days=1)
    return [
        UnitVersion(unit=unit, type=TOWN_BEFORE, name=unit.name, parent=unit.parent, valid_to=before),
        last,
    ]
