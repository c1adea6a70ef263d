"""Messages and notes."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from shared.errors import Conflict, Forbidden, InvalidInput
from shared.records import uuid7
from shared.session import Actor, acting
from shared.tenancy.models import Tenant
from support.choices import Direction, TicketStatus
from support.models import Ticket, TicketMessage, TicketNote
from support.services.conversation import add_message, add_note
from support.services.ticket import change_status, delete_ticket
from tests.support.factories import make_message, make_note, make_profile, make_reference, make_ticket

KEY = Actor(kind="key", id=uuid7(), name="Web shop")


def test_the_first_public_answer_is_the_first_response(tenant: Tenant) -> None:
    with acting(domain="support", organization=tenant.id):
        profile = make_profile()
        ticket = make_ticket()
        with acting(actor=Actor(kind="user", id=profile.user_id, name="Alan Turing")):
            add_note(ticket=ticket, body="Looks like the boiler.")
            assert ticket.first_response_at is None
            first = add_message(ticket=ticket, direction=Direction.OUTBOUND, body="We are on it.")
            add_message(ticket=ticket, direction=Direction.OUTBOUND, body="Still on it.")
        ticket.refresh_from_db()
        assert ticket.first_response_at == first.created_at
        assert ticket.status == TicketStatus.OPEN
        assert ticket.waiting_since is None
        assert (first.author, first.author_name) == (profile, "Alan Turing")


def test_an_answer_of_the_system_is_no_response(tenant: Tenant) -> None:
    with acting(domain="support", organization=tenant.id):
        ticket = make_ticket()
        add_message(ticket=ticket, direction=Direction.OUTBOUND, body="We have your request.")
        assert ticket.first_response_at is None


def test_a_key_that_answers_for_an_agent_responds(tenant: Tenant) -> None:
    with acting(domain="support", organization=tenant.id, actor=KEY):
        ticket = make_ticket()
        message = add_message(ticket=ticket, direction=Direction.OUTBOUND, body="Hello.")
        assert ticket.first_response_at == message.created_at
        assert (message.author, message.author_name) == (None, "Web shop")


@pytest.mark.parametrize(
    ("status", "afterwards", "reopened"),
    [
        (TicketStatus.NEW, TicketStatus.NEW, 0),
        (TicketStatus.OPEN, TicketStatus.OPEN, 0),
        (TicketStatus.PENDING_CUSTOMER, TicketStatus.OPEN, 0),
        (TicketStatus.ON_HOLD, TicketStatus.ON_HOLD, 0),
        (TicketStatus.RESOLVED, TicketStatus.OPEN, 1),
        (TicketStatus.CLOSED, TicketStatus.OPEN, 1),
        (TicketStatus.SPAM, TicketStatus.SPAM, 0),
    ],
    ids=str,
)
def test_a_customer_who_writes_brings_the_ticket_back(
    tenant: Tenant, status: str, afterwards: str, reopened: int
) -> None:
    with acting(domain="support", organization=tenant.id):
        ticket = make_ticket(customer=make_reference())
        change_status(ticket=ticket, status=status)
        message = make_message(ticket)
        ticket.refresh_from_db()
        assert (ticket.status, ticket.reopened_count) == (afterwards, reopened)
        assert message.author_name == "Ada Lovelace"
        if status == TicketStatus.SPAM:
            assert ticket.waiting_since is None
        elif status not in (TicketStatus.NEW, TicketStatus.OPEN, TicketStatus.ON_HOLD):
            assert ticket.waiting_since == message.created_at


def test_nobody_writes_on_a_merged_ticket(tenant: Tenant) -> None:
    with acting(domain="support", organization=tenant.id):
        ticket = make_ticket()
        Ticket.objects.update(status=TicketStatus.MERGED)
        ticket.refresh_from_db()
        with pytest.raises(Conflict, match="merged into"):
            make_message(ticket)
        assert TicketMessage.objects.count() == 0


def test_an_empty_message_is_refused(tenant: Tenant) -> None:
    with acting(domain="support", organization=tenant.id):
        ticket = make_ticket()
        for values, field in (({"body": ""}, "body"), ({"direction": "sideways"}, "direction")):
            with pytest.raises(InvalidInput) as refused:
                make_message(ticket, **values)
            assert list(refused.value.errors) == [field]
        with pytest.raises(InvalidInput):
            make_note(ticket, body="")
        assert (TicketMessage.objects.count(), TicketNote.objects.count()) == (0, 0)


def test_a_mail_is_one_message(tenant: Tenant, other_tenant: Tenant) -> None:
    for owner in (other_tenant, tenant):
        with acting(domain="support", organization=owner.id):
            ticket = make_ticket()
            make_message(ticket, message_id="<1@example.com>")
            make_message(ticket)
            make_message(ticket)
            with pytest.raises(IntegrityError), transaction.atomic():
                make_message(ticket, message_id="<1@example.com>")


def test_a_key_writes_no_note(tenant: Tenant) -> None:
    with acting(domain="support", organization=tenant.id, actor=KEY):
        ticket = make_ticket()
        with pytest.raises(Forbidden, match="internal"):
            make_note(ticket)
        assert TicketNote.objects.count() == 0


def test_a_deleted_ticket_takes_its_conversation_along(tenant: Tenant) -> None:
    with acting(domain="support", organization=tenant.id):
        ticket = make_ticket()
        make_message(ticket)
        make_note(ticket)
        delete_ticket(ticket=ticket)
        assert (TicketMessage.objects.count(), TicketNote.objects.count()) == (0, 0)
        ticket.restore()
        assert (TicketMessage.objects.count(), TicketNote.objects.count()) == (1, 1)
