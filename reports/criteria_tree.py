"""A criteria set as values: a tree of nodes whose points add up and whose codes are unique; no database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from .rules import ADJUSTMENTS, SchemaError


class Status(StrEnum):
    VERIFIED = "verified"
    SAMPLE = "sample"
    FRAME = "frame"


class Origin(StrEnum):
    APPRAISED = "appraised"
    SURVEY = "survey"
    BOTH = "both"


@dataclass(frozen=True, kw_only=True)
class Node:
    """An area, criterion or component; a leaf has an origin and, outside frames, a rule."""

    code: str
    title: str
    max_points: Decimal | None
    origin: str = ""
    rule: dict[str, Any] = field(default_factory=dict)
    evidence_hint: str = ""
    legal_basis: str = ""
    note: str = ""
    previous: str = ""
    children: tuple[Node, ...] = ()

    @property
    def is_leaf(self) -> bool:
        return bool(self.origin)

    @property
    def is_outside(self) -> bool:
        """Whether nothing of it enters the full scale: a bonus, a penalty, or a node of nothing else."""
        if self.children:
            return all(child.is_outside for child in self.children)
        return self.rule.get("kind") in ADJUSTMENTS


@dataclass(frozen=True, kw_only=True)
class SourceText:
    slug: str
    title: str
    organisation: str
    published_on: dt.date | None
    published_text: str
    url: str
    note: str
    is_sample: bool


@dataclass(frozen=True, kw_only=True)
class SetText:
    """A criteria set as its file declares it, sums and codes checked."""

    slug: str
    name: str
    status: Status
    is_sample: bool
    organiser: tuple[str, str] | None
    legal_basis: str
    valid_from: dt.date | None
    valid_to: dt.date | None
    max_points: Decimal | None
    appraised_max: Decimal | None
    survey_max: Decimal | None
    bonus_max: Decimal | None = None
    penalty_max: Decimal | None = None
    printed_counts: dict[str, int]
    note: str
    source: SourceText | None
    previous: str
    areas: tuple[Node, ...]


def walk(nodes: tuple[Node, ...], depth: int = 0) -> Iterator[tuple[Node, int]]:
    """Every node with its depth, in the document's order."""
    for node in nodes:
        yield node, depth
        yield from walk(node.children, depth + 1)


def check(criteria_set: SetText) -> None:
    """Points add up at every node and in the parts, codes are unique; SchemaError names the node."""
    for fault in faults(criteria_set):
        raise fault


def faults(criteria_set: SetText) -> Iterator[SchemaError]:
    """Everything that does not add up or is not unique, the first node first; each names its node."""
    nodes = [node for node, _depth in walk(criteria_set.areas)]
    seen: set[str] = set()
    for node in nodes:
        if node.code in seen:
            yield SchemaError(f"[{node.code}]", "mã này đã dùng ở một tiêu chí khác.")
        seen.add(node.code)
        if node.previous and not criteria_set.previous:
            yield SchemaError(f"[{node.code}].previous", "bộ tiêu chí không nêu bộ trước.")
        if node.children and not node.is_outside:
            yield from _sum_faults(f"[{node.code}].max_points", node.max_points, node.children)
        elif node.is_outside:
            yield from _outside_faults(node)
    yield from _sum_faults("bộ tiêu chí.max_points", criteria_set.max_points, criteria_set.areas)
    yield from _part_faults(criteria_set, [node for node in nodes if node.is_leaf and not node.is_outside])
    if criteria_set.status != Status.FRAME:
        yield from _count_faults(criteria_set)


def _sum_faults(path: str, stated: Decimal | None, parts: tuple[Node, ...]) -> Iterator[SchemaError]:
    parts = tuple(part for part in parts if not part.is_outside)
    known = [part.max_points for part in parts if part.max_points is not None]
    if stated is None or not parts or len(known) < len(parts):
        return
    if sum(known) != stated:
        yield SchemaError(path, f"các phần cộng lại được {sum(known)}, không phải {stated}.")


def _outside_faults(node: Node) -> Iterator[SchemaError]:
    """A component's maximum is its cap of a year; caps of several say nothing when added up."""
    path = f"[{node.code}]"
    if node.children and node.max_points is not None:
        yield SchemaError(f"{path}.max_points", "mục chỉ có điểm cộng, điểm trừ thì để trống điểm tối đa.")
    if node.is_leaf and node.origin != Origin.APPRAISED:
        yield SchemaError(f"{path}.origin", "điểm cộng, điểm trừ do thẩm định xác định.")
    cap = node.rule.get("yearly_cap")
    if (
        node.is_leaf
        and node.max_points is not None
        and cap is not None
        and Decimal(str(cap)) != node.max_points
    ):
        said = f"mức tối đa một năm là {cap}, phải bằng điểm tối đa {node.max_points}."
        yield SchemaError(f"{path}.rule.yearly_cap", said)


def _part_faults(criteria_set: SetText, leaves: list[Node]) -> Iterator[SchemaError]:
    appraised, survey, total = criteria_set.appraised_max, criteria_set.survey_max, criteria_set.max_points
    if None not in (appraised, survey, total) and (appraised or 0) + (survey or 0) != total:
        path = "bộ tiêu chí.appraised_max"
        yield SchemaError(path, f"{appraised} + {survey} không bằng điểm tối đa {total}.")
    # A leaf scored both ways does not say here how its points divide.
    if not leaves or any(leaf.origin == Origin.BOTH or leaf.max_points is None for leaf in leaves):
        return
    for key, origin, stated in (
        ("appraised_max", Origin.APPRAISED, appraised),
        ("survey_max", Origin.SURVEY, survey),
    ):
        points = sum(leaf.max_points or 0 for leaf in leaves if leaf.origin == origin)
        if stated is not None and points != stated:
            path = f"bộ tiêu chí.{key}"
            yield SchemaError(path, f"các thành phần cộng lại được {points}, không phải {stated}.")


def _count_faults(criteria_set: SetText) -> Iterator[SchemaError]:
    nodes = [(node, depth) for node, depth in walk(criteria_set.areas) if not node.is_outside]
    counted = {
        "areas": sum(depth == 0 for _node, depth in nodes),
        "criteria": sum(depth == 1 for _node, depth in nodes),
        "components": sum(node.is_leaf for node, _depth in nodes),
    }
    for key, stated in criteria_set.printed_counts.items():
        if stated != counted[key]:
            yield SchemaError(f"bộ tiêu chí.printed_counts.{key}", f"ghi {stated}, đếm được {counted[key]}.")
