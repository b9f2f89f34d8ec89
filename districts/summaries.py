"""How did a unit come about, and what became of it?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.db.models import BigIntegerField, F, Q

from . import sentences
from .models import Level, Succession, Unit, UnitVersion
from .prepared import Asked, Prepared
from .sentences import Title


@dataclass(frozen=True, slots=True)
class LineageEdge:
    """A neighbour in the lineage. `is_main_part` is None where it is not known."""

    unit: Unit
    kind: Succession.Kind
    on: dt.date | None
    is_main_part: bool | None
    is_derived: bool
    legal_act: str

    @property
    def title(self) -> Title:
        return Title(self.unit.type, self.unit.name)

    @property
    def is_part(self) -> bool:
        """Whether only a part of the territory went this way."""
        return self.kind == Succession.Kind.SPLIT

    @property
    def remarks(self) -> list[str]:
        # That a district ended is said in the sentence; beside each of its communes it would only repeat.
        kind = "" if self.kind == Succession.Kind.END else str(self.kind.label)
        return sentences.remarks(
            self.unit.place,
            kind,
            self.on,
            main=self.is_main_part,
            is_part=self.is_part,
            derived=self.is_derived,
        )


@dataclass(frozen=True, slots=True)
class UnitLineage:
    """A unit through time: its dated names, where it came from, what it went on as, and that in sentences.

    `ancestors` run from the province down; `sentences` from the oldest event to the latest.
    """

    unit: Unit
    versions: list[UnitVersion]
    predecessors: list[LineageEdge]
    successors: list[LineageEdge]
    ancestors: list[Unit]
    sentences: list[str]

    @property
    def is_empty(self) -> bool:
        return not (self.predecessors or self.successors or len(self.versions) > 1)


UNIT = Asked("unit", BigIntegerField())
VERSIONS: Prepared[UnitVersion] = Prepared(
    lambda: UnitVersion.objects.filter(unit=UNIT).order_by(F("valid_from").asc(nulls_first=True))
)
SUCCESSIONS: Prepared[Succession] = Prepared(
    lambda: Succession.objects.filter(Q(predecessor=UNIT) | Q(successor=UNIT)).select_related(
        "predecessor__parent__parent", "successor__parent__parent"
    )
)


def unit_lineage(unit: Unit) -> UnitLineage:
    """The lineage of a unit, in two queries whatever its size, and as many as it lacks of its ancestors."""
    versions = VERSIONS(unit=unit.pk)
    predecessors, successors = _edges(unit)
    ancestors = _ancestors(unit)
    said = [
        *_origin_sentences(unit, versions, predecessors),
        *_version_sentences(versions),
        *_end_sentences(unit, ancestors, successors),
    ]
    return UnitLineage(unit, versions, predecessors, successors, ancestors, said)


def closing_sentence(unit: Unit) -> str:
    """What became of a unit that is no more, in one sentence; empty for a unit in force."""
    return _outcome(unit, _ancestors(unit), _edges(unit)[1]) if unit.valid_to else ""


def _edge(row: Succession, unit: Unit) -> LineageEdge:
    kind = Succession.Kind(row.kind)
    return LineageEdge(unit, kind, row.effective_on, row.is_main_part, row.is_derived, row.legal_act)


def _edges(unit: Unit) -> tuple[list[LineageEdge], list[LineageEdge]]:
    """Return where a unit came from and what it went on as, communes after districts, by code."""
    found: tuple[list[LineageEdge], list[LineageEdge]] = ([], [])
    for row in SUCCESSIONS(unit=unit.pk):
        if row.successor_id == unit.pk:
            found[0].append(_edge(row, row.predecessor))
        elif row.successor is not None:
            found[1].append(_edge(row, row.successor))
    for edges in found:
        edges.sort(key=lambda edge: (edge.unit.level, edge.unit.code))
    return found


def _ancestors(unit: Unit) -> list[Unit]:
    chain = []
    above = unit.parent
    while above is not None:
        chain.append(above)
        above = above.parent
    return chain[::-1]


def _title(unit: Unit | UnitVersion) -> Title:
    return Title(unit.type, unit.name)


def _own_origins(unit: Unit, predecessors: Sequence[LineageEdge]) -> list[LineageEdge]:
    """Without the districts whose communes went into a commune: the communes are named already."""
    return [edge for edge in predecessors if edge.unit.level == unit.level or not edge.is_derived]


def _origin_sentences(
    unit: Unit, versions: Sequence[UnitVersion], predecessors: Sequence[LineageEdge]
) -> list[str]:
    origins = _own_origins(unit, predecessors)
    if not origins:
        return []
    first, day = _title(versions[0] if versions else unit), origins[0].on
    kinds = {edge.kind for edge in origins}
    if kinds == {Succession.Kind.CONTINUES}:
        said = sentences.continued(first, day)
    elif len(origins) == 1 and kinds <= {Succession.Kind.RENAME, Succession.Kind.RECLASSIFY}:
        said = sentences.became(origins[0].title, first, day)
    else:
        wholes = [edge.title for edge in origins if not edge.is_part]
        parts = [edge.title for edge in origins if edge.is_part]
        said = sentences.founded(first, wholes, parts, day)
    return [said, *_basis(origins)]


def _basis(edges: Sequence[LineageEdge]) -> list[str]:
    said = sentences.basis(edge.legal_act for edge in edges)
    return [said] if said else []


def _version_sentences(versions: Sequence[UnitVersion]) -> list[str]:
    return [
        sentences.became(_title(before), _title(after), after.valid_from, after.legal_act)
        for before, after in pairwise(versions)
        if (before.type, before.name) != (after.type, after.name)
    ]


def _end_sentences(unit: Unit, ancestors: Sequence[Unit], successors: Sequence[LineageEdge]) -> list[str]:
    if not unit.valid_to and not successors:
        return []
    return [_outcome(unit, ancestors, successors), *_basis(successors)]


def _outcome(unit: Unit, ancestors: Sequence[Unit], successors: Sequence[LineageEdge]) -> str:
    title = _title(unit)
    if not successors:
        return sentences.ended(title, [], unit.valid_to + dt.timedelta(days=1) if unit.valid_to else None)
    first = successors[0]
    if len(successors) == 1:
        if first.kind == Succession.Kind.CONTINUES:
            return sentences.continued(title, first.on)
        if first.kind in (Succession.Kind.RENAME, Succession.Kind.RECLASSIFY):
            return sentences.became(title, first.title, first.on)
        if first.kind == Succession.Kind.MERGE and unit.level == Level.PROVINCE:
            return sentences.merged(title, _merged_with(unit, first.unit), first.title, first.on)
    main = next((edge.title for edge in successors if edge.is_main_part), None)
    return sentences.ended(
        title,
        [edge.title for edge in successors],
        first.on,
        province=_new_province(ancestors, successors),
        main=main if len(successors) > 1 else None,
    )


def _merged_with(unit: Unit, successor: Unit) -> list[Title]:
    others = Unit.objects.filter(succeeded_by__successor=successor, level=unit.level).exclude(pk=unit.pk)
    return [_title(other) for other in others.order_by("code")]


def _new_province(ancestors: Sequence[Unit], successors: Sequence[LineageEdge]) -> Title | None:
    """The one province the successors belong to, where its name is not the old one's."""
    provinces = {_province(edge.unit) for edge in successors}
    new = provinces.pop() if len(provinces) == 1 else None
    if new is None or not ancestors or new.name == ancestors[0].name:
        return None
    return _title(new)


def _province(unit: Unit) -> Unit | None:
    above = unit.parent
    while above is not None and above.level > Level.PROVINCE:
        above = above.parent
    return above
