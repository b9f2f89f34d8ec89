"""What does a criteria file say? From JSON to a checked tree; no database."""

from __future__ import annotations

import datetime as dt
import json
import unicodedata
from decimal import Decimal
from pathlib import Path
from typing import Any

from .criteria_tree import Node, Origin, SetText, SourceText, Status, check
from .rules import ADJUSTMENTS, NotApplicable, Reader, SchemaError, parse

PACKAGED = Path(__file__).parent / "data" / "criteria"
_POLICIES = ("not_applicable", "zero_denominator")


class CriteriaFileError(ValueError):
    """A file that is not a criteria set: names the file, the node and what is wrong, in Vietnamese."""


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
        bonus_max=_points(reader, "bonus_max"),
        penalty_max=_points(reader, "penalty_max"),
        printed_counts=_printed_counts(reader),
        note=reader.optional_text("note"),
        source=_source(reader),
        previous=reader.optional_text("previous"),
        areas=areas,
    )
    reader.finish()
    check(parsed)
    return parsed


def _nodes(reader: Reader, key: str) -> list[Reader]:
    return reader.items(key) if reader.left.get(key) else reader.drop(key)


def _node(reader: Reader, status: Status, defaults: dict[str, str]) -> Node:
    code = reader.text("code")
    reader.path = f"[{code}]"
    max_points = _points(reader, "max_points")
    has_children = bool(reader.left.get("children"))
    children = tuple(_node(item, status, defaults) for item in _nodes(reader, "children"))
    is_outside = bool(children) and all(child.is_outside for child in children)
    if max_points is None and status != Status.FRAME and not is_outside:
        raise SchemaError(reader.at("max_points"), "phải có điểm tối đa.")
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
    parse(explicit, max_points, reader.at("rule"))
    return explicit


def _with_defaults(declared: dict[str, Any], defaults: dict[str, str]) -> dict[str, Any]:
    """The rule with its policies spelled out: what is stored no longer leans on the file's defaults.

    A bonus or penalty that does not apply has one meaning only, whatever the file's default for components.
    """
    if declared.get("kind") in ADJUSTMENTS:
        return {"not_applicable": NotApplicable.LEAVES_MAXIMUM.value, **declared}
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
