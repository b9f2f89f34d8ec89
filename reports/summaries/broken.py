"""Which of the figures that units have entered contradict themselves, and which of those are explained?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from districts.models import Unit
from reports.checks import Level
from reports.models import Releasable
from reports.workflow.figure_checks import CHECKS, check
from reports.workflow.figure_rows import label_of

UNITS_AT_ONCE = 40


@dataclass(frozen=True)
class Broken:
    """A row with what is wrong with it; `gap_reason` is the unit's explanation, empty where there is none."""

    unit: Unit
    label: str
    texts: tuple[str, ...]
    gap_reason: str
    # What cannot be, reason or not.
    is_impossible: bool = False

    @property
    def is_open(self) -> bool:
        return self.is_impossible or not self.gap_reason


def broken_rows(model: type[Releasable], rows: Sequence[Any]) -> list[Broken]:
    """Return the rows that the checks of their model find something wrong with."""
    found = []
    for row, said in zip(rows, check(model, rows), strict=True):
        wrong = [one for one in said if one.level in (Level.WARN, Level.BLOCK)]
        if wrong:
            texts = tuple(one.text for one in wrong)
            blocked = any(one.level is Level.BLOCK for one in wrong)
            found.append(Broken(row.unit, label_of(row), texts, row.gap_reason.strip(), blocked))
    return found


def broken_figures(organiser_slug: str = "") -> Iterator[Broken]:
    """Yield what is wrong in all that units have entered, unit by unit; a few units in memory at a time."""
    entered = Q()
    for model in CHECKS:
        entered |= Q(pk__in=_entered(model).values("unit"))
    units = Unit.objects.filter(entered).order_by("sort_key", "pk").values_list("pk", flat=True)
    if organiser_slug:
        units = units.filter(_below(organiser_slug))
    known = list(units.distinct())
    for first in range(0, len(known), UNITS_AT_ONCE):
        chunk = known[first : first + UNITS_AT_ONCE]
        for model in CHECKS:
            rows = _entered(model).filter(unit__in=chunk).order_by("unit__sort_key", "pk")
            yield from broken_rows(model, list(rows.select_related("unit", *_fields(model))))


def _entered(model: type[Releasable]) -> Any:
    return model.objects.in_work()


def _below(slug: str) -> Q:
    paths = ("parent", "parent__parent", "parent__parent__parent")
    below = Q(pk__in=[])
    for path in paths:
        below |= Q(**{f"{path}__organiser_units__organiser__slug": slug})
    return below


def _fields(model: type[Releasable]) -> list[str]:
    return [one.name for one in model._meta.concrete_fields if one.name in ("field", "indicator")]
