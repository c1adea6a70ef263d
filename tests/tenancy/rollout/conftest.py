"""An installation whose tenants' own schemas are a version behind the code."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from psycopg import sql

from tests import starter
from tests.installations import Installation, installation
from tests.servers import ROOT

OLD, NEW = "0002_history", "0003_email_norm"
TABLE = "integration_quickbooks_customers"

_MAKE = """
import django; django.setup()
from django.db import connections
from shared.session import tenant_schema_name
from shared.records import uuid7
from shared.tenancy.models import Tenant
from shared.tenancy.schemas import make_schema
alias = {alias!r}
for slug in {slugs!r}:
    tenant = Tenant.objects.using(alias).filter(slug=slug).first() or Tenant(id=uuid7(), name=slug.title(), slug=slug)
    tenant.save(using=alias, verbosity=0)
    make_schema(tenant, {{"quickbooks": {to!r}}}, alias=alias)
    print(tenant.pk.hex)
"""


@dataclass
class Scene:
    """Tenants by slug, each with the name of their schema."""

    made: Installation
    schemas: dict[str, str]
    home: str = ""

    def rollout(self, *arguments: str) -> str:
        """Roll out; it has to succeed."""
        return self.made.must("rollout", *arguments)

    def refused(self, *arguments: str) -> str:
        """Roll out; returns why it was refused or failed."""
        done = self.made.manage("rollout", *arguments)
        assert done.returncode == 1, done.stdout
        assert "Traceback" not in done.stderr
        return done.stderr

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a rollout and let it go on."""
        return subprocess.Popen(
            [sys.executable, "manage.py", "rollout", *arguments],
            cwd=ROOT,
            env=self.made.environment(PYTHONUNBUFFERED="1"),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def ask(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """A query as the superuser."""
        with self.made.connection(self.home) as connection:
            return connection.execute(query, values).fetchall()  # type: ignore[arg-type]

    def reached(self) -> dict[str, int]:
        """The schema's version by slug, which the columns must bear out."""
        found = dict(self.ask("SELECT slug, schema_version FROM shared.tenants"))
        for slug, schema in self.schemas.items():
            (there,) = self.ask(
                "SELECT count(*) FROM information_schema.columns WHERE table_schema = %s AND column_name = 'email_norm'",
                schema,
            )
            assert there == ((2,) if found[slug] == 3 else (0,)), slug
        return found

    @contextmanager
    def held(self, slug: str) -> Iterator[None]:
        """Keep the table of a tenant in use, so that a migration has to wait."""
        with self.made.connection(self.home) as connection, connection.transaction():
            table = sql.Identifier(self.schemas[slug], TABLE)
            connection.execute(sql.SQL("LOCK TABLE {} IN ACCESS SHARE MODE").format(table))
            yield


def make_tenants(made: Installation, *slugs: str, alias: str = "default", to: str = OLD) -> dict[str, str]:
    """Tenants with schemas of their own as far as ``to``; their schemas by slug."""
    done = starter.run(
        made.environment(TRELLIS_PROCESS="migrations"), code=_MAKE.format(slugs=slugs, to=to, alias=alias)
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return {slug: f"tenant_{identifier}" for slug, identifier in zip(slugs, done.stdout.split(), strict=True)}


@pytest.fixture(scope="module")
def behind() -> Iterator[Scene]:
    """Four tenants, all of them a version behind; tests copy it."""
    with installation(copied=True) as made:
        yield Scene(made, make_tenants(made, "acme", "birch", "cedar", "delta"))


@pytest.fixture
def scene(behind: Scene) -> Iterator[Scene]:
    """A copy of its own for each test."""
    with installation(copied=True, template=behind.made.names[""]) as made:
        yield Scene(made, behind.schemas)
