"""Evidence of a component: the list, adding, taking off, and the only way to a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from districts import access
from districts.audit import Act
from districts.models import Change, User
from reports.models import Criterion, Evidence, ScoreOrigin, ScoreSheet
from reports.office.fetch import sheet_or_404
from reports.readers import ReadError, parse_date
from reports.workflow.entering import evidence_refusal
from reports.workflow.evidence import Document, attach, remove

# Whatever a file contains, a browser neither runs it nor shows it as a page of this site.
SANDBOX = "default-src 'none'; sandbox"


class VietnameseDate(forms.Field):
    """A day as people write it: 05/03/2025."""

    def to_python(self, value: Any) -> Any:
        try:
            return parse_date(value)
        except ReadError as error:
            raise ValidationError(str(error)) from error


class EvidenceForm(forms.Form):
    title = forms.CharField(label="Tên văn bản, tài liệu", max_length=300)
    number = forms.CharField(label="Số, ký hiệu", max_length=80, required=False)
    dated_on = VietnameseDate(
        label="Ngày", required=False, widget=forms.TextInput(attrs={"placeholder": "dd/mm/yyyy"})
    )
    file = forms.FileField(label="Tệp", required=False)
    url = forms.CharField(
        label="hoặc đường dẫn",
        max_length=500,
        required=False,
        widget=forms.URLInput(attrs={"placeholder": "https://"}),
    )

    def document(self) -> Document:
        return Document(**self.cleaned_data)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def evidence(request: HttpRequest, sheet_id: int, criterion_id: int) -> HttpResponse:
    """The evidence of one component, and the form to add to it."""
    sheet = sheet_or_404(request.user, sheet_id)
    criterion = _criterion(sheet, criterion_id)
    refusal = evidence_refusal(_person(request), sheet, criterion)
    form = EvidenceForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        access.require(refusal is None, refusal or "")
        if form.is_valid() and _attached(request, sheet, criterion, form):
            return HttpResponseRedirect(request.path)
    return render(
        request,
        "office/evidence.html",
        {
            "sheet": sheet,
            "criterion": criterion,
            "documents": _shown(sheet, criterion),
            "form": form,
            "can_edit": refusal is None,
            "refusal": refusal,
            "is_sample": sheet.assessment_year.organiser.is_sample,
            "crumbs": _crumbs(sheet, criterion),
        },
        status=422 if form.errors else 200,
    )


@login_required
@require_GET
def download(request: HttpRequest, sheet_id: int, evidence_id: int) -> FileResponse:
    """A file of evidence, as an attachment: to those who may see the sheet."""
    sheet = sheet_or_404(request.user, sheet_id)
    found = get_object_or_404(Evidence, pk=evidence_id, score__sheet=sheet)
    if not found.file:
        raise Http404
    try:
        content = found.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(
        content, as_attachment=True, filename=found.file_name, content_type=found.content_type
    )
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = SANDBOX
    response["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_POST
def take_off(request: HttpRequest, sheet_id: int, evidence_id: int) -> HttpResponse:
    """Mark a piece of evidence as removed; it stays in the log."""
    sheet = sheet_or_404(request.user, sheet_id)
    found = get_object_or_404(
        Evidence.objects.select_related("score__criterion"), pk=evidence_id, score__sheet=sheet
    )
    refusal = evidence_refusal(_person(request), sheet, found.score.criterion)
    access.require(refusal is None, refusal or "")
    try:
        remove(found, Act(actor=_person(request), how=Change.How.FORM))
        messages.success(request, f"Đã gỡ “{found.title}”.")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return HttpResponseRedirect(reverse("office:evidence", args=[sheet.pk, found.score.criterion_id]))


def _attached(request: HttpRequest, sheet: ScoreSheet, criterion: Criterion, form: EvidenceForm) -> bool:
    try:
        attach(sheet, criterion, form.document(), Act(actor=_person(request), how=Change.How.FORM))
    except ValidationError as error:
        form.add_error(None, error)
        return False
    messages.success(request, "Đã thêm tài liệu kiểm chứng.")
    return True


def _criterion(sheet: ScoreSheet, criterion_id: int) -> Criterion:
    """A component that the unit scores itself: the survey's have no evidence of a unit."""
    leaves = Criterion.objects.filter(criteria_set=sheet.assessment_year.criteria_set_id, is_leaf=True)
    return get_object_or_404(leaves.exclude(origin=ScoreOrigin.SURVEY), pk=criterion_id)


def _shown(sheet: ScoreSheet, criterion: Criterion) -> list[Evidence]:
    found = Evidence.objects.filter(score__sheet=sheet, score__criterion=criterion, removed_at=None)
    return list(found.select_related("by").order_by("at", "pk"))


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _crumbs(sheet: ScoreSheet, criterion: Criterion) -> list[tuple[str, str]]:
    area = criterion.code.partition(".")[0]
    address = f"{reverse('office:sheet', args=[sheet.pk])}?area={area}"
    return [
        ("Việc của tôi", reverse("office:home")),
        (str(sheet.unit), address),
        (f"Kiểm chứng {criterion.code}", ""),
    ]


urlpatterns: list[URLPattern] = [
    path("sheets/<int:sheet_id>/evidence/<int:criterion_id>/", evidence, name="evidence"),
    path("sheets/<int:sheet_id>/evidence/files/<int:evidence_id>/", download, name="evidence-file"),
    path("sheets/<int:sheet_id>/evidence/files/<int:evidence_id>/remove/", take_off, name="evidence-remove"),
]
