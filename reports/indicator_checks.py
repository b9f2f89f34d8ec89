"""Can an indicator's figure be, and does it need a reason? Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from .checks import Level

# Figures whose unit is one of these may have decimals; everything else is counted.
MEASURED = frozenset({"%", "tỉ đồng", "tỷ đồng", "triệu đồng", "điểm", "giờ"})
JUMP = 10


@dataclass(frozen=True)
class Told:
    """A figure as it would stand, and the same indicator's of the period before where it is known."""

    unit_of_measure: str
    value: Decimal | None
    numerator: Decimal | None
    denominator: Decimal | None
    before: Decimal | None = None

    @property
    def share(self) -> Decimal | None:
        """Return numerator / denominator in percent, None where it cannot be told."""
        if self.numerator is None or not self.denominator:
            return None
        return 100 * self.numerator / self.denominator

    @property
    def compared(self) -> Decimal | None:
        """Return what is compared from year to year: the value, else the share."""
        return self.share if self.value is None else self.value


@dataclass(frozen=True)
class Remark:
    """What is the matter, how grave, and with which fields."""

    key: str
    level: Level
    fields: tuple[str, ...]


def remarks(told: Told) -> list[Remark]:
    """Return what cannot be (BLOCK) and what asks for a reason (WARN) of one figure."""
    found = []
    is_counted = told.unit_of_measure not in MEASURED
    figures = {"value": told.value, "numerator": told.numerator, "denominator": told.denominator}
    for name, figure in figures.items():
        if figure is not None and figure < 0:
            found.append(Remark("negative", Level.BLOCK, (name,)))
        elif figure is not None and is_counted and figure != int(figure):
            found.append(Remark("fraction", Level.BLOCK, (name,)))
    if told.numerator is not None and told.denominator is not None and told.numerator > told.denominator:
        found.append(Remark("part", Level.BLOCK, ("numerator", "denominator")))
    now, before = told.compared, told.before
    if not found and now and before and (now >= JUMP * before or before >= JUMP * now):
        found.append(Remark("jump", Level.WARN, ("value" if told.value is not None else "numerator",)))
    return found
