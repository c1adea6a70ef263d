"""Prepare a database server for Trellis: database, roles, schemas, grants. Everything may be run again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
from psycopg import sql

from shared.domains.ledger import existing_ledgers, grant_ledger, ledger_readers
from shared.domains.logins import login_password
from shared.domains.registry import OWNER_ROLE, SHARED_SCHEMA, Domain, domains
from shared.domains.roles import database_statements, logins, role_statements

MINIMUM_VERSION = 150000
ARRIVING = "arriving: "
"""Comment on a schema whose rows are still arriving from another database (``shared/domains/moving``), followed by which."""
_ROLES_LOCK = 0x7265_6C6C_6973  # any constant: one process at a time makes the cluster's roles


class ProvisionError(RuntimeError):
    """The database server cannot be prepared; the message says what to do."""


def prepare_database(
    bootstrap_url: str,
    *,
    seed: str,
    living: Sequence[Domain] = (),
    say: Callable[[str], None] = lambda _: None,
) -> None:
    """Create database, roles and schemas on the server of ``bootstrap_url`` (a login that may create roles).

    ``seed`` derives the logins' passwords; ``living`` are the domains that lie there, all when none is named.
    Raises ProvisionError with one sentence when the server is out of reach, too old, or the login may not create roles,
    and when a domain is still on its way there: what is granted here would open its tables too early.
    """
    database = unquote(urlsplit(bootstrap_url).path.lstrip("/")) or "trellis"
    with _connect(_with_database(bootstrap_url, "postgres")) as maintenance:
        # Advisory locks are local to a database and roles are not: so the lock is taken in the common one.
        maintenance.execute("SELECT pg_advisory_lock(%s)", [_ROLES_LOCK])
        if not maintenance.execute("SELECT FROM pg_database WHERE datname = %s", [database]).rowcount:
            say(f"Creating database {database}")
            with _strong_login(maintenance):
                maintenance.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        _prepare(bootstrap_url, database, seed, living)
    say(f"Database {database} is ready: roles, schemas and grants are in place.")


def connect_if_there(url: str) -> psycopg.Connection[tuple[Any, ...]] | None:
    """An administrator's connection to the database of ``url``; None when the server has no such database yet.

    Raises ProvisionError when the server is out of reach, too old, or refuses the login.
    """
    database = unquote(urlsplit(url).path.lstrip("/"))
    with _connect(_with_database(url, "postgres")) as maintenance:
        found = maintenance.execute("SELECT FROM pg_database WHERE datname = %s", [database]).rowcount
    return _connect(url) if found else None


def _prepare(url: str, database: str, seed: str, living: Sequence[Domain]) -> None:
    passwords = {login.name: login_password(seed, login.name) for login in logins()}
    with _connect(url) as connection:
        version = connection.info.server_version
        _refuse_arriving(connection, database, living or domains())
        with _strong_login(connection), connection.transaction():
            for statement in role_statements(passwords, server_version=version):
                connection.execute(statement)
            connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(sql.Identifier(OWNER_ROLE)))
            for statement in database_statements(database, living):
                connection.execute(statement)
            _grant_ledgers(connection, living or domains())


def _refuse_arriving(connection: psycopg.Connection[Any], database: str, living: Sequence[Domain]) -> None:
    found = connection.execute(
        "SELECT nspname::text FROM pg_namespace WHERE obj_description(oid, 'pg_namespace') LIKE %s",
        [f"{ARRIVING}%"],
    )
    schemas = {name for (name,) in found.fetchall()}
    for domain in living:
        if domain.schema in schemas:
            raise ProvisionError(
                f"A move of {domain.name} to the database {database} is half done: run its "
                f"split_domain {domain.name} --to … again, which finishes it, or add --abandon."
            )


@contextmanager
def _strong_login(connection: psycopg.Connection[Any]) -> Iterator[None]:
    try:
        yield
    except psycopg.errors.InsufficientPrivilege as error:
        raise ProvisionError(
            f"The login {connection.info.user!r} may not create databases, roles and schemas "
            f"({error.diag.message_primary}): use a superuser's URL for this step."
        ) from error


def _grant_ledgers(connection: psycopg.Connection[tuple[object, ...]], living: Sequence[Domain]) -> None:
    """Ledgers that exist are read by whom the registry says now."""
    schemas = [SHARED_SCHEMA, *(domain.schema for domain in living)]
    with connection.cursor() as cursor:
        for schema in existing_ledgers(cursor, schemas):
            for statement in grant_ledger(schema, ledger_readers(schema, living)):
                cursor.execute(statement)


def _with_database(url: str, database: str) -> str:
    parts = urlsplit(url)
    return parts._replace(path=f"/{database}").geturl()


def _connect(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    try:
        connection = psycopg.connect(url, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        # libpq's first line says what happened, those below it guess why
        reason = str(error).strip().partition("\n")[0].removeprefix("connection failed: ")
        raise ProvisionError(
            f"The database server cannot be reached ({reason}): start it or correct DATABASE_URL."
        ) from error
    if connection.info.server_version < MINIMUM_VERSION:
        version = connection.info.parameter_status("server_version")
        connection.close()
        raise ProvisionError(
            f"The database server is PostgreSQL {version}; Trellis needs 15 or newer: upgrade it or point "
            "DATABASE_URL to another server."
        )
    return connection
