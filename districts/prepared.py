"""Questions that a page asks with other values each time: written once in a process, planned once for a connection."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import cached_property
from types import SimpleNamespace
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connections
from django.db.models import Field, QuerySet, Value
from django.db.models.query import ModelIterable
from django.db.models.sql.compiler import SQLCompiler

from districts.engine import ensure_there, has_answered, planned_once, with_constants

Row = TypeVar("Row")


class Asked(Value):
    """Stands in a prepared query for a value that each asking gives by this name."""

    def __init__(self, name: str, output_field: Field[Any, Any]) -> None:
        super().__init__(name, output_field=output_field)

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, Any]:
        return "%s", [self]

    def given(self, values: dict[str, Any], connection: Any) -> Any:
        """Return its value as this database takes it."""
        field: Field[Any, Any] = self.output_field
        return field.get_db_prep_value(values[self.value], connection)


class Written(NamedTuple):
    """A compiler that has done its work, and what came of it."""

    compiler: SQLCompiler
    sql: str
    params: tuple[Any, ...]
    converters: Any


class Prepared(Generic[Row]):
    """A query with `Asked` in it, made and compiled when first asked; called with their values it returns the rows.

    Rows are what the queryset gives: instances with what was joined to them and annotated, or tuples in the order
    of `values_list`. Prefetches are left to the caller.
    """

    def __init__(self, make: Callable[[], QuerySet[Any, Row]]) -> None:
        self.make = make
        self.written: dict[str, Written] = {}
        self.writing = threading.Lock()

    @cached_property
    def queryset(self) -> QuerySet[Any, Row]:
        return self.make()

    def __call__(self, **values: Any) -> list[Row]:
        queryset = self.queryset
        alias = queryset.db
        connection = connections[alias]
        ensure_there(connection)
        written = self.written.get(alias) or self.write(queryset, alias)
        compiler = _Done.__new__(_Done)
        vars(compiler).update(
            vars(written.compiler),
            connection=connection,
            sql=planned_once(connection, written.sql),
            converters=written.converters,
            params=tuple(p.given(values, connection) if isinstance(p, Asked) else p for p in written.params),
        )
        rows = list(_rows(queryset, compiler, alias))
        has_answered(connection)
        return rows

    def write(self, queryset: QuerySet[Any, Row], alias: str) -> Written:
        """Return the query as written for a database, once: of one that two threads compile, tables are lost."""
        with self.writing:
            if alias not in self.written:
                self.written[alias] = _written(queryset, alias)
            return self.written[alias]


class _Done(SQLCompiler):
    """Executes what another one has written, with this asking's values and connection."""

    sql: str
    params: tuple[Any, ...]
    converters: Any

    def get_converters(self, expressions: Iterable[Any]) -> Any:
        return self.converters

    def execute_sql(self, *_args: Any, **_kwargs: Any) -> Any:
        """Return all rows as one chunk: pages ask for dozens, and Django fetches a hundred at a time."""
        with self.connection.cursor() as cursor:
            cursor.execute(self.sql, self.params)
            rows = cursor.fetchall()
        return [[row[: self.col_count] for row in rows] if self.has_extra_select else rows]


def _written(queryset: QuerySet[Any, Any], alias: str) -> Written:
    compiler = queryset.query.clone().get_compiler(using=alias)
    sql, params = compiler.as_sql()
    sql, params = with_constants(connections[alias], sql, params, lambda value: isinstance(value, Asked))
    converters = compiler.get_converters([column[0] for column in compiler.select[: compiler.col_count]])
    return Written(compiler, sql, tuple(params), converters)


def _rows(queryset: QuerySet[Any, Any], compiler: _Done, alias: str) -> Iterable[Any]:
    if not issubclass(queryset._iterable_class, ModelIterable):
        results = compiler.execute_sql()
        # As they come from the database where nothing has to be made of them.
        return compiler.results_iter(results, tuple_expected=True) if compiler.converters else results[0]
    # What Django's own iterable asks of a queryset, with the compiler that has nothing left to write.
    asked: Any = SimpleNamespace(
        db=alias,
        model=queryset.model,
        query=SimpleNamespace(get_compiler=lambda using: compiler),
        _known_related_objects={},
    )
    return ModelIterable(asked)
