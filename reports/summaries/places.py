"""Which unit of which organiser is meant by an address?"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import (
    BooleanField,
    CharField,
    DateField,
    Exists,
    ExpressionWrapper,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import JSONObject

from districts.models import Organiser, OrganiserUnit, Unit
from districts.prepared import Asked, Prepared
from reports.models import OfficialResult, ScoreSheet

from .contents import with_contents

ORGANISER_SLUG = Asked("organiser", CharField())
OF_ORGANISER = tuple(field.attname for field in Organiser._meta.concrete_fields)


def find_place(organiser: str, year: int, code: str) -> tuple[Organiser, Unit] | None:
    """Return the organiser of that slug with its unit of that code in that year, or None. One query.

    Codes are reused by the next scheme, so the unit assessed that year goes first, then the scheme in force
    latest in the year.
    """
    asked = {"organiser": organiser, "year": year, "code": code}
    days = {"starts_on": dt.date(year, 1, 1), "ends_on": dt.date(year, 12, 31)}
    known = [unit for unit in UNITS(**asked, **days) if unit.is_assessed or unit.is_own]
    if not known:
        return None
    unit = max(known, key=lambda one: (one.is_assessed, one.valid_from or dt.date.min))
    database = UNITS.queryset.db
    return Organiser.from_db(database, OF_ORGANISER, [unit.organiser[name] for name in OF_ORGANISER]), unit


def _units() -> QuerySet[Any]:
    """Units with that code and the organiser's row, each told whether it was assessed then and is its own."""
    year = Asked("year", IntegerField())
    of_year = {
        "assessment_year__organiser__slug": ORGANISER_SLUG,
        "assessment_year__year": year,
        "unit": OuterRef("pk"),
    }
    assessed = Exists(ScoreSheet.objects.filter(**of_year)) | Exists(OfficialResult.objects.filter(**of_year))
    own = (
        OrganiserUnit.objects.filter(organiser__slug=ORGANISER_SLUG)
        .exclude(valid_from__gt=Asked("ends_on", DateField()))
        .exclude(valid_to__lt=Asked("starts_on", DateField()))
    )
    organiser = Organiser.objects.filter(slug=ORGANISER_SLUG).order_by()
    below = Q()
    for depth in range(4):
        below |= Q(unit=OuterRef("__".join(["parent"] * depth) or "pk"))
    return (
        with_contents(Unit.objects.select_related("scheme", "parent__parent__parent"))
        .filter(code=Asked("code", CharField()))
        .annotate(
            organiser=Subquery(organiser.values(row=JSONObject(**{name: name for name in OF_ORGANISER}))),
            is_assessed=ExpressionWrapper(assessed, BooleanField()),
            is_own=Exists(own.filter(below)),
        )
    )


UNITS = Prepared(_units)
