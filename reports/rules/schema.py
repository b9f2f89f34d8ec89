"""Is this a rule? The declared JSON form, checked strictly; every error names its place.

    {"kind": "proportional", "target_percent": "100", "floor_percent": "70",
     "numerator": {"name": "completed", "label": "nhiệm vụ hoàn thành"},
     "denominator": {"name": "planned", "label": "nhiệm vụ trong kế hoạch"},
     "not_applicable": "leaves_maximum", "zero_denominator": "not_applicable"}

Numbers are strings or whole numbers: a JSON float would not be the number that was written.

Two keys may be left out, and are then told by the labels (`measures`): a variable's "measure" ("count": whole
numbers; "amount": decimals too), and a ratio's "above_100" ("allowed", "explained" in the remark, "refused"), which
says what is asked of whoever enters a part that is more than its whole. They bear on what is entered, not on points.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import TypedDict

from .kinds import (
    AboveWhole,
    Adjustment,
    Count,
    Deduction,
    Level,
    Levels,
    Measure,
    NotApplicable,
    Option,
    PercentOfMax,
    Proportional,
    RespondentGroup,
    Rule,
    Step,
    Survey,
    Thresholds,
    Variable,
    YesNo,
    ZeroDenominator,
)
from .measures import above_whole_of, measure_of
from .reader import Reader, SchemaError

# Columns of DossierCount; `received_in_period` is online plus direct, without what was carried over.
_DOSSIER_FIGURES = (
    *("received", "received_in_period", "received_online", "resolved", "resolved_late", "on_time_or_early"),
    *("digitised_on_receipt", "digitised_results"),
)
# The system's own figures a variable may be read from: table, scope, column.
BINDINGS = frozenset(
    {
        *(f"dossiers.{scope}.{figure}" for scope in ("own", "communes") for figure in _DOSSIER_FIGURES),
        *("satisfaction.sipas.percent", "satisfaction.rating.satisfied", "satisfaction.rating.respondents"),
    }
)

_HUNDRED = Decimal(100)
# As many letters as an answer count keeps of either key.
OPTION_LENGTH, GROUP_LENGTH = 20, 40


def _variable(parent: Reader, key: str, *, is_event: bool = False) -> Variable:
    """Read a variable; an event is counted one by one, whatever it is called."""
    reader = parent.child(key)
    name, label = reader.name("name"), reader.text("label")
    binding = reader.text("binding") if "binding" in reader.left else ""
    if binding and binding not in BINDINGS:
        raise SchemaError(reader.at("binding"), f"hệ thống không có số liệu “{binding}”.")
    if is_event:
        measure = Measure.COUNT
    elif "measure" in reader.left:
        measure = reader.choice("measure", Measure)
    else:
        measure = measure_of(label, binding)
    reader.finish()
    return Variable(name, label, binding, measure)


class _Common(TypedDict):
    max_points: Decimal
    not_applicable: NotApplicable


class _Ratio(_Common):
    numerator: Variable
    denominator: Variable
    zero_denominator: ZeroDenominator
    above_whole: AboveWhole


def _common(reader: Reader, max_points: Decimal) -> _Common:
    return {
        "max_points": max_points,
        "not_applicable": reader.choice("not_applicable", NotApplicable),
    }


def _ratio(reader: Reader, max_points: Decimal, highest_percent: Decimal) -> _Ratio:
    """Read what all rules on a ratio have; `highest_percent` is the share that earns the maximum."""
    numerator, denominator = _variable(reader, "numerator"), _variable(reader, "denominator")
    if numerator.name == denominator.name:
        raise SchemaError(reader.at("denominator.name"), "tử số và mẫu số phải khác tên.")
    above_whole = (
        reader.choice("above_100", AboveWhole)
        if "above_100" in reader.left
        else above_whole_of(numerator, denominator, highest_percent)
    )
    return {
        **_common(reader, max_points),
        "numerator": numerator,
        "denominator": denominator,
        "zero_denominator": reader.choice("zero_denominator", ZeroDenominator),
        "above_whole": above_whole,
    }


def _require_falling(path: str, values: list[Decimal], *, strictly: bool) -> None:
    if any(later > earlier or (strictly and later == earlier) for earlier, later in pairwise(values)):
        raise SchemaError(path, "phải xếp từ mức cao xuống mức thấp.")


def _require_reach(path: str, best: Decimal, max_points: Decimal) -> None:
    if best != max_points:
        raise SchemaError(path, f"mức cao nhất là {best}, phải bằng điểm tối đa {max_points}.")


def _yes_no(reader: Reader, max_points: Decimal) -> Rule:
    return YesNo(**_common(reader, max_points))


def _levels(reader: Reader, max_points: Decimal) -> Rule:
    levels = []
    for item in reader.items("levels"):
        levels.append(Level(item.name("key"), item.text("label"), item.number("points", most=max_points)))
        item.finish()
    path = reader.at("levels")
    _require_falling(path, [level.points for level in levels], strictly=False)
    _require_reach(path, levels[0].points, max_points)
    if len({level.key for level in levels}) < len(levels):
        raise SchemaError(path, "có mã mức trùng nhau.")
    return Levels(levels=tuple(levels), **_common(reader, max_points))


def _thresholds(reader: Reader, max_points: Decimal) -> Rule:
    steps = []
    for item in reader.items("steps"):
        steps.append(Step(item.positive("from_percent"), item.number("points", most=max_points)))
        item.finish()
    below = reader.number("below_points", most=max_points)
    path = reader.at("steps")
    _require_falling(path, [step.from_percent for step in steps], strictly=True)
    _require_falling(path, [*(step.points for step in steps), below], strictly=False)
    _require_reach(path, steps[0].points, max_points)
    ratio = _ratio(reader, max_points, steps[0].from_percent)
    return Thresholds(steps=tuple(steps), below_points=below, **ratio)


def _proportional(reader: Reader, max_points: Decimal) -> Rule:
    target = reader.positive("target_percent")
    floor = reader.number("floor_percent", most=target) if "floor_percent" in reader.left else Decimal(0)
    return Proportional(
        target_percent=target,
        floor_percent=floor,
        cap_points=_cap(reader, max_points),
        **_ratio(reader, max_points, target),
    )


def _cap(reader: Reader, max_points: Decimal) -> Decimal:
    return reader.positive("cap_points", most=max_points) if "cap_points" in reader.left else max_points


def _count(reader: Reader, max_points: Decimal) -> Rule:
    return Count(
        item=_variable(reader, "item", is_event=True),
        points_each=reader.positive("points_each", most=max_points),
        cap_points=_cap(reader, max_points),
        **_common(reader, max_points),
    )


def _deduction(reader: Reader, max_points: Decimal) -> Rule:
    return Deduction(
        event=_variable(reader, "event", is_event=True),
        points_each=reader.positive("points_each", most=max_points),
        **_common(reader, max_points),
    )


def _survey(reader: Reader, max_points: Decimal) -> Rule:
    options = []
    for item in reader.items("options"):
        weight = item.number("weight_percent", most=_HUNDRED)
        label = item.text("label") if "label" in item.left else ""
        options.append(Option(_key(item, OPTION_LENGTH), label, weight))
        item.finish()
    path = reader.at("options")
    _require_falling(path, [option.weight_percent for option in options], strictly=False)
    _require_reach(path, options[0].weight_percent, _HUNDRED)
    if len({option.key for option in options}) < len(options):
        raise SchemaError(path, "có mã phương án trùng nhau.")
    questions = reader.positive("questions")
    if questions != int(questions):
        raise SchemaError(reader.at("questions"), "số câu hỏi phải là số nguyên.")
    return Survey(
        questions=int(questions),
        options=tuple(options),
        respondents=reader.text("respondents"),
        zero_denominator=reader.choice("zero_denominator", ZeroDenominator),
        groups=tuple(_groups(reader)),
        **_common(reader, max_points),
    )


def _groups(reader: Reader) -> list[RespondentGroup]:
    """The groups of respondents, whose weights make 100; none where all who answer are one."""
    if reader.is_absent("groups"):
        return []
    groups = []
    for item in reader.items("groups"):
        weight = item.positive("weight_percent", most=_HUNDRED)
        groups.append(RespondentGroup(_key(item, GROUP_LENGTH), item.text("label"), weight))
        item.finish()
    path = reader.at("groups")
    if len({group.key for group in groups}) < len(groups):
        raise SchemaError(path, "có mã nhóm trùng nhau.")
    total = sum(group.weight_percent for group in groups)
    if total != _HUNDRED:
        raise SchemaError(path, f"tổng trọng số các nhóm là {total}, phải bằng 100.")
    return groups


def _key(item: Reader, length: int) -> str:
    key = item.text("key")
    if len(key) > length:
        raise SchemaError(item.at("key"), f"“{key}” dài hơn {length} ký tự.")
    return key


def _percent_of_max(reader: Reader, max_points: Decimal) -> Rule:
    return PercentOfMax(percent=_variable(reader, "percent"), **_common(reader, max_points))


def _adjustment(is_bonus: bool) -> Callable[[Reader, Decimal], Rule]:
    def read(reader: Reader, _max_points: Decimal) -> Rule:
        cap = reader.positive("yearly_cap")
        common = _common(reader, cap)
        if common["not_applicable"] != NotApplicable.LEAVES_MAXIMUM:
            raise SchemaError(
                reader.at("not_applicable"), "điểm cộng, điểm trừ không áp dụng thì không tính."
            )
        return Adjustment(
            is_bonus=is_bonus,
            event=_variable(reader, "event", is_event=True),
            points_each=reader.positive("points_each", most=cap),
            **common,
        )

    return read


KINDS: Mapping[str, Callable[[Reader, Decimal], Rule]] = {
    "yes_no": _yes_no,
    "levels": _levels,
    "thresholds": _thresholds,
    "proportional": _proportional,
    "count": _count,
    "deduction": _deduction,
    "survey": _survey,
    "percent_of_max": _percent_of_max,
    "bonus": _adjustment(is_bonus=True),
    "penalty": _adjustment(is_bonus=False),
}


def parse(rule: object, max_points: Decimal, path: str = "rule") -> Rule:
    """The declared rule as a value.

    `rule` is decoded JSON, `max_points` the component's maximum (a bonus or penalty has its own cap
    instead). Raises SchemaError at the first thing that is missing, unknown or contradicts itself.
    """
    reader = Reader(rule, path)
    kind = reader.take("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        raise SchemaError(reader.at("kind"), f"không có loại quy tắc “{kind}”; chỉ có: {', '.join(KINDS)}.")
    parsed = KINDS[kind](reader, max_points)
    reader.finish()
    return parsed
