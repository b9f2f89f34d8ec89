"""What is a year compared with? The publication of the year before, and what happened to units since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q

from districts.models import Succession

from . import ranking
from .models import AssessmentYear, Publication, Standing

# Kind and key of a PublishedScope: ("area", "3").
ScopeKey = tuple[str, str]
# The same unit under another name, type or code: its results go on.
SAME_UNIT = (Succession.Kind.CONTINUES, Succession.Kind.RENAME, Succession.Kind.RECLASSIFY)


@dataclass(frozen=True)
class ScopeOutline:
    """What units are compared by; `previous_key` is the same thing in the publication before, if any.

    Bonuses and penalties are shown, not ranked.
    """

    key: ScopeKey
    title: str
    maximum: Decimal | None
    previous_key: ScopeKey | None
    is_ranked: bool = True


@dataclass(frozen=True)
class Before:
    """The publication a year is compared with, and what happened to units since."""

    publication: Publication
    positions: Mapping[ScopeKey, Mapping[int, ranking.Position]]
    reshaped: frozenset[int]
    formerly: Mapping[int, int]

    def has_other_criteria(self, publication: Publication) -> bool:
        return self.publication.criteria_set_id != publication.criteria_set_id

    def position(self, scope: ScopeOutline, unit_id: int) -> ranking.Position | None:
        known = self.positions.get(scope.previous_key, {}) if scope.previous_key else {}
        return known.get(unit_id) or known.get(self.formerly.get(unit_id, unit_id))


def compared_with(year: AssessmentYear) -> Before | None:
    """Return the current publication of the year before, of the same organiser and group; three queries."""
    earlier = (
        AssessmentYear.objects.filter(organiser=year.organiser, group=year.group, year=year.year - 1)
        .select_related("current_publication")
        .first()
    )
    if earlier is None or earlier.current_publication is None:
        return None
    previous = earlier.current_publication
    positions: dict[ScopeKey, dict[int, ranking.Position]] = {}
    for row in Standing.objects.filter(scope__publication=previous).select_related("scope"):
        key = (row.scope.kind, row.scope.key)
        positions.setdefault(key, {})[row.unit_id] = ranking.Position(row.points, row.max_points, row.rank)
    reshaped, formerly = _changes_between(earlier.year, year)
    return Before(previous, positions, reshaped, formerly)


def _changes_between(earlier: int, year: AssessmentYear) -> tuple[frozenset[int], dict[int, int]]:
    """Return the units whose territory changed, and successor → predecessor where a unit only got a new code.

    A change during the earlier year counts: that year's figures were made of both shapes. A change on its
    first day does not.
    """
    here = year.sheets.values("unit")
    edges = Succession.objects.filter(
        Q(successor__in=here) | Q(predecessor__in=here),
        effective_on__gt=dt.date(earlier, 1, 1),
        effective_on__lte=dt.date(year.year, 12, 31),
        successor__isnull=False,
    )
    reshaped: set[int] = set()
    formerly: dict[int, int] = {}
    for predecessor, successor, kind in edges.values_list("predecessor", "successor", "kind"):
        if kind in SAME_UNIT:
            formerly[successor] = predecessor
        else:
            reshaped |= {predecessor, successor}
    return frozenset(reshaped), formerly
