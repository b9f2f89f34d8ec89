"""The fictional country's criteria: 8 areas of 5 components, 100 points; pure."""

from __future__ import annotations

from typing import Any

from .places import SLUG

AREAS = (
    "Công tác chỉ đạo, điều hành cải cách hành chính",
    "Cải cách thể chế",
    "Cải cách thủ tục hành chính",
    "Cải cách tổ chức bộ máy hành chính",
    "Cải cách chế độ công vụ",
    "Cải cách tài chính công",
    "Xây dựng và phát triển chính quyền điện tử, chính quyền số",
    "Tác động của cải cách hành chính",
)
APPRAISED, APPRAISED_POINTS, SURVEY_POINTS, AREA_POINTS = 4, "2.25", "3.5", "12.5"
NOTE = (
    "Dữ liệu mẫu cỡ quốc gia: đơn vị, tiêu chí và mọi số liệu đều do phần mềm sinh tự động để đo hiệu năng."
)


def document() -> dict[str, Any]:
    """Return the set in the form of a criteria file."""
    return {
        "slug": SLUG,
        "name": "Bộ tiêu chí mẫu cỡ quốc gia (hư cấu)",
        "status": "sample",
        "is_sample": True,
        "organiser": None,
        "legal_basis": "",
        "max_points": "100",
        "appraised_max": "72",
        "survey_max": "28",
        "note": NOTE,
        "source": {
            "slug": SLUG,
            "title": "Dữ liệu mẫu cỡ quốc gia, sinh tự động",
            "organisation": "Nhóm phát triển phần mềm",
            "note": NOTE,
            "is_sample": True,
        },
        "defaults": {"not_applicable": "leaves_maximum", "zero_denominator": "not_applicable"},
        "areas": [_area(number, title) for number, title in enumerate(AREAS, 1)],
    }


def _area(number: int, title: str) -> dict[str, Any]:
    components = [_appraised(f"{number}.{n}", title) for n in range(1, APPRAISED + 1)]
    surveyed = _surveyed(f"{number}.{APPRAISED + 1}", title)
    return {
        "code": str(number),
        "title": title,
        "max_points": AREA_POINTS,
        "children": [*components, surveyed],
    }


def _appraised(code: str, area: str) -> dict[str, Any]:
    return {
        "code": code,
        "title": f"Mức độ hoàn thành nhiệm vụ mẫu {code}: {area}",
        "max_points": APPRAISED_POINTS,
        "origin": "appraised",
        "rule": {
            "kind": "proportional",
            "target_percent": "100",
            "floor_percent": "0",
            "numerator": {"name": "completed", "label": "nhiệm vụ đã hoàn thành"},
            "denominator": {"name": "planned", "label": "nhiệm vụ được giao"},
        },
    }


def _surveyed(code: str, area: str) -> dict[str, Any]:
    weights = (("A", "Rất tốt", "100"), ("B", "Khá", "60"), ("C", "Trung bình", "20"), ("D", "Kém", "0"))
    return {
        "code": code,
        "title": f"Đánh giá của người dân (mẫu {code}): {area}",
        "max_points": SURVEY_POINTS,
        "origin": "survey",
        "rule": {
            "kind": "survey",
            "questions": 1,
            "respondents": "người dân",
            "options": [{"key": key, "label": label, "weight_percent": w} for key, label, w in weights],
        },
    }
