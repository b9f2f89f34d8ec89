"""What does a criteria file say, and do its points add up? From JSON to values; no database."""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any

from .rules import Adjustment, Reader, SchemaError, parse

PACKAGED = Path(__file__).parent / "data" / "criteria"
_POLICIES = ("not_applicable", "zero_denominator")


class CriteriaFileError(ValueError):
    """A file that is not a criteria set: names the file, the node and what is wrong, in Vietnamese."""


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
    printed_counts: dict[str, int]
    note: str
    source: SourceText | None
    previous: str
    areas: tuple[Node, ...]


def packaged_files() -> list[Path]:
    return sorted(PACKAGED.glob("*.json"))


def read_set(path: Path) -> SetText:
    """The set a file declares. Raises CriteriaFileError naming the file, the node and the fault."""
    try:
        text = unicodedata.normalize("NFC", path.read_text(encoding="utf-8"))
        return parse_set(json.loads(text))
    except OSError as error:
        raise CriteriaFileError(f"{path.name}: không đọc được tệp ({error.strerror}).") from error
    except json.JSONDecodeError as error:
        raise CriteriaFileError(f"{path.name}: dòng {error.lineno} không đúng cú pháp JSON.") from error
    except (SchemaError, UnicodeDecodeError) as error:
        raise CriteriaFileError(f"{path.name}: {error}") from error


def parse_set(document: object) -> SetText:
    """The set in decoded JSON. Raises SchemaError where its form, codes or sums are wrong."""
    reader = Reader(document, "bộ tiêu chí")
    status = reader.choice("status", Status)
    defaults = _defaults(reader)
    areas = tuple(_node(item, status, defaults) for item in _nodes(reader, "areas"))
    parsed = SetText(
        slug=reader.text("slug"),
        name=reader.text("name"),
        status=status,
        is_sample=reader.flag("is_sample"),
        organiser=_organiser(reader),
        legal_basis=reader.optional_text("legal_basis"),
        valid_from=_day(reader, "valid_from"),
        valid_to=_day(reader, "valid_to"),
        max_points=_points(reader, "max_points"),
        appraised_max=_points(reader, "appraised_max"),
        survey_max=_points(reader, "survey_max"),
        printed_counts=_printed_counts(reader),
        note=reader.optional_text("note"),
        source=_source(reader),
        previous=reader.optional_text("previous"),
        areas=areas,
    )
    reader.finish()
    check(parsed)
    return parsed


def walk(nodes: tuple[Node, ...], depth: int = 0) -> Iterator[tuple[Node, int]]:
    """Every node with its depth, in the document's order."""
    for node in nodes:
        yield node, depth
        yield from walk(node.children, depth + 1)


def check(criteria_set: SetText) -> None:
    """Points add up at every node and in the parts, codes are unique; SchemaError names the node."""
    nodes = [node for node, _depth in walk(criteria_set.areas)]
    seen: set[str] = set()
    for node in nodes:
        if node.code in seen:
            raise SchemaError(f"[{node.code}]", "mã này đã dùng ở một tiêu chí khác.")
        seen.add(node.code)
        if node.previous and not criteria_set.previous:
            raise SchemaError(f"[{node.code}].previous", "bộ tiêu chí không nêu bộ trước.")
        if node.children:
            _check_sum(f"[{node.code}].max_points", node.max_points, node.children)
    _check_sum("bộ tiêu chí.max_points", criteria_set.max_points, criteria_set.areas)
    _check_parts(criteria_set, [node for node in nodes if node.is_leaf])
    if criteria_set.status != Status.FRAME:
        _check_counts(criteria_set)


def _check_sum(path: str, stated: Decimal | None, parts: tuple[Node, ...]) -> None:
    known = [part.max_points for part in parts if part.max_points is not None]
    if stated is None or not parts or len(known) < len(parts):
        return
    if sum(known) != stated:
        raise SchemaError(path, f"các phần cộng lại được {sum(known)}, không phải {stated}.")


def _check_parts(criteria_set: SetText, leaves: list[Node]) -> None:
    appraised, survey, total = criteria_set.appraised_max, criteria_set.survey_max, criteria_set.max_points
    if None not in (appraised, survey, total) and (appraised or 0) + (survey or 0) != total:
        path = "bộ tiêu chí.appraised_max"
        raise SchemaError(path, f"{appraised} + {survey} không bằng điểm tối đa {total}.")
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
            raise SchemaError(path, f"các thành phần cộng lại được {points}, không phải {stated}.")


def _check_counts(criteria_set: SetText) -> None:
    nodes = list(walk(criteria_set.areas))
    counted = {
        "areas": len(criteria_set.areas),
        "criteria": sum(depth == 1 for _node, depth in nodes),
        "components": sum(node.is_leaf for node, _depth in nodes),
    }
    for key, stated in criteria_set.printed_counts.items():
        if stated != counted[key]:
            raise SchemaError(f"bộ tiêu chí.printed_counts.{key}", f"ghi {stated}, đếm được {counted[key]}.")


def _nodes(reader: Reader, key: str) -> list[Reader]:
    return reader.items(key) if reader.left.get(key) else reader.drop(key)


def _node(reader: Reader, status: Status, defaults: dict[str, str]) -> Node:
    code = reader.text("code")
    reader.path = f"[{code}]"
    max_points = _points(reader, "max_points")
    if max_points is None and status != Status.FRAME:
        raise SchemaError(reader.at("max_points"), "phải có điểm tối đa.")
    has_children = bool(reader.left.get("children"))
    children = tuple(_node(item, status, defaults) for item in _nodes(reader, "children"))
    is_leaf = not has_children and (status != Status.FRAME or "origin" in reader.left)
    node = Node(
        code=code,
        title=reader.text("title"),
        max_points=max_points,
        origin=reader.choice("origin", Origin) if is_leaf else "",
        rule=_rule(reader, status, max_points, defaults) if is_leaf else {},
        evidence_hint=reader.optional_text("evidence"),
        legal_basis=reader.optional_text("legal_basis"),
        note=reader.optional_text("note"),
        previous=reader.optional_text("previous"),
        children=children,
    )
    reader.finish()
    return node


def _rule(
    reader: Reader, status: Status, max_points: Decimal | None, defaults: dict[str, str]
) -> dict[str, Any]:
    if max_points is None or (status == Status.FRAME and "rule" not in reader.left):
        return {}
    declared = reader.take("rule")
    if not isinstance(declared, dict):
        raise SchemaError(reader.at("rule"), "phải là một đối tượng JSON.")
    explicit = _with_defaults(declared, defaults)
    if isinstance(parse(explicit, max_points, reader.at("rule")), Adjustment):
        raise SchemaError(reader.at("rule.kind"), "điểm thưởng, điểm trừ nằm ngoài thang 100 điểm.")
    return explicit


def _with_defaults(declared: dict[str, Any], defaults: dict[str, str]) -> dict[str, Any]:
    """The rule with its policies spelled out: what is stored no longer leans on the file's defaults."""
    has_denominator = "denominator" in declared or declared.get("kind") == "survey"
    wanted = _POLICIES if has_denominator else _POLICIES[:1]
    return {**declared, **{key: declared.get(key, defaults[key]) for key in wanted if key in defaults}}


def _defaults(reader: Reader) -> dict[str, str]:
    if "defaults" not in reader.left:
        return {}
    defaults = reader.child("defaults")
    policies = {key: defaults.text(key) for key in _POLICIES if key in defaults.left}
    defaults.finish()
    return policies


def _points(reader: Reader, key: str) -> Decimal | None:
    return None if reader.is_absent(key) else reader.positive(key)


def _day(reader: Reader, key: str) -> dt.date | None:
    if reader.is_absent(key):
        return None
    value = reader.text(key)
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise SchemaError(reader.at(key), f"“{value}” không phải ngày dạng 2024-12-31.") from None


def _organiser(reader: Reader) -> tuple[str, str] | None:
    if reader.is_absent("organiser"):
        return None
    organiser = reader.child("organiser")
    pair = organiser.text("slug"), organiser.text("name")
    organiser.finish()
    return pair


def _printed_counts(reader: Reader) -> dict[str, int]:
    if reader.is_absent("printed_counts"):
        return {}
    counts = reader.child("printed_counts")
    kinds = [key for key in ("areas", "criteria", "components") if key in counts.left]
    parsed: dict[str, int] = {key: int(counts.positive(key)) for key in kinds}
    counts.finish()
    return parsed


def _source(reader: Reader) -> SourceText | None:
    if reader.is_absent("source"):
        return None
    source = reader.child("source")
    parsed = SourceText(
        slug=source.text("slug"),
        title=source.text("title"),
        organisation=source.optional_text("organisation"),
        published_on=_day(source, "published_on"),
        published_text=source.optional_text("published_text"),
        url=source.optional_text("url"),
        note=source.optional_text("note"),
        is_sample=source.flag("is_sample") if "is_sample" in source.left else False,
    )
    source.finish()
    return parsed
