"""What can be found besides units, and what is there of a unit? Districts know of nothing else: others offer it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .models import Unit


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
# Units by key; told in a few words of those of which there is something.
Marks = Callable[[frozenset[int]], Mapping[int, str]]
_offered: dict[str, Search] = {}
_marking: dict[str, Marks] = {}


def offer(search: Search) -> None:
    """Let a search answer from now on; offering it again changes nothing."""
    _offered[f"{search.__module__}.{search.__qualname__}"] = search


def found_elsewhere(query: str, limit: int) -> list[Hit]:
    """What the offered searches find, each its likeliest first, `limit` at most."""
    return [hit for search in _offered.values() for hit in search(query, limit)][:limit]


def offer_marks(marks: Marks) -> None:
    """Let units found be marked from now on with what there is of them; offering it again changes nothing."""
    _marking[f"{marks.__module__}.{marks.__qualname__}"] = marks


def marks_of(units: Iterable[Unit]) -> dict[int, str]:
    """What there is of these units, by key, in a few words each."""
    keys = frozenset(unit.pk for unit in units)
    told: dict[int, str] = {}
    if keys:
        for marks in _marking.values():
            told |= marks(keys)
    return told
