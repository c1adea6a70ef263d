"""What PostgreSQL's catalog says of a schema, as comparable lines."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_LINES = """
SELECT 'table', c.relname, '', coalesce(obj_description(c.oid, 'pg_class'), '')
FROM pg_class c WHERE c.relkind IN ('r', 'p') AND c.relnamespace = %(schema)s::regnamespace
UNION ALL
SELECT 'column', c.relname, a.attname,
    format_type(a.atttypid, a.atttypmod)
    || CASE WHEN a.attcollation <> t.typcollation THEN ' collate ' || co.collname ELSE '' END
    || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
    || CASE a.attidentity WHEN 'd' THEN ' identity' ELSE '' END
    || CASE a.attgenerated WHEN '' THEN coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
       ELSE ' generated ' || pg_get_expr(d.adbin, d.adrelid) END
    || coalesce(' comment ' || col_description(c.oid, a.attnum), '')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_collation co ON co.oid = a.attcollation
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = %(schema)s::regnamespace
UNION ALL
SELECT 'constraint', c.relname, con.conname, pg_get_constraintdef(con.oid)
FROM pg_constraint con JOIN pg_class c ON c.oid = con.conrelid
WHERE con.contype <> 'n' AND c.relnamespace = %(schema)s::regnamespace
UNION ALL
SELECT 'index', c.relname, i.relname,
    pg_get_indexdef(i.oid) || CASE WHEN x.indisvalid THEN '' ELSE ' INVALID' END
FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
WHERE i.relnamespace = %(schema)s::regnamespace
UNION ALL
SELECT 'sequence', coalesce(t.relname, ''), s.relname, q.seqtypid::regtype::text
FROM pg_class s JOIN pg_sequence q ON q.seqrelid = s.oid
LEFT JOIN pg_depend p ON p.objid = s.oid AND p.deptype IN ('a', 'i') AND p.refclassid = 'pg_class'::regclass
LEFT JOIN pg_class t ON t.oid = p.refobjid
WHERE s.relnamespace = %(schema)s::regnamespace
"""


@dataclass(frozen=True, order=True)
class Line:
    """One table, column, constraint, index or sequence; without its schema, so that schemas compare."""

    kind: str
    table: str
    name: str
    definition: str

    def __str__(self) -> str:
        return f"{self.kind} {self.table} {self.name}: {self.definition}"

    def anonymous(self) -> Line:
        """Without the name of an index or constraint."""
        if self.kind not in ("constraint", "index"):
            return self
        return Line(self.kind, self.table, "", self.definition.replace(f"INDEX {self.name} ON", "INDEX ON"))


def snapshot(connection: Any, schema: str) -> frozenset[Line]:
    """Everything that a migration can change in a schema."""
    with connection.cursor() as cursor:
        cursor.execute(_LINES, {"schema": schema})
        rows = cursor.fetchall()
    return frozenset(
        Line(kind, table, name, re.sub(rf"\b{schema}\.", "", text)) for kind, table, name, text in rows
    )
