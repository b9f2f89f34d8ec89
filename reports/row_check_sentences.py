"""What do the checks between several dossier counts say, in whole Vietnamese sentences with the gap shown?"""

from __future__ import annotations

from django.utils.translation import gettext as _

from reports.check_sentences import NAMES
from reports.numbers_vi import count, date_vi
from reports.periods import Period
from reports.row_checks import Between, RowGap


def sentence(found: RowGap) -> str:
    """Return a gap between rows as a sentence."""
    args = {
        "column": NAMES[found.column],
        "left": count(found.left),
        "right": count(found.right),
        "gap": count(abs(found.gap)),
        "period": _days(found.period),
        "count": found.count,
        "of": found.of,
    }
    match found.between:
        case Between.CARRIED_OVER:
            return (
                _(
                    "Từ kỳ trước chuyển sang %(left)s, trong khi kỳ liền trước (%(period)s) còn đang giải quyết "
                    "%(right)s: chênh lệch %(gap)s hồ sơ."
                )
                % args
            )
        case Between.FIELDS:
            return (
                _(
                    "Cột “%(column)s”: cộng %(count)s lĩnh vực được %(right)s, dòng tổng số ghi %(left)s: chênh "
                    "lệch %(gap)s hồ sơ."
                )
                % args
            )
        case Between.COMMUNES:
            return (
                _(
                    "Cột “%(column)s”: cộng số liệu %(count)s/%(of)s xã tự báo cáo được %(right)s, khối xã ghi "
                    "%(left)s: chênh lệch %(gap)s hồ sơ."
                )
                % args
            )
        case Between.TERRITORY:
            return (
                _(
                    "Cột “%(column)s”: cơ quan của đơn vị và các xã cộng lại được %(right)s, toàn địa bàn ghi "
                    "%(left)s: chênh lệch %(gap)s hồ sơ."
                )
                % args
            )
        case Between.CUMULATIVE:
            return (
                _(
                    "Cột “%(column)s”: cả kỳ ghi %(left)s, ít hơn %(right)s của riêng kỳ %(period)s nằm trong đó: "
                    "chênh lệch %(gap)s hồ sơ."
                )
                % args
            )


def _days(period: Period | None) -> str:
    return f"{date_vi(period.start)} – {date_vi(period.end)}" if period else ""
