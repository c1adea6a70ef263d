"""Installations of their own beside the suite's database: scratch databases, and `manage.py` run on them."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import sql

from tests.servers import ROOT, SEED, database_url

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
        return subprocess.run(
            [sys.executable, "manage.py", *command],
            cwd=ROOT,
            env=self.environment(**variables),
            capture_output=True,
            text=True,
        )

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
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    @contextmanager
    def connection(self, domain: str = "", login: str | None = None) -> Iterator[psycopg.Connection[Any]]:
        """To one of its databases; as the superuser when no login is named."""
        with psycopg.connect(database_url(login, database=self.names[domain]), autocommit=True) as connection:
            yield connection


@contextmanager
def installation(*domains: str, copied: bool = False) -> Iterator[Installation]:
    """Databases named nowhere else, one for each of ``domains`` ("" is the common one); dropped afterwards.

    ``copied``: as copies of the migrated template, with its rights; otherwise they do not exist yet.
    """
    mark = secrets.token_hex(4)
    made = Installation(
        {domain: f"trellis_scratch_{mark}_{domain or 'common'}" for domain in domains or ("",)}
    )
    with psycopg.connect(database_url(database="postgres"), autocommit=True) as server:
        try:
            if copied:
                template = sql.Identifier(os.environ["TRELLIS_TEST_TEMPLATE"])
                server.execute("SELECT pg_advisory_lock(7266)")
                for name in made.names.values():
                    server.execute(
                        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), template)
                    )
                server.execute("SELECT pg_advisory_unlock(7266)")
                made.must("prepare_database")
            yield made
        finally:
            for name in made.names.values():
                server.execute(
                    sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
                )
