"""How far has a command come? A bar on a terminal, silence where nobody watches."""

from __future__ import annotations

import sys
from collections.abc import Callable

from django.core.management.base import OutputWrapper

BAR_LENGTH = 40


def bar(out: OutputWrapper, title: str) -> Callable[[int, int], None] | None:
    """Return what draws progress, told how much is done and of how much; None where there is no terminal."""

    def draw(done: int, total: int) -> None:
        filled = BAR_LENGTH * done // max(total, 1)
        end = "\n" if done >= total else ""
        out.write(f"\r{title} [{'█' * filled}{'·' * (BAR_LENGTH - filled)}] {done}/{total}", ending=end)

    return draw if sys.stderr.isatty() else None
