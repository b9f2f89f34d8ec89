"""The API: what it says is what is published, exactly; and no question gets an answer that it did not describe."""

import json
import re

import pytest
import schemathesis
from django.core.cache import cache
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, Phase, settings
from schemathesis.specs.openapi.checks import unsupported_method

from cchc.wsgi import application

from .test_open_data import table
from .test_pages import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("demo_content")]
ROOT, YEAR = "/api/v1/", "tinh-minh-hoa/2024/huyen"


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet(settings):
    cache.clear()
    settings.API_LIMIT = 1_000_000


def asked(client, address, **said):
    answer = client.get(ROOT + address, said)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_results_are_those_of_the_open_data(client):
    told = asked(client, f"results/{YEAR}", unit="MH03", scope_kind="total")
    (row,) = told["rows"]
    assert (told["count"], told["next"]) == (1, None)
    assert (row["points"], row["max_points"], row["rank"], row["rank_of"]) == ("90.49", "100", 3, 12)
    assert row["is_sample"] is True and row["unranked"] is None


def test_pages_together_are_the_whole_and_each_names_the_next(client):
    address, found = f"{ROOT}scores/{YEAR}?limit=250", []
    while address:
        told = client.get(address.removeprefix("http://testserver")).json()
        found += told["rows"]
        address = told["next"]
    rows = table(client, f"/data/{YEAR}/scores.csv")
    assert len(found) == told["count"] == len(rows)
    assert [row["points"] or "" for row in found] == [row["points"] for row in rows]


@pytest.mark.parametrize("dataset", ["results", "scores", "dossiers", "satisfaction", "indicators"])
def test_every_dataset_is_served_with_a_constant_number_of_queries(client, dataset):
    counts = []
    for limit in (1, 500):
        with CaptureQueriesContext(connection) as queries:
            told = asked(client, f"{dataset}/{YEAR}", limit=limit)
        assert told["rows"]
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 8


def test_a_unit_comes_with_what_was_before_and_after_it(client):
    told = asked(client, "units/gso2004/280")
    assert (told["name"], told["valid_to"]) == ("Phú Xuyên", "2025-06-30")
    assert {edge["scheme"] for edge in told["successors"]} == {"qd19-2025"}
    assert asked(client, "units", parent="01", level=2, scheme="gso2004", limit=500)["count"] == 30


def test_criteria_are_a_tree_in_the_order_of_the_set(client):
    told = asked(client, "criteria/bo-tieu-chi-mau")
    codes = [one["code"] for one in told["criteria"]]
    assert codes[0] == "1" and all(one["parent"] in codes for one in told["criteria"] if one["parent"])


def test_years_carry_version_and_licence(client):
    (told,) = asked(client, "years", organiser="tinh-minh-hoa", year=2023)
    assert (told["version"], told["licence"]) == (2, "CC-BY-4.0")


def test_what_is_not_published_is_not_there(client):
    from reports.models import AssessmentYear

    hidden = AssessmentYear.objects.filter(organiser__slug="tinh-minh-hoa", current_publication=None).first()
    assert hidden is not None
    answer = client.get(f"{ROOT}results/tinh-minh-hoa/{hidden.year}/huyen")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("application/problem+json")
    assert answer.json()["status"] == 404


@pytest.mark.parametrize(
    "said",
    [
        {"limit": "0"},
        {"limit": "501"},
        {"limit": "9" * 30},
        {"offset": "-1"},
        {"offset": "9" * 30},
        {"unit": "\x00"},
        {"unit": "x" * 99},
        {"scope_kind": "²"},
    ],
)
def test_parameters_that_cannot_be_are_named(client, said):
    answer = client.get(f"{ROOT}results/{YEAR}", said)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["where"] == f"query.{next(iter(said))}"


def test_an_answer_need_not_be_sent_twice_and_may_be_read_from_anywhere(client):
    first = client.get(f"{ROOT}results/{YEAR}")
    assert first["Access-Control-Allow-Origin"] == "*" and "public" in first["Cache-Control"]
    again = client.get(f"{ROOT}results/{YEAR}", headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert not first.cookies and "Cookie" not in first.get("Vary", "")


def test_who_asks_too_often_is_told_when_to_come_back(client, settings):
    settings.API_LIMIT = 2
    assert [client.get(f"{ROOT}organisers").status_code for _ in range(3)] == [200, 200, 429]
    answer = client.get(f"{ROOT}organisers")
    assert answer["Retry-After"] == "60" and answer.json()["status"] == 429
    assert client.get(f"{ROOT}organisers", REMOTE_ADDR="192.0.2.7").status_code == 200


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_written(client, method):
    answer = getattr(client, method)(f"{ROOT}organisers")
    assert (answer.status_code, answer["Allow"]) == (405, "GET")


def test_the_description_is_explained_on_a_page(client):
    described = asked(client, "openapi.json")
    assert described["openapi"].startswith("3.1")
    page = text_of(client, f"{ROOT}docs/")
    assert all(path in page for path in described["paths"])
    assert f"curl http://testserver{ROOT}organisers" in page


schema = schemathesis.openapi.from_dict(
    json.loads(Client().get(f"{ROOT}openapi.json", HTTP_HOST="localhost").content)
)
schema.app = application


@pytest.fixture
def _open_connection():
    """Leave the connection open between requests, as Django's own client does: the data is in its transaction."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("_open_connection")
@schema.parametrize()
@settings(
    max_examples=12,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_question_gets_an_answer_that_was_not_described(case):
    # The caller of the tests asks for gzip and then does not unpack it.
    headers = {"Host": "localhost", "Accept-Encoding": "identity"}
    case.call_and_validate(headers=headers, excluded_checks=[unsupported_method])


def test_field_names_are_english_and_stable():
    names = {
        name for one in schema.raw_schema["components"]["schemas"].values() for name in one["properties"]
    }
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)


def test_the_explanation_is_found_without_its_slash(client):
    assert client.get("/api/v1/docs").headers["Location"] == "/api/v1/docs/"
    assert client.get("/api/v1/docs/").status_code == 200
