"""What proves a component, what else its sheet holds, and which components still have nothing?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from reports.models import Criterion, Evidence, Score, ScoreOrigin, ScoreSheet

from .office import NOTHING_TO_SCORE


@dataclass(frozen=True)
class Held:
    """A document of the sheet that other components have: one of its rows, and their codes."""

    evidence: Evidence
    codes: tuple[str, ...]


@dataclass(frozen=True)
class ComponentEvidence:
    """The evidence of one component; `before` and `after` are its nearest neighbours that have none."""

    documents: list[Evidence]
    held: list[Held]
    before: Criterion | None
    after: Criterion | None
    missing: int
    components: int


def evidence_of(
    sheet: ScoreSheet, criterion: Criterion, only: Collection[int] | None = None
) -> ComponentEvidence:
    """Return the evidence of a component within its sheet, in three queries.

    `only` are the components a person looks after, None for all. Those with nothing to score, bonuses and penalties
    wait for no evidence.
    """
    found = Evidence.objects.filter(score__sheet=sheet, removed_at=None)
    rows = list(found.select_related("by", "score__criterion").order_by("at", "pk"))
    own = [row for row in rows if row.score.criterion_id == criterion.pk]
    leaves = _expected(sheet, only)
    proved = {row.score.criterion_id for row in rows}
    without = [leaf for leaf in leaves if leaf.pk not in proved]
    return ComponentEvidence(
        documents=own,
        held=_held(rows, {_what(row) for row in own}),
        before=next((leaf for leaf in reversed(without) if leaf.order < criterion.order), None),
        after=next((leaf for leaf in without if leaf.order > criterion.order), None),
        missing=len(without),
        components=len(leaves),
    )


def _expected(sheet: ScoreSheet, only: Collection[int] | None) -> list[Criterion]:
    leaves = Criterion.objects.filter(criteria_set=sheet.assessment_year.criteria_set_id, is_leaf=True)
    to_prove = leaves.exclude(origin=ScoreOrigin.SURVEY).order_by("order")
    nothing = Score.objects.filter(sheet=sheet, self_state__in=NOTHING_TO_SCORE)
    spared = set(nothing.values_list("criterion_id", flat=True))
    return [
        leaf
        for leaf in to_prove
        if leaf.pk not in spared and not leaf.adjustment and (only is None or leaf.pk in only)
    ]


def _held(rows: list[Evidence], own: set[tuple[str, str]]) -> list[Held]:
    """Return each document once, in the order of the components that have it."""
    first: dict[tuple[str, str], Evidence] = {}
    codes: dict[tuple[str, str], list[str]] = {}
    for row in sorted(rows, key=lambda one: one.score.criterion.order):
        if (what := _what(row)) not in own:
            first.setdefault(what, row)
            codes.setdefault(what, []).append(row.score.criterion.code)
    return [Held(row, tuple(codes[what])) for what, row in first.items()]


def _what(row: Evidence) -> tuple[str, str]:
    """Return what makes two rows the same document: the file's content, or a link under its title."""
    return (row.sha256, "") if row.sha256 else (row.url or row.file.name or "", row.title)
