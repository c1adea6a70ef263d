"""Tickets over the API: lists, changes, states, and what never leaves."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from shared.session import acting
from shared.tenancy.models import Tenant
from support.models import Ticket, TicketNote
from support.services.ticket import change_status
from tests.bases.api import assert_problem
from tests.bases.callers import ApiCaller, make_caller
from tests.bases.staff import staff_client
from tests.support import platforms
from tests.support.factories import (
    make_agent,
    make_full_ticket,
    make_golden,
    make_note,
    make_reference,
    make_ticket,
)

URL = "/api/support/tickets"


@pytest.fixture
def caller(tenant: Tenant) -> ApiCaller:
    return make_caller(tenant, "support:read", "support:write")


@pytest.fixture
def ticket(tenant: Tenant) -> Ticket:
    with acting(domain="support", organization=tenant.id):
        return make_full_ticket()


# --- lists ---------------------------------------------------------------------------------------------------


def test_each_filter_finds_its_tickets(tenant: Tenant, caller: ApiCaller, ticket: Ticket) -> None:
    with acting(domain="support", organization=tenant.id):
        other = make_ticket(subject="Another", priority="urgent", channel="phone")
        change_status(ticket=other, status="open")
    after = other.created_at.isoformat().replace("+00:00", "Z")
    for query, found in {
        "status=new": [ticket],
        "status=open": [other],
        "status=new,open": [other, ticket],
        "status=closed": [],
        "priority=urgent": [other],
        "status=open&priority=urgent": [other],
        "channel=phone": [other],
        f"agent={ticket.agent_id}": [ticket],
        f"customer={ticket.customer_id}": [ticket],
        f"customer={uuid.uuid4()}": [],
        f"created_at__gte={after}": [other],
        f"created_at__lt={after}": [ticket],
        "number=2": [other],
        "number=7": [],
        "subject=anOTHer": [other],
    }.items():
        answer = caller.get(f"{URL}?{query}")
        assert answer.status_code == 200, (query, answer.content)
        assert [row["id"] for row in answer.json()["results"]] == [str(t.pk) for t in found], query


@pytest.mark.parametrize(
    "query",
    [
        "status=lost",
        "number=0",
        "number=1e30",
        "number=1.5",
        "number=4294967296",
        "created_at__gte=0000-01-01",
        "created_at__lt=10000-01-01T00:00:00Z",
        "agent=me",
        "expand=notes",
        "fields=subject_norm",
    ],
)
def test_a_bad_parameter_is_named(caller: ApiCaller, query: str) -> None:
    problem = assert_problem(caller.get(f"{URL}?{query}"), 400)
    assert problem["errors"][0]["parameter"] == query.partition("=")[0]


def test_numbers_order_the_list(tenant: Tenant, caller: ApiCaller) -> None:
    with acting(domain="support", organization=tenant.id):
        for _ in range(3):
            make_ticket()
    for ordering, numbers in (("number", [1, 2, 3]), ("-number", [3, 2, 1])):
        results = caller.get(f"{URL}?ordering={ordering}&limit=3").json()["results"]
        assert [row["number"] for row in results] == numbers


# --- changes -------------------------------------------------------------------------------------------------


def test_a_forbidden_transition_is_409_and_names_the_allowed(caller: ApiCaller, ticket: Ticket) -> None:
    assert caller.post(f"{URL}/{ticket.pk}/status", {"status": "closed"}).json()["status"] == "closed"
    before = caller.get(f"{URL}/{ticket.pk}").json()
    for answer in (
        caller.post(f"{URL}/{ticket.pk}/status", {"status": "on_hold"}),
        caller.patch(f"{URL}/{ticket.pk}", {"status": "on_hold", "subject": "x"}),
    ):
        problem = assert_problem(answer, 409)
        assert problem["allowed"] == ["open"]
        assert "open" in problem["detail"]
        assert problem["errors"][0]["field"] == "status"
    assert caller.get(f"{URL}/{ticket.pk}").json() == before
    reopened = caller.post(f"{URL}/{ticket.pk}/status", {"status": "open"}).json()
    assert (reopened["status"], reopened["reopened_count"], reopened["closed_at"]) == ("open", 1, None)


@pytest.mark.parametrize("body", [{}, {"status": "lost"}, {"status": None}, {"status": 1}, {"x": 1}], ids=str)
def test_a_bad_status_is_400(caller: ApiCaller, ticket: Ticket, body: dict[str, Any]) -> None:
    assert_problem(caller.post(f"{URL}/{ticket.pk}/status", body), 400)


def test_tickets_are_assigned_to_agents_of_the_tenant(
    tenant: Tenant, other_tenant: Tenant, caller: ApiCaller, ticket: Ticket
) -> None:
    with acting(domain="support", organization=other_tenant.id):
        stranger = make_agent()
    with acting(domain="support", organization=tenant.id):
        agent = make_agent()
    address = f"{URL}/{ticket.pk}/assign"
    problem = assert_problem(caller.post(address, {"agent_id": str(stranger.pk)}), 400)
    assert problem["errors"][0]["field"] == "agent_id"
    assert_problem(caller.post(address, {}), 400)
    assert caller.get(f"{URL}/{ticket.pk}").json()["agent_id"] == str(ticket.agent_id)
    for wanted in (str(agent.pk), None):
        assert caller.post(address, {"agent_id": wanted}).json()["agent_id"] == wanted


def test_the_customer_is_changed_to_one_that_the_platform_has(
    tenant: Tenant, caller: ApiCaller, ticket: Ticket, settings: Settings
) -> None:
    with acting(domain="support", organization=tenant.id):
        golden, known = make_golden(), make_reference()
    address = f"{URL}/{ticket.pk}"
    assert caller.patch(address, {"customer_id": str(golden.id)}).json()["customer_id"] == str(golden.id)
    assert caller.patch(address, {"customer_id": None}).json()["customer_id"] is None
    problem = assert_problem(caller.patch(address, {"customer_id": str(uuid.uuid4())}), 400)
    assert problem["errors"][0]["field"] == "customer_id"
    settings.PLATFORM_CLIENT = platforms.DOWN
    assert caller.patch(address, {"customer_id": str(known.pk)}).json()["customer_id"] == str(known.pk)
    assert_problem(caller.patch(address, {"customer_id": str(uuid.uuid4())}), 503)
    assert caller.get(address).json()["customer_id"] == str(known.pk)


def test_the_conversation_is_told_from_its_beginning(caller: ApiCaller, ticket: Ticket) -> None:
    address = f"{URL}/{ticket.pk}/messages"
    for direction, text in (("inbound", "Any news?"), ("outbound", "We are on it."), ("inbound", "Thanks.")):
        answer = caller.post(address, {"direction": direction, "body": text})
        assert answer.status_code == 201, answer.content
    told = caller.get(f"{address}?fields=body,author_name").json()["results"]
    assert [m["body"] for m in told] == ["Any news?", "We are on it.", "Thanks."]
    assert [m["author_name"] for m in told] == ["Ada Lovelace", "Test service", "Ada Lovelace"]
    after = caller.get(f"{URL}/{ticket.pk}?expand=messages").json()
    assert after["first_response_at"] is not None
    assert [m["body"] for m in after["messages"]] == ["Any news?", "We are on it.", "Thanks."]
    duplicate = {"direction": "inbound", "body": "Again", "message_id": "<1@example.com>"}
    assert caller.post(address, duplicate).status_code == 201
    assert_problem(caller.post(address, duplicate), 409)


# --- notes ---------------------------------------------------------------------------------------------------


def test_notes_never_leave_by_a_key(tenant: Tenant, ticket: Ticket) -> None:
    with acting(domain="support", organization=tenant.id):
        note = make_note(ticket, body="Tends to shout.")
    caller = make_caller(tenant, "support:read", "support:write", "platform:read", "crm:read")
    address = f"{URL}/{ticket.pk}/notes"
    for answer in (
        caller.get(address),
        caller.get(f"{address}/{note.pk}"),
        caller.post(address, {"body": "x"}),
    ):
        assert_problem(answer, 403)
        assert b"shout" not in answer.content
    for place in (URL, f"{URL}/{ticket.pk}", f"{URL}/{ticket.pk}/messages"):
        assert b"shout" not in caller.get(place).content
    assert b"shout" not in caller.get(f"{URL}?expand=customer,agent,messages").content
    with acting(domain="support", organization=tenant.id):
        assert TicketNote.objects.count() == 1


def test_staff_read_and_write_notes(tenant: Tenant, other_tenant: Tenant, ticket: Ticket) -> None:
    address = f"{URL}/{ticket.pk}/notes"
    client = staff_client(tenant)
    answer = client.post(address, {"body": "Tends to shout."}, content_type="application/json")
    assert answer.status_code == 201, answer.content
    assert answer.json()["author_name"].startswith("Staff ")
    assert answer.json()["author_id"] is not None
    assert [n["body"] for n in client.get(address).json()["results"]] == ["Tends to shout."]
    assert client.get(answer.headers["Location"]).json() == answer.json()
    assert staff_client(other_tenant).get(address).status_code == 404
    assert staff_client(tenant, domains=["marketing"]).get(address).status_code == 403
    assert Client().get(address).status_code == 401
