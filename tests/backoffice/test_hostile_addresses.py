"""Values in addresses and actions that nobody can mean are pages with a sentence, not crashes."""

from __future__ import annotations

import pytest

from platform_core.models import Customer
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.staff import staff_client


def test_an_address_that_cannot_be_read_is_a_page_that_says_so(tenant: Tenant) -> None:
    answer = staff_client(tenant).get("/admin/support/ticket/add/?customer=xyz")
    assert answer.status_code == 400
    assert "A value in the address or form cannot be read" in answer.content.decode()


@pytest.mark.parametrize(
    "address",
    [
        "/admin/crm/deal/add/?stage=xyz",
        "/admin/platform_core/customer/?company__id__exact=xyz",
        "/admin/platform_core/customer/xyz/change/",
        "/admin/platform_core/customer/?o=999.-1&p=99999999999999999999",
    ],
)
def test_no_address_is_a_server_error(tenant: Tenant, address: str) -> None:
    assert staff_client(tenant).get(address).status_code < 500


def test_an_action_on_something_that_is_no_record(tenant: Tenant) -> None:
    with acting(domain="platform", organization=tenant.id):
        customer = Customer.objects.create(name="Ada")
    sent = {"action": "delete_selected", "_selected_action": "xyz", "post": "yes"}
    answer = staff_client(tenant).post("/admin/platform_core/customer/", sent)
    assert answer.status_code in {302, 400}
    with acting(domain="platform", organization=tenant.id):
        kept = Customer.objects.get(pk=customer.pk)
        assert (kept.version, kept.deleted_at) == (1, None)
