"""Small drawings of analyses, made on the server: they print, and need no script."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import template

register = template.Library()
# Half the width of the drawing, in its own units.
HALF = Decimal(50)


@register.inclusion_tag("components/delta_bar.html")
def delta_bar(value: Decimal | None, most: Decimal | None) -> dict[str, Any]:
    """Draw a change as a bar to the right (up) or left (down) of a middle line; `most` fills a half."""
    size = Decimal(0) if value is None or not most else min(abs(value) / most, Decimal(1)) * HALF
    return {
        "is_up": value is not None and value > 0,
        "x": _printed(HALF if value is None or value >= 0 else HALF - size),
        "width": _printed(size),
    }


def _printed(value: Decimal) -> str:
    return f"{value:.2f}"
