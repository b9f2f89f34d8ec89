"""What differs between SQLite and PostgreSQL: append-only and watching triggers, snapshots, what the planner does.

Nothing else asks for the engine.

A trigger refuses UPDATE and DELETE of any row, whoever sends the SQL. Only who may change the schema can lift it, and
`append_only_lifted` puts it back in the same transaction. PostgreSQL's TRUNCATE (Django's `flush`) is not refused; on
SQLite `flush` deletes and is. SQLite builds a table anew when a migration alters it and then forgets its triggers:
such a migration ends with `install` again, which tests/test_audit.py makes sure of.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from django.db import connection, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg2.extras import Json

# psycopg2's connections, and what each has planned: statement → how it is asked for.
_planned: WeakKeyDictionary[Any, dict[str, str]] = WeakKeyDictionary()
# When a connection last answered what it had planned, by time.monotonic; for that long nobody asks whether it is there.
_answered: WeakKeyDictionary[Any, float] = WeakKeyDictionary()
MOMENT, NEVER = 1.0, float("-inf")
PLACE = re.compile("%([s%])")
REFUSED = "Bảng này chỉ được ghi thêm, không sửa, không xóa"


@dataclass(frozen=True, slots=True)
class Watch:
    """What a change of a table's rows is noted under.

    `scope` and `condition` are SQL over one row, written {row}; `joined` brings other tables in. INSERT can be left
    out where a new row means nothing before another row points to it.
    """

    table: str
    scope: str
    joined: str = ""
    condition: str = ""
    verbs: tuple[str, ...] = ("INSERT", "UPDATE", "DELETE")


def watch(database: BaseDatabaseWrapper, noted_in: str, watched: Watch) -> None:
    """Note every change of a table in `noted_in` (scope, token), in the transaction that makes it; twice is once.

    A token is never used twice, and a scope's set of tokens is another one after each change, whatever the order in
    which transactions end. Nobody waits for anybody else: PostgreSQL gets new rows, and older ones go when nobody
    holds them.
    """
    for statement in (*_unwatching(database.vendor, watched), *_watching(database.vendor, noted_in, watched)):
        _execute(database, statement)


def unwatch(database: BaseDatabaseWrapper, watched: Watch) -> None:
    """Stop noting changes of a table; does nothing where none are noted."""
    for statement in _unwatching(database.vendor, watched):
        _execute(database, statement)


def install(database: BaseDatabaseWrapper, table: str) -> None:
    """Make a table append-only; does nothing where it is already."""
    for statement in (*_removal(database.vendor, table), *_installation(database.vendor, table)):
        _execute(database, statement)


def uninstall(database: BaseDatabaseWrapper, table: str) -> None:
    """Let rows of a table be changed again; does nothing where they can be already."""
    for statement in _removal(database.vendor, table):
        _execute(database, statement)


def ensure_there(database: BaseDatabaseWrapper) -> None:
    """Connect, or connect anew where the connection was lost.

    A name that was planned means nothing to the connection that would be opened in the place of a lost one: so it is
    asked before, as Django does with each request, unless it has only just answered.
    """
    if database.vendor != "postgresql" or not settings.DATABASE_PREPARE:
        return
    known_to_be_there = database.connection is not None and (
        time.monotonic() - _answered.get(database.connection, NEVER) < MOMENT
    )
    if known_to_be_there:
        database.health_check_done = True  # type: ignore[attr-defined]
    else:
        database.close_if_health_check_failed()
        database.ensure_connection()


def planned_once(database: BaseDatabaseWrapper, sql: str) -> str:
    """Return what asks PostgreSQL for a statement that it plans once in a connection; on SQLite the statement itself.

    Planning a page's questions costs PostgreSQL more than answering them; that it is done once, for any value, is a
    setting of the connection (settings.PLANNED_ONCE), of which it is known whether it is there (`ensure_there`).
    Parameters are `%s` in both. Their types are told by what they are compared with; a statement whose columns change
    type under a running connection fails there until the connection ends (DATABASE_MAX_AGE).
    """
    if database.vendor != "postgresql" or not settings.DATABASE_PREPARE:
        return sql
    known = _planned.setdefault(database.connection, {})
    if sql not in known:
        places = itertools.count(1)
        numbered = PLACE.sub(lambda found: f"${next(places)}" if found[1] == "s" else "%", sql)
        name = f"cchc_{len(known)}"
        with database.wrap_database_errors, database.connection.cursor() as cursor:
            cursor.execute(f"PREPARE {name} AS {numbered}")
        given = ", ".join(["%s"] * (next(places) - 1))
        known[sql] = f"EXECUTE {name} ({given})" if given else f"EXECUTE {name}"
    return known[sql]


def with_constants(
    database: BaseDatabaseWrapper, sql: str, params: Sequence[Any], is_asked: Callable[[Any], bool]
) -> tuple[str, list[Any]]:
    """Return a statement with what is the same in each asking written in, for PostgreSQL's planner, and the rest."""
    if database.vendor != "postgresql" or not settings.DATABASE_PREPARE:
        return sql, list(params)
    values = iter(params)
    with database.wrap_database_errors, database.connection.cursor() as cursor:

        def written(found: re.Match[str]) -> str:
            value = next(values) if found[1] == "s" else None
            if found[1] != "s" or is_asked(value):
                return found[0]
            return str(cursor.mogrify("%s", [value]).decode()).replace("%", "%%")

        return PLACE.sub(written, sql), [value for value in params if is_asked(value)]


def has_answered(database: BaseDatabaseWrapper) -> None:
    """Note that a connection has just answered."""
    if database.vendor == "postgresql":
        _answered[database.connection] = time.monotonic()


class Keys(models.Field):
    """Keys of any number as one value of a statement, which so stays one statement; for `Among`."""

    def get_db_prep_value(self, value: Iterable[int], connection: Any, prepared: bool = False) -> Any:
        keys = list(value)
        return keys if connection.vendor == "postgresql" else json.dumps(keys)


class Among(models.Lookup):
    """Whether a column's key is among Keys."""

    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        column, of_column = self.process_lhs(compiler, connection)
        keys, of_keys = self.process_rhs(compiler, connection)
        form = (
            "{} = ANY({})" if connection.vendor == "postgresql" else "{} IN (SELECT value FROM json_each({}))"
        )
        return form.format(column, keys), [*of_column, *of_keys]


def missing_triggers(append_only: Iterable[str], watched: Iterable[Watch]) -> list[str]:
    """Return the triggers that should stand on these tables and do not, or are switched off."""
    ends = {"sqlite": ("no_update", "no_delete"), "postgresql": ("append_only",)}[connection.vendor]
    wanted = {f"{table}_{end}" for table in append_only for end in ends}
    wanted |= {f"{one.table}_noted_{verb.lower()}" for one in watched for verb in one.verbs}
    query = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        return sorted(wanted - {name for (name,) in cursor.fetchall()})


def database_encoding() -> str:
    """Return how the database keeps letters: "UTF8" where it knows all of them."""
    if connection.vendor != "postgresql":
        return "UTF8"
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_encoding")
        return str(cursor.fetchone()[0])


def database_time() -> dt.datetime:
    """Return what the database takes for now."""
    query = {
        "sqlite": "SELECT strftime('%Y-%m-%dT%H:%M:%f+00:00', 'now')",
        "postgresql": "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS+00:00')",
    }[connection.vendor]
    with connection.cursor() as cursor:
        cursor.execute(query)
        return dt.datetime.fromisoformat(cursor.fetchone()[0])


def insert_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert many rows of plain values, given by column; what is not given gets the model's default, once for all.

    PostgreSQL takes them by COPY, about ten times as fast as objects. Nothing is checked but what the database checks.
    """
    fields = {field.column: field for field in model._meta.concrete_fields}
    others = [f for name, f in fields.items() if name not in columns and not f.primary_key]
    defaults = [f.get_db_prep_save(f.get_default(), connection) for f in others]
    documents = [place for place, name in enumerate(columns) if isinstance(fields[name], models.JSONField)]
    if documents:
        rows = _with_documents(rows, documents)
    names = ", ".join(f'"{name}"' for name in (*columns, *(f.column for f in others)))
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            lines, tail = io.StringIO(), "".join(f"\t{_copied(value)}" for value in defaults)
            lines.writelines("\t".join(map(_copied, row)) + tail + "\n" for row in rows)
            lines.seek(0)
            with connection.wrap_database_errors:
                cursor.copy_expert(f"COPY {table} ({names}) FROM STDIN", lines)
        else:
            marks = ", ".join(["%s"] * (len(columns) + len(others)))
            statement = f"INSERT INTO {table} ({names}) VALUES ({marks})"
            cursor.executemany(statement, [(*row, *defaults) for row in rows])


def _with_documents(rows: Iterable[Sequence[Any]], places: Sequence[int]) -> Iterator[list[Any]]:
    for row in rows:
        values = list(row)
        for place in places:
            values[place] = json.dumps(values[place])
        yield values


def _copied(value: object) -> str:
    """Write a value as COPY reads it."""
    if value is None:
        return r"\N"
    text = value.dumps(value.adapted) if isinstance(value, Json) else str(value)
    return text.replace("\\", r"\\").replace("\t", r"\t").replace("\n", r"\n").replace("\r", r"\r")


@contextmanager
def append_only_lifted(*models_: type[models.Model]) -> Iterator[None]:
    """Let rows of these models be deleted inside the block, in one transaction. For demo content and test databases."""
    tables = [model._meta.db_table for model in models_]
    with transaction.atomic():
        # PostgreSQL changes no triggers while foreign keys of this transaction wait to be checked.
        connection.check_constraints()
        for table in tables:
            uninstall(connection, table)
        yield
        connection.check_constraints()
        for table in tables:
            install(connection, table)


@contextmanager
def snapshot() -> Iterator[None]:
    """Let everything read inside the block be of one moment, while others go on writing; outside any transaction."""
    if connection.vendor == "postgresql":
        with transaction.atomic(durable=True):
            _execute(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
        return
    # `atomic` begins IMMEDIATE here, which would keep every writer out.
    _execute(connection, "BEGIN DEFERRED")
    try:
        yield
    finally:
        _execute(connection, "ROLLBACK")


def keep_writers_out(*models_: type[models.Model]) -> None:
    """Let nobody else write these tables until the transaction ends; SQLite has one writer in any case."""
    if connection.vendor == "postgresql":
        tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in models_)
        _execute(connection, f"LOCK TABLE {tables} IN EXCLUSIVE MODE")


def note_sizes(*models_: type[models.Model]) -> None:
    """Tell PostgreSQL's planner what was just loaded; until it looks itself it takes a full table for an empty one."""
    if connection.vendor == "postgresql":
        for model in models_:
            _execute(connection, f"ANALYZE {connection.ops.quote_name(model._meta.db_table)}")


def _execute(database: BaseDatabaseWrapper, statement: str) -> None:
    with database.cursor() as cursor:
        cursor.execute(statement)


def _installation(vendor: str, table: str) -> tuple[str, ...]:
    if vendor == "sqlite":
        return tuple(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSED}: {table}'); END"
            for verb in ("UPDATE", "DELETE")
        )
    if vendor == "postgresql":
        return (
            f"CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{REFUSED}: {table}' USING ERRCODE = 'restrict_violation'; END $$",
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_refuse()",
        )
    raise NotImplementedError(vendor)


def _removal(vendor: str, table: str) -> tuple[str, ...]:
    if vendor == "sqlite":
        return tuple(f"DROP TRIGGER IF EXISTS {table}_no_{verb}" for verb in ("update", "delete"))
    if vendor == "postgresql":
        return (f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}",)
    raise NotImplementedError(vendor)


def _watching(vendor: str, noted_in: str, watched: Watch) -> Iterator[str]:
    name = f"{watched.table}_noted"
    for verb in watched.verbs:
        if vendor == "sqlite":
            # One writer at a time: what is there can be replaced.
            sides = {"INSERT": ("NEW",), "DELETE": ("OLD",), "UPDATE": ("OLD", "NEW")}[verb]
            notes = "".join(_sqlite_note(noted_in, watched, side) for side in sides)
            yield f"CREATE TRIGGER {name}_{verb.lower()} AFTER {verb} ON {watched.table} BEGIN {notes} END"
        elif vendor == "postgresql":
            sides = {"INSERT": ("fresh",), "DELETE": ("gone",), "UPDATE": ("gone", "fresh")}[verb]
            kept = {"fresh": "NEW TABLE AS fresh", "gone": "OLD TABLE AS gone"}
            notes = " ".join(_postgresql_note(noted_in, watched, side) for side in sides)
            yield (
                f"CREATE OR REPLACE FUNCTION {name}_{verb.lower()}() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN {notes} RETURN NULL; END $$"
            )
            yield (
                f"CREATE TRIGGER {name}_{verb.lower()} AFTER {verb} ON {watched.table} "
                f"REFERENCING {' '.join(kept[side] for side in sides)} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {name}_{verb.lower()}()"
            )
        else:
            raise NotImplementedError(vendor)


def _sqlite_note(noted_in: str, watched: Watch, side: str) -> str:
    condition = f"({watched.condition or '1 = 1'})".format(row=side)
    scope = watched.scope.format(row=side)
    # The row itself is no table here: it joins to one of constants.
    rows = f"FROM (SELECT 1) {watched.joined.format(row=side)} WHERE {condition}"
    older = f"DELETE FROM {noted_in} WHERE scope IN (SELECT {scope} {rows})"
    return (
        f"{older}; INSERT INTO {noted_in} (scope, token) SELECT {scope}, lower(hex(randomblob(16))) {rows}; "
    )


def _postgresql_note(noted_in: str, watched: Watch, side: str) -> str:
    condition = (watched.condition or "TRUE").format(row=side)
    scope = watched.scope.format(row=side)
    rows = f"SELECT DISTINCT {scope} AS scope FROM {side} {watched.joined.format(row=side)} WHERE {condition}"
    older = (
        f"SELECT older.id FROM {noted_in} older JOIN noted ON noted.scope = older.scope AND older.id < noted.id "
        "FOR UPDATE OF older SKIP LOCKED"
    )
    return (
        f"WITH noted AS (INSERT INTO {noted_in} (scope, token) "
        f"SELECT found.scope, replace(gen_random_uuid()::text, '-', '') FROM ({rows}) found "
        f"RETURNING id, scope) DELETE FROM {noted_in} WHERE id IN ({older});"
    )


def _unwatching(vendor: str, watched: Watch) -> Iterator[str]:
    for verb in ("insert", "update", "delete"):
        name = f"{watched.table}_noted_{verb}"
        if vendor == "sqlite":
            yield f"DROP TRIGGER IF EXISTS {name}"
        elif vendor == "postgresql":
            yield f"DROP TRIGGER IF EXISTS {name} ON {watched.table}"
        else:
            raise NotImplementedError(vendor)
