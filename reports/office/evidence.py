"""Evidence of a component: the list, adding, taking off, and the only way to a file."""

from __future__ import annotations

from dataclasses import dataclass

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
from reports.summaries.evidence import evidence_of
from reports.summaries.sheet import is_appraisal_open
from reports.workflow.entering import evidence_refusal, given_components
from reports.workflow.evidence import IS_APPRAISED, attach, remove

from .forms_evidence import EvidenceForm, FilesForm, HeldForm, LinkForm

# Whatever a file contains, a browser neither runs it nor shows it as a page of this site.
SANDBOX = "default-src 'none'; sandbox"
WAYS: tuple[type[EvidenceForm], ...] = (FilesForm, HeldForm, LinkForm)


@dataclass(frozen=True)
class Refused:
    """What was not kept, and why: the name is empty where there was only one."""

    name: str
    reason: str


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def evidence(request: HttpRequest, sheet_id: int, criterion_id: int) -> HttpResponse:
    """The evidence of one component, and the ways to add to it; what is sent together is kept one by one."""
    sheet = sheet_or_404(request.user, sheet_id)
    criterion = _criterion(sheet, criterion_id)
    person = _person(request)
    refusal = evidence_refusal(person, sheet, criterion)
    ways = {way.how: way(request, sheet) for way in WAYS}
    refused: list[Refused] = []
    if request.method == "POST":
        access.require(refusal is None, refusal or "")
        form = next((form for form in ways.values() if form.is_bound), None)
        if form is not None and form.is_valid():
            refused = _attached(request, sheet, criterion, form)
            if not refused and not form.errors:
                return HttpResponseRedirect(request.path)
    is_officer = access.can_view_organiser(person, sheet.assessment_year.organiser)
    only = given_components(person, sheet) if refusal is None else None
    back = _row(sheet, criterion, is_officer=is_officer)
    return render(
        request,
        "office/evidence.html",
        {
            "sheet": sheet,
            "criterion": criterion,
            "found": evidence_of(sheet, criterion, only),
            "ways": ways,
            "refused": refused,
            "can_edit": refusal is None,
            "refusal": refusal,
            "is_officer": is_officer,
            "is_sample": sheet.assessment_year.organiser.is_sample,
            "back": back,
            "crumbs": _crumbs(sheet, criterion, back),
        },
        status=422 if refused or any(form.errors for form in ways.values()) else 200,
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


def _attached(
    request: HttpRequest, sheet: ScoreSheet, criterion: Criterion, form: EvidenceForm
) -> list[Refused]:
    """Attach what a form holds, each by itself; return what was refused, errors of a field are the form's."""
    act = Act(actor=_person(request), how=Change.How.FORM)
    refused, kept = [], 0
    for name, document in form.documents():
        try:
            attach(sheet, criterion, document, act)
            kept += 1
        except ValidationError as error:
            if name:
                refused.append(Refused(name, " ".join(error.messages)))
            else:
                form.add_error(None, error)
    if kept:
        said = "Đã thêm tài liệu kiểm chứng." if kept == 1 else f"Đã thêm {kept} tài liệu kiểm chứng."
        messages.success(request, said)
    return refused


def _criterion(sheet: ScoreSheet, criterion_id: int) -> Criterion:
    """A component that the unit scores itself: the survey's have no evidence of a unit."""
    leaves = Criterion.objects.filter(criteria_set=sheet.assessment_year.criteria_set_id, is_leaf=True)
    return get_object_or_404(leaves.exclude(origin=ScoreOrigin.SURVEY), pk=criterion_id)


def _person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _row(sheet: ScoreSheet, criterion: Criterion, *, is_officer: bool) -> str:
    """Return the address of the row that leads here: in the reply while the unit replies, else in the sheet."""
    place = f"#row-{criterion.pk}"
    if sheet.status in IS_APPRAISED and is_appraisal_open(sheet.assessment_year) and not is_officer:
        return reverse("office:reply", args=[sheet.pk]) + place
    return f"{reverse('office:sheet', args=[sheet.pk])}?area={criterion.code.partition('.')[0]}{place}"


def _crumbs(sheet: ScoreSheet, criterion: Criterion, back: str) -> list[tuple[str, str]]:
    return [
        ("Việc của tôi", reverse("office:home")),
        (str(sheet.unit), back),
        (f"Kiểm chứng {criterion.code}", ""),
    ]


urlpatterns: list[URLPattern] = [
    path("sheets/<int:sheet_id>/evidence/<int:criterion_id>/", evidence, name="evidence"),
    path("sheets/<int:sheet_id>/evidence/files/<int:evidence_id>/", download, name="evidence-file"),
    path("sheets/<int:sheet_id>/evidence/files/<int:evidence_id>/remove/", take_off, name="evidence-remove"),
]
