"""What lies in ``public``, as the plan needs to know it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import psycopg


@dataclass
class Column:
    name: str
    type: str
    nullable: bool
    generated: bool
    declared: str
    """The type with its length, as in ``character varying(50)``."""


@dataclass
class Reference:
    """A foreign key between two tables, of which one at least lies in ``public``; names with their schema."""

    name: str
    table: str
    columns: tuple[str, ...]
    target: str


@dataclass
class LegacyTable:
    """``rows`` is the server's estimate, None where it has none; ``partitions`` lie in public too."""

    name: str
    owner: str
    partitioned: bool
    rows: int | None
    columns: dict[str, Column] = field(default_factory=dict)
    sequences: list[str] = field(default_factory=list)
    triggers: list[str] = field(default_factory=list)


_TABLES = """
SELECT c.oid, c.relname, pg_get_userbyid(c.relowner), c.relkind = 'p',
       CASE WHEN c.relkind = 'p' THEN (SELECT sum(greatest(p.reltuples, 0)) FROM pg_inherits i
              JOIN pg_class p ON p.oid = i.inhrelid WHERE i.inhparent = c.oid)
            ELSE nullif(c.reltuples, -1) END::bigint,
       ARRAY(SELECT s.relname::text FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
              WHERE d.refobjid = c.oid AND d.classid = 'pg_class'::regclass AND d.refobjsubid > 0 ORDER BY 1),
       ARRAY(SELECT t.tgname::text FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid
              WHERE t.tgrelid = c.oid AND NOT t.tgisinternal
                AND f.pronamespace::regnamespace::text <> ALL(%(schemas)s) ORDER BY 1)
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.classid = 'pg_class'::regclass AND d.deptype = 'e')
ORDER BY c.relname"""

_COLUMNS = """
SELECT a.attrelid, a.attname, format_type(a.atttypid, NULL), NOT a.attnotnull, a.attgenerated <> '',
       format_type(a.atttypid, a.atttypmod)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped"""

_REFERENCES = """
SELECT k.conname, tn.nspname || '.' || t.relname,
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u(n, o)
               JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY o),
       rn.nspname || '.' || r.relname
FROM pg_constraint k
JOIN pg_class t ON t.oid = k.conrelid JOIN pg_namespace tn ON tn.oid = t.relnamespace
JOIN pg_class r ON r.oid = k.confrelid JOIN pg_namespace rn ON rn.oid = r.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND 'public' IN (tn.nspname, rn.nspname)
ORDER BY 2, 1"""


def read_legacy(
    connection: psycopg.Connection[Any], schemas: list[str]
) -> tuple[dict[str, LegacyTable], list[Reference]]:
    """The tables of ``public`` by name, and the foreign keys from or to them.

    ``schemas`` are Trellis' own: triggers that call functions there are no strangers.
    """
    by_oid = {
        oid: LegacyTable(name, owner, partitioned, rows, {}, sequences, triggers)
        for oid, name, owner, partitioned, rows, sequences, triggers in connection.execute(
            _TABLES, {"schemas": schemas}
        ).fetchall()
    }
    for oid, *column in connection.execute(_COLUMNS).fetchall():
        if oid in by_oid:
            by_oid[oid].columns[column[0]] = Column(*column)
    references = [
        Reference(name, table, tuple(columns), target)
        for name, table, columns, target in connection.execute(_REFERENCES).fetchall()
    ]
    return {table.name: table for table in by_oid.values()}, references
