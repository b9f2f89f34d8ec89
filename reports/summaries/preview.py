"""What would be public? A year's result as publishing would store it now, beside the version that is public."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils import timezone

from reports.models import AssessmentYear, Publication, PublishedScope, ScopeKind, Standing
from reports.workflow.publication import Draft, drafted


@dataclass(frozen=True)
class Row:
    """A unit as it would stand: its total, its parts in order, and how it stands in the version that is public."""

    total: Standing
    parts: Sequence[Standing]
    public: Standing | None

    @property
    def is_changed(self) -> bool:
        """Whether the total of a unit that is public already would be another."""
        return self.public is not None and _told(self.public) != _told(self.total)


@dataclass(frozen=True)
class Preview:
    """The whole list in the order of the public page: the ranked by place, after them those without a rank."""

    draft: Draft
    rows: Sequence[Row]
    parts: Sequence[PublishedScope]
    # The version that a correction replaces; None before the first one.
    replaces: Publication | None

    @property
    def publication(self) -> Publication:
        return self.draft.publication

    @property
    def digest(self) -> str:
        return self.draft.digest

    @cached_property
    def ranked(self) -> int:
        return sum(row.total.rank is not None for row in self.rows)

    @cached_property
    def changed(self) -> list[Row]:
        return [row for row in self.rows if row.is_changed]


def preview(year: AssessmentYear) -> Preview:
    """Return what publishing a year would make public now, by the code that publishes; nothing is written.

    A constant number of queries. Raises ValidationError where it cannot be ranked.
    """
    draft = drafted(year, published_at=timezone.now())
    replaces = year.current_publication
    public = _public(replaces) if replaces else {}
    parts: dict[int, list[Standing]] = {}
    for one in draft.standings:
        if one.scope.kind == ScopeKind.PART:
            parts.setdefault(one.unit_id, []).append(one)
    rows = [
        Row(one, parts.get(one.unit_id, []), public.get(one.unit_id))
        for one in draft.standings
        if one.scope.kind == ScopeKind.TOTAL
    ]
    rows.sort(key=lambda row: (row.total.rank is None, row.total.rank or 0, row.total.unit.sort_key))
    return Preview(draft, rows, [one for one in draft.scopes if one.kind == ScopeKind.PART], replaces)


def _public(publication: Publication) -> dict[int, Standing]:
    rows = Standing.objects.filter(scope__publication=publication, scope__kind=ScopeKind.TOTAL)
    return {row.unit_id: row for row in rows}


def _told(one: Standing) -> tuple[object, ...]:
    return (one.points, one.rank, one.is_tied, one.grade, one.unranked)
