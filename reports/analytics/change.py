"""What drove a change of the total? Each piece's own change, and what is left over. Pure.

A piece (an area, a part) contributes what its points changed by; contributions add up to the change of the total but
for rounding, as every printed figure was rounded for itself. Where a piece's maximum changed, its points tell two
stories at once: its shares of the maximum are what compares.

Worked example, rounded to one decimal: areas went 10,4 → 11,0 and 20,3 → 20,1, the total 30,8 → 31,1. Contributions
+0,6 and −0,2 make +0,4, the total says +0,3: −0,1 is due to rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Piece:
    """Points and maximum of one thing in two years; None where a figure is not known or the thing was not there."""

    key: str
    title: str
    before: Decimal | None = None
    before_max: Decimal | None = None
    after: Decimal | None = None
    after_max: Decimal | None = None

    @property
    def change(self) -> Decimal | None:
        """Return what it adds to the change of the total; a thing that was not there had nothing."""
        if self.before is None and self.after is None:
            return None
        if self.before is None:
            return self.after if self.before_max is None else None
        if self.after is None:
            return -self.before if self.after_max is None else None
        return self.after - self.before

    @property
    def has_same_maximum(self) -> bool:
        return self.before_max == self.after_max

    @property
    def is_comparable(self) -> bool:
        """Tell whether its points say better or worse: known in both years, of no other maximum."""
        if self.before is None or self.after is None:
            return False
        return self.has_same_maximum or self.before_max is None or self.after_max is None

    @property
    def share_before(self) -> Decimal | None:
        return _percent(self.before, self.before_max)

    @property
    def share_after(self) -> Decimal | None:
        return _percent(self.after, self.after_max)

    @property
    def share_change(self) -> Decimal | None:
        """Return the change of the share of the maximum in percentage points, exactly rounded once to four places."""
        if self.before is None or self.after is None or not self.before_max or not self.after_max:
            return None
        exact = Fraction(self.after) / Fraction(self.after_max) - Fraction(self.before) / Fraction(
            self.before_max
        )
        return _decimal(100 * exact)


@dataclass(frozen=True)
class Explanation:
    """A change of a total by its pieces: `explained` is their sum, `remainder` what the total changed beyond it."""

    pieces: tuple[Piece, ...]
    total: Decimal
    explained: Decimal
    remainder: Decimal
    # Pieces of which a year is not known: the remainder is theirs too.
    unknown: tuple[Piece, ...]
    # All pieces are known and the remainder is no more than rounding can make.
    is_rounding: bool

    @property
    def risen(self) -> Piece | None:
        """Return the piece that rose most, None where none did; another maximum is neither rise nor fall."""
        return max((p for p in self._moved if (p.change or 0) > 0), key=_size, default=None)

    @property
    def fallen(self) -> Piece | None:
        """Return the piece that fell most, None where none did."""
        return max((p for p in self._moved if (p.change or 0) < 0), key=_size, default=None)

    @property
    def _moved(self) -> list[Piece]:
        return [piece for piece in self.pieces if piece.is_comparable]


def explain(pieces: Sequence[Piece], total: Decimal, digits: int) -> Explanation:
    """Return a change of `total` points by its pieces, all figures being rounded to `digits` decimals."""
    changes = [piece.change for piece in pieces]
    explained = sum((change for change in changes if change is not None), Decimal(0))
    unknown = tuple(piece for piece in pieces if piece.change is None)
    # Each figure is off by half a unit of its last place at most: two of every piece, two of the total.
    most = (len(pieces) + 1) * Decimal(1).scaleb(-digits)
    remainder = total - explained
    return Explanation(
        tuple(pieces), total, explained, remainder, unknown, not unknown and abs(remainder) <= most
    )


def _size(piece: Piece) -> Decimal:
    return abs(piece.change or Decimal(0))


def _percent(points: Decimal | None, maximum: Decimal | None) -> Decimal | None:
    if points is None or not maximum:
        return None
    return _decimal(100 * Fraction(points) / Fraction(maximum))


def _decimal(value: Fraction) -> Decimal:
    """Return a ratio with four decimals, half away from zero."""
    scaled = abs(value) * 10_000
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(whole if value >= 0 else -whole).scaleb(-4)
