"""How people judged a unit: always with n, with what is known of the sample, and without comparing what cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from django.conf import settings
from django.db.models import Prefetch, prefetch_related_objects

from districts.models import Unit
from reports.models import Quality, Satisfaction, SatisfactionFactor, Scope, Source
from reports.periods import Period, finest_series
from reports.sampling import Interval, Movement, Sample, interval, movement

from .contents import UNIT, may_have, rows_of
from .dossiers import DossierSummary, period_label
from .prepared import Prepared
from .results import Figure

SATISFACTION: Prepared[Satisfaction] = Prepared(
    lambda: (
        Satisfaction.objects.public()
        .filter(unit=UNIT)
        .select_related("source")
        .order_by("kind", "starts_on", "pk")
    )
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
    label: str
    scope_label: str
    period: str
    span: Period
    satisfied: int | None
    respondents: int | None
    percent: Figure | None
    # Counts by level, the highest level first.
    levels: tuple[tuple[str, int], ...]
    factors: tuple[FactorSummary, ...] = ()
    response: Response | None = None
    # Only of random samples, where their size is known.
    interval: Interval | None = None
    # Against the sample before, where both are large enough.
    movement: Movement | None = None
    compared_with: str = ""

    @property
    def row(self) -> Satisfaction:
        """Return the newest row, which speaks for all in what is not added up."""
        return self.rows[-1]

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
    factors = SatisfactionFactor.objects.all()
    if rows:
        own = factors if may_have(unit, SatisfactionFactor) else factors.none()
        prefetch_related_objects(rows, Prefetch("factors", own))
    found = sorted(_compared([*_summaries(rows)]), key=_own_first)
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
    by_unit: dict[int, list[Satisfaction]] = {}
    for row in rows:
        by_unit.setdefault(row.unit_id, []).append(row)
    return {pk: tuple(sorted(_summaries(own), key=_own_first)) for pk, own in by_unit.items()}


def summary_of_row(row: Satisfaction) -> SatisfactionSummary:
    """Return one row as pages show it; its factors have been fetched."""
    span = Period(row.starts_on, row.ends_on)
    return SatisfactionSummary(
        rows=(row,),
        label=str(row.get_kind_display()),
        scope_label=str(row.get_scope_display()),
        period=period_label(span),
        span=span,
        satisfied=row.satisfied,
        respondents=row.respondents,
        percent=_percent(row),
        levels=_levels(row.level_counts),
        factors=tuple(_factor(factor) for factor in row.factors.all()),
        interval=interval(sample) if (sample := _sample(row)) else None,
    )


def _summaries(rows: Iterable[Satisfaction]) -> Iterable[SatisfactionSummary]:
    ratings: dict[tuple[int, str, int], list[Satisfaction]] = {}
    for row in rows:
        if row.kind == Satisfaction.Kind.RATING:
            ratings.setdefault((row.ends_on.year, row.scope, row.source_id), []).append(row)
        else:
            yield summary_of_row(row)
    for own in ratings.values():
        yield _series(own)


def _series(rows: list[Satisfaction]) -> SatisfactionSummary:
    """Return a year's ratings of one source over the periods that cover most of it."""
    by_period = {Period(row.starts_on, row.ends_on): row for row in rows}
    chain = finest_series(by_period)
    chosen = tuple(by_period[period] for period in chain)
    last = summary_of_row(chosen[-1])
    if len(chosen) == 1:
        return last
    span = Period(chain[0].start, chain[-1].end)
    satisfied, respondents = _sum(row.satisfied for row in chosen), _sum(row.respondents for row in chosen)
    share = Figure(Decimal(100) * satisfied / respondents) if satisfied is not None and respondents else None
    return replace(
        last,
        rows=chosen,
        span=span,
        period=period_label(span),
        satisfied=satisfied,
        respondents=respondents,
        percent=share,
        levels=_levels(_added_levels(chosen)),
        factors=(),
    )


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
    for summary in found:
        sample = _sample(summary.row) if len(summary.rows) == 1 else None
        before = max(
            (other for other in found if sample and _precedes(other, summary)),
            key=lambda other: other.span.end,
            default=None,
        )
        old = _sample(before.row) if before else None
        if sample and before and old and not (summary.is_small or before.is_small):
            yield replace(
                summary,
                movement=movement(old, sample),
                compared_with=before.period[:1].lower() + before.period[1:],
            )
        else:
            yield summary


def _precedes(other: SatisfactionSummary, summary: SatisfactionSummary) -> bool:
    same = (other.row.kind, other.row.scope) == (summary.row.kind, summary.row.scope)
    # Another organisation asks other people in another way.
    same = same and other.row.source.organisation == summary.row.source.organisation
    return same and other.span.end < summary.span.start and _sample(other.row) is not None


def _with_response(
    summary: SatisfactionSummary, dossiers: dict[tuple[str, Period], DossierSummary]
) -> SatisfactionSummary:
    """Put the response rate beside ratings, where the dossiers of exactly that period and scope are known."""
    found = dossiers.get((summary.row.scope, summary.span)) if summary.is_rating else None
    resolved = found.counts.get("resolved") if found else None
    if resolved is None or not resolved.value or resolved.quality != Quality.EXACT or not summary.respondents:
        return summary
    return replace(summary, response=Response(summary.respondents, resolved.value))


def _sample(row: Satisfaction) -> Sample | None:
    """Return a row as a random sample; without a declared design effect as a simple one."""
    if not row.is_random_sample or not row.respondents:
        return None
    if row.satisfied is not None:
        share = Fraction(row.satisfied, row.respondents)
    elif row.percent is not None and 0 <= row.percent <= 100:
        share = Fraction(row.percent) / 100
    else:
        return None
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
    return summary.row.kind, Scope.values.index(summary.row.scope), summary.span
