"""What the tests of several modules share."""

import io
from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from districts.engine import append_only_lifted
from districts.loading import load_official_units
from districts.models import Change
from reports.models import Judgement

# No test asserts a time, and the same code meets the same examples everywhere.
settings.register_profile(
    "cchc", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("cchc")


@pytest.fixture(scope="module")
def official_units(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """All official units, loaded once for a module (about 2 s) and rolled back after it.

    The tests still ask for `db` and undo what they write themselves; `transaction=True` does not go with it.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        load_official_units()
        django_db_blocker.block()
        yield
        django_db_blocker.unblock()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def demo_content(official_units: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The five reports and the sample province, loaded once for a module and rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_demo", "--demo", stdout=io.StringIO())
        django_db_blocker.block()
        yield
        django_db_blocker.unblock()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def _emptied_log(request: pytest.FixtureRequest, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Empty the append-only tables after a test that really commits: on SQLite `flush` deletes, which they refuse."""
    commits = request.node.get_closest_marker("django_db")
    fixtures = {"transactional_db", "live_server"} & set(request.fixturenames)
    if not fixtures and not (commits and commits.kwargs.get("transaction")):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    with django_db_blocker.unblock(), append_only_lifted(Change, Judgement):
        Judgement.objects.all().delete()
        Change.objects.all().delete()
