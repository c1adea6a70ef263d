"""Opening tickets, and changing them."""

from __future__ import annotations

import uuid

import pytest

from shared.errors import Conflict, InvalidInput
from shared.session import acting
from shared.tenancy.models import Tenant
from support.choices import TicketStatus
from support.models import Ticket
from support.services.ticket import (
    assign_ticket,
    change_status,
    delete_ticket,
    open_ticket,
    update_ticket,
)
from tests.support.factories import make_agent, make_reference, make_ticket


def test_an_opened_ticket_is_new_and_remembers_how_the_customer_was(tenant: Tenant) -> None:
    with acting(domain="support", organization=tenant.id):
        ticket = open_ticket(
            subject="  Help ",
            customer=make_reference(preferred_language="de"),
            tags=[" refund ", "", "refund"],
        )
        ticket.refresh_from_db()
        assert (ticket.number, ticket.status, ticket.subject) == (1, TicketStatus.NEW, "Help")
        assert (ticket.company_name, ticket.language) == ("Analytical Engines", "de")
        assert ticket.tags == ["refund"]
        assert ticket.waiting_since == ticket.created_at


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"subject": "  "}, "subject"),
        ({"subject": "x" * 301}, "subject"),
        ({"subject": "x", "channel": "pigeon"}, "channel"),
        ({"subject": "x", "priority": "highest"}, "priority"),
        ({"subject": "x", "language": "not a tag"}, "language"),
        ({"subject": "x", "tags": ["y" * 65]}, "tags"),
        ({"subject": "x", "requester_email": "nobody"}, "requester_email"),
        ({"subject": "x", "agent_id": uuid.UUID(int=1)}, "agent_id"),
    ],
    ids=str,
)
def test_a_refused_ticket_names_the_field_and_takes_no_number(
    tenant: Tenant, values: dict[str, object], field: str
) -> None:
    with acting(domain="support", organization=tenant.id):
        with pytest.raises(InvalidInput) as refused:
            open_ticket(**values)  # type: ignore[arg-type]
        assert list(refused.value.errors) == [field]
        assert make_ticket().number == 1


def test_numbers_count_within_a_tenant_and_outlive_deletion(tenant: Tenant, other_tenant: Tenant) -> None:
    with acting(domain="support", organization=tenant.id):
        first, second = make_ticket(), make_ticket()
        delete_ticket(ticket=second)
        third = make_ticket()
    with acting(domain="support", organization=other_tenant.id):
        theirs = make_ticket()
    assert [t.number for t in (first, second, third, theirs)] == [1, 2, 3, 1]


def test_another_tenants_agent_is_unknown(tenant: Tenant, other_tenant: Tenant) -> None:
    with acting(domain="support", organization=other_tenant.id):
        stranger = make_agent()
    with acting(domain="support", organization=tenant.id):
        ticket = make_ticket()
        for refused in (
            lambda: assign_ticket(ticket=ticket, agent_id=stranger.pk),
            lambda: update_ticket(ticket=ticket, agent_id=stranger.pk),
            lambda: open_ticket(subject="x", agent_id=stranger.pk),
        ):
            with pytest.raises(InvalidInput, match="refused"):
                refused()
        ticket.refresh_from_db()
        assert ticket.agent_id is None
        assert Ticket.objects.count() == 1


def test_a_change_that_changes_nothing_writes_nothing(tenant: Tenant) -> None:
    with acting(domain="support", organization=tenant.id):
        ticket = make_ticket()
        update_ticket(ticket=ticket, subject=ticket.subject, status=ticket.status, agent_id=None)
        change_status(ticket=ticket, status=ticket.status)
        ticket.refresh_from_db()
        assert ticket.version == 1


def test_naming_the_customer_later_fulfils_the_claim(tenant: Tenant) -> None:
    with acting(domain="support", organization=tenant.id):
        customer = make_reference()
        ticket = make_ticket(claimed_customer_id=customer.pk)
        update_ticket(ticket=ticket, customer=customer)
        ticket.refresh_from_db()
        assert (ticket.customer, ticket.claimed_customer_id) == (customer, None)
        assert ticket.company_name == customer.company_name


def test_an_update_moves_the_status_by_the_same_rules(tenant: Tenant) -> None:
    with acting(domain="support", organization=tenant.id):
        ticket = make_ticket()
        update_ticket(ticket=ticket, status=TicketStatus.CLOSED, subject="Done")
        assert ticket.closed_at is not None
        with pytest.raises(Conflict) as refused:
            update_ticket(ticket=ticket, status=TicketStatus.ON_HOLD, subject="Undone")
        assert refused.value.extra == {"allowed": ["open"]}
        ticket.refresh_from_db()
        assert (ticket.status, ticket.subject) == (TicketStatus.CLOSED, "Done")


def test_an_unknown_status_is_bad_input(tenant: Tenant) -> None:
    with acting(domain="support", organization=tenant.id), pytest.raises(InvalidInput):
        change_status(ticket=make_ticket(), status="lost")
