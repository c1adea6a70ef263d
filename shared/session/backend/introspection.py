"""Introspection of tables that carry their schema in ``db_table``; it leaves the search path alone."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.backends.postgresql.introspection import DatabaseIntrospection as PostgreSQLIntrospection
from django.db.backends.postgresql.introspection import TableInfo

from shared.session.backend.names import TENANT_SCHEMAS, qualify, split_table

_VISIBLE = re.compile(r"pg_catalog\.pg_table_is_visible\((\w+)\.oid\)")

# Tenants' schemas are many, and their tables go by unqualified names: listed only where these find them.
_TABLES = """
    SELECT n.nspname, c.relname,
        CASE WHEN c.relispartition THEN 'p' WHEN c.relkind IN ('m', 'v') THEN 'v' ELSE 't' END,
        obj_description(c.oid, 'pg_class'),
        CASE WHEN %(home)s::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid)
             ELSE n.nspname = %(home)s END
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('f', 'm', 'p', 'r', 'v')
        AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema')
        AND (n.nspname = %(home)s OR pg_catalog.pg_table_is_visible(c.oid)
             OR (n.nspname !~ %(tenants)s AND n.nspname !~ '^pg_'))
"""

# Of a composite key the last column refers to the other record; the tenant's before it only narrows it.
_RELATIONS = """
    SELECT a.attname, fa.attname, fn.nspname, fc.relname,
        CASE WHEN %(home)s::text IS NULL THEN pg_catalog.pg_table_is_visible(fc.oid)
             ELSE fn.nspname = %(home)s END
    FROM pg_catalog.pg_constraint con
    JOIN pg_catalog.pg_class c ON c.oid = con.conrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_class fc ON fc.oid = con.confrelid
    JOIN pg_catalog.pg_namespace fn ON fn.oid = fc.relnamespace
    JOIN pg_catalog.pg_attribute a
        ON a.attrelid = c.oid AND a.attnum = con.conkey[cardinality(con.conkey)]
    JOIN pg_catalog.pg_attribute fa
        ON fa.attrelid = fc.oid AND fa.attnum = con.confkey[cardinality(con.confkey)]
    WHERE con.contype = 'f' AND c.relname = %(table)s
        AND CASE WHEN %(schema)s::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid)
                 ELSE n.nspname = %(schema)s END
"""


class _InOneSchema:
    """A cursor that turns "visible on the search path" in Django's catalog queries into "in this schema"."""

    def __init__(self, cursor: Any, schema: str, table: str) -> None:
        self._cursor = cursor
        self._table = table
        self._db_table = qualify(schema, table)
        literal = schema.replace("'", "''").replace("%", "%%")
        self._condition = (
            rf"\1.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = '{literal}')"
        )

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def execute(self, sql: str, params: Sequence[Any] | None = None) -> Any:
        if not params:
            return self._cursor.execute(sql, params)
        sql, replaced = _VISIBLE.subn(self._condition, sql)
        if not replaced:
            raise NotImplementedError(
                "Django looks tables up in a new way: teach shared.session.backend.introspection about it. "
                f"Query: {sql}"
            )
        return self._cursor.execute(sql, [self._table if p == self._db_table else p for p in params])


class DatabaseIntrospection(PostgreSQLIntrospection):
    """Knows ``schema"."table`` beside bare names; calls a table by its bare name where that finds it."""

    connection: Any

    def table_names(self, cursor: Any = None, include_views: bool = False) -> list[str]:
        """Every name by which a model may call an existing table: with its schema and, if visible, bare."""
        if cursor is None:
            with self.connection.cursor() as cursor:
                return self.table_names(cursor, include_views)
        names = set()
        for schema, table, found_bare in self._tables(cursor):
            if include_views or table.type == "t":
                names.add(qualify(schema, table.name))
                if found_bare:
                    names.add(table.name)
        return sorted(names)

    def get_table_list(self, cursor: Any) -> list[Any]:
        return [
            table if found_bare else table._replace(name=qualify(schema, table.name))
            for schema, table, found_bare in self._tables(cursor)
        ]

    def get_table_description(self, cursor: Any, table_name: str) -> list[Any]:
        return super().get_table_description(*self._scoped(cursor, table_name))

    def get_sequences(self, cursor: Any, table_name: str, table_fields: Iterable[Any] = ()) -> Any:
        return super().get_sequences(*self._scoped(cursor, table_name), table_fields)

    def get_constraints(self, cursor: Any, table_name: str) -> Any:
        return super().get_constraints(*self._scoped(cursor, table_name))

    def get_relations(self, cursor: Any, table_name: str) -> dict[str, tuple[str, str]]:
        schema, table = self._place(table_name)
        cursor.execute(_RELATIONS, {"home": self.connection.home_schema, "schema": schema, "table": table})
        return {
            column: (other_column, other_table if found_bare else qualify(other_schema, other_table))
            for column, other_column, other_schema, other_table, found_bare in cursor.fetchall()
        }

    def _tables(self, cursor: Any) -> list[tuple[str, Any, bool]]:
        cursor.execute(_TABLES, {"home": self.connection.home_schema, "tenants": TENANT_SCHEMAS})
        return [(schema, TableInfo(*table), found_bare) for schema, *table, found_bare in cursor.fetchall()]

    def _place(self, table_name: str) -> tuple[str | None, str]:
        schema, table = split_table(table_name)
        return schema or self.connection.home_schema, table

    def _scoped(self, cursor: Any, table_name: str) -> tuple[Any, str]:
        schema, table = self._place(table_name)
        if schema is None:
            return cursor, table
        return _InOneSchema(cursor, schema, table), qualify(schema, table)
