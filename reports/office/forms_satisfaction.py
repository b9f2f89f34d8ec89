"""The form of one satisfaction figure: counts, levels, factors, and how people were chosen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from django import forms

from reports import scale
from reports.models import Factor, Satisfaction, Scope
from reports.numbers_vi import date_vi, number
from reports.readers import ReadError, parse_count, parse_date, parse_decimal, parse_percent
from reports.satisfaction_sheets import FACTOR_COUNTS, KEY, MOST_LEVELS, READ_FACTOR, values_of
from reports.workflow.figures import RowWrite

ATTRIBUTES = {"class": "num", "inputmode": "decimal", "autocomplete": "off", "maxlength": "40"}
COUNTS = ("satisfied", "respondents", "percent", "percent_change", "is_random_sample", "design_effect")
SAYS_NOTHING = "Hãy ghi số người trả lời, hoặc ít nhất tỷ lệ."
NO_SCALE = "Chọn thang đánh giá mấy mức."
OUTSIDE_SCALE = "Thang %d mức không có mức này."


class ReadField(forms.Field):
    """A number or a day as people write it: 1.674 · 98,5 % · 31/12/2025."""

    def __init__(self, read: Callable[[object], Any], label: str, **kwargs: Any) -> None:
        super().__init__(
            label=label, widget=forms.TextInput(attrs=ATTRIBUTES), **{"required": False} | kwargs
        )
        self.read = read

    def to_python(self, value: Any) -> Any:
        try:
            return self.read(value)
        except ReadError as error:
            raise forms.ValidationError(str(error)) from error

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, dt.date):
            return date_vi(value)
        return value if value is None or isinstance(value, str) else number(value, 4)


class SatisfactionForm(forms.Form):
    """One survey, or the ratings of one period. What it says of a known row, `write` hands to the workflow."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    kind = forms.ChoiceField(label="Loại", choices=Satisfaction.Kind.choices)
    scope = forms.ChoiceField(label="Phạm vi", choices=Scope.choices)
    starts_on = ReadField(parse_date, "Từ ngày", required=True, help_text="Ngày/tháng/năm.")
    ends_on = ReadField(parse_date, "Đến ngày", required=True)
    satisfied = ReadField(parse_count, "Số hài lòng và rất hài lòng")
    respondents = ReadField(parse_count, "Số người trả lời (lượt đánh giá)")
    percent = ReadField(
        parse_percent, "Tỷ lệ theo báo cáo (%)", help_text="Để trống thì tính từ hai số đếm ở trên."
    )
    percent_change = ReadField(
        parse_decimal,
        "Tăng, giảm theo báo cáo (điểm phần trăm)",
        help_text="So với năm trước; giảm thì ghi dấu trừ.",
    )
    is_random_sample = forms.BooleanField(
        label="Chọn mẫu ngẫu nhiên",
        required=False,
        help_text="Chỉ đánh dấu khi người được hỏi do bốc thăm mà có (SIPAS, điều tra xã hội học).",
    )
    design_effect = ReadField(
        parse_decimal,
        "Hệ số thiết kế mẫu (deff)",
        help_text="Ghi khi phương án điều tra nêu; mẫu nhiều giai đoạn thường lớn hơn 1.",
    )
    scale = forms.TypedChoiceField(
        label="Thang đánh giá",
        required=False,
        coerce=int,
        empty_value=None,
        choices=[("", "không đếm từng mức"), *((n, f"{n} mức") for n in sorted(scale.WORDS))],
    )
    gap_reason = forms.CharField(
        label="Giải thích chênh lệch",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Cần khi các số không khớp nhau; được công khai cùng số liệu.",
    )
    note = forms.CharField(
        label="Ghi chú", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, data: Any = None, *, row: Satisfaction | None = None) -> None:
        super().__init__(data, initial=_initial(row))
        self.row = row
        for level in range(MOST_LEVELS, 0, -1):
            self.fields[f"level_{level}"] = ReadField(parse_count, f"Mức {level}")
        for key, label in Factor.choices:
            for name, words in FACTOR_COUNTS:
                self.fields[f"factor.{key}.{name}"] = ReadField(READ_FACTOR[name], f"{label}: {words}")

    @property
    def levels(self) -> list[forms.BoundField]:
        return [self[f"level_{level}"] for level in range(MOST_LEVELS, 0, -1)]

    @property
    def factors(self) -> Iterator[tuple[str, list[forms.BoundField]]]:
        for key, label in Factor.choices:
            yield str(label), [self[f"factor.{key}.{name}"] for name, _ in FACTOR_COUNTS]

    @property
    def has_factors(self) -> bool:
        """Return whether anything is said of a factor, so that their block stands open."""
        names = [name for name in self.fields if name.startswith("factor.")]
        return any(self[name].value() not in (None, "") or self[name].errors for name in names)

    @property
    def plain(self) -> list[forms.BoundField]:
        """Return the fields that stand one below the other."""
        return [self[name] for name in (*KEY, *COUNTS)]

    def clean(self) -> dict[str, Any]:
        said = super().clean() or self.cleaned_data
        if said.get("percent") is None and not said.get("respondents") and not self.errors:
            self.add_error("respondents", SAYS_NOTHING)
        levels, counted = (
            said.get("scale") or 0,
            [n for n in range(1, MOST_LEVELS + 1) if said.get(f"level_{n}")],
        )
        if counted and not levels:
            self.add_error("scale", NO_SCALE)
        for level in counted:
            if levels and level > levels:
                self.add_error(f"level_{level}", OUTSIDE_SCALE % levels)
        return said

    @property
    def write(self) -> RowWrite:
        """Return what was said as a row to be written; of a known row also what names it may be changed."""
        said = self.cleaned_data
        values = {name: said[name] for name in (*COUNTS, "gap_reason", "note")}
        levels = said["scale"] or 0
        values["level_counts"] = {str(n): said[f"level_{n}"] or 0 for n in range(1, levels + 1)}
        key = {name: said[name] for name in KEY}
        if self.row is None:
            return RowWrite(Satisfaction, key, values, expected_version=0, parts=self._parts())
        version = said["version"] or 0
        return RowWrite(
            Satisfaction, {"pk": self.row.pk}, key | values, expected_version=version, parts=self._parts()
        )

    def _parts(self) -> dict[str, dict[str, Any]]:
        said = self.cleaned_data
        found = {
            key: {name: said[f"factor.{key}.{name}"] for name, _ in FACTOR_COUNTS} for key in Factor.values
        }
        return {key: part for key, part in found.items() if any(v is not None for v in part.values())}

    def refuse(self, message: str, errors: dict[str, str]) -> None:
        """Put what the workflow says beside the fields it speaks of."""
        own = {name: text for name, text in errors.items() if name in self.fields}
        for name, text in own.items():
            self.add_error(name, text)
        if not own or "gap_reason" in own:
            self.add_error(None, message)


def _initial(row: Satisfaction | None) -> dict[str, Any]:
    if row is None:
        return {"scope": Scope.OWN, "kind": Satisfaction.Kind.RATING}
    return values_of(row) | {"version": row.version, "scale": len(row.level_counts) or ""}
