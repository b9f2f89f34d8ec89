"""What is said of a unit's satisfaction figures when they are written, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from reports.checks import Level, printed_digits
from reports.models import DossierCount, Satisfaction
from reports.numbers_vi import count, percent, signed
from reports.satisfaction_rules import Gap, gaps
from reports.satisfaction_rules import Said as Figures

from .said import Said

WORDS = {
    "percent_range": "Tỷ lệ phải từ 0 đến 100.",
    "part_of_whole": "Số hài lòng (%(left)s) không thể lớn hơn số người trả lời (%(right)s).",
    "rating_sample": "Lượt đánh giá tại bộ phận một cửa là tự chọn, không phải mẫu ngẫu nhiên.",
    "effect_without_sample": "Hệ số thiết kế chỉ có ở mẫu ngẫu nhiên.",
    "empty_sample": "Mẫu ngẫu nhiên phải có người trả lời.",
    "effect_range": "Hệ số thiết kế phải từ 0,2 đến 100.",
    "scale": "Thang đánh giá có từ 3 đến 5 mức, mỗi mức một số đếm.",
    "levels_total": "Cộng các mức được %(right)s, số người trả lời ghi %(left)s.",
    "levels_satisfied": "Các mức hài lòng cộng lại được %(right)s, số hài lòng ghi %(left)s.",
    "percent": "Tính từ số đếm được %(right)s, tỷ lệ ghi %(left)s.",
    "percent_cut": "Tính từ số đếm được %(right)s; tỷ lệ ghi %(left)s là cắt bớt, không làm tròn.",
    "more_than_resolved": "Có %(left)s lượt đánh giá nhưng chỉ %(right)s hồ sơ đã giải quyết cùng kỳ, cùng phạm vi.",
    "change": "Kỳ trước đã nhập cho thấy thay đổi %(right)s điểm phần trăm, báo cáo ghi %(left)s.",
}
DAY = dt.timedelta(days=1)
IN_PERCENT = ("percent", "percent_cut")


def check_satisfaction(rows: Sequence[Satisfaction]) -> list[list[Said]]:
    """Return what is to be said of each row. At most two queries: the dossiers of ratings, the periods before."""
    resolved = _resolved([row for row in rows if _is_rating(row)])
    before = _before([row for row in rows if row.percent_change is not None and row.percent is not None])
    return [
        [_said(gap) for gap in (*gaps(_figures(row)), *_of_dossiers(row, resolved), *_of_change(row, before))]
        for row in rows
    ]


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


def _before(changed: Sequence[Satisfaction]) -> dict[tuple[object, ...], Decimal]:
    """Return the printed shares of the periods just before, as the units themselves entered them."""
    if not changed:
        return {}
    rows = Satisfaction.objects.in_work().filter(
        unit__in={row.unit_id for row in changed},
        ends_on__in={row.starts_on - DAY for row in changed},
        percent__isnull=False,
    )
    return {(r.unit_id, r.kind, r.scope, r.ends_on): r.percent for r in rows}


def _of_change(row: Satisfaction, before: dict[tuple[object, ...], Decimal]) -> list[Gap]:
    old = before.get((row.unit_id, row.kind, row.scope, row.starts_on - DAY))
    if old is None or row.percent is None or row.percent_change is None:
        return []
    change = row.percent - old
    # Both shares were rounded before they were printed, so the last place of the change may be off by one.
    place = Decimal(1).scaleb(-printed_digits(row.percent_change))
    if abs(change - row.percent_change) <= place:
        return []
    return [Gap("change", Level.WARN, ("percent_change",), row.percent_change, change)]


def _said(gap: Gap) -> Said:
    written = signed if gap.key == "change" else percent if gap.key in IN_PERCENT else count
    args = {side: written(value) for side in ("left", "right") if (value := getattr(gap, side)) is not None}
    return Said(WORDS[gap.key] % args, gap.level, gap.fields, gap.key)
