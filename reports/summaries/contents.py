"""Which kinds of figures are there of a unit? Known with the unit itself, so that pages do not ask each table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from django.db.models import BigIntegerField, Model, OuterRef, QuerySet, Subquery, Value

from districts.models import Unit
from districts.prepared import Asked, Prepared
from reports.models import (
    Activity,
    DossierCount,
    Index766,
    Initiative,
    Observation,
    OfficialResult,
    Satisfaction,
    SatisfactionFactor,
    Standing,
)

Row = TypeVar("Row")
# The unit of a prepared query.
UNIT = Asked("unit", BigIntegerField())
PATHS: dict[type[Model], str] = {
    Activity: "unit",
    DossierCount: "unit",
    Index766: "unit",
    Initiative: "unit",
    Observation: "unit",
    OfficialResult: "unit",
    Satisfaction: "unit",
    SatisfactionFactor: "satisfaction__unit",
    Standing: "unit",
}


def with_contents(units: QuerySet[Unit]) -> QuerySet[Unit]:
    """Let the units know which tables hold rows of theirs, in the same query."""
    rows = {
        model: model._default_manager.filter(**{path: OuterRef("pk")}).order_by()
        for model, path in PATHS.items()
    }
    # Not Exists, which PostgreSQL plans twice each: a first row is 1, none is null.
    first = {_name(model): Subquery(own.values(row=Value(1))[:1]) for model, own in rows.items()}
    return units.annotate(**first)


def may_have(unit: Unit, model: type[Model]) -> bool:
    """Return False where a unit is known to have no row there."""
    return bool(getattr(unit, _name(model), True))


def rows_of(unit: Unit, rows: Prepared[Row], **values: Any) -> Sequence[Row]:
    """Ask for rows of UNIT, this one, without a query where it is known to have none."""
    return rows(unit=unit.pk, **values) if may_have(unit, rows.queryset.model) else ()


def _name(model: type[Model]) -> str:
    return f"has_{model._meta.model_name}"
