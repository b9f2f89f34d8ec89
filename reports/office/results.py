"""Past years: the results an old decision printed, brought in by form or file and published as totals only."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from districts import access
from districts.audit import Act
from districts.models import Change, Organiser, Unit, User
from reports import workbooks
from reports.imports.layout import UNIT_CODE, UNIT_NAME
from reports.imports.places import unit_code
from reports.imports.results import FIELDS, units_of
from reports.models import AssessmentYear, Group, ImportBatch, OfficialResult, Source
from reports.numbers_vi import number
from reports.workflow import steps
from reports.workflow.past_years import NOT_YOURS, Document, open_past_year

from .fetch import year_or_404
from .forms_publishing import OnVersionForm
from .uploads import FileForm, received, workbook_response

MAY_NOT_PUBLISH = "Chỉ người công bố của cơ quan được công bố kết quả."
PUBLISHED_ELSEWHERE = "Công bố lại theo văn bản đã ban hành."
NOT_TOTALS = "Năm này được chấm theo tiêu chí thành phần; hãy công bố ở trang của năm."
# A form of more fields would be refused by the server.
MAX_ROWS = 100
TYPED = ("total", "rank", "grade", "appraised_points", "survey_points")


class PastYearForm(forms.Form):
    """Which year of whom, and the document that printed its results."""

    organiser = forms.ModelChoiceField(Organiser.objects.none(), label="Cơ quan", empty_label=None)
    year = forms.IntegerField(label="Năm đánh giá", min_value=2000, max_value=2100)
    group = forms.ModelChoiceField(Group.objects.all(), label="Nhóm xếp hạng", empty_label=None)
    document = forms.CharField(
        label="Văn bản",
        max_length=300,
        help_text="Ví dụ: Quyết định công bố Chỉ số cải cách hành chính năm 2023.",
    )
    decision_number = forms.CharField(label="Số, ký hiệu", max_length=60, required=False)
    decided_on = forms.DateField(
        label="Ngày văn bản",
        required=False,
        input_formats=["%d/%m/%Y", "%Y-%m-%d"],
        help_text="Ngày/tháng/năm.",
    )
    url = forms.URLField(label="Địa chỉ trên mạng", max_length=500, required=False, assume_scheme="https")
    roster_size = forms.IntegerField(
        label="Số đơn vị được xếp hạng", min_value=1, max_value=20_000, required=False
    )

    def __init__(self, organisers: QuerySet[Organiser], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        field = self.fields["organiser"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = organisers

    def document_of(self) -> Document:
        """Return what was said of the document, once the form is valid."""
        said = self.cleaned_data
        return Document(
            title=said["document"],
            number=said["decision_number"],
            dated_on=said["decided_on"],
            url=said["url"],
            roster_size=said["roster_size"],
        )


class TotalsPublishForm(OnVersionForm):
    """The decision by which results known only as totals are published."""

    decision_number = forms.CharField(label="Số quyết định", max_length=60, required=False)
    decided_on = forms.DateField(
        label="Ngày quyết định", required=False, input_formats=["%d/%m/%Y", "%Y-%m-%d"]
    )
    reason = forms.CharField(label="Lý do (khi đính chính)", max_length=500, required=False)


@login_required
@require_http_methods(["GET", "POST"])
def results(request: HttpRequest) -> HttpResponse:
    """The years brought in so far, and the form to begin another."""
    organisers = _organisers(_user(request))
    access.require(organisers.exists(), NOT_YOURS)
    form = PastYearForm(organisers, request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        year, source = open_past_year(
            AssessmentYear(organiser=said["organiser"], year=said["year"], group=said["group"]),
            form.document_of(),
            Act(_user(request), Change.How.FORM),
        )
        return redirect("office:results_year", year.pk, source.slug)
    rows = (
        OfficialResult.objects.filter(assessment_year__organiser__in=organisers)
        .values_list("assessment_year", "source")
        .distinct()
    )
    years = AssessmentYear.objects.select_related("organiser", "group", "current_publication").in_bulk(
        {year for year, _ in rows}
    )
    sources = Source.objects.in_bulk({source for _, source in rows})
    listed = sorted(((years[y], sources[s]) for y, s in rows), key=lambda row: (-row[0].year, row[1].slug))
    context = {
        "form": form,
        "rows": listed,
        "crumbs": [("Việc của tôi", "/office/"), ("Kết quả năm trước", "")],
    }
    return render(request, "office/results.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def results_year(request: HttpRequest, year_id: int, source_slug: str) -> HttpResponse:
    """A year's printed results: what stands, the form, the upload, and publishing."""
    year, source = _year_and_source(request, year_id, source_slug)
    return _page(request, year, source)


@login_required
@require_POST
def results_upload(request: HttpRequest, year_id: int, source_slug: str) -> HttpResponse:
    """Take the annex as a file; what follows is the preview all files have."""
    year, source = _year_and_source(request, year_id, source_slug)
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, year, source, file_form=form, status=422)
    settings = {"source": source.slug, "how": "import"}
    file = form.cleaned_data["file"]
    return received(request, year, file, kind=ImportBatch.Kind.RESULTS, settings=settings)


@login_required
@require_POST
def results_rows(request: HttpRequest, year_id: int, source_slug: str) -> HttpResponse:
    """Take the annex as typed: the same check, the same preview."""
    year, source = _year_and_source(request, year_id, source_slug)
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";")
    writer.writerow([UNIT_CODE, UNIT_NAME, *(FIELDS[name].title for name in TYPED)])
    for unit in units_of(year)[:MAX_ROWS]:
        typed = [request.POST.get(f"{unit.pk}-{name}", "").strip() for name in TYPED]
        if any(typed):
            writer.writerow([unit_code(unit), unit.full_name, *typed])
    file = SimpleUploadedFile("nhap-tay.csv", buffer.getvalue().encode("utf-8-sig"))
    settings = {"source": source.slug, "how": "form"}
    return received(request, year, file, kind=ImportBatch.Kind.RESULTS, settings=settings)


@login_required
@require_POST
def results_publish(request: HttpRequest, year_id: int, source_slug: str) -> HttpResponse:
    """Publish a year that is known only by its totals."""
    year, source = _year_and_source(request, year_id, source_slug)
    access.require(access.can_publish(request.user, year.organiser), MAY_NOT_PUBLISH)
    access.require(year.basis == AssessmentYear.Basis.TOTALS, NOT_TOTALS)
    form = TotalsPublishForm(year, request.POST)
    if not form.is_valid():
        return _page(request, year, source, publish_form=form, status=422)
    said = form.cleaned_data
    is_published = year.stage == AssessmentYear.Stage.PUBLISHED
    # A year that a document alone had made known is published here for the first time: nothing is put right.
    reason = said["reason"] or ("" if year.current_publication_id else PUBLISHED_ELSEWHERE)
    try:
        (steps.correct if is_published else steps.publish)(
            year,
            Act(actor=_user(request), how=Change.How.FORM, reason=reason if is_published else said["reason"]),
            published_at=_moment(said["decided_on"]),
            decision_number=said["decision_number"],
            decided_on=said["decided_on"],
            source=source,
        )
    except ValidationError as error:
        form.add_error(None, error)
        return _page(request, year, source, publish_form=form, status=422)
    messages.success(request, f"Đã công bố kết quả tổng hợp năm {year.year}.")
    return redirect(year.get_absolute_url())


@login_required
@require_GET
def results_template(request: HttpRequest, year_id: int, source_slug: str) -> HttpResponse:
    """The annex as a workbook to fill in, with what stands."""
    year, source = _year_and_source(request, year_id, source_slug)
    units = [(unit_code(unit), unit.full_name) for unit in units_of(year)]
    content = workbooks.results_workbook(
        year, units, {unit_code(row.unit): row for row in _stored(year, source)}
    )
    return workbook_response(content, f"ket-qua-{year.organiser.slug}-{year.year}-{year.group.slug}")


def _page(
    request: HttpRequest,
    year: AssessmentYear,
    source: Source,
    *,
    file_form: FileForm | None = None,
    publish_form: TotalsPublishForm | None = None,
    status: int = 200,
) -> HttpResponse:
    stored = {row.unit_id: row for row in _stored(year, source)}
    units = list(units_of(year)[: MAX_ROWS + 1])
    may_publish = (
        access.can_publish(request.user, year.organiser) and year.basis == AssessmentYear.Basis.TOTALS
    )
    initial = {"decided_on": source.published_on and f"{source.published_on:%d/%m/%Y}"}
    context = {
        "year": year,
        "source": source,
        "headers": [FIELDS[name].title for name in TYPED],
        "rows": _rows(units, stored) if len(units) <= MAX_ROWS else [],
        "is_too_long": len(units) > MAX_ROWS,
        "stored_count": len(stored),
        "file_form": file_form or FileForm(),
        "publish_form": (publish_form or TotalsPublishForm(year, initial=initial))
        if may_publish and stored
        else None,
        "crumbs": [
            ("Việc của tôi", "/office/"),
            ("Kết quả năm trước", "/office/results/"),
            (f"{year.organiser.name} {year.year}", ""),
        ],
    }
    return render(request, "office/results_year.html", context, status=status)


def _rows(
    units: Iterable[Unit], stored: dict[int, OfficialResult]
) -> list[tuple[Unit, list[tuple[str, str, str]]]]:
    """Return each unit with the name, label and text of its inputs."""
    return [
        (
            unit,
            [
                (
                    f"{unit.pk}-{name}",
                    f"{unit.full_name}: {FIELDS[name].title}",
                    _typed(stored.get(unit.pk), name),
                )
                for name in TYPED
            ],
        )
        for unit in units
    ]


def _typed(row: OfficialResult | None, name: str) -> str:
    value = getattr(row, name) if row else None
    if value in (None, ""):
        return ""
    return number(value, 4).replace(".", "") if FIELDS[name].kind == "points" else str(value)


def _stored(year: AssessmentYear, source: Source) -> QuerySet[OfficialResult]:
    return OfficialResult.objects.filter(assessment_year=year, source=source).select_related("unit")


def _year_and_source(request: HttpRequest, year_id: int, slug: str) -> tuple[AssessmentYear, Source]:
    user = _user(request)
    year = year_or_404(user, year_id)
    access.require(_organisers(user).filter(pk=year.organiser_id).exists(), NOT_YOURS)
    return year, get_object_or_404(Source, slug=slug)


def _organisers(user: User) -> QuerySet[Organiser]:
    return (access.published_by(user) | access.administered_by(user)).distinct()


def _moment(day: dt.date | None) -> dt.datetime:
    """A year of the past was published on the day of its decision."""
    if day is None:
        return timezone.now()
    return timezone.make_aware(dt.datetime.combine(day, dt.time(0)))


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


urlpatterns: list[URLPattern] = [
    path("results/", results, name="results"),
    path("results/<int:year_id>/<slug:source_slug>/", results_year, name="results_year"),
    path("results/<int:year_id>/<slug:source_slug>/upload/", results_upload, name="results_upload"),
    path("results/<int:year_id>/<slug:source_slug>/rows/", results_rows, name="results_rows"),
    path("results/<int:year_id>/<slug:source_slug>/publish/", results_publish, name="results_publish"),
    path("results/<int:year_id>/<slug:source_slug>/template.xlsx", results_template, name="results_template"),
]
