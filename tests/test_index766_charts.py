"""The 766 index as a drawing: months with months, quarters with quarters, gaps left open."""

from __future__ import annotations

from decimal import Decimal

import pytest

from reports.charts import Chart
from reports.index766_charts import index766_charts
from reports.models import Index766, Source
from reports.periods import Shape, named_period
from reports.summaries.index766 import Score766
from tests.factories import make_unit


def score(shape: Shape, number: int, points: str, year: int = 2025) -> Score766:
    period = named_period(shape, number, year)
    row = Index766(starts_on=period.start, ends_on=period.end, points=Decimal(points))
    return Score766(row, "", ())


def charts_of(*scores: Score766) -> dict[str, Chart]:
    return index766_charts(scores)


def test_months_and_quarters_are_never_in_one_line():
    drawn = charts_of(
        *(score("month", n, f"8{n}.5") for n in (1, 2)),
        *(score("quarter", n, "90") for n in (1, 2)),
    )
    assert {key: chart.labels for key, chart in drawn.items()} == {
        "index766_month": ("Tháng 1/2025", "Tháng 2/2025"),
        "index766_quarter": ("Quý I/2025", "Quý II/2025"),
    }
    assert drawn["index766_month"].series[0].values == (Decimal("81.5"), Decimal("82.5"))


def test_a_month_without_a_score_is_a_gap_also_over_the_turn_of_a_year():
    chart = charts_of(score("month", 11, "80", 2024), score("month", 1, "82"))["index766_month"]
    assert chart.labels == ("Tháng 11/2024", "Tháng 12/2024", "Tháng 1/2025")
    assert chart.series[0].values == (Decimal(80), None, Decimal(82))
    assert "đường không nối qua" in chart.summary


def test_one_score_is_no_line_and_a_year_is_neither_month_nor_quarter():
    assert charts_of(score("month", 1, "80"), score("quarter", 1, "81"), score("year", 1, "82")) == {}


@pytest.mark.django_db
def test_the_unit_s_page_draws_it_with_its_table(client):
    unit, source = make_unit("Thử"), Source.objects.create(slug="cong", title="Cổng")
    for number in (1, 2):
        row = score("month", number, f"8{number}.5").row
        row.unit, row.source = unit, source
        row.save()
    page = client.get(unit.get_absolute_url()).content.decode()
    assert 'id="index766-month"' in page and "charts.js" in page
    assert "81,5" in page and 'id="history-points"' not in page
