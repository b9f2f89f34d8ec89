"""What is said of a unit's figures when they are written: what cannot be, and what needs a reason.

Each kind of figures brings a line in CHECKS: rows as they would stand, of one unit or many; findings for each.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from districts.models import Unit
from reports.checks import Level
from reports.models import DossierCount, Index766, Observation, Releasable, Satisfaction

from .dossier_checks import check_dossier_rows
from .observation_checks import check_index766, check_observations
from .said import Said
from .satisfaction_checks import check_satisfaction

__all__ = ["Said", "check"]

# The rows a check gets are whole, with their unit: what a write does not touch is as it stands in the database. Other
# rows are the check's own to read, in a number of queries that does not depend on how many there are.
Check = Callable[[Sequence[Any]], list[list[Said]]]
BACKWARDS = "Ngày kết thúc kỳ phải bằng hoặc sau ngày bắt đầu."
OUTSIDE_LIFE = "Kỳ số liệu vượt ra ngoài thời gian hoạt động của đơn vị (%s)."


def check(model: type[Releasable], rows: Sequence[Any]) -> list[list[Said]]:
    """Return what is to be said of each row of one model, unsaved ones included."""
    own = CHECKS.get(model)
    found = own(rows) if own else [[] for _ in rows]
    return [[*_backwards(row), *_outside_life(row), *said] for row, said in zip(rows, found, strict=True)]


def _backwards(row: Any) -> list[Said]:
    if row.starts_on is None or row.starts_on <= row.ends_on:
        return []
    return [Said(BACKWARDS, Level.BLOCK, ("ends_on",), "period")]


def _outside_life(row: Any) -> list[Said]:
    """A period never crosses the unit's end: a closed unit's successors report what comes after."""
    unit: Unit = row.unit
    too_early = unit.valid_from is not None and (row.starts_on or row.ends_on) < unit.valid_from
    too_late = unit.valid_to is not None and row.ends_on > unit.valid_to
    if not too_early and not too_late:
        return []
    life = f"{unit.valid_from:%d/%m/%Y}" if unit.valid_from else "…"
    life += f" – {unit.valid_to:%d/%m/%Y}" if unit.valid_to else " – nay"
    return [Said(OUTSIDE_LIFE % life, Level.BLOCK, ("starts_on" if too_early else "ends_on",), "life")]


CHECKS: Mapping[type[Releasable], Check] = {
    DossierCount: check_dossier_rows,
    Satisfaction: check_satisfaction,
    Observation: check_observations,
    Index766: check_index766,
}
