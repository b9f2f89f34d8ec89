"""Answers of a survey: counted by option, written with the points they give, locked as survey points are."""

from dataclasses import replace
from decimal import Decimal as D
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from districts.access import Denied
from districts.audit import Act
from districts.models import Change
from reports import rules
from reports.models import Score, SurveyAnswerCount, SurveyRound
from reports.survey_points import counts_of
from reports.survey_tally import Place, digest, places, tally
from reports.workflow import WorkflowError
from reports.workflow.entering import CellWrite, write_cells
from reports.workflow.survey_answers import AnswerWrite, remove_round, write_answers, write_round

from .factories import SURVEY_RULE, make_office_year, make_survey_component, make_user

pytestmark = pytest.mark.django_db
RULE = rules.parse(dict(SURVEY_RULE), D(4))
assert isinstance(RULE, rules.Survey)
GROUPS = [
    {"key": "people", "label": "Người dân", "weight_percent": "75"},
    {"key": "heads", "label": "Lãnh đạo sở", "weight_percent": "25"},
]


@pytest.fixture
def office():
    return make_office_year("round1")


@pytest.fixture
def leaf(office):
    return make_survey_component(office.criteria_set)


@pytest.fixture
def round_(office):
    return SurveyRound.objects.create(assessment_year=office.year, name="Đợt 1")


def act(office, who="appraiser", reason=""):
    return Act(office.people[who], Change.How.FORM, reason)


def counts(*questions, group=""):
    """Return counts by place from one {option: count} a question."""
    return {
        Place(number, group, option): count
        for number, asked in enumerate(questions, 1)
        for option, count in asked.items()
    }


def write(office, leaf, round_, *questions, who="appraiser", reason="", sheet="an", **fields):
    group = fields.pop("group", "")
    asked = AnswerWrite(office.sheets[sheet], leaf.pk, counts(*questions, group=group), **fields)
    return write_answers(round_, [asked], act(office, who, reason))[0]


def points(office, leaf, sheet="an"):
    score = Score.objects.get(sheet=office.sheets[sheet], criterion=leaf)
    return score.survey_state, score.survey_points


# What counts say


def test_a_tally_keeps_forms_answers_shares_and_the_mean():
    told = tally(RULE, counts({"A": 3, "B": 1}, {"A": 1, "C": 4}))
    assert told is not None
    assert (told.forms, told.answers, told.mean) == (5, 9, Fraction(11, 20))
    assert [(one.option.key, one.count) for one in told.chosen] == [("A", 4), ("B", 1), ("C", 4)]
    assert told.chosen[0].share == Fraction(4, 9)
    assert told.outcome.points == D("2.2")


def test_nothing_counted_is_not_the_same_as_nobody():
    assert tally(RULE, {}) is None
    nobody = tally(RULE, {Place(1, "", "A"): 0})
    assert nobody is not None and nobody.outcome.reason == rules.Reason.ZERO_DENOMINATOR
    assert digest({Place(1, "", "A"): 0}) != digest({Place(1, "", "A"): None})


def test_places_follow_the_rule():
    assert places(RULE)[:4] == [Place(1, "", "A"), Place(1, "", "B"), Place(1, "", "C"), Place(2, "", "A")]


@given(st.dictionaries(st.sampled_from(places(RULE)), st.integers(0, 500)))
def test_shares_of_the_options_add_up_to_all_who_answered(counted):
    told = tally(RULE, counted)
    if told is not None and told.answers:
        assert sum(one.share or 0 for one in told.chosen) == 1
        assert told.mean is not None and 0 <= told.mean <= 1


# Rounds


@pytest.mark.parametrize(
    ("who", "may"), [("appraiser", True), ("administrator", True), ("overseer", False), ("lead", False)]
)
def test_the_organiser_s_appraiser_and_administrator_set_rounds_up(office, who, may):
    row = SurveyRound(assessment_year=office.year)
    if may:
        write_round(row, {"name": "Đợt 1", "forms_sent": 10}, act(office, who))
        fields = set(Change.objects.values_list("field", "after"))
        assert fields >= {("name", "Đợt 1"), ("forms_sent", "10")}
    else:
        with pytest.raises(Denied):
            write_round(row, {"name": "Đợt 1"}, act(office, who))


def test_more_valid_forms_than_were_sent_are_refused(office):
    row = SurveyRound(assessment_year=office.year)
    with pytest.raises(ValidationError, match="không thể lớn hơn"):
        write_round(row, {"name": "Đợt 1", "forms_sent": 10, "forms_valid": 11}, act(office))


def test_the_same_values_again_are_no_change(office, round_):
    write_round(round_, {"name": "Đợt 1"}, act(office))
    assert not Change.objects.exists()


def test_a_round_goes_only_while_nothing_was_counted_in_it(office, leaf, round_):
    write(office, leaf, round_, {"A": 1})
    with pytest.raises(WorkflowError, match="đã có phiếu"):
        remove_round(round_, act(office))
    write(office, leaf, round_, {"A": None})
    remove_round(round_, act(office))
    assert not SurveyRound.objects.exists()
    assert Change.objects.filter(field="name", before="Đợt 1", after=None).exists()


# Answers and points


def test_answers_give_the_points_of_the_rule_in_the_same_step(office, leaf, round_):
    assert write(office, leaf, round_, {"A": 3, "B": 1}, {"A": 1, "C": 4}).outcome == "saved"
    assert points(office, leaf) == ("value", D("2.2"))
    assert SurveyAnswerCount.objects.count() == 4


def test_several_rounds_add_up(office, leaf, round_):
    other = SurveyRound.objects.create(assessment_year=office.year, name="Đợt 2")
    write(office, leaf, round_, {"A": 1}, {"A": 1})
    write(office, leaf, other, {"C": 3}, {"C": 3})
    assert points(office, leaf) == ("value", D(1))
    both = counts_of([office.sheet.pk], [leaf.pk])[office.sheet.pk, leaf.pk]
    assert both[Place(1, "", "A")] == 1 and both[Place(1, "", "C")] == 3


def test_groups_weigh_what_the_rule_says(office, round_):
    leaf = make_survey_component(office.criteria_set, groups=GROUPS)
    write(office, leaf, round_, {"A": 90}, {"A": 90}, group="people")
    write(office, leaf, round_, {"C": 2}, {"C": 2}, group="heads")
    assert points(office, leaf) == ("value", D(3))


def test_a_third_is_stored_to_four_decimals_without_a_reason(office, leaf, round_):
    assert write(office, leaf, round_, {"A": 1, "C": 2}).outcome == "saved"
    assert points(office, leaf) == ("value", D("1.3333"))


def test_a_place_that_is_not_named_stays_as_it_is(office, leaf, round_):
    write(office, leaf, round_, {"A": 3}, {"A": 1})
    write(office, leaf, round_, {"C": 3})
    assert points(office, leaf) == ("value", D(3))


def test_taking_all_answers_away_makes_the_cell_not_entered_again(office, leaf, round_):
    write(office, leaf, round_, {"A": 3}, {"A": 1})
    write(office, leaf, round_, {"A": None}, {"A": None})
    assert points(office, leaf) == ("not_entered", None)
    assert not SurveyAnswerCount.objects.exists()


def test_nobody_answered_is_said_by_the_rule(office, leaf, round_):
    write(office, leaf, round_, {"A": 0}, {"A": 0})
    assert points(office, leaf) == ("not_applicable", None)


def test_points_other_than_what_the_answers_give_need_a_reason(office, leaf, round_):
    write(office, leaf, round_, {"A": 3, "B": 1}, {"A": 1, "C": 4})
    typed = CellWrite(leaf.pk, "survey", "value", D(3))
    refused = write_cells(office.sheet, [typed], act(office))[0]
    assert (refused.outcome, refused.message) == (
        "refused",
        "Số phiếu đã nhập cho 2,2 điểm; phải nêu lý do ghi khác.",
    )
    emptied = CellWrite(leaf.pk, "survey", "not_entered")
    assert write_cells(office.sheet, [emptied], act(office))[0].outcome == "refused"
    said = replace(typed, reason="Theo kết quả phúc tra")
    assert write_cells(office.sheet, [said], act(office))[0].outcome == "saved"


def test_points_without_answers_are_typed_as_ever(office, leaf):
    assert (
        write_cells(office.sheet, [CellWrite(leaf.pk, "survey", "value", D(3))], act(office))[0].outcome
        == "saved"
    )


def test_the_log_has_each_question_before_and_after_and_the_points(office, leaf, round_):
    write(office, leaf, round_, {"A": 3, "B": 1})
    write(office, leaf, round_, {"B": 2})
    told = (
        Change.objects.filter(field="answers").order_by("pk").values_list("label", "before", "after", "unit")
    )
    an = office.units["an"].pk
    assert list(told) == [
        ("2.3 câu 1 · Đợt 1", None, "A 3 · B 1", an),
        ("2.3 câu 1 · Đợt 1", "A 3 · B 1", "A 3 · B 2", an),
    ]
    assert list(
        Change.objects.filter(field="survey_points").order_by("pk").values_list("after", flat=True)
    ) == [
        "3.6",
        "3.36",
    ]


def test_who_did_not_see_what_stands_is_told_and_writes_nothing(office, leaf, round_):
    seen = digest({Place(1, "", "A"): None})
    assert write(office, leaf, round_, {"A": 3}, seen=seen).outcome == "saved"
    late = write(office, leaf, round_, {"A": 5}, seen=seen)
    assert (late.outcome, SurveyAnswerCount.objects.get().count) == ("conflict", 3)
    assert write(office, leaf, round_, {"A": 3}, seen=seen).outcome == "unchanged"


@pytest.mark.parametrize(
    ("code", "place", "count", "message"),
    [
        ("2.3", Place(3, "", "A"), 1, "không có câu 3"),
        ("2.3", Place(1, "", "Z"), 1, "không có phương án “Z”"),
        ("2.3", Place(1, "x", "A"), 1, "không có nhóm trả lời “x”"),
        ("2.3", Place(1, "", "A"), -1, "từ 0 trở lên"),
        ("2.2", Place(1, "", "A"), 1, "không tính điểm từ phiếu"),
        ("1.1", Place(1, "", "A"), 1, "không tính điểm từ phiếu"),
    ],
)
def test_what_the_rule_does_not_ask_is_refused(office, leaf, round_, code, place, count, message):
    asked = AnswerWrite(office.sheet, office.criteria_set.criteria.get(code=code).pk, {place: count})
    result = write_answers(round_, [asked], act(office))[0]
    assert result.outcome == "refused" and message in result.message
    assert not SurveyAnswerCount.objects.exists()


@pytest.mark.parametrize("who", ["lead", "reporter", "overseer", "administrator"])
def test_answers_are_written_by_who_appraises_and_nobody_else_learns_of_them(office, leaf, round_, who):
    write(office, leaf, round_, {"A": 3})
    for count in (3, 4):
        with pytest.raises(Denied):
            write(office, leaf, round_, {"A": count}, who=who)


def test_an_appraiser_of_other_components_is_refused(office, leaf, round_):
    person = make_user("phong")
    office.year.assignments.create(criterion=office.leaves["2.2"], user=person, task="appraise")
    asked = AnswerWrite(office.sheet, leaf.pk, counts({"A": 1}))
    result = write_answers(round_, [asked], Act(person, Change.How.FORM))[0]
    assert (result.outcome, result.message) == ("refused", "Tiêu chí này được phân công cho người khác.")


def test_a_decided_result_is_changed_by_its_publisher_with_a_reason_only(leaf, office, round_):
    office.year.stage = "final"
    office.year.save()
    with pytest.raises(Denied):
        write(office, leaf, round_, {"A": 3})
    assert write(office, leaf, round_, {"A": 3}, who="publisher").outcome == "refused"
    assert write(office, leaf, round_, {"A": 3}, who="publisher", reason="Đính chính").outcome == "saved"
    assert points(office, leaf) == ("value", D(4))


def test_a_year_that_is_not_open_takes_no_answers(office, leaf, round_):
    office.year.stage = "prepare"
    office.year.save()
    assert write(office, leaf, round_, {"A": 3}).outcome == "refused"
    assert not SurveyAnswerCount.objects.exists()


def test_sheets_of_another_year_are_refused(office, leaf, round_):
    other = SurveyRound.objects.create(
        assessment_year=type(office.year).objects.create(
            organiser=office.organiser, year=2024, group=office.year.group
        ),
        name="Năm khác",
    )
    with pytest.raises(WorkflowError, match="không thuộc năm"):
        write(office, leaf, other, {"A": 3})


def test_queries_do_not_grow_with_sheets_and_questions(office, leaf, round_, django_assert_max_num_queries):
    other = make_survey_component(office.criteria_set, "2.4")
    writes = [
        AnswerWrite(sheet, one.pk, counts({"A": 3, "B": 2, "C": 1}, {"A": 1, "B": 2}))
        for sheet in office.sheets.values()
        for one in (leaf, other)
    ]
    with django_assert_max_num_queries(34):
        results = write_answers(round_, writes, act(office))
    assert {one.outcome for one in results} == {"saved"}
    assert SurveyAnswerCount.objects.count() == 30
