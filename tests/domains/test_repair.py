"""Tables that are older than a domain learn of it when everything is migrated."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from pytest_django.fixtures import Settings

from shared.domains.check import check_domains
from shared.domains.check.repair import access_statements, apply_access
from shared.domains.ledger import LEDGER
from shared.domains.registry import Domain, domains
from shared.domains.roles import database_statements, logins, role_statements
from tests.conftest import connection_as
from tests.servers import ROOT

LOYALTY = Domain("loyalty", app="loyalty", schema="loyalty", title="Loyalty", reads=("platform",))


@pytest.fixture
def with_a_new_domain(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    """A superuser's transaction in which ``prepare_database`` has met one more domain; taken back at the end."""
    settings.DOMAINS = (*settings.DOMAINS, LOYALTY)
    domains.cache_clear()
    with connection_as(None, autocommit=False) as connection:
        passwords = {login.name: "x" for login in logins()}
        for statement in role_statements(passwords, server_version=connection.info.server_version):
            connection.execute(statement)
        for statement in database_statements(connection.info.dbname):
            connection.execute(statement)
        yield connection
        connection.rollback()
    settings.DOMAINS = settings.DOMAINS[:-1]
    domains.cache_clear()


def mend(connection: psycopg.Connection[Any]) -> list[str]:
    connection.execute("SET LOCAL ROLE trellis_owner")
    names = []
    for name, statements in list(access_statements(connection)):
        names.append(name)
        for statement in statements:
            connection.execute(statement)
    connection.execute("RESET ROLE")
    return names


def test_a_new_domain_gets_what_the_registry_says(with_a_new_domain: psycopg.Connection[Any]) -> None:
    differences = check_domains(with_a_new_domain).differences
    assert "platform.customers: trellis_loyalty lacks SELECT; run manage.py migrate_domains." in differences
    assert any("trellis_loyalty_app may not call it" in d for d in differences)
    assert any("django_content_type: trellis_loyalty may not read it" in d for d in differences)

    mended = mend(with_a_new_domain)
    assert "platform.customers" in mended
    assert "shared.idempotency_keys" in mended
    report = check_domains(with_a_new_domain)
    assert [d for d in report.differences if LEDGER not in d] == [], "ledgers are prepare_database's"
    assert {schema: cells["loyalty"] for schema, cells in report.matrix.items()} == {
        "shared": "read/write",
        "platform": "read",
        **{domain.schema: "none" for domain in domains() if not domain.central},
    }
    assert mend(with_a_new_domain) == []


def test_the_new_role_reads_and_cannot_write(with_a_new_domain: psycopg.Connection[Any]) -> None:
    mend(with_a_new_domain)
    with_a_new_domain.execute("SET LOCAL ROLE trellis_loyalty")
    with_a_new_domain.execute(
        "SELECT shared.uuid7(), (SELECT count(*) FROM platform.customer_interactions_default)"
    )
    for refused in (
        "DELETE FROM platform.customers",
        "SELECT FROM support_app.tickets",
        "SELECT FROM shared.api_keys",
    ):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), with_a_new_domain.transaction():
            with_a_new_domain.execute(refused)


MUTATIONS = [
    ("DROP POLICY tenant ON shared.user_profiles", "shared.user_profiles"),
    ("ALTER TABLE shared.user_profiles NO FORCE ROW LEVEL SECURITY", "shared.user_profiles"),
    ("GRANT UPDATE ON platform.customers TO trellis_crm", "platform.customers"),
    ("GRANT SELECT ON platform.customers TO PUBLIC", "platform.customers"),
    (
        "REVOKE SELECT ON platform.customer_interactions_default FROM trellis_crm",
        "platform.customer_interactions_default",
    ),
    (
        "GRANT EXECUTE ON FUNCTION platform.find_session(text) TO trellis_crm",
        "function platform.find_session(text)",
    ),
]


@pytest.mark.parametrize(("mutation", "name"), MUTATIONS, ids=[m for m, _ in MUTATIONS])
def test_what_went_slack_is_mended(mutation: str, name: str) -> None:
    with connection_as(None, autocommit=False) as superuser:
        superuser.execute(mutation)
        assert mend(superuser) == [name]
        assert check_domains(superuser).differences == []
        superuser.rollback()


def test_grants_are_mended_without_locking_the_table(migrator: Any) -> None:
    said: list[str] = []
    with connection_as(None) as superuser:
        superuser.execute("REVOKE SELECT ON crm.pipelines FROM trellis_platform")
        with connection_as(None, autocommit=False) as reader:
            reader.execute("SELECT count(*) FROM crm.pipelines")
            apply_access(migrator, say=said.append)
            reader.rollback()
        assert said == ["Access to crm.pipelines is as declared again"]
        assert check_domains(superuser).differences == []
    apply_access(migrator, say=said.append)
    assert len(said) == 1


def test_migrate_ends_with_it() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "TRELLIS_PROCESS"}
    with connection_as(None) as superuser:
        superuser.execute("REVOKE SELECT ON crm.pipelines FROM trellis_platform")
        done = subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert "Access to crm.pipelines is as declared again" in done.stdout, done.stderr
        assert check_domains(superuser).differences == []
