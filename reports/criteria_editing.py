"""Changing a criteria set that is still a draft: its nodes, its rules, its next version; a set in use is frozen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError

from districts.audit import Act, Entry, record
from districts.models import Organiser

from . import criteria_tree
from .criteria import Loaded, store_text
from .criteria_tree import Node, SetText, Status
from .models import AssessmentYear, CriteriaSet, Criterion, Publication, ScoreOrigin
from .rules import ADJUSTMENTS, SchemaError, parse

FROZEN = "Bộ tiêu chí đang được dùng nên không sửa được; hãy lập bản mới từ bộ này."
NODE_FIELDS = (
    *("code", "title", "max_points", "origin", "rule", "evidence_hint", "legal_basis", "note", "parent_id"),
)
SET_FIELDS = (
    *("name", "legal_basis", "status", "max_points", "appraised_max", "survey_max"),
    *("bonus_max", "penalty_max", "note"),
)


def is_frozen(criteria_set: CriteriaSet) -> bool:
    """Return whether a year was opened, or anything published, on the set."""
    return criteria_set.pk in frozen_sets()


def frozen_sets() -> set[int]:
    """Return the keys of all sets on which a year was opened or anything was published. Two queries."""
    opened = AssessmentYear.objects.exclude(stage=AssessmentYear.Stage.PREPARE).exclude(criteria_set=None)
    published = Publication.objects.exclude(criteria_set=None)
    return {pk for rows in (opened, published) for pk in rows.values_list("criteria_set_id", flat=True)}


def set_text(criteria_set: CriteriaSet) -> SetText:
    """Return the stored set as the value that `criteria_tree` checks; one query."""
    rows = list(criteria_set.criteria.select_related("previous").order_by("order"))
    below: dict[int | None, list[Criterion]] = defaultdict(list)
    for row in rows:
        below[row.parent_id].append(row)
    return SetText(
        slug=criteria_set.slug,
        name=criteria_set.name,
        status=Status(criteria_set.status),
        is_sample=criteria_set.is_sample,
        organiser=None,
        legal_basis=criteria_set.legal_basis,
        valid_from=criteria_set.valid_from,
        valid_to=criteria_set.valid_to,
        max_points=criteria_set.max_points,
        appraised_max=criteria_set.appraised_max,
        survey_max=criteria_set.survey_max,
        bonus_max=criteria_set.bonus_max,
        penalty_max=criteria_set.penalty_max,
        printed_counts=criteria_set.printed_counts,
        note=criteria_set.note,
        source=None,
        previous="x" if criteria_set.previous_id else "",
        areas=_nodes(None, below),
    )


def _nodes(parent: int | None, below: dict[int | None, list[Criterion]]) -> tuple[Node, ...]:
    return tuple(
        Node(
            code=row.code,
            title=row.title,
            max_points=row.max_points,
            origin=row.origin if row.is_leaf else "",
            rule=row.rule,
            evidence_hint=row.evidence_hint,
            legal_basis=row.legal_basis,
            note=row.note,
            previous=row.previous.code if row.previous else "",
            children=_nodes(row.pk, below),
        )
        for row in below[parent]
    )


def faults(criteria_set: CriteriaSet) -> list[SchemaError]:
    """Return everything that keeps the set from being used: sums, codes, missing points, rules; empty is good."""
    text = set_text(criteria_set)
    found = list(criteria_tree.faults(text))
    for node, _depth in criteria_tree.walk(text.areas):
        if text.status != Status.FRAME and node.max_points is None and not node.is_outside:
            found.append(SchemaError(f"[{node.code}].max_points", "chưa có điểm tối đa."))
        if not node.children:
            found += _leaf_faults(node)
    return found


def _leaf_faults(node: Node) -> list[SchemaError]:
    if not node.is_leaf:
        return [SchemaError(f"[{node.code}]", "chưa có tiêu chí thành phần và cũng chưa được chấm điểm.")]
    if not node.rule or node.max_points is None:
        return [SchemaError(f"[{node.code}].rule", "chưa có quy tắc chấm điểm.")]
    try:
        parse(node.rule, node.max_points, f"[{node.code}].rule")
    except SchemaError as fault:
        return [fault]
    return []


@transaction.atomic
def create_set(criteria_set: CriteriaSet, act: Act) -> CriteriaSet:
    """Store a new, empty set: a draft that only the office sees until a result is published on it."""
    criteria_set.is_draft = True
    criteria_set.full_clean()
    criteria_set.save()
    record([_entry("criteriaset", criteria_set.pk, criteria_set.name, "slug", None, criteria_set.slug)], act)
    return criteria_set


@transaction.atomic
def copy_set(base: CriteriaSet, *, slug: str, name: str, organiser: Organiser, act: Act) -> CriteriaSet:
    """Return a new version of a set: the same tree, each node linked to the one it continues."""
    copy = CriteriaSet(
        slug=slug,
        name=name,
        organiser=organiser,
        previous=base,
        is_sample=organiser.is_sample,
        **{name: getattr(base, name) for name in SET_FIELDS if name != "name"},
        printed_counts=base.printed_counts,
    )
    create_set(copy, act)
    copies: dict[int, Criterion] = {}
    for node in base.criteria.order_by("order"):
        # Depth first: a parent is copied before its children.
        fields = {field: getattr(node, field) for field in (*NODE_FIELDS[:-1], "order", "depth", "is_leaf")}
        parent = copies[node.parent_id] if node.parent_id else None
        copies[node.pk] = Criterion.objects.create(criteria_set=copy, parent=parent, previous=node, **fields)
    return copy


@transaction.atomic
def save_set(criteria_set: CriteriaSet, act: Act) -> None:
    """Store the changed facts of a draft set."""
    before = _locked(criteria_set)
    criteria_set.full_clean()
    criteria_set.save(update_fields=SET_FIELDS)
    record(_changes("criteriaset", before, criteria_set, SET_FIELDS, criteria_set.name), act)


@transaction.atomic
def save_node(node: Criterion, act: Act) -> Criterion:
    """Store a new or changed node of a draft; a parent that was scored itself no longer is.

    Raises ValidationError where the set is in use, a node would lie below itself, or a node with children is scored.
    """
    _locked(node.criteria_set)
    before = Criterion.objects.filter(pk=node.pk).first()
    if node.pk and node.parent_id and node.parent_id in _below(node):
        raise ValidationError({"parent": "Một tiêu chí không nằm trong chính nó."})
    node.is_leaf = bool(node.origin)
    if node.pk and node.is_leaf and node.children.exists():
        raise ValidationError({"origin": "Tiêu chí có tiêu chí con thì không chấm điểm trực tiếp."})
    if before is None or before.parent_id != node.parent_id:
        node.order = _last_place(node)
    if not node.is_leaf:
        node.rule = {}
    if node.adjustment and node.max_points is not None:
        node.rule = {**node.rule, "yearly_cap": f"{node.max_points:f}"}
    node.full_clean()
    node.save()
    if node.parent is not None and node.parent.is_leaf:
        node.parent.is_leaf, node.parent.origin, node.parent.rule = False, "", {}
        node.parent.save(update_fields=["is_leaf", "origin", "rule"])
    renumber(node.criteria_set)
    record(_changes("criterion", before, node, NODE_FIELDS, str(node)), act)
    node.refresh_from_db()
    return node


@transaction.atomic
def save_rule(node: Criterion, rule: dict[str, Any], act: Act) -> Criterion:
    """Store a component's rule. Raises ValidationError where the rule is not one.

    The component's maximum is a bonus's or penalty's cap of the year.
    """
    if node.max_points is None:
        raise ValidationError("Hãy nhập điểm tối đa trước khi khai quy tắc.")
    if rule.get("kind") in ADJUSTMENTS:
        rule = {**rule, "yearly_cap": f"{node.max_points:f}"}
        if node.origin != ScoreOrigin.APPRAISED:
            raise ValidationError("Điểm cộng, điểm trừ do thẩm định xác định; hãy đổi nguồn điểm trước.")
    try:
        parse(rule, node.max_points)
    except SchemaError as fault:
        raise ValidationError(str(fault)) from fault
    node.rule = rule
    return save_node(node, act)


@transaction.atomic
def move_node(node: Criterion, steps: int, act: Act) -> None:
    """Move a node up (−1) or down (+1) among those beside it."""
    _locked(node.criteria_set)
    beside = list(
        Criterion.objects.filter(criteria_set=node.criteria_set_id, parent=node.parent_id).order_by("order")
    )
    place = [one.pk for one in beside].index(node.pk)
    target = place + steps
    if not 0 <= target < len(beside):
        return
    beside[place], beside[target] = beside[target], beside[place]
    for order, one in enumerate(beside):
        one.order = order
    Criterion.objects.bulk_update(beside, ["order"])
    renumber(node.criteria_set)
    record([_entry("criterion", node.pk, str(node), "order", str(place + 1), str(target + 1))], act)


@transaction.atomic
def delete_node(node: Criterion, act: Act) -> None:
    """Take a node and all below it out of a draft. Raises ValidationError where one of them was scored."""
    _locked(node.criteria_set)
    gone = _entry("criterion", node.pk, str(node), "code", node.code, None)
    try:
        node.delete()
    except ProtectedError as error:
        raise ValidationError("Tiêu chí này đã có điểm nên không xóa được.") from error
    renumber(node.criteria_set)
    record([gone], act)


@transaction.atomic
def import_set(text: SetText, *, file: str, organiser: Organiser, act: Act) -> Loaded:
    """Store a set from a file as one of this organiser. Raises ValidationError where it is another's, or in use."""
    stored = CriteriaSet.objects.filter(slug=text.slug).first()
    if stored is not None and stored.organiser_id != organiser.pk:
        raise ValidationError(f"Địa chỉ “{text.slug}” đã thuộc bộ tiêu chí của cơ quan khác.")
    if stored is not None and is_frozen(stored):
        raise ValidationError(FROZEN)
    # A file must not rewrite a source that others cite.
    own = replace(
        text, organiser=(organiser.slug, organiser.name), source=None, is_sample=organiser.is_sample
    )
    loaded = store_text(file, own)
    if stored is None:
        CriteriaSet.objects.filter(pk=loaded.criteria_set.pk).update(is_draft=True)
    entry = _entry("criteriaset", loaded.criteria_set.pk, own.name, "file", None, f"{file}: {loaded.change}")
    record([entry], act)
    return loaded


def renumber(criteria_set: CriteriaSet) -> None:
    """Bring order and depth of all nodes to what the tree says, depth first; two queries."""
    below: dict[int | None, list[Criterion]] = defaultdict(list)
    for node in criteria_set.criteria.order_by("order", "pk"):
        below[node.parent_id].append(node)
    ordered = list(_in_order(None, 0, below))
    for order, (node, depth) in enumerate(ordered, 1):
        node.order, node.depth = order, depth
    Criterion.objects.bulk_update([node for node, _depth in ordered], ["order", "depth"])


def _in_order(
    parent: int | None, depth: int, below: dict[int | None, list[Criterion]]
) -> Iterable[tuple[Criterion, int]]:
    for node in below[parent]:
        yield node, depth
        yield from _in_order(node.pk, depth + 1, below)


def _below(node: Criterion) -> set[int]:
    """Return the keys of a node and of all below it."""
    parents = dict(Criterion.objects.filter(criteria_set=node.criteria_set_id).values_list("pk", "parent_id"))
    found = {node.pk}
    while more := {pk for pk, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _last_place(node: Criterion) -> int:
    last = Criterion.objects.filter(criteria_set=node.criteria_set_id).order_by("-order").first()
    return last.order + 1 if last else 1


def _locked(criteria_set: CriteriaSet) -> CriteriaSet:
    stored = CriteriaSet.objects.select_for_update().get(pk=criteria_set.pk)
    if is_frozen(stored):
        raise ValidationError(FROZEN)
    return stored


def _changes(model: str, before: Any, after: Any, fields: Iterable[str], label: str) -> list[Entry]:
    values = [(field, _text(getattr(before, field, None)), _text(getattr(after, field))) for field in fields]
    return [_entry(model, after.pk, label, field, old, new) for field, old, new in values if old != new]


def _entry(model: str, pk: int, label: str, field: str, before: str | None, after: str | None) -> Entry:
    return Entry(
        model=f"reports.{model}", object_id=pk, label=label[:300], field=field, before=before, after=after
    )


def _text(value: Any) -> str | None:
    if value is None or value == "" or value == {}:
        return None
    return str(value.normalize()) if isinstance(value, Decimal) else str(value)
