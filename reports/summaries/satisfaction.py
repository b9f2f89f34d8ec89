"""How people judged a unit: always with n, with what is known of the sample, and without comparing what cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from django.conf import settings

from districts.models import Unit
from districts.prepared import Prepared
from reports.models import Quality, Satisfaction, SatisfactionFactor, Scope, Source
from reports.periods import Period, finest_series
from reports.sampling import Interval, Movement, Sample, interval, movement

from .contents import UNIT, rows_of
from .dossiers import DossierSummary, period_label
from .results import Figure

SCOPES = {scope: place for place, scope in enumerate(Scope.values)}
SATISFACTION: Prepared[Satisfaction] = Prepared(
    lambda: (
        Satisfaction.objects.public()
        .filter(unit=UNIT)
        .select_related("source")
        .order_by("kind", "starts_on", "pk")
    )
)
FACTORS: Prepared[SatisfactionFactor] = Prepared(
    lambda: SatisfactionFactor.objects.filter(satisfaction__unit=UNIT).order_by("satisfaction", "pk")
)


@dataclass(frozen=True)
class Response:
    """How many judged, of how many dossiers that were resolved in the same period and scope."""

    turns: int
    resolved: int

    @property
    def rate(self) -> Decimal:
        return Decimal(self.turns) / self.resolved

    @property
    def is_plausible(self) -> bool:
        return self.turns <= self.resolved


@dataclass(frozen=True)
class FactorSummary:
    label: str
    percent: Decimal | None
    satisfied: int | None
    respondents: int | None


@dataclass(frozen=True)
class SatisfactionSummary:
    """A survey, or the ratings of one period (one row, or adjoining periods of one source added up)."""

    rows: tuple[Satisfaction, ...]
    span: Period
    factor_rows: tuple[SatisfactionFactor, ...] = ()
    response: Response | None = None
    # The sample before, where there is one to compare with.
    before: SatisfactionSummary | None = None

    # A page of one year shows few of a unit's summaries: what they say is worked out when asked for.

    @property
    def row(self) -> Satisfaction:
        """Return the newest row, which speaks for all in what is not added up."""
        return self.rows[-1]

    @cached_property
    def label(self) -> str:
        return str(self.row.get_kind_display())

    @cached_property
    def scope_label(self) -> str:
        return str(self.row.get_scope_display())

    @cached_property
    def period(self) -> str:
        return period_label(self.span)

    @cached_property
    def satisfied(self) -> int | None:
        return _sum(row.satisfied for row in self.rows)

    @cached_property
    def respondents(self) -> int | None:
        return _sum(row.respondents for row in self.rows)

    @cached_property
    def percent(self) -> Figure | None:
        if len(self.rows) == 1:
            return _percent(self.row)
        if self.satisfied is None or not self.respondents:
            return None
        return Figure(Decimal(100) * self.satisfied / self.respondents)

    @cached_property
    def levels(self) -> tuple[tuple[str, int], ...]:
        """Return counts by level, the highest level first."""
        return _levels(self.row.level_counts if len(self.rows) == 1 else _added_levels(self.rows))

    @cached_property
    def factors(self) -> tuple[FactorSummary, ...]:
        return tuple(_factor(factor) for factor in self.factor_rows)

    @cached_property
    def interval(self) -> Interval | None:
        """Return how sure the share is: only of random samples, where their size is known."""
        return interval(sample) if (sample := _sample(self.row)) else None

    @cached_property
    def movement(self) -> Movement | None:
        """Return the change against the sample before, where both are large enough."""
        old, new = (_sample(self.before.row) if self.before else None), _sample(self.row)
        return movement(old, new) if old and new else None

    @property
    def compared_with(self) -> str:
        return self.before.period[:1].lower() + self.before.period[1:] if self.before else ""

    @property
    def is_rating(self) -> bool:
        return self.row.kind == Satisfaction.Kind.RATING

    @property
    def is_saturated(self) -> bool:
        """All were satisfied: such a share carries no ranking information."""
        return bool(self.respondents) and self.satisfied == self.respondents

    @property
    def is_small(self) -> bool:
        """Fewer judged than the server's floor: such a share is neither compared nor ranked."""
        return self.respondents is not None and self.respondents < self.floor

    @property
    def floor(self) -> int:
        floor: int = settings.SHARE_FLOOR
        return floor

    @property
    def change_points(self) -> Decimal | None:
        """Return the movement in percentage points."""
        if self.movement is None:
            return None
        change = self.movement.change * 100
        return Decimal(change.numerator) / change.denominator

    @property
    def stated_change(self) -> Decimal | None:
        """Return the change a source printed, where the share may be compared at all."""
        return None if len(self.rows) > 1 or self.is_small else self.row.percent_change

    @property
    def sources(self) -> tuple[Source, ...]:
        return tuple({row.source_id: row.source for row in self.rows}.values())


def satisfaction_of_unit(
    unit: Unit, dossiers: Sequence[DossierSummary] = ()
) -> dict[int, tuple[SatisfactionSummary, ...]]:
    """Return how people judged a unit, by year, its own office first. Two queries.

    Ratings of adjoining periods are added (the finest complete series of a year, never two that overlap), surveys
    never. `dossiers` are the unit's, for the response rate.
    """
    rows = rows_of(unit, SATISFACTION)
    factors: dict[int, list[SatisfactionFactor]] = {row.pk: [] for row in rows}
    for factor in rows_of(unit, FACTORS) if rows else ():
        factors.setdefault(factor.satisfaction_id, []).append(factor)
    found = sorted(_compared([*_summaries(rows, factors)]), key=_own_first)
    years = sorted({s.span.end.year for s in found}, reverse=True)
    resolved = {(d.scope, d.period): d for d in dossiers}
    return {
        year: tuple(_with_response(s, resolved) for s in found if s.span.end.year == year) for year in years
    }


def satisfaction_of_units(units: Iterable[Unit], year: int) -> dict[int, tuple[SatisfactionSummary, ...]]:
    """Return how people judged units' own offices in a year, by unit, without movements. Two queries."""
    rows = (
        Satisfaction.objects.public()
        .filter(unit__in=list(units), scope=Scope.OWN, ends_on__year=year)
        .select_related("source")
        .prefetch_related("factors")
        .order_by("kind", "starts_on", "pk")
    )
    factors = {row.pk: list(row.factors.all()) for row in rows}
    by_unit: dict[int, list[Satisfaction]] = {}
    for row in rows:
        by_unit.setdefault(row.unit_id, []).append(row)
    return {pk: tuple(sorted(_summaries(own, factors), key=_own_first)) for pk, own in by_unit.items()}


def summary_of_row(row: Satisfaction) -> SatisfactionSummary:
    """Return one row as pages show it; its factors have been fetched."""
    return _summary(row, row.factors.all())


def _summary(row: Satisfaction, factors: Iterable[SatisfactionFactor]) -> SatisfactionSummary:
    return SatisfactionSummary((row,), Period(row.starts_on, row.ends_on), tuple(factors))


def _summaries(
    rows: Iterable[Satisfaction], factors: Mapping[int, Sequence[SatisfactionFactor]]
) -> Iterable[SatisfactionSummary]:
    ratings: dict[tuple[int, str, int], list[Satisfaction]] = {}
    for row in rows:
        if row.kind == Satisfaction.Kind.RATING:
            ratings.setdefault((row.ends_on.year, row.scope, row.source_id), []).append(row)
        else:
            yield _summary(row, factors[row.pk])
    for own in ratings.values():
        yield _series(own, factors)


def _series(
    rows: list[Satisfaction], factors: Mapping[int, Sequence[SatisfactionFactor]]
) -> SatisfactionSummary:
    """Return a year's ratings of one source over the periods that cover most of it."""
    by_period = {Period(row.starts_on, row.ends_on): row for row in rows}
    chain = finest_series(by_period)
    chosen = tuple(by_period[period] for period in chain)
    if len(chosen) == 1:
        return _summary(chosen[0], factors[chosen[0].pk])
    return SatisfactionSummary(chosen, Period(chain[0].start, chain[-1].end))


def _sum(values: Iterable[int | None]) -> int | None:
    known = list(values)
    return None if None in known else sum(n for n in known if n is not None)


def _added_levels(rows: Sequence[Satisfaction]) -> dict[str, int]:
    """Add counts by level; nothing where scales differ or a period has none."""
    scales = {tuple(sorted(row.level_counts)) for row in rows}
    if len(scales) != 1:
        return {}
    return {level: sum(row.level_counts[level] for row in rows) for level in rows[0].level_counts}


def _compared(found: list[SatisfactionSummary]) -> Iterable[SatisfactionSummary]:
    """Put beside each random sample how it moved from the one before, of the same kind, scope and organisation."""
    # Another organisation asks other people in another way.
    alike: dict[tuple[str, str, str], list[SatisfactionSummary]] = {}
    samples = [one for one in found if _is_sample(one.row)]
    for one in samples:
        alike.setdefault((one.row.kind, one.row.scope, one.row.source.organisation), []).append(one)
    before = {
        one.row.pk: max(
            (other for other in same if other.span.end < one.span.start),
            key=lambda other: other.span.end,
            default=None,
        )
        for same in alike.values()
        for one in same
        if len(one.rows) == 1
    }
    for summary in found:
        old = before.get(summary.row.pk)
        is_comparable = old is not None and not (summary.is_small or old.is_small)
        yield replace(summary, before=old) if is_comparable else summary


def _with_response(
    summary: SatisfactionSummary, dossiers: dict[tuple[str, Period], DossierSummary]
) -> SatisfactionSummary:
    """Put the response rate beside ratings, where the dossiers of exactly that period and scope are known."""
    found = dossiers.get((summary.row.scope, summary.span)) if summary.is_rating else None
    resolved = found.counts.get("resolved") if found else None
    if resolved is None or not resolved.value or resolved.quality != Quality.EXACT or not summary.respondents:
        return summary
    return replace(summary, response=Response(summary.respondents, resolved.value))


def _is_sample(row: Satisfaction) -> bool:
    has_share = row.satisfied is not None or (row.percent is not None and 0 <= row.percent <= 100)
    return row.is_random_sample and bool(row.respondents) and has_share


def _sample(row: Satisfaction) -> Sample | None:
    """Return a row as a random sample; without a declared design effect as a simple one."""
    if not _is_sample(row):
        return None
    is_counted = row.satisfied is not None
    share = Fraction(row.satisfied, row.respondents) if is_counted else Fraction(row.percent) / 100
    return Sample(share, row.respondents, row.design_effect or Decimal(1))


def _percent(row: Satisfaction) -> Figure | None:
    if row.percent is not None:
        return Figure(row.percent, row.quality_of("percent"), row.wording_of("percent"), row.source)
    if row.satisfied is not None and row.respondents:
        return Figure(Decimal(100) * row.satisfied / row.respondents)
    return None


def _levels(counts: dict[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), reverse=True))


def _factor(factor: SatisfactionFactor) -> FactorSummary:
    percent = factor.percent
    if percent is None and factor.satisfied is not None and factor.respondents:
        percent = Decimal(100) * factor.satisfied / factor.respondents
    return FactorSummary(str(factor), percent, factor.satisfied, factor.respondents)


def _own_first(summary: SatisfactionSummary) -> tuple[str, int, Period]:
    return summary.row.kind, SCOPES[summary.row.scope], summary.span
