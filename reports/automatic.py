"""What does a rule give from figures the system already has? Bound variables, the points, and the calculation as data.

A rule's variable may be bound to a dossier count or to the satisfaction of the unit's year (`rules.BINDINGS`). A figure
counts only where it is exact and covers the whole year: five months are not a year (decision 8). Public or not does not
matter.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import QuerySet

from reports import rules
from reports.models import Criterion, DossierCount, PointsState, Quality, Satisfaction, Scope
from reports.periods import Period
from reports.rule_inputs import values
from reports.rules import Outcome, Reason, Rule, Variable, variables
from reports.scoring import round_half_up
from reports.summaries.dossiers import summary_of

# As many decimals as a score stores.
DIGITS = 4
Figures = Mapping[str, Decimal]


@dataclass(frozen=True)
class Term:
    """One variable of a rule with its figure, None where it is not known; `is_bound`: the system's own."""

    name: str
    label: str
    value: Decimal | None
    is_bound: bool


@dataclass(frozen=True)
class Calculation:
    """What a rule gives and out of what: shown beside the cell. `points` have four decimals, `reason` the clause."""

    state: str
    points: Decimal | None
    terms: tuple[Term, ...]
    ratio: Decimal | None
    reason: Reason
    max_points: Decimal
    # Every figure is the system's own: only an appraiser may give other points, with a reason.
    is_automatic: bool
    outcome: Outcome

    def gives(self, state: str, points: Decimal | None) -> bool:
        """Return whether a value is what the rule gives, to two decimals or more."""
        if state != self.state or self.outcome.exact is None:
            return state == self.state
        return points is not None and points in {round_half_up(self.outcome.exact, n) for n in (2, 3, DIGITS)}


def parsed_rule(criterion: Criterion) -> Rule | None:
    """Return a leaf's rule, None where it declares none; parsed once for each criterion that was read."""
    if not criterion.rule or criterion.max_points is None:
        return None
    declared, parsed = criterion.__dict__.get("_parsed_rule", (None, None))
    if declared != (id(criterion.rule), criterion.max_points):
        declared = (id(criterion.rule), criterion.max_points)
        parsed = rules.parse(criterion.rule, criterion.max_points)
        criterion.__dict__["_parsed_rule"] = (declared, parsed)
    rule: Rule = parsed
    return rule


def has_bindings(criterion: Criterion) -> bool:
    """Return whether a leaf's rule reads any figure of the system."""
    rule = parsed_rule(criterion)
    return rule is not None and any(variable.binding for variable in variables(rule))


def figures_of(unit_ids: Iterable[int], year: int) -> dict[int, dict[str, Decimal]]:
    """Return the bound figures of units in a year, by unit and binding; what is not known is left out. Two queries."""
    ids, first, last = list(unit_ids), dt.date(year, 1, 1), dt.date(year, 12, 31)
    found: dict[int, dict[str, Decimal]] = defaultdict(dict)
    within = {"unit__in": ids, "starts_on__gte": first, "ends_on__lte": last, "release": None}
    counts: dict[tuple[int, str], list[DossierCount]] = defaultdict(list)
    for row in DossierCount.objects.filter(**within, field=None).select_related("source").order_by("pk"):
        counts[row.unit_id, row.scope].append(row)
    for (unit_id, scope), rows in counts.items():
        found[unit_id] |= _dossiers(scope, rows, Period(first, last))
    for judged in _of_the_unit(
        Satisfaction.objects.filter(**within, quality=Quality.EXACT), Period(first, last)
    ):
        found[judged.unit_id] |= _satisfaction(judged)
    return {unit_id: _known(figures) for unit_id, figures in found.items()}


def calculation(rule: Rule, stored: Mapping[str, str], figures: Figures) -> Calculation | None:
    """Return what a rule gives for a unit's stored inputs and the system's figures, which go before the inputs.

    None where something is missing. Raises rules.InputError for figures that cannot be.
    """
    bound = bound_inputs(rule, figures)
    outcome = rules.evaluate(rule, {**values(rule, stored), **bound})
    if outcome.reason == Reason.MISSING:
        return None
    asked = variables(rule)
    return Calculation(
        state=PointsState(outcome.state),
        points=None if outcome.exact is None else round_half_up(outcome.exact, DIGITS),
        terms=tuple(_term(variable, stored, bound) for variable in asked),
        ratio=None if outcome.ratio is None else round_half_up(outcome.ratio, 6),
        reason=outcome.reason,
        max_points=outcome.max_points,
        is_automatic=bool(asked) and all(variable.name in bound for variable in asked),
        outcome=outcome,
    )


def bound_inputs(rule: Rule, figures: Figures) -> dict[str, Decimal]:
    """Return a rule's variables that the system knows, by name."""
    return {v.name: figures[v.binding] for v in variables(rule) if v.binding in figures}


def _term(variable: Variable, stored: Mapping[str, str], bound: Mapping[str, Decimal]) -> Term:
    text = stored.get(variable.name, "")
    value = bound.get(variable.name, Decimal(text) if text else None)
    return Term(variable.name, variable.label, value, variable.name in bound)


def _dossiers(scope: str, rows: list[DossierCount], year: Period) -> dict[str, Decimal]:
    summary = summary_of(scope, rows)
    if summary.period != year:
        return {}
    counts = {
        name: Decimal(figure.value)
        for name, figure in summary.counts.items()
        if figure.quality == Quality.EXACT and figure.value is not None
    }
    early, on_time = counts.get("resolved_early"), counts.get("resolved_on_time")
    if early is not None and on_time is not None:
        counts.setdefault("on_time_or_early", early + on_time)
    online, direct = counts.get("received_online"), counts.get("received_direct")
    if online is not None and direct is not None:
        counts["received_in_period"] = online + direct
    return {f"dossiers.{scope}.{name}": count for name, count in counts.items()}


def _of_the_unit(rows: QuerySet[Satisfaction], year: Period) -> list[Satisfaction]:
    """Return one row of the whole year a unit and kind: own office before territory, own entry first."""
    chosen: dict[tuple[int, str], Satisfaction] = {}
    own = rows.exclude(scope=Scope.COMMUNES).select_related("source")
    for row in sorted(
        own, key=lambda one: (one.scope == Scope.OWN, one.source.reported_by_id is not None, one.pk)
    ):
        if Period(row.starts_on, row.ends_on) == year:
            chosen[row.unit_id, row.kind] = row
    return list(chosen.values())


def _satisfaction(row: Satisfaction) -> dict[str, Decimal]:
    figures = {"percent": row.percent, "satisfied": row.satisfied, "respondents": row.respondents}
    return {
        f"satisfaction.{row.kind}.{name}": Decimal(value)
        for name, value in figures.items()
        if value is not None
    }


def _known(figures: Mapping[str, Decimal]) -> dict[str, Decimal]:
    return {name: value for name, value in figures.items() if name in rules.BINDINGS}
