"""What does a sheet still lack before it is handed in, and what of it will be asked about?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from reports.automatic import Calculation, calculation
from reports.models import ScoreSheet
from reports.rules import InputError

from .sheet import Row, Sum, sheet_of


@dataclass(frozen=True)
class Submission:
    """A sheet's total so far and the rows worth a look; without those of `missing` it cannot be handed in."""

    total: Sum
    missing: Sequence[Row]
    without_evidence: Sequence[Row]
    # With what the rule gives instead.
    differing: Sequence[tuple[Row, Calculation]]

    @property
    def has_remarks(self) -> bool:
        return bool(self.missing or self.without_evidence or self.differing)


def submission(sheet: ScoreSheet) -> Submission:
    """Return what the unit should look at before it hands a sheet in; as many queries as its grid."""
    found = sheet_of(sheet, for_unit=True)
    own = [row for row in found.rows if not row.is_survey]
    counted = [(row, _automatic(row)) for row in own if row.is_done]
    return Submission(
        total=found.total,
        # Bonuses and penalties are nobody's duty.
        missing=[row for row in own if not row.is_done and not row.criterion.adjustment],
        without_evidence=[
            row for row in own if (row.score.self_points or Decimal(0)) > 0 and not row.evidence
        ],
        differing=[
            (row, one)
            for row, one in counted
            if one is not None and not one.gives(row.score.self_state, row.score.self_points)
        ],
    )


def _automatic(row: Row) -> Calculation | None:
    """Return what the rule gives; None where it lacks figures, or these cannot be, as the grid says at the row."""
    if row.rule is None:
        return None
    try:
        return calculation(row.rule, row.score.self_inputs, row.figures)
    except InputError:
        return None
