"""The three ways to add evidence: files, what the sheet already holds, and a link."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest

from reports.evidence_types import ALLOWED
from reports.models import Evidence, ScoreSheet
from reports.readers import ReadError, parse_date
from reports.workflow.evidence import Document
from reports.workflow.evidence_files import MEGABYTE

NO_FILE = "Hãy chọn ít nhất một tệp."
NOTHING_CHOSEN = "Hãy chọn ít nhất một tài liệu."
TOGETHER_TOO_LARGE = "Các tệp cộng lại lớn hơn {} MB; hãy gửi làm nhiều lần. Chưa tệp nào được lưu."


class VietnameseDate(forms.Field):
    """A day as people write it: 05/03/2025."""

    def to_python(self, value: Any) -> Any:
        try:
            return parse_date(value)
        except ReadError as error:
            raise ValidationError(str(error)) from error


class SeveralFiles(forms.FileInput):
    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile]:
        return files.getlist(name) if hasattr(files, "getlist") else []


class EvidenceForm(forms.Form):
    """What all ways share; `how` tells a posted form which of them it is."""

    how: str

    def __init__(self, request: HttpRequest, sheet: ScoreSheet) -> None:
        # Three forms stand on one page: each has ids of its own, and only the one that was sent is filled in.
        is_sent = request.method == "POST" and request.POST.get("how", FilesForm.how) == self.how
        data, files = (request.POST, request.FILES) if is_sent else (None, None)
        super().__init__(data, files, auto_id=f"{self.how}-%s")

    def documents(self) -> Iterable[tuple[str, Document]]:
        """Yield what is to be attached, each with the name by which a refusal names it."""
        raise NotImplementedError


def _number() -> forms.CharField:
    return forms.CharField(label="Số, ký hiệu", max_length=80, required=False)


def _dated_on() -> VietnameseDate:
    placeholder = forms.TextInput(attrs={"placeholder": "dd/mm/yyyy"})
    return VietnameseDate(label="Ngày văn bản", required=False, widget=placeholder)


class FilesForm(EvidenceForm):
    how = "files"
    file = forms.Field(label="Tệp", widget=SeveralFiles, error_messages={"required": NO_FILE})
    title = forms.CharField(
        label="Tên văn bản, tài liệu",
        max_length=300,
        required=False,
        help_text="Để trống: mỗi tài liệu lấy tên tệp của nó.",
    )
    number = _number()
    dated_on = _dated_on()

    def __init__(self, request: HttpRequest, sheet: ScoreSheet) -> None:
        super().__init__(request, sheet)
        one, together = settings.EVIDENCE_MAX_BYTES, settings.EVIDENCE_TOGETHER_BYTES
        self.fields["file"].help_text = (
            f"Chọn được nhiều tệp một lần: {ALLOWED}. Mỗi tệp tối đa {one // MEGABYTE} MB, "
            f"một lần gửi tối đa {together // MEGABYTE} MB."
        )
        self.fields["file"].widget.attrs |= {"data-each": one, "data-together": together}

    def clean_file(self) -> list[UploadedFile]:
        files: list[UploadedFile] = self.cleaned_data["file"]
        together: int = settings.EVIDENCE_TOGETHER_BYTES
        if sum(one.size or 0 for one in files) > together:
            raise ValidationError(TOGETHER_TOO_LARGE.format(together // MEGABYTE))
        return files

    def documents(self) -> Iterable[tuple[str, Document]]:
        said = {name: self.cleaned_data[name] for name in ("title", "number", "dated_on")}
        return [(one.name or "", Document(file=one, **said)) for one in self.cleaned_data["file"]]


class HeldForm(EvidenceForm):
    how = "held"
    held = forms.ModelMultipleChoiceField(
        Evidence.objects.none(),
        label="Tài liệu",
        error_messages={"required": NOTHING_CHOSEN, "invalid_choice": "Tài liệu này không còn trong phiếu."},
    )

    def __init__(self, request: HttpRequest, sheet: ScoreSheet) -> None:
        super().__init__(request, sheet)
        field = self.fields["held"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = Evidence.objects.filter(score__sheet=sheet, removed_at=None)

    def documents(self) -> Iterable[tuple[str, Document]]:
        return [(one.title, Document(held=one)) for one in self.cleaned_data["held"]]


class LinkForm(EvidenceForm):
    how = "link"
    url = forms.CharField(
        label="Đường dẫn", max_length=500, widget=forms.URLInput(attrs={"placeholder": "https://"})
    )
    title = forms.CharField(label="Tên văn bản, tài liệu", max_length=300)
    number = _number()
    dated_on = _dated_on()

    def documents(self) -> Iterable[tuple[str, Document]]:
        return [("", Document(**self.cleaned_data))]
