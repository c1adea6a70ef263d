"""Tables partitioned by month: for retention (dropping a month is instant), not for speed.

A model says ``partitioned_by = "occurred_at"`` and its migration ``CreatePartitionedModel`` in place of
``CreateModel``. Months are made ahead by ``manage.py provision``; what no month takes lies in the DEFAULT
partition. Partitions inherit neither row security nor grants: each gets its own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import CreateModel

from shared.domains.access import TENANT_ROWS, TableAccess, access_of, protect_sql, quoted
from shared.domains.registry import split_table
from shared.domains.router import lives_in
from shared.records.versions.triggers import GUARD, guard_statements

MONTHS_AHEAD = 3


def month_of(day: dt.date, offset: int = 0) -> dt.date:
    """The first day of the month that lies ``offset`` months after that of ``day``."""
    months = day.year * 12 + day.month - 1 + offset
    return dt.date(months // 12, months % 12 + 1, 1)


def partition_name(db_table: str, month: dt.date | None) -> str:
    """``platform"."visits`` → ``platform"."visits_2026_11``; ``platform"."visits_default`` for None."""
    return f"{db_table}_{month:%Y_%m}" if month else f"{db_table}_default"


def partitioned_models() -> Iterator[type[models.Model]]:
    """All models whose tables are partitioned."""
    return (model for model in apps.get_models() if hasattr(model, "partitioned_by"))


def partition_sql(db_table: str, month: dt.date | None, access: TableAccess) -> Iterator[str]:
    """Create one partition with its policies and grants."""
    bounds = f"FOR VALUES FROM ('{month}') TO ('{month_of(month, 1)}')" if month else "DEFAULT"
    name = partition_name(db_table, month)
    yield f"CREATE TABLE {quoted(name)} PARTITION OF {quoted(db_table)} {bounds}"
    yield from protect_sql(name, access)
    if access.written_by_history:
        yield from guard_statements(quoted(name))


class CreatePartitionedModel(CreateModel):
    """``CreateModel`` of a table partitioned by month on the timestamp ``by``, with a DEFAULT partition.

    The primary key is (id, ``by``), since PostgreSQL wants the partition key in it. ``access`` applies to the
    table and to each partition.
    """

    def __init__(
        self,
        name: str,
        fields: Sequence[tuple[str, models.Field[Any, Any]]],
        by: str,
        access: TableAccess = TENANT_ROWS,
        options: dict[str, Any] | None = None,
        bases: Sequence[Any] | None = None,
        managers: Sequence[tuple[str, models.Manager[Any]]] | None = None,
    ) -> None:
        self.by = by
        self.access = access
        super().__init__(name, list(fields), options, bases, managers)

    def deconstruct(self) -> tuple[str, Sequence[Any], dict[str, Any]]:
        name, args, kwargs = super().deconstruct()
        kwargs["by"] = self.by
        if self.access != TENANT_ROWS:
            kwargs["access"] = self.access
        return name, args, kwargs

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        _create_partitioned_table(schema_editor, model, self.by)
        db_table = model._meta.db_table
        statements = list(protect_sql(db_table, self.access))
        if self.access.written_by_history:
            statements.extend(guard_statements(quoted(db_table)))
        for month in (None, *months_ahead(dt.datetime.now(dt.UTC).date())):
            statements.extend(partition_sql(db_table, month, self.access))
        for statement in statements:
            schema_editor.execute(statement)

    def describe(self) -> str:
        return f"Create partitioned model {self.name}"


def _create_partitioned_table(
    schema_editor: BaseDatabaseSchemaEditor, model: type[models.Model], by: str
) -> None:
    plain = schema_editor.table_sql

    def partitioned(model: Any) -> tuple[str, Any]:
        sql, parameters = plain(model)
        if sql.count(" PRIMARY KEY") != 1:
            raise NotImplementedError(f"A partitioned table has one column as its primary key: {sql}")
        head = sql.replace(" PRIMARY KEY", "").rstrip().removesuffix(")")
        key = ", ".join(schema_editor.quote_name(name) for name in (model._meta.pk.column, by))
        return f"{head}, PRIMARY KEY ({key})) PARTITION BY RANGE ({schema_editor.quote_name(by)})", parameters

    schema_editor.table_sql = partitioned  # type: ignore[method-assign]  # for this one table
    try:
        schema_editor.create_model(model)
    finally:
        del schema_editor.table_sql  # back to the class's own


def months_ahead(today: dt.date, count: int = MONTHS_AHEAD) -> list[dt.date]:
    """The present month and ``count`` that follow."""
    return [month_of(today, offset) for offset in range(count + 1)]


def make_partitions(
    connection: BaseDatabaseWrapper, *, today: dt.date, ahead: int = MONTHS_AHEAD
) -> list[str]:
    """Make the missing partitions of all partitioned tables, as the owner in a transaction; returns their names.

    Rows of a month that already lie in the DEFAULT partition move into the month's own.
    """
    made: list[str] = []
    for model in partitioned_models():
        if not lives_in(connection.alias, model._meta.app_label):
            continue
        db_table = model._meta.db_table
        for month in months_ahead(today, ahead):
            schema, name = split_table(partition_name(db_table, month))
            with connection.cursor() as cursor:
                cursor.execute("SELECT to_regclass(%s)", [f"{schema}.{name}"])
                if cursor.fetchone()[0] is not None:
                    continue
                _make_partition(cursor, model, month)
            made.append(f"{schema}.{name}")
    return made


def _make_partition(cursor: Any, model: type[models.Model], month: dt.date) -> None:
    db_table, by = model._meta.db_table, model.partitioned_by  # type: ignore[attr-defined]
    table, default = quoted(db_table), quoted(partition_name(db_table, None))
    new, access = partition_name(db_table, month), access_of(model)
    within = f'"{by}" >= %s AND "{by}" < %s'
    bounds = [month, month_of(month, 1)]
    # Attaching checks the DEFAULT partition for rows that belong to the new one; writers wait meanwhile.
    cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
    cursor.execute(f"CREATE TABLE {quoted(new)} (LIKE {table} INCLUDING ALL)")
    if access.written_by_history:  # these rows only change their place
        cursor.execute(f"ALTER TABLE {default} DISABLE TRIGGER {GUARD}")
    cursor.execute(
        f"WITH moved AS (DELETE FROM {default} WHERE {within} RETURNING *) "
        f"INSERT INTO {quoted(new)} SELECT * FROM moved",
        bounds,
    )
    for statement in protect_sql(new, access):
        cursor.execute(statement)
    if access.written_by_history:
        for name in (new, partition_name(db_table, None)):
            for statement in guard_statements(quoted(name)):
                cursor.execute(statement)
    cursor.execute(
        f"ALTER TABLE {table} ATTACH PARTITION {quoted(new)} "
        f"FOR VALUES FROM ('{bounds[0]}') TO ('{bounds[1]}')"
    )
