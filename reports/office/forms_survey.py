"""The form of a survey round."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms

from reports.models import SurveyRound
from reports.workflow.survey_answers import ROUND_FIELDS

DAY = forms.DateInput(attrs={"placeholder": "dd/mm/yyyy"}, format="%d/%m/%Y")


class RoundForm(forms.ModelForm):
    """A round's own fields, and the reason where a decided result is changed."""

    class Meta:
        model = SurveyRound
        fields = ROUND_FIELDS
        localized_fields = ("design_effect",)
        widgets: ClassVar = {"starts_on": DAY, "ends_on": DAY, "note": forms.Textarea(attrs={"rows": 2})}
        help_texts: ClassVar = {
            "is_random_sample": "Chỉ chọn khi người trả lời được chọn ngẫu nhiên từ một danh sách.",
            "design_effect": "Ví dụ 1,5 khi chọn mẫu theo cụm; để trống nếu không xác định.",
        }

    reason = forms.CharField(label="Lý do sửa", max_length=500)

    def __init__(self, *args: Any, needs_reason: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not needs_reason:
            del self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("starts_on"), cleaned.get("ends_on")
        if first and last and last < first:
            self.add_error("ends_on", "Ngày kết thúc phải từ ngày bắt đầu trở đi.")
        return cleaned

    def values(self) -> dict[str, Any]:
        """Return what was said of the round itself."""
        return {name: self.cleaned_data[name] for name in ROUND_FIELDS}

    def _post_clean(self) -> None:
        # The workflow checks the row and sets it: a form that is refused leaves it as it was.
        pass
