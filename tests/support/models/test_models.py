"""Tables of support under the model contract."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from shared.session import Actor, acting
from shared.tenancy.models import Tenant
from support.choices import Direction
from support.models import Agent, CustomerReference, Ticket, TicketCounter, TicketMessage, TicketNote
from support.services.ticket_number import take_ticket_number
from tests.bases.models import ModelContract
from tests.support.factories import (
    make_agent,
    make_full_ticket,
    make_message,
    make_note,
    make_profile,
    make_reference,
    make_ticket,
)


class TestCustomerReference(ModelContract):
    model = CustomerReference

    def make(self, tenant: Tenant) -> Any:
        return make_reference()


class TestAgent(ModelContract):
    model = Agent

    def make(self, tenant: Tenant) -> Any:
        return make_agent()


class TestTicket(ModelContract):
    model = Ticket

    def make(self, tenant: Tenant) -> Any:
        return make_full_ticket()

    @pytest.mark.parametrize(
        "values",
        [
            {"status": "lost"},
            {"priority": "highest"},
            {"channel": "pigeon"},
            {"number": 0},
            {"status": "resolved"},
            {"status": "closed"},
        ],
        ids=str,
    )
    def test_the_database_refuses(self, tenant: Tenant, values: dict[str, Any]) -> None:
        with acting(domain="support", organization=tenant.id):
            ticket = make_ticket()
            with pytest.raises(IntegrityError, match="violates check constraint"), transaction.atomic():
                Ticket.objects.filter(pk=ticket.pk).update(**values)

    def test_hard_delete_of_customer_and_agent_leaves_the_ticket(self, tenant: Tenant) -> None:
        with acting(domain="support", organization=tenant.id):
            ticket = make_full_ticket()
            with connection.cursor() as cursor:
                cursor.execute("DELETE FROM support_app.customer_references")
                cursor.execute("DELETE FROM support_app.agents")
            ticket.refresh_from_db()
            assert (ticket.customer_id, ticket.agent_id) == (None, None)
            assert ticket.company_name == "Analytical Engines"


class TestTicketCounter(ModelContract):
    model = TicketCounter

    def make(self, tenant: Tenant) -> Any:
        take_ticket_number()
        return TicketCounter.objects.get()


class TestTicketMessage(ModelContract):
    model = TicketMessage

    def make(self, tenant: Tenant) -> Any:
        with acting(actor=Actor(kind="user", id=make_profile().user_id, name="Alan Turing")):
            return make_message(direction=Direction.OUTBOUND)


class TestTicketNote(ModelContract):
    model = TicketNote

    def make(self, tenant: Tenant) -> Any:
        with acting(actor=Actor(kind="user", id=make_profile().user_id, name="Alan Turing")):
            return make_note()
