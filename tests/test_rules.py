"""Scoring rules: each kind's points, the policies for what does not apply, and what is refused."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal as D
from fractions import Fraction
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from reports.rule_prose import not_applicable, prose, zero_denominator
from reports.rules import InputError, RatioRule, Reason, Rule, SchemaError, State, evaluate, parse, variables

Declared = dict[str, Any]
RATIO: Declared = {
    "numerator": {"name": "done", "label": "việc xong"},
    "denominator": {"name": "all", "label": "việc được giao"},
    "not_applicable": "leaves_maximum",
    "zero_denominator": "not_applicable",
}
YES_NO: Declared = {"kind": "yes_no", "not_applicable": "leaves_maximum"}
LEVELS: Declared = {
    "kind": "levels",
    "levels": [
        {"key": "full", "label": "Đủ", "points": "2"},
        {"key": "partial", "label": "Thiếu", "points": "0.5"},
        {"key": "none", "label": "Không", "points": "0"},
    ],
    "not_applicable": "leaves_maximum",
}
THRESHOLDS: Declared = {
    "kind": "thresholds",
    "steps": [{"from_percent": "98", "points": "2"}, {"from_percent": "95", "points": "1"}],
    "below_points": "0",
    **RATIO,
}
PROPORTIONAL: Declared = {"kind": "proportional", "target_percent": "80", "floor_percent": "50", **RATIO}
COUNT: Declared = {
    "kind": "count",
    "item": {"name": "items", "label": "sáng kiến"},
    "points_each": "0.5",
    "not_applicable": "leaves_maximum",
}
DEDUCTION: Declared = {
    "kind": "deduction",
    "event": {"name": "events", "label": "vi phạm"},
    "points_each": "0.75",
    "not_applicable": "full_points",
}
SURVEY: Declared = {
    "kind": "survey",
    "questions": 2,
    "respondents": "người dân",
    "options": [
        {"key": "A", "weight_percent": "100"},
        {"key": "B", "weight_percent": "60"},
        {"key": "C", "weight_percent": "20"},
        {"key": "D", "weight_percent": "0"},
    ],
    "not_applicable": "leaves_maximum",
    "zero_denominator": "not_applicable",
}
GROUPED: Declared = {
    **SURVEY,
    "groups": [
        {"key": "people", "label": "Người dân", "weight_percent": "75"},
        {"key": "heads", "label": "Lãnh đạo sở", "weight_percent": "25"},
    ],
}
PERCENT: Declared = {
    "kind": "percent_of_max",
    "percent": {"name": "sipas", "label": "chỉ số hài lòng", "binding": "satisfaction.sipas.percent"},
    "not_applicable": "leaves_maximum",
}
BONUS: Declared = {
    "kind": "bonus",
    "event": {"name": "awards", "label": "giải thưởng"},
    "points_each": "1",
    "yearly_cap": "3",
    "not_applicable": "leaves_maximum",
}
PENALTY: Declared = {**BONUS, "kind": "penalty"}
ALL = (YES_NO, LEVELS, THRESHOLDS, PROPORTIONAL, COUNT, DEDUCTION, SURVEY, PERCENT)


def rule(declared: Mapping[str, Any], max_points: str = "2") -> Rule:
    return parse(declared, D(max_points))


@pytest.mark.parametrize(
    ("declared", "inputs", "points"),
    [
        (YES_NO, {"answer": True}, "2"),
        (YES_NO, {"answer": False}, "0"),
        (LEVELS, {"level": "full"}, "2"),
        (LEVELS, {"level": "partial"}, "0.5"),
        (THRESHOLDS, {"done": 98, "all": 100}, "2"),
        (THRESHOLDS, {"done": 9799, "all": 10000}, "1"),
        (THRESHOLDS, {"done": 95, "all": 100}, "1"),
        (THRESHOLDS, {"done": 9499, "all": 10000}, "0"),
        (PROPORTIONAL, {"done": 60, "all": 100}, "1.5"),
        (PROPORTIONAL, {"done": 50, "all": 100}, "1.25"),
        (PROPORTIONAL, {"done": 49, "all": 100}, "0"),
        (PROPORTIONAL, {"done": 95, "all": 100}, "2"),
        (PROPORTIONAL, {"done": D("37.5"), "all": D("62.5")}, "1.5"),
        ({**PROPORTIONAL, "cap_points": "1.5"}, {"done": 100, "all": 100}, "1.5"),
        (COUNT, {"items": 0}, "0"),
        (COUNT, {"items": 3}, "1.5"),
        (COUNT, {"items": 9}, "2"),
        (DEDUCTION, {"events": 0}, "2"),
        (DEDUCTION, {"events": 2}, "0.5"),
        (DEDUCTION, {"events": 3}, "0"),
        (SURVEY, {"answers": [{"A": 10}, {"D": 10}]}, "1"),
        (SURVEY, {"answers": [{"A": 1, "B": 1, "C": 1, "D": 1}, {"B": 5}]}, "1.05"),
        (SURVEY, {"answers": [{"B": 7}, {}]}, "1.2"),
        (PERCENT, {"sipas": D("98.6")}, "1.972"),
        (BONUS, {"awards": 2}, "2"),
        (BONUS, {"awards": 5}, "3"),
        (PENALTY, {"awards": 5}, "3"),
    ],
)
def test_points_follow_the_rule(declared: Mapping[str, Any], inputs: Mapping[str, Any], points: str) -> None:
    outcome = evaluate(rule(declared), inputs)
    assert (outcome.state, outcome.points) == (State.VALUE, D(points))


def test_a_third_stays_exact() -> None:
    outcome = evaluate(
        rule(PROPORTIONAL | {"target_percent": "100", "floor_percent": "0"}), {"done": 1, "all": 3}
    )
    assert (outcome.exact, outcome.ratio) == (Fraction(2, 3), Fraction(1, 3))


def test_clauses_that_decided_are_named() -> None:
    proportional = rule(PROPORTIONAL)
    assert evaluate(proportional, {"done": 1, "all": 10}).reason == Reason.BELOW_FLOOR
    assert evaluate(proportional, {"done": 9, "all": 10}).reason == Reason.CAPPED


@pytest.mark.parametrize(
    ("policy", "state", "points", "maximum"),
    [
        ({"not_applicable": "leaves_maximum"}, State.NOT_APPLICABLE, None, "0"),
        ({"not_applicable": "full_points"}, State.VALUE, D(2), "2"),
    ],
)
def test_what_does_not_apply_follows_the_components_policy(
    policy: Mapping[str, str], state: State, points: D | None, maximum: str
) -> None:
    outcome = evaluate(rule({**PROPORTIONAL, **policy}), {}, applies=False)
    assert (outcome.state, outcome.points, outcome.max_points) == (state, points, D(maximum))


@pytest.mark.parametrize(
    ("zero", "applicable", "state", "points"),
    [
        ("full_points", "leaves_maximum", State.VALUE, D(2)),
        ("zero", "leaves_maximum", State.VALUE, D(0)),
        ("not_applicable", "leaves_maximum", State.NOT_APPLICABLE, None),
        ("not_applicable", "full_points", State.VALUE, D(2)),
    ],
)
def test_zero_denominator_follows_the_components_policy(
    zero: str, applicable: str, state: State, points: D | None
) -> None:
    policies = {"zero_denominator": zero, "not_applicable": applicable}
    outcome = evaluate(rule({**PROPORTIONAL, **policies}), {"done": 0, "all": 0})
    assert (outcome.state, outcome.points, outcome.reason) == (state, points, Reason.ZERO_DENOMINATOR)


def test_a_survey_without_answers_has_no_denominator() -> None:
    assert evaluate(rule(SURVEY), {"answers": [{}, {"A": 0}]}).state == State.NOT_APPLICABLE


@pytest.mark.parametrize("declared", ALL)
def test_a_missing_input_is_not_entered_and_never_zero(declared: Mapping[str, Any]) -> None:
    outcome = evaluate(rule(declared), {})
    assert (outcome.state, outcome.points) == (State.NOT_ENTERED, None)
    assert outcome.missing


@pytest.mark.parametrize(
    ("declared", "inputs"),
    [
        (YES_NO, {"answer": 1}),
        (LEVELS, {"level": "other"}),
        (PROPORTIONAL, {"done": -1, "all": 3}),
        (PROPORTIONAL, {"done": 1.5, "all": 3}),
        (PROPORTIONAL, {"done": D("NaN"), "all": 3}),
        (PROPORTIONAL, {"done": 1, "all": 0}),
        (COUNT, {"items": D("1.5")}),
        (PERCENT, {"sipas": 101}),
        (SURVEY, {"answers": [{"A": 1}]}),
        (SURVEY, {"answers": [{"A": 1}, {"E": 1}]}),
    ],
)
def test_impossible_inputs_are_refused(declared: Mapping[str, Any], inputs: Mapping[str, Any]) -> None:
    with pytest.raises(InputError):
        evaluate(rule(declared), inputs)


@pytest.mark.parametrize(
    ("declared", "path"),
    [
        ([], "rule"),
        ({"kind": "magic"}, "rule.kind"),
        ({"kind": "yes_no"}, "rule.not_applicable"),
        ({**YES_NO, "not_applicable": "half"}, "rule.not_applicable"),
        ({**YES_NO, "extra": 1}, "rule.extra"),
        ({**PROPORTIONAL, "target_percent": 80.5}, "rule.target_percent"),
        ({**PROPORTIONAL, "target_percent": "tám mươi"}, "rule.target_percent"),
        ({**PROPORTIONAL, "target_percent": "0"}, "rule.target_percent"),
        ({**PROPORTIONAL, "floor_percent": "90"}, "rule.floor_percent"),
        ({**PROPORTIONAL, "denominator": RATIO["numerator"]}, "rule.denominator.name"),
        ({**PROPORTIONAL, "numerator": {"name": "Việc", "label": "x"}}, "rule.numerator.name"),
        ({**PERCENT, "percent": {"name": "p", "label": "x", "binding": "no.such"}}, "rule.percent.binding"),
        ({**LEVELS, "levels": LEVELS["levels"][1:]}, "rule.levels"),
        ({**LEVELS, "levels": LEVELS["levels"][::-1]}, "rule.levels"),
        ({**LEVELS, "levels": []}, "rule.levels"),
        ({**LEVELS, "levels": [{"key": "a", "label": "x", "points": "3"}]}, "rule.levels[0].points"),
        ({**THRESHOLDS, "steps": THRESHOLDS["steps"][::-1]}, "rule.steps"),
        ({**THRESHOLDS, "below_points": "1.5"}, "rule.steps"),
        ({**SURVEY, "questions": "1.5"}, "rule.questions"),
        ({**SURVEY, "options": [{"key": "A", "weight_percent": "90"}]}, "rule.options"),
        ({**SURVEY, "groups": []}, "rule.groups"),
        ({**SURVEY, "groups": [{"key": "a", "label": "x", "weight_percent": "90"}]}, "rule.groups"),
        (
            {**SURVEY, "groups": [{"key": "a", "label": "x", "weight_percent": "0"}]},
            "rule.groups[0].weight_percent",
        ),
        ({**SURVEY, "groups": [{"key": "a", "label": "x", "weight_percent": "50"}] * 2}, "rule.groups"),
        (
            {**SURVEY, "groups": [{"key": "a" * 41, "label": "x", "weight_percent": "100"}]},
            "rule.groups[0].key",
        ),
    ],
)
def test_what_is_not_a_rule_is_refused_with_its_place(declared: Any, path: str) -> None:
    with pytest.raises(SchemaError) as error:
        rule(declared)
    assert error.value.path == path


def test_variables_keep_their_binding_to_the_systems_figures() -> None:
    assert [variable.binding for variable in variables(rule(PERCENT))] == ["satisfaction.sipas.percent"]
    assert [variable.name for variable in variables(rule(PROPORTIONAL))] == ["done", "all"]


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        (YES_NO, "Có: 2 điểm. Không: 0 điểm."),
        (LEVELS, "Đủ: 2 điểm. Thiếu: 0,5 điểm. Không: 0 điểm."),
        (
            THRESHOLDS,
            "Tỷ lệ = việc xong / việc được giao. Từ 98 % trở lên: 2 điểm. "
            "Từ 95 % đến dưới 98 %: 1 điểm. Dưới 95 %: 0 điểm.",
        ),
        (
            PROPORTIONAL,
            "Tỷ lệ = việc xong / việc được giao. Điểm = 2 × tỷ lệ / 80 %, tối đa 2 điểm. "
            "Tỷ lệ dưới 50 %: 0 điểm.",
        ),
        (COUNT, "Mỗi sáng kiến: 0,5 điểm, tối đa 2 điểm."),
        (DEDUCTION, "Tính từ 2 điểm; mỗi vi phạm trừ 0,75 điểm, thấp nhất là 0 điểm."),
        (
            SURVEY,
            "Điểm = 2 × trọng số trung bình của 2 câu hỏi (A = 100 %, B = 60 %, C = 20 %, D = 0 %). "
            "Đối tượng khảo sát: người dân.",
        ),
        (
            GROUPED,
            "Điểm = 2 × trọng số trung bình của 2 câu hỏi (A = 100 %, B = 60 %, C = 20 %, D = 0 %). "
            "Đối tượng khảo sát: người dân. Tính riêng từng nhóm rồi lấy theo tỷ trọng: "
            "Người dân 75 %, Lãnh đạo sở 25 %; bỏ nhóm không có phiếu.",
        ),
        (PERCENT, "Điểm = 2 × chỉ số hài lòng."),
        (BONUS, "Mỗi giải thưởng cộng 1 điểm ngoài thang điểm, tối đa 3 điểm một năm."),
        (PENALTY, "Mỗi giải thưởng trừ 1 điểm ngoài thang điểm, tối đa 3 điểm một năm."),
    ],
)
def test_prose_is_generated_from_the_rule(declared: Mapping[str, Any], words: str) -> None:
    with translation.override("vi"):
        assert prose(rule(declared)).replace("\u202f", " ") == words


def test_policies_are_said_in_words() -> None:
    assert not_applicable(rule(DEDUCTION)) == "Không áp dụng: tính điểm tối đa."
    assert zero_denominator(rule(THRESHOLDS)) == "Không phát sinh (mẫu số bằng 0): coi là không áp dụng."
    assert zero_denominator(rule(DEDUCTION)) == ""


counts = st.integers(min_value=0, max_value=10_000)
ratio_rules = st.sampled_from([THRESHOLDS, PROPORTIONAL]).map(rule)


@given(ratio_rules, counts, counts, st.integers(min_value=1, max_value=10_000))
def test_a_higher_ratio_never_earns_less(scored: Rule, one: int, other: int, denominator: int) -> None:
    low, high = sorted((one, other))
    less = evaluate(scored, {"done": low, "all": denominator}).exact
    more = evaluate(scored, {"done": high, "all": denominator}).exact
    assert less is not None
    assert more is not None
    assert 0 <= less <= more <= scored.max_points


@given(counts, counts)
def test_counted_points_stay_between_zero_and_the_maximum(items: int, events: int) -> None:
    counted, deducted = evaluate(rule(COUNT), {"items": items}), evaluate(rule(DEDUCTION), {"events": events})
    assert 0 <= (counted.exact or 0) <= 2
    assert 0 <= (deducted.exact or 0) <= 2


answer_counts = st.dictionaries(st.sampled_from("ABCD"), st.integers(min_value=0, max_value=500))


@given(st.tuples(answer_counts, answer_counts))
def test_a_survey_stays_between_zero_and_the_maximum(answers: tuple[dict[str, int], ...]) -> None:
    outcome = evaluate(rule(SURVEY), {"answers": answers})
    has_answers = any(sum(question.values()) for question in answers)
    assert (outcome.state == State.VALUE) == has_answers
    assert 0 <= (outcome.exact or 0) <= 2


def test_the_opinion_of_a_group_weighs_what_the_rule_says_however_many_answered() -> None:
    answers = {"people": [{"A": 900}, {"B": 900}], "heads": [{"D": 1}, {"D": 3}]}
    # 0.75 × (1 + 0.6) / 2 + 0.25 × 0 = 0.6
    assert evaluate(rule(GROUPED), {"answers": answers}).exact == Fraction(12, 10)


def test_a_group_that_did_not_answer_leaves_the_weighing() -> None:
    answers = {"people": [{"A": 0}, {}], "heads": [{"B": 1}, {"B": 3}]}
    assert evaluate(rule(GROUPED), {"answers": answers}).exact == Fraction(12, 10)
    assert evaluate(rule(GROUPED), {"answers": {"people": [{}, {}]}}).reason == Reason.ZERO_DENOMINATOR


@pytest.mark.parametrize(
    "answers", [{"": [{"A": 1}, {"A": 1}]}, {"people": [{"A": 1}]}, {"people": [{"A": -1}, {}]}]
)
def test_answers_of_an_unknown_group_or_of_too_few_questions_are_refused(answers: Any) -> None:
    with pytest.raises(InputError):
        evaluate(rule(GROUPED), {"answers": answers})


two_questions = st.lists(answer_counts, min_size=2, max_size=2)
grouped_answers = st.fixed_dictionaries({"people": two_questions, "heads": two_questions})


@given(grouped_answers, st.integers(min_value=1, max_value=9))
def test_more_forms_of_the_same_distribution_change_nothing(answers: dict[str, Any], times: int) -> None:
    more = {
        **answers,
        "people": [{key: times * n for key, n in counts.items()} for counts in answers["people"]],
    }
    assert (
        evaluate(rule(GROUPED), {"answers": more}).exact
        == evaluate(rule(GROUPED), {"answers": answers}).exact
    )


@given(grouped_answers)
def test_the_order_in_which_options_and_groups_are_counted_does_not_matter(answers: dict[str, Any]) -> None:
    turned = {
        group: [dict(reversed(counts.items())) for counts in asked]
        for group, asked in reversed(answers.items())
    }
    assert evaluate(rule(GROUPED), {"answers": turned}) == evaluate(rule(GROUPED), {"answers": answers})


@given(st.integers(min_value=1, max_value=500), st.integers(min_value=0, max_value=500))
def test_only_the_best_answer_of_all_gives_full_points(people: int, heads: int) -> None:
    answers = {"people": [{"A": people}] * 2, "heads": [{"A": heads}] * 2}
    assert evaluate(rule(GROUPED), {"answers": answers}).exact == 2
    answers["people"] = [{"A": people}, {"A": people, "B": 1}]
    less = evaluate(rule(GROUPED), {"answers": answers}).exact
    assert less is not None and less < 2


def ratio(numerator: Declared, denominator: Declared, **more: Any) -> RatioRule:
    declared = {
        "kind": "proportional",
        "target_percent": "100",
        "numerator": {"name": "a", **numerator},
        "denominator": {"name": "b", **denominator},
        "not_applicable": "leaves_maximum",
        "zero_denominator": "zero",
        **more,
    }
    rule = parse(declared, D(2))
    assert isinstance(rule, RatioRule)
    return rule


@pytest.mark.parametrize(
    ("part", "whole", "more", "measure", "above"),
    [
        ("văn bản điện tử có chữ ký số", "văn bản đã trao đổi", {}, "count", "explained"),
        ("thu ngân sách (triệu đồng)", "dự toán thu được giao (triệu đồng)", {}, "amount", "allowed"),
        ("kinh phí đã chi", "kinh phí được giao", {}, "amount", "allowed"),
        ("diện tích đã cấp (ha)", "diện tích phải cấp (ha)", {}, "amount", "allowed"),
        ("nhiệm vụ hoàn thành", "nhiệm vụ được giao", {"target_percent": "120"}, "count", "allowed"),
        ("vốn đã giải ngân (triệu đồng)", "vốn được giao", {"above_100": "refused"}, "amount", "refused"),
        ("hồ sơ vượt", "hồ sơ được giao", {"above_100": "allowed"}, "count", "allowed"),
        ("sản lượng", "sản lượng được giao", {}, "amount", "allowed"),
        ("tổng thời gian xử lý hồ sơ (ngày)", "thời gian quy định", {}, "amount", "allowed"),
        ("tỷ lệ hồ sơ đúng hạn", "tỷ lệ được giao", {}, "amount", "allowed"),
        ("giá trị hồ sơ", "giá trị được duyệt", {}, "amount", "allowed"),
    ],
)
def test_what_a_rule_does_not_declare_of_its_numbers_is_told_by_their_labels(
    part, whole, more, measure, above
):
    rule = ratio({"label": part}, {"label": whole}, **more)
    assert (rule.numerator.measure, rule.above_whole) == (measure, above)


def test_a_declared_measure_goes_before_the_label():
    rule = ratio({"label": "kinh phí", "measure": "count"}, {"label": "hồ sơ", "measure": "amount"})
    assert (rule.numerator.measure, rule.denominator.measure) == ("count", "amount")
    with pytest.raises(SchemaError, match=r"rule\.numerator\.measure"):
        ratio({"label": "hồ sơ", "measure": "tờ"}, {"label": "hồ sơ"})


def test_an_event_is_counted_whatever_it_is_called():
    rule = parse(
        {
            "kind": "deduction",
            "event": {"name": "events", "label": "lần chậm giải ngân vốn"},
            "points_each": "1",
            "not_applicable": "leaves_maximum",
        },
        D(2),
    )
    assert [variable.measure for variable in variables(rule)] == ["count"]
