"""Repeatable chance: every draw hangs on its own key, so adding a draw leaves the others as they were."""

from __future__ import annotations

import random

SEED = "tinh-minh-hoa/1"


class Chance:
    """Integers drawn from a key. Only `random.random()` is promised to stay the same in later Pythons."""

    def __init__(self, *key: object) -> None:
        self._random = random.Random("/".join([SEED, *map(str, key)]))  # noqa: S311

    def between(self, low: int, high: int) -> int:
        """Return an integer from low to high, both included."""
        return low + int(self._random.random() * (high - low + 1))

    def around(self, middle: int, spread: int) -> int:
        """Return an integer within `spread` of the middle; near it more often than far from it."""
        return middle + (self.between(-spread, spread) + self.between(-spread, spread)) // 2

    def happens(self, permille: int) -> bool:
        return self.between(1, 1000) <= permille


def share(whole: int, permille: int) -> int:
    """Return so many thousandths of a whole, half up, within 0–whole."""
    return max(0, min(whole, (2 * whole * permille + 1000) // 2000))
