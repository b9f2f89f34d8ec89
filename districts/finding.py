"""What can be found besides units? Districts know of nothing else: who has more to show offers a search at start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Hit:
    """A page that answers a query: what it is called, what kind of thing it is, of whom or where."""

    title: str
    url: str
    kind: str
    place: str = ""
    is_sample: bool = False


# A query and how many answers are wanted.
Search = Callable[[str, int], list[Hit]]
_offered: dict[str, Search] = {}


def offer(search: Search) -> None:
    """Let a search answer from now on; offering it again changes nothing."""
    _offered[f"{search.__module__}.{search.__qualname__}"] = search


def found_elsewhere(query: str, limit: int) -> list[Hit]:
    """What the offered searches find, each its likeliest first, `limit` at most."""
    return [hit for search in _offered.values() for hit in search(query, limit)][:limit]
