"""Every list has a constant number of queries."""

from __future__ import annotations

import json

import psycopg
from psycopg import sql

from bench.harness import CaseResult, Target
from bench.installation import add_api_key
from bench.scene import Scene
from bench.servers import run_command

ROWS = 30
_SIZES = ("1", "3", "25")
Connection = psycopg.Connection[tuple[object, ...]]


def measure(scene: Scene) -> CaseResult:
    """Statements that each list sends for pages of 1, 3 and 25 rows."""
    result = CaseResult(
        "query_counts",
        "Statements per list",
        "Every list endpoint, found in the URL configuration, asked for pages of 1, 3 and 25 rows by a key with "
        "all scopes, on the demo's rows multiplied. All statements of the request are counted, the one that "
        "finds the caller too; BEGIN, COMMIT and the facts of a unit travel with others and are no statements.",
    )
    lists = scene.demo
    with psycopg.connect(lists.superuser_url, autocommit=True) as connection:
        tenant = connection.execute(
            "SELECT id FROM shared.tenants WHERE slug NOT LIKE 'bench-%' ORDER BY created_at, id LIMIT 1"
        ).fetchone()
        assert tenant is not None
        key = add_api_key(connection, tenant[0])
        for schema, table in _tenant_tables(connection):
            multiply(connection, schema, table, tenant[0])
    answer = run_command(["-m", "bench.statement_probe", key], lists.environment)
    lists_seen: dict[str, dict[str, list[int]] | str] = json.loads(answer.stdout.splitlines()[-1])
    growing, short = 0, []
    for path, sizes in lists_seen.items():
        if isinstance(sizes, str):
            result.notes.append(f"Not asked: `{path}` ({sizes}).")
            continue
        counts = [sizes[size][1] for size in _SIZES]
        result.rounds[f"`{path}`"] = [
            {f"{size} rows": count for size, count in zip(_SIZES, counts, strict=True)}
        ]
        growing += len(set(counts)) > 1
        if sizes["25"][0] < 25:
            short.append(f"`{path}` ({sizes['25'][0]})")
    if short:
        result.notes.append(f"Fewer than 25 rows: {', '.join(short)}.")
    measured = len(result.rounds)
    result.targets.append(
        Target(f"Lists whose statements grow with their rows, of {measured}", growing, 0, "at most")
    )
    return result


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
    name = sql.Identifier(schema, table)
    unique = {
        str(column).removesuffix("_norm")
        for (column,) in connection.execute(
            "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid "
            "AND a.attnum = ANY (i.indkey) WHERE i.indrelid = %s::regclass AND i.indisunique",
            [f"{schema}.{table}"],
        )
    } - {"organization_id"}
    columns = connection.execute(
        "SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = %s "
        "AND table_name = %s AND is_generated = 'NEVER' AND is_identity = 'NO'",
        [schema, table],
    ).fetchall()
    copied = [(str(column), _copy_of(str(column), str(kind), unique)) for column, kind in columns]
    statement = sql.SQL(
        "INSERT INTO {table} ({columns}) SELECT {values} FROM (SELECT * FROM {table} "
        "WHERE organization_id = {tenant} LIMIT 1) AS r CROSS JOIN generate_series((SELECT count(*) FROM {table} "
        "WHERE organization_id = {tenant}) + 1, {rows}) AS n"
    ).format(
        table=name,
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


def _copy_of(column: str, kind: str, unique: set[str]) -> sql.Composable:
    """SQL: what the n-th copy has in this column."""
    value = sql.Identifier("r", column)
    if column == "id" and kind == "uuid":
        return sql.SQL("gen_random_uuid()")
    if column == "created_at":
        return sql.SQL("{} - n * interval '1 minute'").format(value)
    if column not in unique:
        return value
    changed = {
        "uuid": "gen_random_uuid()",
        "bytea": "sha256(n::text::bytea)",
        "integer": "{} + n * 1000",
        "bigint": "{} + n * 1000",
        "text": "n::text || {}",
        "character varying": "n::text || {}",
    }.get(kind, "{}")
    return sql.SQL(changed).format(value)
