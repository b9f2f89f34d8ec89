"""A finding about a unit's figures, in words."""

from __future__ import annotations

from dataclasses import dataclass

from reports.checks import Level


@dataclass(frozen=True)
class Said:
    """A finding in words: BLOCK refuses the row, WARN asks for `gap_reason`, the rest is only shown.

    `fields` are the columns beside which it stands, `key` names the identity. `is_open`: cells that were not come to
    yet may still settle it, so whoever is entering the row is not asked for a reason.
    """

    text: str
    level: Level
    fields: tuple[str, ...] = ()
    key: str = ""
    is_open: bool = False
