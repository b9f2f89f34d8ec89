"""Small drawings of analyses, made on the server: they print, and need no script."""

from __future__ import annotations

from decimal import Decimal

# Half the width of the drawing, in its own units.
HALF = Decimal(50)


def half_share(change: Decimal | None, most: Decimal | None) -> Decimal:
    """Return how far a bar reaches from the middle of its drawing, 0 to 50; `most` reaches the end."""
    return Decimal(0) if change is None or not most else min(abs(change) / most, Decimal(1)) * HALF
