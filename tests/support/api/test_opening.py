"""POST /api/support/tickets: the customer is the platform's, whether it answers or not."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django.fixtures import Settings

from platform_core.models import Customer
from shared.platform_client import CustomerSummary
from shared.session import acting
from shared.tenancy.models import Tenant
from support.models import CustomerReference, Ticket
from tests.bases.api import assert_problem
from tests.bases.callers import ApiCaller, make_caller
from tests.support import platforms
from tests.support.factories import make_agent, make_golden, make_reference

URL = "/api/support/tickets"


@pytest.fixture
def caller(tenant: Tenant) -> ApiCaller:
    return make_caller(tenant, "support:read", "support:write")


def golden_of(tenant: Tenant) -> CustomerSummary:
    with acting(domain="platform", organization=tenant.id):
        return make_golden()


def rows_of(tenant: Tenant) -> tuple[int, int, int]:
    """How many tickets, references and golden customers the tenant has."""
    with acting(domain="support", organization=tenant.id):
        tickets, references = Ticket.all_objects.count(), CustomerReference.all_objects.count()
    with acting(domain="platform", organization=tenant.id):
        return tickets, references, Customer.objects.count()


def test_a_ticket_comes_back_with_its_customer(tenant: Tenant, caller: ApiCaller) -> None:
    golden = golden_of(tenant)
    answer = caller.post(URL, {"subject": "Help", "customer_id": str(golden.id), "tags": ["boiler"]})
    assert answer.status_code == 201, answer.content
    body = answer.json()
    assert set(body) == {"ticket", "customer_dna", "ai_draft", "degraded"}
    assert set(body["customer_dna"]) == {"profile", "archetype", "tier"}
    assert (body["customer_dna"]["tier"], body["ai_draft"], body["degraded"]) == ("standard", None, False)
    ticket = body["ticket"]
    assert (ticket["number"], ticket["status"], ticket["tags"]) == (1, "new", ["boiler"])
    assert ticket["customer_id"] == str(golden.id)
    assert caller.get(answer.headers["Location"]).json() == ticket
    expanded = caller.get(f"{answer.headers['Location']}?expand=customer,agent,messages").json()
    assert expanded["customer"]["email"] == golden.email
    assert (expanded["agent"], expanded["messages"]) == (None, [])


def test_an_email_finds_or_creates_the_golden_customer(tenant: Tenant, caller: ApiCaller) -> None:
    body = {"subject": "Help", "customer_email": "Grace@Example.com", "customer_name": "Grace Hopper"}
    first = caller.post(URL, body).json()["ticket"]
    again = caller.post(URL, {**body, "customer_email": " grace@example.COM"}).json()["ticket"]
    assert first["customer_id"] == again["customer_id"]
    assert (first["requester_name"], first["requester_email"]) == ("Grace Hopper", "Grace@Example.com")
    assert rows_of(tenant) == (2, 1, 1)
    with acting(domain="support", organization=tenant.id):
        assert str(CustomerReference.objects.get()) == "Grace Hopper"


@pytest.mark.parametrize(
    ("named", "field"),
    [
        ({}, "customer_id"),
        ({"customer_id": str(uuid.UUID(int=7))}, "customer_id"),
        ({"customer_id": "7"}, "customer_id"),
        ({"customer_id": None}, "customer_id"),
        ({"customer_email": "nobody"}, "customer_email"),
        ({"customer_email": "a@" + "b" * 250 + ".com"}, "customer_email"),
        ({"customer_email": None}, "customer_email"),
        ({"customer_email": "ada@example.com", "customer_name": "x" * 201}, "customer_name"),
        ({"customer_email": "ada@example.com", "status": "closed"}, "status"),
        ({"customer_email": "ada@example.com", "number": 7}, "number"),
        ({"customer_email": "ada@example.com", "agent_id": str(uuid.UUID(int=7))}, "agent_id"),
        ({"customer_email": "ada@example.com", "channel": "pigeon"}, "channel"),
        ({"customer_email": "ada@example.com", "tags": "boiler"}, "tags"),
        ({"customer_email": "ada@example.com", "tags": ["x" * 65]}, "tags"),
        ({"customer_email": "ada@example.com", "language": "not a tag"}, "language"),
        ({"customer_email": "ada@example.com", "subject": "x" * 301}, "subject"),
        ({"customer_email": "ada@example.com", "subject": " "}, "subject"),
        ({"customer_email": "ada@example.com", "custom_fields": [1]}, "custom_fields"),
    ],
    ids=str,
)
def test_bad_input_is_named_and_nothing_is_written(
    tenant: Tenant, caller: ApiCaller, named: dict[str, Any], field: str
) -> None:
    problem = assert_problem(caller.post(URL, {"subject": "Help", **named}), 400)
    assert field in {e["field"].split(".")[0] for e in problem["errors"]}, problem
    assert rows_of(tenant) == (0, 0, 0), "not even a golden customer"


def test_another_tenants_customer_is_as_unknown_as_none(
    tenant: Tenant, other_tenant: Tenant, caller: ApiCaller
) -> None:
    foreign = golden_of(other_tenant)
    problems = [
        assert_problem(caller.post(URL, {"subject": "Help", "customer_id": str(named)}), 400)
        for named in (foreign.id, uuid.uuid4())
    ]
    assert problems[0]["errors"] == problems[1]["errors"]
    assert problems[0]["errors"][0]["field"] == "customer_id"
    assert rows_of(tenant) == (0, 0, 0)


def test_another_tenants_agent_is_refused_before_a_customer_is_created(
    tenant: Tenant, other_tenant: Tenant, caller: ApiCaller
) -> None:
    with acting(domain="support", organization=other_tenant.id):
        stranger = make_agent()
    body = {"subject": "Help", "customer_email": "ada@example.com", "agent_id": str(stranger.pk)}
    problem = assert_problem(caller.post(URL, body), 400)
    assert problem["errors"][0]["field"] == "agent_id"
    assert rows_of(tenant) == (0, 0, 0)


# --- the platform does not answer ----------------------------------------------------------------------------


def test_a_known_customer_is_linked_while_the_platform_is_down(
    tenant: Tenant, caller: ApiCaller, settings: Settings
) -> None:
    settings.PLATFORM_CLIENT = platforms.DOWN
    with acting(domain="support", organization=tenant.id):
        known = make_reference()
    for named in ({"customer_id": str(known.pk)}, {"customer_email": known.email.upper()}):
        body = caller.post(URL, {"subject": "Help", **named}).json()
        assert body["ticket"]["customer_id"] == str(known.pk)
        assert (body["customer_dna"], body["degraded"]) == (None, True)


def test_an_unknown_customer_is_a_claim_while_the_platform_is_down(
    tenant: Tenant, other_tenant: Tenant, caller: ApiCaller, settings: Settings
) -> None:
    settings.PLATFORM_CLIENT = platforms.DOWN
    with acting(domain="support", organization=other_tenant.id):
        foreign = make_reference()
    body = {"subject": "Help", "customer_id": str(foreign.pk), "customer_email": "ada@example.com"}
    answer = caller.post(URL, body)
    assert answer.status_code == 201, answer.content
    assert (answer.json()["ticket"]["customer_id"], answer.json()["degraded"]) == (None, True)
    with acting(domain="support", organization=tenant.id):
        ticket = Ticket.objects.get()
        assert ticket.claimed_customer_id == foreign.pk
        assert ticket.requester_email == "ada@example.com"
        assert CustomerReference.objects.count() == 0


@pytest.mark.parametrize(
    ("platform", "degraded"), [(platforms.DOWN_AFTERWARDS, True), (platforms.FORGETFUL, False)]
)
def test_the_platform_fails_after_the_ticket_is_committed(
    tenant: Tenant, caller: ApiCaller, settings: Settings, platform: str, degraded: bool
) -> None:
    golden = golden_of(tenant)
    settings.PLATFORM_CLIENT = platform
    sent = {"subject": "Help", "customer_id": str(golden.id)}
    first = caller.post(URL, sent, idempotency_key="k")
    assert first.status_code == 201
    assert (first.json()["customer_dna"], first.json()["degraded"]) == (None, degraded)
    settings.PLATFORM_CLIENT = platforms.WATCHED
    again = caller.post(URL, sent, idempotency_key="k")
    assert again.json() == first.json(), "the answer that was given is the one that is kept"
    assert rows_of(tenant)[0] == 1


def test_the_platform_is_asked_between_units(committed: Callable[[str], Tenant], settings: Settings) -> None:
    tenant = committed("Between")
    golden = golden_of(tenant)
    settings.PLATFORM_CLIENT = platforms.WATCHED
    platforms.WatchedPlatform.asked_inside_a_unit.clear()
    caller = make_caller(tenant, "support:write")
    for named in ({"customer_id": str(golden.id)}, {"customer_email": "ada@example.com"}):
        assert caller.post(URL, {"subject": "Help", **named}).status_code == 201
    assert platforms.WatchedPlatform.asked_inside_a_unit == [False] * 4
