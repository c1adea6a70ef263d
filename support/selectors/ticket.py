"""Reading tickets and what was said on them."""

from __future__ import annotations

import uuid

from django.db.models import QuerySet

from shared.errors import NotFound
from support.models import Ticket, TicketMessage, TicketNote


def tickets() -> QuerySet[Ticket]:
    """The tenant's tickets."""
    return Ticket.objects.all()


def get_ticket(ticket_id: uuid.UUID, *, lock: bool = False) -> Ticket:
    """The ticket, or raises NotFound; ``lock`` holds its row until the unit ends."""
    rows = Ticket.objects.select_for_update() if lock else Ticket.objects
    ticket = rows.filter(pk=ticket_id).first()
    if ticket is None:
        raise NotFound("There is no such ticket: list /api/support/tickets for those you have.")
    return ticket


def find_ticket_by_number(number: int) -> Ticket | None:
    """The ticket with this number, or None."""
    return Ticket.objects.filter(number=number).first()


def ticket_exists(ticket_id: uuid.UUID) -> bool:
    """Whether the tenant has this ticket."""
    return Ticket.objects.filter(pk=ticket_id).exists()


def messages_of_ticket(ticket_id: uuid.UUID) -> QuerySet[TicketMessage]:
    """The ticket's public messages."""
    return TicketMessage.objects.filter(ticket_id=ticket_id)


def notes_of_ticket(ticket_id: uuid.UUID) -> QuerySet[TicketNote]:
    """The ticket's internal notes; for staff only."""
    return TicketNote.objects.filter(ticket_id=ticket_id)


def find_customer_of_ticket(ticket_id: uuid.UUID) -> uuid.UUID | None:
    """The golden customer of a ticket, or None where it has none or does not exist; deleted tickets too."""
    return Ticket.all_objects.filter(pk=ticket_id).values_list("customer__customer_id", flat=True).first()
