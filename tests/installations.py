"""Installations of their own beside the suite's database: scratch databases, and `manage.py` run on them."""

from __future__ import annotations

import datetime as dt
import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from shared.domains.registry import domains, get_domain
from shared.domains.roles import rights_on_database
from tests import starter
from tests.servers import SEED, database_url

OWN = ("DATABASE_URL", "TRELLIS_PROCESS", "SERVE", "PLATFORM_API_URL")


@dataclass
class Installation:
    """Databases by domain ("" is the common one), and the environment that its commands run in."""

    names: dict[str, str]
    variables: dict[str, str] = field(default_factory=dict)

    def environment(self, **variables: str) -> dict[str, str]:
        """That of a process which knows where each database is, and signs in with its kind's login."""
        kept = {name: value for name, value in os.environ.items() if not name.endswith(OWN)}
        for domain, database in self.names.items():
            prefix = f"{domain.upper()}_" if domain else ""
            kept[f"{prefix}DATABASE_URL"] = database_url("trellis_web", database=database)
        first = next(iter(self.names.values()))
        return {
            **kept,
            "BOOTSTRAP_DATABASE_URL": database_url(database=first),
            "LOGIN_PASSWORD_SEED": SEED,
            "TRELLIS_ENV_FILE": os.devnull,
            **self.variables,
            **variables,
        }

    def manage(self, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a command; the caller looks at its exit code and words."""
        return starter.run(self.environment(**variables), *command)

    def must(self, *command: str, **variables: str) -> str:
        """Run a command that has to succeed; returns what it said."""
        done = self.manage(*command, **variables)
        assert done.returncode == 0, f"{command}: {done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        return done.stdout

    def python(self, code: str, **variables: str) -> str:
        """Run code as a web process does, with the domains' own logins where SERVE limits it; returns what it said."""
        environment = self.environment(TRELLIS_PROCESS="web", **variables)
        for name in filter(None, variables.get("SERVE", "").split(",")):
            database = self.names.get(name) or self.names[""]
            environment[f"{name.upper()}_DATABASE_URL"] = database_url(
                f"trellis_{name}_app", database=database
            )
        done = starter.run(environment, code=code)
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    @contextmanager
    def connection(self, domain: str = "", login: str | None = None) -> Iterator[psycopg.Connection[Any]]:
        """To one of its databases; as the superuser when no login is named."""
        with psycopg.connect(database_url(login, database=self.names[domain]), autocommit=True) as connection:
            yield connection


@contextmanager
def installation(*domains: str, copied: bool = False, template: str = "") -> Iterator[Installation]:
    """Databases named nowhere else, one for each of ``domains`` ("" is the common one); dropped afterwards.

    ``copied``: migrated, as copies of a template, ``template`` where it is named; otherwise they do not exist yet.
    """
    mark = secrets.token_hex(4)
    made = Installation(
        {domain: f"trellis_scratch_{mark}_{domain or 'common'}" for domain in domains or ("",)}
    )
    with psycopg.connect(database_url(database="postgres"), autocommit=True) as server:
        try:
            for domain, name in made.names.items() if copied else ():
                copy_database(server, template or template_of(domain), name, domain)
            yield made
        finally:
            for name in made.names.values():
                _drop(server, name)


def copy_database(server: psycopg.Connection[Any], template: str, name: str, domain: str = "") -> None:
    """Copy a database, with the rights on it for the domain that lives there alone, or for all."""
    with _one_at_a_time(server, 7266):  # CREATE DATABASE … TEMPLATE tolerates no other user
        server.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )
    for statement in rights_on_database(name, [get_domain(domain)] if domain else ()):
        server.execute(statement)


def template_of(domain: str) -> str:
    """A migrated database in which a domain lives alone ("": all of them); made once and kept until a migration
    changes, by the commands that make an installation in parts."""
    if not domain:
        return os.environ["TRELLIS_TEST_TEMPLATE"]
    names = {each.name: f"{os.environ['TRELLIS_TEST_TEMPLATE']}_{each.name}" for each in domains()}
    with psycopg.connect(database_url(database="postgres"), autocommit=True) as server:
        with _one_at_a_time(server, 7267):
            found = server.execute(
                "SELECT count(*) FROM pg_database WHERE datname = ANY(%s)", [list(names.values())]
            )
            if found.fetchone() != (len(names),):
                _make_templates(server, names)
    return names[domain]


def _make_templates(server: psycopg.Connection[Any], names: dict[str, str]) -> None:
    building = Installation({domain: f"{name}_building" for domain, name in names.items()})
    for name in (*building.names.values(), *names.values()):
        _drop(server, name)
    building.must("prepare_database")
    building.must("migrate_domains")
    made = sql.Literal(
        dt.datetime.now(dt.UTC).isoformat()
    )  # tests.servers drops those of earlier states by it
    for domain, name in names.items():
        old = sql.Identifier(building.names[domain])
        server.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(old, made))
        server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(old, sql.Identifier(name)))


@contextmanager
def _one_at_a_time(server: psycopg.Connection[Any], lock: int) -> Iterator[None]:
    server.execute("SELECT pg_advisory_lock(%s)", [lock])
    yield
    server.execute("SELECT pg_advisory_unlock(%s)", [lock])


def _drop(server: psycopg.Connection[Any], name: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
