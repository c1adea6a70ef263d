"""A Trellis installation for benchmarks: filled by the superuser, used by its own logins."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psycopg
from psycopg import sql

from bench.dataset import (
    AGENTS_PER_TENANT,
    CUSTOMERS_PER_TENANT,
    Share,
    column_names,
    fill,
    reference_columns,
    ticket_columns,
)
from bench.servers import Cluster, run_command
from config.settings.domains import DOMAINS
from shared.domains.logins import login_password
from shared.tenancy.scopes import scopes_of

_SEED = "benchmark-logins"
_PEPPER = "benchmark-pepper"
_UNLIMITED = 2_000_000_000  # calls a minute: the limiter does its work and never says no


@dataclass(frozen=True, slots=True)
class Installation:
    """How to reach it: the processes' environment, the measured tenant, a key with every scope."""

    database: str
    environment: dict[str, str]
    organization: uuid.UUID
    api_key: str
    superuser_url: str

    @property
    def headers(self) -> list[str]:
        """What a request of the measured tenant carries."""
        return [f"Authorization: Bearer {self.api_key}"]


def api_key_of(organization: uuid.UUID) -> str:
    """The raw API key of a tenant: the same at every run."""
    return f"trl_bench{organization.hex[-3:]}_{organization.hex}{'k' * 11}"


def environment_of(servers: Cluster, database: str) -> dict[str, str]:
    """What `make run` writes to .dev/env, for this database."""

    def url(login: str) -> str:
        return servers.url(database, user=login, password=login_password(_SEED, login))

    return {
        "BOOTSTRAP_DATABASE_URL": servers.url(database),
        "MIGRATION_DATABASE_URL": url("trellis_migrator"),
        "WORKER_DATABASE_URL": url("trellis_worker"),
        "DATABASE_URL": url("trellis_web"),
        "LOGIN_PASSWORD_SEED": _SEED,
        "REDIS_URL": servers.redis_url,
        "SECRET_KEY": "benchmark-only-secret-key-of-sufficient-length-0123456789",
        "API_KEY_PEPPER": _PEPPER,
        "DEBUG": "false",
        "ALLOWED_HOSTS": "*",
        "BASE_URL": "http://127.0.0.1",
        "TRELLIS_ENV_FILE": "/dev/null",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }


def install(
    servers: Cluster,
    database: str,
    shares: Sequence[Share],
    ticket_rows: int,
    *,
    fresh: bool,
    say: Callable[[str], None],
    analyse: bool = True,
) -> Installation:
    """Prepare the database, fill it when it is fresh (and ``analyse`` it); say how to reach it."""
    environment = environment_of(servers, database)
    say(f"  preparing {database}: migrations")
    run_command(["manage.py", "prepare_database"], environment)
    run_command(["manage.py", "migrate", "-v0"], environment)
    run_command(["manage.py", "provision"], environment)
    if fresh:
        with servers.connect(database) as connection:
            for share in shares:
                _add_tenant(connection, share)
            if ticket_rows:
                say(f"  preparing {database}: {ticket_rows:,} tickets of {len(shares)} tenants")
                _add_tickets(connection, shares, ticket_rows)
            if analyse:
                connection.execute("VACUUM (ANALYZE)")
    return installed(servers, database, shares)


def installed(servers: Cluster, database: str, shares: Sequence[Share]) -> Installation:
    """How to reach the installation in a database."""
    return Installation(
        database,
        environment_of(servers, database),
        shares[0].organization,
        api_key_of(shares[0].organization),
        servers.url(database),
    )


def slug_of(share: Share) -> str:
    """The short name of a tenant."""
    return f"bench-{share.organization.hex[:8]}"


def _add_tenant(connection: psycopg.Connection[tuple[object, ...]], share: Share) -> None:
    short = share.organization.hex[:8]
    connection.execute(
        "INSERT INTO shared.tenants (id, schema_name, name, slug, status, plan, schema_version, settings) "
        "VALUES (%s, %s, %s, %s, 'active', 'standard', 0, '{}')",
        [share.organization, f"tenant_{share.organization.hex}", f"Bench {short}", slug_of(share)],
    )
    add_api_key(connection, share.organization)


def add_api_key(connection: psycopg.Connection[tuple[object, ...]], organization: uuid.UUID) -> str:
    """Give a tenant its key with every scope."""
    raw = api_key_of(organization)
    scopes = scopes_of(*(domain.name for domain in DOMAINS))
    connection.execute(
        "INSERT INTO shared.api_keys (organization_id, name, prefix, digest, scopes, rate_limit, "
        "created_by_app, custom_fields) VALUES (%s, 'bench', %s, %s, %s, %s, 'platform', '{}') "
        "ON CONFLICT DO NOTHING",
        [
            organization,
            raw[4:12],
            hmac.new(_PEPPER.encode(), raw.encode(), hashlib.sha256).digest(),
            scopes,
            _UNLIMITED,
        ],
    )
    return raw


def _add_tickets(
    connection: psycopg.Connection[tuple[object, ...]], shares: Sequence[Share], ticket_rows: int
) -> None:
    for schema, table, kind, count in (
        ("shared", "user_profiles", "profile", AGENTS_PER_TENANT),
        ("support_app", "customer_references", "customer", CUSTOMERS_PER_TENANT),
        ("support_app", "agents", "agent", AGENTS_PER_TENANT),
    ):
        having = column_names(connection, schema, table)
        for share in shares:
            columns = reference_columns(kind, share)
            fill(connection, sql.Identifier(schema, table), columns, count, having=having)
    fill(
        connection,
        sql.Identifier("support_app", "tickets"),
        ticket_columns(ticket_rows, shares),
        ticket_rows,
        having=column_names(connection, "support_app", "tickets"),
    )
