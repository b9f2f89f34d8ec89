"""Which fields open data has: names, types and meanings. Names never change; new fields are added at the end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from django.utils.translation import gettext_lazy as _

from reports.models import (
    Indicator,
    NoMovement,
    PointsState,
    Quality,
    Satisfaction,
    Scope,
    ScopeKind,
    ScoreOrigin,
    Unranked,
)
from reports.summaries.dossiers import COUNTS, LABELS

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Type = Literal["string", "integer", "number", "boolean", "date"]


@dataclass(frozen=True)
class Field:
    """A column: its stable English name, what it means, in which unit; `values` are all codes that it may have."""

    name: str
    type: Type
    title: str | StrPromise
    unit: str | StrPromise = ""
    values: Mapping[str, str | StrPromise] | None = None
    is_required: bool = False

    @property
    def schema(self) -> dict[str, Any]:
        """Return the field as a Table Schema describes it."""
        constraints: dict[str, Any] = {"required": True} if self.is_required else {}
        if self.values:
            constraints["enum"] = list(self.values)
        found: dict[str, Any] = {"name": self.name, "type": self.type, "title": str(self.title)}
        return found | ({"constraints": constraints} if constraints else {})


@dataclass(frozen=True)
class Dataset:
    """A table of open data; `key` are the fields that name a row."""

    slug: str
    title: str | StrPromise
    fields: tuple[Field, ...]
    key: tuple[str, ...]

    @property
    def schema(self) -> dict[str, Any]:
        return {
            "fields": [field.schema for field in self.fields],
            "missingValues": [""],
        }


def _choices(choices: Any) -> dict[str, Any]:
    return dict(choices.choices)


_POINTS = _("điểm")
_YEAR = (
    Field("organiser", "string", _("Cơ quan tổ chức đánh giá, mã trong địa chỉ"), is_required=True),
    Field("year", "integer", _("Năm đánh giá"), is_required=True),
    Field("group", "string", _("Nhóm đơn vị, mã trong địa chỉ"), is_required=True),
    Field("is_sample", "boolean", _("Dữ liệu mẫu, địa phương không có thật"), is_required=True),
    Field("publication_version", "integer", _("Bản công bố; trống nếu chỉ có kết quả theo nguồn")),
    Field("published_on", "date", _("Ngày công bố")),
)
_UNIT = (
    Field("unit_scheme", "string", _("Danh mục đơn vị hành chính"), is_required=True),
    Field("unit_code", "string", _("Mã đơn vị trong danh mục"), is_required=True),
    Field("unit_name", "string", _("Tên đơn vị"), is_required=True),
)
_SOURCED = (
    Field("quality", "string", _("Độ chính xác của số liệu"), values=_choices(Quality), is_required=True),
    Field("wording", "string", _("Nguyên văn của nguồn, khi số liệu gần đúng")),
    Field("source", "string", _("Nguồn: tên văn bản, tin bài")),
    Field(
        "qualified",
        "string",
        _("Các cột chính xác khác với cột quality: tên cột=mã, cách nhau bằng dấu chấm phẩy"),
    ),
)
_PERIOD = (
    Field("starts_on", "date", _("Từ ngày")),
    Field("ends_on", "date", _("Đến hết ngày"), is_required=True),
)
_SCOPE = Field("scope", "string", _("Phạm vi"), values=_choices(Scope), is_required=True)

RESULTS = Dataset(
    "results",
    _("Điểm và thứ hạng"),
    (
        *_YEAR,
        *_UNIT,
        Field(
            "scope_kind",
            "string",
            _("Loại: tổng điểm, phần điểm, lĩnh vực"),
            values=_choices(ScopeKind),
            is_required=True,
        ),
        Field("scope_key", "string", _("Mã phần điểm hoặc lĩnh vực"), is_required=True),
        Field("scope_title", "string", _("Tên phần điểm hoặc lĩnh vực"), is_required=True),
        Field("points", "number", _("Điểm"), _POINTS),
        Field("max_points", "number", _("Điểm tối đa"), _POINTS),
        Field("rank", "integer", _("Thứ hạng")),
        Field("rank_of", "integer", _("Trên tổng số đơn vị")),
        Field("is_tied", "boolean", _("Đồng hạng")),
        Field("grade", "string", _("Xếp loại")),
        Field("points_change", "number", _("Tăng, giảm điểm so với năm trước"), _POINTS),
        Field("rank_change", "integer", _("Tăng (+), giảm (−) bậc so với năm trước"), _("bậc")),
        Field("unranked", "string", _("Lý do không xếp hạng"), values=_choices(Unranked)),
        Field("no_movement", "string", _("Lý do không so sánh với năm trước"), values=_choices(NoMovement)),
        *_SOURCED,
    ),
    ("organiser", "year", "group", "unit_scheme", "unit_code", "scope_kind", "scope_key"),
)
SCORES = Dataset(
    "scores",
    _("Điểm tiêu chí thành phần"),
    (
        *_YEAR,
        *_UNIT,
        Field("criterion_code", "string", _("Mã tiêu chí thành phần"), is_required=True),
        Field("criterion_title", "string", _("Nội dung tiêu chí thành phần"), is_required=True),
        Field("origin", "string", _("Nguồn điểm"), values=_choices(ScoreOrigin)),
        Field(
            "adjustment",
            "string",
            _("Điểm cộng hoặc điểm trừ ngoài thang điểm"),
            values={"bonus": _("điểm cộng"), "penalty": _("điểm trừ")},
        ),
        Field("state", "string", _("Tình trạng điểm"), values=_choices(PointsState), is_required=True),
        Field("points", "number", _("Điểm"), _POINTS),
        Field("max_points", "number", _("Điểm tối đa"), _POINTS),
    ),
    ("organiser", "year", "group", "unit_scheme", "unit_code", "criterion_code"),
)
DOSSIERS = Dataset(
    "dossiers",
    _("Hồ sơ thủ tục hành chính"),
    (
        *_YEAR[:4],
        *_UNIT,
        _SCOPE,
        Field("field", "string", _("Lĩnh vực; trống là mọi lĩnh vực")),
        *_PERIOD,
        *(Field(name, "integer", LABELS[name], _("hồ sơ")) for name in COUNTS),
        Field("gap_reason", "string", _("Giải thích chênh lệch của đơn vị")),
        *_SOURCED,
    ),
    (
        "organiser",
        "year",
        "group",
        "unit_scheme",
        "unit_code",
        "scope",
        "field",
        "starts_on",
        "ends_on",
        "source",
    ),
)
SATISFACTION = Dataset(
    "satisfaction",
    _("Mức độ hài lòng"),
    (
        *_YEAR[:4],
        *_UNIT,
        _SCOPE,
        Field("kind", "string", _("Loại"), values=_choices(Satisfaction.Kind), is_required=True),
        *_PERIOD,
        Field("satisfied", "integer", _("Hài lòng và rất hài lòng"), _("lượt, người")),
        Field("respondents", "integer", _("Lượt, người trả lời"), _("lượt, người")),
        Field("percent", "number", _("Tỷ lệ theo nguồn"), "%"),
        Field("is_random_sample", "boolean", _("Mẫu ngẫu nhiên"), is_required=True),
        Field("design_effect", "number", _("Hệ số thiết kế mẫu")),
        *_SOURCED,
    ),
    (
        "organiser",
        "year",
        "group",
        "unit_scheme",
        "unit_code",
        "scope",
        "kind",
        "starts_on",
        "ends_on",
        "source",
    ),
)
INDICATORS = Dataset(
    "indicators",
    _("Chỉ tiêu hằng năm"),
    (
        *_YEAR[:4],
        *_UNIT,
        _SCOPE,
        Field("indicator", "string", _("Mã chỉ tiêu"), is_required=True),
        Field("indicator_name", "string", _("Tên chỉ tiêu"), is_required=True),
        Field("direction", "string", _("Chiều"), values=_choices(Indicator.Direction), is_required=True),
        *_PERIOD,
        Field("value", "number", _("Giá trị, theo đơn vị tính")),
        Field("numerator", "number", _("Tử số")),
        Field("denominator", "number", _("Mẫu số")),
        Field("unit_of_measure", "string", _("Đơn vị tính")),
        *_SOURCED,
    ),
    ("organiser", "year", "group", "unit_scheme", "unit_code", "scope", "indicator", "ends_on", "source"),
)
DATASETS = {one.slug: one for one in (RESULTS, SCORES, DOSSIERS, SATISFACTION, INDICATORS)}
