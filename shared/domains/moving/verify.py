"""Whether two databases hold the same rows: counts and checksums of every table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from psycopg import sql

from shared.domains.moving.copying import BATCH, Keys
from shared.domains.moving.tables import Connection, MovingTable

BUCKETS = 512


@dataclass
class Comparison:
    """Rows counted in the source, and the keys of rows that differ, by table."""

    rows: dict[str, int] = field(default_factory=dict)
    checksums: dict[str, str] = field(default_factory=dict)
    differing: Keys = field(default_factory=dict)


def compare_tables(source: Connection, target: Connection, tables: Iterable[MovingTable]) -> Comparison:
    """Compare every row of these tables. Rows that are written meanwhile may differ: see ``compare_keys``.

    A table is summed up in buckets of rows, by the hash of their key; only the rows of differing buckets are looked at
    one by one.
    """
    result = Comparison()
    with ThreadPoolExecutor(2) as pool:
        for table in tables:
            here, there = pool.map(_buckets, (source, target), (table, table))
            result.rows[table.label] = sum(count for count, _ in here.values())
            result.checksums[table.label] = f"{sum(total for _, total in here.values()) % 2**64:016x}"
            buckets = sorted(b for b in here.keys() | there.keys() if here.get(b) != there.get(b))
            if not buckets:
                continue
            ours, theirs = pool.map(_rows_of, (source, target), (table, table), (buckets, buckets))
            keys = _differing(table, ours, theirs)
            if keys:
                result.differing[table.label] = keys
    return result


def compare_keys(
    source: Connection, target: Connection, tables: Mapping[str, MovingTable], keys: Keys
) -> Keys:
    """Of these rows, those that differ."""
    differing: Keys = {}
    for label, wanted in keys.items():
        table, ordered = tables[label], sorted(wanted)
        for start in range(0, len(ordered), BATCH):
            batch = ordered[start : start + BATCH]
            ours, theirs = (_rows_with(connection, table, batch) for connection in (source, target))
            found = _differing(table, ours, theirs)
            if found:
                differing.setdefault(label, set()).update(found)
    return differing


def _differing(table: MovingTable, ours: dict[str, int], theirs: dict[str, int]) -> set[str]:
    """The target's log may tell more: what was done there, with the copies of tenants and keys, before the rows came."""
    keys = ours.keys() if table.append_only else ours.keys() | theirs.keys()
    return {key for key in keys if ours.get(key) != theirs.get(key)}


def _hash(table: MovingTable) -> sql.Composed:
    """64 bits over all columns of a row that can be written, as text: the same on any version of the server."""
    columns = sql.SQL(", ").join(sql.SQL("t.{}").format(sql.Identifier(name)) for name in table.columns)
    return sql.SQL("hashtextextended(ROW({})::text, 0)").format(columns)


def _bucket(table: MovingTable) -> sql.Composed:
    return sql.SQL("(hashtextextended({}::text, 0) & {})").format(
        table.key_object("t"), sql.Literal(BUCKETS - 1)
    )


def _buckets(connection: Connection, table: MovingTable) -> dict[int, tuple[int, int]]:
    query = sql.SQL("SELECT {}, count(*), sum({}::numeric) FROM {} t WHERE {} GROUP BY 1").format(
        _bucket(table), _hash(table), table.identifier, table.rows
    )
    return {bucket: (count, int(total)) for bucket, count, total in connection.execute(query).fetchall()}


def _rows_of(connection: Connection, table: MovingTable, buckets: list[int]) -> dict[str, int]:
    query = sql.SQL("SELECT {}::text, {} FROM {} t WHERE {} AND {} = ANY({})").format(
        table.key_object("t"),
        _hash(table),
        table.identifier,
        table.rows,
        _bucket(table),
        sql.Literal(buckets),
    )
    return dict(connection.execute(query).fetchall())


def _rows_with(connection: Connection, table: MovingTable, keys: list[str]) -> dict[str, int]:
    query = sql.SQL("SELECT {}::text, {} FROM {} JOIN {} t ON {} WHERE {}").format(
        table.key_object("t"),
        _hash(table),
        table.keys_as("k", keys),
        table.identifier,
        table.same_key("t", "k"),
        table.rows,
    )
    return dict(connection.execute(query).fetchall())
