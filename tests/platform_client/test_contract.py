"""What a platform client promises, whichever it is: the same answers, the same errors."""

from __future__ import annotations

import datetime as dt
import itertools
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from pytest_django.fixtures import Settings

from platform_core.models import Customer
from shared.errors import InvalidInput
from shared.platform_client import CustomerNotFound, PlatformClient, platform_client
from shared.records import uuid7
from shared.session import TenantMissingError, acting, current
from shared.tenancy.models import Tenant
from tests.conftest import ALICE
from tests.platform_client.conftest import ask_over_http
from tests.platform_core import factories

Committed = Callable[[str], Tenant]


@pytest.fixture(params=["in process", "http"])
def ask(request: Any, settings: Settings, committed: Committed) -> Callable[..., PlatformClient]:
    """Makes a tenant's client."""
    if request.param == "http":
        ask_over_http(settings, request.getfixturevalue("platform_url"))
        settings.PLATFORM_CACHE_SECONDS = 0
        settings.PLATFORM_TIMEOUT = 10  # a busy machine is no broken contract

    def client_of(tenant: Tenant, **more: Any) -> PlatformClient:
        return platform_client(
            organization=tenant.id, actor=ALICE, request_id="request-of-a-test", domain="support", **more
        )

    return client_of


def test_an_app_finds_creates_reads_and_changes_a_customer(ask: Any, committed: Committed) -> None:
    client = ask(committed("Acme"))
    made = client.find_or_create_customer(
        email="Ada@example.com", name="Ada Löwe", phone="+49 30 123456", preferred_language="de"
    )
    assert (made.name, made.phone, made.account_tier) == ("Ada Löwe", "+4930123456", "standard")
    assert (made.email, made.preferred_language, made.company_id) == ("Ada@example.com", "de", None)
    assert client.find_or_create_customer(email="ada@EXAMPLE.com", name="Another") == made
    assert client.find_customer_by_email("ada@example.com") == made
    assert client.find_customer_by_email("a+b&c=d@example.com") is None
    assert client.find_customer_by_email("") is None
    changed = client.update_customer(made.id, account_tier="premium", timezone="Europe/Berlin", name="Ada")
    assert (changed.account_tier, changed.timezone, changed.name) == ("premium", "Europe/Berlin", "Ada")
    assert client.get_customer(made.id) == changed


def test_questions_as_of_a_moment_are_answered_with_what_was_known(ask: Any, committed: Committed) -> None:
    tenant = committed("Acme")
    client = ask(tenant)
    made = client.find_or_create_customer(email="then@example.com", name="Then")
    moment = dt.datetime.now(dt.UTC)
    client.update_customer(made.id, name="Now", account_tier="premium")
    past = ask(tenant, as_of=moment)
    assert (past.get_customer(made.id).name, client.get_customer(made.id).name) == ("Then", "Now")
    assert past.get_customer_intelligence(made.id).tier == "standard"
    assert past.find_customer_by_email("then@example.com").name == "Then"
    before = ask(tenant, as_of=moment - dt.timedelta(days=1))
    assert before.find_customer_by_email("then@example.com") is None
    with pytest.raises(CustomerNotFound):
        before.get_customer(made.id)


def test_a_customer_comes_with_the_company(ask: Any, committed: Committed) -> None:
    tenant = committed("Acme")
    with acting(domain="platform", organization=tenant.id):
        customer = factories.make_customer(company=factories.make_company())
        company = customer.company
    found = ask(tenant).get_customer(customer.pk)
    assert (found.company_id, found.company_name) == (company.pk, company.name)


def test_what_is_known_of_a_customer_is_the_same_values(ask: Any, committed: Committed) -> None:
    tenant = committed("Acme")
    with acting(domain="platform", organization=tenant.id):
        customer = factories.make_interaction().customer
    client = ask(tenant)
    assert client.get_customer_intelligence(customer.pk).as_dict() == {
        "profile": None, "archetype": None, "tier": "standard",
    }  # fmt: skip
    known = client.analyze_customer(customer.pk)
    assert known.profile["frequency"] == 1
    assert known.profile["monetary_value"] == "10.00"
    assert known.archetype["l1"]["code"] == "single"
    assert client.get_customer_intelligence(customer.pk) == known
    in_process = "platform_core.client.InProcessPlatformClient"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.PLATFORM_CLIENT", in_process)
        assert platform_client(organization=tenant.id).get_customer_intelligence(customer.pk) == known


def test_drafts_and_consent(ask: Any, committed: Committed) -> None:
    client = ask(committed("Acme"))
    made = client.find_or_create_customer(email="ada@example.com")
    passages = [{"title": "Boilers", "text": "Turn it off and on."}]
    assert client.generate_message(made.id, subject="Hi", question="How?", passages=passages) is None
    allowed = client.may_contact(made.id, channel="email", purpose="service")
    assert allowed
    assert allowed.reason == "Answering a customer needs no consent."
    assert not client.may_contact(made.id, channel="email", purpose="marketing")


def test_another_tenants_customer_is_as_unknown_as_none(ask: Any, committed: Committed) -> None:
    owner, stranger = committed("Acme"), committed("Umbrella")
    theirs = ask(owner).find_or_create_customer(email="ada@example.com")
    client = ask(stranger)
    questions: list[Callable[[uuid.UUID], object]] = [
        client.get_customer,
        client.get_customer_intelligence,
        client.analyze_customer,
        lambda id: client.update_customer(id, name="Mine"),
        lambda id: client.generate_message(id, subject="Hi", question="How?"),
        lambda id: client.may_contact(id, channel="email", purpose="service"),
    ]
    for customer_id, question in itertools.product((theirs.id, uuid7()), questions):
        with pytest.raises(CustomerNotFound) as refused:
            question(customer_id)
        assert refused.value.reason == "customer_not_found"
        assert "There is no such customer" in str(refused.value)
    assert client.find_customer_by_email("ada@example.com") is None
    assert ask(owner).get_customer(theirs.id) == theirs


@pytest.mark.parametrize(
    ("values", "errors"),
    [
        ({"email": "nobody"}, {"email": ["The e-mail is not valid: write it as in ada@example.com."]}),
        ({"email": ""}, {"email": ["Give an e-mail."]}),
        (
            {"email": "nobody", "phone": "7"},
            {
                "email": ["The e-mail is not valid: write it as in ada@example.com."],
                "phone": ["The phone number is not valid: write it in full, as in +4930123456."],
            },
        ),
        (
            {"email": "ada@example.com", "name": "x" * 201},
            {"name": ["Ensure this value has at most 200 characters (it has 201)."]},
        ),
        (
            {"email": "ada@example.com", "preferred_language": "not a tag"},
            {"preferred_language": ["Write a language as in de or pt-BR (BCP 47)."]},
        ),
    ],
    ids=str,
)
def test_bad_input_names_the_fields_in_the_same_words(
    ask: Any, committed: Committed, values: dict[str, str], errors: dict[str, list[str]]
) -> None:
    tenant = committed("Acme")
    with pytest.raises(InvalidInput) as refused:
        ask(tenant).find_or_create_customer(**values)
    assert refused.value.errors == errors
    assert refused.value.reason == "invalid_input"
    with acting(domain="platform", organization=tenant.id):
        assert Customer.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "other@example.com"}, "email"),
        ({"custom_fields": {}}, "custom_fields"),
        ({"account_tier": "golden"}, "account_tier"),
        ({"timezone": "Mars/Olympus"}, "timezone"),
        ({"phone": "7"}, "phone"),
        ({"name": None}, "name"),
    ],
    ids=str,
)
def test_a_bad_change_names_the_field_and_changes_nothing(
    ask: Any, committed: Committed, changes: dict[str, Any], field: str
) -> None:
    client = ask(committed("Acme"))
    made = client.find_or_create_customer(email="ada@example.com", name="Ada")
    with pytest.raises(InvalidInput) as refused:
        client.update_customer(made.id, **changes)
    assert list(refused.value.errors) == [field]
    assert client.get_customer(made.id) == made


def test_of_concurrent_calls_one_creates(ask: Any, committed: Committed) -> None:
    tenant = committed("Acme")
    found: list[Any] = []

    def call() -> None:
        found.append(ask(tenant).find_or_create_customer(email="ada@example.com"))
        connections.close_all()

    threads = [threading.Thread(target=call) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 12
    assert len(set(found)) == 1
    with acting(domain="platform", organization=tenant.id):
        assert Customer.objects.count() == 1


def test_a_call_leaves_the_callers_unit_as_it_was(ask: Any, committed: Committed) -> None:
    tenant = committed("Acme")
    with acting(domain="support", organization=tenant.id):
        ask(tenant).find_or_create_customer(email="ada@example.com")
        facts = current()
        assert facts is not None
        assert facts.domain == "support"


def test_a_client_needs_a_tenant() -> None:
    with pytest.raises(TenantMissingError):
        platform_client()
