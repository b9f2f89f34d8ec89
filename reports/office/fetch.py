"""Fetch and check at once, so that no view can forget: 404 for what they may not see, 403 for what they may not do."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.shortcuts import get_object_or_404

from districts import access
from districts.models import Organiser, Unit, User
from reports.models import AssessmentYear, Assignment, ScoreSheet

NOT_FOR_UNITS = "Trang này dành cho cơ quan tổ chức đánh giá; đơn vị chỉ xem được phiếu của mình."


def sheet_or_404(user: User | AnonymousUser, pk: int) -> ScoreSheet:
    """Return a sheet they may see, with unit, year, organiser and criteria set; what they may do, the view requires.

    Seen by the unit's people, the organiser's, and those to whom a node of the sheet is assigned. Raises Http404.
    """
    return get_object_or_404(visible_sheets(user), pk=pk)


def year_or_404(user: User | AnonymousUser, pk: int, *, for_units: bool = False) -> AssessmentYear:
    """Return a year, with its organiser, group, criteria set and current publication, to the organiser's people.

    People of a unit of the roster, and those with an assignment, get the year only where the page is `for_units` too
    (and then shows them nothing of other units); elsewhere Denied. Anybody else: Http404.
    """
    year = get_object_or_404(visible_years(user), pk=pk)
    access.require(for_units or access.can_view_organiser(user, year.organiser), NOT_FOR_UNITS)
    return year


def organiser_or_404(user: User | AnonymousUser, slug: str) -> Organiser:
    """Return an organiser of which they have a role. Raises Http404."""
    return get_object_or_404(access.organisers_of(user), slug=slug)


def unit_or_404(user: User | AnonymousUser, pk: int) -> Unit:
    """Return a unit whose unpublished figures they may see; what they may do, the view requires. Raises Http404."""
    return get_object_or_404(access.units_of(user).select_related("scheme", "parent"), pk=pk)


def visible_sheets(user: User | AnonymousUser) -> QuerySet[ScoreSheet]:
    """Return the sheets they may see, ready to be shown."""
    sheets = ScoreSheet.objects.select_related(
        "unit", "assessment_year__organiser", "assessment_year__group", "assessment_year__criteria_set"
    )
    if access.is_almighty(user):
        return sheets
    return sheets.filter(
        Q(unit__in=access.own_units(user))
        | Q(assessment_year__organiser__in=access.organisers_of(user))
        | Exists(_assigned_sheets(user))
    )


def visible_years(user: User | AnonymousUser) -> QuerySet[AssessmentYear]:
    """Return the years they may know of: their organisers', and those in which a sheet of theirs or a task is."""
    years = AssessmentYear.objects.select_related("organiser", "group", "criteria_set", "current_publication")
    if access.is_almighty(user):
        return years
    return years.filter(
        Q(organiser__in=access.organisers_of(user))
        | Q(pk__in=ScoreSheet.objects.filter(unit__in=access.own_units(user)).values("assessment_year"))
        | Q(pk__in=assignments_of(user).values("assessment_year"))
    )


def assignments_of(user: User | AnonymousUser) -> QuerySet[Assignment]:
    """Return what is assigned to them: by name, or to an agency at which they have a role."""
    if not isinstance(user, User) or not user.is_active:
        return Assignment.objects.none()
    return Assignment.objects.filter(Q(user=user) | Q(agency__in=access.own_units(user)))


def _assigned_sheets(user: User | AnonymousUser) -> QuerySet[Assignment]:
    """For all units only who appraises; who enters or approves does so for the unit that is named."""
    for_all_units = Q(unit=None, task=Assignment.Task.APPRAISE)
    return assignments_of(user).filter(
        for_all_units | Q(unit=OuterRef("unit")), assessment_year=OuterRef("assessment_year")
    )
