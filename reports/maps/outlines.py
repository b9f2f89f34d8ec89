"""From checked rings to what is drawn: valid, simplified alike on both sides of a boundary, as compact SVG paths.

Shapely is an optional extra; it is imported only here, when there is something to simplify.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .geojson import BoundaryFileError, Feature

# Steps of the drawing to a degree: one is about eleven metres.
GRID = 10_000
METRES_TO_A_DEGREE = 111_320
_REASONS = {
    "Self-intersection": "đường tự cắt",
    "Ring Self-intersection": "đường tự chạm",
    "Hole lies outside shell": "lỗ nằm ngoài đường bao",
    "Holes are nested": "lỗ nằm trong lỗ",
    "Nested shells": "phần này nằm trong phần kia",
    "Interior is disconnected": "phần trong bị cắt rời",
    "Too few points in geometry component": "có đường quá ít điểm",
    "Duplicate Rings": "đường bị lặp",
}


class ShapelyMissing(RuntimeError):
    """The optional extra is not installed."""


@dataclass(frozen=True)
class Outline:
    """A unit's outline on the grid: an SVG path, its bounds and a point inside it; south is down."""

    key: str
    path: str
    west: int
    north: int
    east: int
    south: int
    label_x: int
    label_y: int


@dataclass(frozen=True)
class Outlines:
    outlines: tuple[Outline, ...]
    # Whether all areas meet without gap or overlap: only then neighbours keep one common line everywhere.
    is_seamless: bool


def outlines_of(features: Sequence[Feature], tolerance: float) -> Outlines:
    """Return the outlines, simplified to a tolerance in metres (0: not at all).

    Raises ShapelyMissing, and BoundaryFileError where an area crosses itself or is too small to be drawn.
    """
    shapely = _shapely()
    shapes = [
        shapely.MultiPolygon([shapely.Polygon(rings[0], rings[1:]) for rings in feature.polygons])
        for feature in features
    ]
    faults = [
        f"Đối tượng số {feature.number}: ({feature.key}) không hợp lệ: {_reason(shapely.is_valid_reason(shape))}."
        for feature, shape in zip(features, shapes, strict=True)
        if not shapely.is_valid(shape)
    ]
    if faults:
        raise BoundaryFileError(faults)
    is_seamless = bool(shapely.coverage_is_valid(shapes))
    simple = shapely.coverage_simplify(shapes, tolerance / METRES_TO_A_DEGREE) if tolerance else shapes
    found = [_outline(feature, shape) for feature, shape in zip(features, simple, strict=True)]
    too_small = [
        f"Đối tượng số {feature.number}: ({feature.key}) quá nhỏ để vẽ; hãy giảm độ giản lược."
        for feature, outline in zip(features, found, strict=True)
        if outline is None
    ]
    if too_small:
        raise BoundaryFileError(too_small)
    return Outlines(tuple(outline for outline in found if outline), is_seamless)


def _shapely() -> Any:
    try:
        import shapely  # type: ignore[import-untyped]
    except ImportError as error:
        raise ShapelyMissing(
            "Cần thư viện shapely để nạp ranh giới; hãy cài phần mở rộng “boundaries” của phần mềm."
        ) from error
    return shapely


def _reason(told: str) -> str:
    words, _bracket, place = told.partition("[")
    said = _REASONS.get(words.strip(), words.strip())
    return f"{said} tại {place.rstrip(']')}" if place else said


def _outline(feature: Feature, shape: Any) -> Outline | None:
    """Return what is drawn of an area; parts and holes smaller than the grid fall away."""
    parts = list(shape.geoms) if hasattr(shape, "geoms") else [shape]
    rings = []
    for part in parts:
        outer = on_grid(part.exterior.coords) if not part.is_empty else ()
        if outer:
            rings += [outer, *(hole for inner in part.interiors if (hole := on_grid(inner.coords)))]
    if not rings:
        return None
    xs, ys = ([point[axis] for ring in rings for point in ring] for axis in (0, 1))
    inside = max(parts, key=lambda part: part.area).representative_point()
    return Outline(
        *(feature.key, path_of(rings), min(xs), min(ys), max(xs), max(ys)),
        *_step((inside.x, inside.y)),
    )


def on_grid(ring: Iterable[Sequence[float]]) -> tuple[tuple[int, int], ...]:
    """Return a ring's points as whole steps, without its last one and without repeats; empty where no area is left."""
    points: list[tuple[int, int]] = []
    for point in ring:
        step = _step(point)
        if not points or points[-1] != step:
            points.append(step)
    if len(points) > 1 and points[0] == points[-1]:
        points.pop()
    return tuple(points) if len(set(points)) > 2 else ()


def _step(point: Sequence[float]) -> tuple[int, int]:
    return round(point[0] * GRID), -round(point[1] * GRID)


def path_of(rings: Iterable[Sequence[tuple[int, int]]]) -> str:
    """Return an SVG path of closed rings: the first point of each in full, then the way from point to point."""
    written = []
    for ring in rings:
        steps = [number for (x, y), (to_x, to_y) in pairwise(ring) for number in (to_x - x, to_y - y)]
        written.append(f"M{_joined(ring[0])}l{_joined(steps)}z")
    return "".join(written)


def _joined(numbers: Iterable[int]) -> str:
    return " ".join(str(number) for number in numbers).replace(" -", "-")
