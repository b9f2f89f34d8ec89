"""What would a release show: which units have figures, what contradicts itself, what changes for the public?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import ForeignKey, Q

from districts import access
from districts.models import Organiser, Unit
from reports.models import Releasable, Release
from reports.periods import Period
from reports.workflow.figure_rows import NOT_VALUES, key_of, label_of
from reports.workflow.releases import (
    MODELS,
    changes_public,
    digest_of,
    mark_of,
    overlapping,
    period_refusal,
    rows_within,
    shown_elsewhere,
    within,
)

from .broken import Broken, broken_rows
from .dossiers import period_label
from .entered import changed_texts, expected_units

# More than these are found in the log.
SHOWN_CHANGES = 100


@dataclass(frozen=True)
class Changed:
    """A row that the public would see otherwise: each field before and after; none of them where it would go."""

    unit: Unit
    label: str
    fields: tuple[tuple[str, str, str], ...]
    is_removed: bool = False


@dataclass(frozen=True)
class Readiness:
    """What stands of a kind of figures within a period, against what is public of it."""

    organiser: Organiser
    kind: str
    kind_label: str
    period: Period
    rows: int
    new: int
    unchanged: int
    changes: Sequence[Changed]
    warnings: Sequence[Broken]
    with_figures: Sequence[Unit]
    expected: Sequence[Unit]
    versions: Sequence[Release]
    needs_reason: bool
    refusal: str | None
    # Stands for the rows as they are shown here.
    digest: str

    @property
    def label(self) -> str:
        return period_label(self.period)

    @property
    def missing(self) -> list[Unit]:
        have = {unit.pk for unit in self.with_figures}
        return [unit for unit in self.expected if unit.pk not in have]

    @property
    def covered(self) -> str:
        """Return how many of the expected units have figures: "28/30"."""
        return f"{len(self.expected) - len(self.missing)}/{len(self.expected)}"

    @property
    def unexplained(self) -> int:
        return sum(one.is_open for one in self.warnings)

    @property
    def can_release(self) -> bool:
        return self.refusal is None and bool(self.new or self.changes)


def readiness(organiser: Organiser, kind: str, period: Period) -> Readiness:
    """Return what a release would show and change. The number of queries does not depend on that of units or rows."""
    ids = list(access.units_assessed_by(organiser).values_list("pk", flat=True))
    releases = list(overlapping(organiser, kind, period.start, period.end))
    entered: dict[tuple[Any, ...], Any] = {}
    public: dict[tuple[Any, ...], Any] = {}
    warned: list[Broken] = []
    for model in MODELS[kind]:
        rows = list(_with_relations(rows_within(model, ids, period.start, period.end), model))
        copies = model.objects.filter(Q(release__in=releases), within(model, period.start, period.end))
        entered |= {_key(row): row for row in rows}
        public |= {_key(row): row for row in _with_relations(copies, model)}
        warned += broken_rows(model, rows)
    old, new = ({key: mark_of(row) for key, row in rows.items()} for rows in (public, entered))
    units = {row.unit_id: row.unit for row in entered.values()}
    versions = organiser.releases.filter(kind=kind, starts_on=period.start, ends_on=period.end)
    return Readiness(
        organiser=organiser,
        kind=kind,
        kind_label=str(Release.Kind(kind).label),
        period=period,
        rows=len(entered),
        new=len(entered.keys() - public.keys()),
        unchanged=sum(new.get(key) == mark for key, mark in old.items()),
        changes=_changes(entered, public)[:SHOWN_CHANGES],
        warnings=sorted(warned, key=lambda one: (bool(one.gap_reason), one.unit.sort_key)),
        with_figures=sorted(units.values(), key=lambda unit: unit.sort_key),
        expected=expected_units(organiser, period),
        versions=list(versions.select_related("by").order_by("-version")),
        needs_reason=changes_public(new, old) or versions.exists(),
        refusal=period_refusal(organiser, kind, period.start, period.end)
        or shown_elsewhere(organiser, kind, period.start, period.end),
        digest=digest_of(new),
    )


def _with_relations(rows: Any, model: type[Releasable]) -> Any:
    keys = [one.name for one in model._meta.concrete_fields if isinstance(one, ForeignKey)]
    return rows.select_related("unit", *[name for name in keys if name not in NOT_VALUES])


def _key(row: Any) -> tuple[Any, ...]:
    return (row._meta.model_name, row.unit_id, *key_of(row))


def _changes(entered: dict[tuple[Any, ...], Any], public: dict[tuple[Any, ...], Any]) -> list[Changed]:
    found = []
    for key, before in public.items():
        after = entered.get(key)
        if after is None:
            found.append(Changed(before.unit, label_of(before), (), is_removed=True))
        elif mark_of(after) != mark_of(before):
            found.append(Changed(after.unit, label_of(after), tuple(changed_texts(before, after))))
    return found
