"""check_domains and the isolation probes must notice every way in which the server can go slack."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from django.core.management import call_command

from platform_core.models import Membership, User
from shared.domains.check import check_domains
from shared.domains.registry import domains
from shared.records.identifiers import uuid7
from shared.session import acting
from shared.tenancy.models import Tenant, UserProfile
from tests.bases.isolation import violations
from tests.conftest import connection_as


def make_profile(tenant: Tenant) -> UserProfile:
    with acting(domain="platform", organization=tenant.id):
        return UserProfile.objects.create(user_id=uuid7(), name="Ada", email="ada@example.com")


def make_membership(tenant: Tenant) -> Membership:
    with acting(domain="platform", organization=None):
        user = User.objects.create_user(f"{uuid7()}@example.com")
    with acting(domain="platform", organization=tenant.id):
        return Membership.objects.create(user_id=user.pk)


@pytest.fixture
def rows(committed: Callable[[str], Tenant]) -> tuple[UserProfile, UserProfile]:
    """Rows of two tenants, committed, so that another connection sees them."""
    return make_profile(committed("Own")), make_profile(committed("Other"))


@pytest.fixture
def superuser() -> Iterator[psycopg.Connection[Any]]:
    """For breaking things; everything is taken back at the end."""
    with connection_as(None, autocommit=False) as connection:
        yield connection
        connection.rollback()


def test_the_server_is_as_declared(superuser: psycopg.Connection[Any]) -> None:
    assert check_domains(superuser).differences == []


def test_the_matrix_is_the_designs(superuser: psycopg.Connection[Any]) -> None:
    """Everyone writes `shared` and its own schema, the platform and the apps read one another, and no app an app."""

    def cell(reader: str, owner: str) -> str:
        if reader == owner:
            return "read/write"
        return "read" if "platform" in (reader, owner) else "none"

    names = [domain.name for domain in domains()]
    assert {"platform", "support", "crm", "marketing"} <= set(names)
    assert check_domains(superuser).matrix == {
        "shared": dict.fromkeys(names, "read/write"),
        **{d.schema: {reader: cell(reader, d.name) for reader in names} for d in domains()},
    }


TABLE = "shared.user_profiles"

# What is broken, what check_domains must say of it, and whether a probe of the rows must notice as well.
MUTATIONS = [
    pytest.param(f"DROP POLICY tenant ON {TABLE}", "policy tenant is missing", True, id="tenant-policy"),
    pytest.param(f"DROP POLICY owner ON {TABLE}", "policy owner is missing", False, id="owner-policy"),
    pytest.param(
        f"CREATE POLICY open ON {TABLE} USING (true)", "policy open is not declared", True, id="second-policy"
    ),
    pytest.param(
        f"ALTER POLICY tenant ON {TABLE} USING (true)", "policy tenant has USING", True, id="policy-using"
    ),
    pytest.param(
        f"ALTER POLICY tenant ON {TABLE} WITH CHECK (true)",
        "policy tenant has WITH CHECK",
        True,
        id="policy-with-check",
    ),
    pytest.param(
        f"ALTER POLICY owner ON {TABLE} TO PUBLIC",
        "policy owner applies to ['PUBLIC']",
        True,
        id="policy-role",
    ),
    pytest.param(
        f"ALTER TABLE {TABLE} DISABLE ROW LEVEL SECURITY", "is not enabled", True, id="row-security-disabled"
    ),
    pytest.param(
        f"ALTER TABLE {TABLE} NO FORCE ROW LEVEL SECURITY",
        "is not forced",
        True,
        id="row-security-not-forced",
    ),
    pytest.param(
        f"GRANT UPDATE ON {TABLE} TO trellis_support", "trellis_support has UPDATE", True, id="grant-added"
    ),
    pytest.param(
        f"GRANT INSERT ON {TABLE} TO trellis_crm", "trellis_crm has INSERT", True, id="insert-granted"
    ),
    pytest.param(
        f"REVOKE SELECT ON {TABLE} FROM trellis_support",
        "trellis_support lacks SELECT",
        True,
        id="grant-removed",
    ),
    pytest.param(f"GRANT SELECT ON {TABLE} TO PUBLIC", "PUBLIC has SELECT", False, id="public-grant"),
    pytest.param(
        f"GRANT UPDATE (name) ON {TABLE} TO trellis_crm", "column name has grants", False, id="column-grant"
    ),
    pytest.param(
        f"DROP TRIGGER touch_record ON {TABLE}", "trigger touch_record is missing", True, id="trigger-dropped"
    ),
    pytest.param(
        f"ALTER TABLE {TABLE} DISABLE TRIGGER touch_record", "is disabled", True, id="trigger-disabled"
    ),
    pytest.param(
        f"DROP TRIGGER remember_update ON {TABLE}",
        "trigger remember_update is missing",
        False,
        id="memory-dropped",
    ),
    pytest.param(
        f"ALTER TABLE {TABLE} DISABLE TRIGGER remember_delete",
        "trigger remember_delete is disabled",
        False,
        id="memory-disabled",
    ),
    pytest.param(
        f"ALTER TABLE {TABLE} ENABLE TRIGGER remember_insert",
        "remember_insert does not fire for a replica",
        False,
        id="memory-not-always",
    ),
    pytest.param(
        f"DROP TRIGGER refuse_truncate ON {TABLE}", "refuse_truncate is missing", False, id="truncate-allowed"
    ),
    pytest.param(
        f"DROP TRIGGER refuse_rewriting ON {TABLE}_history",
        "refuse_rewriting is missing or disabled",
        False,
        id="versions-unguarded",
    ),
    pytest.param(
        f"GRANT UPDATE ON {TABLE}_history TO trellis_platform",
        "trellis_platform has UPDATE",
        False,
        id="versions-writable",
    ),
    pytest.param(
        "SELECT shared.define_memory('shared', 'remember_user_profiles', 'BEGIN RETURN NULL; END')",
        f"{TABLE}: its function remember_user_profiles is not as declared",
        False,
        id="memory-rewritten",
    ),
    pytest.param(
        f"ALTER TABLE {TABLE} OWNER TO trellis_support", "belongs to trellis_support", True, id="owner"
    ),
]


@pytest.mark.parametrize(("mutation", "sentence", "probe_notices"), MUTATIONS)
def test_a_slack_table_is_noticed(
    superuser: psycopg.Connection[Any],
    rows: tuple[UserProfile, UserProfile],
    mutation: str,
    sentence: str,
    probe_notices: bool,
) -> None:
    assert violations(superuser, UserProfile, *rows) == []
    superuser.execute(mutation)
    differences = check_domains(superuser).differences
    assert any(TABLE in d and sentence in d for d in differences), differences
    if probe_notices:
        try:
            noticed = violations(superuser, UserProfile, *rows) != []
        except psycopg.errors.IntegrityConstraintViolation:  # versions do not follow: refused at once
            noticed = True
        assert noticed


ELSEWHERE = [
    ("ALTER ROLE trellis_web INHERIT", "trellis_web inherits"),
    ("ALTER ROLE trellis_support BYPASSRLS", "trellis_support bypasses row-level security"),
    ("ALTER ROLE trellis_web SUPERUSER", "trellis_web is a superuser"),
    ("ALTER ROLE trellis_crm LOGIN", "trellis_crm may log in"),
    ("GRANT trellis_operator TO trellis_web", "trellis_web may become trellis_operator"),
    ("REVOKE trellis_crm FROM trellis_web", "trellis_web may not become trellis_crm"),
    ("ALTER ROLE trellis_migrator RESET lock_timeout", "trellis_migrator does not have lock_timeout = 100ms"),
    ("GRANT CREATE ON SCHEMA crm TO trellis_crm", "trellis_crm may create in schema crm"),
    ("REVOKE USAGE ON SCHEMA shared FROM trellis_crm", "trellis_crm may not use schema shared"),
    ("CREATE TABLE crm.stray (id int)", "crm.stray: no model declares this table"),
    (
        "CREATE VIEW crm.leak AS SELECT * FROM shared.user_profiles",
        "crm.leak: the view shows every tenant's rows",
    ),
    ("ALTER TABLE shared.user_profiles ADD COLUMN stray int", "no field declares column stray"),
    ("ALTER TABLE shared.user_profiles DROP COLUMN preferences", "column preferences is missing"),
    ("CREATE INDEX stray ON shared.user_profiles (name)", "index stray is not led by organization_id"),
    (
        "CREATE UNIQUE INDEX stray ON shared.user_profiles (id, email)",
        "unique index stray is not led by organization_id",
    ),
    (
        "ALTER TABLE shared.user_profiles DROP CONSTRAINT shared_user_profiles_organization_id_key CASCADE",
        "is missing",
    ),
    (
        "ALTER TABLE shared.tenants DROP CONSTRAINT tenants_status_check",
        "check constraint tenants_status_check is missing",
    ),
    ("ALTER FUNCTION shared.find_identity_by_key(bytea) RESET search_path", "without a fixed search_path"),
    ("GRANT EXECUTE ON FUNCTION shared.find_identity_by_key(bytea) TO PUBLIC", "PUBLIC may call it"),
    (
        "GRANT EXECUTE ON FUNCTION shared.find_identity_by_key(bytea) TO trellis_crm",
        "trellis_crm may call it, which nobody declared",
    ),
    (
        "REVOKE EXECUTE ON FUNCTION shared.find_identity_by_key(bytea) FROM trellis_web",
        "trellis_web may not call it",
    ),
    ("REVOKE EXECUTE ON FUNCTION shared.uuid7() FROM trellis_crm", "trellis_crm may not call it"),
    ("DROP FUNCTION platform.find_session(text)", "platform.find_session(text): missing"),
    (
        "CREATE FUNCTION shared.backdoor() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'",
        "no migration declares it",
    ),
]


@pytest.mark.parametrize(("mutation", "sentence"), ELSEWHERE, ids=[m for m, _ in ELSEWHERE])
def test_slackness_elsewhere_is_noticed(
    superuser: psycopg.Connection[Any], mutation: str, sentence: str
) -> None:
    superuser.execute(mutation)
    differences = check_domains(superuser).differences
    assert any(sentence in difference for difference in differences), differences


def test_memberships_of_another_tenant_are_out_of_reach(
    superuser: psycopg.Connection[Any], committed: Callable[[str], Tenant]
) -> None:
    own, other = make_membership(committed("Own")), make_membership(committed("Other"))
    assert violations(superuser, Membership, own, other) == []


def test_the_command_exits_1_and_names_the_difference(
    committed: Callable[[str], Tenant], capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("check_domains")
    assert "✓ The server is as declared." in capsys.readouterr().out
    with connection_as(None) as superuser:
        superuser.execute("CREATE POLICY open ON shared.user_profiles USING (true)")
        try:
            with pytest.raises(SystemExit, match="1"):
                call_command("check_domains")
        finally:
            superuser.execute("DROP POLICY open ON shared.user_profiles")
    assert "shared.user_profiles: policy open is not declared" in capsys.readouterr().out
