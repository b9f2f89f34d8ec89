"""What became of a unit, and what was it before? Pure: edges in, edges out."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

Key = tuple[str, str]
Pair = tuple[Key, Key]
Title = tuple[str, str]
PROVINCE, DISTRICT, COMMUNE = 1, 2, 3


@dataclass(frozen=True, slots=True)
class Edge:
    """One unit, or a part of it, going on as another; `kind` is a value of `Succession.Kind`.

    `is_main_part`: whether the main part of the predecessor went there; None where it is not known.
    """

    predecessor: Key
    successor: Key
    kind: str
    is_main_part: bool | None = None
    is_derived: bool = False
    legal_act: str = ""


def with_plain_kinds(
    edges: Iterable[Edge], levels: Mapping[Key, int], titles: Mapping[Key, Title]
) -> list[Edge]:
    """The stated edges with one-to-one moves called what they are, and districts ending.

    `titles` maps a unit to (type, name in a spelling that can be compared). A list of edges calls every
    whole unit that goes on a "merge"; alone at both ends it merged with nothing.
    """
    edges = list(edges)
    out = Counter(edge.predecessor for edge in edges)
    into = Counter(edge.successor for edge in edges)

    def kind(edge: Edge) -> str:
        if levels[edge.predecessor] != levels[edge.successor]:
            return "end"
        alone = out[edge.predecessor] == 1 == into[edge.successor]
        return _kind_alone(titles[edge.predecessor], titles[edge.successor]) if alone else edge.kind

    return [replace(edge, kind=kind(edge)) for edge in edges]


def _kind_alone(old: Title, new: Title) -> str:
    if old[1] != new[1]:
        return "rename"
    return "continues" if old[0] == new[0] else "reclassify"


def derived_edges(edges: Iterable[Edge], levels: Mapping[Key, int], parents: Mapping[Key, Key]) -> list[Edge]:
    """The edges of provinces (to provinces) and of districts (to communes) that the stated edges imply.

    A district that an edge names itself is left out. A province that alone becomes one province
    `continues`, otherwise it is merged, or split where its communes went to several; a district ends and
    its territory goes to communes. The main part is known only where there is a single successor.
    """
    districts: set[Pair] = set()
    provinces: set[Pair] = set()
    for edge in edges:
        above = parents.get(edge.predecessor)
        if above and levels[edge.predecessor] == COMMUNE and levels[above] == DISTRICT:
            districts.add((above, edge.successor))
        provinces.add(
            (_province(edge.predecessor, levels, parents), _province(edge.successor, levels, parents))
        )
    return [
        *_derived(provinces, _province_kinds(provinces)),
        *_derived(districts, dict.fromkeys(districts, "end")),
    ]


def _province(key: Key, levels: Mapping[Key, int], parents: Mapping[Key, Key]) -> Key:
    while levels[key] > PROVINCE:
        key = parents[key]
    return key


def _province_kinds(pairs: set[Pair]) -> dict[Pair, str]:
    out, into = Counter(old for old, _ in pairs), Counter(new for _, new in pairs)
    return {
        (old, new): "split" if out[old] > 1 else ("merge" if into[new] > 1 else "continues")
        for old, new in pairs
    }


def _derived(pairs: set[Pair], kinds: Mapping[Pair, str]) -> list[Edge]:
    out = Counter(old for old, _ in pairs)
    return [
        Edge(old, new, kinds[old, new], is_main_part=True if out[old] == 1 else None, is_derived=True)
        for old, new in sorted(pairs)
    ]


def successors(edges: Iterable[Edge], start: Key) -> dict[Key, int]:
    """All that `start` went on as, over any number of steps: unit → the fewest steps to it."""
    return _reached(((edge.predecessor, edge.successor) for edge in edges), start)


def predecessors(edges: Iterable[Edge], start: Key) -> dict[Key, int]:
    """All that `start` came from, over any number of steps: unit → the fewest steps back to it."""
    return _reached(((edge.successor, edge.predecessor) for edge in edges), start)


def heirs(edges: Iterable[Edge], start: Key) -> list[Key]:
    """The last units of the line: those that `start` went on as and that have not gone on themselves."""
    edges = list(edges)
    gone_on = {edge.predecessor for edge in edges}
    return sorted(key for key in successors(edges, start) if key not in gone_on)


def _reached(steps: Iterable[Pair], start: Key) -> dict[Key, int]:
    following: dict[Key, list[Key]] = defaultdict(list)
    for here, there in steps:
        following[here].append(there)
    found = {start: 0}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        for there in following[here]:
            if there not in found:
                found[there] = found[here] + 1
                queue.append(there)
    del found[start]
    return found
