"""What is entered of a unit's dossiers for one scope and period: a row a field, what stood before, what is off."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, QuerySet

from districts.models import Level, Unit
from reports.dossier_columns import COLUMNS, Column, cell_text
from reports.models import DossierCount, DossierField, Scope
from reports.periods import DAY, Period, months_until
from reports.row_checks import ADDED
from reports.workflow.figure_checks import check
from reports.workflow.said import Said

from .dossiers import period_label

TOTAL = 0
TOTAL_NAME = "Tổng số"


@dataclass(frozen=True)
class EntryRow:
    """One row of the form: the total (key 0) or a field (its key), as stored, with what the checks say of it."""

    key: int
    name: str
    row: DossierCount | None
    # Still pending when the period before ended; None where that is not known.
    pending_before: int | None
    said: Sequence[Said]

    @property
    def version(self) -> int:
        return self.row.version if self.row else 0

    @property
    def reason(self) -> str:
        return self.row.gap_reason if self.row else ""

    @property
    def texts(self) -> dict[str, str]:
        """Return each column as it is typed."""
        if self.row is None:
            return {column.name: "" for column in COLUMNS}
        qualified = self.row.qualified
        return {
            column.name: cell_text(column.name, getattr(self.row, column.name), qualified)
            for column in COLUMNS
        }


@dataclass(frozen=True)
class Communes:
    """What communes have entered themselves for the same period: `count` of `of`, and their sums by column."""

    count: int
    of: int
    sums: Mapping[str, int]


@dataclass(frozen=True)
class Entry:
    """The form of one unit, scope and period."""

    unit: Unit
    scope: str
    period: Period
    convention: str
    rows: Sequence[EntryRow]
    # What the fields add up to, by column; a column that no field has is absent.
    sums: Mapping[str, int]
    # Fields that may still be added.
    others: Sequence[DossierField]
    # Of the communes' block: what the communes that report themselves add up to.
    communes: Communes | None = None

    @property
    def label(self) -> str:
        return period_label(self.period)

    @property
    def scope_label(self) -> str:
        return str(Scope(self.scope).label)

    @property
    def has_rare(self) -> bool:
        rare = [column.name for column in COLUMNS if column.is_rare]
        return any(one.row and any(getattr(one.row, n) is not None for n in rare) for one in self.rows)


def entry_of(unit: Unit, scope: str, period: Period, added: Iterable[int] = ()) -> Entry:
    """Return the form with what is stored; `added` are fields that are to have a row though nothing is stored.

    The fields are those of the period and those the unit has had before in this scope. Eight queries at most.
    """
    stored = {row.field_id or TOTAL: row for row in rows_of(unit, scope, period)}
    before = _pending_before(unit, scope, period)
    known = {one.pk: one for one in DossierField.objects.all()}
    used = set(_own(unit, scope).exclude(field=None).values_list("field", flat=True).distinct())
    shown = sorted((used | set(added)) & known.keys(), key=lambda pk: known[pk].slug)
    said = dict(zip(stored, check(DossierCount, list(stored.values())), strict=True))
    names = {TOTAL: TOTAL_NAME} | {pk: known[pk].name for pk in shown}
    fields = [row for key, row in stored.items() if key != TOTAL]
    return Entry(
        unit=unit,
        scope=scope,
        period=period,
        convention=next((row.convention for row in stored.values() if row.convention), ""),
        rows=[
            EntryRow(key, name, stored.get(key), before.get(key), _settled(said.get(key, ())))
            for key, name in names.items()
        ],
        sums=sums_of(fields),
        others=[one for pk, one in known.items() if pk not in shown],
        communes=_communes(unit, period) if scope == Scope.COMMUNES else None,
    )


def _settled(said: Iterable[Said]) -> list[Said]:
    """Leave out what cells yet to come may settle: nobody is told of it while the row is being entered."""
    return [one for one in said if not one.is_open]


def _communes(unit: Unit, period: Period) -> Communes | None:
    there = [
        one.pk
        for one in unit.children.filter(level=Level.COMMUNE)
        if one.is_valid_on(period.start) or one.is_valid_on(period.end)
    ]
    place = {"scope": Scope.OWN, "field": None, "starts_on": period.start, "ends_on": period.end}
    rows = list(DossierCount.objects.in_work().filter(unit__in=there, **place))
    return Communes(len(rows), len(there), sums_of(rows)) if rows else None


def rows_of(unit: Unit, scope: str, period: Period) -> QuerySet[DossierCount]:
    """Return what is stored for one form, the total first."""
    rows = _own(unit, scope).filter(starts_on=period.start, ends_on=period.end)
    return rows.select_related("unit", "field").order_by(F("field__slug").asc(nulls_first=True))


def sums_of(rows: Sequence[DossierCount]) -> dict[str, int]:
    """Return what rows add up to by column, of those that have it."""
    found: dict[str, int] = {}
    for name in ADDED:
        values = [value for row in rows if (value := getattr(row, name)) is not None]
        if values:
            found[name] = sum(values)
    return found


def shown_columns(*, with_rare: bool) -> list[Column]:
    return [column for column in COLUMNS if with_rare or not column.is_rare]


@dataclass(frozen=True)
class Entered:
    """One form that has been filled in: of which scope and period, how many rows."""

    scope: str
    period: Period
    fields: int
    total: DossierCount | None

    @property
    def label(self) -> str:
        return period_label(self.period)

    @property
    def scope_label(self) -> str:
        return str(Scope(self.scope).label)


def entered_forms(unit: Unit) -> list[Entered]:
    """Return the forms a unit has filled in, the latest first. One query."""
    found: dict[tuple[dt.date, dt.date, str], list[DossierCount]] = {}
    for row in DossierCount.objects.in_work().filter(unit=unit):
        found.setdefault((row.ends_on, row.starts_on, row.scope), []).append(row)
    order = {scope: -place for place, scope in enumerate(Scope.values)}
    keys = sorted(found, key=lambda key: (key[0], key[1], order[key[2]]), reverse=True)
    return [
        Entered(
            scope,
            Period(start, end),
            sum(row.field_id is not None for row in found[end, start, scope]),
            next((row for row in found[end, start, scope] if row.field_id is None), None),
        )
        for end, start, scope in keys
    ]


@dataclass(frozen=True)
class Month:
    """A month that is over: its forms by scope; `within` is the shortest longer period whose figures contain it.

    It is missing as `missing_months` counts: what communes report does not stand for the unit's own.
    """

    period: Period
    forms: Sequence[Entered]
    within: Entered | None
    is_missing: bool

    @property
    def label(self) -> str:
        return period_label(self.period)


def last_months(unit: Unit, forms: Sequence[Entered], today: dt.date, count: int = 12) -> list[Month]:
    """Return the last months that are over and in which the unit was there, the latest first; pure."""
    last = min(today - DAY, unit.valid_to or dt.date.max)
    months = months_until(last, count)
    return [_month(one, forms) for one in months if unit.valid_from is None or one.start >= unit.valid_from]


def _month(month: Period, forms: Sequence[Entered]) -> Month:
    own = [one for one in forms if one.scope != Scope.COMMUNES and one.total and _contains(one.period, month)]
    longer = [one for one in own if one.period != month]
    within = min(longer, key=lambda one: one.period.days, default=None)
    return Month(month, [one for one in forms if one.period == month], within, not own)


def _contains(period: Period, month: Period) -> bool:
    return period.start <= month.start and month.end <= period.end


def _own(unit: Unit, scope: str) -> QuerySet[DossierCount]:
    return DossierCount.objects.in_work().filter(unit=unit, scope=scope)


def _pending_before(unit: Unit, scope: str, period: Period) -> dict[int, int]:
    """Return what was pending the day before, by field; of several periods that end then, of the shortest."""
    rows = _own(unit, scope).filter(ends_on=period.start - DAY, pending__isnull=False)
    return {row.field_id or TOTAL: row.pending for row in rows.order_by("starts_on")}


def as_values(row: DossierCount) -> dict[str, int | Decimal | None]:
    """Return a row's counts and printed rates by column."""
    return {column.name: getattr(row, column.name) for column in COLUMNS}
