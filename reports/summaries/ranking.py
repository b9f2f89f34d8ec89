"""The ranking of one assessment year: who is ranked, who is not and why, and from which document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from districts.names import fold
from reports.models import AssessmentYear, Publication, ScopeKind, Source
from reports.tally import Counted, Tally, tally

from .dashboard import TotalSpread
from .organisers import YearCoverage, coverage
from .results import UnitResult
from .versions import Changes, changes_of
from .year_results import Results, counted, listed_results


@dataclass(frozen=True)
class Ranking:
    """One year's ranking: first the ranked in order of place, after them the unranked, each with its reason."""

    year: AssessmentYear
    publication: Publication | None
    tally: Tally
    results: Results
    ranked: Results
    unranked: Results
    coverage: YearCoverage
    spread: TotalSpread | None
    # What the current version corrected; None where it is the first.
    changes: Changes | None
    sources: tuple[Source, ...]

    @property
    def has_components(self) -> bool:
        return self.publication is not None and self.year.basis == AssessmentYear.Basis.SCORED

    @property
    def types(self) -> list[str]:
        return list(self.tally.types)

    @property
    def has_adjustments(self) -> bool:
        """Whether bonuses or penalties outside the scale were published; few criteria sets know them."""
        if self.publication is None:
            return any(result.adjustment for result in self.results)
        return any(scope.key == "adjustment" for scope in self.publication.compared)

    @property
    def is_sample(self) -> bool:
        return self.year.organiser.is_sample


def ranking(year: AssessmentYear) -> Ranking:
    """Return the ranking of a public year; a constant number of queries."""
    results = listed_results(year)
    publication = year.current_publication
    told = counted(publication) if publication else tally(map(_counted, results), by_place=False)
    # Where an outside document ranks, nobody is "unranked" by us: the figures stand as printed.
    number = told.ranked if publication else len(results)
    return Ranking(
        year=year,
        publication=publication,
        tally=told,
        results=results,
        ranked=results[:number],
        unranked=results[number:],
        coverage=coverage(year, told.with_figures),
        spread=_spread(publication),
        changes=changes_of(publication) if publication else None,
        sources=_sources(publication, results),
    )


def _counted(result: UnitResult) -> Counted:
    change = result.rank_change
    return Counted(result.unit_type, result.points, result.place, change.value if change else None)


def matching(results: Results, *, kind: str, name: str) -> Results:
    """Return the results of one type of unit whose name has `name` in it, accents apart; empty asks for all."""
    if not (kind or name):
        return results
    folded = fold(name)
    return Results(
        [
            r
            for r in results
            if (not kind or _is_of_type(r, kind)) and (not folded or folded in fold(r.unit_name))
        ]
    )


def _is_of_type(result: UnitResult, kind: str) -> bool:
    """Whether a unit is of a type, or was when the result was published: its name of then begins with it."""
    return result.unit_type == kind or result.unit_name.startswith(f"{kind} ")


def _sources(publication: Publication | None, results: Iterable[UnitResult]) -> tuple[Source, ...]:
    if publication is not None:
        return (publication.source,) if publication.source else ()
    return tuple({s.pk: s for r in results for s in r.sources}.values())


def _spread(publication: Publication | None) -> TotalSpread | None:
    """Return what is stored with the total of all units; None where an outside document ranks."""
    scopes = publication.compared if publication else ()
    scope = next((scope for scope in scopes if scope.kind == ScopeKind.TOTAL), None)
    return TotalSpread(scope.mean, scope.best, scope.lowest, scope.ranked_count) if scope else None
