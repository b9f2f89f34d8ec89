"""What Prometheus reads, and who may."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings as django_settings
from django.db import OperationalError
from django.test import RequestFactory
from prometheus_client import REGISTRY

from cchc.unavailable import error_page

TOKEN = "a-token-for-tests"
ALLOWED = {"Authorization": f"Bearer {TOKEN}"}


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_without_a_token_in_the_settings_there_is_no_such_page(client, settings, db):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer wrong", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}ế"])
def test_only_who_has_the_token_reads(client, settings, db, given):
    settings.METRICS_TOKEN = TOKEN
    refused = client.get("/metrics", headers={"Authorization": given})
    assert (refused.status_code, refused.content) == (401, b"401\n")
    answer = client.get("/metrics", headers=ALLOWED)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]


def test_prometheus_reads_over_the_inner_address_without_https(client, settings, db):
    settings.METRICS_TOKEN, settings.SECURE_SSL_REDIRECT = TOKEN, True
    assert client.get("/metrics", headers=ALLOWED).status_code == 200
    assert client.get("/").status_code == 301


def test_answers_are_counted_by_route_and_status(client, settings, db):
    settings.METRICS_TOKEN = TOKEN
    labels = {"method": "GET", "route": "healthz", "status": "200"}
    before, slow = value("cchc_answers_total", **labels), value("cchc_answer_seconds_count", route="healthz")
    client.get("/healthz")
    assert value("cchc_answers_total", **labels) == before + 1
    assert value("cchc_answer_seconds_count", route="healthz") == slow + 1
    told = client.get("/metrics", headers=ALLOWED).content.decode()
    assert 'cchc_answers_total{method="GET",route="healthz",status="200"}' in told


def test_a_made_up_method_or_path_is_no_series_of_its_own(client, db):
    client.generic("MAKEUP", "/khong-co/a/b/c/d/")
    labels = [sample.labels for metric in REGISTRY.collect() for sample in metric.samples]
    assert not [one for one in labels if "MAKEUP" in one.values() or "khong-co" in str(one)]
    assert any(one.get("method") == "OTHER" for one in labels)


def test_an_error_of_the_database_is_counted_by_kind():
    before = value("cchc_database_errors_total", kind="OperationalError")
    try:
        raise OperationalError("gone")
    except OperationalError:
        error_page(RequestFactory().get("/"))
    assert value("cchc_database_errors_total", kind="OperationalError") == before + 1


WORKER = "from cchc import metrics; [metrics.answered('GET', 'home', 200, 0.01) for _ in range(2)]"
READER = (
    "import django; django.setup(); from django.test import Client; "
    f"print(Client().get('/metrics', headers={ALLOWED!r}).content.decode())"
)


def test_several_processes_are_added_up(tmp_path):
    env = os.environ | {
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path),
        "CCHC_METRICS_TOKEN": TOKEN,
        "DJANGO_SETTINGS_MODULE": "cchc.settings",
        "ALLOWED_HOSTS": "testserver",
    }
    for code in (WORKER, WORKER, READER):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=env,
            cwd=django_settings.BASE_DIR,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
    assert 'cchc_answers_total{method="GET",route="home",status="200"} 4.0' in done.stdout
