"""A prepared query answers as the queryset it was made of, and is written once."""

import datetime as dt
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import OperationalError, connection, connections
from django.db.models import CharField, DateField, F

from districts.engine import Among, Keys, _answered, ensure_there, planned_once
from districts.models import Unit
from districts.prepared import Asked, Prepared
from reports.summaries.contents import with_contents

from .factories import make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture
def units():
    province = make_unit("Minh Họa", code="01")
    return province, make_unit("Phú Xuyên", code="280", parent=province)


def of_code(rows=Unit.objects.all) -> Prepared:
    return Prepared(lambda: rows().filter(code=Asked("code", CharField())))


def test_each_asking_gives_its_own_values(units):
    query = of_code()
    assert [query(code="01"), query(code="280"), query(code="999")] == [[units[0]], [units[1]], []]


def test_rows_bring_what_was_joined_to_them(units, django_assert_num_queries):
    query = of_code(lambda: Unit.objects.select_related("parent"))
    with django_assert_num_queries(1):
        (found,) = query(code="280")
        assert found.parent == units[0]


def test_columns_come_in_their_order(units):
    assert of_code(lambda: Unit.objects.values_list("name", "code"))(code="280") == [("Phú Xuyên", "280")]


def test_a_day_is_given_as_the_database_takes_it(units):
    query: Prepared = Prepared(lambda: Unit.objects.filter(valid_from__lte=Asked("day", DateField())))
    Unit.objects.filter(code="280").update(valid_from=dt.date(2024, 5, 1))
    assert query(day=dt.date(2024, 4, 30)) == []
    assert query(day=dt.date(2024, 5, 1)) == [units[1]]


def test_the_sql_is_written_once(units):
    query = of_code()
    query(code="01")
    before = dict(query.written)
    query(code="280")
    assert [query.written[alias] is before[alias] for alias in query.written] == [True]


def made_of_many_tables() -> Prepared:
    units = with_contents(Unit.objects.select_related("scheme", "parent__parent__parent"))
    return Prepared(lambda: units.filter(code=Asked("code", CharField())))


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads take turns after each few steps, as they seldom do."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def test_threads_that_ask_first_at_once_get_the_same_sql(hasty_threads):
    alone = made_of_many_tables()
    expected = alone.write(alone.queryset, "default").sql
    for _ in range(20):
        query, together = made_of_many_tables(), threading.Barrier(4)

        def written(query: Prepared = query, together: threading.Barrier = together) -> str:
            together.wait()
            try:
                ensure_there(connection)
                return query.write(query.queryset, "default").sql
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as threads:
            assert {asked.result() for asked in [threads.submit(written) for _ in range(4)]} == {expected}


@pytest.mark.postgres
def test_postgresql_plans_it_once_in_a_connection(units):
    query = of_code(lambda: Unit.objects.filter(name__contains="%"))
    Unit.objects.filter(code="280").update(name="100 % Xuyên")
    for code in ("280", "01", "280"):
        assert [unit.code for unit in query(code=code)] == (["280"] if code == "280" else [])
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        statements = [statement for (statement,) in cursor.fetchall() if '"name"::text LIKE' in statement]
    assert len(statements) == 1 and "$1" in statements[0]


@pytest.mark.parametrize("codes", [(), ("280",), ("01", "280")])
def test_any_number_of_keys_is_one_value(units, codes):
    query = Prepared(lambda: Unit.objects.filter(Among(F("pk"), Asked("keys", Keys()))).order_by("code"))
    known = {unit.code: unit for unit in units}
    assert query(keys=[known[code].pk for code in codes]) == [known[code] for code in codes]


@pytest.mark.postgres
def test_what_is_the_same_in_each_asking_is_planned_with(units):
    query = of_code(lambda: Unit.objects.filter(type__in=["100 %s", units[1].type], name="Phú Xuyên"))
    assert query(code="280") == [units[1]]
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement, generic_plans, custom_plans FROM pg_prepared_statements")
        [told] = [row for row in cursor.fetchall() if "100 %s" in row[0]]
    assert "'Phú Xuyên'" in told[0] and "$2" not in told[0]
    assert told[1:] == (1, 0)


@pytest.mark.postgres
def test_behind_a_pooler_nothing_is_planned_ahead(units, settings):
    settings.DATABASE_PREPARE = False
    assert planned_once(connection, "SELECT %s") == "SELECT %s"
    assert of_code()(code="01") == [units[0]]


def lose_the_connection() -> None:
    """End the server's side of it, as a restart does, at the begin of a request."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        [lost] = cursor.fetchone()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [lost])
    other.close()
    own: Any = connections["default"]
    own.health_check_enabled, own.health_check_done = True, False


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_lost_is_found_out_before_its_plans_are_asked_for(units):
    query = of_code()
    assert query(code="01") == [units[0]]
    lose_the_connection()
    _answered.clear()  # a moment later
    assert query(code="280") == [units[1]]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_one_that_has_just_answered_is_not_asked_whether_it_is_there(units):
    query = of_code()
    query(code="01")
    lose_the_connection()
    with pytest.raises(OperationalError):
        query(code="280")
    connection.close()
    assert query(code="280") == [units[1]]
