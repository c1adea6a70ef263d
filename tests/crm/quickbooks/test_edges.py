"""QuickBooks' customers by API and in the back office."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.quickbooks.services import record_quickbooks_customer
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.api import assert_problem
from tests.bases.callers import make_caller
from tests.bases.staff import staff_client

URL = "/api/crm/quickbooks/customers"


def test_a_tenant_without_the_schema_is_told_that_it_is_not_connected(tenant: Tenant) -> None:
    caller = make_caller(tenant, "crm:read", "crm:write")
    for address in (URL, f"{URL}/{tenant.pk}"):
        problem = assert_problem(caller.get(address), 404)
        assert problem["detail"].startswith("QuickBooks is not connected")
    assert_problem(caller.post(URL, {}), 405)
    page = staff_client(tenant).get(reverse("admin:quickbooks_quickbookscustomer_changelist"))
    assert page.status_code == 404
    assert "QuickBooks is not connected" in page.content.decode()


def test_the_scope_is_that_of_crm(tenant: Tenant) -> None:
    problem = assert_problem(make_caller(tenant, "support:read").get(URL), 403)
    assert problem["scope"] == "crm:read"


def test_a_tenant_sees_its_own_customers_at_constant_cost(connected: tuple[Tenant, Tenant]) -> None:
    first, _ = connected
    for tenant in connected:
        with acting(domain="crm", organization=tenant.pk):
            mine = record_quickbooks_customer(external_id="7", display_name=f"Of {tenant.name}")
    caller = make_caller(first, "crm:read")

    def listed() -> tuple[list[str], int]:
        with CaptureQueriesContext(connection) as captured:
            answer = caller.get(URL)
        assert answer.status_code == 200, answer.content
        return [row["display_name"] for row in answer.json()["results"]], len(captured)

    listed()
    names, few = listed()
    assert names == ["Of Acme"]
    with acting(domain="crm", organization=first.pk):
        for number in range(3):
            record_quickbooks_customer(external_id=str(number), display_name="More")
    assert listed()[1] == few
    assert_problem(caller.get(f"{URL}/{mine.pk}"), 404)
    page = staff_client(first).get(reverse("admin:quickbooks_quickbookscustomer_changelist"))
    assert page.status_code == 200
    assert "Of Acme" in page.content.decode()
    assert "Of Umbrella" not in page.content.decode()
