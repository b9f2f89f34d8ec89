"""What is said of a unit's satisfaction figures when they are written, in words."""

from __future__ import annotations

from collections.abc import Sequence

from reports.checks import Level
from reports.models import DossierCount, Satisfaction
from reports.numbers_vi import count, percent
from reports.satisfaction_rules import Gap, gaps
from reports.satisfaction_rules import Said as Figures

from .said import Said

WORDS = {
    "percent_range": "Tỷ lệ phải từ 0 đến 100.",
    "part_of_whole": "Số hài lòng (%(left)s) không thể lớn hơn số người trả lời (%(right)s).",
    "rating_sample": "Lượt đánh giá tại bộ phận một cửa là tự chọn, không phải mẫu ngẫu nhiên.",
    "effect_without_sample": "Hệ số thiết kế chỉ có ở mẫu ngẫu nhiên.",
    "effect_range": "Hệ số thiết kế phải lớn hơn 0.",
    "scale": "Thang đánh giá có từ 3 đến 5 mức, mỗi mức một số đếm.",
    "levels_total": "Cộng các mức được %(right)s, số người trả lời ghi %(left)s.",
    "levels_satisfied": "Các mức hài lòng cộng lại được %(right)s, số hài lòng ghi %(left)s.",
    "percent": "Tính từ số đếm được %(right)s, tỷ lệ ghi %(left)s.",
    "percent_cut": "Tính từ số đếm được %(right)s; tỷ lệ ghi %(left)s là cắt bớt, không làm tròn.",
    "more_than_resolved": "Có %(left)s lượt đánh giá nhưng chỉ %(right)s hồ sơ đã giải quyết cùng kỳ, cùng phạm vi.",
}
IN_PERCENT = ("percent", "percent_cut")


def check_satisfaction(rows: Sequence[Satisfaction]) -> list[list[Said]]:
    """Return what is to be said of each row. At most one query, for the dossiers of ratings."""
    resolved = _resolved([row for row in rows if _is_rating(row)])
    return [[_said(gap) for gap in (*gaps(_figures(row)), *_of_dossiers(row, resolved))] for row in rows]


def _figures(row: Satisfaction) -> Figures:
    return Figures(
        satisfied=row.satisfied,
        respondents=row.respondents,
        percent=row.percent,
        levels=row.level_counts,
        is_random_sample=row.is_random_sample,
        design_effect=row.design_effect,
        is_rating=_is_rating(row),
    )


def _is_rating(row: Satisfaction) -> bool:
    return row.kind == Satisfaction.Kind.RATING


def _resolved(ratings: Sequence[Satisfaction]) -> dict[tuple[object, ...], int]:
    """Return the resolved dossiers of the same units, scopes and periods that the units themselves reported."""
    if not ratings:
        return {}
    rows = DossierCount.objects.in_work().filter(
        unit__in={row.unit_id for row in ratings},
        starts_on__in={row.starts_on for row in ratings},
        field=None,
        resolved__isnull=False,
    )
    return {_place(row): row.resolved or 0 for row in rows}


def _place(row: DossierCount | Satisfaction) -> tuple[object, ...]:
    return (row.unit_id, row.scope, row.starts_on, row.ends_on)


def _of_dossiers(row: Satisfaction, resolved: dict[tuple[object, ...], int]) -> list[Gap]:
    most = resolved.get(_place(row)) if _is_rating(row) else None
    if most is None or row.respondents is None or row.respondents <= most:
        return []
    return [Gap("more_than_resolved", Level.WARN, ("respondents",), row.respondents, most)]


def _said(gap: Gap) -> Said:
    written = percent if gap.key in IN_PERCENT else count
    args = {side: written(value) for side in ("left", "right") if (value := getattr(gap, side)) is not None}
    return Said(WORDS[gap.key] % args, gap.level, gap.fields, gap.key)
