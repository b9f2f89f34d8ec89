"""The appraisal council: meetings, members by position, votes, and whether the decision is valid."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse

from districts import access, audit
from reports.models import AssessmentYear, CouncilMeeting, CouncilVote
from reports.workflow import context_of
from reports.workflow.council import decision_of

from .appraisal import act_of
from .fetch import year_or_404
from .forms_publishing import PastDateField

ONLY_PUBLISHERS = "Chỉ người có quyền công bố của cơ quan tổ chức được ghi phiên họp hội đồng."
CLOSED = "Kết quả đã chốt: phiên họp hội đồng không sửa được nữa."
CHOICES = [("agree", "tán thành"), ("disagree", "không tán thành"), ("none", "không biểu quyết")]
EMPTY_ROWS = 6


class MeetingForm(forms.ModelForm):
    class Meta:
        model = CouncilMeeting
        fields = ("held_on", "minutes_number", "conclusion")
        field_classes: ClassVar = {"held_on": PastDateField}
        widgets: ClassVar = {"conclusion": forms.Textarea(attrs={"rows": 3})}


class VoteForm(forms.Form):
    """One member by position: an empty row is nobody."""

    member = forms.CharField(label="Thành viên (chức vụ)", max_length=160, required=False)
    mode = forms.ChoiceField(label="Hình thức", choices=CouncilVote.Mode.choices)
    vote = forms.ChoiceField(label="Biểu quyết", choices=CHOICES)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        is_absent = cleaned.get("mode") == CouncilVote.Mode.ABSENT
        if cleaned.get("member") and is_absent and cleaned.get("vote") != "none":
            self.add_error("vote", "Thành viên vắng mặt thì không biểu quyết.")
        return cleaned


class BaseVotes(forms.BaseFormSet):
    def clean(self) -> None:
        members = [
            f.cleaned_data["member"] for f in self.forms if f.is_valid() and f.cleaned_data.get("member")
        ]
        if len({member.casefold() for member in members}) < len(members):
            raise forms.ValidationError("Mỗi thành viên chỉ ghi một dòng.")


Votes = forms.formset_factory(VoteForm, formset=BaseVotes, extra=EMPTY_ROWS, max_num=40)


def _crumbs(year: AssessmentYear, *titles: tuple[str, str]) -> list[tuple[str, str]]:
    return [
        ("Việc của tôi", reverse("office:home")),
        (f"{year.organiser} {year.year}", reverse("office:year", args=[year.pk])),
        *titles,
    ]


@login_required
def council(request: HttpRequest, year_id: int) -> HttpResponse:
    """The meetings of a year with what each came to; who the members are stays inside the office."""
    year = year_or_404(request.user, year_id)
    meetings = year.council_meetings.order_by("-held_on", "-pk").prefetch_related("votes")
    context = {
        "year": year,
        "meetings": [(meeting, decision_of(meeting.votes.all())) for meeting in meetings],
        "may_write": access.can_publish(request.user, year.organiser) and _is_open(year),
        "crumbs": _crumbs(year, ("Hội đồng thẩm định", "")),
        "is_sample": year.organiser.is_sample,
    }
    return render(request, "office/council.html", context)


@login_required
def new_meeting(request: HttpRequest, year_id: int) -> HttpResponse:
    year = year_or_404(request.user, year_id)
    # The members of the last meeting are proposed again.
    last = year.council_meetings.order_by("-held_on", "-pk").first()
    members = [{"member": vote.member, "vote": "agree"} for vote in last.votes.all()] if last else []
    return _meeting_page(request, CouncilMeeting(assessment_year=year), members)


@login_required
def meeting(request: HttpRequest, year_id: int, meeting_id: int) -> HttpResponse:
    year = year_or_404(request.user, year_id)
    found = get_object_or_404(CouncilMeeting, assessment_year=year, pk=meeting_id)
    found.assessment_year = year
    words = {True: "agree", False: "disagree", None: "none"}
    rows = [{"member": v.member, "mode": v.mode, "vote": words[v.agrees]} for v in found.votes.all()]
    return _meeting_page(request, found, rows)


def _meeting_page(request: HttpRequest, found: CouncilMeeting, rows: list[dict[str, Any]]) -> HttpResponse:
    year = found.assessment_year
    access.require(access.can_publish(request.user, year.organiser), ONLY_PUBLISHERS)
    access.require(_is_open(year), CLOSED)
    form = MeetingForm(request.POST or None, instance=found)
    votes = Votes(request.POST or None, initial=rows, prefix="votes")
    if request.method == "POST" and form.is_valid() and votes.is_valid():
        try:
            _save(request, form.instance, votes)
        except ValidationError as error:
            form.add_error(None, error.messages)
        else:
            messages.success(request, "Đã lưu phiên họp.")
            return redirect("office:council", year.pk)
    title = "Phiên họp hội đồng thẩm định"
    context = {
        "year": year,
        "form": form,
        "votes": votes,
        "title": title,
        "crumbs": _crumbs(
            year, ("Hội đồng thẩm định", reverse("office:council", args=[year.pk])), (title, "")
        ),
        "is_sample": year.organiser.is_sample,
    }
    return render(request, "office/council_meeting.html", context)


@transaction.atomic
def _save(request: HttpRequest, found: CouncilMeeting, votes: forms.BaseFormSet[Any]) -> None:
    year = AssessmentYear.objects.select_for_update(of=("self",)).get(pk=found.assessment_year_id)
    access.require(_is_open(year), CLOSED)
    stood = CouncilMeeting.objects.filter(pk=found.pk).first()
    before = _told(stood, list(stood.votes.all())) if stood else {}
    found.full_clean()
    found.save()
    found.votes.all().delete()
    agrees = {"agree": True, "disagree": False, "none": None}
    rows = [
        CouncilVote(
            meeting=found,
            member=form.cleaned_data["member"],
            mode=form.cleaned_data["mode"],
            agrees=agrees[form.cleaned_data["vote"]],
        )
        for form in votes.forms
        if form.cleaned_data.get("member")
    ]
    CouncilVote.objects.bulk_create(rows)
    entries = [
        audit.Entry(
            model="reports.councilmeeting",
            object_id=found.pk,
            label=f"Phiên họp {found.held_on:%d/%m/%Y}",
            field=name,
            before=before.get(name),
            after=after,
            context=context_of(found.assessment_year),
        )
        for name, after in _told(found, rows).items()
    ]
    audit.record(entries, act_of(request))


def _told(meeting: CouncilMeeting, votes: list[CouncilVote]) -> dict[str, str | None]:
    """Return what the log compares of a meeting: the count, and who voted how."""
    words = {True: "tán thành", False: "không tán thành", None: "không biểu quyết"}
    listed = [f"{one.member} ({one.get_mode_display()}): {words[one.agrees]}" for one in votes]
    return {
        "votes": decision_of(votes).message,
        "members": "; ".join(listed) or None,
        "held_on": f"{meeting.held_on:%d/%m/%Y}",
        "minutes_number": meeting.minutes_number or None,
        "conclusion": meeting.conclusion or None,
    }


def _is_open(year: AssessmentYear) -> bool:
    return year.stage not in (AssessmentYear.Stage.FINAL, AssessmentYear.Stage.PUBLISHED)


urlpatterns = [
    path("years/<int:year_id>/council/", council, name="council"),
    path("years/<int:year_id>/council/new/", new_meeting, name="council_new"),
    path("years/<int:year_id>/council/<int:meeting_id>/", meeting, name="council_meeting"),
]
