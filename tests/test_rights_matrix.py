"""Every address × every role × own, other and the organiser's unit, from the URL configuration itself.

An address without a rule fails `test_every_address_has_a_rule`. A rule says who may (`do`), and who may know of it
(`see`): the rest of those logged in get 403 where they see, 404 where they do not; anonymous visitors the log-in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from districts.models import OrganiserUnit, User
from reports.api.entry import URLCONF as API
from reports.models import (
    Activity,
    Evidence,
    ImportBatch,
    Index766,
    Publication,
    RatingComment,
    Satisfaction,
    Score,
)
from reports.office.plans import feed_key
from reports.workflow.figures import own_source
from tests.factories import (
    OfficeYear,
    make_criteria_set,
    make_desk,
    make_office_year,
    make_organiser,
    make_source,
    make_survey_component,
    make_unit,
    make_user,
    make_year,
)

# Who comes: people of the unit "an", of the unit "binh", of the organiser above both, of another organiser.
ENTER = frozenset({"reporter", "lead"})
UNIT = ENTER | {"viewer"}
OTHER_UNIT = frozenset({"stranger"})
ORGANISER = frozenset({"overseer", "appraiser", "publisher", "administrator"})
ELSEWHERE = frozenset({"other_publisher", "other_administrator", "other_appraiser"})
NOBODY = frozenset({"nobody"})
ROOT = frozenset({"root"})
PEOPLE = UNIT | OTHER_UNIT | ORGANISER | ELSEWHERE | NOBODY | ROOT
ROSTER = UNIT | OTHER_UNIT | ORGANISER


@dataclass(frozen=True)
class Rule:
    """Who may, and who may know of it; `open` to everybody without a log-in."""

    do: frozenset[str] = PEOPLE
    see: frozenset[str] = PEOPLE
    method: str = "get"
    open: bool = False
    fields: dict[str, str] = field(default_factory=dict)


PUBLIC = Rule(open=True)


def sheet_rule(do: frozenset[str], method: str = "get", **fields: str) -> Rule:
    return Rule(do | ROOT, UNIT | ORGANISER | ROOT, method, fields=fields)


def year_rule(do: frozenset[str], method: str = "get", **fields: str) -> Rule:
    return Rule(do | ROOT, ROSTER | ROOT, method, fields=fields)


def unit_rule(do: frozenset[str], method: str = "get", **fields: str) -> Rule:
    return Rule(do | ROOT, UNIT | ORGANISER | ROOT, method, fields=fields)


ADMINISTRATOR = frozenset({"administrator"}) | ROOT
MODERATES = frozenset({"appraiser", "administrator"})
WRITES_FIGURES = ENTER | MODERATES
SETS_UP_DESKS = frozenset({"lead", "administrator"})
ADMINISTRATORS = frozenset({"administrator", "other_administrator"})
PUBLISHER = frozenset({"publisher"})
BRINGS_RESULTS = frozenset({"publisher", "administrator"})
APPRAISES = frozenset({"appraiser", "publisher"})
SCRUTINISES = APPRAISES | {"administrator"}
SETS_UP_SURVEYS = APPRAISES | {"administrator"}

RULES: dict[str, Rule] = {
    "healthz": PUBLIC,
    "readyz": PUBLIC,
    "metrics": PUBLIC,
    "districts:search": PUBLIC,
    "districts:code": PUBLIC,
    "reports:home": PUBLIC,
    "reports:changes": PUBLIC,
    "reports:data": PUBLIC,
    "api": PUBLIC,
    "api-docs": PUBLIC,
    "api:api-root": PUBLIC,
    "api:openapi-json": PUBLIC,
    **{
        f"api:{name}": PUBLIC
        for name in (
            *("organisers", "years", "year", "units", "unit", "criteria_sets", "criteria_set"),
            *("results", "scores", "dossiers", "satisfaction", "indicators"),
        )
    },
    "reports:data_catalogue": PUBLIC,
    "reports:data_year": PUBLIC,
    "reports:data_package": PUBLIC,
    "reports:data_workbook": PUBLIC,
    "reports:data_file": PUBLIC,
    "reports:embed_ranking": PUBLIC,
    "reports:embed_unit": PUBLIC,
    "reports:change": PUBLIC,
    "reports:compare": PUBLIC,
    "reports:losses": PUBLIC,
    "reports:map": PUBLIC,
    "reports:restated": PUBLIC,
    "reports:certainty": PUBLIC,
    "reports:what_if": PUBLIC,
    "reports:methodology_analyses": PUBLIC,
    "reports:unit_report": PUBLIC,
    "reports:unit_pdf": PUBLIC,
    "reports:unit_a4": PUBLIC,
    "reports:year_report": PUBLIC,
    "reports:feed": PUBLIC,
    "reports:robots": PUBLIC,
    "reports:sitemap": PUBLIC,
    "reports:sitemap_section": PUBLIC,
    "reports:site_card": PUBLIC,
    "reports:year_card": PUBLIC,
    "reports:unit_card": PUBLIC,
    "reports:methodology_index": PUBLIC,
    "reports:methodology": PUBLIC,
    "reports:unit": PUBLIC,
    "reports:organiser": PUBLIC,
    "reports:year": PUBLIC,
    "reports:dashboard": PUBLIC,
    "reports:unit_dossiers": PUBLIC,
    "reports:ranking": PUBLIC,
    "reports:version": PUBLIC,
    "reports:desk": PUBLIC,
    "reports:desk_thanks": PUBLIC,
    # One's own account
    "office-login": PUBLIC,
    "office-password-reset": PUBLIC,
    "office-password-reset-sent": PUBLIC,
    "office-password-reset-confirm": PUBLIC,
    "office-two-factor": PUBLIC,
    "office-logout": Rule(method="post"),
    "office-account": Rule(),
    "office-password-change": Rule(),
    "office-sessions-end": Rule(),
    "office-two-factor-set-up": Rule(),
    "office-two-factor-take-off": Rule(method="post"),
    # What is mine to do
    "office:home": Rule(),
    "office:people": Rule(ADMINISTRATORS | ROOT),
    "office:people_apply": Rule(ADMINISTRATORS | ROOT, method="post"),
    "office:people_template": Rule(ADMINISTRATORS | ROOT),
    "office:year": year_rule(ORGANISER),
    # A unit's sheet
    "office:sheet": sheet_rule(UNIT | ORGANISER),
    "office:cells": sheet_rule(UNIT | ORGANISER, "post"),
    "office:evidence": sheet_rule(UNIT | ORGANISER),
    "office:evidence-file": sheet_rule(UNIT | ORGANISER),
    "office:evidence-remove": sheet_rule(ENTER, "post"),
    "office:sheet_template": sheet_rule(UNIT | ORGANISER),
    "office:appraisal": sheet_rule(ORGANISER),
    "office:accept_sheet": sheet_rule(frozenset({"appraiser"})),
    "office:reply": sheet_rule(ORGANISER),
    "office:sheet_log": sheet_rule(UNIT | ORGANISER),
    "office:cell_log": sheet_rule(UNIT | ORGANISER),
    # A unit's satisfaction figures
    "office:satisfaction": unit_rule(UNIT | ORGANISER),
    "office:satisfaction_new": unit_rule(WRITES_FIGURES),
    "office:satisfaction_row": unit_rule(WRITES_FIGURES),
    "office:satisfaction_remove": unit_rule(WRITES_FIGURES, "post"),
    "office:satisfaction_template": unit_rule(UNIT | ORGANISER),
    "office:satisfaction_upload": unit_rule(WRITES_FIGURES, "post"),
    # A unit's one-stop desks
    "office:desks": unit_rule(UNIT | ORGANISER),
    "office:desk_new": unit_rule(SETS_UP_DESKS),
    "office:desk": unit_rule(SETS_UP_DESKS),
    "office:desk_sheet": unit_rule(UNIT | ORGANISER),
    "office:desk_qr": unit_rule(UNIT | ORGANISER),
    "office:month_confirm": unit_rule(WRITES_FIGURES, "post", month="2025-01"),
    "office:desk_comments": unit_rule(UNIT | ORGANISER),
    "office:desk_comment": unit_rule(MODERATES, "post", state="hidden"),
    # A year as a whole
    "office:year_log": year_rule(ORGANISER),
    "office:gaps": year_rule(ORGANISER),
    "office:certainty": year_rule(ORGANISER),
    # To a unit's people its own part only: tests/test_inflation.py.
    "office:inflation": year_rule(SCRUTINISES | UNIT | OTHER_UNIT),
    "office:oddities": year_rule(SCRUTINISES),
    "office:finish_all": year_rule(APPRAISES, "post"),
    "office:survey": year_rule(ORGANISER),
    "office:survey_none": year_rule(frozenset({"appraiser"}), "post"),
    "office:survey_rounds": year_rule(ORGANISER),
    "office:survey_round": year_rule(ORGANISER),
    "office:survey_round_new": year_rule(SETS_UP_SURVEYS),
    "office:survey_round_edit": year_rule(SETS_UP_SURVEYS),
    "office:survey_round_remove": year_rule(SETS_UP_SURVEYS, "post"),
    "office:survey_component": year_rule(ORGANISER),
    "office:survey_unit": year_rule(ORGANISER),
    "office:survey_upload": year_rule(APPRAISES, "post"),
    "office:survey_template": year_rule(ORGANISER),
    "office:uploads": year_rule(ROSTER),
    "office:upload": Rule(frozenset({"appraiser"}) | (ORGANISER | ROOT), ORGANISER | ROOT),
    "office:upload_apply": Rule(frozenset({"appraiser"}), ORGANISER | ROOT, "post"),
    "office:upload_cancel": Rule(frozenset({"appraiser"}), ORGANISER | ROOT, "post"),
    "office:upload_errors": Rule(ORGANISER | ROOT, ORGANISER | ROOT),
    "office:year_template": year_rule(ROSTER),
    "office:assignments": year_rule(ROSTER),
    "office:assignment_remove": Rule(frozenset({"lead"}) | ROOT, UNIT | ORGANISER | ROOT, "post"),
    "office:council": year_rule(ORGANISER),
    "office:council_new": year_rule(PUBLISHER),
    "office:council_meeting": year_rule(PUBLISHER),
    "office:sheet_check": sheet_rule(UNIT | ORGANISER),
    "office:sheet_step": sheet_rule(frozenset({"lead"}), "post"),
    "office:year_step": year_rule(PUBLISHER, "post"),
    "office:year_new": Rule(PUBLISHER | {"other_publisher"} | ROOT),
    "office:year_settings": year_rule(PUBLISHER),
    "office:checklist": year_rule(ORGANISER),
    "office:publish": year_rule(PUBLISHER),
    "office:published": year_rule(ORGANISER),
    "office:correct": year_rule(PUBLISHER),
    # What units enter beside the index
    "office:unit": sheet_rule(UNIT | ORGANISER),
    "office:dossiers": unit_rule(UNIT | ORGANISER),
    "office:dossier_counts": unit_rule(UNIT | ORGANISER),
    "office:dossier_cells": unit_rule(WRITES_FIGURES, "post"),
    "office:dossier_sheet": unit_rule(UNIT | ORGANISER),
    "office:dossier_upload": unit_rule(WRITES_FIGURES, "post"),
    "office:dossier_field": unit_rule(WRITES_FIGURES, "post"),
    "office:dossier_lists": unit_rule(UNIT | ORGANISER),
    "office:dossier_list": unit_rule(UNIT | ORGANISER),
    "office:dossier_list_apply": Rule(frozenset({"appraiser"}), UNIT | ORGANISER | ROOT, "post"),
    "office:dossier_list_cancel": Rule(frozenset({"appraiser"}), UNIT | ORGANISER | ROOT, "post"),
    "office:releases": Rule(ORGANISER | ELSEWHERE | ROOT),
    "office:release": Rule(ORGANISER | ROOT, ORGANISER | ROOT),
    "office:organiser_indicators": Rule(ORGANISER | ROOT, ORGANISER | ROOT),
    # Results of past years
    "office:results": Rule(BRINGS_RESULTS | {"other_publisher", "other_administrator"} | ROOT),
    "office:results_year": year_rule(BRINGS_RESULTS),
    "office:results_upload": year_rule(BRINGS_RESULTS, "post"),
    "office:results_rows": year_rule(BRINGS_RESULTS, "post"),
    "office:results_publish": year_rule(PUBLISHER, "post"),
    "office:results_template": year_rule(BRINGS_RESULTS),
    # A unit's plans, and what it does about points lost
    "office:tasks": Rule(),
    "office:calendar": PUBLIC,
    "office:plans": unit_rule(UNIT | ORGANISER),
    "office:plan": unit_rule(UNIT | ORGANISER),
    "office:plan_remove": unit_rule(ENTER, "post"),
    "office:plan_upload": unit_rule(ENTER, "post"),
    "office:task": unit_rule(UNIT | ORGANISER),
    "office:task_new": unit_rule(ENTER),
    "office:task_remove": unit_rule(ENTER, "post"),
    "office:remedies": unit_rule(UNIT | ORGANISER),
    "office:remedy": unit_rule(UNIT | ORGANISER),
    "office:remedy_new": unit_rule(ENTER),
    "office:remedy_upload": unit_rule(ENTER, "post"),
    "office:remedy_remove": unit_rule(ENTER, "post"),
    # A unit's indicators, initiatives, activities, 766 index and targets
    "office:indicators": unit_rule(UNIT | ORGANISER),
    "office:figures_upload": unit_rule(WRITES_FIGURES, "post"),
    "office:activities": unit_rule(UNIT | ORGANISER),
    "office:activity": unit_rule(WRITES_FIGURES),
    "office:activity_new": unit_rule(WRITES_FIGURES),
    "office:activity_remove": unit_rule(WRITES_FIGURES, "post"),
    "office:index766": unit_rule(UNIT | ORGANISER),
    "office:index766_row": unit_rule(WRITES_FIGURES),
    "office:index766_new": unit_rule(WRITES_FIGURES),
    "office:index766_remove": unit_rule(WRITES_FIGURES, "post"),
    "office:targets": unit_rule(UNIT | ORGANISER),
    "office:target": unit_rule(ENTER),
    "office:target_remove": unit_rule(ENTER, "post"),
    # Criteria
    "office:criteria": Rule(ADMINISTRATORS | ROOT),
    "office:criteria_new": Rule(ADMINISTRATORS | ROOT),
    "office:criteria_import": Rule(ADMINISTRATORS | ROOT),
    # Any administrator may look at a set, as the public may, and start from it; its own organiser's change it.
    "office:criteria_set": Rule(ADMINISTRATORS | ROOT),
    "office:criteria_copy": Rule(ADMINISTRATORS | ROOT),
    "office:criteria_export": Rule(ADMINISTRATORS | ROOT),
    "office:criteria_trial": Rule(ADMINISTRATORS | ROOT),
    "office:criteria_settings": Rule(ADMINISTRATOR),
    "office:criteria_node_new": Rule(ADMINISTRATOR),
    "office:criteria_node": Rule(ADMINISTRATOR),
    "office:criteria_rule": Rule(ADMINISTRATOR),
    "office:criteria_move": Rule(ADMINISTRATOR, method="post"),
    "office:criteria_delete": Rule(ADMINISTRATOR, method="post"),
}
# Django's admin has more addresses than rows here; all have one rule.
ADMIN = Rule(ADMINISTRATORS | ROOT)


@dataclass(frozen=True)
class Case:
    """A name, the parameters of its address, and its rule."""

    name: str
    parameters: tuple[str, ...]

    @property
    def rule(self) -> Rule:
        return ADMIN if self.name.startswith("admin:") else RULES[self.name]


@cache
def addresses() -> tuple[Case, ...]:
    own = _addresses(get_resolver().url_patterns, "", ())
    return (*own, *_addresses(get_resolver(API).url_patterns, "", ()))


def _addresses(
    patterns: list[URLPattern | URLResolver], namespace: str, above: tuple[str, ...]
) -> Iterator[Case]:
    for pattern in patterns:
        parameters = (*above, *pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _addresses(pattern.url_patterns, inner, parameters)
        else:
            yield Case(f"{namespace}{pattern.name}", parameters)


OFFICE = [case for case in addresses() if case.name in RULES and not case.rule.open]


def test_every_address_has_a_rule():
    names = {case.name for case in addresses() if not case.name.startswith("admin:")}
    assert names - RULES.keys() == set(), "say in RULES who may"
    assert RULES.keys() - names == set(), "no such address any more"


def test_everything_behind_the_log_in_lies_under_office():
    for case in addresses():
        if case.name in RULES and not case.rule.open:
            assert case.name.startswith(("office:", "office-")), case.name


@pytest.fixture
def world(db: None) -> OfficeYear:
    office = make_office_year("self_scoring")
    other = make_organiser("tinh-khac", name="Tỉnh Khác")
    OrganiserUnit.objects.create(organiser=other, unit=make_unit("Khác", level=1, type="Tỉnh", code="KH"))
    for role in ("publisher", "administrator", "appraiser"):
        make_user(f"other_{role}", organiser=other, role=role)
    make_user("nobody")
    User.objects.create_superuser("root")
    make_year(2020, organiser=office.organiser, basis="totals")
    return office


def parameters_of(case: Case, office: OfficeYear) -> dict[str, object]:
    leaf = office.leaves["1.1"]
    values: dict[str, object] = {
        "sheet_id": office.sheet.pk,
        "unit_id": office.units["an"].pk,
        "year_id": office.year.pk,
        "criterion_id": leaf.pk,
        "code": "TH",
        "scheme": "test",
        "organiser": office.organiser.slug,
        "year": 2025,
        "group": "huyen",
        "number": 1,
        "uidb64": "MQ",
        "key": feed_key(office.people["reporter"]),
        "token": "x-y",
    }
    if case.name.startswith("office:criteria_"):
        values |= draft_of(office)
    if case.name.startswith("office:results_"):
        values |= {"source_slug": make_source().slug, "year_id": past_year_of(office)}
    if "round_id" in case.parameters:
        values["round_id"] = office.year.survey_rounds.create(name="Đợt 1").pk
    if case.name == "office:survey_component":
        values["criterion_id"] = make_survey_component(office.criteria_set).pk
    if case.name == "office:correct":
        publish_something(office)
    if "step" in case.parameters:
        values["step"] = "submit" if "sheet_id" in case.parameters else "close_entry"
    if "meeting_id" in case.parameters:
        values["meeting_id"] = office.year.council_meetings.create(held_on=dt.date(2026, 1, 15)).pk
    if "assignment_id" in case.parameters:
        values["assignment_id"] = office.year.assignments.create(
            unit=office.units["an"], criterion=leaf, user=office.people["reporter"], task="enter"
        ).pk
    if "evidence_id" in case.parameters:
        values["evidence_id"] = evidence_of(office)
    if case.name.startswith("office:remed"):
        values["task_id"] = remedy_of(office)
    elif "target_id" in case.parameters:
        values["target_id"] = office.units["an"].targets.create(year=2025, measure="rank", value=5).pk
    elif case.name.startswith(("office:activit", "office:index766")):
        values |= {"kind": "activity", "row_id": figure_of(office, case.name)}
    elif {"plan_id", "task_id"} & set(case.parameters):
        values |= plan_of(office)
    if case.name.startswith("office:dossier_list_") or case.name == "office:dossier_list":
        values["batch_id"] = list_of(office)
    elif "batch_id" in case.parameters:
        values["batch_id"] = batch_of(office)
    if case.name.startswith("office:satisfaction_"):
        values["row_id"] = Satisfaction.objects.create(
            unit=office.units["an"],
            source=own_source(office.units["an"]),
            scope="own",
            kind="rating",
            starts_on=dt.date(2025, 1, 1),
            ends_on=dt.date(2025, 1, 31),
        ).pk
    if case.parameters[-1:] in (("desk_id",), ("comment_id",)):
        desk = make_desk(office.units["an"])
        rating = desk.ratings.create(level=5, levels=5, on=dt.date(2025, 1, 15), form_hash="x")
        comment = RatingComment.objects.create(rating=rating, text="Tốt", state="shown")
        values |= {"desk_id": desk.pk, "comment_id": comment.pk}
    if case.name == "office:organiser_indicators":
        values["slug"] = office.organiser.slug
    if case.name == "office:release":
        values |= {"slug": office.organiser.slug, "kind": "dossiers"}
    if case.name == "reports:data_file":
        values |= {"dataset": "results", "kind": "csv"}
    if case.name == "reports:sitemap_section":
        values["section"] = "pages"
    if case.name in ("reports:methodology", "api:criteria_set"):
        values["slug"] = office.criteria_set.slug
    return {name: values[name] for name in case.parameters}


def plan_of(office: OfficeYear) -> dict[str, object]:
    plan = office.units["an"].plans.create(year=2025, title="Kế hoạch")
    return {"plan_id": plan.pk, "task_id": plan.tasks.create(title="Nhiệm vụ").pk}


def figure_of(office: OfficeYear, name: str) -> int:
    model = Index766 if "766" in name else Activity
    said = {"points": 80} if model is Index766 else {"kind": "award", "title": "Khen thưởng"}
    unit, day = office.units["an"], dt.date(2025, 3, 31)
    return model.objects.create(
        unit=unit, source=own_source(unit), starts_on=day.replace(day=1), ends_on=day, **said
    ).pk


def remedy_of(office: OfficeYear) -> int:
    """A remedy for the one published component of the unit, which lost a point."""
    publish_something(office)
    leaf, publication = office.leaves["1.1"], office.year.current_publication
    assert publication is not None
    office.units["an"].published_scores.create(
        publication=publication, criterion=leaf, state="value", points=1, max_points=2
    )
    return publication.remediation_tasks.create(unit=office.units["an"], criterion=leaf, title="Việc").pk


def draft_of(office: OfficeYear) -> dict[str, object]:
    draft = make_criteria_set({"1.1": ("10", "appraised")}, slug="ban-nhap")
    draft.organiser = office.organiser
    draft.save(update_fields=["organiser"])
    return {"slug": draft.slug, "pk": draft.criteria.get(is_leaf=True).pk}


def past_year_of(office: OfficeYear) -> int:
    """A year known by its totals, with the units of the year in work in its roster."""
    past = office.organiser.years.get(year=2020)
    for unit in office.units.values():
        past.sheets.create(unit=unit, status="closed")
    return past.pk


def publish_something(office: OfficeYear) -> None:
    rules = {"ranking_rule": "competition", "rank_on": "rounded", "round_at": "total", "digits": 2}
    year = office.year
    year.current_publication = Publication.objects.create(
        assessment_year=year,
        published_at=timezone.now(),
        roster_size=3,
        criteria_set=year.criteria_set,
        **rules,
    )
    year.stage = "published"
    year.save()


def evidence_of(office: OfficeYear) -> int:
    score = Score.objects.create(sheet=office.sheet, criterion=office.leaves["1.1"])
    file = ContentFile(b"%PDF-1.7", "bao-cao.pdf")
    by = office.people["reporter"]
    return Evidence.objects.create(score=score, stage="self", title="Báo cáo", file=file, by=by).pk


def batch_of(office: OfficeYear) -> int:
    """The year's own template, uploaded by the appraiser and waiting to be applied."""
    client = Client()
    client.force_login(office.people["appraiser"])
    template = client.get(reverse("office:year_template", args=[office.year.pk]))
    file = ContentFile(b"".join(template), "diem.xlsx")
    client.post(reverse("office:uploads", args=[office.year.pk]), {"file": file})
    return ImportBatch.objects.get().pk


def list_of(office: OfficeYear) -> int:
    """A list of dossiers that the appraiser had counted, with nothing in it."""
    listed = {"convention": "inside", "fields": {}, "rejected": 0, "rows": []}
    return (
        office.units["an"]
        .import_batches.create(
            kind="dossier_list",
            by=office.people["appraiser"],
            size=0,
            outcome="checked",
            counts={"listed": listed},
        )
        .pk
    )


def answer(person: str, case: Case, address: str) -> int | str:
    """Return "log-in" where one is sent to it, else the status; what the request writes is undone."""
    client = Client(raise_request_exception=False)
    with transaction.atomic():
        if person:
            client.force_login(User.objects.get(username=person))
        response = getattr(client, case.rule.method)(address, case.rule.fields)
        transaction.set_rollback(True)
    if response.status_code == 302 and response["Location"].startswith("/office/login/?next="):
        return "log-in"
    return response.status_code


def expected(person: str, rule: Rule) -> str:
    if person in rule.do:
        return "allowed"
    return "403" if person in rule.see else "404"


def found(status: int | str) -> str:
    return str(status) if status in (403, 404, "log-in") or int(status) >= 500 else "allowed"


@pytest.mark.parametrize("case", OFFICE, ids=lambda case: case.name)
def test_each_role_gets_what_the_rule_says(case, world):
    address = reverse(case.name, kwargs=parameters_of(case, world))
    answers = {person: found(answer(person, case, address)) for person in sorted(PEOPLE)}
    assert answers == {person: expected(person, case.rule) for person in sorted(PEOPLE)}


@pytest.mark.parametrize("case", OFFICE, ids=lambda case: case.name)
def test_who_is_not_logged_in_is_sent_to_the_log_in(case, world):
    address = reverse(case.name, kwargs=parameters_of(case, world))
    assert answer("", case, address) == "log-in"


@pytest.mark.parametrize("case", OFFICE, ids=lambda case: case.name)
def test_who_is_no_longer_active_is_sent_to_the_log_in(case, world):
    address = reverse(case.name, kwargs=parameters_of(case, world))
    client = Client()
    client.force_login(world.people["lead"])
    User.objects.filter(username="lead").update(is_active=False)
    response = getattr(client, case.rule.method)(address, case.rule.fields)
    assert response["Location"].startswith("/office/login/")


OPEN = [case for case in addresses() if case.name in RULES and case.rule.open]


@pytest.mark.parametrize("case", OPEN, ids=lambda case: case.name)
def test_public_addresses_ask_nobody_for_a_log_in(case, world):
    address = reverse(
        case.name, API if case.name.startswith("api:") else None, kwargs=parameters_of(case, world)
    )
    assert found(answer("", case, address)) in ("allowed", "404")


def test_the_admin_is_for_administrators(world):
    plain = [case for case in addresses() if case.name.startswith("admin:") and not case.parameters]
    for case in plain:
        address = reverse(case.name)
        for person in ("viewer", "lead", "overseer", "appraiser", "publisher", "nobody", "other_publisher"):
            client = Client()
            client.force_login(User.objects.get(username=person))
            response = client.get(address, follow=True)
            assert response.status_code in (403, 404), (person, address)
        assert answer("", case, address) == "log-in", address


def test_a_number_that_is_nobody_s_is_not_found(world):
    """403 would tell that something is there: what one may not see and what is not there look the same."""
    for case in OFFICE:
        if "sheet_id" in case.parameters and case.parameters == ("sheet_id",):
            address = reverse(case.name, kwargs={"sheet_id": 10**6})
            assert {answer(person, case, address) for person in ("lead", "publisher", "root")} == {404}, (
                case.name
            )


def test_a_year_s_deadline_does_not_change_who_may_see(world):
    world.year.deadlines.update(at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    case = next((case for case in OFFICE if case.name == "office:sheet"), None)
    assert case is not None
    address = reverse(case.name, kwargs=parameters_of(case, world))
    assert (answer("viewer", case, address), answer("stranger", case, address)) == (200, 404)
