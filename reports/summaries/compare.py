"""Units of one year side by side, beside how their whole group lies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import Q

from districts.models import Unit
from reports.analytics.likeness import Profile, Spread, nearest, spread
from reports.models import AssessmentYear, DossierCount, Publication, Scope, ScopeKind, Standing
from reports.scoring import round_half_up

from .dossier_detail import COMPARED
from .dossiers import DossierSummary, Rate, summary_of
from .results import Figure, UnitResult
from .satisfaction import SatisfactionSummary, satisfaction_of_units
from .year_results import results_of_year

MOST_UNITS = 6
LIKE = 5


@dataclass(frozen=True)
class Line:
    """One thing that units are compared by: points of each, in the order of the units, and how the group lies."""

    title: str
    maximum: Decimal | None
    figures: tuple[Figure | None, ...]
    spread: Spread | None

    @property
    def values(self) -> tuple[Decimal | None, ...]:
        return tuple(None if one is None else Decimal(one.value) for one in self.figures)

    @property
    def group(self) -> tuple[Decimal, ...]:
        """Return lower quartile, median, mean and upper quartile of the group; nothing where it is too small."""
        if self.spread is None:
            return ()
        told = (self.spread.lower, self.spread.median, self.spread.mean, self.spread.upper)
        return tuple(round_half_up(value, 2) for value in told)

    @property
    def best(self) -> Decimal | None:
        """Return the highest of the units', to be marked; None where all are alike, or one is a mere bound."""
        known = [one for one in self.figures if one is not None]
        if len({one.value for one in known}) < 2 or any(one.is_bound for one in known):
            return None
        return Decimal(max(one.value for one in known))


@dataclass(frozen=True)
class RateLine:
    """A rate of dossiers of each unit, None where it is not known."""

    label: str
    of: str
    rates: tuple[Rate | None, ...]


@dataclass(frozen=True)
class Comparison:
    """Up to six units of one year. `like` are the units nearest to the first by profile, with the distance."""

    year: AssessmentYear
    results: tuple[UnitResult, ...]
    lines: tuple[Line, ...]
    rates: tuple[RateLine, ...]
    satisfaction: tuple[tuple[SatisfactionSummary, ...], ...]
    periods: tuple[str, ...]
    like: tuple[tuple[UnitResult, Decimal], ...]
    # Everybody of the year who could be chosen.
    choices: tuple[UnitResult, ...]

    @property
    def has_satisfaction(self) -> bool:
        return any(self.satisfaction)

    @property
    def rank_of(self) -> int | None:
        return self.results[0].rank_of if self.results else None


def comparison(year: AssessmentYear, codes: Sequence[str], *, like: str = "") -> Comparison:
    """Return the chosen units of a public year side by side; with `like` a unit and those nearest to it.

    Codes that name no unit of the year are left out, as are those beyond six. Eight queries at most.
    """
    everybody = results_of_year(year)
    by_code = {result.unit.code: result for result in everybody}
    standings = _standings(year.current_publication)
    wanted = list(dict.fromkeys([like, *codes] if like else codes))
    near: list[tuple[UnitResult, Fraction]] = []
    if like in by_code:
        near = _nearest(by_code[like], everybody, standings)
        wanted = [like, *(result.unit.code for result, _away in near)]
    chosen = [by_code[code] for code in wanted if code in by_code][:MOST_UNITS]
    units = [result.unit for result in chosen]
    dossiers = _dossiers(units, year.year)
    satisfaction = satisfaction_of_units(units, year.year) if units else {}
    return Comparison(
        year=year,
        results=tuple(chosen),
        lines=tuple(_lines(chosen, everybody, standings)),
        rates=tuple(_rates(units, dossiers)),
        satisfaction=tuple(satisfaction.get(unit.pk, ()) for unit in units),
        periods=tuple(dossiers[unit.pk].label if unit.pk in dossiers else "" for unit in units),
        like=tuple((result, round_half_up(away, 1)) for result, away in near),
        choices=tuple(sorted(everybody, key=lambda result: result.unit.sort_key)),
    )


def _standings(publication: Publication | None) -> list[Standing]:
    """Return everybody's points by area, in the order of the areas."""
    if publication is None:
        return []
    rows = Standing.objects.filter(scope__publication=publication, scope__kind=ScopeKind.AREA)
    return list(rows.select_related("scope").order_by("scope__order"))


def _nearest(
    of: UnitResult, everybody: Iterable[UnitResult], standings: Iterable[Standing]
) -> list[tuple[UnitResult, Fraction]]:
    """Return the units of the same type that are nearest by their shares of each area's maximum."""
    alike = {result.unit.pk: result for result in everybody if result.unit.type == of.unit.type}
    profiles: dict[int, dict[str, Fraction]] = defaultdict(dict)
    for row in standings:
        maximum = row.max_points or row.scope.max_points
        if row.unit_id in alike and row.points is not None and maximum:
            profiles[row.unit_id][row.scope.key] = Fraction(row.points) / Fraction(maximum)
    ordered: Mapping[int, Profile] = {pk: profiles[pk] for pk in alike if pk in profiles}
    return [(alike[pk], away) for pk, away in nearest(of.unit.pk, ordered, LIKE)]


def _lines(
    chosen: Sequence[UnitResult], everybody: Sequence[UnitResult], standings: Sequence[Standing]
) -> Iterable[Line]:
    yield Line(
        "",
        next((result.maximum for result in chosen if result.maximum), None),
        tuple(result.total for result in chosen),
        _spread(result.total.value for result in everybody if result.total and not result.total.is_bound),
    )
    for key, title in {part.key: part.title for result in chosen for part in result.parts}.items():
        parts = [result.part(key) for result in chosen]
        yield Line(
            title,
            next((part.maximum for part in parts if part and part.maximum), None),
            tuple(part.points if part else None for part in parts),
            _spread(
                part.points.value
                for result in everybody
                if (part := result.part(key)) and part.points and not part.points.is_bound
            ),
        )
    by_scope: dict[int, dict[int, Standing]] = defaultdict(dict)
    for row in standings:
        by_scope[row.scope_id][row.unit_id] = row
    for rows in by_scope.values():
        own = [rows.get(result.unit.pk) for result in chosen]
        scope = next(iter(rows.values())).scope
        yield Line(
            f"{scope.key}. {scope.label}",
            scope.max_points,
            tuple(None if row is None or row.points is None else Figure(row.points) for row in own),
            _spread(row.points for row in rows.values() if row.points is not None),
        )


def _spread(values: Iterable[Decimal]) -> Spread | None:
    """Return how a group lies; of fewer than three units nothing is said."""
    found = spread([Decimal(value) for value in values])
    return found if found and found.count > 2 else None


def _dossiers(units: Sequence[Unit], year: int) -> dict[int, DossierSummary]:
    rows = DossierCount.objects.public().filter(
        Q(unit__in=units), scope=Scope.OWN, field=None, ends_on__year=year
    )
    by_unit: dict[int, list[DossierCount]] = defaultdict(list)
    for row in rows.select_related("source").order_by("pk"):
        by_unit[row.unit_id].append(row)
    return {pk: summary_of(Scope.OWN, own) for pk, own in by_unit.items()}


def _rates(units: Sequence[Unit], dossiers: Mapping[int, DossierSummary]) -> Iterable[RateLine]:
    by_unit = {pk: {rate.key: rate for rate in summary.rates} for pk, summary in dossiers.items()}
    for key in COMPARED:
        own = [by_unit.get(unit.pk, {}).get(key) for unit in units]
        known = [rate for rate in own if rate is not None and rate.percent is not None]
        if known:
            yield RateLine(
                known[0].label,
                known[0].of,
                tuple(rate if rate is not None and rate.percent is not None else None for rate in own),
            )
