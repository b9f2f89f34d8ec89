"""What does a file of boundaries say? From GeoJSON to checked rings, with all that is wrong told at once."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

MOST_FEATURES = 20_000
MOST_FAULTS = 20
DEGREES = (
    "urn:ogc:def:crs:OGC:1.3:CRS84",
    "urn:ogc:def:crs:OGC::CRS84",
    "urn:ogc:def:crs:EPSG::4326",
    "EPSG:4326",
)

Point = tuple[float, float]
Ring = tuple[Point, ...]
# The outer ring, then its holes.
Polygon = tuple[Ring, ...]


class BoundaryFileError(ValueError):
    """What is wrong with a file of boundaries, in Vietnamese, one line a fault."""

    def __init__(self, faults: list[str]) -> None:
        shown = faults[:MOST_FAULTS]
        if len(faults) > MOST_FAULTS:
            shown.append(f"… và {len(faults) - MOST_FAULTS} lỗi khác.")
        super().__init__("\n".join(shown))
        self.faults = faults


@dataclass(frozen=True)
class Feature:
    """A unit's area as the file has it; `number` counts from 1, `key` is the unit's code or name."""

    number: int
    key: str
    polygons: tuple[Polygon, ...]

    @property
    def place(self) -> str:
        return f"đối tượng số {self.number} ({self.key})"


class _Fault(Exception):
    pass


def read_features(content: bytes, key_property: str) -> list[Feature]:
    """Return the features of a FeatureCollection by the property that names the unit.

    Raises BoundaryFileError, with the line where it is no JSON, else with the number of each faulty feature.
    """
    features, faults, seen = [], [], dict[str, int]()
    for number, entry in enumerate(_entries(content), start=1):
        try:
            feature = _feature(number, entry, key_property)
        except _Fault as fault:
            faults.append(f"Đối tượng số {number}: {fault}")
            continue
        if feature.key in seen:
            faults.append(f"Đối tượng số {number}: “{feature.key}” đã có ở đối tượng số {seen[feature.key]}.")
        seen.setdefault(feature.key, number)
        features.append(feature)
    if faults:
        raise BoundaryFileError(faults)
    return features


def _entries(content: bytes) -> list[object]:
    try:
        document = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise BoundaryFileError(["Tệp không phải văn bản UTF-8."]) from error
    except json.JSONDecodeError as error:
        raise BoundaryFileError([f"Dòng {error.lineno}: không đúng cú pháp JSON."]) from error
    except (RecursionError, ValueError) as error:
        raise BoundaryFileError(["Tệp có giá trị hoặc cấu trúc mà GeoJSON không cho phép."]) from error
    entries = document.get("features") if isinstance(document, dict) else None
    if not isinstance(entries, list) or document.get("type") != "FeatureCollection":
        raise BoundaryFileError(["Tệp không phải một FeatureCollection của GeoJSON."])
    system = document.get("crs")
    if system is not None and _system_name(system) not in DEGREES:
        raise BoundaryFileError(
            ["Hệ tọa độ của tệp không phải WGS84 (kinh độ, vĩ độ); hãy chuyển đổi trước."]
        )
    if not entries:
        raise BoundaryFileError(["Tệp không có đối tượng nào."])
    if len(entries) > MOST_FEATURES:
        raise BoundaryFileError([f"Tệp có hơn {MOST_FEATURES} đối tượng."])
    return entries


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _system_name(system: object) -> object:
    properties = system.get("properties") if isinstance(system, dict) else None
    return properties.get("name") if isinstance(properties, dict) else system


def _feature(number: int, entry: object, key_property: str) -> Feature:
    if not isinstance(entry, dict) or entry.get("type") != "Feature":
        raise _Fault("không phải Feature.")
    properties = entry.get("properties")
    key = properties.get(key_property) if isinstance(properties, dict) else None
    if isinstance(key, int) and not isinstance(key, bool):
        key = str(key)
    if not isinstance(key, str) or not key.strip():
        raise _Fault(f"thiếu thuộc tính “{key_property}”.")
    name = unicodedata.normalize("NFC", key.strip())[:120]
    return Feature(number, name, tuple(_polygons(entry.get("geometry"), name)))


def _polygons(geometry: object, key: str) -> Iterator[Polygon]:
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict) or kind not in ("Polygon", "MultiPolygon"):
        raise _Fault(f"({key}) phải là Polygon hoặc MultiPolygon.")
    told = geometry.get("coordinates")
    for polygon in _list([told] if kind == "Polygon" else told, key):
        yield tuple(_ring(ring, key) for ring in _list(polygon, key))


def _list(value: object, key: str) -> list[Any]:
    if not isinstance(value, list) or not value:
        raise _Fault(f"({key}) thiếu tọa độ.")
    return value


def _ring(told: object, key: str) -> Ring:
    ring = tuple(_point(point, key) for point in _list(told, key))
    if ring[0] != ring[-1]:
        raise _Fault(f"({key}) có đường không khép kín.")
    if len(set(ring)) < 3:
        raise _Fault(f"({key}) có đường ít hơn ba điểm khác nhau.")
    return ring


def _point(told: object, key: str) -> Point:
    numbers = told[:2] if isinstance(told, list) else []
    if len(numbers) < 2 or any(isinstance(n, bool) or not isinstance(n, int | float) for n in numbers):
        raise _Fault(f"({key}) có điểm không phải cặp kinh độ, vĩ độ.")
    longitude, latitude = numbers
    if not (abs(longitude) <= 180 and abs(latitude) <= 90 and math.isfinite(longitude + latitude)):
        raise _Fault(
            f"({key}) có tọa độ ngoài WGS84: {longitude:.10g}, {latitude:.10g}"
            " (kinh độ trước, vĩ độ sau, tính bằng độ)."
        )
    return float(longitude), float(latitude)
