"""Four databases, a domain in each: prepared, migrated and kept in step by the commands alone.

(prepare_database and migrate_domains have made what is copied here: tests/installations.py.)
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from shared.session import tenant_schema_name
from tests.installations import Installation, installation

SCHEMAS = {"platform": "platform", "support": "support_app", "crm": "crm", "marketing": "marketing_app"}
APPS = ("support", "crm", "marketing")
LIMITED = {
    "SERVE": "support",
    "PLATFORM_API_URL": "http://127.0.0.1:1",
    "SUPPORT_SERVICE_SECRET": "x" * 64,
}
COPIED = {
    "tenants": "id, name, slug, status, plan, schema_name, settings, created_at",
    "tenant_domains": "id, domain, is_primary, tenant_id",
    "api_keys": "id, organization_id, name, prefix, digest, scopes, rate_limit, expires_at, revoked_at, deleted_at",
    "user_profiles": "id, organization_id, user_id, name, email, preferences, deleted_at",
}


@pytest.fixture(scope="module")
def split() -> Iterator[Installation]:
    with installation(*SCHEMAS, copied=True) as made:
        yield made


@pytest.fixture(scope="module")
def tenants(split: Installation) -> dict[str, uuid.UUID]:
    """Two tenants with hostnames, a key and an administrator, made by the commands."""
    found = {}
    for slug in ("acme", "umbrella"):
        line = split.must("create_tenant", slug.title(), "--hostname", f"{slug}.example.com")
        found[slug] = uuid.UUID(line.split()[0])
    split.must("create_api_key", "acme", "helpdesk", "--scope", "support:read")
    split.must("create_administrator", "acme", "ada@example.com", "--name", "Ada")
    return found


def everything(split: Installation, home: str) -> dict[str, Any]:
    """The copied tables of a database, without what each keeps for itself."""
    with split.connection(home) as superuser:
        return {
            table: superuser.execute(f"SELECT {columns} FROM shared.{table} ORDER BY id").fetchall()
            for table, columns in COPIED.items()
        }


def test_each_database_has_its_own_schemas_alone(split: Installation) -> None:
    for home, schema in SCHEMAS.items():
        with split.connection(home) as superuser:
            found = superuser.execute(
                "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' "
                "AND nspname NOT IN ('information_schema') AND nspname !~ '^tenant_'"
            ).fetchall()
            assert {name for (name,) in found} == {"public", "shared", schema}
            libraries = superuser.execute("SELECT to_regclass('public.auth_permission')::text").fetchone()
            assert (libraries != (None,)) == (home == "platform")


def test_the_servers_are_as_declared_and_the_models_have_their_migrations(split: Installation) -> None:
    assert "as declared" in split.must("check_domains")
    assert "No changes detected" in split.must("makemigrations", "--check", "--dry-run")
    assert split.must("migrate_domains").count("nothing to do") == 4


def test_the_plain_command_knows_where_an_app_lives(split: Installation) -> None:
    assert "No migrations to apply" in split.must("migrate", "support", "--database", "support")
    done = split.manage("migrate", "support")
    assert done.returncode == 1
    assert (
        "support does not live in the database 'default': run manage.py migrate_domain support" in done.stderr
    )


def test_a_domain_goes_back_and_forth_in_its_own_database(split: Installation) -> None:
    assert "took back marketing.0001_initial" in split.must("migrate_domain", "marketing", "zero")
    with split.connection("marketing") as superuser:
        assert superuser.execute("SELECT to_regclass('marketing_app.segments')").fetchone() == (None,)
    assert "applied marketing.0001_initial" in split.must("migrate_domain", "marketing")
    assert "as declared" in split.must("check_domains")


def test_what_the_commands_make_is_everywhere_at_once(
    split: Installation, tenants: dict[str, uuid.UUID]
) -> None:
    platform = everything(split, "platform")
    assert {len(platform[table]) for table in ("tenants", "tenant_domains")} == {2}
    assert {len(platform[table]) for table in ("api_keys", "user_profiles")} == {1}
    for home in APPS:
        assert everything(split, home) == platform


def test_a_second_run_changes_nothing(split: Installation, tenants: dict[str, uuid.UUID]) -> None:
    assert split.must("sync_tenancy") == "support: in step.\ncrm: in step.\nmarketing: in step.\n"


def test_changes_revocations_and_removals_follow(split: Installation, tenants: dict[str, uuid.UUID]) -> None:
    with split.connection("platform") as superuser:
        # Names that change hands, a key that ends, an address and a person that are gone.
        superuser.execute("UPDATE shared.tenants SET slug = 'passing' WHERE slug = 'acme'")
        superuser.execute(
            "UPDATE shared.tenants SET slug = 'acme', status = 'suspended' WHERE slug = 'umbrella'"
        )
        superuser.execute("UPDATE shared.tenants SET slug = 'umbrella' WHERE slug = 'passing'")
        superuser.execute("DELETE FROM shared.tenant_domains WHERE domain = 'acme.example.com'")
        superuser.execute("UPDATE shared.api_keys SET revoked_at = now()")
        removed = superuser.execute("DELETE FROM shared.user_profiles RETURNING id").fetchall()
    with split.connection("support") as superuser:
        superuser.execute(  # where it is used
            "INSERT INTO shared.api_key_uses SELECT id, organization_id, now() FROM shared.api_keys"
        )
        before = superuser.execute("SELECT * FROM shared.api_key_uses").fetchall()
    split.must("sync_tenancy")
    platform = everything(split, "platform")
    for home in APPS:
        copies = everything(split, home)
        assert {**copies, "user_profiles": []} == platform
        assert [row[0] for row in copies["user_profiles"]] == [row[0] for row in removed]
        assert all(
            row[-1] is not None for row in copies["user_profiles"]
        )  # hidden: a ticket may refer to them
    with split.connection("support") as superuser:
        assert superuser.execute("SELECT * FROM shared.api_key_uses").fetchall() == before
    assert split.must("sync_tenancy").count("in step") == 3


def test_tenants_schemas_are_made_where_their_domain_lives(
    split: Installation, tenants: dict[str, uuid.UUID]
) -> None:
    split.must("provision")
    for home in SCHEMAS:
        with split.connection(home) as superuser:
            schema = tenant_schema_name(tenants["acme"])
            found = superuser.execute("SELECT FROM pg_namespace WHERE nspname = %s", [schema]).rowcount
            assert bool(found) == (home == "crm")
    split.must("sync_tenancy")
    assert split.must("provision") == "Nothing was missing.\n"  # the copies keep their schemas' own version
    assert "as declared" in split.must("check_domains")


def test_an_empty_platform_empties_nobody(split: Installation, tenants: dict[str, uuid.UUID]) -> None:
    """A URL that points to the wrong database must not end every key."""
    before = everything(split, "support")
    with installation() as other:
        other.must("prepare_database")
        other.must("migrate_domain", "shared")
        wrong = other.environment()["DATABASE_URL"]
        done = split.manage("sync_tenancy", PLATFORM_DATABASE_URL=wrong)
    assert done.returncode == 1
    assert "has no tenant at all: see whether its URL points to the right one" in done.stderr
    assert everything(split, "support") == before


def test_a_database_that_does_not_answer_is_named_and_the_others_follow(
    split: Installation, tenants: dict[str, uuid.UUID]
) -> None:
    with split.connection("platform") as superuser:
        superuser.execute("UPDATE shared.tenants SET plan = 'large'")
    gone = {"CRM_DATABASE_URL": "postgresql://trellis_web:x@127.0.0.1:1/gone"}
    done = split.manage("sync_tenancy", **gone)
    assert done.returncode == 1
    assert "the database of crm does not answer" in done.stderr
    assert everything(split, "marketing")["tenants"] == everything(split, "platform")["tenants"]
    made = split.manage("create_tenant", "Initech", **gone)
    assert made.returncode == 0, "the tenant is made all the same"
    assert "the copies follow within a minute" in made.stderr
    split.must("sync_tenancy")
    assert everything(split, "crm")["tenants"] == everything(split, "platform")["tenants"]


def test_a_limited_process_cannot(split: Installation) -> None:
    done = split.manage("sync_tenancy", **LIMITED)
    assert done.returncode == 1
    assert (
        "limited to support and cannot read the platform's database: run the command without SERVE"
        in done.stderr
    )


def test_each_process_tells_of_its_own_migrations(split: Installation) -> None:
    code = "import config.wsgi; from django.test import Client; print(Client().get('/health/migrations').content.decode())"
    told = json.loads(split.python(code, **LIMITED).splitlines()[-1])
    assert list(told["domains"]) == ["shared", "support"]
    assert told["status"] == "ok"
