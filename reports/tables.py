"""Tables of results: columns and how a cell reads, nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_tables2 as tables
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports import numbers_vi
from reports.summaries.results import Figure, PartResult, UnitResult
from reports.summaries.year_results import read_ahead

# A cell without a value.
EMPTY = "—"


class RankingTable(tables.Table):
    """One row a unit, in order of place."""

    rank = tables.Column(
        gettext_lazy("Hạng"), order_by="place", attrs={"td": {"class": "num"}, "th": {"class": "num"}}
    )
    unit = tables.Column(gettext_lazy("Đơn vị"), accessor="unit_name", order_by="sort_key")
    total = tables.Column(
        gettext_lazy("Tổng điểm"),
        order_by="points",
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

    def __init__(
        self, data: Sequence[UnitResult], *, caption: str = "", has_adjustments: bool = True, **kwargs: Any
    ) -> None:
        if not has_adjustments:
            kwargs["exclude"] = (*kwargs.get("exclude", ()), "adjustment")
        super().__init__(data, **kwargs)
        self.caption = caption

    class Meta:
        template_name = "components/table.html"
        empty_text = gettext_lazy("Không có đơn vị nào khớp điều kiện lọc.")
        attrs = {"class": "table"}

    @classmethod
    def sorts_by(cls, value: str) -> bool:
        """Whether a value of ?sort= names one column, or its reverse."""
        return value.removeprefix("-") in cls.base_columns

    def body(self) -> SafeString:
        """Return the rows of the shown page: there are hundreds of cells, and a template takes ten times as long."""
        read_ahead(row.record for row in self.paginated_rows)
        columns = [
            (column.name, "th" if column.name == self.row_header else "td", column.attrs["td"].as_html())
            for column in self.columns
        ]
        cells = [
            (
                f'<th scope="row" {attrs}>' if tag == "th" else f"<td {attrs}>",
                getattr(self, f"render_{name}"),
                f"</{tag}>",
            )
            for name, tag, attrs in columns
        ]
        rows = [
            f"<tr>{''.join(f'{begin}{render(row.record) or EMPTY}{end}' for begin, render, end in cells)}</tr>"
            for row in self.paginated_rows
        ]
        return mark_safe("\n".join(rows))  # noqa: S308  # each render_ escapes its texts

    def render_rank(self, record: UnitResult) -> str:
        place = record.rank.value if record.rank else "–"
        tie = f' <span class="badge" title="{_("đồng hạng")}">=</span>' if record.is_tied else ""
        return f'<span class="rank"><b>{place}</b>/{record.rank_of or "?"}</span>{tie}'

    def render_unit(self, record: UnitResult) -> str:
        return f'<a href="{escape(record.url)}">{escape(record.unit_name)}</a>'

    def render_total(self, record: UnitResult) -> str:
        return figure_html(record.total) if record.total else ""

    def render_points_change(self, record: UnitResult) -> str:
        found = record.points_change
        if found is None:
            return ""
        # What a source printed stays as printed (+0,8); what is computed here lines up (+1,30).
        text = numbers_vi.signed(found.value) if found.source else numbers_vi.signed_points(found.value)
        return f'<span class="{direction_class(found.value)}">{text}</span>'

    def render_rank_change(self, record: UnitResult) -> str:
        return places_html(record.rank_change.value) if record.rank_change else ""

    def render_appraised(self, record: UnitResult) -> str:
        return part_html(record.appraised)

    def render_survey(self, record: UnitResult) -> str:
        return part_html(record.survey)

    def render_adjustment(self, record: UnitResult) -> str:
        found = record.adjustment
        return "" if found is None else numbers_vi.signed_points(found.points.value if found.points else None)

    def render_grade(self, record: UnitResult) -> str:
        return escape(record.grade)


def part_html(part: PartResult | None) -> str:
    """Return a part's points over its own place: 63,26 and under it 24/30."""
    if part is None:
        return ""
    points = figure_html(part.points) if part.points else "–"
    return points if part.rank is None else f"{points} <small>{part.rank.value}/{part.rank_of or '?'}</small>"


def figure_html(figure: Figure) -> str:
    """Return points, marked where they are not printed exactly so by their source."""
    text = numbers_vi.points(figure.value)
    return f'{text} <span class="badge badge-derived">{_("suy ra")}</span>' if figure.is_derived else text


def places_html(places: int) -> str:
    """Return a change of place as an arrow with words for who cannot see it."""
    if places == 0:
        return f'<span class="movement movement-same">{_("giữ nguyên")}</span>'
    words = (_("tăng %(n)d bậc") if places > 0 else _("giảm %(n)d bậc")) % {"n": abs(places)}
    return (
        f'<span class="movement {direction_class(places)}"><span aria-hidden="true">{"▲" if places > 0 else "▼"} '
        f'{abs(places)}</span><span class="visually-hidden">{words}</span></span>'
    )


def direction_class(change: Any) -> str:
    return "movement-up" if change > 0 else "movement-down" if change < 0 else "movement-same"
