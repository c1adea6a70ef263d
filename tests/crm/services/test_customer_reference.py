"""References of golden customers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

from django.db import connections

from crm.models import CustomerReference
from crm.services.customer_reference import sync_customer_reference
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.crm.factories import summary


def test_a_reference_bears_the_customers_identifier_and_follows_the_platform(tenant: Tenant) -> None:
    customer = summary()
    with acting(domain="crm", organization=tenant.id):
        first = sync_customer_reference(customer=customer)
        assert first.pk == first.customer_id == customer.id
        assert sync_customer_reference(customer=customer).version == first.version, "unchanged: not written"
        raised = sync_customer_reference(customer=replace(customer, account_tier="premium"))
        assert (raised.pk, raised.tier) == (first.pk, "premium")
        raised.soft_delete()
        back = sync_customer_reference(customer=customer)
        assert back.deleted_at is None


def test_many_at_once_leave_one_reference(committed: Callable[[str], Tenant]) -> None:
    tenant, customer = committed("Racing"), summary()
    gate = threading.Barrier(8)
    failures: list[BaseException] = []

    def run() -> None:
        try:
            gate.wait()
            with acting(domain="crm", organization=tenant.id):
                sync_customer_reference(customer=customer)
        except BaseException as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with acting(domain="crm", organization=tenant.id):
        assert CustomerReference.objects.filter(customer_id=customer.id).count() == 1
