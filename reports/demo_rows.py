"""Write the five reports into the database, and take them out again: the writing side of the table in reports.demo.

Nothing that others made is changed: an organiser, a group, a year or an indicator that is there already is used
as it is, and stays when the demo goes while anything else refers to it.
"""

from __future__ import annotations

from typing import Any

from django.db import models, transaction

from districts.models import Organiser, OrganiserUnit, Unit
from reports.demo import Report, Row, UnitCode, reports, shared
from reports.indicators import load_indicators
from reports.models import (
    Activity,
    AssessmentYear,
    CriteriaSet,
    DossierCount,
    Group,
    Indicator,
    Initiative,
    Observation,
    OfficialResult,
    Satisfaction,
    Source,
    Sourced,
)

# By what a row is found again, besides its source: the uniqueness each model declares.
KEYS: dict[type[Sourced], tuple[str, ...]] = {
    OfficialResult: ("assessment_year", "unit", "quality"),
    DossierCount: ("unit", "scope", "field", "starts_on", "ends_on"),
    Satisfaction: ("unit", "scope", "kind", "starts_on", "ends_on"),
    Observation: ("indicator", "unit", "scope", "ends_on"),
    Initiative: ("unit", "name"),
    Activity: ("unit", "title"),
}
MODELS = {model.__name__: model for model in KEYS}


class SourceTaken(Exception):
    """A source that is not demo content has the name of a demo source."""


def criteria_missing() -> bool:
    """Return whether a criteria set the reports name is not loaded."""
    years = [year for organiser in shared()["organisers"] for year in organiser["years"]]
    named = {year["criteria_set"] for year in years if "criteria_set" in year}
    return CriteriaSet.objects.filter(slug__in=named).count() < len(named)


@transaction.atomic
def load_shared() -> None:
    """Make what the reports need where it is missing: organisers with their years, the group, the indicators."""
    table = shared()
    group, _ = Group.objects.get_or_create(
        slug=table["group"]["slug"], defaults={k: v for k, v in table["group"].items() if k != "slug"}
    )
    for entry in table["organisers"]:
        organiser, _ = Organiser.objects.get_or_create(slug=entry["slug"], defaults={"name": entry["name"]})
        for dated in entry["units"]:
            period = {k: v for k, v in dated.items() if k.startswith("valid_")}
            unit = find_unit(UnitCode(dated["scheme"], dated["code"]))
            OrganiserUnit.objects.get_or_create(organiser=organiser, unit=unit, defaults=period)
        for year in entry["years"]:
            _make_year(organiser, group, year)
    load_indicators()


def _make_year(organiser: Organiser, group: Group, entry: dict[str, Any]) -> None:
    criteria = CriteriaSet.objects.get(slug=entry["criteria_set"]) if "criteria_set" in entry else None
    AssessmentYear.objects.get_or_create(
        organiser=organiser,
        group=group,
        year=entry["year"],
        defaults={
            "criteria_set": criteria,
            "printed_roster_size": entry.get("printed_roster_size"),
            "stage": AssessmentYear.Stage.PUBLISHED,
            "basis": AssessmentYear.Basis.TOTALS,
        },
    )


@transaction.atomic
def load_report(report: Report) -> int:
    """Write one report's source and rows as the table has them, and return how many rows; idempotent.

    Raises ValidationError where a row breaks a rule of its model, SourceTaken, and DoesNotExist where a unit or
    a criteria set the report names is not loaded.
    """
    source = _write_source(report)
    written = [write_row(row, report, source) for row in report.rows if row.is_written]
    for row in report.rows:
        if row.model == CriteriaSet.__name__:
            CriteriaSet.objects.get(slug=row.slug)
    for model in KEYS:
        kept = [saved.pk for saved in written if isinstance(saved, model)]
        model._default_manager.filter(source=source).exclude(pk__in=kept).delete()
    return len(written)


def _write_source(report: Report) -> Source:
    slug = report.source["slug"]
    if Source.objects.filter(slug=slug, is_demo=False).exists():
        raise SourceTaken(slug)
    source, _ = Source.objects.update_or_create(slug=slug, defaults=report.source | {"is_demo": True})
    return source


def write_row(row: Row, report: Report, source: Source) -> Sourced:
    """Write one row of the table as one checked row of the database."""
    model = MODELS[row.model]
    fields = row.fields | {"unit": find_unit(row.unit)}
    if row.year is not None:
        fields["assessment_year"] = find_year(report.organiser, row.year)
    if row.indicator:
        fields["indicator"] = Indicator.objects.get(slug=row.indicator)
    saved = _found(model, fields, source)
    for name, value in fields.items():
        setattr(saved, name, value)
    saved.full_clean()
    saved.save()
    return saved


def _found(model: type[Sourced], fields: dict[str, Any], source: Source) -> Sourced:
    """Return the row of the same key, emptied so that nothing of an older table stays in it, or a new one."""
    blank = model(source=source)
    key = {name: fields.get(name, getattr(blank, name, None)) for name in KEYS[model]}
    same = model._default_manager.filter(source=source, **_lookups(key)).first()
    if same is not None:
        blank.pk, blank._state.adding, blank._state.db = same.pk, False, same._state.db
    return blank


def _lookups(key: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{name}__isnull" if value is None else name: True if value is None else value
        for name, value in key.items()
    }


def find_unit(code: UnitCode) -> Unit:
    return Unit.objects.get(scheme_id=code.scheme, code=code.code)


def find_year(organiser: str, year: int) -> AssessmentYear:
    group = shared()["group"]["slug"]
    return AssessmentYear.objects.get(organiser__slug=organiser, year=year, group__slug=group)


@transaction.atomic
def remove_reports() -> int:
    """Remove every row of a demo source and what was made for it and nothing else uses; return how many rows."""
    table = shared()
    slugs = [report.source["slug"] for report in reports()]
    sources = Source.objects.filter(is_demo=True, slug__in=slugs)
    removed = sum(model._default_manager.filter(source__in=sources).delete()[0] for model in KEYS)
    _delete_unused(sources)
    for entry in table["organisers"]:
        _remove_organiser(entry, table["group"]["slug"])
    _delete_unused(Group.objects.filter(slug=table["group"]["slug"]))
    return removed


def _remove_organiser(entry: dict[str, Any], group: str) -> None:
    organiser = Organiser.objects.filter(slug=entry["slug"]).first()
    if organiser is None:
        return
    # Only years as load_shared makes them: one that an office has begun to work on is not the demo's.
    made = organiser.years.filter(
        year__in=[year["year"] for year in entry["years"]],
        group__slug=group,
        stage=AssessmentYear.Stage.PUBLISHED,
        basis=AssessmentYear.Basis.TOTALS,
    )
    _delete_unused(made)
    if organiser.years.exists():
        return
    for dated in entry["units"]:
        organiser.organiser_units.filter(unit__scheme=dated["scheme"], unit__code=dated["code"]).delete()
    _delete_unused(Organiser.objects.filter(pk=organiser.pk))


def _delete_unused(rows: models.QuerySet[Any]) -> None:
    for row in rows:
        if not is_used(row):
            row.delete()


def is_used(row: models.Model) -> bool:
    """Return whether any row of any table refers to this one."""
    references = [
        field for field in row._meta.get_fields(include_hidden=True) if isinstance(field, models.ManyToOneRel)
    ]
    return any(
        field.related_model._base_manager.filter(**{field.field.name: row}).exists() for field in references
    )
