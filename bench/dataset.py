"""Rows of the benchmarks: written by PostgreSQL itself, the same at every run.

Tickets lie in the table in the order of their time, tenants mixed, as they would after years of use. Status
and priority are spread as in a help desk: most tickets are closed, 12 % open, 20 % of high priority.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

CUSTOMERS_PER_TENANT = 20_000
AGENTS_PER_TENANT = 40

# A row number n becomes evenly spread, independent numbers by hashing: random() would depend on the plan.
_ROLL = "((hashint8extended(n, {salt}) & 2147483647) % 10000)"

_STATUS = """CASE WHEN {r} < 300 THEN 'new' WHEN {r} < 1500 THEN 'open'
 WHEN {r} < 2200 THEN 'pending_customer' WHEN {r} < 2400 THEN 'pending_third_party'
 WHEN {r} < 2600 THEN 'on_hold' WHEN {r} < 3800 THEN 'resolved' WHEN {r} < 9600 THEN 'closed'
 WHEN {r} < 9800 THEN 'merged' ELSE 'spam' END"""
_PRIORITY = """CASE WHEN {r} < 1800 THEN 'low' WHEN {r} < 7300 THEN 'normal'
 WHEN {r} < 9300 THEN 'high' ELSE 'urgent' END"""
_CHANNEL = """CASE WHEN {r} < 5000 THEN 'email' WHEN {r} < 7000 THEN 'chat' WHEN {r} < 8000 THEN 'phone'
 WHEN {r} < 9500 THEN 'web' ELSE 'api' END"""
_DESCRIPTION = """'The parcel of order ' || n || ' has not come, the tracking page shows no change for a week,
 and the customer would like to know whether to wait or to have the money back. A second message.'"""


def _rolled(template: str, salt: int) -> str:
    return template.format(r=_ROLL.format(salt=salt))


def _uuid7(moment: str, salt: int) -> str:
    """An identifier in the order of time, as uuid7() gives, but the same at every run."""
    return (
        f"(lpad(to_hex((extract(epoch FROM {moment}) * 1000)::bigint), 12, '0') || '7' || "
        f"substr(md5(n::text || '-{salt}'), 1, 3) || '8' || substr(md5(n::text || '-{salt}'), 4, 15))::uuid"
    )


_MADE = "(timestamptz '2024-01-01 00:00:00+00' + n * (interval '690 days' / {rows}))"


@dataclass(frozen=True, slots=True)
class Share:
    """A tenant and how many of each hundred rows are its own."""

    organization: uuid.UUID
    percent: int


def organizations(count: int = 9) -> list[Share]:
    """Tenants of the data set: the first holds a fifth of all rows, the others share the rest evenly."""
    ids = [uuid.uuid5(uuid.NAMESPACE_DNS, f"tenant-{number}.bench.example") for number in range(count)]
    return [Share(ids[0], 20), *(Share(each, 80 // (count - 1)) for each in ids[1:])]


def owner_of_row(shares: Sequence[Share]) -> str:
    """SQL: the tenant of row n."""
    cases, sum_so_far = [], 0
    for share in shares[:-1]:
        sum_so_far += share.percent
        cases.append(f"WHEN n % 100 < {sum_so_far} THEN '{share.organization}'::uuid")
    return f"CASE {' '.join(cases)} ELSE '{shares[-1].organization}'::uuid END"


def write_rows_of(share: Share, shares: Sequence[Share]) -> str:
    """SQL: whether row n belongs to this tenant."""
    return f"({owner_of_row(shares)}) = '{share.organization}'::uuid"


def referred(kind: str, owner: str, salt: int, count: int) -> str:
    """SQL: the identifier of one of the ``count`` rows that a tenant has of this kind, for row n."""
    return f"md5('{kind}-' || ({owner}) || '-' || (hashint8extended(n, {salt}) & 2147483647) % {count})::uuid"


def ticket_columns(rows: int, shares: Sequence[Share]) -> dict[str, str]:
    """SQL of each column of a ticket, for row n of ``rows``; a table takes those that it has."""
    made = _MADE.format(rows=rows)
    owner = owner_of_row(shares)
    status = _rolled(_STATUS, 1)
    done = f"({status}) IN ('resolved', 'closed')"
    return {
        "id": _uuid7(made, 7),
        "organization_id": owner,
        "customer_id": referred("customer", owner, 4, CUSTOMERS_PER_TENANT),
        "agent_id": referred("agent", owner, 5, AGENTS_PER_TENANT),
        "company_name": "'Company ' || n % 500",
        "requester_name": "'Customer ' || n % 20000",
        "requester_email": "'customer' || n % 20000 || '@example.com'",
        "number": "n",
        "subject": "'Order ' || n || ' has not arrived'",
        "description": _DESCRIPTION,
        "channel": _rolled(_CHANNEL, 3),
        "status": status,
        "priority": _rolled(_PRIORITY, 2),
        "tags": "ARRAY['delivery', 'parcel']",
        "intent": "'delivery'",
        "language": "'en'",
        "first_response_at": f"{made} + interval '2 hours'",
        "waiting_since": f"CASE WHEN {done} THEN NULL ELSE {made} + interval '1 hour' END",
        "resolved_at": f"CASE WHEN {done} THEN {made} + interval '2 days' END",
        "closed_at": f"CASE WHEN ({status}) = 'closed' THEN {made} + interval '5 days' END",
        "reopened_count": "0",
        "custom_fields": f"jsonb_build_object('order_number', n, 'stage', {status})",
        "created_at": made,
        "updated_at": f"{made} + interval '3 hours'",
        "created_by_app": "'support'",
        "version": "1",
    }


def fill(
    connection: psycopg.Connection[tuple[object, ...]],
    table: sql.Composable,
    columns: dict[str, str],
    rows: int,
    *,
    having: Sequence[str],
    only: str = "true",
) -> None:
    """Insert those of the rows 1 to ``rows`` that ``only`` is true for, in the columns of the table.

    Triggers and foreign keys sleep: the rows are consistent, and their versions are of no interest here.
    """
    taken = [name for name in columns if name in having]
    names = sql.SQL(", ").join(map(sql.Identifier, taken))
    values = sql.SQL(", ").join(sql.SQL(columns[name]) for name in taken)  # type: ignore[arg-type]  # own text
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        switch_telling(connection, table, "DISABLE")
        connection.execute(
            sql.SQL("INSERT INTO {} ({}) SELECT {} FROM generate_series(1::bigint, {}) AS n WHERE {}").format(
                table,
                names,
                values,
                sql.Literal(rows),
                sql.SQL(only),  # type: ignore[arg-type]
            )
        )
        switch_telling(connection, table, "ENABLE ALWAYS")
    connection.execute(sql.SQL("VACUUM (ANALYZE) {}").format(table))


def switch_telling(
    connection: psycopg.Connection[tuple[object, ...]], table: sql.Composable, state: str
) -> None:
    """Rows that were there before need not be told of: DISABLE, then ENABLE ALWAYS, of the triggers that publish."""
    found = connection.execute(
        "SELECT tgname::text FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname LIKE 'tell\\_%%'",
        [table.as_string(connection)],
    ).fetchall()
    for (name,) in found:
        connection.execute(
            sql.SQL(f"ALTER TABLE {{}} {state} TRIGGER {{}}").format(table, sql.Identifier(str(name)))
        )


def column_names(connection: psycopg.Connection[tuple[object, ...]], schema: str, table: str) -> list[str]:
    """Columns of a table that can be written."""
    rows = connection.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = %s AND table_name = %s "
        "AND is_generated = 'NEVER' ORDER BY ordinal_position",
        (schema, table),
    ).fetchall()
    return [str(name) for (name,) in rows]


def reference_columns(kind: str, share: Share) -> dict[str, str]:
    """SQL of each column of what tickets refer to (customers, agents), for row n of a tenant, from 1."""
    owner = f"'{share.organization}'::uuid"
    return {
        "id": f"md5('{kind}-' || {owner} || '-' || (n - 1))::uuid",
        "organization_id": owner,
        "customer_id": f"md5('{kind}-' || {owner} || '-' || (n - 1))::uuid",
        "user_id": f"md5('user-' || {owner} || '-' || (n - 1))::uuid",
        "email": f"'{kind}' || n || '@{share.organization.hex[:8]}.example'",
        "name": f"'{kind.capitalize()} ' || n",
        "company_name": "''",
        "profile_id": f"md5('profile-' || {owner} || '-' || (n - 1))::uuid",
        "presence": "'online'",
        "skills": "ARRAY['billing']",
        "languages": "ARRAY['en']",
        "capacity": "'{}'::jsonb",
        "preferences": "'{}'::jsonb",
        "tier": "'standard'",
        "language": "'en'",
        "created_by_app": "'support'",
        "custom_fields": "'{}'::jsonb",
    }
