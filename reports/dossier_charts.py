"""The drawings of a unit's dossiers."""

from __future__ import annotations

from django.utils.translation import gettext as _

from reports.charts import Chart, Series, months_chart
from reports.models import Scope
from reports.summaries.dossier_detail import DossierDetail, ScopeDetail


def detail_charts(detail: DossierDetail) -> dict[str, list[Chart]]:
    """Return the drawings of each scope: what was resolved with the year before as a line, and whether in time."""
    return {
        one.summary.scope: [trend_chart(one, detail.year), months_chart(one.summary)]
        for one in detail.scopes
        if len(one.months) > 1
    }


def trend_chart(one: ScopeDetail, year: int) -> Chart:
    """Return what was resolved period by period, with the same periods of the year before as a line of its own."""
    before = tuple(month.before.resolved if month.before else None for month in one.months)
    series = [Series(_("Năm %(year)d") % {"year": year}, tuple(m.row.resolved for m in one.months), "unit")]
    if any(value is not None for value in before):
        series.append(Series(_("Năm %(year)d") % {"year": year - 1}, before, "previous"))
    return Chart(
        id=f"trend-{one.summary.scope}",
        title=_("Hồ sơ đã giải quyết so với cùng kỳ: %(scope)s") % {"scope": Scope(one.summary.scope).label},
        kind="line",
        labels=tuple(month.label for month in one.months),
        series=tuple(series),
        label_header=_("Kỳ"),
        unit=_("hồ sơ"),
    )
