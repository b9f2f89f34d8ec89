"""Do the units in the database say what the official lists say? Writes only what differs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from django.db import models, transaction

from .engine import note_sizes
from .lineage import Edge
from .models import Scheme, Succession, Unit, UnitVersion
from .official import REFORM_ON, SCHEMES, OfficialUnit, read_edges, read_units

_BATCH = 2000
_CODES = [scheme.code for scheme in SCHEMES]
Progress = Callable[[str], None]
Row = TypeVar("Row", bound=models.Model)


@transaction.atomic
def load_official_units(progress: Progress = lambda line: None) -> int:
    """Bring both official schemes into the database and return how many rows were written.

    Units, their dated names and their succession end up as packaged: new rows are added, rows that differ
    updated, names and edges of official units that are no longer packaged deleted (units never).
    """
    progress("Đọc danh mục đơn vị hành chính …")
    official = read_units()
    edges = read_edges(official)
    written = _sync(
        Scheme,
        {row.code: row for row in Scheme.objects.filter(code__in=_CODES)},
        {
            scheme.code: {name: getattr(scheme, name) for name in ("code", *_SCHEME_FIELDS)}
            for scheme in SCHEMES
        },
    )
    written += _load_units(official, progress)
    ids = {
        (scheme, code): pk
        for pk, scheme, code in Unit.objects.filter(scheme__in=_CODES).values_list("pk", "scheme_id", "code")
    }
    written += _load_versions(official, ids, progress)
    written += _load_successions(edges, ids, progress)
    if written:
        note_sizes(Unit, UnitVersion, Succession)
    return written


_SCHEME_FIELDS = ("name", "legal_act", "valid_from", "valid_to")


def _load_units(official: Iterable[OfficialUnit], progress: Progress) -> int:
    existing = {(row.scheme_id, row.code): row for row in Unit.objects.filter(scheme__in=_CODES)}
    ids = {key: row.pk for key, row in existing.items()}
    by_level: dict[int, list[OfficialUnit]] = {}
    for unit in official:
        by_level.setdefault(unit.level, []).append(unit)
    written = 0
    for level, units in sorted(by_level.items()):
        # Parents are a level up, so each level is written before the next needs its keys.
        wanted = {unit.key: _unit_values(unit, ids) for unit in units}
        written += _sync(Unit, {key: existing[key] for key in wanted if key in existing}, wanted)
        if any(key not in ids for key in wanted):
            ids |= {
                (scheme, code): pk
                for pk, scheme, code in Unit.objects.filter(scheme__in=_CODES, level=level).values_list(
                    "pk", "scheme_id", "code"
                )
            }
        progress(f"  cấp {level}: {len(units)} đơn vị")
    return written


def _unit_values(unit: OfficialUnit, ids: Mapping[tuple[str, str], int]) -> dict[str, Any]:
    return {
        "scheme_id": unit.scheme,
        "code": unit.code,
        "level": unit.level,
        "type": unit.last.type,
        "name": unit.last.name,
        "parent_id": ids[unit.scheme, unit.parent] if unit.parent else None,
        "valid_from": unit.valid_from,
        "valid_to": unit.valid_to,
        "sort_key": unit.sort_key,
        "search_key": unit.search_key,
    }


def _load_versions(
    official: Iterable[OfficialUnit], ids: Mapping[tuple[str, str], int], progress: Progress
) -> int:
    wanted = {
        (ids[unit.key], version.valid_from): {
            "unit_id": ids[unit.key],
            "type": version.type,
            "name": version.name,
            "parent_id": ids[unit.scheme, unit.parent] if unit.parent else None,
            "valid_from": version.valid_from,
            "valid_to": version.valid_to,
            "legal_act": version.legal_act,
        }
        for unit in official
        for version in unit.versions
    }
    existing = {
        (row.unit_id, row.valid_from): row for row in UnitVersion.objects.filter(unit__scheme__in=_CODES)
    }
    written = _delete_others(UnitVersion, existing, wanted) + _sync(UnitVersion, existing, wanted)
    progress(f"  {len(wanted)} tên gọi theo thời gian")
    return written


def _load_successions(edges: Iterable[Edge], ids: Mapping[tuple[str, str], int], progress: Progress) -> int:
    wanted = {
        (ids[edge.predecessor], ids[edge.successor]): {
            "predecessor_id": ids[edge.predecessor],
            "successor_id": ids[edge.successor],
            "effective_on": REFORM_ON,
            "kind": edge.kind,
            "is_main_part": edge.is_main_part,
            "is_derived": edge.is_derived,
            "legal_act": edge.legal_act,
        }
        for edge in edges
    }
    existing = {
        (row.predecessor_id, row.successor_id): row
        for row in Succession.objects.filter(predecessor__scheme__in=_CODES, successor__scheme__in=_CODES)
    }
    written = _delete_others(Succession, existing, wanted) + _sync(Succession, existing, wanted)
    progress(f"  {len(wanted)} quan hệ kế thừa địa bàn")
    return written


def _sync(model: type[Row], existing: Mapping[Any, Row], wanted: Mapping[Any, Mapping[str, Any]]) -> int:
    """Insert the rows that are missing and update those that differ; how many these were."""
    missing = [model(**values) for key, values in wanted.items() if key not in existing]
    changed = [
        existing[key] for key, values in wanted.items() if key in existing and _put(existing[key], values)
    ]
    manager = model._default_manager
    manager.bulk_create(missing, batch_size=_BATCH)
    if changed:
        primary = model._meta.pk.name
        manager.bulk_create(
            changed,
            batch_size=_BATCH,
            update_conflicts=True,
            unique_fields=[primary],
            update_fields=[f.name for f in model._meta.concrete_fields if not f.primary_key],
        )
    return len(missing) + len(changed)


def _put(row: models.Model, values: Mapping[str, Any]) -> bool:
    differing = {name: value for name, value in values.items() if getattr(row, name) != value}
    for name, value in differing.items():
        setattr(row, name, value)
    return bool(differing)


def _delete_others(model: type[Row], existing: Mapping[Any, Row], wanted: Mapping[Any, Any]) -> int:
    others = [row.pk for key, row in existing.items() if key not in wanted]
    if others:
        model._default_manager.filter(pk__in=others).delete()
    return len(others)
