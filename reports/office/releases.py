"""Making units' figures public: what is ready, what is missing or contradicts itself, versions, and the button."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from districts import access
from districts.audit import Act
from districts.models import Change, Organiser, User
from reports.models import Release
from reports.models.bounds import PLAUSIBLE_DAY
from reports.periods import Period
from reports.readers import whole_year
from reports.summaries.entered import KindOfFigures, Standing, expected_units, figures_of_units
from reports.summaries.readiness import Readiness, readiness
from reports.workflow.releases import ONLY_PUBLISHERS, release

from .fetch import organiser_or_404

FOR_ORGANISERS = "Trang này dành cho người của cơ quan tổ chức đánh giá."
YEARS_BACK = 6


class PeriodForm(forms.Form):
    """From which day to which; dates as every form of the office takes them."""

    starts_on = forms.DateField(
        label="Từ ngày", validators=PLAUSIBLE_DAY, widget=forms.DateInput(attrs={"placeholder": "01/01/2025"})
    )
    ends_on = forms.DateField(
        label="Đến ngày",
        validators=PLAUSIBLE_DAY,
        widget=forms.DateInput(attrs={"placeholder": "31/12/2025"}),
    )


class ReleaseForm(forms.Form):
    shown = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = forms.CharField(
        label="Lý do thay đổi", required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    sure = forms.BooleanField(
        label="Tôi đã xem các cảnh báo và công khai các số liệu này",
        error_messages={"required": "Hãy đánh dấu để xác nhận."},
    )


@login_required
@require_GET
def releases(request: HttpRequest) -> HttpResponse:
    """What is ready to be made public in `?year=`, by organiser, kind and period, and what has been."""
    organisers = list(access.organisers_of(request.user))
    access.require(bool(organisers), FOR_ORGANISERS)
    this_year = timezone.localdate().year
    year = whole_year(request.GET.get("year")) or this_year
    context = {
        "organisers": [(one, _kinds(one, year), list(_past(one, year))) for one in organisers],
        "year": year,
        "years": sorted({*range(this_year - YEARS_BACK, this_year + 1), year}, reverse=True),
        "whole_year": Period(dt.date(year, 1, 1), dt.date(year, 12, 31)),
        "form": PeriodForm(),
        "crumbs": [("Việc của tôi", reverse("office:home")), ("Công khai số liệu", "")],
    }
    return render(request, "office/releases.html", context)


@login_required
def release_period(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """What a release of `?starts_on=` to `?ends_on=` would show; POST makes it public."""
    organiser = organiser_or_404(request.user, slug)
    if kind not in Release.Kind.values:
        raise Http404
    may_publish = access.can_publish(request.user, organiser)
    if request.method == "POST":
        access.require(may_publish, ONLY_PUBLISHERS)
    period = _asked_period(request)
    if period is None:
        messages.error(request, "Hãy chọn kỳ: từ ngày, đến ngày (dd/mm/yyyy).")
        return redirect("office:releases")
    form = ReleaseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _released(request, organiser, kind, period, form):
        return redirect(f"{reverse('office:releases')}?year={period.end.year}")
    found = readiness(organiser, kind, period)
    return render(request, "office/release.html", _page(found, form, may_publish=may_publish))


def _released(
    request: HttpRequest, organiser: Organiser, kind: str, period: Period, form: ReleaseForm
) -> bool:
    assert isinstance(request.user, User)
    reason = form.cleaned_data["reason"]
    act = Act(request.user, Change.How.FORM, reason)
    try:
        made = release(
            organiser, kind, period.start, period.end, act, reason, shown=form.cleaned_data["shown"] or None
        )
    except ValidationError as error:
        form.add_error("reason" if error.code == "reason" else None, " ".join(error.messages))
        return False
    messages.success(request, f"Đã công khai {made.get_kind_display()}, bản {made.version}.")
    return True


def _page(found: Readiness, form: ReleaseForm, *, may_publish: bool) -> dict[str, object]:
    return {
        "ready": found,
        "organiser": found.organiser,
        "form": form,
        "may_publish": may_publish,
        "is_sample": found.organiser.is_sample,
        "crumbs": [
            ("Việc của tôi", reverse("office:home")),
            ("Công khai số liệu", f"{reverse('office:releases')}?year={found.period.end.year}"),
            (f"{found.kind_label}, {found.label}", ""),
        ],
    }


def _asked_period(request: HttpRequest) -> Period | None:
    form = PeriodForm(request.GET)
    if not form.is_valid() or form.cleaned_data["starts_on"] > form.cleaned_data["ends_on"]:
        return None
    return Period(form.cleaned_data["starts_on"], form.cleaned_data["ends_on"])


def _kinds(organiser: Organiser, year: int) -> list[tuple[KindOfFigures, list[tuple[Standing, str]]]]:
    """Return what stands of each kind by period, with how many of the year's units have figures: "28/30"."""
    kinds = figures_of_units(access.units_assessed_by(organiser).values_list("pk", flat=True), year)
    whole = Period(dt.date(year, 1, 1), dt.date(year, 12, 31))
    expected = {unit.pk for unit in expected_units(organiser, whole)}
    return [
        (kind, [(one, f"{len(one.units & expected)}/{len(expected)}") for one in kind.standings])
        for kind in kinds
    ]


def _past(organiser: Organiser, year: int) -> list[Release]:
    made = organiser.releases.filter(ends_on__year=year).select_related("by").order_by("-at", "-pk")
    for one in made:
        # The organiser is at hand: a row's text need not read it again.
        one.organiser = organiser
    return list(made)


urlpatterns: list[URLPattern] = [
    path("releases/", releases, name="releases"),
    path("releases/<slug:slug>/<slug:kind>/", release_period, name="release"),
]
