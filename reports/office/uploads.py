"""Spreadsheets in and out of a year: templates, uploads, what they would do, and the word to go ahead."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from districts import access
from districts.models import Organiser, Unit, User
from reports import imports, workbooks
from reports.imports.layout import STAGE_SHEETS
from reports.models import AssessmentYear, ImportBatch, ScoreSheet
from reports.sheet_files import MAX_BYTES, TOO_BIG

from .fetch import sheet_or_404, visible_sheets, year_or_404

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN_LINES = 200
MAY_NOT_UPLOAD = "Chỉ người nhập liệu, lãnh đạo đơn vị và người thẩm định được tải tệp điểm lên."
MAY_NOT_SETTLE = "Chỉ người đã tải tệp lên được ghi hoặc bỏ tệp ấy."
SETTLED = "Tệp này đã được ghi hoặc đã bỏ."


class FileForm(forms.Form):
    """One file, of a size that may be read."""

    file = forms.FileField(
        label="Tệp Excel (.xlsx) hoặc CSV",
        max_length=200,
        error_messages={"required": "Hãy chọn một tệp.", "empty": "Tệp rỗng."},
    )

    def clean_file(self) -> UploadedFile:
        file: UploadedFile = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise forms.ValidationError(TOO_BIG)
        return file


class ScoreFileForm(FileForm):
    """A file of points; a workbook says itself which ones they are."""

    stage = forms.ChoiceField(
        label="Nếu là CSV, cột điểm là", choices=list(STAGE_SHEETS.items()), required=False
    )
    reason = forms.CharField(
        label="Lý do, văn bản kèm theo",
        max_length=500,
        required=False,
        help_text="Ghi vào nhật ký; cần khi điểm thẩm định khác điểm tự chấm.",
    )


@login_required
@require_http_methods(["GET", "POST"])
def uploads(request: HttpRequest, year_id: int) -> HttpResponse:
    """The files uploaded to a year, and the form to upload one: of a unit's people its own points alone."""
    user = _user(request)
    year = year_or_404(user, year_id, for_units=True)
    is_officer = access.can_view_organiser(user, year.organiser)
    kind = ScoreFileForm if is_officer else FileForm
    form = kind(request.POST or None, request.FILES or None)
    if request.method == "POST":
        access.require(may_upload(user, year), MAY_NOT_UPLOAD)
        if form.is_valid():
            said = form.cleaned_data
            settings = {"stage": said.get("stage") or "self", "reason": said.get("reason", "")}
            return received(request, year, said["file"], settings=settings)
    sheets = [] if is_officer else list(_sheets(user, year))
    # Who has one sheet comes from it and goes back to it.
    own = [(str(one.unit), reverse("office:sheet", args=[one.pk])) for one in sheets if len(sheets) == 1]
    context = {
        "year": year,
        "form": form,
        "is_officer": is_officer,
        "sheets": sheets,
        "may_upload": may_upload(user, year),
        "brings_results": access.can_publish(user, year.organiser)
        or access.can_administer(user, year.organiser),
        "batches": _batches(user, year).filter(kind=ImportBatch.Kind.SCORES)[:SHOWN_LINES],
        "onward": _onward(user, year),
        "crumbs": [*_crumbs(year), *own, ("Tệp", "")],
    }
    return render(request, "office/uploads.html", context, status=200 if not form.errors else 422)


def received(
    request: HttpRequest,
    place: AssessmentYear | Unit,
    file: UploadedFile,
    *,
    kind: str = ImportBatch.Kind.SCORES,
    settings: dict[str, Any],
) -> HttpResponse:
    """Take a file for a year or a unit in and go to its preview, the same for all kinds."""
    name = PurePath(file.name or "").name
    checked = imports.receive(place, _user(request), name, file.read(), kind=kind, settings=settings)
    return redirect("office:upload", checked.batch.pk)


@login_required
@require_GET
def upload(request: HttpRequest, batch_id: int) -> HttpResponse:
    """What an uploaded file would do, or what became of it."""
    return _preview(request, batch_or_404(_user(request), batch_id))


@login_required
@require_POST
def upload_apply(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Write a file as it was shown."""
    batch = batch_or_404(_user(request), batch_id)
    access.require(batch.by_id == request.user.pk, MAY_NOT_SETTLE)
    try:
        written = imports.confirm(batch, _user(request), shown=request.POST.get("digest", ""))
    except imports.ImportChanged as error:
        messages.error(request, str(error))
        return redirect("office:upload", batch.pk)
    except imports.ImportRefused as refusal:
        return _preview(request, batch, refusal.findings, status=409)
    messages.success(request, f"Đã ghi {written} giá trị từ tệp {batch.file_name}.")
    return redirect(_back(batch))


@login_required
@require_POST
def upload_cancel(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Give a file up; nothing was written."""
    batch = batch_or_404(_user(request), batch_id)
    access.require(batch.by_id == request.user.pk, MAY_NOT_SETTLE)
    imports.cancel(batch)
    messages.info(request, f"Đã bỏ tệp {batch.file_name}; không có giá trị nào thay đổi.")
    return redirect(_back(batch))


@login_required
@require_GET
def upload_errors(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The file again, with its errors beside the cells."""
    batch = batch_or_404(_user(request), batch_id)
    checked = imports.review(batch, _user(request)) if batch.outcome in imports.WAITING else None
    if checked is None or not checked.tables:
        raise Http404(SETTLED)
    return workbook_response(
        workbooks.error_workbook(checked.tables, checked.summary.findings), f"loi-{batch.pk}"
    )


@login_required
@require_GET
def year_template(request: HttpRequest, year_id: int) -> HttpResponse:
    """A year as a workbook that can be filled and uploaded: the units the reader may see, with what stands."""
    user = _user(request)
    year = year_or_404(user, year_id, for_units=True)
    own = ["self"] if not access.can_view_organiser(user, year.organiser) else list(STAGE_SHEETS)
    content = workbooks.year_workbook(year, list(_sheets(user, year)), own)
    return workbook_response(content, f"{year.organiser.slug}-{year.year}-{year.group.slug}")


@login_required
@require_GET
def sheet_template(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """A unit's sheet as a workbook that can be filled and uploaded."""
    sheet = sheet_or_404(_user(request), sheet_id)
    year = sheet.assessment_year
    return workbook_response(
        workbooks.unit_workbook(sheet), f"{year.organiser.slug}-{year.year}-{sheet.unit.code}"
    )


def workbook_response(content: bytes, name: str) -> HttpResponse:
    """Return a workbook as a download."""
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.xlsx"',
        "Cache-Control": "private, no-store",
    }
    return HttpResponse(content, content_type=XLSX, headers=headers)


def may_upload(user: User, year: AssessmentYear) -> bool:
    """Return whether they may write any points of the year: their unit's, or the appraisal's."""
    if access.can_appraise(user, year.organiser):
        return True
    own = year.sheets.filter(unit__in=access.own_units(user)).select_related("unit")
    return any(access.can_enter(user, sheet.unit) for sheet in own)


def _preview(
    request: HttpRequest,
    batch: ImportBatch,
    refused: list[imports.Finding] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    is_waiting = batch.outcome in imports.WAITING
    checked = imports.review(batch, _user(request)) if is_waiting else None
    summary = checked.summary if checked else None
    errors = [*(refused or []), *(summary.errors if summary else [])]
    lines = list(summary.lines) if summary else []
    context = {
        "batch": batch,
        "counts": summary.counts if summary else batch.counts,
        "errors": errors[:SHOWN_LINES],
        "error_count": len(errors),
        "warnings": summary.warnings[:SHOWN_LINES] if summary else [],
        "warning_count": len(summary.warnings) if summary else 0,
        "lines": lines[:SHOWN_LINES],
        "line_count": len(lines),
        "is_waiting": is_waiting,
        "has_file": bool(checked and checked.tables),
        "digest": checked.check.digest if checked and checked.check else "",
        "may_apply": is_waiting and not errors and bool(lines) and batch.by_id == request.user.pk,
        "may_cancel": is_waiting and batch.by_id == request.user.pk,
        "earlier": imports.same_file(batch),
        "onward": _onward(_user(request), batch.assessment_year),
        "back": _back(batch),
        "crumbs": [
            ("Việc của tôi", reverse("office:home")),
            (str(batch.assessment_year or batch.unit), _back(batch)),
            (batch.file_name, ""),
        ],
    }
    return render(request, "office/upload_preview.html", context, status=status)


def batch_or_404(user: User, pk: int) -> ImportBatch:
    """Return an upload to whoever sent it and may still see its year or unit, and to the organiser's people."""
    batches = ImportBatch.objects.select_related(
        "by", "unit", "assessment_year__organiser", "assessment_year__group"
    )
    # Lists of dossiers are no files that are kept; they have pages of their own.
    batch = get_object_or_404(batches.exclude(kind=ImportBatch.Kind.DOSSIER_LIST), pk=pk)
    organiser: Organiser | None
    if batch.assessment_year is not None:
        organiser = year_or_404(user, batch.assessment_year.pk, for_units=True).organiser
    elif batch.unit is not None and access.can_view(user, batch.unit):
        organiser = access.organiser_above(batch.unit)
    else:
        raise Http404
    if batch.by_id != user.pk and not (organiser and access.can_view_organiser(user, organiser)):
        raise Http404
    return batch


def _sheets(user: User, year: AssessmentYear) -> QuerySet[ScoreSheet]:
    sheets = visible_sheets(user).filter(assessment_year=year)
    return sheets.order_by("unit__sort_key", "unit__code")


def _batches(user: User, year: AssessmentYear) -> QuerySet[ImportBatch]:
    batches = ImportBatch.objects.filter(assessment_year=year).select_related("by")
    return batches if access.can_view_organiser(user, year.organiser) else batches.filter(by=user)


def _back(batch: ImportBatch) -> str:
    """Return where the file was uploaded: its sender's settings may name the page."""
    said = batch.counts.get("settings", {})
    if batch.kind == ImportBatch.Kind.RESULTS:
        return reverse("office:results_year", args=[batch.assessment_year_id, said["source"]])
    if "back" in said:
        return str(said["back"])
    return reverse("office:uploads", args=[batch.assessment_year_id])


def _onward(user: User, year: AssessmentYear | None) -> list[tuple[str, str]]:
    """Return where what was written can be seen: the sheet of whoever sees one, else the year."""
    if year is None:
        return []
    sheets = visible_sheets(user).filter(assessment_year=year).select_related("unit")[:2]
    if len(sheets) == 1:
        return [
            (f"Phiếu chấm điểm của {sheets[0].unit.full_name}", reverse("office:sheet", args=[sheets[0].pk]))
        ]
    if access.can_view_organiser(user, year.organiser):
        return [(f"Kỳ đánh giá {year.year}", reverse("office:year", args=[year.pk]))]
    return []


def _crumbs(year: AssessmentYear) -> list[tuple[str, str]]:
    return [("Việc của tôi", "/office/"), (str(year), "")]


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


urlpatterns: list[URLPattern] = [
    path("years/<int:year_id>/uploads/", uploads, name="uploads"),
    path("uploads/<int:batch_id>/", upload, name="upload"),
    path("uploads/<int:batch_id>/apply/", upload_apply, name="upload_apply"),
    path("uploads/<int:batch_id>/cancel/", upload_cancel, name="upload_cancel"),
    path("uploads/<int:batch_id>/errors.xlsx", upload_errors, name="upload_errors"),
    path("years/<int:year_id>/template.xlsx", year_template, name="year_template"),
    path("sheets/<int:sheet_id>/template.xlsx", sheet_template, name="sheet_template"),
]
