"""Every row of every table, as JSON that either database engine takes back exactly."""

from __future__ import annotations

import base64
import datetime as dt
import json
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models
from django.db.migrations.recorder import MigrationRecorder

ROWS_AT_ONCE = 500
# A log-in is not kept: after a restore everybody logs in again. Versions of pages are noted anew by what is restored.
LEFT_OUT = {"sessions.session", "reports.pageversion"}
# What `migrate` itself fills in; an otherwise empty database has these rows.
MADE_BY_MIGRATE = {"contenttypes.contenttype", "auth.permission"}


def kept_models() -> list[type[models.Model]]:
    """Return the models whose rows a backup carries, those of many-to-many fields included."""
    return [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.label_lower not in LEFT_OUT
    ]


def left_out_models() -> list[type[models.Model]]:
    return [apps.get_model(label) for label in sorted(LEFT_OUT)]


def schema() -> list[list[str]]:
    """Return the migrations applied, as [app, name] in order."""
    return sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations())


def tables_with_rows() -> list[str]:
    """Return the labels of models with rows that were not made by `migrate`."""
    return [
        model._meta.label_lower
        for model in kept_models()
        if model._meta.label_lower not in MADE_BY_MIGRATE and model._base_manager.exists()
    ]


def stored_fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    return [field for field in model._meta.local_concrete_fields if not field.generated]


def batches(model: type[models.Model]) -> Iterator[list[list[Any]]]:
    """Yield the rows of a table in batches, by primary key, each a list of values that JSON knows."""
    names = [field.attname for field in stored_fields(model)]
    rows = model._base_manager.order_by("pk").values_list(*names).iterator(chunk_size=ROWS_AT_ONCE)
    batch: list[list[Any]] = []
    for row in rows:
        batch.append([_plain(value) for value in row])
        if len(batch) == ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def insert(model: type[models.Model], rows: Iterable[list[Any]]) -> None:
    """Write rows as they were: primary keys and times kept, nothing filled in, no trace left in the log."""
    fields = stored_fields(model)
    made = [model(**{f.attname: f.to_python(v) for f, v in zip(fields, row, strict=True)}) for row in rows]
    most = max(connection.ops.bulk_batch_size(fields, made), 1)
    for start in range(0, len(made), most):
        query = models.sql.InsertQuery(model)
        query.insert_values(fields, made[start : start + most], raw=True)
        query.get_compiler(connection=connection).execute_sql()


def empty(tables: Iterable[type[models.Model]]) -> None:
    with connection.cursor() as cursor:
        for model in tables:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608


def continue_numbering(tables: list[type[models.Model]]) -> None:
    """Let the next new row take a number after those that were restored."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables):
            cursor.execute(statement)


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    return value
