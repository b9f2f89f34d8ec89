"""Write an office's own boundaries: each to the unit its code or name tells, all or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass

from django.db import transaction

from districts.models import Unit
from districts.names import fold
from reports.maps.geojson import BoundaryFileError, Feature, read_features
from reports.maps.outlines import Outline, outlines_of
from reports.models import Boundary

SHAPE = ("path", "west", "north", "east", "south", "label_x", "label_y")


@dataclass(frozen=True)
class Origin:
    """Which scheme's units a file is of, below which unit, and where it comes from."""

    source: str
    licence: str = ""
    scheme: str = ""
    parent: str = ""


@dataclass(frozen=True)
class Written:
    created: int
    updated: int
    unchanged: int
    is_seamless: bool


def import_boundaries(
    content: bytes, key_property: str, origin: Origin, *, by_name: bool = False, tolerance: float = 100
) -> Written:
    """Read a GeoJSON file and write its boundaries in one transaction; the same file again changes nothing.

    Raises BoundaryFileError naming the features that are wrong, ShapelyMissing without the optional extra.
    """
    features = read_features(content, key_property)
    units = _units(features, origin, by_name=by_name)
    drawn = outlines_of(features, tolerance)
    pairs = [(unit, outline) for unit, outline in zip(units, drawn.outlines, strict=True)]
    created, updated = _write(pairs, origin)
    return Written(created, updated, len(pairs) - created - updated, drawn.is_seamless)


def _units(features: Sequence[Feature], origin: Origin, *, by_name: bool) -> list[Unit]:
    """Return each feature's unit."""
    candidates = Unit.objects.filter(scheme=origin.scheme) if origin.scheme else Unit.objects.all()
    if origin.parent:
        candidates = candidates.filter(parent__code=origin.parent)
    if by_name:
        keys: Callable[[Unit], set[str]] = lambda unit: {fold(unit.name), fold(unit.full_name)}  # noqa: E731
        told = [fold(feature.key) for feature in features]
    else:
        candidates = candidates.filter(code__in=[feature.key for feature in features])
        keys = lambda unit: {unit.code}  # noqa: E731
        told = [feature.key for feature in features]
    found: dict[str, list[Unit]] = {}
    for unit in candidates:
        for key in keys(unit):
            found.setdefault(key, []).append(unit)
    faults = [
        f"Đối tượng số {feature.number}: {_fault(feature, found.get(key, []))}"
        for feature, key in zip(features, told, strict=True)
        if len(found.get(key, [])) != 1
    ]
    units = [] if faults else [found[key][0] for key in told]
    faults += _twice(features, units)
    if faults:
        raise BoundaryFileError(faults)
    return units


def _fault(feature: Feature, units: list[Unit]) -> str:
    if not units:
        return f"không có đơn vị “{feature.key}” trong danh mục."
    named = "; ".join(f"{unit.full_name} ({unit.scheme_id} {unit.code})" for unit in units[:3])
    return f"“{feature.key}” có thể là {len(units)} đơn vị: {named}. Hãy chọn --scheme hoặc --parent."


def _twice(features: Sequence[Feature], units: list[Unit]) -> list[str]:
    """Tell of units that two features name, in different words."""
    first: dict[int, int] = {}
    faults = []
    for feature, unit in zip(features, units, strict=False):
        if unit.pk in first:
            faults.append(
                f"Đối tượng số {feature.number}: {unit.full_name} đã có ở đối tượng số {first[unit.pk]}."
            )
        first.setdefault(unit.pk, feature.number)
    return faults


@transaction.atomic
def _write(pairs: Sequence[tuple[Unit, Outline]], origin: Origin) -> tuple[int, int]:
    """Return how many were made and how many changed."""
    there = {row.unit_id: row for row in Boundary.objects.filter(unit__in=[unit.pk for unit, _ in pairs])}
    new, changed = [], []
    for unit, outline in pairs:
        shape = {name: value for name, value in asdict(outline).items() if name in SHAPE}
        told = {**shape, "source": origin.source, "licence": origin.licence}
        row = there.get(unit.pk)
        if row is None:
            new.append(Boundary(unit=unit, **told))
        elif any(getattr(row, name) != value for name, value in told.items()):
            for name, value in told.items():
                setattr(row, name, value)
            changed.append(row)
    Boundary.objects.bulk_create(new)
    Boundary.objects.bulk_update(changed, [*SHAPE, "source", "licence"], batch_size=200)
    return len(new), len(changed)
