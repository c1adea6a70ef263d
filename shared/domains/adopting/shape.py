"""The shape of a table as the server prints it, and the statements that give one table the shape of another.

Definitions name the table where it will lie in the end, so two shapes are compared as texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql


@dataclass
class Column:
    type: str
    required: bool
    default: str | None
    generated: bool
    sequence: bool
    """Whether a sequence of its own fills it."""


@dataclass
class Shape:
    """All but the columns is name by definition."""

    columns: dict[str, Column] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    constraints: dict[str, str] = field(default_factory=dict)
    indexes: dict[str, str] = field(default_factory=dict)
    triggers: dict[str, str] = field(default_factory=dict)
    policies: list[str] = field(default_factory=list)
    surplus: list[tuple[str, str]] = field(default_factory=list)
    """(kind, name) of what is there a second time under another name."""


_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
       a.attgenerated <> '',
       a.attidentity <> '' OR EXISTS (
         SELECT FROM pg_depend p JOIN pg_class s ON s.oid = p.objid AND s.relkind = 'S'
         WHERE p.classid = 'pg_class'::regclass AND p.refobjid = a.attrelid AND p.refobjsubid = a.attnum)
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = %s AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum"""

_PARTS = """
SELECT CASE contype WHEN 'f' THEN 'key' ELSE 'constraint' END, conname, pg_get_constraintdef(oid) FROM pg_constraint
WHERE conrelid = %(oid)s AND conparentid = 0 AND contype IN ('f', 'p', 'u', 'c', 'x')
UNION ALL
SELECT 'index', x.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid
WHERE i.indrelid = %(oid)s AND i.indisvalid AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid
                                                            AND conrelid = i.indrelid)
UNION ALL
SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger
WHERE tgrelid = %(oid)s AND NOT tgisinternal AND tgparentid = 0
UNION ALL
SELECT 'policy', polname, '' FROM pg_policy WHERE polrelid = %(oid)s
ORDER BY 1, 2"""

_INDEX_NAME = re.compile(r"^CREATE (UNIQUE )?INDEX .*? ON (?:ONLY )?(.*? USING )", re.DOTALL)


def read_shape(connection: psycopg.Connection[Any], oid: int) -> Shape:
    """The shape of a table; the search path must be empty, so that every name has its schema."""
    shape = Shape()
    for name, *rest in connection.execute(_COLUMNS, [oid]).fetchall():
        shape.columns[name] = Column(*rest)
    parts = {
        "key": shape.keys,
        "constraint": shape.constraints,
        "index": shape.indexes,
        "trigger": shape.triggers,
    }
    for kind, name, definition in connection.execute(_PARTS, {"oid": oid}).fetchall():
        if kind == "policy":
            shape.policies.append(name)
            continue
        text = _INDEX_NAME.sub(r"\1INDEX ON \2", definition) if kind == "index" else definition
        if parts[kind].setdefault(text, name) != name:
            shape.surplus.append((kind, name))
    return shape


def drop_keys(table: sql.Identifier, have: Shape, want: Shape) -> Iterator[sql.Composed]:
    """Take away the foreign keys that are not as wanted."""
    surplus = [name for kind, name in have.surplus if kind == "key"]
    for name in (*_beyond(have.keys, want.keys), *surplus):
        yield sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(table, sql.Identifier(name))


def drop_parts(table: sql.Identifier, schema: str, have: Shape, want: Shape) -> Iterator[sql.Composed]:
    """Take away constraints, indexes, triggers and policies that are not as wanted."""
    surplus: dict[str, list[str]] = {"constraint": [], "index": [], "trigger": [], "key": []}
    for kind, name in have.surplus:
        surplus[kind].append(name)
    for name in (*_beyond(have.constraints, want.constraints), *surplus["constraint"]):
        yield sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(table, sql.Identifier(name))
    for name in (*_beyond(have.indexes, want.indexes), *surplus["index"]):
        yield sql.SQL("DROP INDEX {}").format(sql.Identifier(schema, name))
    for name in (*_beyond(have.triggers, want.triggers), *surplus["trigger"]):
        yield sql.SQL("DROP TRIGGER {} ON {}").format(sql.Identifier(name), table)
    for name in have.policies:
        yield sql.SQL("DROP POLICY {} ON {}").format(sql.Identifier(name), table)


def alter_columns(
    table: sql.Identifier, have: Shape, want: Shape, values: Mapping[str, Any]
) -> Iterator[sql.Composed]:
    """Add the columns that are missing, widen and tighten the others; one pass over the table at most.

    ``values``: what the rows there are get in an added column that has no default of its own.
    """
    changes: list[sql.Composed] = []
    passing: list[sql.Composed] = []
    for name, column in want.columns.items():
        own = sql.Identifier(name)
        mine = have.columns.get(name)
        if mine is None:
            changes.append(sql.SQL("ADD COLUMN {} ").format(own) + _definition(column, values.get(name)))
            if column.default is None and name in values:
                passing.append(sql.SQL("ALTER COLUMN {} DROP DEFAULT").format(own))
            continue
        if is_narrower(mine.type, column.type):
            changes.append(sql.SQL(f"ALTER COLUMN {{}} TYPE {column.type}").format(own))
        if column.default not in (None, mine.default) and not mine.sequence and not column.generated:
            changes.append(sql.SQL(f"ALTER COLUMN {{}} SET DEFAULT {column.default}").format(own))
        if column.required and not mine.required:
            changes.append(sql.SQL("ALTER COLUMN {} SET NOT NULL").format(own))
        elif mine.required and not column.required:
            changes.append(sql.SQL("ALTER COLUMN {} DROP NOT NULL").format(own))
    for group in (changes, passing):
        if group:
            yield sql.SQL("ALTER TABLE {} ").format(table) + sql.SQL(", ").join(group)


def complete_parts(table: sql.Identifier, schema: str, have: Shape, want: Shape) -> Iterator[sql.Composed]:
    """Give constraints and indexes their names, and make what is missing."""
    renamed = [
        (kind, have_parts[text], name)
        for kind, have_parts, wanted in (
            ("constraint", have.constraints, want.constraints),
            ("constraint", have.keys, want.keys),
            ("index", have.indexes, want.indexes),
        )
        for text, name in wanted.items()
        if have_parts.get(text, name) != name
    ]
    for number, (kind, old, _) in enumerate(renamed):  # by way of names that nothing has: they may be swapped
        yield _rename(table, schema, kind, old, f"adopting_{number}")
    for number, (kind, _, new) in enumerate(renamed):
        yield _rename(table, schema, kind, f"adopting_{number}", new)
    for text, name in want.constraints.items():
        if text not in have.constraints:
            yield sql.SQL(f"ALTER TABLE {{}} ADD CONSTRAINT {{}} {text}").format(table, sql.Identifier(name))
    for text, name in want.indexes.items():
        if text not in have.indexes:
            head, _, rest = text.partition("INDEX ON ")
            yield sql.SQL(f"CREATE {head}INDEX {{}} ON {rest}").format(sql.Identifier(name))
    for text in want.triggers.keys() - have.triggers.keys():
        yield sql.SQL("{}").format(sql.SQL(text))


def add_keys(table: sql.Identifier, have: Shape, want: Shape) -> Iterator[sql.Composed]:
    """Make the foreign keys that are missing."""
    for text, name in want.keys.items():
        if text not in have.keys:
            yield sql.SQL(f"ALTER TABLE {{}} ADD CONSTRAINT {{}} {text}").format(table, sql.Identifier(name))


def _rename(table: sql.Identifier, schema: str, kind: str, old: str, new: str) -> sql.Composed:
    if kind == "index":
        return sql.SQL("ALTER INDEX {} RENAME TO {}").format(sql.Identifier(schema, old), sql.Identifier(new))
    return sql.SQL("ALTER TABLE {} RENAME CONSTRAINT {} TO {}").format(
        table, sql.Identifier(old), sql.Identifier(new)
    )


def _beyond(have: Mapping[str, str], want: Mapping[str, str]) -> list[str]:
    return [name for text, name in have.items() if text not in want]


def _definition(column: Column, value: Any) -> sql.Composed:
    words: list[sql.Composable] = [sql.SQL(column.type)]
    if column.default is not None:
        words.append(sql.SQL(f"DEFAULT {column.default}"))
    elif value is not None:
        words.append(sql.SQL("DEFAULT {}").format(sql.Literal(value)))
    if column.required:
        words.append(sql.SQL("NOT NULL"))
    return sql.SQL(" ").join(words)


def is_narrower(mine: str, wanted: str) -> bool:
    """``character varying(50)`` is narrower than ``character varying(200)`` and than ``text``: PostgreSQL widens it
    without writing a row."""
    if wanted == "text":
        return mine.startswith("character varying")
    pattern = r"(character varying)\((\d+)\)(\[\])?"
    (own, other) = (re.fullmatch(pattern, each) for each in (mine, wanted))
    return bool(own and other and own[3] == other[3] and int(own[2]) < int(other[2]))
