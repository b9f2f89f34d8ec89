"""What the levels of a rating are called, and which of them mean "satisfied". Pure."""

from __future__ import annotations

from collections.abc import Mapping

# From the lowest level, 1, up. Three to five levels are in use, as each one-stop shop has chosen.
WORDS: Mapping[int, tuple[str, ...]] = {
    3: ("Không hài lòng", "Bình thường", "Hài lòng"),
    4: ("Rất không hài lòng", "Không hài lòng", "Hài lòng", "Rất hài lòng"),
    5: ("Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng"),
}
# From which level on somebody counts as satisfied: "hài lòng" and "rất hài lòng".
SATISFIED_FROM: Mapping[int, int] = {3: 3, 4: 3, 5: 4}


def choices(levels: int) -> list[tuple[int, str]]:
    """Return the levels of a scale with their words, the highest first."""
    return [(level, WORDS[levels][level - 1]) for level in range(levels, 0, -1)]


def satisfied(counts: Mapping[int, int], levels: int) -> int:
    """Return how many of the counts by level are of satisfied people."""
    return sum(n for level, n in counts.items() if level >= SATISFIED_FROM[levels])
