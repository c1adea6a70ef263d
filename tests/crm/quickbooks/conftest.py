"""Tenants with and without the schema that holds their integration's tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import psycopg
import pytest
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from shared.domains.registry import MIGRATION_LOGIN, OPERATOR_ROLE, OWNER_ROLE, get_domain
from shared.session import tenant_schema_name
from shared.tenancy.models import Tenant
from tests.servers import database_url


def as_owner() -> psycopg.Connection[tuple[object, ...]]:
    """A connection that acts as the owner of all tables, as migrations do."""
    owner = psycopg.connect(database_url(MIGRATION_LOGIN), autocommit=True)
    owner.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(OWNER_ROLE)))
    return owner


def migration_sql(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements of the app's migrations in a tenant's schema; in the common ones there are none."""
    loader = MigrationLoader(None)
    connection = connections["default"]
    with monkeypatch.context() as patch:
        patch.setattr(
            connection, "schema_name", "tenant", raising=False
        )  # django-tenants' router asks for it
        with connection.schema_editor(collect_sql=True, atomic=False) as editor:
            for key in loader.graph.forwards_plan(("quickbooks", "0001_initial")):
                if key[0] == "quickbooks":
                    state = loader.project_state(key, at_end=False)
                    loader.graph.nodes[key].apply(state, editor, collect_sql=True)
            statements = [line for line in editor.collected_sql if not line.startswith("--")]
    assert statements
    return statements


def connect_quickbooks(tenant: Tenant, statements: list[str]) -> None:
    """Give the tenant its schema, for CRM alone, with the app's tables."""
    schema = sql.Identifier(tenant_schema_name(tenant.pk))
    roles = sql.SQL(", ").join(map(sql.Identifier, (get_domain("crm").role, OPERATOR_ROLE)))
    with as_owner() as owner:
        owner.execute(sql.SQL("CREATE SCHEMA {}").format(schema))
        owner.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, roles))
        owner.execute(sql.SQL("SET search_path = {}, public").format(schema))
        for statement in statements:
            owner.execute(statement)
        owner.execute(sql.SQL("GRANT ALL ON ALL TABLES IN SCHEMA {} TO {}").format(schema, roles))


def disconnect_quickbooks(tenant: Tenant) -> None:
    """Drop the tenant's schema."""
    with as_owner() as owner:
        schema = sql.Identifier(tenant_schema_name(tenant.pk))
        owner.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(schema))


@pytest.fixture
def connected(
    committed: Callable[[str], Tenant], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Tenant, Tenant]]:
    """Two tenants, each with QuickBooks connected."""
    tenants = committed("Acme"), committed("Umbrella")
    statements = migration_sql(monkeypatch)
    try:
        for tenant in tenants:
            connect_quickbooks(tenant, statements)
        yield tenants
    finally:
        for tenant in tenants:
            disconnect_quickbooks(tenant)
