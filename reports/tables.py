"""Tables of results: columns and how a cell reads, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_tables2 as tables
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports import numbers_vi
from reports.summaries.results import Figure, PartResult, UnitResult


class RankingTable(tables.Table):
    """One row a unit, in order of place."""

    rank = tables.Column(
        gettext_lazy("Hạng"), order_by="rank__value", attrs={"td": {"class": "num"}, "th": {"class": "num"}}
    )
    unit = tables.Column(gettext_lazy("Đơn vị"), accessor="unit_name", order_by="unit__sort_key")
    total = tables.Column(
        gettext_lazy("Tổng điểm"),
        order_by="total__value",
        attrs={"td": {"class": "num"}, "th": {"class": "num"}},
    )
    points_change = tables.Column(
        gettext_lazy("Tăng, giảm điểm"),
        order_by="points_change__value",
        attrs={"td": {"class": "num"}, "th": {"class": "num"}},
    )
    rank_change = tables.Column(
        gettext_lazy("Tăng, giảm bậc"),
        order_by="rank_change__value",
        attrs={"td": {"class": "num"}, "th": {"class": "num"}},
    )
    appraised = tables.Column(
        gettext_lazy("Thẩm định"),
        order_by="appraised__points__value",
        attrs={"td": {"class": "num"}, "th": {"class": "num"}},
    )
    survey = tables.Column(
        gettext_lazy("Điều tra XHH"),
        order_by="survey__points__value",
        attrs={"td": {"class": "num"}, "th": {"class": "num"}},
    )
    adjustment = tables.Column(
        gettext_lazy("Điểm cộng, trừ"),
        order_by="adjustment__points__value",
        attrs={"td": {"class": "num"}, "th": {"class": "num"}},
    )
    grade = tables.Column(gettext_lazy("Xếp loại"))

    row_header = "unit"

    def __init__(self, data: Sequence[UnitResult], *args: Any, caption: str = "", **kwargs: Any) -> None:
        # Few criteria sets know bonuses and penalties.
        if not any(result.adjustment for result in data):
            kwargs["exclude"] = (*kwargs.get("exclude", ()), "adjustment")
        super().__init__(data, *args, **kwargs)
        self.caption = caption

    class Meta:
        template_name = "components/table.html"
        empty_text = gettext_lazy("Không có đơn vị nào khớp điều kiện lọc.")
        attrs = {"class": "table"}

    def render_rank(self, record: UnitResult) -> SafeString:
        tie = _("đồng hạng") if record.is_tied else ""
        return format_html(
            '<span class="rank"><b>{}</b>/{}</span>{}',
            record.rank.value if record.rank else "–",
            record.rank_of or "?",
            format_html(' <span class="badge" title="{}">=</span>', tie) if tie else "",
        )

    def render_unit(self, record: UnitResult) -> SafeString:
        return format_html('<a href="{}">{}</a>', record.url, record.unit_name)

    def render_total(self, value: Figure) -> SafeString:
        return figure_html(value, numbers_vi.points(value.value))

    def render_points_change(self, value: Figure) -> SafeString:
        # What a source printed stays as printed (+0,8); what is computed here lines up (+1,30).
        text = numbers_vi.signed(value.value) if value.source else numbers_vi.signed_points(value.value)
        return format_html('<span class="{}">{}</span>', direction_class(value.value), text)

    def render_rank_change(self, value: Figure) -> SafeString:
        return places_html(value.value)

    def render_appraised(self, value: PartResult) -> SafeString:
        return part_html(value)

    def render_survey(self, value: PartResult) -> SafeString:
        return part_html(value)

    def render_adjustment(self, value: PartResult) -> str:
        return numbers_vi.signed_points(value.points.value) if value.points else numbers_vi.NOTHING


def part_html(part: PartResult) -> SafeString:
    """Return a part's points over its own place: 63,26 and under it 24/30."""
    points = figure_html(part.points, numbers_vi.points(part.points.value)) if part.points else "–"
    if part.rank is None:
        return format_html("{}", points)
    return format_html("{} <small>{}/{}</small>", points, part.rank.value, part.rank_of or "?")


def figure_html(figure: Figure, text: str) -> SafeString:
    """Return a figure, marked where it is not printed exactly so by its source."""
    if not figure.is_derived:
        return format_html("{}", text)
    return format_html('{} <span class="badge badge-derived">{}</span>', text, _("suy ra"))


def places_html(places: int) -> SafeString:
    """Return a change of place as an arrow with words for who cannot see it."""
    if places == 0:
        return format_html('<span class="movement movement-same">{}</span>', _("giữ nguyên"))
    label = _("tăng %(n)d bậc") if places > 0 else _("giảm %(n)d bậc")
    return format_html(
        '<span class="movement {}"><span aria-hidden="true">{} {}</span><span class="visually-hidden">{}</span></span>',
        direction_class(places),
        "▲" if places > 0 else "▼",
        abs(places),
        label % {"n": abs(places)},
    )


def direction_class(change: Any) -> str:
    return "movement-up" if change > 0 else "movement-down" if change < 0 else "movement-same"
