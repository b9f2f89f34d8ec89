"""What the sentences say of a result: every direction, every gap, nothing glued together."""

from dataclasses import replace
from decimal import Decimal as D

import pytest

from districts.models import Organiser, Unit
from reports.models import AssessmentYear, Group, Quality, Source
from reports.sentences import comparison_sentences, result_sentences, signed_change
from reports.summaries.dashboard import AreaResult, Dashboard, TotalSpread
from reports.summaries.results import Figure, PartResult, UnitResult


def make_result(**overrides) -> UnitResult:
    year = AssessmentYear(organiser=Organiser(slug="tinh"), year=2024, group=Group(slug="huyen"))
    fields = {"unit": Unit(name="Thử", type="Huyện"), "unit_name": "Huyện Thử", "year": year} | overrides
    return UnitResult(**{k: Figure(v) if k in FIGURES and v is not None else v for k, v in fields.items()})


FIGURES = ("total", "rank", "points_change", "rank_change")


@pytest.mark.parametrize(
    ("points", "places", "sentence"),
    [
        (D("0.8"), 7, "Tăng 0,80 điểm và tăng 7 bậc so với năm 2023."),
        (D("0.8"), -1, "Tăng 0,80 điểm nhưng giảm 1 bậc so với năm 2023."),
        (D("0.8"), 0, "Tăng 0,80 điểm, giữ nguyên thứ hạng so với năm 2023."),
        (D("-1.06"), 2, "Giảm 1,06 điểm nhưng tăng 2 bậc so với năm 2023."),
        (D("-1.06"), -2, "Giảm 1,06 điểm và giảm 2 bậc so với năm 2023."),
        (D("-1.06"), 0, "Giảm 1,06 điểm, giữ nguyên thứ hạng so với năm 2023."),
        (D(0), 3, "Điểm không đổi, tăng 3 bậc so với năm 2023."),
        (D(0), -3, "Điểm không đổi, giảm 3 bậc so với năm 2023."),
        (D(0), 0, "Điểm và thứ hạng không đổi so với năm 2023."),
        (D("2"), None, "Tăng 2,00 điểm so với năm 2023."),
        (None, 2, "Tăng 2 bậc so với năm 2023 (theo nguồn)."),
        (None, -2, "Giảm 2 bậc so với năm 2023 (theo nguồn)."),
    ],
)
def test_a_movement_is_said_in_both_directions(points, places, sentence):
    result = make_result(total=D("90"), rank=1, rank_of=3, points_change=points, rank_change=places)
    assert sentence in result_sentences(result)


def test_a_change_that_a_source_printed_is_said_as_it_printed_it():
    printed = Figure(D("0.8000"), source=Source(slug="nguon"))
    result = replace(make_result(total=D("90"), rank=1, rank_of=3), points_change=printed)
    assert "Tăng 0,8 điểm so với năm 2023." in result_sentences(result)
    assert signed_change(printed) == "+0,8"
    assert signed_change(Figure(D("0.8"))) == "+0,80"


def test_a_year_that_cannot_be_compared_says_why():
    result = make_result(total=D("90"), rank=1, rank_of=3, no_movement="đơn vị vừa sắp xếp")
    assert "Không so sánh với năm 2023: đơn vị vừa sắp xếp." in result_sentences(result)


def test_an_unranked_unit_says_why():
    said = result_sentences(make_result(unranked="không nộp báo cáo"))
    assert said == ["Năm 2024, Huyện Thử không được xếp hạng: không nộp báo cáo."]


def test_a_tie_is_named():
    said = result_sentences(make_result(total=D("87.05"), rank=8, rank_of=12, is_tied=True))
    assert said == ["Năm 2024, Huyện Thử đạt 87,05 điểm, xếp thứ 8/12 (đồng hạng)."]


def test_an_unknown_number_of_units_is_a_question_mark():
    [said] = result_sentences(make_result(total=D("90"), rank=23))
    assert said == "Năm 2024, Huyện Thử đạt 90,00 điểm, xếp thứ 23/?."


def test_a_total_that_falls_while_a_part_rises_says_so():
    parts = (
        PartResult("appraised", "Điểm thẩm định", points_change=Figure(D("0.5"))),
        PartResult("survey", "Điểm điều tra xã hội học", points_change=Figure(D("-2"))),
    )
    said = result_sentences(make_result(total=D("80"), points_change=D("-1.5"), parts=parts))
    assert said[-1] == (
        "Tổng điểm giảm (−1,50) dù điểm thẩm định tăng (+0,50); điểm điều tra xã hội học −2,00."
    )


def test_a_derived_fall_is_called_derived():
    parts = (
        PartResult("appraised", "Điểm thẩm định", points_change=Figure(D("-1.06"), Quality.DERIVED)),
        PartResult("survey", "Điểm điều tra xã hội học", points_change=Figure(D("1.86"))),
    )
    said = result_sentences(make_result(total=D("92.41"), points_change=D("0.8"), parts=parts))
    assert "số suy ra" in said[-1]


def make_dashboard(total: D, areas: tuple[AreaResult, ...] = ()) -> Dashboard:
    result = make_result(total=total)
    return Dashboard(
        unit=result.unit,
        organiser=result.year.organiser,
        year=2024,
        assessment_year=result.year,
        result=result,
        spread=TotalSpread(D("85"), D("95"), D("70"), 12),
        areas=areas,
        history=(),
        dossiers=(),
        figures=None,
        years=(2024,),
        sources=(),
    )


def make_area(code: str, points: str, mean: str) -> AreaResult:
    return AreaResult(
        code, f"Lĩnh vực {code}", D(points), D(10), D(mean), D(10), D(1), 1, 12, False, None, ()
    )


@pytest.mark.parametrize(
    ("total", "sentence"),
    [
        ("90", "Cao hơn mức trung bình (85,00) 5,00 điểm; kém đơn vị cao nhất (95,00) 5,00 điểm."),
        ("80", "Thấp hơn mức trung bình (85,00) 5,00 điểm; kém đơn vị cao nhất (95,00) 15,00 điểm."),
        ("95", "Cao nhất trong các đơn vị; hơn mức trung bình (85,00) 10,00 điểm."),
    ],
)
def test_a_total_is_compared_with_the_mean_and_the_best(total, sentence):
    assert comparison_sentences(make_dashboard(D(total))) == [sentence]


@pytest.mark.parametrize(
    ("areas", "sentence"),
    [
        (
            (("1", "9", "8"), ("2", "5", "6")),
            "So với mức trung bình, mạnh nhất ở lĩnh vực “Lĩnh vực 1”, yếu nhất ở “Lĩnh vực 2”.",
        ),
        (
            (("1", "9", "8"), ("2", "6", "6")),
            "Bằng hoặc cao hơn mức trung bình ở mọi lĩnh vực; nổi trội nhất là “Lĩnh vực 1”.",
        ),
        (
            (("1", "8", "8"), ("2", "5", "6")),
            "Chưa vượt mức trung bình ở lĩnh vực nào; cách xa nhất là “Lĩnh vực 2”.",
        ),
    ],
)
def test_areas_are_named_by_their_distance_to_the_mean(areas, sentence):
    board = make_dashboard(D("90"), tuple(make_area(*a) for a in areas))
    assert comparison_sentences(board)[-1] == sentence
