"""Django's admin for reports: to look at, never to change, except drafts of criteria."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from districts import access
from districts.audit import Act
from districts.models import Change, User

from . import criteria_editing as editing
from .models import (
    AssessmentYear,
    CriteriaSet,
    Criterion,
    Deadline,
    Evidence,
    ImportBatch,
    Judgement,
    OfficialResult,
    Publication,
    Score,
    ScoreSheet,
)


class ReadOnly(admin.ModelAdmin):
    """Rows of the organisers one administers; `organiser_path` leads from a row to its organiser."""

    organiser_path = "assessment_year__organiser"
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        mine = access.administered_by(request.user)
        return super().get_queryset(request).filter(**{f"{self.organiser_path}__in": mine})

    def has_module_permission(self, request: HttpRequest) -> bool:
        return access.is_administrator(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return access.is_administrator(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AssessmentYear)
class AssessmentYearAdmin(ReadOnly):
    organiser_path = "organiser"
    list_display = ("organiser", "year", "group", "stage", "basis", "criteria_set")
    list_select_related = ("organiser", "group", "criteria_set")


@admin.register(ScoreSheet)
class ScoreSheetAdmin(ReadOnly):
    list_display = ("unit", "assessment_year", "status", "submitted_at", "reopened_until")
    list_select_related = ("unit", "assessment_year__organiser", "assessment_year__group")
    list_filter = ("status",)


@admin.register(Score)
class ScoreAdmin(ReadOnly):
    organiser_path = "sheet__assessment_year__organiser"
    list_display = ("pk", "criterion", "version", "self_points", "appraised_points", "survey_points")
    list_select_related = ("criterion",)


@admin.register(Judgement)
class JudgementAdmin(ReadOnly):
    organiser_path = "score__sheet__assessment_year__organiser"
    list_display = ("pk", "stage", "state", "points", "by", "at")
    list_select_related = ("by",)


@admin.register(Evidence)
class EvidenceAdmin(ReadOnly):
    """Files are opened in the office, where the access check is."""

    organiser_path = "score__sheet__assessment_year__organiser"
    list_display = ("title", "number", "dated_on", "stage", "by", "at", "removed_at")
    list_select_related = ("by",)
    exclude = ("file",)


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnly):
    list_display = ("file_name", "kind", "outcome", "rows", "by", "at")
    list_select_related = ("by",)
    exclude = ("file",)


for model in (Deadline, OfficialResult, Publication):
    admin.site.register(model, ReadOnly)


class Drafts(ReadOnly):
    """A set in use is frozen: a changed one is a new version, made in the office."""

    def set_of(self, obj: Any) -> CriteriaSet:
        raise NotImplementedError

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is None:
            return self.has_view_permission(request)
        found = self.set_of(obj)
        mine = found.organiser is not None and access.can_administer(request.user, found.organiser)
        return (mine or access.is_almighty(request.user)) and not editing.is_frozen(found)


@admin.register(CriteriaSet)
class CriteriaSetAdmin(Drafts):
    list_display = ("name", "slug", "organiser", "status")
    list_select_related = ("organiser",)
    fields = ("name", "legal_basis", "valid_from", "valid_to", "note")

    def get_queryset(self, request: HttpRequest) -> QuerySet[CriteriaSet]:
        """Those of one's organisers, and the packaged ones, which belong to nobody."""
        mine = Q(organiser__in=access.administered_by(request.user)) | Q(organiser=None)
        return CriteriaSet.objects.filter(mine)

    def set_of(self, obj: CriteriaSet) -> CriteriaSet:
        return obj

    def save_model(self, request: HttpRequest, obj: CriteriaSet, form: Any, change: bool) -> None:
        editing.save_set(obj, act_of(request))


@admin.register(Criterion)
class CriterionAdmin(Drafts):
    list_display = ("code", "title", "criteria_set", "max_points", "origin")
    list_select_related = ("criteria_set",)
    list_filter = ("is_leaf",)
    search_fields = ("code", "title")
    fields = ("title", "max_points", "origin")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Criterion]:
        mine = Q(criteria_set__organiser__in=access.administered_by(request.user))
        return Criterion.objects.filter(mine | Q(criteria_set__organiser=None)).select_related(
            "criteria_set__organiser"
        )

    def set_of(self, obj: Criterion) -> CriteriaSet:
        return obj.criteria_set

    def save_model(self, request: HttpRequest, obj: Criterion, form: Any, change: bool) -> None:
        editing.save_node(obj, act_of(request))


def act_of(request: HttpRequest) -> Act:
    """Return who changes a draft through the admin."""
    assert isinstance(request.user, User)
    return Act(actor=request.user, how=Change.How.ADMIN)
