"""What contradicts itself in units' dossier counts: within a row, and between periods, fields, communes and scopes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q

from districts.models import Level as UnitLevel
from districts.models import Unit
from reports import row_checks
from reports.check_sentences import findings_of
from reports.checks import AtMost, Finding, Level, Verdict
from reports.dossier_columns import COLUMNS
from reports.entered_check_sentences import sentence
from reports.models import DossierCount, Quality, Scope
from reports.periods import DAY, Period
from reports.row_check_sentences import sentence as gap_sentence
from reports.row_checks import ADDED, Between, Row, RowGap

from .said import Said

# (unit, scope, field) → the rows by period.
Place = tuple[int, str, int | None]
Rows = Mapping[Place, Mapping[Period, Row]]
ORDER = {column.name: place for place, column in enumerate(COLUMNS)}


@dataclass(frozen=True)
class _Around:
    """The rows beside those that are checked, and which communes a unit has."""

    rows: Rows
    communes: Mapping[int, Sequence[Unit]]
    # By unit and scope: the places of its fields.
    fields: Mapping[tuple[int, str], Sequence[Place]]

    def fields_of(self, place: Place, period: Period) -> list[Row]:
        found = [self.rows[one] for one in self.fields.get(place[:2], ())]
        return [by_period[period] for by_period in found if period in by_period]

    def at(self, place: Place) -> Mapping[Period, Row]:
        return self.rows.get(place, {})


def check_dossier_rows(rows: Sequence[DossierCount]) -> list[list[Said]]:
    """Return what is to be said of each row, those of one write seen together. Three queries, however many rows."""
    around = _around(rows)
    return [[*_within(row), *(_said(gap) for gap in _between(row, around))] for row in rows]


def _within(row: DossierCount) -> Iterator[Said]:
    """A row's own identities; what agrees goes without saying."""
    for found in findings_of(row):
        if found.verdict is not Verdict.HOLDS:
            whole = found.identity.whole
            # What is too much is the part.
            is_part = isinstance(found.identity, AtMost)
            fields = (*found.terms, whole) if is_part else (whole, *found.terms)
            yield Said(sentence(found, row), found.level, fields, found.identity.key, _is_open(found, row))


def _is_open(found: Finding, row: DossierCount) -> bool:
    """Return whether the row is on its way to what is missing: nothing is filled in beyond it, in the form's order."""
    if found.verdict is not Verdict.UNKNOWN or not found.missing or found.is_bound:
        return False
    last = max(ORDER[name] for name in found.missing)
    return all(getattr(row, name) is None for name, place in ORDER.items() if place > last)


def _said(gap: RowGap) -> Said:
    return Said(gap_sentence(gap), Level.WARN, (gap.column,), gap.between)


def _between(row: DossierCount, around: _Around) -> Iterator[RowGap]:
    own, place = as_row(row), place_of(row)
    beside = [one for period, one in around.at(place).items() if period != own.period]
    yield from row_checks.carried_over(own, beside)
    yield from row_checks.cumulative(own, beside)
    if row.field_id is None:
        yield from row_checks.added(own, around.fields_of(place, own.period), Between.FIELDS)
    if row.scope == Scope.COMMUNES:
        yield from _communes(row, own, around)
    if row.scope == Scope.TERRITORY:
        parts = [around.at((row.unit_id, scope, row.field_id)) for scope in (Scope.OWN, Scope.COMMUNES)]
        known = [by_period[own.period] for by_period in parts if own.period in by_period]
        yield from row_checks.added(own, known, Between.TERRITORY, of=2)


def _communes(row: DossierCount, own: Row, around: _Around) -> Iterator[RowGap]:
    there = [
        one
        for one in around.communes.get(row.unit_id, ())
        if one.is_valid_on(row.starts_on) or one.is_valid_on(row.ends_on)
    ]
    found = [around.at((one.pk, Scope.OWN, row.field_id)).get(own.period) for one in there]
    known = [one for one in found if one is not None]
    if known:
        yield from row_checks.added(own, known, Between.COMMUNES, of=len(there))


def as_row(row: DossierCount) -> Row:
    """Return a dossier count as the checks between rows read it."""
    values = {name: getattr(row, name) for name in ADDED}
    exact = (Quality.EXACT, Quality.DERIVED)
    return Row(
        Period(row.starts_on, row.ends_on),
        {name: value for name, value in values.items() if value is not None},
        row.convention,
        frozenset(name for name in ADDED if row.quality_of(name) not in exact),
    )


def place_of(row: DossierCount) -> Place:
    return (row.unit_id, str(row.scope), row.field_id)


def _around(rows: Sequence[DossierCount]) -> _Around:
    """Read the rows around those given, which stand in for what is stored of them."""
    if not rows:
        return _Around({}, {}, {})
    units = {row.unit_id for row in rows}
    blocks = {row.unit_id for row in rows if row.scope == Scope.COMMUNES}
    communes: dict[int, list[Unit]] = defaultdict(list)
    for unit in Unit.objects.filter(parent__in=blocks, level=UnitLevel.COMMUNE):
        communes[unit.parent_id or 0].append(unit)
    found: dict[Place, dict[Period, Row]] = defaultdict(dict)
    ids = [*units, *(unit.pk for own in communes.values() for unit in own)]
    for row in [*_stored(ids, rows), *rows]:
        found[place_of(row)][Period(row.starts_on, row.ends_on)] = as_row(row)
    fields: dict[tuple[int, str], list[Place]] = defaultdict(list)
    for place in found:
        if place[2] is not None:
            fields[place[:2]].append(place)
    return _Around(found, communes, fields)


def _stored(units: Iterable[int], rows: Sequence[DossierCount]) -> Iterable[DossierCount]:
    first, last = min(row.starts_on for row in rows) - DAY, max(row.ends_on for row in rows)
    near = Q(starts_on__lte=last, ends_on__gte=first)
    return DossierCount.objects.in_work().filter(near, unit__in=list(units)).order_by("pk")
