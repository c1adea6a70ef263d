"""Migration ledgers: which migrations a database has seen, a table in each schema that migrates on its own.

``support_app.django_migrations`` tells of the domain support, ``shared.django_migrations`` of the kit and of libraries,
``tenant_….django_migrations`` of the apps whose tables lie in that tenant's schema. A ledger moves with its schema.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from psycopg import sql

from shared.domains.access import TENANT_ROWS
from shared.domains.registry import (
    OPERATOR_ROLE,
    SHARED_SCHEMA,
    WEB_LOGIN,
    WORKER_LOGIN,
    Domain,
    domains,
)

LEDGER = "django_migrations"
_LOCK = 0x6C65_6467_6572  # any constant: two processes make ledgers one after the other

Rows = dict[tuple[str, str], dt.datetime]
"""(app, migration) → when it was applied."""


def ledger_readers(schema: str, living: Sequence[Domain]) -> set[str]:
    """Roles and logins that may read a schema's ledger; nobody but the owner may write it.

    Logins too, since /health/migrations asks before any domain acts: a ledger tells nothing of any tenant.
    """
    strangers = {domain.role for domain in domains() if domain not in living}
    roles = TENANT_ROWS.grants(schema).keys() - strangers
    own = {d.login for d in living if d.role in roles and schema in (d.schema, SHARED_SCHEMA)}
    return {*roles, OPERATOR_ROLE, *own, WEB_LOGIN, WORKER_LOGIN}


def existing_ledgers(cursor: Any, schemas: Iterable[str]) -> list[str]:
    """Those of the schemas that have a ledger, in the order given."""
    wanted = list(schemas)
    cursor.execute(
        "SELECT n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relname = %s AND c.relkind = 'r' AND n.nspname = ANY(%s)",
        [LEDGER, wanted],
    )
    found = {name for (name,) in cursor.fetchall()}
    return [schema for schema in wanted if schema in found]


def read_ledgers(cursor: Any, schemas: Iterable[str]) -> Rows:
    """What the ledgers of these schemas tell; a schema without one tells nothing."""
    existing = existing_ledgers(cursor, schemas)
    if not existing:
        return {}
    union = " UNION ALL ".join(f"SELECT app, name, applied FROM {_table(schema)}" for schema in existing)
    cursor.execute(f"SELECT app, name, min(applied) FROM ({union}) l GROUP BY app, name ORDER BY 3, 1, 2")
    return {(app, name): applied for app, name, applied in cursor.fetchall()}


def newest_of(rows: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The last migration of each app among those that a ledger tells of."""
    found: dict[str, str] = {}
    for app, name in rows:
        found[app] = max(found.get(app, ""), name)
    return found


def lock_ledgers(cursor: Any) -> None:
    """Wait until no other transaction makes or moves ledgers in this database."""
    cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def create_ledger(cursor: Any, schema: str, readers: Iterable[str] = ()) -> None:
    """Make a schema's ledger, as the owner in a transaction; ``readers`` may read it and nobody may write."""
    table = _table(schema)
    cursor.execute(
        f"CREATE TABLE IF NOT EXISTS {table} (app varchar(255) NOT NULL, name varchar(255) NOT NULL, "
        "applied timestamptz NOT NULL DEFAULT now(), PRIMARY KEY (app, name))"
    )
    for statement in grant_ledger(schema, readers):
        cursor.execute(statement)


def grant_ledger(schema: str, readers: Iterable[str]) -> Iterator[str]:
    """Statements that let ``readers`` read a ledger and take every other right that new tables give by default."""
    table = _table(schema)
    own = (name for domain in domains() for name in (domain.role, domain.login))
    yield f"REVOKE ALL ON {table} FROM {', '.join((*own, OPERATOR_ROLE, WEB_LOGIN, WORKER_LOGIN))}"
    if names := ", ".join(sorted(readers)):
        yield f"GRANT SELECT ON {table} TO {names}"


def carry_over(cursor: Any, schema_of: Mapping[str, str]) -> None:
    """Distribute ``public.django_migrations``, the one ledger of an earlier state, and drop it; in a transaction.

    ``schema_of`` tells each domain app's schema; the kit's rows, libraries' and those of apps that are gone go to
    ``shared``, so that none is lost.
    """
    cursor.execute(f"LOCK TABLE {_table('public')} IN ACCESS EXCLUSIVE MODE")
    for schema in (*sorted({*schema_of.values()}), SHARED_SCHEMA):
        own = [app for app, home in schema_of.items() if home == schema]
        cursor.execute(
            f"INSERT INTO {_table(schema)} (app, name, applied) SELECT app, name, min(applied) "
            f"FROM {_table('public')} WHERE {'NOT' if schema == SHARED_SCHEMA else ''} app = ANY(%s) "
            "GROUP BY app, name ON CONFLICT DO NOTHING",
            [list(schema_of) if schema == SHARED_SCHEMA else own],
        )
    cursor.execute(f"DROP TABLE {_table('public')}")


def note_applied(cursor: Any, schema: str, app: str, name: str) -> None:
    """Write that a migration was applied."""
    cursor.execute(
        f"INSERT INTO {_table(schema)} (app, name, applied) VALUES (%s, %s, now()) ON CONFLICT DO NOTHING",
        [app, name],
    )


def note_unapplied(cursor: Any, schema: str, app: str, name: str) -> None:
    """Write that a migration was taken back."""
    cursor.execute(f"DELETE FROM {_table(schema)} WHERE app = %s AND name = %s", [app, name])


def forget_all(cursor: Any, schema: str) -> None:
    """Empty a ledger."""
    cursor.execute(f"DELETE FROM {_table(schema)}")


def _table(schema: str) -> str:
    return sql.Identifier(schema, LEDGER).as_string(None)
