"""Values in addresses and actions that nobody can mean are pages with a sentence, not crashes."""

from __future__ import annotations

import pytest

from platform_core.models import Customer
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.bases.staff import staff_client


@pytest.mark.parametrize(
    "address",
    [
        "/admin/support/ticket/add/?customer=xyz",
        "/admin/crm/deal/add/?stage=xyz",
        "/admin/platform_core/customer/?company__id__exact=xyz",
        "/admin/platform_core/customer/xyz/change/",
        "/admin/platform_core/customer/?o=999.-1&p=99999999999999999999",
    ],
)
def test_an_address_that_cannot_be_read(tenant: Tenant, address: str) -> None:
    answer = staff_client(tenant).get(address)
    assert answer.status_code in {302, 400, 404, 200}
    assert answer.status_code != 200 or "Traceback" not in answer.content.decode()


def test_an_action_on_something_that_is_no_record(tenant: Tenant) -> None:
    with acting(domain="platform", organization=tenant.id):
        customer = Customer.objects.create(name="Ada")
    sent = {"action": "delete_selected", "_selected_action": "xyz", "post": "yes"}
    answer = staff_client(tenant).post("/admin/platform_core/customer/", sent)
    assert answer.status_code in {302, 400}
    with acting(domain="platform", organization=tenant.id):
        assert Customer.objects.filter(pk=customer.pk).exists()
