"""Whatever an address or a form of the office says, it is answered, and never with an error of ours."""

from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from reports.models import Indicator, SurveyRound
from tests.factories import OfficeYear, make_office_year

pytestmark = pytest.mark.django_db
ODD = [
    "",
    "0",
    "-1",
    "²",
    "٣",
    "9" * 30,
    "9" * 5000,
    "1e9",
    "\x00",
    "a\x00b",
    "NaN",
    "Infinity",
    "0000",
    "99999",
    "😀",
]
ODD_DAYS = ["01/01/0001", "31/12/9999", "29/02/2025", "²/²/²"]
YEAR = {"starts_on": "01/01/2025", "ends_on": "31/12/2025"}
SOURCED = {"quality": "exact", "wording": "", "note": ""}
MARCH = {"scope": "own", "shape": "month", "number": "3", "year": "2025"}
FORMS = {
    ("plans",): {
        "year": "2025",
        "title": "t",
        "number": "n",
        "dated_on": "01/01/2025",
        "stated_key_tasks": "1",
    },
    ("targets",): {"year": "2025", "measure": "total", "indicator": "", "value": "1", "note": "n"},
    ("index766_new",): YEAR | {"points": "90", "rank": "1", "rank_of": "2", "transparency-numerator": "1"},
    ("activity_new", "initiative"): YEAR
    | SOURCED
    | {"name": "n", "dossiers": "1", "hours_saved": "1", "dong_saved": "1"},
    ("activity_new", "activity"): YEAR | SOURCED | {"kind": "training", "title": "n"},
    ("desk_new",): {"name": "n", "levels": "5"},
    ("satisfaction_new",): YEAR
    | {
        "kind": "sipas",
        "scope": "own",
        "satisfied": "9",
        "respondents": "10",
        "percent": "",
        "design_effect": "",
    },
    ("month_confirm",): {"month": "2025-01", "seen": "0"},
    ("indicators",): {
        "{indicator}-value": "5",
        "{indicator}-ends_on": "31/12/2025",
        "{indicator}-version": "0",
    },
    ("dossier_cells",): MARCH | {"row": "0", "convention": "", "received-0": "5", "version-0": "0"},
    ("dossier_field",): MARCH | {"name": "Đất đai"},
}
ADDRESSES = {
    "releases": ["year"],
    "release": ["starts_on", "ends_on"],
    "organiser_indicators": ["year"],
    "indicators": ["year", "add", "scope"],
    "dossier_counts": ["add", "starts_on", "ends_on", "number", "year", "shape", "scope"],
    "dossier_sheet": ["starts_on", "ends_on"],
    "dossiers": ["year"],
    "remedies": ["publication"],
    "tasks": ["page", "state", "unit"],
    "log": ["page", "since", "until"],
}


@pytest.fixture
def office() -> OfficeYear:
    return make_office_year()


def visitor(office: OfficeYear, who: str) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(office.people[who])
    return client


def address(office: OfficeYear, name: str, *rest: str) -> str:
    if name in ("releases", "tasks"):
        return reverse(f"office:{name}")
    if name in ("release", "organiser_indicators"):
        return reverse(
            f"office:{name}", args=[office.organiser.slug, *(["dossiers"] if name == "release" else [])]
        )
    if name == "log":
        return reverse("office:year_log", args=[office.year.pk])
    return reverse(f"office:{name}", args=[office.units["an"].pk, *rest])


@pytest.mark.parametrize("name", ADDRESSES)
def test_odd_addresses_are_answered(office, name):
    who = "publisher" if name in ("releases", "release", "organiser_indicators", "log") else "lead"
    client, path = visitor(office, who), address(office, name)
    usual = {"release": YEAR, "dossier_counts": MARCH, "dossier_sheet": {"scope": "own"} | YEAR}.get(name, {})
    for asked in ADDRESSES[name]:
        for odd in [*ODD, *ODD_DAYS]:
            answer = client.get(f"{path}?{urlencode(usual | {asked: odd})}")
            assert answer.status_code < 500, (asked, odd[:20])


@pytest.mark.parametrize("form", FORMS, ids=" ".join)
def test_odd_values_of_forms_are_answered(office, form):
    indicator = Indicator.objects.create(slug="i1", name="I1", topic="digital").pk
    client = visitor(office, "lead")
    path = address(office, *form)
    usual = {key.format(indicator=indicator): value for key, value in FORMS[form].items()}
    for asked in usual:
        for odd in [*ODD, *ODD_DAYS]:
            answer = client.post(path, usual | {asked: odd})
            assert answer.status_code < 500, (asked, odd[:20])
    for page in (
        "unit",
        "indicators",
        "targets",
        "plans",
        "index766",
        "activities",
        "dossiers",
        "satisfaction",
        "desks",
    ):
        assert client.get(address(office, page)).status_code == 200, page


def test_odd_files_of_a_survey_s_page_are_answered(office):
    round_ = SurveyRound.objects.create(assessment_year=office.year, name="x")
    client = visitor(office, "appraiser")
    for name, extra in (
        ("survey_rounds", []),
        ("survey_round", [round_.pk]),
        ("survey_template", [round_.pk]),
    ):
        assert client.get(reverse(f"office:{name}", args=[office.year.pk, *extra])).status_code < 500


@pytest.mark.parametrize(
    "path", ["/0000/", "/0000/units/THan/", "/9999/units/THan/", "/2025/huyen/versions/{big}/"]
)
def test_odd_public_addresses_are_not_found(office, path, client):
    assert client.get(f"/{office.organiser.slug}{path.format(big='9' * 30)}").status_code == 404
