"""Each tenant's integration data lie in a schema of their own, for CRM alone."""

from __future__ import annotations

from collections.abc import Callable

import psycopg
import pytest
from django.db import ProgrammingError
from psycopg import sql

from crm.models import CustomerReference
from crm.quickbooks.models import QuickbooksCustomer
from crm.quickbooks.selectors import QuickbooksNotConnected, is_connected, quickbooks_customers
from crm.quickbooks.services import record_quickbooks_customer
from shared.domains.registry import WEB_LOGIN, domains
from shared.session import acting, tenant_schema_name
from shared.tenancy.models import Tenant
from tests.bases.isolation import as_role
from tests.conftest import connection_as
from tests.crm.factories import make_reference
from tests.crm.quickbooks.conftest import disconnect_quickbooks

Pair = tuple[Tenant, Tenant]
TABLE = QuickbooksCustomer._meta.db_table


def record(tenant: Tenant, external_id: str = "1") -> QuickbooksCustomer:
    with acting(domain="crm", organization=tenant.pk):
        return record_quickbooks_customer(
            external_id=external_id, display_name=f"{tenant.name} {external_id}"
        )


def table_of(tenant: Tenant) -> sql.Composed:
    return sql.SQL("SELECT id FROM {}").format(sql.Identifier(tenant_schema_name(tenant.pk), TABLE))


def test_two_tenants_tables_are_apart(connected: Pair) -> None:
    first, second = connected
    own, other = record(first), record(second)
    for tenant, row in ((first, own), (second, other)):
        with acting(domain="crm", organization=tenant.pk):
            assert [c.pk for c in quickbooks_customers()] == [row.pk]
            assert row.organization_id == tenant.pk
            assert row.created_by_app == "crm"


def test_a_row_is_kept_up_to_date_by_its_external_id(connected: Pair) -> None:
    tenant, _ = connected
    record(tenant)
    with acting(domain="crm", organization=tenant.pk):
        again = record_quickbooks_customer(external_id="1", display_name="Renamed", sync_token="2")
        assert (again.version, again.display_name) == (2, "Renamed")
        assert quickbooks_customers().count() == 1


def test_the_policy_holds_in_the_schema_of_another_tenant_too(connected: Pair) -> None:
    """CRM's role may use both schemas, so the path alone would protect nothing."""
    first, second = connected
    other = record(second)
    with connection_as(WEB_LOGIN) as connection:
        with as_role(connection, "trellis_crm", first.pk):
            assert connection.execute(table_of(second)).fetchall() == []
        with as_role(connection, "trellis_crm", None):
            assert connection.execute(table_of(second)).fetchall() == []
        with as_role(connection, "trellis_crm", second.pk):
            assert connection.execute(table_of(second)).fetchall() == [(other.pk,)]


@pytest.mark.parametrize("domain", [d.name for d in domains() if d.name != "crm"])
def test_no_other_domain_reads_them(connected: Pair, domain: str) -> None:
    tenant, _ = connected
    record(tenant)
    with connection_as(WEB_LOGIN) as connection:
        with as_role(connection, f"trellis_{domain}", tenant.pk):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(table_of(tenant))
    with acting(domain=domain, organization=tenant.pk):
        assert not is_connected()


def test_support_through_the_orm_finds_no_such_table(connected: Pair) -> None:
    tenant, _ = connected
    record(tenant)
    with pytest.raises(ProgrammingError), acting(domain="support", organization=tenant.pk):
        list(QuickbooksCustomer.objects.all())


def test_disconnecting_takes_the_integration_and_nothing_else(connected: Pair) -> None:
    first, second = connected
    record(first)
    kept = record(second)
    with acting(domain="crm", organization=first.pk):
        reference = make_reference()
    disconnect_quickbooks(first)
    with acting(domain="crm", organization=first.pk):
        with pytest.raises(QuickbooksNotConnected):
            quickbooks_customers()
        assert CustomerReference.objects.filter(pk=reference.pk).exists(), "the unit goes on"
    with acting(domain="crm", organization=second.pk):
        assert [c.pk for c in quickbooks_customers()] == [kept.pk]


def test_without_a_schema_it_is_not_connected(tenant: Tenant) -> None:
    with acting(domain="crm", organization=tenant.pk):
        assert not is_connected()
        with pytest.raises(QuickbooksNotConnected):
            record_quickbooks_customer(external_id="1", display_name="x")


def test_migrations_put_no_such_table_into_the_common_schemas(committed: Callable[[str], Tenant]) -> None:
    with connection_as(None) as connection:
        found = connection.execute(
            "SELECT schemaname FROM pg_tables WHERE tablename = %s AND schemaname NOT LIKE 'tenant\\_%%'",
            [TABLE],
        )
        assert found.fetchall() == []
