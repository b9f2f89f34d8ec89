"""What has been entered of units' figures, for which periods, what of it is public, and what is missing?"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, DateField, IntegerField, Q, QuerySet
from django.db.models.functions import Coalesce

from districts.models import Level, Organiser, Unit
from districts.prepared import Asked, Prepared
from reports.models import DossierCount, Releasable, Release, Scope
from reports.periods import Period
from reports.workflow.figure_rows import key_fields
from reports.workflow.releases import MODELS, Mark

from .dossiers import period_label

NEW, CHANGED, SAME, GONE = "new", "changed", "same", "gone"


@dataclass(frozen=True)
class Standing:
    """The rows of one period, of one unit or several: how many, and how many the public does not see as they are.

    `gone` are public and stand here no more: taken away, or moved to another period.
    """

    period: Period
    rows: int
    new: int
    changed: int
    gone: int
    units: frozenset[int]

    @property
    def label(self) -> str:
        return period_label(self.period)

    @property
    def is_public(self) -> bool:
        return not self.new and not self.changed and not self.gone

    @property
    def words(self) -> str:
        if self.is_public:
            return "đã công khai"
        if self.gone:
            return "có số liệu đã xóa hoặc chuyển kỳ, bản công khai vẫn còn"
        return "chưa công khai" if self.new == self.rows else "có số liệu mới hoặc đã sửa, chưa công khai"


@dataclass(frozen=True)
class KindOfFigures:
    """All that stands of one kind of figures, the latest periods first."""

    kind: str
    label: str
    standings: Sequence[Standing]


def figures_of_units(units: Iterable[int], year: int | None = None) -> list[KindOfFigures]:
    """Return what units have entered, by kind and period; of the periods that end in one year where it is given.

    Two queries a model.
    """
    ids = list(units)
    return [KindOfFigures(kind, str(kind.label), standings(ids, kind, year)) for kind in Release.Kind]


def standings(units: Sequence[int], kind: str, year: int | None = None) -> list[Standing]:
    """Return what units have entered of one kind by period, the latest first."""
    fates: dict[Period, Counter[str]] = defaultdict(Counter)
    whose: dict[Period, set[int]] = defaultdict(set)
    chosen = Q(unit__in=units) & (Q(ends_on__year=year) if year else Q())
    for model in MODELS[kind]:
        entered = _marked(model, model.objects.in_work().filter(chosen))
        public = _marked(model, model.objects.filter(chosen, Q(release__is_current=True)))
        for key, (period, mark) in entered.items():
            fates[period][_fate(public.get(key), (period, mark))] += 1
            whose[period].add(key[0])
        for key, (period, _mark) in public.items():
            if key not in entered:
                fates[period][GONE] += 1
    found = [
        Standing(
            period,
            count[NEW] + count[CHANGED] + count[SAME],
            count[NEW],
            count[CHANGED],
            count[GONE],
            frozenset(whose[period]),
        )
        for period, count in fates.items()
    ]
    return sorted(found, key=lambda one: (one.period.end, one.period.start), reverse=True)


def _marked(model: type[Releasable], rows: QuerySet[Any]) -> dict[tuple[Any, ...], tuple[Period, Mark]]:
    """Return rows' periods and marks by unit and by what names them."""
    origin = Coalesce("copied_from", "pk", output_field=BigIntegerField())
    found = rows.order_by().values_list("starts_on", "ends_on", origin, "version", "unit", *key_fields(model))
    return {
        tuple(key): (Period(starts_on or ends_on, ends_on), (pk, version))
        for starts_on, ends_on, pk, version, *key in found
    }


def _fate(public: tuple[Period, Mark] | None, entered: tuple[Period, Mark]) -> str:
    return NEW if public is None else SAME if public == entered else CHANGED


def missing_months(unit: Unit, today: dt.date) -> list[Period]:
    """Return the months, of this year up to the last that is over, of which the unit has no dossiers of its own.

    A month that lies within a longer period with figures is not missing. Of a closed unit: of its last year.
    """
    last = min(today.replace(day=1) - dt.timedelta(days=1), unit.valid_to or dt.date.max)
    rows = DossierCount.objects.in_work().filter(unit=unit, field=None, ends_on__year__gte=last.year)
    entered = list(rows.exclude(scope=Scope.COMMUNES).values_list("starts_on", "ends_on"))
    months = [_month(last.year, number) for number in range(1, last.month + 1)]
    begun = [one for one in months if unit.valid_from is None or one.start >= unit.valid_from]
    return [
        one
        for one in begun
        if one.end <= last and not any(start <= one.start and one.end <= end for start, end in entered)
    ]


def _month(year: int, number: int) -> Period:
    start = dt.date(year, number, 1)
    following = (start + dt.timedelta(days=31)).replace(day=1)
    return Period(start, following - dt.timedelta(days=1))


def _there_during() -> QuerySet[Unit]:
    """Units, agencies apart, that were there during a period, in Vietnamese order."""
    begun = Q(valid_from=None) | Q(valid_from__lte=Asked("end", DateField()))
    not_over = Q(valid_to=None) | Q(valid_to__gte=Asked("start", DateField()))
    units = Unit.objects.filter(begun, not_over).exclude(level=Level.AGENCY)
    return units.distinct().order_by("sort_key", "code")


ORGANISER = Asked("organiser", BigIntegerField())
ASSESSED = Prepared(
    lambda: _there_during().filter(
        sheets__assessment_year__organiser=ORGANISER,
        sheets__assessment_year__year=Asked("year", IntegerField()),
    )
)
RIGHT_BELOW = Prepared(lambda: _there_during().filter(parent__organiser_units__organiser=ORGANISER))


def expected_units(organiser: Organiser, period: Period) -> list[Unit]:
    """Return the units that should have figures of a period, in Vietnamese order.

    Those that the organiser assesses in the year in which the period ends; where none is assessed, the units right
    below it that were there during the period.
    """
    asked: dict[str, Any] = {"organiser": organiser.pk, "start": period.start, "end": period.end}
    return ASSESSED(**asked, year=period.end.year) or RIGHT_BELOW(**asked)


def changed_texts(before: Any, after: Any) -> list[tuple[str, str, str]]:
    """Return the fields in which two rows differ: label, before and after as text."""
    found = []
    for one in after._meta.concrete_fields:
        if one.name in ("id", "release", "source", "unit", "copied_from", "version"):
            continue
        old, new = getattr(before, one.attname), getattr(after, one.attname)
        if old != new:
            found.append((str(one.verbose_name), _shown(old), _shown(new)))
    return found


def _shown(value: object) -> str:
    return "–" if value in (None, "", {}) else str(value)
