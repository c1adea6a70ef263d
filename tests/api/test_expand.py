"""Related records in an answer."""

from __future__ import annotations

import pytest

from shared.records import uuid7
from shared.session import acting
from shared.tenancy.models import Tenant
from support.models import CustomerReference, Ticket, TicketMessage
from tests.bases.callers import ApiCaller, make_caller

URL = "/api/support/tickets"


@pytest.fixture
def agent(tenant: Tenant) -> ApiCaller:
    return make_caller(tenant, "support:read")


@pytest.fixture
def ticket(tenant: Tenant) -> Ticket:
    with acting(domain="support", organization=tenant.id):
        customer = uuid7()
        reference = CustomerReference.objects.create(
            id=customer, customer_id=customer, email="ada@example.com", last_synced_at="2026-01-01T00:00:00Z"
        )
        made = Ticket.objects.create(number=1, subject="Help", customer=reference)
        for index in range(60):
            TicketMessage.objects.create(ticket=made, body=f"Message {index}", direction="inbound")
    return made


def test_one_related_record_is_shown_or_null(agent: ApiCaller, ticket: Ticket, tenant: Tenant) -> None:
    address = f"{URL}/{ticket.pk}?expand=customer,agent"
    answer = agent.get(address).json()
    assert answer["customer"]["email"] == "ada@example.com"
    assert answer["customer"]["id"] == answer["customer_id"]
    assert answer["agent"] is None
    with acting(domain="support", organization=tenant.id):
        CustomerReference.all_objects.update(deleted_at="2026-01-01T00:00:00Z")
    assert agent.get(address).json()["customer"] is None, "a deleted record is not shown"


def test_many_related_records_are_shown_up_to_a_limit(agent: ApiCaller, ticket: Ticket) -> None:
    answer = agent.get(f"{URL}/{ticket.pk}?expand=messages&fields=subject").json()
    assert set(answer) == {"subject", "messages"}
    assert [m["body"] for m in answer["messages"]] == [f"Message {index}" for index in range(50)]
    listed = agent.get(f"{URL}?expand=messages,customer&fields=number").json()["results"]
    assert len(listed[0]["messages"]) == 50
    assert listed[0]["customer"]["email"] == "ada@example.com"
