"""What answered a moment ago is not asked whether it is there; after that moment it is."""

from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import connections

from cchc import fresh_connections
from districts.models import Unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked():
    """Whether Django would ask the connection of this process if it is there, at the begin of a request."""
    connection: Any = connections["default"]
    before = connection.health_check_enabled, connection.health_check_done
    connection.health_check_enabled, connection.health_check_done = True, False
    fresh_connections._answered.pop(connection, None)
    yield lambda: not connection.health_check_done
    connection.health_check_enabled, connection.health_check_done = before
    fresh_connections._answered.pop(connection, None)


def test_it_is_asked_before_it_ever_answered(asked):
    fresh_connections.trust()
    assert asked()


def test_it_is_not_asked_right_after_it_answered(asked):
    Unit.objects.count()
    fresh_connections.note()
    fresh_connections.trust()
    assert not asked()


def test_after_a_while_it_is_asked_again(asked):
    fresh_connections.note()
    fresh_connections._answered[connections["default"]] -= fresh_connections.MOMENT
    fresh_connections.trust()
    assert asked()


def test_one_that_failed_is_asked(asked):
    connections["default"].errors_occurred = True
    fresh_connections.note()
    connections["default"].errors_occurred = False
    fresh_connections.trust()
    assert asked()


def test_each_request_begins_and_ends_with_it():
    for signal, receiver in (
        (request_started, fresh_connections.trust),
        (request_finished, fresh_connections.note),
    ):
        assert receiver in signal._live_receivers(None)[0]
