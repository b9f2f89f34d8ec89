"""Forms of the criteria builder: a set, a node, a copy, a file."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.db.models import QuerySet

from districts.models import Organiser
from reports.criteria_editing import SET_FIELDS
from reports.models import CriteriaSet, Criterion, ScoreOrigin

# Addresses of the builder itself, beside the sets.
RESERVED = frozenset({"new", "import"})
MAX_BYTES = 5 * 1024 * 1024


class SetForm(forms.ModelForm):
    class Meta:
        model = CriteriaSet
        fields = SET_FIELDS
        localized_fields = ("max_points", "appraised_max", "survey_max", "bonus_max", "penalty_max")
        help_texts: ClassVar = {
            "bonus_max": "Tổng điểm cộng của một đơn vị không vượt mức này; trống: không giới hạn.",
            "penalty_max": "Tổng điểm trừ của một đơn vị không vượt mức này; trống: không giới hạn.",
        }
        widgets: ClassVar = {"note": forms.Textarea(attrs={"rows": 2})}


class IdentityForm(forms.Form):
    """What a new set or version needs beside its tree: whose it is, its name and address."""

    organiser = forms.ModelChoiceField(Organiser.objects.none(), label="Cơ quan", empty_label=None)
    name = forms.CharField(label="Tên bộ tiêu chí", max_length=300)
    slug = forms.SlugField(
        label="Địa chỉ",
        max_length=80,
        help_text="Chữ thường không dấu, số và gạch nối, ví dụ: bo-tieu-chi-xa-2026.",
    )

    def __init__(self, organisers: QuerySet[Organiser], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organiser"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = organisers

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"])
        if slug in RESERVED or CriteriaSet.objects.filter(slug=slug).exists():
            raise forms.ValidationError("Địa chỉ này đã dùng; hãy chọn địa chỉ khác.")
        return slug


class NewSetForm(IdentityForm):
    legal_basis = forms.CharField(label="Căn cứ pháp lý", max_length=300, required=False)
    status = forms.ChoiceField(label="Tình trạng", choices=CriteriaSet.Status.choices)
    max_points = forms.DecimalField(label="Điểm tối đa", min_value=0, localize=True, initial=100)


class NodeForm(forms.ModelForm):
    class Meta:
        model = Criterion
        fields = ("parent", "code", "title", "max_points", "origin", "evidence_hint", "legal_basis", "note")
        localized_fields = ("max_points",)
        help_texts: ClassVar = {
            "max_points": "Với điểm cộng, điểm trừ: mức tối đa một năm. Mục chỉ gồm điểm cộng, điểm trừ thì để trống."
        }
        widgets: ClassVar = {
            "title": forms.Textarea(attrs={"rows": 2}),
            "note": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parent, origin = self.fields["parent"], self.fields["origin"]
        assert isinstance(parent, forms.ModelChoiceField) and isinstance(origin, forms.ChoiceField)
        beside = Criterion.objects.filter(criteria_set=self.instance.criteria_set_id).exclude(
            pk=self.instance.pk
        )
        parent.queryset, parent.empty_label = beside.order_by("order"), "không thuộc mục nào (lĩnh vực)"
        origin.choices = [("", "không chấm trực tiếp (có tiêu chí con)"), *ScoreOrigin.choices]


class UploadForm(forms.Form):
    organiser = forms.ModelChoiceField(Organiser.objects.none(), label="Cơ quan", empty_label=None)
    file = forms.FileField(label="Tệp (XLSX, CSV hoặc JSON)", max_length=200)
    name = forms.CharField(
        label="Tên bộ tiêu chí", max_length=300, required=False, help_text="Cần khi tệp là bảng tính."
    )
    slug = forms.SlugField(
        label="Địa chỉ", max_length=80, required=False, help_text="Cần khi tệp là bảng tính."
    )

    def __init__(self, organisers: QuerySet[Organiser], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["organiser"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = organisers

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        file = cleaned.get("file")
        if file is not None and file.size > MAX_BYTES:
            self.add_error("file", "Tệp lớn hơn 5 MB.")
        if file is not None and not file.name.lower().endswith(".json"):
            for field in ("name", "slug"):
                if not cleaned.get(field):
                    self.add_error(field, "Bảng tính không ghi mục này; hãy nhập ở đây.")
        return cleaned
