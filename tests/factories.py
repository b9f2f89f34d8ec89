"""Rows to test with: each `make_x` takes what matters to the test and fills in the rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from districts.models import Level, Organiser, Scheme, Unit
from districts.names import search_key, unit_sort_key
from reports.models import (
    AssessmentYear,
    CriteriaSet,
    Criterion,
    Group,
    PointsState,
    Score,
    ScoreSheet,
    Source,
)


def make_scheme(code: str = "test", **overrides: Any) -> Scheme:
    return Scheme.objects.get_or_create(code=code, defaults={"name": "Danh mục thử", **overrides})[0]


def make_unit(name: str, **overrides: Any) -> Unit:
    fields: dict[str, Any] = {"level": Level.DISTRICT, "type": "Huyện", "code": f"T{Unit.objects.count():03}"}
    fields |= overrides
    fields.setdefault("scheme", make_scheme())
    fields["sort_key"] = unit_sort_key(name, fields["type"])
    fields["search_key"] = search_key([(fields["type"], name)])
    return Unit.objects.create(name=name, **fields)


def make_organiser(slug: str = "tinh-thu", **overrides: Any) -> Organiser:
    return Organiser.objects.get_or_create(slug=slug, defaults={"name": "Tỉnh Thử", **overrides})[0]


def make_source(slug: str = "nguon-thu", **overrides: Any) -> Source:
    return Source.objects.get_or_create(slug=slug, defaults={"title": "Nguồn thử", **overrides})[0]


def make_criteria_set(
    leaves: Mapping[str, tuple[str, str]], slug: str = "bo-thu", previous: CriteriaSet | None = None
) -> CriteriaSet:
    """Make a set from {"1.1": ("70", "appraised"), …}; the part before the dot names the area."""
    criteria_set = CriteriaSet.objects.create(slug=slug, name="Bộ thử", status="sample", previous=previous)
    areas: dict[str, Criterion] = {}
    for order, (code, (points, origin)) in enumerate(leaves.items()):
        area = code.split(".")[0]
        if area not in areas:
            areas[area] = Criterion.objects.create(
                criteria_set=criteria_set,
                code=area,
                title=f"Lĩnh vực {area}",
                order=100 * order,
                previous=Criterion.objects.filter(criteria_set=previous, code=area).first(),
            )
        Criterion.objects.create(
            criteria_set=criteria_set,
            parent=areas[area],
            code=code,
            title=f"Tiêu chí {code}",
            order=100 * order + 1,
            depth=1,
            is_leaf=True,
            max_points=Decimal(points),
            origin=origin,
        )
    return criteria_set


def make_year(year: int, **overrides: Any) -> AssessmentYear:
    fields: dict[str, Any] = {"organiser": overrides.pop("organiser", None) or make_organiser(), **overrides}
    fields.setdefault("group", Group.objects.get_or_create(slug="huyen", defaults={"name": "Huyện"})[0])
    return AssessmentYear.objects.create(year=year, **fields)


def make_sheet(
    year: AssessmentYear, unit: Unit, points: Mapping[str, str | None], **overrides: Any
) -> ScoreSheet:
    """Make a unit's sheet with final points by criterion code; None is not applicable, absent not entered."""
    sheet = ScoreSheet.objects.create(
        **{"assessment_year": year, "unit": unit, "status": "closed"} | overrides
    )
    for leaf in Criterion.objects.filter(criteria_set=year.criteria_set, code__in=list(points)):
        value = points[leaf.code]
        state = PointsState.NOT_APPLICABLE if value is None else PointsState.VALUE
        given = {f"{leaf.origin}_points": value and Decimal(value), f"{leaf.origin}_state": state}
        Score.objects.create(sheet=sheet, criterion=leaf, **given)
    return sheet


def at(year: int, month: int = 1, day: int = 15) -> dt.datetime:
    return dt.datetime(year, month, day, 9, tzinfo=dt.timezone(dt.timedelta(hours=7)))
