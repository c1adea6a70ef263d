"""Roles, logins, schemas and default privileges: the SQL that follows from the registry.

Every statement may be run again; ``prepare_database`` runs them all at each start. Roles belong to the whole
cluster, so they are made under an advisory lock.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from psycopg import sql

from shared.domains.access import TENANT_ROWS
from shared.domains.erasing import erasing_functions
from shared.domains.patience import LIMITS
from shared.domains.registry import (
    HISTORY_ROLE,
    MIGRATION_LOGIN,
    OPERATOR_ROLE,
    OWNER_ROLE,
    SHARED_SCHEMA,
    WEB_LOGIN,
    WORKER_LOGIN,
    Domain,
    domains,
)

Statement = sql.SQL | sql.Composed


@dataclass(frozen=True)
class Login:
    """A role that a process signs in with. It inherits nothing: it must take on a role to do anything."""

    name: str
    may_become: tuple[str, ...]
    settings: Mapping[str, str] = field(default_factory=dict)


def logins() -> tuple[Login, ...]:
    """All logins: combined web, workers, migrations, and one per domain for a process limited to it."""
    roles = tuple(d.role for d in domains())
    return (
        Login(WEB_LOGIN, roles),
        Login(WORKER_LOGIN, (*roles, OPERATOR_ROLE)),
        Login(MIGRATION_LOGIN, (OWNER_ROLE,), LIMITS),
        *(Login(d.login, (d.role,)) for d in domains()),
    )


def _ident(name: str) -> sql.Identifier:
    return sql.Identifier(name)


def role_statements(passwords: Mapping[str, str], *, server_version: int) -> Iterator[Statement]:
    """Create roles and logins and set their attributes. ``passwords`` by login name; ``server_version`` as libpq
    reports it (150020), since PostgreSQL 16 moved INHERIT from the role to the membership."""
    nologin = [OWNER_ROLE, OPERATOR_ROLE, HISTORY_ROLE, *(d.role for d in domains())]
    for name in (*nologin, *(login.name for login in logins())):
        yield sql.SQL(
            "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = {literal}) "
            "THEN CREATE ROLE {role}; END IF; END $$"
        ).format(literal=sql.Literal(name), role=_ident(name))
    plain = "NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOINHERIT"
    for name in nologin:
        rls = "BYPASSRLS" if name == OPERATOR_ROLE else "NOBYPASSRLS"
        yield sql.SQL(f"ALTER ROLE {{}} NOLOGIN {plain} {rls}").format(_ident(name))
    for login in logins():
        yield sql.SQL(f"ALTER ROLE {{}} LOGIN {plain} NOBYPASSRLS PASSWORD {{}}").format(
            _ident(login.name), sql.Literal(passwords[login.name])
        )
        for setting, value in login.settings.items():
            yield sql.SQL("ALTER ROLE {} SET {} = {}").format(
                _ident(login.name), _ident(setting), sql.Literal(value)
            )
        options = " WITH INHERIT FALSE, SET TRUE" if server_version >= 160000 else ""
        for role in login.may_become:
            yield sql.SQL(f"GRANT {{}} TO {{}}{options}").format(_ident(role), _ident(login.name))


def users_of(living: Sequence[Domain]) -> list[str]:
    """Every role that must get into a database where these domains live: theirs, the operator, their logins."""
    strangers = {name for d in domains() if d not in living for name in (d.role, d.login)}
    everyone = [*(d.role for d in domains()), OPERATOR_ROLE, *(login.name for login in logins())]
    return [name for name in everyone if name not in strangers]


def _names(living: Sequence[Domain]) -> sql.Composed:
    return sql.SQL(", ").join(map(_ident, users_of(living)))


def rights_on_database(database: str, living: Sequence[Domain] = ()) -> Iterator[Statement]:
    """Who may connect, make schemas and temporary tables; a database copied from a template lacks these.

    ``living``: the domains whose schemas lie there; all when none is named.
    """
    db, owner, operator = _ident(database), _ident(OWNER_ROLE), _ident(OPERATOR_ROLE)
    yield sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(db)
    for domain in _strangers(living):
        yield sql.SQL("REVOKE ALL ON DATABASE {} FROM {}, {}").format(
            db, _ident(domain.role), _ident(domain.login)
        )
    yield sql.SQL("GRANT CONNECT ON DATABASE {} TO {}, {}").format(db, _names(living or domains()), owner)
    yield sql.SQL("GRANT CREATE, TEMPORARY ON DATABASE {} TO {}").format(db, owner)
    yield sql.SQL("GRANT TEMPORARY ON DATABASE {} TO {}").format(db, operator)


def _strangers(living: Sequence[Domain]) -> list[Domain]:
    return [domain for domain in domains() if living and domain not in living]


def database_statements(database: str, living: Sequence[Domain] = ()) -> Iterator[Statement]:
    """Schemas, their grants, and the privileges that new tables and sequences get by default (functions: none).

    ``living``: the domains whose schemas lie there; all when none is named. The others' roles, which belong to the
    whole server, may not use a schema of this database.
    """
    living = tuple(living) or domains()
    all_names = _names(living)
    owner = _ident(OWNER_ROLE)
    yield from rights_on_database(database, living)
    yield sql.SQL("ALTER SCHEMA public OWNER TO {}").format(owner)
    yield sql.SQL("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    for schema in ("public", SHARED_SCHEMA, *(d.schema for d in living)):
        name = _ident(schema)
        yield sql.SQL("CREATE SCHEMA IF NOT EXISTS {} AUTHORIZATION {}").format(name, owner)
        yield sql.SQL("ALTER SCHEMA {} OWNER TO {}").format(name, owner)
        yield sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(name, all_names)
        if schema != "public":
            yield sql.SQL("GRANT USAGE, CREATE ON SCHEMA {} TO {}").format(name, _ident(HISTORY_ROLE))
        for stranger in _strangers(living):
            yield sql.SQL("REVOKE ALL ON SCHEMA {} FROM {}, {}").format(
                name, _ident(stranger.role), _ident(stranger.login)
            )
        yield from _default_privileges(schema)
    yield sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE {} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC").format(
        owner
    )
    yield from _memory_makers()


MEMORY_MAKERS = (
    "shared.define_memory(text, text, text)",
    "shared.drop_memory(text, text)",
    "shared.erase_versions(text, text, uuid, uuid[], jsonb)",
    "shared.erase_entries(uuid, uuid[], uuid, text, text)",
)
"""They belong to the history role, so what they make does too; the owner alone may call them."""


def _memory_makers() -> Iterator[Statement]:
    """Functions that make and drop the functions behind version tables. No login can become their owner, whose rights
    are thus out of reach for all but what the functions do."""
    history, owner = _ident(HISTORY_ROLE), _ident(OWNER_ROLE)
    yield sql.SQL(
        "CREATE OR REPLACE FUNCTION shared.define_memory(place text, name text, body text) RETURNS void "
        "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $maker$ BEGIN "
        "EXECUTE format('CREATE OR REPLACE FUNCTION %I.%I() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER "
        "SET search_path = pg_catalog, pg_temp AS %L', place, name, body); "
        "EXECUTE format('REVOKE ALL ON FUNCTION %I.%I() FROM PUBLIC', place, name); "
        "EXECUTE format('GRANT EXECUTE ON FUNCTION %I.%I() TO {owner}', place, name); END $maker$"
    ).format(owner=owner)
    yield sql.SQL(
        "CREATE OR REPLACE FUNCTION shared.drop_memory(place text, name text) RETURNS void "
        "LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $maker$ BEGIN "
        "EXECUTE format('DROP FUNCTION IF EXISTS %I.%I()', place, name); END $maker$"
    )
    yield from erasing_functions()
    for function in MEMORY_MAKERS:
        name = sql.SQL(function)  # type: ignore[arg-type]  # a constant of this module
        yield sql.SQL("ALTER FUNCTION {} OWNER TO {}").format(name, history)
        yield sql.SQL("REVOKE ALL ON FUNCTION {} FROM PUBLIC").format(name)
        yield sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(name, owner)


def _default_privileges(schema: str) -> Iterator[Statement]:
    """What a table that the owner creates in ``schema`` gives to whom, before its migration says otherwise."""
    head = sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE {} IN SCHEMA {} ").format(
        _ident(OWNER_ROLE), _ident(schema)
    )
    if schema == "public":
        grants = {d.role: ("SELECT", "INSERT", "UPDATE", "DELETE") for d in domains() if d.central}
        grants[OPERATOR_ROLE] = ("SELECT", "INSERT", "UPDATE", "DELETE")
    else:
        grants = TENANT_ROWS.grants(schema)  # type: ignore[assignment]
    writers = []
    for role, verbs in grants.items():
        yield head + sql.SQL(f"GRANT {', '.join(verbs)} ON TABLES TO {{}}").format(_ident(role))
        if "INSERT" in verbs:
            writers.append(_ident(role))
    yield head + sql.SQL("GRANT USAGE, SELECT ON SEQUENCES TO {}").format(sql.SQL(", ").join(writers))
