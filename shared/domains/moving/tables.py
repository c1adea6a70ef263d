"""What moves with a domain: its tables as the catalog knows them, and its rows in ``shared``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings
from psycopg import sql

from shared.domains.access import access_of
from shared.domains.registry import SHARED_SCHEMA, Domain, central_domain, split_table
from shared.records.versions.models import is_version

Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True)
class Column:
    name: str
    type: str


@dataclass(frozen=True)
class MovingTable:
    """A table, or the rows of a common one that belong to the domain.

    ``columns`` are those that can be written (generated ones are computed anew), ``key`` the primary key's.
    """

    schema: str
    name: str
    columns: tuple[str, ...]
    key: tuple[Column, ...]
    domain: str = ""
    """Set for a table of ``shared``: only the rows of this domain move."""
    append_only: bool = False
    """Its rows never change: those that are there already need not be written again, and nobody could."""

    @property
    def label(self) -> str:
        return f"{self.schema}.{self.name}"

    @property
    def identifier(self) -> sql.Identifier:
        return sql.Identifier(self.schema, self.name)

    @property
    def column_list(self) -> sql.Composed:
        return sql.SQL(", ").join(map(sql.Identifier, self.columns))

    @property
    def rows(self) -> sql.Composable:
        """The condition that picks the rows which move."""
        if not self.domain:
            return sql.SQL("true")
        return sql.SQL("t.domain = {}").format(sql.Literal(self.domain))

    def keys_as(self, alias: str, keys: list[str]) -> sql.Composed:
        """``jsonb_to_recordset('[…]') AS alias (id uuid)`` of keys, each a JSON object as text."""
        columns = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(c.name), sql.SQL(c.type)) for c in self.key
        )
        return sql.SQL("jsonb_to_recordset({}::jsonb) AS {} ({})").format(
            sql.Literal(f"[{','.join(keys)}]"), sql.Identifier(alias), columns
        )

    def same_key(self, left: str, right: str) -> sql.Composed:
        return sql.SQL(" AND ").join(
            sql.SQL("{}.{} = {}.{}").format(
                sql.Identifier(left), sql.Identifier(c.name), sql.Identifier(right), sql.Identifier(c.name)
            )
            for c in self.key
        )

    def key_object(self, alias: str) -> sql.Composed:
        """The key of a row as a JSON object; timestamps keep their microseconds, in UTC."""
        pairs = sql.SQL(", ").join(
            sql.SQL("{}, {}.{}").format(sql.Literal(c.name), sql.Identifier(alias), sql.Identifier(c.name))
            for c in self.key
        )
        return sql.SQL("jsonb_build_object({})").format(pairs)


_TABLES = """
SELECT n.nspname, c.relname,
       ARRAY(SELECT a.attname FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0
             AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum),
       ARRAY(SELECT ARRAY[a.attname::text, format_type(a.atttypid, a.atttypmod)]
             FROM pg_index i, unnest(i.indkey::int2[]) WITH ORDINALITY AS k (attnum, place)
             JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum
             WHERE i.indrelid = c.oid AND i.indisprimary AND a.attrelid = i.indrelid ORDER BY k.place)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname = ANY(%s)
ORDER BY 1, 2"""


def read_tables(connection: Connection, schemas: list[str], *, domain: Domain) -> list[MovingTable]:
    """The tables of these schemas, then the domain's rows in ``shared`` (requests kept under idempotency keys …)."""
    found = [_table(*row) for row in connection.execute(_TABLES, [schemas]).fetchall()]
    common = connection.execute(_TABLES, [[SHARED_SCHEMA]]).fetchall()
    names = common_tables()
    return [
        *found,
        *(_table(s, n, c, k, domain.name, append_only=names[n]) for s, n, c, k in common if n in names),
    ]


def read_schema(connection: Connection, schema: str) -> list[MovingTable]:
    """All tables of a schema that have a primary key."""
    return [_table(*row) for row in connection.execute(_TABLES, [[schema]]).fetchall() if row[3]]


def _table(
    schema: Any, name: Any, columns: Any, key: Any, domain: str = "", *, append_only: bool = False
) -> MovingTable:
    if not key:
        raise ValueError(
            f"{schema}.{name} has no primary key, so its rows cannot be followed while they move."
        )
    return MovingTable(
        schema, name, tuple(columns), tuple(Column(*part) for part in key), domain, append_only
    )


def common_tables() -> dict[str, bool]:
    """The tables in ``shared`` whose rows belong to a domain: such a row goes where its domain goes. By name, whether
    its rows never change."""
    return dict(_common_tables())


def _common_tables() -> Iterator[tuple[str, bool]]:
    from django.apps import apps

    from shared.records.activity.models import ActivitySeal

    for model in apps.get_app_config("shared").get_models():
        access = access_of(model)
        if access.rows in ("tenant_and_domain", "tenant_and_readable") or model is ActivitySeal:
            yield split_table(model._meta.db_table)[1], access.written_by_history or access.append_only


def tenancy_tables(connection: Connection) -> list[MovingTable]:
    """Tenants, then what belongs to them in ``shared`` and is written by the central domain alone."""
    from django.apps import apps

    central = (central_domain().name,)
    names = [
        split_table(model._meta.db_table)[1]
        for model in apps.get_app_config("shared").get_models()
        if access_of(model).writers == central and not is_version(model)
    ]
    found = {row[1]: _table(*row) for row in connection.execute(_TABLES, [[SHARED_SCHEMA]]).fetchall()}
    tenants = split_table(apps.get_model(settings.TENANT_MODEL)._meta.db_table)[1]
    return [found[tenants], *(found[name] for name in sorted(names) if name != tenants)]


def tenant_schemas(connection: Connection) -> list[str]:
    """The schemas of single tenants in a database."""
    return [
        name
        for (name,) in connection.execute(
            r"SELECT nspname::text FROM pg_namespace WHERE nspname ~ '^tenant_[0-9a-f]{32}$' ORDER BY 1"
        ).fetchall()
    ]
