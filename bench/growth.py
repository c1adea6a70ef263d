"""Multiplies the demo's rows, so that every list has a page of 25."""

from __future__ import annotations

import psycopg
from psycopg import sql

ROWS = 30
Connection = psycopg.Connection[tuple[object, ...]]

# The demo leaves these empty; the first row of each.
_FIRST_ROWS = {
    ("crm", "contacts"): """
INSERT INTO crm.contacts (organization_id, customer_id, company_id, company_name, role_title, is_primary)
SELECT organization_id, id, gen_random_uuid(), 'Acme', 'Buyer', false
FROM crm.customer_references WHERE organization_id = %s LIMIT 1""",
    ("platform", "customer_identifiers"): """
INSERT INTO platform.customer_identifiers
  (organization_id, customer_id, kind, value, value_norm, source, is_primary)
SELECT organization_id, id, 'phone', '1', '1', 'bench', false
FROM platform.customers WHERE organization_id = %s LIMIT 1""",
}
_CHOICES = {"kind"}  # part of a unique key, and not free
# An agent without a profile is not listed.
_REFERENCES = {
    ("support_app", "agents", "profile_id"): (
        "(SELECT id FROM shared.user_profiles WHERE organization_id = r.organization_id "
        "ORDER BY id OFFSET n - 1 LIMIT 1)"
    )
}


def grow_tenant(connection: Connection, tenant: object) -> object:
    """Copy rows of every table of the tenant until there are 30; returns the ticket that the messages and notes
    are on."""
    for (schema, table), statement in _FIRST_ROWS.items():
        if not _count(connection, schema, table, tenant):
            connection.execute(statement, [tenant])  # type: ignore[call-overload]  # own text
    for schema, table in sorted(_tenant_tables(connection), key=lambda name: name[0] != "shared"):
        multiply(connection, schema, table, tenant)
    found = connection.execute(
        "SELECT ticket_id FROM support_app.ticket_messages WHERE organization_id = %s LIMIT 1", [tenant]
    ).fetchone()
    assert found is not None
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        for table in ("ticket_messages", "ticket_notes"):
            connection.execute(
                sql.SQL("UPDATE {} SET ticket_id = %s WHERE organization_id = %s").format(
                    sql.Identifier("support_app", table)
                ),
                [found[0], tenant],
            )
    return found[0]


def _count(connection: Connection, schema: str, table: str, tenant: object) -> int:
    row = connection.execute(
        sql.SQL("SELECT count(*) FROM {} WHERE organization_id = %s").format(sql.Identifier(schema, table)),
        [tenant],
    ).fetchone()
    return int(str(row[0])) if row else 0


def _tenant_tables(connection: Connection) -> list[tuple[str, str]]:
    """Tables with a tenant's rows, partitions left to their parents."""
    found = connection.execute(
        "SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'organization_id' "
        "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname NOT LIKE 'pg_%' ORDER BY 1, 2"
    ).fetchall()
    return [(str(schema), str(table)) for schema, table in found]


def multiply(connection: Connection, schema: str, table: str, tenant: object) -> None:
    """Copy a row of the tenant until there are ``ROWS``; a table whose checks forbid it keeps what it has."""
    target = sql.Identifier(schema, table)
    unique = {
        name
        for (column,) in connection.execute(
            "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid "
            "AND a.attnum = ANY (i.indkey) WHERE i.indrelid = %s::regclass AND i.indisunique",
            [f"{schema}.{table}"],
        )
        for name in (str(column), str(column).removesuffix("_norm"))
    } - {"organization_id", *_CHOICES}
    columns = connection.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = %s "
        "AND table_name = %s AND is_generated = 'NEVER' AND is_identity = 'NO'",
        [schema, table],
    ).fetchall()
    copied = [
        (str(column), _copy_of((schema, table, str(column)), str(kind), unique)) for column, kind in columns
    ]
    statement = sql.SQL(
        "INSERT INTO {table} ({columns}) SELECT {values} FROM (SELECT * FROM {table} "
        "WHERE organization_id = {tenant} LIMIT 1) AS r CROSS JOIN generate_series((SELECT count(*) FROM {table} "
        "WHERE organization_id = {tenant}) + 1, {rows}) AS n ON CONFLICT DO NOTHING"
    ).format(
        table=target,
        columns=sql.SQL(", ").join(sql.Identifier(column) for column, _ in copied),
        values=sql.SQL(", ").join(value for _, value in copied),
        tenant=sql.Literal(tenant),
        rows=sql.Literal(ROWS),
    )
    try:
        with connection.transaction():
            connection.execute("SET LOCAL session_replication_role = replica")
            connection.execute(statement)
    except psycopg.errors.IntegrityError:
        return


def _copy_of(place: tuple[str, str, str], kind: str, unique: set[str]) -> sql.Composable:
    """SQL: what the n-th copy has in this column."""
    column = place[2]
    if place in _REFERENCES:
        return sql.SQL(_REFERENCES[place])  # type: ignore[arg-type]  # own text
    value = sql.Identifier("r", column)
    if column == "id" and kind == "uuid":
        return sql.SQL("gen_random_uuid()")
    if column == "created_at":
        return sql.SQL("{} - n * interval '1 minute'").format(value)
    if column not in unique:
        return value
    changed = {
        "uuid": "gen_random_uuid()",
        "boolean": "false",
        "bytea": "sha256(n::text::bytea)",
        "integer": "{} + n * 1000",
        "bigint": "{} + n * 1000",
        "text": "n::text || {}",
        "character varying": "n::text || {}",
    }.get(kind, "{}")
    return sql.SQL(changed).format(value)
