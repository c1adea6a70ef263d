"""Contacts of companies."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import IntegrityError, transaction

from crm.services.contact import create_contact, update_contact
from shared.errors import InvalidInput
from shared.records import uuid7
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.crm.factories import make_contact, make_reference


@pytest.fixture(autouse=True)
def _acting(tenant: Tenant) -> Iterator[None]:
    with acting(domain="crm", organization=tenant.id):
        yield


def test_a_customer_without_a_company_cannot_be_a_contact() -> None:
    with pytest.raises(InvalidInput) as refused:
        create_contact(customer=make_reference(company_id=None, company_name=""))
    assert "customer_id" in refused.value.errors


def test_a_new_primary_contact_takes_that_from_the_one_before() -> None:
    company = uuid7()
    first = make_contact(customer=make_reference(company_id=company), is_primary=True)
    second = make_contact(customer=make_reference(company_id=company), is_primary=True)
    first.refresh_from_db()
    assert (first.is_primary, second.is_primary) == (False, True)
    update_contact(contact=first, is_primary=True)
    second.refresh_from_db()
    assert (first.is_primary, second.is_primary) == (True, False)


def test_a_customer_is_one_contact_per_company() -> None:
    customer = make_reference()
    make_contact(customer=customer)
    with pytest.raises(IntegrityError, match="contacts_customer_company_key"), transaction.atomic():
        make_contact(customer=customer)
