"""The table of a ranking: its columns and its orders. It is drawn by templates/reports/_ranking_table.html."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext_lazy
from django_tables2.data import TableListData
from django_tables2.utils import OrderByTuple

from reports.summaries.results import UnitResult


class Column(tables.Column):
    """A column that a table need not copy, which it does with each of its own: nobody changes these."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Column:
        return self


class RankingTable(tables.Table):
    """One row a unit, in order of place."""

    rank = Column(gettext_lazy("Hạng"), order_by="place")
    unit = Column(gettext_lazy("Đơn vị"), accessor="unit_name", order_by="sort_key")
    total = Column(
        gettext_lazy("Tổng điểm"),
        order_by="points",
    )
    points_change = Column(
        gettext_lazy("Tăng, giảm điểm"),
        order_by="points_change__value",
    )
    rank_change = Column(
        gettext_lazy("Tăng, giảm bậc"),
        order_by="rank_change__value",
    )
    appraised = Column(
        gettext_lazy("Thẩm định"),
        order_by="appraised__points__value",
    )
    survey = Column(
        gettext_lazy("Điều tra XHH"),
        order_by="survey__points__value",
    )
    adjustment = Column(
        gettext_lazy("Điểm cộng, trừ"),
        order_by="adjustment__points__value",
    )
    grade = Column(gettext_lazy("Xếp loại"))

    # What stands at the left of its column.
    worded = ("unit", "grade")

    def __init__(
        self, data: Sequence[UnitResult], *, caption: str = "", has_adjustments: bool = True, **kwargs: Any
    ) -> None:
        if not has_adjustments:
            kwargs["exclude"] = (*kwargs.get("exclude", ()), "adjustment")
        super().__init__(RankingData(data), **kwargs)
        self.caption = caption
        self.has_adjustments = has_adjustments

    class Meta:
        template_name = "reports/_ranking_table.html"

    @classmethod
    def sorts_by(cls, value: str) -> bool:
        """Whether a value of ?sort= names one column, or its reverse."""
        return value.removeprefix("-") in cls.base_columns

    @property
    def shown(self) -> list[UnitResult]:
        """The results of the page that is shown."""
        return [row.record for row in self.paginated_rows]


class RankingData(TableListData):
    """Results that are made when they are shown; an order other than theirs needs all of them."""

    data: Sequence[UnitResult]

    def order_by(self, aliases: OrderByTuple) -> None:
        self.data = list(self.data)
        super().order_by(aliases)
