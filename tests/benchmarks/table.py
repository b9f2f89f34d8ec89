"""The table of ratios that `make bench` prints: each row beside its target, and how many are met."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Row:
    """A measured job: `value` and `reference` in `unit`, their ratio, and what the ratio should be.

    A row whose reference cannot be run here has no ratio, and `left_out` says why.
    """

    job: str
    of: str
    target: float
    # Whether more is better (answers a second) or less (time, bytes).
    more_is_better: bool = False
    value: float = 0
    reference: float = 0
    unit: str = ""
    left_out: str = ""

    @property
    def ratio(self) -> float:
        return self.value / self.reference

    @property
    def is_met(self) -> bool:
        return self.ratio >= self.target if self.more_is_better else self.ratio <= self.target

    @property
    def sign(self) -> str:
        return "≥" if self.more_is_better else "≤"


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def line(row: Row) -> str:
    if row.left_out:
        return f"  –     {row.job} / {row.of}: left out, {row.left_out}"
    mark = "met   " if row.is_met else "MISSED"
    figures = f"{number(row.value)} / {number(row.reference)} {row.unit}"
    return f"{mark}  {row.ratio:8.3f}  {row.sign} {row.target:g}  {row.job} / {row.of}: {figures}"


def number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def told(rows: Iterable[Row]) -> bool:
    """Print the last lines; return whether every measured target is met."""
    measured = [row for row in rows if not row.left_out]
    met = sum(row.is_met for row in measured)
    say(f"{met} of {len(measured)} targets met")
    return met == len(measured)


def write(rows: Iterable[Row], path: Path, about: dict[str, object]) -> None:
    """Keep the table as JSON, with what it was measured on."""
    kept = [
        asdict(row) | ({} if row.left_out else {"ratio": row.ratio, "is_met": row.is_met}) for row in rows
    ]
    path.write_text(json.dumps({"about": about, "rows": kept}, ensure_ascii=False, indent=1) + "\n")
