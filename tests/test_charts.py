"""What the charts are given: gaps stay gaps, lines break where figures cannot be compared."""

from decimal import Decimal as D

from districts.models import Organiser, Unit
from reports.charts import Chart, Series, bump_chart, history_charts
from reports.models import AssessmentYear, Group
from reports.summaries.results import Figure, UnitResult


def make_result(
    year: int, total: str, rank: int | None, criteria_set: int = 1, unit: str = "Thử"
) -> UnitResult:
    assessed = AssessmentYear(
        organiser=Organiser(slug="tinh"), year=year, group=Group(slug="huyen"), criteria_set_id=criteria_set
    )
    return UnitResult(
        unit=Unit(name=unit, type="Huyện"),
        unit_name=f"Huyện {unit}",
        year=assessed,
        total=Figure(D(total)),
        rank=Figure(rank) if rank else None,
        rank_of=12,
    )


def test_a_missing_year_is_a_gap_and_not_a_zero():
    chart = history_charts([make_result(2024, "90", 2), make_result(2022, "80", 5)])["points"]
    assert chart.labels == ("2022", "2023", "2024")
    assert chart.series[0].values == (D(80), None, D(90))
    assert chart.data["series"][0]["values"] == [80.0, None, 90.0]


def test_a_line_breaks_where_the_criteria_set_changed():
    results = [make_result(2024, "90", 2, 2), make_result(2023, "85", 3, 2), make_result(2022, "80", 5, 1)]
    assert history_charts(results)["points"].breaks == (1,)


def test_one_year_is_no_trend():
    assert history_charts([make_result(2024, "90", 2)]) == {}


def test_a_bump_chart_has_a_line_for_each_ranked_unit():
    histories = [
        (make_result(2024, "90", 1, unit="A"), make_result(2023, "80", 2, unit="A")),
        (make_result(2024, "80", 2, unit="B"), make_result(2023, "90", 1, unit="B")),
        (make_result(2024, "70", None, unit="C"),),
    ]
    chart = bump_chart(histories)
    assert chart is not None
    assert [(s.label, s.values) for s in chart.series] == [("Huyện A", (2, 1)), ("Huyện B", (1, 2))]


def test_the_table_of_a_chart_holds_the_same_numbers():
    chart = Chart("c", "Thử", "bar", ("x", "y"), (Series("s", (D("1.5"), None)),), "Nhãn")
    assert chart.rows == [("x", [D("1.5")]), ("y", [None])]


def test_all_values_of_a_chart_are_written_with_the_same_decimals():
    def chart(*values):
        return Chart("c", "", "line", tuple("abc"[: len(values)]), (Series("", values),), "")

    assert chart(D("88.4"), D("90.49")).digits == 2
    assert chart(D("92.0"), D("93.5"), None).digits == 1
    assert chart(3, None, 12).digits == 0
    assert chart(D("88.4000")).data["digits"] == 2
