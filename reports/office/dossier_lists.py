"""A unit's lists of dossiers: uploaded, counted at once, looked at as numbers, and put in the place of older counts.

The list itself never touches a disk: it is read from memory while it is uploaded, and what cannot be counted goes
back in the very answer.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from districts import access
from districts.audit import Act
from districts.models import Change, Unit, User
from reports.dossier_lists import Channel, Counted, count_list
from reports.imports.dossier_lists import ListRefused, NeedsReason, lines_by_table, preview, write_list
from reports.imports.listed import Listed, listed_by_unit, places_of, rejections_workbook, unknown_fields
from reports.imports.waiting import keep, settle, waiting_counts
from reports.models import DossierField, ImportBatch, Scope
from reports.sheet_files import MAX_BYTES, TOO_BIG
from reports.summaries.dossiers import period_label
from reports.workbook_archives import MEGABYTE, FileError
from reports.workflow.figures import MAY_NOT_WRITE, may_write

from .fetch import unit_or_404
from .forms_dossier_lists import NEW_FIELD, ListForm
from .units import unit_context
from .uploads import XLSX

SHOWN_LINES = 200
TITLE = "Đếm từ danh sách hồ sơ"
NOT_YOURS = "Chỉ người đã tải danh sách lên được ghi hoặc bỏ."


class InMemory(MemoryFileUploadHandler):
    """Keeps an upload of allowed size in memory, and nothing of a bigger one."""

    def handle_raw_input(
        self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any
    ) -> None:
        self.activated = content_length <= MAX_BYTES + MEGABYTE


@csrf_exempt
@login_required
@require_http_methods(["GET", "POST"])
def dossier_lists(request: HttpRequest, unit_id: int) -> HttpResponse:
    """The lists that were counted, and the form to upload one."""
    # Before anything is read of the request, the token against forgery included: that is checked right after.
    request.upload_handlers = [InMemory(request)]
    return _dossier_lists(request, unit_id)


@csrf_protect
def _dossier_lists(request: HttpRequest, unit_id: int) -> HttpResponse:
    unit = unit_or_404(request.user, unit_id)
    form = ListForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        access.require(may_write(_user(request), unit), MAY_NOT_WRITE)
        if int(request.META.get("CONTENT_LENGTH") or 0) > MAX_BYTES + MEGABYTE:
            form = ListForm()
            form.too_big = TOO_BIG
        elif form.is_valid():
            return _received(request, unit, form)
    return _form_page(request, unit, form, status=422 if form.errors or form.too_big else 200)


def _form_page(request: HttpRequest, unit: Unit, form: ListForm, *, status: int = 200) -> HttpResponse:
    kind = ImportBatch.Kind.DOSSIER_LIST
    batches = unit.import_batches.filter(kind=kind).select_related("by").defer("counts")
    own = [("Hồ sơ", reverse("office:dossiers", args=[unit.pk])), (TITLE, "")]
    context = _context(request, unit, own) | {"form": form, "batches": batches[:SHOWN_LINES]}
    return render(request, "office/dossier_lists.html", context, status=status)


def _received(request: HttpRequest, unit: Unit, form: ListForm) -> HttpResponse:
    file: UploadedFile = form.cleaned_data["file"]
    content = file.read()
    batch = ImportBatch(
        kind=ImportBatch.Kind.DOSSIER_LIST,
        unit=unit,
        by=_user(request),
        # A name of a file may be a name of a person.
        file_name="danh-sach-ho-so",
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
    )
    try:
        counted = _counted(content, unit, form)
    except FileError as error:
        keep(batch, None)
        form.add_error("file", str(error))
        return _form_page(request, unit, form, status=422)
    keep(batch, counted, listed_by_unit(counted, form.cleaned_data["convention"]).get(unit.pk))
    if not counted.rejected:
        return redirect("office:dossier_list", unit.pk, batch.pk)
    return _rejected(request, unit, batch, counted)


def _counted(content: bytes, unit: Unit, form: ListForm) -> Counted:
    said = form.cleaned_data
    return count_list(
        BytesIO(content),
        form.periods,
        places_of(unit, said["scope"]),
        today=timezone.localdate(),
        convention=said["convention"],
        channel=Channel(said["channel"]) if said["channel"] else None,
    )


def _rejected(request: HttpRequest, unit: Unit, batch: ImportBatch, counted: Counted) -> HttpResponse:
    """Give rejected rows back in this very answer; nobody can ask for them again."""
    workbook = base64.b64encode(rejections_workbook(counted.rejections)).decode()
    context = _context(request, unit, _crumbs(unit, "Hàng bị loại")) | {
        "batch": batch,
        "counted": counted,
        "shown": counted.rejections[:SHOWN_LINES],
        "workbook": f"data:{XLSX};base64,{workbook}",
    }
    return render(request, "office/dossier_list_rejected.html", context, status=422)


@login_required
@require_GET
def dossier_list(request: HttpRequest, unit_id: int, batch_id: int) -> HttpResponse:
    """What a counted list would replace; what became of it, where it is settled."""
    unit = unit_or_404(request.user, unit_id)
    return _preview_page(request, unit, _batch_or_404(unit, batch_id), request.GET)


@login_required
@require_POST
def dossier_list_apply(request: HttpRequest, unit_id: int, batch_id: int) -> HttpResponse:
    """Put the counts in the place of what stands, as they were shown."""
    unit = unit_or_404(request.user, unit_id)
    batch = _own_batch(request, unit, batch_id)
    listed, reason = waiting_counts(batch), request.POST.get("gap_reason", "").strip()
    if listed is None:
        messages.error(request, "Danh sách này đã được ghi hoặc đã bỏ.")
        return redirect("office:dossier_lists", unit.pk)
    chosen, act = _chosen(request.POST, listed), _act(request, batch, reason)
    shown = request.POST.get("digest", "")
    try:
        written = settle(batch, lambda: write_list(unit, listed, chosen, act, reason=reason, shown=shown))
    except NeedsReason:
        messages.error(request, "Hãy giải thích chênh lệch trước khi ghi.")
        return _preview_page(request, unit, batch, request.POST, status=409)
    except ListRefused as refusal:
        messages.error(request, str(refusal))
        return _preview_page(request, unit, batch, request.POST, status=409)
    messages.success(request, f"Đã ghi: {written} dòng số liệu mới hoặc thay đổi.")
    return redirect("office:dossiers", unit.pk)


@login_required
@require_POST
def dossier_list_cancel(request: HttpRequest, unit_id: int, batch_id: int) -> HttpResponse:
    """Give the counts up; nothing was written."""
    unit = unit_or_404(request.user, unit_id)
    batch = _own_batch(request, unit, batch_id)
    if waiting_counts(batch) is not None:
        settle(batch, None)
        messages.info(request, "Đã bỏ danh sách; không có số liệu nào thay đổi.")
    return redirect("office:dossier_lists", unit.pk)


def _preview_page(
    request: HttpRequest, unit: Unit, batch: ImportBatch, said: QueryDict, *, status: int = 200
) -> HttpResponse:
    listed = waiting_counts(batch)
    context = _context(request, unit, _crumbs(unit, "Xem trước")) | {"batch": batch, "listed": listed}
    if listed is None or not context["may_write"]:
        return render(request, "office/dossier_list.html", context, status=status)
    last = dt.date.fromisoformat(batch.counts["last"]) if batch.counts.get("last") else None
    # Whatever happened after the list was drawn is not in it.
    context["ends_early"] = last if last and listed.periods and last < listed.periods[-1].start else None
    unknown, chosen = unknown_fields([listed]), _chosen(said, listed)
    context["unknown"] = [
        (number, name, said.get(f"field-{number}", ""))
        for number, (key, name) in enumerate(sorted(unknown.items()))
    ]
    context["is_mapped"] = unknown.keys() <= chosen.keys()
    if unknown:
        context["known"] = DossierField.objects.order_by("name")
    if context["is_mapped"]:
        reason = said.get("gap_reason", "").strip()
        found = preview(unit, listed, chosen, _act(request, batch, reason), reason)
        scopes = dict(Scope.choices)
        context["tables"] = [
            (scopes[scope], name, [(period_label(line.period), line) for line in lines])
            for scope, name, lines in lines_by_table(found.lines)
        ]
        context |= {"found": found, "gap_reason": reason, "is_own": batch.by_id == _user(request).pk}
    return render(request, "office/dossier_list.html", context, status=status)


def _chosen(said: QueryDict, listed: Listed) -> Mapping[str, DossierField | None]:
    """Return which field is meant by each unknown name, as far as it was said; None is a new one."""
    asked = {
        key: said.get(f"field-{number}", "") for number, key in enumerate(sorted(unknown_fields([listed])))
    }
    known = {field.slug: field for field in DossierField.objects.filter(slug__in=asked.values())}
    new = {key: None for key, slug in asked.items() if slug == NEW_FIELD}
    return new | {key: known[slug] for key, slug in asked.items() if slug in known}


def _batch_or_404(unit: Unit, pk: int) -> ImportBatch:
    batches = unit.import_batches.filter(kind=ImportBatch.Kind.DOSSIER_LIST).select_related("by")
    return get_object_or_404(batches, pk=pk)


def _own_batch(request: HttpRequest, unit: Unit, pk: int) -> ImportBatch:
    batch = _batch_or_404(unit, pk)
    access.require(may_write(_user(request), unit), MAY_NOT_WRITE)
    access.require(batch.by_id == _user(request).pk, NOT_YOURS)
    return batch


def _context(request: HttpRequest, unit: Unit, crumbs: list[tuple[str, str]]) -> dict[str, Any]:
    context = unit_context(request, unit, TITLE)
    first = list(context["crumbs"])[:-1]  # type: ignore[call-overload]
    return context | {"crumbs": [*first, *crumbs]}


def _crumbs(unit: Unit, title: str) -> list[tuple[str, str]]:
    return [
        ("Hồ sơ", reverse("office:dossiers", args=[unit.pk])),
        (TITLE, reverse("office:dossier_lists", args=[unit.pk])),
        (title, ""),
    ]


def _act(request: HttpRequest, batch: ImportBatch, reason: str) -> Act:
    return Act(_user(request), Change.How.IMPORT, reason, batch.pk)


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


urlpatterns: list[URLPattern] = [
    path("units/<int:unit_id>/dossier-lists/", dossier_lists, name="dossier_lists"),
    path("units/<int:unit_id>/dossier-lists/<int:batch_id>/", dossier_list, name="dossier_list"),
    path(
        "units/<int:unit_id>/dossier-lists/<int:batch_id>/apply/",
        dossier_list_apply,
        name="dossier_list_apply",
    ),
    path(
        "units/<int:unit_id>/dossier-lists/<int:batch_id>/cancel/",
        dossier_list_cancel,
        name="dossier_list_cancel",
    ),
]
