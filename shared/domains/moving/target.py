"""The target while rows arrive: bare tables that nobody can reach, then the same tables as the source has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import psycopg
from psycopg import sql

from shared.domains.ledger import LEDGER
from shared.domains.moving.tables import Connection, MovingTable
from shared.domains.provision import ARRIVING
from shared.domains.registry import OPERATOR_ROLE, SHARED_SCHEMA, Domain, domain_of_app, domains
from shared.domains.roles import logins

MARK = ARRIVING
"""Comment on a schema whose rows are still arriving, followed by where they come from."""
OPENED = "arrived: "
"""Comment on a schema that is in use, while the move has still to be tidied up."""

_FOREIGN_KEYS = """
SELECT n.nspname::text, c.relname::text, k.conname::text, pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE k.contype = 'f' AND k.conparentid = 0 AND n.nspname = ANY(%s) ORDER BY 1, 2, 3"""

_TRIGGERS = """
SELECT n.nspname::text, c.relname::text, t.tgname::text, t.tgenabled::text
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE NOT t.tgisinternal AND t.tgname NOT LIKE 'move\\_capture\\_%%' AND n.nspname = ANY(%s)"""

_RELATIONS = """
SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relforcerowsecurity AND n.nspname = ANY(%s)"""

_STATES = {"O": "ENABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA", "D": "DISABLE"}


def mark_of(connection: Connection, schema: str) -> str | None:
    """The comment on a schema; None when there is neither schema nor comment."""
    row = connection.execute(
        "SELECT obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname = %s", [schema]
    ).fetchone()
    return row[0] if row else None


def mark(connection: Connection, schema: str, text: str | None) -> None:
    """Comment on a schema; None takes the comment off."""
    connection.execute(
        sql.SQL("COMMENT ON SCHEMA {} IS {}").format(sql.Identifier(schema), sql.Literal(text))
    )


def is_empty(connection: Connection, tables: Iterable[MovingTable]) -> bool:
    """Whether none of the domain's own tables has a row; its ledger does not count."""
    return not any(
        connection.execute(sql.SQL("SELECT FROM {} LIMIT 1").format(table.identifier)).rowcount
        for table in tables
        if not table.domain and table.name != LEDGER
    )


def close(connection: Connection, schemas: Iterable[str]) -> None:
    """Nobody but the owner may look into these schemas."""
    for schema in schemas:
        for name in _users(connection):
            connection.execute(
                sql.SQL("REVOKE ALL ON SCHEMA {} FROM {}").format(
                    sql.Identifier(schema), sql.Identifier(name)
                )
            )


def open_(connection: Connection, schemas: Iterable[str], readers: Iterable[str]) -> None:
    """Let the roles in that belong there."""
    for schema in schemas:
        for name in readers:
            connection.execute(
                sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(sql.Identifier(schema), sql.Identifier(name))
            )


def tenant_schema_users() -> list[str]:
    """Roles that get into a single tenant's schema."""
    from shared.tenancy.schemas import tenant_apps

    return [*sorted({domain_of_app(config.label).role for config in tenant_apps()}), OPERATOR_ROLE]


def leave(connection: Connection, domain: Domain) -> None:
    """In the source: a domain that has gone has no business in the schemas that stay."""
    names = sql.SQL(", ").join(map(sql.Identifier, (domain.role, domain.login)))
    for schema in ("public", SHARED_SCHEMA, *(d.schema for d in domains())):
        if not connection.execute("SELECT FROM pg_namespace WHERE nspname = %s", [schema]).rowcount:
            continue
        connection.execute(sql.SQL("REVOKE ALL ON SCHEMA {} FROM {}").format(sql.Identifier(schema), names))
        if connection.execute("SELECT to_regclass(%s)", [f"{schema}.{LEDGER}"]).fetchone() != (None,):
            connection.execute(
                sql.SQL("REVOKE ALL ON {} FROM {}").format(sql.Identifier(schema, LEDGER), names)
            )


def _users(connection: Connection) -> list[str]:
    """Every role and login of the platform on this server, but the owner."""
    names = [*(d.role for d in domains()), OPERATOR_ROLE, *(login.name for login in logins())]
    found = connection.execute("SELECT rolname::text FROM pg_roles WHERE rolname = ANY(%s)", [names])
    return [str(name) for (name,) in found.fetchall()]


def strip(connection: Connection, schemas: list[str]) -> None:
    """Take off what would stand in the way of arriving rows: foreign keys, triggers, forced row-level security.

    The owner may then COPY. Everything comes back with ``dress``, as the source has it.
    """
    for schema, name, constraint, _ in connection.execute(_FOREIGN_KEYS, [schemas]).fetchall():
        connection.execute(
            sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(
                sql.Identifier(schema, name), sql.Identifier(constraint)
            )
        )
    for schema, name, trigger, _ in connection.execute(_TRIGGERS, [schemas]).fetchall():
        connection.execute(
            sql.SQL("ALTER TABLE {} DISABLE TRIGGER {}").format(
                sql.Identifier(schema, name), sql.Identifier(trigger)
            )
        )
    for schema, name in connection.execute(_RELATIONS, [schemas]).fetchall():
        connection.execute(
            sql.SQL("ALTER TABLE {} NO FORCE ROW LEVEL SECURITY").format(sql.Identifier(schema, name))
        )


def dress(source: Connection, target: Connection, schemas: list[str]) -> None:
    """Give the target's tables the foreign keys, triggers and forced row-level security of the source's.

    Foreign keys hold for new rows at once; ``validate`` looks at the others afterwards, when nobody waits for it.
    """
    states = {row[:3]: row[3] for row in source.execute(_TRIGGERS, [schemas]).fetchall()}
    for schema, name, trigger, _ in target.execute(_TRIGGERS, [schemas]).fetchall():
        state = _STATES[str(states.get((schema, name, trigger), "O"))]
        target.execute(
            sql.SQL(f"ALTER TABLE {{}} {state} TRIGGER {{}}").format(
                sql.Identifier(schema, name), sql.Identifier(trigger)
            )
        )
    for schema, name in source.execute(_RELATIONS, [schemas]).fetchall():
        target.execute(
            sql.SQL("ALTER TABLE IF EXISTS {} FORCE ROW LEVEL SECURITY").format(sql.Identifier(schema, name))
        )
    present = {row[:3] for row in target.execute(_FOREIGN_KEYS, [schemas]).fetchall()}
    partitioned = _partitioned(target, schemas)
    for schema, name, constraint, definition in source.execute(_FOREIGN_KEYS, [schemas]).fetchall():
        if (schema, name, constraint) in present:
            continue
        # PostgreSQL 15 to 17 know no NOT VALID foreign key on a partitioned table.
        late = "" if (schema, name) in partitioned or "NOT VALID" in definition else " NOT VALID"
        target.execute(
            sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(
                sql.Identifier(schema, name), sql.Identifier(constraint), sql.SQL(definition + late)
            )
        )


def validate(target: Connection, schemas: list[str]) -> list[str]:
    """Have PostgreSQL check the arrived rows against their foreign keys; writers go on meanwhile.

    Returns a sentence for each that does not hold: the source's rows broke it as well, or they would not be the same.
    """
    broken: list[str] = []
    rows: list[tuple[Any, ...]] = target.execute(
        "SELECT n.nspname::text, c.relname::text, k.conname::text FROM pg_constraint k "
        "JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE k.contype = 'f' AND NOT k.convalidated AND n.nspname = ANY(%s)",
        [schemas],
    ).fetchall()
    for schema, name, constraint in rows:
        try:
            target.execute(
                sql.SQL("ALTER TABLE {} VALIDATE CONSTRAINT {}").format(
                    sql.Identifier(schema, name), sql.Identifier(constraint)
                )
            )
        except psycopg.errors.ForeignKeyViolation as error:
            broken.append(
                f"{schema}.{name} breaks {constraint}, as it did before: {error.diag.message_detail}"
            )
    return broken


def _partitioned(connection: Connection, schemas: list[str]) -> set[tuple[str, str]]:
    rows = connection.execute(
        "SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE c.relkind = 'p' AND n.nspname = ANY(%s)",
        [schemas],
    ).fetchall()
    return {(schema, name) for schema, name in rows}
