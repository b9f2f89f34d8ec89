"""The 766 index through its periods: months and quarters each in a drawing of their own, never joined."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.utils.translation import gettext as _

from reports.charts import Chart, Series
from reports.periods import Period
from reports.summaries.dossiers import period_label
from reports.summaries.index766 import Score766

MONTHS = {"month": 1, "quarter": 3}


def index766_charts(scores: Iterable[Score766]) -> dict[str, Chart]:
    """Return the total by month ("index766_month") and by quarter; a drawing of fewer than two scores is left out."""
    by_shape: dict[str, dict[Period, Decimal]] = {shape: {} for shape in MONTHS}
    for score in scores:
        period = Period(score.row.starts_on, score.row.ends_on)
        if period.shape[0] in MONTHS and score.row.points is not None:
            by_shape[period.shape[0]][period] = score.row.points
    return {f"index766_{shape}": _chart(shape, found) for shape, found in by_shape.items() if len(found) > 1}


def _chart(shape: str, found: dict[Period, Decimal]) -> Chart:
    periods = _without_gaps(sorted(found), MONTHS[shape])
    return Chart(
        id=f"index766-{shape}",
        title=_("Điểm bộ chỉ số 766 theo tháng") if shape == "month" else _("Điểm bộ chỉ số 766 theo quý"),
        kind="line",
        labels=tuple(period_label(period) for period in periods),
        series=(Series(_("Tổng điểm trên Cổng"), tuple(found.get(period) for period in periods), "unit"),),
        label_header=_("Tháng") if shape == "month" else _("Quý"),
        unit=_("điểm"),
        summary=_("Kỳ chưa có điểm để trống, đường không nối qua.") if len(periods) > len(found) else "",
    )


def _without_gaps(known: Sequence[Period], months: int) -> list[Period]:
    """Return every period from the first to the last, those without a score included."""
    starts = [known[0].start]
    while starts[-1] < known[-1].start:
        starts.append(_later(starts[-1], months))
    return [Period(start, _later(start, months) - dt.timedelta(days=1)) for start in starts]


def _later(day: dt.date, months: int) -> dt.date:
    """Return the first day of the month so many months later."""
    years, month = divmod(day.month - 1 + months, 12)
    return dt.date(day.year + years, month + 1, 1)
