"""The shapes of answers: those of open data's tables come from the declarations of their fields."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Generic, TypeVar

from ninja import Schema
from pydantic import Field as PydanticField
from pydantic import create_model

from reports.open_data.fields import DATASETS, Dataset, Field

T = TypeVar("T")
DECIMAL = r"^-?\d+(\.\d+)?$"


class Page(Schema, Generic[T]):
    """A part of a list: how many there are in all, and the address of the next part."""

    count: int
    next: str | None
    rows: list[T]


class Problem(Schema):
    """An error (RFC 9457)."""

    type: str
    status: int
    title: str
    detail: str | None = None
    errors: list[dict[str, str]] | None = None


class OrganiserOut(Schema):
    slug: str
    name: str
    is_sample: bool


class YearOut(Schema):
    """A published year of a group of units."""

    title: str
    organiser: str
    year: int
    group: str
    is_sample: bool
    version: int | None
    published_on: dt.date | None
    decision: str | None
    licence: str
    licence_url: str


class UnitOut(Schema):
    scheme: str
    code: str
    name: str
    type: str
    level: int
    parent: str | None
    valid_from: dt.date | None
    valid_to: dt.date | None


class EdgeOut(Schema):
    """A unit that another came from or became; `kind` as continues, merge, split, rename, reclassify, end."""

    scheme: str
    code: str
    name: str
    kind: str
    effective_on: dt.date | None
    is_main: bool | None


class UnitDetail(UnitOut):
    predecessors: list[EdgeOut]
    successors: list[EdgeOut]


class CriteriaSetOut(Schema):
    slug: str
    name: str
    status: str


class CriterionOut(Schema):
    code: str
    parent: str | None
    title: str
    depth: int
    is_leaf: bool
    max_points: Annotated[str, PydanticField(pattern=DECIMAL)] | None
    origin: str | None
    legal_basis: str | None


class CriteriaSetDetail(CriteriaSetOut):
    criteria: list[CriterionOut]


def _annotation(field: Field) -> Any:
    known: dict[str, Any] = {
        "string": str,
        "integer": int,
        "number": Annotated[str, PydanticField(pattern=DECIMAL)],
        "boolean": bool,
        "date": dt.date,
    }
    return known[field.type] if field.is_required else known[field.type] | None


def _row(dataset: Dataset) -> type[Schema]:
    """Return the shape of a row: exact decimals as strings, null where nothing is known."""
    fields: dict[str, Any] = {
        field.name: (
            _annotation(field),
            PydanticField(
                ...,
                title=field.name,
                description=" · ".join(str(part) for part in (field.title, field.unit) if part),
            ),
        )
        for field in dataset.fields
    }
    name = f"{dataset.slug.capitalize()}Row"
    return create_model(name, __base__=Schema, __module__=__name__, **fields)


ROWS: dict[str, Any] = {slug: _row(dataset) for slug, dataset in DATASETS.items()}
