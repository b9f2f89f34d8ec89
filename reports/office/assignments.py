"""Who does which part: an office (phòng) or a person fills in, a department (sở) appraises its own nodes."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from districts import access, audit
from districts.models import Level, Unit, User
from reports.models import AssessmentYear, Assignment, Criterion, ScoreSheet
from reports.workflow import context_of

from .appraisal import act_of
from .fetch import year_or_404

NOT_YOURS = "Chỉ cơ quan tổ chức (người công bố, quản trị) hoặc lãnh đạo đơn vị được phân công."
ENTERING = (Assignment.Task.ENTER, Assignment.Task.APPROVE)


class AssignmentForm(forms.Form):
    """A node for a person or an agency. The organiser gives appraisal, a unit's lead gives its own entering."""

    task = forms.ChoiceField(label="Việc")
    unit = forms.ModelChoiceField(Unit.objects.none(), label="Đơn vị", required=False)
    criterion = forms.ModelChoiceField(Criterion.objects.none(), label="Lĩnh vực, tiêu chí")
    user = forms.ModelChoiceField(
        User.objects.none(), label="Giao cho người", required=False, empty_label="(không chọn)"
    )
    agency = forms.ModelChoiceField(
        Unit.objects.none(), label="hoặc giao cho cơ quan, phòng", required=False, empty_label="(không chọn)"
    )

    def __init__(
        self, year: AssessmentYear, led: QuerySet[Unit], is_office: bool, *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        tasks = [
            t
            for t in Assignment.Task
            if (t in ENTERING and led.exists()) or (t not in ENTERING and is_office)
        ]
        units = Unit.objects.filter(sheets__assessment_year=year) if is_office else led
        self.is_office, self.led = is_office, led
        self._choose("task", [(task.value, task.label) for task in tasks])
        self._query("unit", units.distinct())
        unit = self.fields["unit"]
        assert isinstance(unit, forms.ModelChoiceField)
        unit.empty_label = "mọi đơn vị (chỉ khi thẩm định)" if is_office else None
        self._query(
            "criterion", Criterion.objects.filter(criteria_set=year.criteria_set_id).order_by("order")
        )
        self._query("user", people_of(year, units, is_office))
        self._query("agency", agencies_of(year, units, is_office))

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def _query(self, name: str, queryset: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = queryset

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if bool(cleaned.get("user")) == bool(cleaned.get("agency")):
            raise forms.ValidationError("Giao cho một người hoặc một cơ quan.")
        if cleaned.get("task") in ENTERING:
            unit = cleaned.get("unit")
            if unit is None:
                self.add_error("unit", "Nhập và duyệt thì phải chọn đơn vị.")
            elif not self.led.filter(pk=unit.pk).exists():
                self.add_error("unit", "Chỉ lãnh đạo đơn vị được phân công việc của đơn vị mình.")
        elif cleaned.get("task"):
            self._refuse_own_unit(cleaned)
        return cleaned

    def _refuse_own_unit(self, cleaned: dict[str, Any]) -> None:
        """Nobody appraises the unit they belong to; of all units, they appraise the others."""
        unit, user, agency = cleaned.get("unit"), cleaned.get("user"), cleaned.get("agency")
        if unit is None:
            return
        if user is not None and access.is_of(user, unit):
            self.add_error("user", "Người này thuộc đơn vị được thẩm định.")
        if agency is not None and agency.parent_id == unit.pk:
            self.add_error("agency", "Cơ quan này thuộc đơn vị được thẩm định.")


def people_of(year: AssessmentYear, units: QuerySet[Unit], is_office: bool) -> QuerySet[User]:
    """Return to whom a node may be given: the people of these units and, for the organiser, its own."""
    here = Q(memberships__unit__in=units) | Q(memberships__unit__parent__in=units)
    if is_office:
        here |= Q(memberships__organiser=year.organiser_id)
    return User.objects.filter(here, is_active=True).distinct().order_by("username")


def agencies_of(year: AssessmentYear, units: QuerySet[Unit], is_office: bool) -> QuerySet[Unit]:
    """Return the agencies of these units and, for the organiser, those of its own."""
    below = Q(parent__in=units)
    if is_office:
        below |= Q(parent__in=year.organiser.units.all())
    return Unit.objects.filter(below, level=Level.AGENCY).distinct().order_by("sort_key")


def _led(request: HttpRequest, year: AssessmentYear) -> QuerySet[Unit]:
    """Return the units of the year that they lead."""
    sheets = ScoreSheet.objects.filter(assessment_year=year, unit__in=access.own_units(request.user))
    led = [
        sheet.unit_id for sheet in sheets.select_related("unit") if access.can_lead(request.user, sheet.unit)
    ]
    if access.is_almighty(request.user):
        return Unit.objects.filter(sheets__assessment_year=year)
    return Unit.objects.filter(pk__in=led)


def _is_office(request: HttpRequest, year: AssessmentYear) -> bool:
    organiser = year.organiser
    return access.can_publish(request.user, organiser) or access.can_administer(request.user, organiser)


@login_required
def assignments(request: HttpRequest, year_id: int) -> HttpResponse:
    """The assignments one may see, and the form to add one."""
    year = year_or_404(request.user, year_id, for_units=True)
    led, is_office = _led(request, year), _is_office(request, year)
    may_write = is_office or led.exists()
    form = AssignmentForm(year, led, is_office, request.POST or None) if may_write else None
    if request.method == "POST":
        access.require(may_write, NOT_YOURS)
        assert form is not None
        if form.is_valid():
            _add(request, year, form.cleaned_data)
            return redirect("office:assignments", year.pk)
    rows = _visible(request, year).select_related("unit", "criterion", "user", "agency")
    context = {
        "year": year,
        "form": form,
        "rows": [
            (row, _may_remove(request, row, led, is_office))
            for row in rows.order_by("task", "criterion__order")
        ],
        "crumbs": [
            ("Việc của tôi", reverse("office:home")),
            (f"{year.organiser} {year.year}", reverse("office:year", args=[year.pk])),
            ("Phân công", ""),
        ],
        "is_sample": year.organiser.is_sample,
    }
    return render(request, "office/assignments.html", context)


def _visible(request: HttpRequest, year: AssessmentYear) -> QuerySet[Assignment]:
    given = Assignment.objects.filter(assessment_year=year)
    if access.can_view_organiser(request.user, year.organiser):
        return given
    own = access.own_units(request.user)
    return given.filter(Q(unit__in=own) | Q(agency__in=own) | Q(user=request.user.pk))


def _may_remove(request: HttpRequest, row: Assignment, led: QuerySet[Unit], is_office: bool) -> bool:
    if row.task == Assignment.Task.APPRAISE:
        return is_office
    return row.unit is not None and access.can_lead(request.user, row.unit)


@transaction.atomic
def _add(request: HttpRequest, year: AssessmentYear, cleaned: dict[str, Any]) -> None:
    row, is_new = Assignment.objects.get_or_create(assessment_year=year, **cleaned)
    if is_new:
        audit.record([_entry(row, None, _words(row))], act_of(request))
        messages.success(request, "Đã phân công.")
    else:
        messages.info(request, "Phân công này đã có.")


@login_required
@require_POST
def remove(request: HttpRequest, year_id: int, assignment_id: int) -> HttpResponse:
    year = year_or_404(request.user, year_id, for_units=True)
    row = get_object_or_404(_visible(request, year), pk=assignment_id)
    access.require(_may_remove(request, row, _led(request, year), _is_office(request, year)), NOT_YOURS)
    with transaction.atomic():
        audit.record([_entry(row, _words(row), None)], act_of(request))
        row.delete()
    messages.success(request, "Đã bỏ phân công.")
    return redirect("office:assignments", year.pk)


def _words(row: Assignment) -> str:
    return f"{row.get_task_display()}: {row.user or row.agency}"


def _entry(row: Assignment, before: str | None, after: str | None) -> audit.Entry:
    return audit.Entry(
        model="reports.assignment",
        object_id=row.pk,
        label=str(row.criterion),
        field="assignment",
        before=before,
        after=after,
        unit_id=row.unit_id,
        context=context_of(row.assessment_year),
    )


urlpatterns = [
    path("years/<int:year_id>/assignments/", assignments, name="assignments"),
    path("years/<int:year_id>/assignments/<int:assignment_id>/remove/", remove, name="assignment_remove"),
]
