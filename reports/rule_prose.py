"""What does a rule say? The sentences a public page prints, generated from the declared rule."""

from __future__ import annotations

from functools import singledispatch
from itertools import pairwise

from django.utils.translation import gettext as _

from .numbers_vi import number, percent
from .rules import (
    Adjustment,
    Count,
    Deduction,
    Levels,
    NotApplicable,
    PercentOfMax,
    Proportional,
    RatioRule,
    Rule,
    Survey,
    Thresholds,
    YesNo,
    ZeroDenominator,
)


def prose(rule: Rule) -> str:
    """The rule in words, one paragraph."""
    return " ".join(sentences(rule))


@singledispatch
def sentences(rule: Rule) -> list[str]:
    """The rule in words, a sentence for each case."""
    raise TypeError(type(rule))


def not_applicable(rule: Rule) -> str:
    """What happens where the component does not apply to a unit."""
    if isinstance(rule, Adjustment):
        return _("Không phát sinh hoặc không khai: không cộng, không trừ.")
    if rule.not_applicable == NotApplicable.FULL_POINTS:
        return _("Không áp dụng: tính điểm tối đa.")
    return _("Không áp dụng: không tính vào thang điểm của đơn vị.")


def zero_denominator(rule: Rule) -> str:
    """What happens where there is nothing to divide by; empty where the rule has no denominator."""
    if not isinstance(rule, RatioRule | Survey):
        return ""
    if isinstance(rule, Survey):
        return {
            ZeroDenominator.FULL_POINTS: _("Không có phiếu hợp lệ: tính điểm tối đa."),
            ZeroDenominator.ZERO: _("Không có phiếu hợp lệ: 0 điểm."),
            ZeroDenominator.NOT_APPLICABLE: _("Không có phiếu hợp lệ: coi là không áp dụng."),
        }[rule.zero_denominator]
    return {
        ZeroDenominator.FULL_POINTS: _("Không phát sinh (mẫu số bằng 0): tính điểm tối đa."),
        ZeroDenominator.ZERO: _("Không phát sinh (mẫu số bằng 0): 0 điểm."),
        ZeroDenominator.NOT_APPLICABLE: _("Không phát sinh (mẫu số bằng 0): coi là không áp dụng."),
    }[rule.zero_denominator]


def _of_ratio(rule: RatioRule) -> str:
    return _("Tỷ lệ = %(numerator)s / %(denominator)s.") % {
        "numerator": rule.numerator.label,
        "denominator": rule.denominator.label,
    }


@sentences.register
def _yes_no(rule: YesNo) -> list[str]:
    return [_("Có: %(points)s điểm.") % {"points": number(rule.max_points)}, _("Không: 0 điểm.")]


@sentences.register
def _levels(rule: Levels) -> list[str]:
    return [
        _("%(level)s: %(points)s điểm.") % {"level": level.label, "points": number(level.points)}
        for level in rule.levels
    ]


@sentences.register
def _thresholds(rule: Thresholds) -> list[str]:
    top, last = rule.steps[0], rule.steps[-1]
    between = [
        _("Từ %(low)s đến dưới %(high)s: %(points)s điểm.")
        % {
            "low": percent(step.from_percent),
            "high": percent(higher.from_percent),
            "points": number(step.points),
        }
        for higher, step in pairwise(rule.steps)
    ]
    return [
        _of_ratio(rule),
        _("Từ %(low)s trở lên: %(points)s điểm.")
        % {"low": percent(top.from_percent), "points": number(top.points)},
        *between,
        _("Dưới %(low)s: %(points)s điểm.")
        % {"low": percent(last.from_percent), "points": number(rule.below_points)},
    ]


@sentences.register
def _proportional(rule: Proportional) -> list[str]:
    numbers = {
        "max": number(rule.max_points),
        "target": percent(rule.target_percent),
        "cap": number(rule.cap_points),
        "floor": percent(rule.floor_percent),
    }
    if rule.target_percent == 100:
        formula = _("Điểm = %(max)s × tỷ lệ, tối đa %(cap)s điểm.")
    else:
        formula = _("Điểm = %(max)s × tỷ lệ / %(target)s, tối đa %(cap)s điểm.")
    floor = [_("Tỷ lệ dưới %(floor)s: 0 điểm.") % numbers] if rule.floor_percent else []
    return [_of_ratio(rule), formula % numbers, *floor]


@sentences.register
def _count(rule: Count) -> list[str]:
    return [
        _("Mỗi %(item)s: %(each)s điểm, tối đa %(cap)s điểm.")
        % {
            "item": rule.item.label,
            "each": number(rule.points_each),
            "cap": number(rule.cap_points),
        }
    ]


@sentences.register
def _deduction(rule: Deduction) -> list[str]:
    return [
        _("Tính từ %(max)s điểm; mỗi %(event)s trừ %(each)s điểm, thấp nhất là 0 điểm.")
        % {
            "max": number(rule.max_points),
            "event": rule.event.label,
            "each": number(rule.points_each),
        }
    ]


@sentences.register
def _survey(rule: Survey) -> list[str]:
    weights = ", ".join(
        _("%(option)s = %(weight)s") % {"option": option.key, "weight": percent(option.weight_percent)}
        for option in rule.options
    )
    return [
        _("Điểm = %(max)s × trọng số trung bình của %(questions)s câu hỏi (%(weights)s).")
        % {"max": number(rule.max_points), "questions": rule.questions, "weights": weights},
        _("Đối tượng khảo sát: %(respondents)s.") % {"respondents": rule.respondents},
        *_respondent_groups(rule),
    ]


def _respondent_groups(rule: Survey) -> list[str]:
    if not rule.groups:
        return []
    groups = ", ".join(
        _("%(group)s %(weight)s") % {"group": group.label, "weight": percent(group.weight_percent)}
        for group in rule.groups
    )
    return [
        _("Tính riêng từng nhóm rồi lấy theo tỷ trọng: %(groups)s; bỏ nhóm không có phiếu.")
        % {"groups": groups}
    ]


@sentences.register
def _percent_of_max(rule: PercentOfMax) -> list[str]:
    return [
        _("Điểm = %(max)s × %(percent)s.") % {"max": number(rule.max_points), "percent": rule.percent.label}
    ]


@sentences.register
def _adjustment(rule: Adjustment) -> list[str]:
    numbers = {
        "event": rule.event.label,
        "each": number(rule.points_each),
        "cap": number(rule.max_points),
    }
    if rule.is_bonus:
        return [
            _("Mỗi %(event)s cộng %(each)s điểm ngoài thang điểm, tối đa %(cap)s điểm một năm.") % numbers
        ]
    return [_("Mỗi %(event)s trừ %(each)s điểm ngoài thang điểm, tối đa %(cap)s điểm một năm.") % numbers]
