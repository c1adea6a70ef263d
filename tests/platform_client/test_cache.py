"""Customers kept for a moment: per tenant, forgotten when they change, indifferent to the broker's absence."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings

from shared.platform_client import CustomerNotFound, CustomerSummary, forget_customer, platform_client
from shared.platform_client import cache as kept
from shared.platform_client.http import HttpPlatformClient
from shared.platform_client.transport import Transport
from shared.session import acting
from shared.tenancy.models import Tenant
from tests.platform_client.conftest import ask_over_http
from tests.platform_client.servers import stopped_server

Committed = Callable[[str], Tenant]
pytestmark = pytest.mark.usefixtures("over_http")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the questions that really went to the platform."""
    names: list[str] = []
    ask = Transport.ask

    def note(self: Transport, question: object) -> object:
        names.append(question.name)  # type: ignore[attr-defined]
        return ask(self, question)  # type: ignore[arg-type]

    monkeypatch.setattr(Transport, "ask", note)
    return names


def client_of(tenant: Tenant) -> HttpPlatformClient:
    client = platform_client(organization=tenant.id, domain="support")
    assert isinstance(client, HttpPlatformClient)
    return client


def ada_of(tenant: Tenant) -> CustomerSummary:
    return client_of(tenant).find_or_create_customer(email="ada@example.com", name="Ada")


def test_a_customer_is_asked_for_once(committed: Committed, asked: list[str]) -> None:
    tenant = committed("Acme")
    ada = ada_of(tenant)
    client = client_of(tenant)
    assert client.get_customer(ada.id) == client.get_customer(ada.id) == ada
    known = client.get_customer_intelligence(ada.id)
    assert client.get_customer_intelligence(ada.id) == known
    assert asked.count("get_customer") == asked.count("get_customer_intelligence") == 1


def test_another_tenant_asks_for_itself(committed: Committed, asked: list[str]) -> None:
    tenant, stranger = committed("Acme"), committed("Umbrella")
    ada = ada_of(tenant)
    client_of(tenant).get_customer(ada.id)
    with pytest.raises(CustomerNotFound):
        client_of(stranger).get_customer(ada.id)
    with pytest.raises(CustomerNotFound):  # that there is none is not kept
        client_of(stranger).get_customer(ada.id)
    assert asked.count("get_customer") == 3


def test_an_own_change_is_seen_at_once(committed: Committed) -> None:
    tenant = committed("Acme")
    ada = ada_of(tenant)
    client = client_of(tenant)
    client.get_customer(ada.id)
    client.get_customer_intelligence(ada.id)
    client.update_customer(ada.id, account_tier="premium")
    assert client.get_customer(ada.id).account_tier == "premium"
    assert client.get_customer_intelligence(ada.id).tier == "premium"


def test_anothers_change_is_seen_once_the_customer_is_forgotten(committed: Committed) -> None:
    tenant = committed("Acme")
    ada = ada_of(tenant)
    client = client_of(tenant)
    client.get_customer(ada.id)
    with acting(domain="platform", organization=tenant.id):
        from platform_core.models import Customer

        Customer.objects.filter(pk=ada.id).update(name="Countess")
    assert client.get_customer(ada.id).name == "Ada"
    forget_customer(tenant.id, ada.id)
    assert client.get_customer(ada.id).name == "Countess"


def test_who_asked_before_the_change_keeps_nothing_after_it(committed: Committed) -> None:
    tenant = committed("Acme")
    ada = ada_of(tenant)
    forget_customer(tenant.id, ada.id)
    kept.keep("get_customer", tenant.id, ada.id, {"name": "as it was before"})
    assert kept.find_kept("get_customer", tenant.id, ada.id) is None


def test_what_is_kept_ends(committed: Committed, settings: Settings, asked: list[str]) -> None:
    settings.PLATFORM_CACHE_SECONDS = 1
    tenant = committed("Acme")
    ada = ada_of(tenant)
    client_of(tenant).get_customer(ada.id)
    time.sleep(1.1)
    client_of(tenant).get_customer(ada.id)
    assert asked.count("get_customer") == 2


def test_a_kept_customer_is_known_while_the_platform_is_stopped(
    committed: Committed, settings: Settings
) -> None:
    tenant = committed("Acme")
    ada = ada_of(tenant)
    client_of(tenant).get_customer(ada.id)
    with stopped_server() as url:
        ask_over_http(settings, url)
        assert client_of(tenant).get_customer(ada.id) == ada


def test_without_the_broker_the_platform_is_asked(
    committed: Committed, settings: Settings, asked: list[str]
) -> None:
    tenant = committed("Acme")
    ada = ada_of(tenant)
    with stopped_server() as url:
        settings.REDIS_URL = url.replace("http:", "redis:")
        client = client_of(tenant)
        assert client.get_customer(ada.id) == client.get_customer(ada.id) == ada
        client.update_customer(ada.id, name="Countess")
        assert client.get_customer(ada.id).name == "Countess"
    assert asked.count("get_customer") == 3
