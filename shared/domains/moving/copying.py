"""Rows from the source to the target: whole tables first, then what has changed since, until little is left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from psycopg import sql

from shared.domains.moving.capture import move_schema
from shared.domains.moving.tables import Connection, MovingTable, read_schema
from shared.domains.registry import SHARED_SCHEMA, central_domain
from shared.records.versions.models import SUFFIX

BATCH = 5000
Keys = dict[str, set[str]]
"""Keys of rows by the label of their table, each a JSON object as text."""


def copy_table(source: Connection, target: Connection, table: MovingTable) -> int:
    """Copy a table anew; returns how many rows. The target has no triggers and foreign keys yet."""
    with source.transaction(), target.transaction():
        if not table.append_only:
            target.execute(sql.SQL("DELETE FROM {} t WHERE {}").format(table.identifier, table.rows))
        rows = sql.SQL("SELECT {} FROM {} t WHERE {}").format(table.column_list, table.identifier, table.rows)
        return _pump(source, target, table, rows)


def drain(
    source: Connection, target: Connection, domain: str, tables: Mapping[str, MovingTable], limit: int = BATCH
) -> Keys:
    """Bring the rows that were noted as changed up to date in the target; returns their keys.

    A row is taken as it is now, so the order of changes does not matter and a repetition does no harm: the notes go
    after the target has committed. Within one transaction of the source, whose notes and rows are of one moment.
    """
    changes = sql.Identifier(move_schema(domain), "changes")
    with source.transaction():
        source.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        noted = source.execute(
            sql.SQL("SELECT seq, label, key::text FROM {} ORDER BY seq LIMIT %s").format(changes), [limit]
        ).fetchall()
        if not noted:
            return {}
        return apply_changes(source, target, domain, tables, noted)


def apply_changes(
    source: Connection,
    target: Connection,
    domain: str,
    tables: Mapping[str, MovingTable],
    noted: list[tuple[int, str, str]],
) -> Keys:
    """Within a transaction of the source: write these rows as they are now, and forget the notes."""
    keys: defaultdict[str, set[str]] = defaultdict(set)
    for _, label, key in noted:
        keys[label].add(key)
    with target.transaction():
        for label, changed in keys.items():
            rewrite(source, target, tables[label], sorted(changed))
    source.execute(
        sql.SQL("DELETE FROM {} WHERE seq = ANY(%s)").format(sql.Identifier(move_schema(domain), "changes")),
        [[seq for seq, _, _ in noted]],
    )
    return dict(keys)


def rewrite(source: Connection, target: Connection, table: MovingTable, keys: list[str]) -> None:
    """Replace the rows of these keys by the source's; a row that is gone there goes here. All are deleted first, so
    that two rows which exchanged a unique value do not collide."""
    if not table.append_only:
        target.execute(
            sql.SQL("DELETE FROM {} t USING {} WHERE {} AND {}").format(
                table.identifier, table.keys_as("k", keys), table.same_key("t", "k"), table.rows
            )
        )
    columns = sql.SQL(", ").join(sql.SQL("t.{}").format(sql.Identifier(name)) for name in table.columns)
    rows = sql.SQL("SELECT {} FROM {} JOIN {} t ON {} WHERE {}").format(
        columns, table.keys_as("k", keys), table.identifier, table.same_key("t", "k"), table.rows
    )
    _pump(source, target, table, rows)


def _pump(source: Connection, target: Connection, table: MovingTable, rows: sql.Composable) -> int:
    """Stream rows into a table. COPY is refused where row-level security is forced, as it stays on the tables that the
    target shares with other domains: there the rows pass through a temporary table."""
    if not table.domain:
        return _stream(source, target, rows, table.identifier, table.column_list)
    with _staged(source, target, table, rows) as staging:
        return target.execute(
            sql.SQL("INSERT INTO {} ({columns}) SELECT {columns} FROM {} {}").format(
                table.identifier,
                staging,
                sql.SQL("ON CONFLICT DO NOTHING" if table.append_only else ""),
                columns=table.column_list,
            )
        ).rowcount


@contextmanager
def _staged(
    source: Connection, target: Connection, table: MovingTable, rows: sql.Composable
) -> Iterator[sql.Identifier]:
    staging = sql.Identifier("pg_temp", f"arriving_{table.name}")
    target.execute(
        sql.SQL("CREATE TEMPORARY TABLE {} AS SELECT {} FROM {} WITH NO DATA").format(
            sql.Identifier(f"arriving_{table.name}"), table.column_list, table.identifier
        )
    )
    _stream(source, target, rows, staging, table.column_list)
    yield staging
    target.execute(sql.SQL("DROP TABLE {}").format(staging))


def _stream(
    source: Connection,
    target: Connection,
    rows: sql.Composable,
    into: sql.Identifier,
    columns: sql.Composed,
) -> int:
    out = sql.SQL("COPY ({}) TO STDOUT (FORMAT binary)").format(rows)
    back = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT binary)").format(into, columns)
    with source.cursor() as reader, target.cursor() as writer:
        with reader.copy(out) as leaving, writer.copy(back) as arriving:
            for block in leaving:
                arriving.write(block)
        return writer.rowcount


def copy_tenancy(
    source: Connection, target: Connection, tables: Iterable[MovingTable], *, exact: bool
) -> None:
    """Bring the target's tenants, hostnames, keys and people's profiles in step with the source's.

    Rows are changed in place, since the target's own rows refer to them. ``exact``, for the domain that writes them: rows
    that the source does not have go too, and their versions are the source's. Else the target counts its own.
    """
    ordered = list(tables)
    if not exact:
        ordered = [
            replace(table, columns=tuple(c for c in table.columns if c != "version")) for table in ordered
        ]
    with target.transaction(), _forgetting(target, ordered if exact else []):
        for table in ordered:
            rows = sql.SQL("SELECT {} FROM {}").format(table.column_list, table.identifier)
            changes = sql.SQL(", ").join(
                sql.SQL("{0} = excluded.{0}").format(sql.Identifier(name)) for name in table.columns
            )
            key = sql.SQL(", ").join(sql.Identifier(column.name) for column in table.key)
            with _staged(source, target, table, rows) as staging:
                target.execute(
                    sql.SQL(
                        "INSERT INTO {} ({columns}) SELECT {columns} FROM {} ON CONFLICT ({}) DO UPDATE SET {}"
                    ).format(table.identifier, staging, key, changes, columns=table.column_list)
                )
        if exact:
            for table in reversed(ordered):
                _delete_missing(source, target, table)
            for versions in _version_tables(source, ordered):
                target.execute(sql.SQL("DELETE FROM {}").format(versions.identifier))
                with _staged(
                    source,
                    target,
                    versions,
                    sql.SQL("SELECT {} FROM {}").format(versions.column_list, versions.identifier),
                ) as staging:
                    target.execute(
                        sql.SQL("INSERT INTO {} ({columns}) SELECT {columns} FROM {}").format(
                            versions.identifier, staging, columns=versions.column_list
                        )
                    )
                target.execute(
                    sql.SQL(
                        "SELECT setval(pg_get_serial_sequence({}, 'history_id'), max(history_id)) FROM {}"
                    ).format(sql.Literal(versions.label), versions.identifier)
                )
            _delete_echoes(source, target)


def _delete_echoes(source: Connection, target: Connection) -> None:
    """Of the entries on the platform's rows in ``shared`` only the source's are true; what the target wrote down when it
    copied these rows goes, or it would stand among what was sealed."""
    of_copies = "domain = %s AND entity_type LIKE 'shared.%%'"
    own = [central_domain().name]
    true = source.execute(
        f"SELECT array_agg(position), array_agg(at) FROM shared.activity_events WHERE {of_copies}".encode(),
        own,
    ).fetchone()
    target.execute(
        f"DELETE FROM shared.activity_events e WHERE {of_copies} AND NOT EXISTS "
        "(SELECT FROM unnest(%s::bigint[], %s::timestamptz[]) AS t (position, at) "
        "WHERE t.position = e.position AND t.at = e.at)".encode(),
        [*own, *(true or (None, None))],
    )


def _version_tables(connection: Connection, tables: Iterable[MovingTable]) -> list[MovingTable]:
    names = {f"{table.name}{SUFFIX}" for table in tables}
    return [table for table in read_schema(connection, SHARED_SCHEMA) if table.name in names]


@contextmanager
def _forgetting(connection: Connection, tables: Sequence[MovingTable]) -> Iterator[None]:
    """Without the triggers of these tables and their version tables: what is written has its versions already."""
    both = [*tables, *_version_tables(connection, tables)]
    if tables:
        both += [table for table in read_schema(connection, SHARED_SCHEMA) if table.name == "activity_events"]
    for table in both:
        connection.execute(sql.SQL("ALTER TABLE ONLY {} DISABLE TRIGGER USER").format(table.identifier))
    yield
    for table in both:
        names = connection.execute(
            "SELECT tgname::text FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal",
            [table.label],
        ).fetchall()
        for (name,) in names:
            connection.execute(
                sql.SQL("ALTER TABLE ONLY {} ENABLE ALWAYS TRIGGER {}").format(
                    table.identifier, sql.Identifier(name)
                )
            )


def _delete_missing(source: Connection, target: Connection, table: MovingTable) -> None:
    keys = source.execute(
        sql.SQL("SELECT {}::text FROM {} t").format(table.key_object("t"), table.identifier)
    ).fetchall()
    target.execute(
        sql.SQL("DELETE FROM {} t WHERE NOT EXISTS (SELECT FROM {} WHERE {})").format(
            table.identifier, table.keys_as("k", [str(key) for (key,) in keys]), table.same_key("t", "k")
        )
    )


def copy_sequences(source: Connection, target: Connection, schemas: list[str]) -> None:
    """Give each sequence of the target the source's next value."""
    found = source.execute(
        "SELECT schemaname::text, sequencename::text, last_value FROM pg_sequences "
        "WHERE schemaname = ANY(%s) AND last_value IS NOT NULL",
        [schemas],
    ).fetchall()
    for schema, name, value in found:
        target.execute(
            "SELECT setval(format('%%I.%%I', %s::text, %s::text)::regclass, %s)", [schema, name, value]
        )
    # Entries of the activity log are sealed in the order of their positions: what the domain writes next comes later.
    row = source.execute("SELECT last_value FROM shared.activity_position").fetchone()
    target.execute(
        "SELECT setval('shared.activity_position', greatest(last_value, %s)) FROM shared.activity_position",
        row,
    )
    row = source.execute("SELECT last_value FROM shared.event_position").fetchone()
    target.execute(
        "SELECT setval('shared.event_position', greatest(last_value, %s)) FROM shared.event_position", row
    )
    # What has come and is not sealed yet lies before what was: it is looked for from the beginning.
    target.execute("DELETE FROM shared.activity_horizons")


def drain_all(drain_once: Callable[[], Keys], seen: Keys, *, until: int) -> None:
    """Drain until a round brings fewer than ``until`` rows; adds all keys to ``seen``."""
    while True:
        keys = drain_once()
        for label, changed in keys.items():
            seen.setdefault(label, set()).update(changed)
        if sum(map(len, keys.values())) < until:
            return
