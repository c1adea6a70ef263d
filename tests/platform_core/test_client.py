"""The in-process platform client, as the apps use it."""

from __future__ import annotations

import pytest

from shared.errors import InvalidInput
from shared.platform_client import CustomerNotFound, platform_client
from shared.records import uuid7
from shared.session import TenantMissingError, acting, current
from shared.tenancy.models import Tenant


def test_an_app_finds_creates_reads_and_changes_a_customer(tenant: Tenant) -> None:
    client = platform_client(organization=tenant.id)
    made = client.find_or_create_customer(email="Ada@example.com", name="Ada", phone="+49 30 123456")
    assert (made.name, made.phone, made.account_tier) == ("Ada", "+4930123456", "standard")
    assert client.find_or_create_customer(email="ada@EXAMPLE.com") == made
    assert client.find_customer_by_email("ada@example.com") == made
    assert client.find_customer_by_email("bob@example.com") is None
    assert client.update_customer(made.id, account_tier="premium").account_tier == "premium"
    assert client.get_customer(made.id).account_tier == "premium"
    assert client.get_customer_intelligence(made.id).profile is None
    assert client.analyze_customer(made.id).as_dict()["profile"]["frequency"] == 0
    assert client.generate_message(made.id, subject="Hi", question="How?") is None
    assert client.may_contact(made.id, channel="email", purpose="service")
    assert not client.may_contact(made.id, channel="email", purpose="marketing")


def test_a_nested_call_leaves_the_callers_unit_as_it_was(tenant: Tenant) -> None:
    with acting(domain="support", organization=tenant.id):
        platform_client().find_or_create_customer(email="ada@example.com")
        facts = current()
        assert facts is not None
        assert facts.domain == "support"


def test_another_tenants_customer_is_not_found(tenant: Tenant, other_tenant: Tenant) -> None:
    foreign = platform_client(organization=other_tenant.id).find_or_create_customer(email="ada@example.com")
    client = platform_client(organization=tenant.id)
    for call in (
        lambda: client.get_customer(foreign.id),
        lambda: client.get_customer_intelligence(foreign.id),
        lambda: client.analyze_customer(foreign.id),
        lambda: client.update_customer(foreign.id, name="Mine"),
        lambda: client.may_contact(uuid7(), channel="email", purpose="service"),
    ):
        with pytest.raises(CustomerNotFound):
            call()
    assert client.find_customer_by_email("ada@example.com") is None


def test_bad_input_names_the_field(tenant: Tenant) -> None:
    client = platform_client(organization=tenant.id)
    with pytest.raises(InvalidInput) as refused:
        client.find_or_create_customer(email="nobody")
    assert list(refused.value.errors) == ["email"]
    made = client.find_or_create_customer(email="ada@example.com")
    with pytest.raises(InvalidInput) as refused:
        client.update_customer(made.id, email="other@example.com")
    assert list(refused.value.errors) == ["email"]


def test_a_client_needs_a_tenant() -> None:
    with pytest.raises(TenantMissingError):
        platform_client()
