"""What differs between SQLite and PostgreSQL: append-only triggers, snapshots, what the planner knows of a table.

Nothing else asks for the engine.

A trigger refuses UPDATE and DELETE of any row, whoever sends the SQL. Only who may change the schema can lift it, and
`append_only_lifted` puts it back in the same transaction. PostgreSQL's TRUNCATE (Django's `flush`) is not refused; on
SQLite `flush` deletes and is. SQLite builds a table anew when a migration alters it and then forgets its triggers:
such a migration ends with `install` again, which tests/test_audit.py makes sure of.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

REFUSED = "Bảng này chỉ được ghi thêm, không sửa, không xóa"


def install(database: BaseDatabaseWrapper, table: str) -> None:
    """Make a table append-only; does nothing where it is already."""
    for statement in (*_removal(database.vendor, table), *_installation(database.vendor, table)):
        _execute(database, statement)


def uninstall(database: BaseDatabaseWrapper, table: str) -> None:
    """Let rows of a table be changed again; does nothing where they can be already."""
    for statement in _removal(database.vendor, table):
        _execute(database, statement)


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
