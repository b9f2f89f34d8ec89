"""Write the fictional country into the database: units, criteria, scores, publications, figures; all or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from districts.engine import insert_rows
from districts.models import Level, Organiser, OrganiserUnit, Scheme, Unit, UnitVersion
from districts.names import search_key, unit_sort_key
from reports.criteria import store_text
from reports.criteria_files import parse_set
from reports.models import (
    AssessmentYear,
    CriteriaSet,
    Criterion,
    DossierCount,
    DossierField,
    Group,
    PointsState,
    Satisfaction,
    Scope,
    Score,
    ScoreOrigin,
    ScoreSheet,
    Source,
)
from reports.workflow import publish

from . import figures
from .criteria import NOTE, document
from .places import COUNTRY_CODE, FIELDS, SLUG, District, Named, Size

Say = Callable[[str], None]
# Units by code; a year's scores are shared by the province and the country.
Units = dict[str, Unit]
SCORES_AT_ONCE = 20_000


def is_loaded() -> bool:
    return Scheme.objects.filter(code=SLUG).exists()


@transaction.atomic
def load_national(size: Size, *, with_communes: bool, say: Say = lambda line: None) -> None:
    """Make the country; the database holds none of it yet (`is_loaded`)."""
    units = _write_units(size)
    say(f"{len(units):,} đơn vị hư cấu: {len(size.provinces)} tỉnh, {len(size.districts)} huyện")
    store_text(SLUG, parse_set(document()))
    source = Source.objects.get(slug=SLUG)
    _write_satisfaction(size, units, source)
    fields = _fields()
    for number, district in enumerate(size.districts, 1):
        _write_dossiers(units[district.code], list(fields), figures.DISTRICT_USUAL, size, fields, source)
        if with_communes:
            for place, commune in enumerate(district.communes):
                own = figures.fields_of_commune(place, list(fields))
                _write_dossiers(units[commune.code], own, figures.COMMUNE_USUAL, size, fields, source)
        if number % 50 == 0 or number == len(size.districts):
            say(f"hồ sơ theo tháng: {number}/{len(size.districts)} huyện")
    country = _organiser(SLUG, "Cả nước (mẫu)", [units[p.code] for p in size.provinces])
    _write_results(country, size.districts, units, size, source)
    say(f"chấm điểm và công bố {size.years} năm của cả nước: {len(size.districts)} huyện mỗi năm")
    for number, province in enumerate(size.provinces, 1):
        organiser = _organiser(province.slug, f"{province.type} {province.name}", [units[province.code]])
        _write_results(organiser, province.districts, units, size, source)
        if number % 10 == 0 or number == len(size.provinces):
            say(f"chấm điểm và công bố: {number}/{len(size.provinces)} tỉnh")


def _write_units(size: Size) -> Units:
    scheme = Scheme.objects.create(code=SLUG, name="Danh mục mẫu cỡ quốc gia (hư cấu)", is_sample=True)
    found: Units = {}

    def write(level: Level, places: Iterable[tuple[Named, Unit | None]]) -> None:
        rows = Unit.objects.bulk_create(
            (_unit(scheme, level, place, parent) for place, parent in places), batch_size=5000
        )
        found.update((row.code, row) for row in rows)

    write(Level.COUNTRY, [(Named(COUNTRY_CODE, "Nước", "Mẫu"), None)])
    write(Level.PROVINCE, ((p, found[COUNTRY_CODE]) for p in size.provinces))
    write(Level.DISTRICT, ((d, found[p.code]) for p in size.provinces for d in p.districts))
    write(Level.COMMUNE, ((c, found[d.code]) for d in size.districts for c in d.communes))
    UnitVersion.objects.bulk_create(
        (UnitVersion(unit=u, type=u.type, name=u.name, parent=u.parent) for u in found.values()),
        batch_size=5000,
    )
    return found


def _unit(scheme: Scheme, level: Level, place: Named, parent: Unit | None) -> Unit:
    return Unit(
        scheme=scheme,
        code=place.code,
        level=level,
        type=place.type,
        name=place.name,
        parent=parent,
        sort_key=unit_sort_key(place.name, place.type),
        search_key=search_key([(place.type, place.name)]),
    )


def _organiser(slug: str, name: str, units: list[Unit]) -> Organiser:
    organiser = Organiser.objects.create(slug=slug, name=name, is_sample=True)
    OrganiserUnit.objects.bulk_create(OrganiserUnit(organiser=organiser, unit=unit) for unit in units)
    return organiser


def _fields() -> dict[str, int]:
    rows = DossierField.objects.bulk_create(
        DossierField(slug=f"{SLUG}-{number:02}", name=f"Lĩnh vực mẫu {number}")
        for number in range(1, FIELDS + 1)
    )
    return {row.slug: row.pk for row in rows}


def _write_dossiers(
    unit: Unit,
    slugs: list[str],
    usual: tuple[int, int],
    size: Size,
    fields: dict[str, int],
    source: Source,
) -> None:
    insert_rows(
        DossierCount,
        ["unit_id", "scope", "source_id", "field_id", "starts_on", "ends_on", *figures.COUNTS],
        (
            [
                unit.pk,
                Scope.OWN.value,
                source.pk,
                None if slug is None else fields[slug],
                starts_on,
                ends_on,
                *counts,
            ]
            for slug, starts_on, ends_on, counts in figures.dossiers(unit.code, slugs, usual, size)
        ),
    )


def _write_satisfaction(size: Size, units: Units, source: Source) -> None:
    kinds = ((Satisfaction.Kind.SIPAS, Scope.TERRITORY), (Satisfaction.Kind.RATING, Scope.OWN))

    def rows() -> Iterator[Satisfaction]:
        for district in size.districts:
            for year in size.index_years:
                for kind, scope in kinds:
                    survey = figures.satisfaction(district.code, year, kind)
                    yield Satisfaction(
                        unit=units[district.code],
                        scope=scope,
                        kind=kind,
                        source=source,
                        starts_on=dt.date(year, 1, 1),
                        ends_on=dt.date(year, 12, 31),
                        is_random_sample=kind == Satisfaction.Kind.SIPAS,
                        **asdict(survey),
                    )

    Satisfaction.objects.bulk_create(rows(), batch_size=5000)


def _write_results(
    organiser: Organiser, districts: Iterable[District], units: Units, size: Size, source: Source
) -> None:
    """Score and publish every year, the oldest first, so that each is compared with the one before."""
    group, _ = Group.objects.get_or_create(
        slug="huyen", defaults={"name": "UBND cấp huyện", "levels": [Level.DISTRICT]}
    )
    criteria_set = CriteriaSet.objects.get(slug=SLUG)
    leaves = list(Criterion.objects.filter(criteria_set=criteria_set, is_leaf=True).order_by("order"))
    codes = [district.code for district in districts]
    for number in size.index_years:
        year = AssessmentYear.objects.create(
            organiser=organiser,
            year=number,
            group=group,
            criteria_set=criteria_set,
            stage=AssessmentYear.Stage.FINAL,
            note=NOTE,
        )
        sheets = ScoreSheet.objects.bulk_create(
            ScoreSheet(assessment_year=year, unit=units[code], status=ScoreSheet.Status.CLOSED)
            for code in codes
        )
        Score.objects.bulk_create(_scores(sheets, leaves, number), batch_size=SCORES_AT_ONCE)
        publish(
            year,
            published_at=dt.datetime(number + 1, 1, 15, 9, tzinfo=timezone.get_default_timezone()),
            decision_number=f"QĐ mẫu 01/{number + 1}",
            decided_on=dt.date(number + 1, 1, 14),
            source=source,
        )


def _scores(sheets: list[ScoreSheet], leaves: list[Criterion], year: int) -> Iterator[Score]:
    maxima = [leaf.max_points or Decimal(0) for leaf in leaves]
    none = PointsState.NOT_APPLICABLE
    for sheet in sheets:
        for leaf, points in zip(leaves, figures.points_of(sheet.unit.code, year, maxima), strict=True):
            if leaf.origin == ScoreOrigin.SURVEY:
                yield Score(
                    sheet=sheet,
                    criterion=leaf,
                    self_state=none,
                    appraised_state=none,
                    survey_state=PointsState.VALUE,
                    survey_points=points.appraised,
                )
            else:
                yield Score(
                    sheet=sheet,
                    criterion=leaf,
                    self_state=PointsState.VALUE,
                    self_points=points.own,
                    appraised_state=PointsState.VALUE,
                    appraised_points=points.appraised,
                    survey_state=none,
                )
