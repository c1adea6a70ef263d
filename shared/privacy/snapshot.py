"""One moment of a database, read as the operator: whatever is written meanwhile is not seen."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connections, models
from psycopg import sql

from shared.domains.ledger import LEDGER, read_ledgers
from shared.domains.registry import OPERATOR_ROLE, SHARED_SCHEMA, split_table
from shared.domains.router import domains_in

_ROWS = 2000  # that travel at once


class Snapshot:
    """A transaction that reads as of its beginning (REPEATABLE READ), of one tenant."""

    def __init__(self, alias: str, connection: psycopg.Connection[Any], organization: uuid.UUID) -> None:
        self.alias = alias
        self.organization = organization
        self.connection = connection
        self.tenant_schema = f"tenant_{organization.hex}"

    def moment(self) -> str:
        """When the transaction began, in ISO 8601."""
        row = self.connection.execute("SELECT now()").fetchone()
        assert row is not None
        return str(row[0].isoformat())

    def place(self, model: type[models.Model]) -> tuple[str, str]:
        """Schema and name of a model's table; those of the tenant's own schema lie there."""
        schema, name = split_table(model._meta.db_table)
        return schema or self.tenant_schema, name

    def columns(self, model: type[models.Model]) -> list[str]:
        """The columns that the table has on the server, but for secrets; empty where there is no such table."""
        schema, name = self.place(model)
        rows = self.connection.execute(
            "SELECT attname::text FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attnum > 0 "
            "AND NOT attisdropped ORDER BY attnum",
            [f'"{schema}"."{name}"'],
        ).fetchall()
        secret = {
            str(model._meta.get_field(field).column)  # type: ignore[union-attr]
            for field in getattr(model, "secret_fields", ())
        }
        return [column for (column,) in rows if column not in secret]

    def lines(self, model: type[models.Model], where: str, values: Sequence[Any]) -> Iterator[str]:
        """The rows as JSON objects, streamed in the order of their keys."""
        schema, name = self.place(model)
        query = sql.SQL("SELECT row_to_json(r)::text FROM (SELECT {} FROM {} WHERE {} ORDER BY {}) r").format(
            sql.SQL(", ").join(map(sql.Identifier, self.columns(model))),
            sql.Identifier(schema, name),
            sql.SQL(where),  # type: ignore[arg-type]  # made of our own words
            sql.SQL(", ").join(sql.Identifier(str(f.column)) for f in model._meta.pk_fields),
        )
        with self.connection.cursor(name="export") as cursor:
            cursor.itersize = _ROWS
            cursor.execute(query, values)
            for (line,) in cursor:
                yield line

    def ids(self, model: type[models.Model], where: str, values: Sequence[Any]) -> set[Any]:
        """The keys of the rows that a condition finds; none where there is no such table."""
        schema, name = self.place(model)
        if not self.columns(model):
            return set()
        query = sql.SQL("SELECT {} FROM {} WHERE {}").format(
            sql.Identifier(str(model._meta.pk.column)),
            sql.Identifier(schema, name),
            sql.SQL(where),  # type: ignore[arg-type]
        )
        return {key for (key,) in self.connection.execute(query, values).fetchall()}

    def migrations(self) -> dict[str, list[str]]:
        """The migrations that the ledgers of this database know, by schema."""
        schemas = [SHARED_SCHEMA, *(domain.schema for domain in domains_in(self.alias)), self.tenant_schema]
        found = {}
        with self.connection.cursor() as cursor:
            for schema in schemas:
                cursor.execute(
                    "SELECT has_table_privilege(to_regclass(%s), 'SELECT')", [f"{schema}.{LEDGER}"]
                )
                row = cursor.fetchone()
                if row and row[0]:
                    found[schema] = sorted(f"{app}.{name}" for app, name in read_ledgers(cursor, [schema]))
        return found


@contextmanager
def snapshot(alias: str, organization: uuid.UUID) -> Iterator[Snapshot]:
    """Open one. Raises psycopg's errors where the process's login is no operator."""
    django_connection: Any = connections[alias]
    params = django_connection.get_connection_params()
    for own in ("cursor_factory", "context"):
        params.pop(own, None)
    with psycopg.connect(**params) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        connection.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(OPERATOR_ROLE)))
        yield Snapshot(alias, connection, organization)
