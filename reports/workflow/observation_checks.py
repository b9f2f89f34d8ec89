"""What is said of indicators' figures, and of the 766 index, when they are written, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from reports.checks import Level
from reports.index766 import COMPONENTS, GROUPS, MAXIMA, adds_up
from reports.indicator_checks import JUMP, Remark, Told, remarks
from reports.models import Index766, Observation
from reports.numbers_vi import number, points

from .said import Said

WORDS = {
    "negative": "Không thể âm.",
    "fraction": "Phải là số nguyên: đơn vị tính là “%(unit)s”.",
    "part": "Tử số (%(numerator)s) lớn hơn mẫu số (%(denominator)s).",
    "jump": "Kỳ trước là %(before)s, kỳ này %(now)s: chênh nhau từ %(jump)s lần trở lên.",
}


def check_observations(rows: Sequence[Observation]) -> list[list[Said]]:
    """Return what is to be said of each figure; one query, for what the same units told of the periods before."""
    before = _before(rows)
    return [[_said(one, told) for one in remarks(told)] for told in (_told(row, before) for row in rows)]


def check_index766(rows: Sequence[Index766]) -> list[list[Said]]:
    """Return what is to be said of each score: maxima, counts, and whether printed parts make their wholes."""
    return [_of_index(row) for row in rows]


def _told(row: Observation, before: dict[tuple[int, int, str], list[Observation]]) -> Told:
    earlier = [one for one in before[row.unit_id, row.indicator_id, row.scope] if one.ends_on < row.ends_on]
    last = max(earlier, key=lambda one: one.ends_on, default=None)
    measure = row.indicator.unit_of_measure
    compared = _figures(last, measure).compared if last else None
    return _figures(row, measure, compared)


def _figures(row: Observation, measure: str, before: Decimal | None = None) -> Told:
    return Told(measure, row.value, row.numerator, row.denominator, before)


def _before(rows: Sequence[Observation]) -> dict[tuple[int, int, str], list[Observation]]:
    found: dict[tuple[int, int, str], list[Observation]] = defaultdict(list)
    known = Observation.objects.in_work().filter(
        unit__in={row.unit_id for row in rows}, indicator__in={row.indicator_id for row in rows}
    )
    for row in known:
        found[row.unit_id, row.indicator_id, row.scope].append(row)
    return found


def _said(one: Remark, told: Told) -> Said:
    args = {
        "unit": told.unit_of_measure,
        "numerator": number(told.numerator, 4),
        "denominator": number(told.denominator, 4),
        "before": number(told.before, 2),
        "now": number(told.compared, 2),
        "jump": str(JUMP),
    }
    return Said(WORDS[one.key] % args, one.level, one.fields, one.key)


def _of_index(row: Index766) -> list[Said]:
    stands = row.parts.all() if row.pk else []
    parts = {part.key: part for part in getattr(row, "asked_parts", stands)}
    found = []
    for key, part in parts.items():
        title = _title(key)
        if part.points is not None and not 0 <= part.points <= MAXIMA[key]:
            text = f"{title}: điểm phải từ 0 đến {number(MAXIMA[key])}."
            found.append(Said(text, Level.BLOCK, ("parts",), "maximum"))
        if part.numerator is not None and part.denominator is not None and part.numerator > part.denominator:
            text = f"{title}: tử số {part.numerator} lớn hơn mẫu số {part.denominator}."
            found.append(Said(text, Level.BLOCK, ("parts",), "part"))
    printed = {key: part.points for key, part in parts.items() if part.points is not None}
    if row.points is not None:
        printed[""] = row.points
    for key, stated, given in adds_up(printed):
        text = f"{_title(key)}: ghi {points(stated)}, các phần cộng lại được {points(given)}."
        found.append(Said(text, Level.WARN, ("points",), "sum"))
    return found


def _title(key: str) -> str:
    groups = {group.key: group.title for group in GROUPS}
    return "Tổng điểm" if not key else groups.get(key) or COMPONENTS[key].title
