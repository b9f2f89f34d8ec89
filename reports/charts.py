"""What a chart shows; static/js/charts.js decides how. Every chart carries its numbers as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Any, Literal

from django.utils.translation import gettext as _

from reports.numbers_vi import number
from reports.periods import Period
from reports.summaries.dashboard import AreaResult, Dashboard
from reports.summaries.dossiers import DossierSummary, period_label
from reports.summaries.ranking import Ranking
from reports.summaries.results import UnitResult

Kind = Literal["bar", "line", "bump", "histogram", "stacked"]
# What a series stands for: it fixes its colour on every page.
Role = Literal["unit", "mean", "best", "previous", "early", "on_time", "late", "other"]
Number = Decimal | int | None


@dataclass(frozen=True)
class Series:
    """One line or set of bars: a value for each label, None where there is none."""

    label: str
    values: tuple[Number, ...]
    role: Role = "other"


@dataclass(frozen=True)
class Chart:
    """A drawing with its numbers.

    `labels` name the points of each series. `unit` is printed behind values ("điểm"). `breaks` are positions
    in `labels` before which a line must not be joined. `highlight` is the position of the unit's own bar.
    """

    id: str
    title: str
    kind: Kind
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    label_header: str
    unit: str = ""
    summary: str = ""
    breaks: tuple[int, ...] = ()
    highlight: int | None = None
    maximum: Decimal | int | None = None

    @property
    def data_id(self) -> str:
        return f"chart-{self.id}-data"

    @property
    def digits(self) -> int:
        """Return how many decimals every value is written with: none, or the one or two that decimals have."""
        places = (
            -int(value.as_tuple().exponent)
            for series in self.series
            for value in series.values
            if isinstance(value, Decimal)
        )
        return min(max(places, default=0), 2)

    @property
    def data(self) -> dict[str, Any]:
        """Return what the page hands to the script: numbers as JSON numbers, gaps as null."""
        return {
            "kind": self.kind,
            "labels": self.labels,
            "series": [{"label": s.label, "role": s.role, "values": _plain(s.values)} for s in self.series],
            "unit": self.unit,
            "digits": self.digits,
            "breaks": self.breaks,
            "highlight": self.highlight,
            "maximum": None if self.maximum is None else float(self.maximum),
        }

    @property
    def rows(self) -> list[tuple[str, list[Number]]]:
        """Return the table behind the drawing: a label and the value of each series."""
        return [(label, [s.values[i] for s in self.series]) for i, label in enumerate(self.labels)]


def _plain(values: Sequence[Number]) -> list[float | int | None]:
    return [float(v) if isinstance(v, Decimal) else v for v in values]


def dashboard_charts(summary: Dashboard) -> dict[str, Chart]:
    """Return a dashboard's charts by place; a chart that would show fewer than two things is left out."""
    found = history_charts(summary.history, current=summary.year)
    if len(summary.areas) > 1:
        found["areas"] = areas_chart(summary.areas)
    found |= {f"dossiers_{d.scope}": months_chart(d) for d in summary.dossiers if len(d.months) > 1}
    return found


def history_charts(results: Sequence[UnitResult], current: int | None = None) -> dict[str, Chart]:
    """Return total and place through the years; `results` newest first, of one unit."""
    found = {}
    years = _years(results)
    if sum(1 for r in results if r.total) > 1:
        found["points"] = _history(results, years, "points", current)
    if sum(1 for r in results if r.rank) > 1:
        found["ranks"] = _history(results, years, "ranks", current)
    return found


def _years(results: Sequence[UnitResult]) -> list[int]:
    if not results:
        return []
    known = [r.year.year for r in results]
    return list(range(min(known), max(known) + 1))


def _history(
    results: Sequence[UnitResult], years: list[int], what: Literal["points", "ranks"], current: int | None
) -> Chart:
    by_year = {r.year.year: r for r in results}
    figures = [(r.total if what == "points" else r.rank) if (r := by_year.get(y)) else None for y in years]
    series = Series(
        _("Tổng điểm") if what == "points" else _("Hạng"),
        tuple(f.value if f else None for f in figures),
        "unit",
    )
    breaks = criteria_breaks(by_year, years)
    return Chart(
        id=f"history-{what}",
        title=_("Tổng điểm qua các năm") if what == "points" else _("Thứ hạng qua các năm"),
        kind="line" if what == "points" else "bump",
        labels=tuple(str(y) for y in years),
        series=(series,),
        label_header=_("Năm"),
        unit=_("điểm") if what == "points" else "",
        breaks=breaks,
        highlight=years.index(current) if current in years else None,
        maximum=None if what == "points" else max((r.rank_of or 0 for r in results), default=None),
        summary=_("Đường gián đoạn ở năm đổi bộ tiêu chí: điểm trước và sau không so sánh trực tiếp được.")
        if breaks
        else "",
    )


def criteria_breaks(by_year: dict[int, UnitResult], years: list[int]) -> tuple[int, ...]:
    """Return the positions before which a line must not be joined: another criteria set, another level."""
    found = []
    for position, (before, after) in enumerate(pairwise(years), start=1):
        old, new = by_year.get(before), by_year.get(after)
        if old and new and old.year.criteria_set_id != new.year.criteria_set_id:
            found.append(position)
    return tuple(found)


def areas_chart(areas: Sequence[AreaResult]) -> Chart:
    """Return the unit beside the mean and the best, area by area, in percent of each maximum."""

    def share(points: Decimal | None, area: AreaResult) -> Decimal | None:
        if points is None or not area.maximum:
            return None
        return (100 * points / area.maximum).quantize(Decimal("0.1"))

    return Chart(
        id="areas",
        title=_("Các lĩnh vực so với toàn bộ đơn vị"),
        kind="bar",
        labels=tuple(f"{a.code}. {a.title}" for a in areas),
        series=(
            Series(_("Đơn vị"), tuple(share(a.points, a) for a in areas), "unit"),
            Series(_("Trung bình"), tuple(share(a.mean, a) for a in areas), "mean"),
            Series(_("Cao nhất"), tuple(share(a.best, a) for a in areas), "best"),
        ),
        label_header=_("Lĩnh vực"),
        unit="%",
        maximum=100,
        summary=_(
            "Tỷ lệ phần trăm so với điểm tối đa của từng lĩnh vực, vì điểm tối đa mỗi lĩnh vực khác nhau."
        ),
    )


def months_chart(summary: DossierSummary) -> Chart:
    """Return what was resolved period by period, split by whether it was in time."""
    rows = summary.months
    return Chart(
        id=f"dossiers-{summary.scope}",
        title=_("Hồ sơ đã giải quyết theo kỳ"),
        kind="stacked",
        labels=tuple(period_label(Period(r.starts_on, r.ends_on)) for r in rows),
        series=(
            Series(_("Trước hạn"), tuple(r.resolved_early for r in rows), "early"),
            Series(_("Đúng hạn"), tuple(r.resolved_on_time for r in rows), "on_time"),
            Series(_("Quá hạn"), tuple(r.resolved_late for r in rows), "late"),
        ),
        label_header=_("Kỳ"),
        unit=_("hồ sơ"),
    )


def distribution_chart(summary: Ranking) -> Chart | None:
    """Return how many units lie in which span of points; None below three units."""
    bins = summary.tally.bins
    if sum(one.count for one in bins) < 3:
        return None
    return Chart(
        id="distribution",
        title=_("Phân bố tổng điểm"),
        kind="histogram",
        labels=tuple(
            _("%(low)s đến dưới %(high)s") % {"low": number(b.low), "high": number(b.high)} for b in bins
        ),
        series=(Series(_("Số đơn vị"), tuple(b.count for b in bins), "unit"),),
        label_header=_("Tổng điểm"),
        unit=_("đơn vị"),
    )


def bump_chart(histories: Sequence[Sequence[UnitResult]]) -> Chart | None:
    """Return the places of all units through the years, a line a unit; None where fewer than two years rank."""
    ranked = [r for h in histories for r in h if r.rank]
    years = _years(ranked)
    if len({r.year.year for r in ranked}) < 2:
        return None
    by_year = {r.year.year: r for r in ranked}
    series = []
    for history in histories:
        places = {r.year.year: r.rank.value for r in history if r.rank}
        if places:
            series.append(Series(history[0].unit_name, tuple(places.get(y) for y in years)))
    return Chart(
        id="bump",
        title=_("Thứ hạng của các đơn vị qua các năm"),
        kind="bump",
        labels=tuple(str(y) for y in years),
        series=tuple(series),
        label_header=_("Năm"),
        breaks=criteria_breaks(by_year, years),
        maximum=max(r.rank_of or r.rank.value for r in ranked if r.rank),
    )
