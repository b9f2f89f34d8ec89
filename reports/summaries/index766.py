"""The 766 index of a unit over its periods: the portal's score, and what the counts behind it would give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import prefetch_related_objects

from districts.models import Unit
from districts.prepared import Prepared
from reports.index766 import COMPONENTS, GROUPS, Component, Group, explained
from reports.models import Index766
from reports.periods import Period
from reports.readers import ReadError, parse_count, parse_decimal
from reports.scoring import round_half_up

from .contents import UNIT, rows_of
from .dossiers import period_label

# The fitted formulas agree with the portal to within this.
NEAR = Decimal("0.015")
INDEX766: Prepared[Index766] = Prepared(
    lambda: Index766.objects.public().filter(unit=UNIT).select_related("source")
)


@dataclass(frozen=True)
class PartScore:
    """A component or a group in one period; `ours` explains, `is_off` where it differs more than the fit does."""

    key: str
    title: str
    maximum: Decimal
    points: Decimal | None
    numerator: int | None = None
    denominator: int | None = None
    ours: Decimal | None = None
    flag: str = ""

    @property
    def is_off(self) -> bool:
        return self.ours is not None and self.points is not None and abs(self.ours - self.points) > NEAR


@dataclass(frozen=True)
class GroupScore:
    """A group with its components."""

    group: PartScore
    parts: tuple[PartScore, ...]


@dataclass(frozen=True)
class Score766:
    """A unit's index of one period."""

    row: Index766
    label: str
    groups: tuple[GroupScore, ...]


@dataclass(frozen=True)
class Field766:
    """A line of the form: a group or component with what stands in its fields, what ours gives, and its error."""

    score: PartScore
    typed: Mapping[str, str]
    error: str
    component: Component | None


def index766_of_unit(unit: Unit, year: int | None = None) -> list[Score766]:
    """Return what is public of a unit's 766 index, of all years or one, the latest period first; two queries."""
    rows = [row for row in rows_of(unit, INDEX766) if year in (None, row.ends_on.year)]
    prefetch_related_objects(rows, "parts")
    return scores_of(rows)


def scores_of(rows: Iterable[Index766]) -> list[Score766]:
    """Return scores with their groups, the latest period first; the parts should be prefetched."""
    ordered = sorted(rows, key=lambda row: (row.ends_on, row.starts_on), reverse=True)
    return [Score766(row, period_label(Period(row.starts_on, row.ends_on)), _groups(row)) for row in ordered]


def explained_groups(
    typed: Mapping[str, Mapping[str, str]], errors: Mapping[str, str]
) -> list[tuple[Field766, list[Field766]]]:
    """Return the lines of the form, by group: what was typed with what it explains, as far as it can be read."""
    return [
        (_field(group, typed, errors), [_field(one, typed, errors) for one in group.components])
        for group in GROUPS
    ]


def _field(
    one: Group | Component, typed: Mapping[str, Mapping[str, str]], errors: Mapping[str, str]
) -> Field766:
    said = typed[one.key]
    component = one if isinstance(one, Component) else None
    try:
        score = _part(
            one,
            parse_decimal(said["points"]),
            parse_count(said["numerator"]),
            parse_count(said["denominator"]),
            said["flag"],
        )
    except ReadError:
        score = _part(one, None, None, None, "")
    return Field766(score, said, errors.get(one.key, ""), component)


def _groups(row: Index766) -> tuple[GroupScore, ...]:
    stored = {part.key: part for part in row.parts.all()}

    def score(one: Group | Component) -> PartScore:
        part = stored.get(one.key)
        if part is None:
            return _part(one, None, None, None, "")
        return _part(one, part.points, part.numerator, part.denominator, part.flag)

    return tuple(GroupScore(score(group), tuple(score(one) for one in group.components)) for group in GROUPS)


def _part(
    one: Group | Component,
    points: Decimal | None,
    numerator: int | None,
    denominator: int | None,
    flag: str,
) -> PartScore:
    ours = None
    if one.key in COMPONENTS and (numerator is None or denominator is None or numerator <= denominator):
        exact = explained(COMPONENTS[one.key], numerator, denominator)
        ours = None if exact is None else round_half_up(exact, 3)
    return PartScore(one.key, one.title, one.maximum, points, numerator, denominator, ours, flag)
