"""Services of the golden record."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.db import connections

from platform_core.models import Customer
from platform_core.selectors.customer import find_customer_by_email
from platform_core.services.company import find_or_create_company
from platform_core.services.customer import create_customer, find_or_create_customer, update_customer
from platform_core.services.identifier import add_identifier
from platform_core.services.interaction import record_interaction
from platform_core.services.profile import refresh_profiles
from shared.errors import Conflict, InvalidInput
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.platform_core import factories


def test_fifty_concurrent_creates_of_one_email_give_one_customer(committed: Callable[[str], Tenant]) -> None:
    tenant = committed("Race")
    start = threading.Barrier(10)
    found: list[tuple[object, bool]] = []

    def create(number: int) -> None:
        start.wait()
        for turn in range(5):
            email = "Ada@Example.com" if (number + turn) % 2 else "ada@example.COM"
            with acting(domain="platform", organization=tenant.id):
                customer, created = find_or_create_customer(email=email, name=f"Ada {number}")
                found.append((customer.pk, created))
        connections.close_all()

    threads = [threading.Thread(target=create, args=(n,)) for n in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 50
    assert len({pk for pk, _ in found}) == 1
    assert sum(created for _, created in found) == 1
    with acting(domain="platform", organization=tenant.id):
        assert Customer.all_objects.count() == 1


def test_what_an_existing_customer_says_stays(tenant: Tenant) -> None:
    with acting(domain="platform", organization=tenant.id):
        first, _ = find_or_create_customer(email="ada@example.com", name="Ada")
        again, created = find_or_create_customer(email="ADA@example.com", name="Somebody else")
        assert (again.pk, again.name, created) == (first.pk, "Ada", False)
        assert again.version == 1


def test_found_by_a_further_email(tenant: Tenant) -> None:
    with acting(domain="platform", organization=tenant.id):
        ada = factories.make_customer(email="ada@example.com")
        add_identifier(customer_id=ada.pk, kind="email", value="Ada@Home.example")
        assert find_customer_by_email("ada@home.EXAMPLE") == ada
        customer, created = find_or_create_customer(email="ada@home.example")
        assert (customer, created) == (ada, False)


def test_bad_values_are_refused_by_field(tenant: Tenant) -> None:
    with acting(domain="platform", organization=tenant.id):
        for values, field in (
            ({"email": "not an e-mail"}, "email"),
            ({"phone": "123"}, "phone"),
            ({"timezone": "Mars/Olympus"}, "timezone"),
            ({"preferred_language": "!"}, "preferred_language"),
            ({"account_tier": "gold"}, "account_tier"),
        ):
            with pytest.raises(InvalidInput) as refused:
                create_customer(**{"name": "Ada", **values})  # type: ignore[arg-type]
            assert list(refused.value.errors) == [field]
        assert Customer.all_objects.count() == 0


def test_nothing_is_written_where_nothing_changes(tenant: Tenant) -> None:
    with acting(domain="platform", organization=tenant.id):
        customer = create_customer(email="ada@example.com", phone="+4930123456")
        update_customer(customer=customer, phone="+49 30 123456", crm_id="")
        customer.refresh_from_db()
        assert customer.version == 1


def test_one_company_of_a_name(tenant: Tenant) -> None:
    with acting(domain="platform", organization=tenant.id):
        assert find_or_create_company(name="Acme") == find_or_create_company(name=" ACME ")


def test_an_interaction_told_twice_is_a_conflict(tenant: Tenant) -> None:
    with acting(domain="platform", organization=tenant.id):
        told = {
            "customer_id": factories.make_customer().pk,
            "interaction_type": "visit",
            "occurred_at": factories.make_interaction().occurred_at,
            "source": "web",
            "external_id": "7",
        }
        record_interaction(**told)
        with pytest.raises(Conflict) as refused:
            record_interaction(**told)
        assert list(refused.value.errors) == ["external_id"]


def test_profiles_of_some_customers_alone(tenant: Tenant, other_tenant: Tenant) -> None:
    with acting(domain="platform", organization=other_tenant.id):
        factories.make_interaction()
    with acting(domain="platform", organization=tenant.id):
        one, two = factories.make_interaction().customer, factories.make_interaction().customer
        assert refresh_profiles(customer_ids=[one.pk]) == 1
        assert refresh_profiles() == 1
        assert refresh_profiles() == 0
        factories.make_interaction(customer=two, interaction_type="visit", amount=None, currency="")
        assert refresh_profiles() == 1
        profile = two.profiles.get()
        assert (profile.interaction_count, profile.frequency, profile.version) == (2, 1, 2)
