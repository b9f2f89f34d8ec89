"""A rule of each kind as a form: from the declared JSON to fields and back; `reports.rules` has the last word."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from django import forms

from reports.rules import BINDINGS, NotApplicable, Survey, Variable, YesNo, ZeroDenominator, variables
from reports.rules.kinds import Levels, Rule

KIND_LABELS = {
    "yes_no": "Có / không",
    "levels": "Các mức mô tả",
    "thresholds": "Ngưỡng theo tỷ lệ",
    "proportional": "Tỷ lệ thuận, có mục tiêu và sàn",
    "count": "Điểm cho mỗi mục, có trần",
    "deduction": "Trừ điểm mỗi trường hợp",
    "survey": "Câu hỏi khảo sát theo phương án",
    "percent_of_max": "Phần trăm của điểm tối đa",
    "bonus": "Điểm cộng ngoài thang điểm",
    "penalty": "Điểm trừ ngoài thang điểm",
}
NOT_APPLICABLE_LABELS = {
    NotApplicable.LEAVES_MAXIMUM: "bỏ khỏi thang điểm của đơn vị",
    NotApplicable.FULL_POINTS: "tính điểm tối đa",
}
ZERO_LABELS = {
    ZeroDenominator.NOT_APPLICABLE: "coi là không áp dụng",
    ZeroDenominator.FULL_POINTS: "tính điểm tối đa",
    ZeroDenominator.ZERO: "0 điểm",
}
_SCOPES = {"own": "cơ quan của đơn vị", "communes": "các xã trực thuộc"}
_FIGURES = {
    "received": "hồ sơ tiếp nhận (cả kỳ trước chuyển sang)",
    "received_in_period": "hồ sơ tiếp nhận trong kỳ",
    "received_online": "hồ sơ tiếp nhận trực tuyến",
    "resolved": "hồ sơ đã giải quyết",
    "resolved_late": "hồ sơ giải quyết quá hạn",
    "on_time_or_early": "hồ sơ giải quyết đúng hạn, trước hạn",
    "digitised_on_receipt": "hồ sơ số hóa khi tiếp nhận",
    "digitised_results": "kết quả được số hóa",
    "percent": "mức độ hài lòng SIPAS (%)",
    "satisfied": "lượt đánh giá hài lòng",
    "respondents": "lượt đánh giá",
}
# What the labels tell where it is not chosen: `rules.measures`.
MEASURE_CHOICES = [
    ("", "theo tên và đơn vị tính"),
    ("count", "số đếm (số nguyên)"),
    ("amount", "số đo, số tiền"),
]
ABOVE_100_CHOICES = [
    ("", "theo loại số liệu: số đếm phải thuyết minh, số tiền thì được"),
    ("allowed", "được"),
    ("explained", "phải nêu lý do ở phần thuyết minh"),
    ("refused", "không nhận"),
]
ROWS = 8


def _binding_label(binding: str) -> str:
    _table, scope, figure = binding.split(".")
    label = _FIGURES.get(figure, figure)
    return f"{label}, {_SCOPES[scope]}" if scope in _SCOPES else label


BINDING_CHOICES = [("", "người chấm nhập"), *((b, _binding_label(b)) for b in sorted(BINDINGS))]


def _points(label: str, *, required: bool = True) -> forms.DecimalField:
    return forms.DecimalField(label=label, min_value=0, localize=True, required=required)


def _written(value: Decimal) -> str:
    return f"{value:f}"


class RuleForm(forms.Form):
    """What every kind has: what happens where the component does not apply."""

    kind: ClassVar[str]
    has_ratio: ClassVar[bool] = False
    # Whether it is a ratio of the variables in `asked`.
    has_share: ClassVar[bool] = False
    # JSON key → label of the variable; each gets a label and a binding field.
    asked: ClassVar[Mapping[str, str]] = {}
    numbers: ClassVar[Mapping[str, str]] = {}
    optional: ClassVar[frozenset[str]] = frozenset()

    not_applicable = forms.ChoiceField(label="Khi không áp dụng", choices=list(NOT_APPLICABLE_LABELS.items()))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, label in self.asked.items():
            self.fields[f"{key}_label"] = forms.CharField(label=label, max_length=200)
            self.fields[f"{key}_binding"] = forms.ChoiceField(
                label="Lấy số liệu từ", choices=BINDING_CHOICES, required=False
            )
            if self.has_share:
                self.fields[f"{key}_measure"] = forms.ChoiceField(
                    label="Là", choices=MEASURE_CHOICES, required=False
                )
        for key, label in self.numbers.items():
            self.fields[key] = _points(label, required=key not in self.optional)
        if self.has_share:
            self.fields["above_100"] = forms.ChoiceField(
                label="Khi tỷ lệ trên 100 %", choices=ABOVE_100_CHOICES, required=False
            )
        if self.has_ratio:
            self.fields["zero_denominator"] = forms.ChoiceField(
                label="Khi không phát sinh (mẫu số bằng 0)", choices=list(ZERO_LABELS.items())
            )
        self.order_fields(
            [name for name in self.fields if name not in ("not_applicable", "zero_denominator")]
        )

    @classmethod
    def initial_of(cls, rule: Mapping[str, Any]) -> dict[str, Any]:
        """Return the form's initial values for a declared rule; numbers as Decimals, to be printed with a comma."""
        initial = {key: Decimal(rule[key]) for key in cls.numbers if key in rule}
        for key in cls.asked:
            variable = rule.get(key, {})
            initial[f"{key}_label"] = variable.get("label", "")
            initial[f"{key}_binding"] = variable.get("binding", "")
            initial[f"{key}_measure"] = variable.get("measure", "")
        for key in ("not_applicable", "zero_denominator", "above_100"):
            if key in rule:
                initial[key] = rule[key]
        return initial

    def rule(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """Return the declared rule; a variable that was there keeps its name, so that inputs given stay readable."""
        cleaned = self.cleaned_data
        declared: dict[str, Any] = {"kind": self.kind, "not_applicable": cleaned["not_applicable"]}
        if self.has_ratio:
            declared["zero_denominator"] = cleaned["zero_denominator"]
        for key in self.asked:
            variable = {"name": before.get(key, {}).get("name", key), "label": cleaned[f"{key}_label"]}
            chosen = {name: cleaned.get(f"{key}_{name}", "") for name in ("binding", "measure")}
            declared[key] = variable | {name: value for name, value in chosen.items() if value}
        if self.has_share and cleaned["above_100"]:
            declared["above_100"] = cleaned["above_100"]
        for key in self.numbers:
            if cleaned[key] is not None:
                declared[key] = _written(cleaned[key])
        return declared


class YesNoForm(RuleForm):
    kind = "yes_no"


class CountForm(RuleForm):
    kind = "count"
    asked: ClassVar = {"item": "Mỗi mục là"}
    numbers: ClassVar = {"points_each": "Điểm cho mỗi mục", "cap_points": "Trần điểm (trống: điểm tối đa)"}
    optional = frozenset({"cap_points"})


class DeductionForm(RuleForm):
    kind = "deduction"
    asked: ClassVar = {"event": "Mỗi trường hợp là"}
    numbers: ClassVar = {"points_each": "Điểm trừ cho mỗi trường hợp"}


class AdjustmentForm(RuleForm):
    """Outside the scale: the component's maximum is the cap of the year, and not to apply is to adjust nothing."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["not_applicable"]

    def rule(self, before: Mapping[str, Any]) -> dict[str, Any]:
        self.cleaned_data["not_applicable"] = NotApplicable.LEAVES_MAXIMUM.value
        return super().rule(before)


class BonusForm(AdjustmentForm):
    kind = "bonus"
    asked: ClassVar = {"event": "Mỗi trường hợp được cộng là"}
    numbers: ClassVar = {"points_each": "Điểm cộng cho mỗi trường hợp"}


class PenaltyForm(AdjustmentForm):
    kind = "penalty"
    asked: ClassVar = {"event": "Mỗi trường hợp bị trừ là"}
    numbers: ClassVar = {"points_each": "Điểm trừ cho mỗi trường hợp"}


class PercentOfMaxForm(RuleForm):
    kind = "percent_of_max"
    asked: ClassVar = {"percent": "Tỷ lệ phần trăm"}


class RatioForm(RuleForm):
    has_ratio = True
    has_share = True
    asked: ClassVar = {"numerator": "Tử số", "denominator": "Mẫu số"}


class ProportionalForm(RatioForm):
    kind = "proportional"
    numbers: ClassVar = {
        "target_percent": "Mục tiêu đạt điểm tối đa (%)",
        "floor_percent": "Sàn (%), dưới mức này 0 điểm",
        "cap_points": "Trần điểm (trống: điểm tối đa)",
    }
    optional = frozenset({"floor_percent", "cap_points"})


class RowsForm(RuleForm):
    """Kinds with a list: a fixed number of rows, empty ones left out; works without JavaScript."""

    list_key: ClassVar[str]
    # JSON key → (label, whether it is a number)
    columns: ClassVar[Mapping[str, tuple[str, bool]]]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for row in range(ROWS):
            for key, (label, is_number) in self.columns.items():
                title = f"{label} {row + 1}"
                self.fields[f"{key}_{row}"] = (
                    _points(title, required=False)
                    if is_number
                    else forms.CharField(label=title, max_length=200, required=False)
                )

    @classmethod
    def initial_of(cls, rule: Mapping[str, Any]) -> dict[str, Any]:
        initial = super().initial_of(rule)
        for row, item in enumerate(rule.get(cls.list_key, [])[:ROWS]):
            for key, (_label, is_number) in cls.columns.items():
                value = item.get(key, "")
                initial[f"{key}_{row}"] = Decimal(value) if is_number else value
        return initial

    def rule(self, before: Mapping[str, Any]) -> dict[str, Any]:
        declared = super().rule(before)
        rows = ({key: self.cleaned_data[f"{key}_{row}"] for key in self.columns} for row in range(ROWS))
        declared[self.list_key] = [
            {key: _written(value) if isinstance(value, Decimal) else value for key, value in row.items()}
            for row in rows
            if any(value not in (None, "") for value in row.values())
        ]
        return declared

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        for row in range(ROWS):
            values = {key: cleaned.get(f"{key}_{row}") for key in self.columns}
            filled = [key for key, value in values.items() if value not in (None, "")]
            if filled and len(filled) < len(values):
                self.add_error(
                    f"{next(k for k in values if k not in filled)}_{row}", "Dòng này nhập chưa đủ."
                )
        return cleaned


class LevelsForm(RowsForm):
    kind = "levels"
    list_key = "levels"
    columns: ClassVar = {"label": ("Mức", False), "points": ("Điểm của mức", True)}

    def rule(self, before: Mapping[str, Any]) -> dict[str, Any]:
        declared = super().rule(before)
        keys = {level["label"]: level["key"] for level in before.get("levels", [])}
        for place, level in enumerate(declared["levels"], 1):
            level["key"] = keys.get(level["label"], f"level_{place}")
        return declared


class ThresholdsForm(RowsForm):
    kind = "thresholds"
    list_key = "steps"
    has_ratio = True
    has_share = True
    asked = RatioForm.asked
    columns: ClassVar = {"from_percent": ("Từ (%)", True), "points": ("Điểm của ngưỡng", True)}
    numbers: ClassVar = {"below_points": "Điểm khi dưới ngưỡng thấp nhất"}


class SurveyForm(RowsForm):
    kind = "survey"
    list_key = "options"
    has_ratio = True
    columns: ClassVar = {"key": ("Phương án", False), "weight_percent": ("Trọng số (%)", True)}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["questions"] = forms.IntegerField(label="Số câu hỏi", min_value=1, max_value=50)
        self.fields["respondents"] = forms.CharField(label="Đối tượng khảo sát", max_length=200)
        for row in range(ROWS):
            title = f"Nhóm trả lời {row + 1}"
            self.fields[f"group_{row}"] = forms.CharField(label=title, max_length=200, required=False)
            self.fields[f"group_weight_{row}"] = _points(f"Tỷ trọng của nhóm {row + 1} (%)", required=False)
        self.fields["group_0"].help_text = "Để trống cả các nhóm nếu mọi người trả lời được tính chung."

    @classmethod
    def initial_of(cls, rule: Mapping[str, Any]) -> dict[str, Any]:
        own = {key: rule[key] for key in ("questions", "respondents") if key in rule}
        for row, group in enumerate(rule.get("groups", [])[:ROWS]):
            own[f"group_{row}"] = group["label"]
            own[f"group_weight_{row}"] = Decimal(group["weight_percent"])
        return super().initial_of(rule) | own

    def rule(self, before: Mapping[str, Any]) -> dict[str, Any]:
        own = {"questions": self.cleaned_data["questions"], "respondents": self.cleaned_data["respondents"]}
        labels = {option["key"]: option["label"] for option in before.get("options", []) if "label" in option}
        declared = super().rule(before) | own
        for option in declared["options"]:
            if option["key"] in labels:
                option["label"] = labels[option["key"]]
        groups = self._groups({group["label"]: group["key"] for group in before.get("groups", [])})
        return declared | ({"groups": groups} if groups else {})

    def _groups(self, keys: Mapping[str, str]) -> list[dict[str, str]]:
        """Return the groups; one that was there keeps its key, by which answers are counted."""
        free = (name for place in range(1, 2 * ROWS + 1) if (name := f"group_{place}") not in keys.values())
        return [
            {"key": keys.get(label) or next(free), "label": label, "weight_percent": _written(weight)}
            for row in range(ROWS)
            if (label := self.cleaned_data[f"group_{row}"])
            and (weight := self.cleaned_data[f"group_weight_{row}"]) is not None
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for row in range(ROWS):
            label, weight = cleaned.get(f"group_{row}"), cleaned.get(f"group_weight_{row}")
            if bool(label) != (weight is not None):
                self.add_error(f"group_weight_{row}" if label else f"group_{row}", "Dòng này nhập chưa đủ.")
        return cleaned


FORMS: Mapping[str, type[RuleForm]] = {
    form.kind: form
    for form in (
        *(YesNoForm, LevelsForm, ThresholdsForm, ProportionalForm, CountForm, DeductionForm),
        *(SurveyForm, PercentOfMaxForm, BonusForm, PenaltyForm),
    )
}


class TrialForm(forms.Form):
    """The inputs of one rule, for a trial calculation."""

    applies = forms.ChoiceField(
        label="Áp dụng", choices=[("1", "có áp dụng"), ("0", "không áp dụng")], initial="1"
    )

    def __init__(self, rule: Rule, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.declared = rule
        if isinstance(rule, YesNo):
            choices = [("", "chưa nhập"), ("1", "có"), ("0", "không")]
            self.fields["answer"] = forms.ChoiceField(label="Kết quả", choices=choices, required=False)
        elif isinstance(rule, Levels):
            levels = [("", "chưa nhập"), *((level.key, level.label) for level in rule.levels)]
            self.fields["level"] = forms.ChoiceField(label="Mức", choices=levels, required=False)
        elif isinstance(rule, Survey):
            for place, group in enumerate(rule.asked_groups):
                for question in range(rule.questions):
                    for option in rule.options:
                        said = f"Câu {question + 1}, phương án {option.key} (phiếu)"
                        self.fields[f"answer_{place}_{question}_{option.key}"] = forms.IntegerField(
                            label=f"{group.label}: {said.lower()}" if group.label else said,
                            min_value=0,
                            required=False,
                        )
        for variable in variables(rule):
            self.fields[variable.name] = self._amount(variable)

    @staticmethod
    def _amount(variable: Variable) -> forms.DecimalField:
        return forms.DecimalField(label=variable.label.capitalize(), localize=True, required=False)

    def inputs(self) -> dict[str, object]:
        """Return the inputs as `rules.evaluate` takes them."""
        cleaned, rule = self.cleaned_data, self.declared
        if isinstance(rule, YesNo):
            return {"answer": {"1": True, "0": False}.get(cleaned["answer"])}
        if isinstance(rule, Levels):
            return {"level": cleaned["level"] or None}
        if isinstance(rule, Survey):
            return {
                "answers": {group.key: self._answers(place) for place, group in enumerate(rule.asked_groups)}
            }
        return {variable.name: cleaned[variable.name] for variable in variables(rule)}

    def _answers(self, group: int) -> list[dict[str, int]]:
        assert isinstance(self.declared, Survey)
        return [
            {
                option.key: self.cleaned_data[f"answer_{group}_{question}_{option.key}"] or 0
                for option in self.declared.options
            }
            for question in range(self.declared.questions)
        ]
