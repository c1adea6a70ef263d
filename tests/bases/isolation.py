"""Probes of one table, in raw SQL as every role: what a session can do that it must not."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import models
from psycopg import sql

from shared.domains.access import access_of
from shared.domains.registry import domain_of_model, domains, split_table
from shared.records.protection import has_columns

Connection = psycopg.Connection[Any]


@contextmanager
def as_role(connection: Connection, role: str, organization: uuid.UUID | None) -> Iterator[None]:
    """Act as a role for a tenant; everything done inside is taken back."""
    with connection.transaction(force_rollback=True):
        connection.execute(
            "SELECT set_config('role', %s, true), set_config('app.organization_id', %s, true)",
            [role, str(organization or "")],
        )
        yield


def attempt(connection: Connection, statement: sql.Composed, parameters: list[Any]) -> int | str:
    """Rows affected or returned, or the SQLSTATE of the refusal."""
    try:
        with connection.transaction():
            return connection.execute(statement, parameters).rowcount
    except psycopg.Error as error:
        return error.sqlstate or "?"


def violations(
    connection: Connection, model: type[models.Model], own: models.Model, other: models.Model
) -> list[str]:
    """All that is possible on the model's table though it must not be; empty when the table is tight.

    ``own`` and ``other`` are rows of two tenants; every probe acts for the tenant of ``own``.
    """
    schema, name = split_table(model._meta.db_table)
    table = sql.Identifier(schema, name) if schema else sql.Identifier(name)
    access = access_of(model)
    granted = (
        access.grants(schema)
        if schema
        else {domain_of_model(model).role: ("SELECT", "INSERT", "UPDATE", "DELETE")}
    )
    tenant: uuid.UUID = getattr(own, access.tenant_column)
    found: list[str] = []
    if access.policies():
        found.extend(_forced(connection, table, name))
    for domain in domains():
        verbs = granted.get(domain.role, ())
        with as_role(connection, domain.role, tenant):
            found.extend(
                _probe_role(connection, table, domain.role, verbs, own.pk, other, access.tenant_column)
            )
            if access.rows == "identity":
                found.extend(_accounts_written(connection, table, domain.role, own.pk))
        with as_role(connection, domain.role, None):
            seen = attempt(connection, sql.SQL("SELECT FROM {}").format(table), [])
            if access.rows != "identity" and isinstance(seen, int) and seen > 0:
                found.append(f"{domain.role} sees {seen} rows of {name} without a tenant")
    if has_columns(model, "version", "updated_at") and "UPDATE" in granted.get(
        domain_of_model(model).role, ()
    ):
        writer = None if access.rows == "identity" else tenant
        found.extend(_version_counts(connection, table, name, domain_of_model(model).role, writer, own.pk))
    return found


def _forced(connection: Connection, table: sql.Identifier, name: str) -> list[str]:
    row = connection.execute(
        "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = %s::regclass",
        [table.as_string(connection)],
    ).fetchone()
    return [] if row and row[0] else [f"row security of {name} does not bind its owner"]


def _probe_role(
    connection: Connection,
    table: sql.Identifier,
    role: str,
    verbs: tuple[str, ...],
    own_id: Any,
    other: models.Model,
    tenant_column: str,
) -> Iterator[str]:
    where = sql.SQL(" WHERE id = %s")
    name = table.as_string(connection)
    statements = {
        "SELECT": sql.SQL("SELECT id FROM {}").format(table) + where,
        "UPDATE": sql.SQL("UPDATE {} SET id = id").format(table) + where,
        "DELETE": sql.SQL("DELETE FROM {}").format(table) + where,
    }
    for verb, statement in statements.items():
        on_other = attempt(connection, statement, [other.pk])
        if isinstance(on_other, int) and on_other > 0:
            yield f"{role} can {verb} another tenant's row of {name}"
        if verb not in verbs:
            on_own = attempt(connection, statement, [own_id])
            if on_own != "42501":
                yield f"{role} can {verb} {name} at all ({on_own})"
    own = attempt(connection, statements["SELECT"], [own_id])
    if "SELECT" in verbs and own != 1:
        yield f"{role} cannot SELECT its own tenant's row of {name} ({own})"
    moved = sql.SQL("UPDATE {} SET {} = %s").format(table, sql.Identifier(tenant_column)) + where
    movable = tenant_column != "id" and has_columns(type(other), tenant_column)
    if "UPDATE" in verbs and movable:
        result = attempt(connection, moved, [getattr(other, tenant_column), own_id])
        if isinstance(result, int):
            yield f"{role} can move a row of {name} to another tenant"
    if "INSERT" in verbs and "SELECT" in verbs and movable:
        result = attempt(
            connection, _copy_into(table, other, tenant_column), [getattr(other, tenant_column), own_id]
        )
        if isinstance(result, int):
            yield f"{role} can INSERT a row of {name} into another tenant"
    if "INSERT" not in verbs:
        may = connection.execute("SELECT has_table_privilege(%s, %s, 'INSERT')", [role, name]).fetchone()
        if may is None or may[0]:
            yield f"{role} can INSERT into {name} at all"


def _accounts_written(connection: Connection, table: sql.Identifier, role: str, own_id: Any) -> Iterator[str]:
    """A person may work for other tenants too, so no tenant writes their account."""
    for verb in ("UPDATE {} SET version = version", "DELETE FROM {}"):
        done = attempt(connection, sql.SQL(verb + " WHERE id = %s").format(table), [own_id])
        if isinstance(done, int) and done > 0:
            yield f"{role} can {verb.split()[0]} {table.as_string(connection)} while it acts for a tenant"


def _copy_into(table: sql.Identifier, row: models.Model, tenant_column: str) -> sql.Composed:
    """INSERT a copy of a row under a new id and the tenant given as the first parameter."""
    columns = [
        f.column
        for f in row._meta.local_concrete_fields
        if not f.generated and f.column not in ("id", tenant_column)
    ]
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    return sql.SQL(
        "INSERT INTO {table} (id, {tenant}, {names}) SELECT shared.uuid7(), %s, {names} FROM {table} WHERE id = %s"
    ).format(table=table, tenant=sql.Identifier(tenant_column), names=names)


def _version_counts(
    connection: Connection, table: sql.Identifier, name: str, role: str, tenant: uuid.UUID | None, row_id: Any
) -> Iterator[str]:
    with as_role(connection, role, tenant):
        touched = sql.SQL("UPDATE {} SET version = version WHERE id = %s RETURNING version").format(table)
        before = connection.execute(
            sql.SQL("SELECT version FROM {} WHERE id = %s").format(table), [row_id]
        ).fetchone()
        after = connection.execute(touched, [row_id]).fetchone()
    if before is None or after is None or after[0] != before[0] + 1:
        yield f"an update of {name} does not raise its version"
