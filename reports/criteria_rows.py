"""Which criteria set do the rows of a spreadsheet declare? Rows of plain cells to the JSON form of a set.

Columns: mã, tên, điểm tối đa, nguồn (TĐ or XHH; empty for a node that is not scored), quy tắc, tham số, kiểm chứng.
The code says where a node lies: 1.2.3 is below 1.2. Parameters are pairs "tên=giá trị" divided by semicolons. The
parameters of a node that is not scored may say what all bonuses and penalties of a year may come to:
"điểm cộng tối đa=3; điểm trừ tối đa=2". A ratio may say what a share above 100 % asks of who enters it:
"trên 100 %=được", "=thuyết minh" (a remark) or "=không" (refused); left out, its labels tell (`rules.measures`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from districts.names import fold

from .rules import ADJUSTMENTS

HEADERS = ("Mã", "Tên", "Điểm tối đa", "Nguồn", "Quy tắc", "Tham số", "Kiểm chứng")
_ORIGINS = {
    **dict.fromkeys(("td", "tham dinh", "appraised"), "appraised"),
    **dict.fromkeys(("xhh", "dtxhh", "dieu tra xa hoi hoc", "survey"), "survey"),
    **dict.fromkeys(("both", "ca hai"), "both"),
}
_KINDS = {
    **dict.fromkeys(("co khong", "co/khong", "yes_no"), "yes_no"),
    **dict.fromkeys(("muc", "cac muc", "levels"), "levels"),
    **dict.fromkeys(("nguong", "thresholds"), "thresholds"),
    **dict.fromkeys(("ty le", "proportional"), "proportional"),
    **dict.fromkeys(("dem", "cong diem", "count"), "count"),
    **dict.fromkeys(("tru", "tru diem", "deduction"), "deduction"),
    **dict.fromkeys(("khao sat", "survey"), "survey"),
    **dict.fromkeys(("phan tram", "percent_of_max"), "percent_of_max"),
    # Not "điểm cộng", "điểm trừ" alone: too near to points counted and deducted within the scale.
    **dict.fromkeys(("thuong", "diem thuong", "diem cong ngoai thang", "bonus"), "bonus"),
    **dict.fromkeys(("phat", "diem phat", "diem tru ngoai thang", "penalty"), "penalty"),
}
_CAPS = {"bonus_max": "diem cong toi da", "penalty_max": "diem tru toi da"}
_NOT_APPLICABLE = {"diem toi da": "full_points", "bo khoi thang diem": "leaves_maximum"}
_ABOVE_100 = {"duoc": "allowed", "thuyet minh": "explained", "khong": "refused"}
_ZERO = {"diem toi da": "full_points", "0": "zero", "khong ap dung": "not_applicable"}

Pairs = list[tuple[str, str]]


class RowsError(ValueError):
    """What a row says that cannot be; names the row as Excel shows it."""

    def __init__(self, row: int, message: str) -> None:
        super().__init__(f"Dòng {row}: {message}")


def document(rows: Sequence[Sequence[object]], **facts: Any) -> dict[str, Any]:
    """Return a set in the form of a criteria file: `facts` are slug, name, status and the like; not yet checked.

    The first row is the header. Raises RowsError with the row's number.
    """
    if not rows or [_folded(cell) for cell in rows[0][:5]] != [fold(header) for header in HEADERS[:5]]:
        raise RowsError(1, f"các cột phải là: {', '.join(HEADERS)}.")
    nodes: dict[str, dict[str, Any]] = {}
    areas: list[dict[str, Any]] = []
    caps: dict[str, str] = {}
    for number, row in enumerate(rows[1:], 2):
        cells = [_text(cell) for cell in row[: len(HEADERS)]] + [""] * (len(HEADERS) - len(row))
        if not any(cells):
            continue
        node = _node(number, cells)
        if "origin" not in node:
            caps |= _caps(number, cells[5])
        if node["code"] in nodes:
            raise RowsError(number, f"mã {node['code']} đã có ở dòng trên.")
        nodes[node["code"]] = node
        _place(number, node, nodes, areas)
    total = sum((Decimal(area.get("max_points", 0)) for area in areas), Decimal(0))
    return {**facts, **caps, "max_points": str(total), "is_sample": False, "areas": areas}


def _caps(number: int, parameters: str) -> dict[str, str]:
    pairs = _pairs(parameters)
    given = {key: _taken(pairs, name) for key, name in _CAPS.items()}
    if pairs:
        raise RowsError(number, f"không rõ tham số “{pairs[0][0]}” của một mục không chấm điểm.")
    return {key: _decimal(number, text) for key, text in given.items() if text}


def _place(
    number: int, node: dict[str, Any], nodes: Mapping[str, dict[str, Any]], areas: list[dict[str, Any]]
) -> None:
    above = node["code"].rpartition(".")[0]
    if not above:
        areas.append(node)
    elif above in nodes:
        nodes[above].setdefault("children", []).append(node)
    else:
        raise RowsError(number, f"chưa có dòng của mã {above} ở phía trên.")


def _node(number: int, cells: list[str]) -> dict[str, Any]:
    code, title, points, origin, kind, parameters, evidence = cells
    node: dict[str, Any] = {"code": code.rstrip("."), "title": title}
    if not code or not title:
        raise RowsError(number, "thiếu mã hoặc tên.")
    if points or origin:
        # Empty above bonuses and penalties only, which `criteria_files` checks.
        node["max_points"] = _decimal(number, points)
    if evidence:
        node["evidence"] = evidence
    if not origin:
        return node
    if fold(origin) not in _ORIGINS:
        raise RowsError(number, f"nguồn “{origin}” không rõ; chỉ dùng TĐ hoặc XHH.")
    if fold(kind) not in _KINDS:
        raise RowsError(number, f"không có loại quy tắc “{kind}”.")
    known = _KINDS[fold(kind)]
    rule = {"kind": known, **_READERS[known](number, _pairs(parameters))}
    if known in ADJUSTMENTS:
        rule["yearly_cap"] = node["max_points"]
    return {**node, "origin": _ORIGINS[fold(origin)], "rule": rule}


def _pairs(text: str) -> Pairs:
    parts = [part.partition("=") for part in text.split(";") if part.strip()]
    return [(name.strip(), value.strip()) for name, _equals, value in parts]


def _taken(pairs: Pairs, *names: str) -> str:
    """Return and remove the value of the first pair so named; empty where there is none."""
    for pair in pairs:
        if fold(pair[0]) in names:
            pairs.remove(pair)
            return pair[1]
    return ""


def _policies(number: int, pairs: Pairs, *, ratio: bool = False) -> dict[str, str]:
    applies = _taken(pairs, "khong ap dung") or "bỏ khỏi thang điểm"
    nothing = _taken(pairs, "khong phat sinh") or "không áp dụng"
    if fold(applies) not in _NOT_APPLICABLE or fold(nothing) not in _ZERO:
        raise RowsError(number, "“không áp dụng” hoặc “không phát sinh” ghi không rõ.")
    policies = {"not_applicable": _NOT_APPLICABLE[fold(applies)]}
    return {**policies, "zero_denominator": _ZERO[fold(nothing)]} if ratio else policies


def _ratio(number: int, pairs: Pairs) -> dict[str, Any]:
    numerator, denominator = _taken(pairs, "tu", "tu so"), _taken(pairs, "mau", "mau so")
    if not numerator or not denominator:
        raise RowsError(number, "quy tắc theo tỷ lệ phải có tử=… và mẫu=….")
    above = _taken(pairs, "tren 100")
    if above and fold(above) not in _ABOVE_100:
        raise RowsError(number, "“trên 100 %” chỉ ghi: được, thuyết minh, không.")
    return {
        "numerator": {"name": "numerator", "label": numerator},
        "denominator": {"name": "denominator", "label": denominator},
        **({"above_100": _ABOVE_100[fold(above)]} if above else {}),
        **_policies(number, pairs, ratio=True),
    }


def _yes_no(number: int, pairs: Pairs) -> dict[str, Any]:
    return _policies(number, pairs)


def _levels(number: int, pairs: Pairs) -> dict[str, Any]:
    policies = _policies(number, pairs)
    levels = [
        {"key": f"level_{place}", "label": label, "points": _decimal(number, points)}
        for place, (label, points) in enumerate(pairs, 1)
    ]
    return {"levels": levels, **policies}


def _thresholds(number: int, pairs: Pairs) -> dict[str, Any]:
    ratio = _ratio(number, pairs)
    below = _taken(pairs, "duoi", "con lai") or "0"
    steps = [
        {"from_percent": _decimal(number, percent.rstrip("% ")), "points": _decimal(number, points)}
        for percent, points in pairs
    ]
    return {"steps": steps, "below_points": _decimal(number, below), **ratio}


def _proportional(number: int, pairs: Pairs) -> dict[str, Any]:
    ratio = _ratio(number, pairs)
    target, floor = _taken(pairs, "muc tieu") or "100", _taken(pairs, "san") or "0"
    return {
        "target_percent": _decimal(number, target.rstrip("% ")),
        "floor_percent": _decimal(number, floor.rstrip("% ")),
        **ratio,
    }


def _each(key: str) -> Callable[[int, Pairs], dict[str, Any]]:
    def read(number: int, pairs: Pairs) -> dict[str, Any]:
        label, points = _taken(pairs, "moi"), _taken(pairs, "diem")
        if not label or not points:
            raise RowsError(number, "quy tắc theo số lượng phải có mỗi=… và điểm=….")
        counted = {"name": "items", "label": label}
        return {key: counted, "points_each": _decimal(number, points), **_policies(number, pairs)}

    return read


def _survey(number: int, pairs: Pairs) -> dict[str, Any]:
    policies = _policies(number, pairs, ratio=True)
    questions, respondents = _taken(pairs, "cau hoi") or "1", _taken(pairs, "doi tuong")
    options = [{"key": key, "weight_percent": _decimal(number, weight.rstrip("% "))} for key, weight in pairs]
    return {
        "questions": int(questions) if questions.isdecimal() else questions,
        "respondents": respondents or "người dân, tổ chức",
        "options": options,
        **policies,
    }


def _percent_of_max(number: int, pairs: Pairs) -> dict[str, Any]:
    label = _taken(pairs, "ty le") or "tỷ lệ phần trăm"
    return {"percent": {"name": "percent", "label": label}, **_policies(number, pairs)}


_READERS: Mapping[str, Callable[[int, Pairs], dict[str, Any]]] = {
    "yes_no": _yes_no,
    "levels": _levels,
    "thresholds": _thresholds,
    "proportional": _proportional,
    "count": _each("item"),
    "deduction": _each("event"),
    **dict.fromkeys(ADJUSTMENTS, _each("event")),
    "survey": _survey,
    "percent_of_max": _percent_of_max,
}


def _decimal(number: int, text: str) -> str:
    try:
        return str(Decimal(re.sub(r"\s", "", text).replace(",", ".")))
    except InvalidOperation:
        raise RowsError(number, f"“{text}” không phải là số.") from None


def _folded(cell: object) -> str:
    return fold(_text(cell))


def _text(cell: object) -> str:
    """A spreadsheet keeps the code 1 as 1.0; 1.10 must come as text, or it is 1.1."""
    if isinstance(cell, float) and cell.is_integer():
        cell = int(cell)
    return "" if cell is None else " ".join(str(cell).split())
