"""A web process does not start where tables, columns or policies that it needs are missing."""

from __future__ import annotations

import os
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connections

from shared.domains.check.start import IncompleteSchemaError, refuse_incomplete_schema
from shared.domains.registry import domains, get_domain
from tests.conftest import connection_as
from tests.installations import installation
from tests.servers import ROOT, database_url

MISSING = [
    ("DROP TABLE crm.deals CASCADE", "crm.deals: the table is missing", "migrate_domain crm"),
    (
        "ALTER TABLE support_app.tickets DROP COLUMN subject CASCADE",
        "support_app.tickets: column subject is missing",
        "migrate_domain support",
    ),
    ("DROP POLICY tenant ON crm.deals", "crm.deals: policy tenant is missing", "migrate_domains"),
    (
        "ALTER TABLE crm.deals NO FORCE ROW LEVEL SECURITY",
        "row-level security is not in force",
        "migrate_domains",
    ),
    (
        "DROP TABLE shared.idempotency_keys",
        "shared.idempotency_keys: the table is missing",
        "migrate_domains",
    ),
]


def refuse(superuser: Any, *names: str) -> None:
    connection: Any = SimpleNamespace(connection=superuser, settings_dict={"NAME": "trellis"})
    refuse_incomplete_schema(connection, [get_domain(name) for name in names] or domains())


@pytest.mark.parametrize(("mutation", "sentence", "command"), MISSING, ids=[m for m, _, _ in MISSING])
def test_what_is_missing_is_listed_with_the_command(mutation: str, sentence: str, command: str) -> None:
    with connection_as(None, autocommit=False) as superuser:
        superuser.execute(mutation)
        with pytest.raises(IncompleteSchemaError) as refused:
            refuse(superuser)
        superuser.rollback()
    assert sentence in str(refused.value)
    assert f"run manage.py {command}." in str(refused.value)


def test_a_limited_process_needs_its_own_alone() -> None:
    with connection_as(None, autocommit=False) as superuser:
        superuser.execute("DROP TABLE crm.deals CASCADE")
        refuse(superuser, "support")
        superuser.rollback()


def test_what_a_newer_release_added_is_no_reason_to_refuse() -> None:
    with connection_as(None, autocommit=False) as superuser:
        superuser.execute("ALTER TABLE crm.deals ADD COLUMN tried integer")
        superuser.execute("CREATE TABLE crm.tried ()")
        refuse(superuser)
        superuser.rollback()


def test_it_is_one_query_of_the_bare_login(db: None) -> None:
    connection = connections["default"]
    connection.ensure_connection()
    refuse_incomplete_schema(connection, domains())


def test_a_process_refuses_to_start_on_an_empty_database() -> None:
    with installation() as made:
        made.must("prepare_database")
        environment = {**os.environ, "DATABASE_URL": database_url("trellis_web", database=made.names[""])}
        done = subprocess.run(
            [sys.executable, "-c", "import config.wsgi"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 1
    assert "lacks what this release needs: run manage.py migrate_domains." in done.stderr
    assert "  shared.tenants: the table is missing" in done.stderr
