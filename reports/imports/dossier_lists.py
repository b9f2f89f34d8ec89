"""Counts of a list of dossiers into a unit's figures: a list replaces what stands for its scopes and periods.

Of the list itself nothing is kept: its counts wait for the word to go ahead as numbers, and only they are written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Q

from districts.audit import Act
from districts.models import Unit
from districts.names import sort_key
from reports.checks import Level
from reports.models import DossierCount, DossierField
from reports.periods import Period
from reports.workflow.dossier_fields import field_named
from reports.workflow.figures import RowResult, RowWrite, check_rows, remove_row, write_rows

from .findings import Fate
from .listed import Listed, known_fields

LEFT_OUT = "Không kể %d hồ sơ bị loại khi đếm danh sách."
LEFT_OUT_START = LEFT_OUT.split("%", maxsplit=1)[0]
NEEDS_FIELDS = "Danh sách có lĩnh vực chưa có trong danh mục; hãy chọn lĩnh vực tương ứng hoặc thêm mới."
CHANGED_MEANWHILE = "Dữ liệu đã thay đổi từ lúc xem trước; hãy xem lại rồi xác nhận lần nữa."
# What a list knows nothing of, and what stood for another count.
CLEARED = {"late_unspecified": None, "printed_on_time_rate": None, "printed_digitised_rate": None}
CLEARED |= {"quality": "exact", "wording": "", "qualified": {}}  # type: ignore[dict-item]

# The columns a preview shows: 3, 4, 7, 10, 11 and 13 of the form.
SHOWN = ("received", "received_online", "resolved", "resolved_late", "pending", "pending_late")


class ListRefused(ValueError):
    """Nothing was written; the message says why, in Vietnamese."""


class NeedsReason(ListRefused):
    """Nothing was written: the counts contradict others that stand, which needs to be explained."""


@dataclass(frozen=True)
class Line:
    """One row of the form: what stands, what would stand; `after` is None where the row is taken away."""

    scope: str
    field: str
    period: Period
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None
    version: int = 0

    @property
    def fate(self) -> Fate | None:
        if self.after is None:
            return None
        if self.before is None:
            return Fate.NEW
        same = all(self.before[name] == value for name, value in self.after.items())
        return Fate.UNCHANGED if same else Fate.CHANGED

    @property
    def shown(self) -> list[tuple[int | None, int | None]]:
        """Return what a preview shows, before and after."""
        return [((self.before or {}).get(name), (self.after or {}).get(name)) for name in SHOWN]


@dataclass(frozen=True)
class Preview:
    """What writing would do: line by line, the total of all fields first; `gaps` are to be explained."""

    lines: Sequence[Line]
    gaps: Sequence[str] = ()
    refused: Sequence[str] = ()

    @property
    def changes(self) -> list[Line]:
        return [line for line in self.lines if line.fate is not Fate.UNCHANGED]

    @property
    def digest(self) -> str:
        """Return what tells whether the same list would still do the same."""
        told = hashlib.sha256()
        for line in self.lines:
            after = sorted((line.after or {}).items())
            told.update(repr((line.scope, line.field, line.period, after, line.version)).encode())
        return told.hexdigest()


@dataclass
class _Plan:
    """The rows to write, those to take away, and the fields they are about."""

    unit: Unit
    wanted: dict[tuple[str, DossierField | None, Period], dict[str, int | None]]
    standing: dict[tuple[str, int | None, Period], DossierCount]
    listed: Listed
    results: list[RowResult] = field(default_factory=list)

    @property
    def stale(self) -> list[DossierCount]:
        kept = {(scope, name.pk if name else None, period) for scope, name, period in self.wanted}
        return [row for key, row in self.standing.items() if key not in kept]


@transaction.atomic
def preview(
    unit: Unit, listed: Listed, chosen: Mapping[str, DossierField | None], act: Act, reason: str = ""
) -> Preview:
    """Return what `write_list` would do, by doing it and taking it back."""
    with transaction.atomic():
        plan = _planned(unit, listed, chosen, act, reason)
        found = _preview_of(plan, reason)
        transaction.set_rollback(True)
    return found


@transaction.atomic
def write_list(
    unit: Unit,
    listed: Listed,
    chosen: Mapping[str, DossierField | None],
    act: Act,
    *,
    reason: str = "",
    shown: str | None = None,
) -> int:
    """Put a list's counts in the place of what stands for its scopes and periods; returns how many rows changed.

    `chosen` says for each unknown field, by folded name, which known one is meant, or None for a new one. `reason`
    explains what contradicts other figures. `shown` is the digest of the preview that was looked at. All or nothing:
    raises ListRefused, NeedsReason where a reason is missing, Denied where the actor may not write.
    """
    plan = _planned(unit, listed, chosen, act, reason)
    found = _preview_of(plan, reason)
    if shown is not None and found.digest != shown:
        raise ListRefused(CHANGED_MEANWHILE)
    if found.refused:
        raise ListRefused(" ".join(found.refused[:5]))
    if found.gaps and not reason:
        raise NeedsReason(" ".join(found.gaps[:5]))
    written = write_rows(unit, _writes(plan, reason), act)
    if refused := [one for one in written if one.outcome not in ("saved", "unchanged")]:
        raise ListRefused(" ".join(one.message for one in refused[:5]))
    return sum(one.outcome == "saved" for one in written) + len(plan.stale)


def _planned(
    unit: Unit, listed: Listed, chosen: Mapping[str, DossierField | None], act: Act, reason: str
) -> _Plan:
    """Make the fields, take away what is no longer said, and hear what is to be said of the rest."""
    fields = _fields(listed, chosen, act)
    plan = _Plan(unit, _merged(listed, fields), _standing(unit, listed), listed)
    for row in plan.stale:
        remove_row(row, act)
    plan.results = check_rows(unit, _writes(plan, reason))
    return plan


def _fields(listed: Listed, chosen: Mapping[str, DossierField | None], act: Act) -> dict[str, DossierField]:
    known = known_fields()
    found = {key: known.get(key) or chosen.get(key) for key in listed.fields}
    if any(one is None and key not in chosen for key, one in found.items()):
        raise ListRefused(NEEDS_FIELDS)
    return {key: one or field_named(listed.fields[key], act) for key, one in found.items()}


def _merged(
    listed: Listed, fields: Mapping[str, DossierField]
) -> dict[tuple[str, DossierField | None, Period], dict[str, int | None]]:
    """Add up what two names of one field count; dossiers are in one of them."""
    found: dict[tuple[str, DossierField | None, Period], dict[str, int | None]] = {}
    for (scope, name, period), values in listed.rows.items():
        key = (scope, fields[name] if name is not None else None, period)
        so_far = found.get(key)
        found[key] = dict(values) if so_far is None else {n: _sum(so_far[n], v) for n, v in values.items()}
    return found


def _sum(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def _standing(unit: Unit, listed: Listed) -> dict[tuple[str, int | None, Period], DossierCount]:
    within = Q()
    for period in listed.periods:
        within |= Q(starts_on=period.start, ends_on=period.end)
    rows = DossierCount.objects.in_work().filter(within, unit=unit, scope__in=listed.scopes)
    return {
        (row.scope, row.field_id, Period(row.starts_on, row.ends_on)): row
        for row in rows.select_related("unit", "field").order_by("pk")
    }


def _writes(plan: _Plan, reason: str) -> list[RowWrite]:
    heard = iter(plan.results) if plan.results else None
    return [
        _write(plan, key, values, next(heard) if heard else None, reason)
        for key, values in plan.wanted.items()
    ]


def _write(
    plan: _Plan,
    key: tuple[str, DossierField | None, Period],
    values: Mapping[str, int | None],
    heard: RowResult | None,
    reason: str,
) -> RowWrite:
    scope, name, period = key
    stands = plan.standing.get((scope, name.pk if name else None, period))
    written: dict[str, object] = {**values, **CLEARED, "convention": plan.listed.convention}
    if plan.listed.rejected:
        written["note"] = LEFT_OUT % plan.listed.rejected
    elif stands is not None and stands.note.startswith(LEFT_OUT_START):
        written["note"] = ""
    if heard is not None and heard.outcome != "unchanged":
        # The reason of an earlier count says nothing about this one.
        written["gap_reason"] = reason if _gaps(heard) else ""
    named = {"scope": scope, "field": name, "starts_on": period.start, "ends_on": period.end}
    return RowWrite(DossierCount, named, written, stands.version if stands else None)


def _gaps(result: RowResult) -> list[str]:
    return [said.text for said in result.said if said.level is Level.WARN]


def _preview_of(plan: _Plan, reason: str) -> Preview:
    lines, gaps, refused = [], list[str](), list[str]()
    for (key, values), heard in zip(plan.wanted.items(), plan.results, strict=True):
        scope, name, period = key
        stands = plan.standing.get((scope, name.pk if name else None, period))
        before = {one: getattr(stands, one) for one in values} if stands else None
        lines.append(
            Line(scope, name.name if name else "", period, before, values, stands.version if stands else 0)
        )
        if heard.outcome == "unchanged":
            continue
        place = f"{lines[-1].field or 'Tổng số'}, {period.start:%d/%m/%Y}–{period.end:%d/%m/%Y}"
        gaps += [f"{place}: {text}" for text in _gaps(heard)]
        blocked = [said.text for said in heard.said if said.level is Level.BLOCK]
        is_only_gap = heard.outcome == "refused" and not blocked and bool(_gaps(heard))
        if heard.outcome != "saved" and not is_only_gap:
            refused.append(f"{place}: {' '.join(blocked) or heard.message}")
    lines += [_gone(row) for row in plan.stale]
    return Preview(sorted(lines, key=_order), gaps, refused)


def _gone(row: DossierCount) -> Line:
    before = {name: getattr(row, name) for name in SHOWN}
    period = Period(row.starts_on, row.ends_on)
    return Line(row.scope, row.field.name if row.field else "", period, before, None, row.version)


def _order(line: Line) -> tuple[str, str, Period]:
    return (line.scope, sort_key(line.field), line.period)


def lines_by_table(lines: Iterable[Line]) -> Iterator[tuple[str, str, list[Line]]]:
    """Yield a preview's lines by scope and field, as tables are shown."""
    tables: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        tables.setdefault((line.scope, line.field), []).append(line)
    for (scope, name), found in tables.items():
        yield scope, name, found
