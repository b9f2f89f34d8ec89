"""Rows to test with: each `make_x` takes what matters to the test and fills in the rest."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from districts.models import Level, Membership, Organiser, OrganiserUnit, Role, Scheme, Unit, User
from districts.names import search_key, unit_sort_key
from reports.models import (
    AssessmentYear,
    CriteriaSet,
    Criterion,
    Deadline,
    Desk,
    Group,
    PointsState,
    Score,
    ScoreSheet,
    Source,
)


def make_scheme(code: str = "test", **overrides: Any) -> Scheme:
    return Scheme.objects.get_or_create(code=code, defaults={"name": "Danh mục thử", **overrides})[0]


def make_unit(name: str, **overrides: Any) -> Unit:
    fields: dict[str, Any] = {"level": Level.DISTRICT, "type": "Huyện", "code": f"T{Unit.objects.count():03}"}
    fields |= overrides
    fields.setdefault("scheme", make_scheme())
    fields["sort_key"] = unit_sort_key(name, fields["type"])
    fields["search_key"] = search_key([(fields["type"], name)])
    return Unit.objects.create(name=name, **fields)


def make_organiser(slug: str = "tinh-thu", **overrides: Any) -> Organiser:
    return Organiser.objects.get_or_create(slug=slug, defaults={"name": "Tỉnh Thử", **overrides})[0]


def make_source(slug: str = "nguon-thu", **overrides: Any) -> Source:
    return Source.objects.get_or_create(slug=slug, defaults={"title": "Nguồn thử", **overrides})[0]


def make_criteria_set(
    leaves: Mapping[str, tuple[str, str]], slug: str = "bo-thu", previous: CriteriaSet | None = None
) -> CriteriaSet:
    """Make a set from {"1.1": ("70", "appraised"), …}; the part before the dot names the area."""
    criteria_set = CriteriaSet.objects.create(slug=slug, name="Bộ thử", status="sample", previous=previous)
    areas: dict[str, Criterion] = {}
    for order, (code, (points, origin)) in enumerate(leaves.items()):
        area = code.split(".")[0]
        if area not in areas:
            areas[area] = Criterion.objects.create(
                criteria_set=criteria_set,
                code=area,
                title=f"Lĩnh vực {area}",
                order=100 * order,
                previous=Criterion.objects.filter(criteria_set=previous, code=area).first(),
            )
        Criterion.objects.create(
            criteria_set=criteria_set,
            parent=areas[area],
            code=code,
            title=f"Tiêu chí {code}",
            order=100 * order + 1,
            depth=1,
            is_leaf=True,
            max_points=Decimal(points),
            origin=origin,
        )
    return criteria_set


def make_survey_component(criteria_set: CriteriaSet, code: str = "2.3", **rule: Any) -> Criterion:
    """Add a leaf of 4 points that counted answers A–C to two questions give."""
    return Criterion.objects.create(
        criteria_set=criteria_set,
        parent=criteria_set.criteria.get(code=code.split(".")[0]),
        code=code,
        title=f"Tiêu chí {code}",
        order=1000 + criteria_set.criteria.count(),
        depth=1,
        is_leaf=True,
        max_points=Decimal(4),
        origin="survey",
        rule={**SURVEY_RULE, **rule},
    )


def make_year(year: int, **overrides: Any) -> AssessmentYear:
    fields: dict[str, Any] = {"organiser": overrides.pop("organiser", None) or make_organiser(), **overrides}
    fields.setdefault("group", Group.objects.get_or_create(slug="huyen", defaults={"name": "Huyện"})[0])
    return AssessmentYear.objects.create(year=year, **fields)


def make_sheet(
    year: AssessmentYear, unit: Unit, points: Mapping[str, str | None], **overrides: Any
) -> ScoreSheet:
    """Make a unit's sheet with final points by criterion code; None is not applicable, absent not entered."""
    sheet = ScoreSheet.objects.create(
        **{"assessment_year": year, "unit": unit, "status": "closed"} | overrides
    )
    for leaf in Criterion.objects.filter(criteria_set=year.criteria_set, code__in=list(points)):
        value = points[leaf.code]
        state = PointsState.NOT_APPLICABLE if value is None else PointsState.VALUE
        given = {f"{leaf.origin}_points": value and Decimal(value), f"{leaf.origin}_state": state}
        Score.objects.create(sheet=sheet, criterion=leaf, **given)
    return sheet


def at(year: int, month: int = 1, day: int = 15) -> dt.datetime:
    return dt.datetime(year, month, day, 9, tzinfo=dt.timezone(dt.timedelta(hours=7)))


@dataclass(frozen=True)
class OfficeYear:
    """A year in work: units "an", "binh", "cat" with their sheets, leaves by code, people by role."""

    year: AssessmentYear
    organiser: Organiser
    criteria_set: CriteriaSet
    units: Mapping[str, Unit]
    sheets: Mapping[str, ScoreSheet]
    leaves: Mapping[str, Criterion]
    # "viewer", "reporter", "lead" of "an"; "stranger": lead of "binh"; "appraiser", "publisher", "administrator"
    # and "overseer" (viewer) of the organiser.
    people: Mapping[str, User]

    @property
    def sheet(self) -> ScoreSheet:
        return self.sheets["an"]


OFFICE_RULES: Mapping[str, tuple[str, str, dict[str, Any]]] = {
    "1.1": ("2", "appraised", {"kind": "yes_no"}),
    "1.2": (
        "10",
        "appraised",
        {
            "kind": "proportional",
            "target_percent": "100",
            "numerator": {"name": "completed", "label": "nhiệm vụ hoàn thành"},
            "denominator": {"name": "planned", "label": "nhiệm vụ được giao"},
            "zero_denominator": "not_applicable",
        },
    ),
    "2.1": (
        "8",
        "appraised",
        {
            "kind": "proportional",
            "target_percent": "100",
            "numerator": {
                "name": "in_time",
                "label": "hồ sơ đúng hạn",
                "binding": "dossiers.own.on_time_or_early",
            },
            "denominator": {"name": "resolved", "label": "hồ sơ", "binding": "dossiers.own.resolved"},
            "zero_denominator": "not_applicable",
        },
    ),
    "2.2": (
        "5",
        "survey",
        {
            "kind": "percent_of_max",
            "percent": {"name": "sipas", "label": "SIPAS (%)", "binding": "satisfaction.sipas.percent"},
        },
    ),
}
SURVEY_RULE: Mapping[str, Any] = {
    "kind": "survey",
    "questions": 2,
    "respondents": "người dân",
    "options": [
        {"key": "A", "label": "Tốt", "weight_percent": "100"},
        {"key": "B", "label": "Khá", "weight_percent": "60"},
        {"key": "C", "label": "Kém", "weight_percent": "0"},
    ],
    "not_applicable": "leaves_maximum",
    "zero_denominator": "not_applicable",
}
# Where a sheet stands when its year does.
STATUS_AT = {"self_scoring": "open", "submitted": "submitted", "round1": "submitted", "final": "closed"}
STATUS_AT |= {"reply": "appraised", "round2": "replied", "council": "appraised", "published": "closed"}
PEOPLE_OF_UNITS = {
    "viewer": ("an", Role.VIEWER),
    "reporter": ("an", Role.REPORTER),
    "lead": ("an", Role.LEAD),
    "stranger": ("binh", Role.LEAD),
}
PEOPLE_OF_ORGANISER = {
    "overseer": Role.VIEWER,
    "appraiser": Role.APPRAISER,
    "publisher": Role.PUBLISHER,
    "administrator": Role.ADMINISTRATOR,
}


def make_desk(unit: Unit, **overrides: Any) -> Desk:
    number = Desk.objects.count() + 1
    return Desk.objects.create(
        **{"unit": unit, "name": f"Quầy số {number}", "code": f"quay{number}"} | overrides
    )


def make_user(username: str, **membership: Any) -> User:
    """Make a person who cannot log in by password; `unit` or `organiser` and `role` give a membership."""
    user, _ = User.objects.get_or_create(username=username, defaults={"email": f"{username}@example.vn"})
    if membership:
        Membership.objects.create(user=user, **membership)
    return user


def make_office_set(slug: str = "bo-van-phong") -> CriteriaSet:
    """Make a set of 20 + 5 points in two areas, with a rule on every leaf and system figures behind 2.1 and 2.2."""
    leaves = {code: (points, origin) for code, (points, origin, _) in OFFICE_RULES.items()}
    criteria_set = make_criteria_set(leaves, slug)
    for code, (_, _, rule) in OFFICE_RULES.items():
        rule = {"not_applicable": "leaves_maximum", **rule}
        Criterion.objects.filter(criteria_set=criteria_set, code=code).update(rule=rule)
    return criteria_set


def make_office_year(stage: str = "self_scoring", **overrides: Any) -> OfficeYear:
    """Make the year 2025 of an organiser with three districts, as it stands at `stage`; nothing is scored yet.

    A sheet a unit in the status of the stage (none before the year is opened), a deadline a week ahead, a person a
    role. `overrides` are fields of the year.
    """
    organiser = make_organiser()
    province = make_unit("Thử", level=Level.PROVINCE, type="Tỉnh", code="TH")
    OrganiserUnit.objects.create(organiser=organiser, unit=province)
    names = {"an": "An", "binh": "Bình", "cat": "Cát"}
    units = {key: make_unit(name, code=f"TH{key}", parent=province) for key, name in names.items()}
    group, _ = Group.objects.get_or_create(slug="huyen", defaults={"name": "Huyện"})
    Group.objects.filter(pk=group.pk).update(levels=[Level.DISTRICT])
    criteria_set = make_office_set()
    year = make_year(
        **{"year": 2025, "organiser": organiser, "group": group, "criteria_set": criteria_set, "stage": stage}
        | overrides
    )
    year.group.refresh_from_db()
    Deadline.objects.create(assessment_year=year, stage=stage, at=timezone.now() + dt.timedelta(days=7))
    sheets = {
        key: ScoreSheet.objects.create(assessment_year=year, unit=unit, status=STATUS_AT[stage])
        for key, unit in units.items()
        if stage in STATUS_AT
    }
    leaves = {leaf.code: leaf for leaf in Criterion.objects.filter(criteria_set=criteria_set, is_leaf=True)}
    people = {key: make_user(key, unit=units[of], role=role) for key, (of, role) in PEOPLE_OF_UNITS.items()}
    for key, role in PEOPLE_OF_ORGANISER.items():
        people[key] = make_user(key, organiser=organiser, role=role)
    return OfficeYear(year, organiser, criteria_set, units, sheets, leaves, people)
