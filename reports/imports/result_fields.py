"""What an annex may print of a unit: its columns by the words they go under, and how each figure is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from districts.models import Unit
from districts.names import fold
from reports import readers
from reports.models import OfficialResult
from reports.readers import ReadError, text_of
from reports.sheet_files import Table

from .findings import Fate

Kind = Literal["points", "change", "place", "places", "text"]


@dataclass(frozen=True)
class ResultField:
    """A column of an annex: the figure's name, its title, what else the column may be called, how it is read."""

    name: str
    title: str
    kind: Kind
    labels: tuple[str, ...] = ()


RESULT_FIELDS = (
    ResultField(
        "total", "Tổng điểm", "points", ("chi so cchc", "chi so", "tong", "ket qua", "par index", "diem")
    ),
    ResultField("total_max", "Điểm tối đa", "points", ("toi da",)),
    ResultField("rank", "Hạng", "place", ("xep hang", "thu hang", "vi thu")),
    ResultField("rank_of", "Trên tổng số", "place", ("tong so don vi", "so don vi")),
    ResultField("grade", "Xếp loại", "text", ("loai", "phan loai")),
    ResultField("appraised_points", "Điểm thẩm định", "points", ("tham dinh",)),
    ResultField("appraised_max", "Tối đa thẩm định", "points"),
    ResultField("appraised_rank", "Hạng thẩm định", "place"),
    ResultField(
        "survey_points", "Điểm điều tra xã hội học", "points", ("dieu tra xa hoi hoc", "diem dtxhh", "dtxhh")
    ),
    ResultField("survey_max", "Tối đa điều tra xã hội học", "points"),
    ResultField("survey_rank", "Hạng điều tra xã hội học", "place", ("hang dtxhh",)),
    ResultField("total_change", "Tăng, giảm điểm", "change", ("tang giam diem so voi nam truoc",)),
    ResultField("rank_change", "Tăng, giảm bậc", "places", ("tang giam hang",)),
    ResultField("position", "Vị trí nêu trong văn bản", "text", ("vi tri",)),
)
TEXT_LENGTHS = {"grade": 60, "position": 120}
FIELDS: Mapping[str, ResultField] = {one.name: one for one in RESULT_FIELDS}
LABELS = {
    "ma don vi": "unit_code",
    "ma": "unit_code",
    "don vi": "unit_name",
    "ten don vi": "unit_name",
    "nam": "year",
    **{label: one.name for one in RESULT_FIELDS for label in (fold(one.title), *one.labels)},
}

Figure = Decimal | int | str | None


@dataclass(frozen=True)
class ResultRow:
    """A unit's line: the figures it prints, and the stored row they would go to."""

    unit: Unit
    table: Table
    row: int
    figures: Mapping[str, Figure]
    columns: Mapping[str, int]
    before: OfficialResult | None

    @property
    def changes(self) -> dict[str, tuple[Figure, Figure]]:
        """Return before and after of each figure that is printed and differs."""
        stand = {name: getattr(self.before, name) if self.before else None for name in self.figures}
        return {name: (stand[name], value) for name, value in self.figures.items() if stand[name] != value}

    @property
    def fate(self) -> Fate:
        if self.before is None:
            return Fate.NEW
        return Fate.CHANGED if self.changes else Fate.UNCHANGED


def read_figure(one: ResultField, raw: object, is_broken: bool) -> Figure:
    """Return a figure as printed, None for an empty cell. Raises ReadError."""
    if is_broken:
        raise ReadError("Ô công thức bị lỗi; hãy sửa công thức hoặc ghi số.")
    if one.kind == "text":
        text = text_of(raw)
        limit = TEXT_LENGTHS[one.name]
        if len(text) > limit:
            raise ReadError(f"Dài hơn {limit} ký tự.")
        return text or None
    if one.kind in ("place", "places"):
        place = readers.parse_count(_without_total(raw) if one.name == "rank" else raw)
        if place is not None and not (1 if one.kind == "place" else -32_768) <= place <= 32_767:
            raise ReadError("Hạng phải từ 1 trở lên." if one.kind == "place" else "Số bậc không hợp lệ.")
        return place
    points = readers.parse_decimal(_without_percent(raw))
    if points is not None and abs(points) >= 100_000:
        raise ReadError("Số quá lớn.")
    if points is not None and points < 0 and one.kind == "points":
        raise ReadError("Điểm không thể âm.")
    return points


def _without_total(raw: object) -> object:
    """A rank printed as 23/30 is the 23."""
    return text_of(raw).partition("/")[0] if isinstance(raw, str) and "/" in raw else raw


def _without_percent(raw: object) -> object:
    """Decisions print the index, which is points out of 100, also as 92,41 %."""
    return text_of(raw).removesuffix("%") if isinstance(raw, str) else raw
