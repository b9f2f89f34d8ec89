"""Criteria sets from files into the database; a set that results were published on is frozen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from django.db import models, transaction
from django.db.models import ProtectedError, Q

from districts.models import Organiser

from .criteria_files import CriteriaFileError, read_set
from .criteria_tree import Node, SetText, walk
from .models import CriteriaSet, Criterion, Publication, Source


class Change(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Loaded:
    """What became of one file."""

    file: str
    criteria_set: CriteriaSet
    change: Change


@transaction.atomic
def load_files(paths: Iterable[Path]) -> list[Loaded]:
    """Store the sets of these files, all or none.

    Loading a file again changes nothing. Raises CriteriaFileError, naming file and node, for a set that is
    malformed, does not add up, lacks its predecessor, or would change after results were published on it.
    """
    declared = [(path.name, read_set(path)) for path in paths]
    return [store_text(file, text) for file, text in _predecessors_first(declared)]


def _predecessors_first(declared: list[tuple[str, SetText]]) -> list[tuple[str, SetText]]:
    waiting = list(declared)
    ordered: list[tuple[str, SetText]] = []
    while waiting:
        slugs = {text.slug for _file, text in waiting}
        ready = [pair for pair in waiting if pair[1].previous not in slugs]
        if not ready:
            raise CriteriaFileError(f"{waiting[0][0]}: các bộ tiêu chí nối vòng với nhau qua “previous”.")
        ordered += ready
        waiting = [pair for pair in waiting if pair not in ready]
    return ordered


def store_text(file: str, text: SetText) -> Loaded:
    """Store one set whose predecessor stands; CriteriaFileError names the file."""
    try:
        criteria_set, change = _store(text)
    except CriteriaFileError as error:
        raise CriteriaFileError(f"{file}: {error}") from error
    except ProtectedError as error:
        raise CriteriaFileError(f"{file}: có tiêu chí bị bỏ trong tệp nhưng đã được chấm điểm.") from error
    return Loaded(file, criteria_set, change)


def _store(text: SetText) -> tuple[CriteriaSet, Change]:
    previous = _previous(text)
    values = _set_values(text, previous)
    nodes = _node_values(text, previous)
    stored = CriteriaSet.objects.select_for_update().filter(slug=text.slug).first()
    if stored is None:
        stored = CriteriaSet.objects.create(slug=text.slug, **values)
        _save_nodes(stored, nodes)
        return stored, Change.CREATED
    if _same(stored, values) and _stored_nodes(stored) == nodes:
        return stored, Change.UNCHANGED
    _refuse_in_use(stored)
    CriteriaSet.objects.filter(pk=stored.pk).update(**values)
    _save_nodes(stored, nodes)
    stored.refresh_from_db()
    return stored, Change.UPDATED


def _refuse_in_use(stored: CriteriaSet) -> None:
    published_on_it = Q(criteria_set=stored) | Q(assessment_year__criteria_set=stored)
    if Publication.objects.filter(published_on_it).exists():
        raise CriteriaFileError(
            f"bộ tiêu chí “{stored.slug}” đã được dùng để công bố kết quả nên không sửa được; "
            "hãy lập một bộ mới và nêu bộ này ở mục “previous”."
        )


def _previous(text: SetText) -> CriteriaSet | None:
    if not text.previous:
        return None
    previous = CriteriaSet.objects.filter(slug=text.previous).first()
    if previous is None:
        raise CriteriaFileError(f"chưa có bộ tiêu chí trước “{text.previous}”.")
    return previous


def _set_values(text: SetText, previous: CriteriaSet | None) -> dict[str, Any]:
    return {
        "name": text.name,
        "organiser": _organiser(text),
        "legal_basis": text.legal_basis,
        "valid_from": text.valid_from,
        "valid_to": text.valid_to,
        "status": text.status.value,
        "max_points": text.max_points,
        "appraised_max": text.appraised_max,
        "survey_max": text.survey_max,
        "bonus_max": text.bonus_max,
        "penalty_max": text.penalty_max,
        "printed_counts": text.printed_counts,
        "note": text.note,
        "source": _source(text),
        "previous": previous,
        "is_sample": text.is_sample,
    }


def _organiser(text: SetText) -> Organiser | None:
    if text.organiser is None:
        return None
    slug, name = text.organiser
    organiser, _created = Organiser.objects.get_or_create(slug=slug, defaults={"name": name})
    return organiser


def _source(text: SetText) -> Source | None:
    if text.source is None:
        return None
    values = asdict(text.source)
    source, _created = Source.objects.update_or_create(slug=values.pop("slug"), defaults=values)
    return source


def _same(row: models.Model, values: dict[str, Any]) -> bool:
    return all(getattr(row, name) == value for name, value in values.items())


def _node_values(text: SetText, previous: CriteriaSet | None) -> dict[str, dict[str, Any]]:
    """Field values by code; `parent` is a code, `previous_id` a key of the previous set's criteria."""
    before = dict(previous.criteria.values_list("code", "pk")) if previous else {}
    parents = {child.code: node.code for node, _depth in walk(text.areas) for child in node.children}
    return {
        node.code: {
            **_own_values(node),
            "order": order,
            "depth": depth,
            "parent": parents.get(node.code, ""),
            "previous_id": _previous_of(node, before),
        }
        for order, (node, depth) in enumerate(walk(text.areas), 1)
    }


def _own_values(node: Node) -> dict[str, Any]:
    return {
        "title": node.title,
        "is_leaf": node.is_leaf,
        "max_points": node.max_points,
        "origin": str(node.origin),
        "rule": node.rule,
        "evidence_hint": node.evidence_hint,
        "legal_basis": node.legal_basis,
        "note": node.note,
    }


def _previous_of(node: Node, before: dict[str, int]) -> int | None:
    if node.previous and node.previous not in before:
        raise CriteriaFileError(f"[{node.code}].previous: bộ trước không có mã “{node.previous}”.")
    return before.get(node.previous)


def _stored_nodes(stored: CriteriaSet) -> dict[str, dict[str, Any]]:
    rows = stored.criteria.select_related("parent").order_by("order")
    fields = ("title", "is_leaf", "max_points", "origin", "rule", "evidence_hint", "legal_basis", "note")
    return {
        row.code: {
            **{name: getattr(row, name) for name in fields},
            "order": row.order,
            "depth": row.depth,
            "parent": row.parent.code if row.parent else "",
            "previous_id": row.previous_id,
        }
        for row in rows
    }


def _save_nodes(stored: CriteriaSet, nodes: dict[str, dict[str, Any]]) -> None:
    """Rows are kept by code, so that scores of a year in preparation stay attached."""
    stored.criteria.exclude(code__in=nodes).delete()
    rows = {row.code: row for row in stored.criteria.all()}
    for code, values in nodes.items():
        row = rows.setdefault(code, Criterion(criteria_set=stored, code=code))
        for name, value in values.items():
            setattr(row, name, rows.get(value) if name == "parent" else value)
        row.save()
