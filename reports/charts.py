"""What a chart shows; static/js/charts.js decides how. Every chart carries its numbers as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

Kind = Literal["bar", "line", "bump", "histogram", "stacked"]
# What a series stands for: it fixes its colour on every page.
Role = Literal["unit", "mean", "best", "previous", "early", "on_time", "late", "other"]
Number = Decimal | int | None


@dataclass(frozen=True)
class Series:
    """One line or set of bars: a value for each label, None where there is none."""

    label: str
    values: tuple[Number, ...]
    role: Role = "other"


@dataclass(frozen=True)
class Chart:
    """A drawing with its numbers.

    `labels` name the points of each series. `unit` is printed behind values ("điểm"). `breaks` are positions
    in `labels` before which a line must not be joined. `highlight` is the position of the unit's own bar.
    """

    id: str
    title: str
    kind: Kind
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    label_header: str
    unit: str = ""
    summary: str = ""
    breaks: tuple[int, ...] = ()
    highlight: int | None = None
    maximum: Decimal | int | None = None
    notes: tuple[str, ...] = field(default=())

    @property
    def data_id(self) -> str:
        return f"chart-{self.id}-data"

    @property
    def data(self) -> dict[str, Any]:
        """Return what the page hands to the script: numbers as JSON numbers, gaps as null."""
        return {
            "kind": self.kind,
            "labels": self.labels,
            "series": [{"label": s.label, "role": s.role, "values": _plain(s.values)} for s in self.series],
            "unit": self.unit,
            "breaks": self.breaks,
            "highlight": self.highlight,
            "maximum": None if self.maximum is None else float(self.maximum),
        }

    @property
    def rows(self) -> list[tuple[str, list[Number]]]:
        """Return the table behind the drawing: a label and the value of each series."""
        return [(label, [s.values[i] for s in self.series]) for i, label in enumerate(self.labels)]


def _plain(values: Sequence[Number]) -> list[float | int | None]:
    return [float(v) if isinstance(v, Decimal) else v for v in values]
