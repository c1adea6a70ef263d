"""What is said on a ticket: messages to and from the customer, notes among staff."""

from __future__ import annotations

from shared.errors import Conflict
from shared.records.saving import save_checked
from shared.session import Actor, current
from support.choices import Direction, TicketStatus
from support.models import Ticket, TicketMessage, TicketNote
from support.permissions import refuse_key
from support.selectors.agent import find_profile_of_actor
from support.services.ticket import status_changes

_REOPENED_BY_CUSTOMER = frozenset(
    {
        TicketStatus.PENDING_CUSTOMER,
        TicketStatus.RESOLVED,
        TicketStatus.CLOSED,
    }
)
"""States that end when the customer writes."""


def add_message(
    *, ticket: Ticket, direction: str, body: str, author_name: str = "", message_id: str = ""
) -> TicketMessage:
    """Add a public message.

    The first one to the customer is the first response, unless the system sent it by itself. One from the
    customer brings a ticket back that was waiting for them, or that was finished. ``ticket`` comes locked.
    """
    if ticket.status == TicketStatus.MERGED:
        raise Conflict("The ticket is merged: write on the ticket that it was merged into.", code="merged")
    facts = current()
    actor = facts.actor if facts else None
    author = find_profile_of_actor() if direction == Direction.OUTBOUND else None
    if not author_name:
        author_name = _name_of_author(ticket, direction, actor.name if actor else "")
    message = save_checked(
        TicketMessage(
            ticket=ticket,
            direction=direction,
            body=body,
            author=author,
            author_name=author_name,
            message_id=message_id.strip(),
        )
    )
    now = message.created_at
    if direction == Direction.INBOUND:
        changes: dict[str, object] = {}
        if ticket.status in _REOPENED_BY_CUSTOMER:
            changes = status_changes(ticket, TicketStatus.OPEN, now)
        if ticket.status != TicketStatus.SPAM:
            changes["waiting_since"] = ticket.waiting_since or now
    else:
        changes = {"waiting_since": None}
        if ticket.status == TicketStatus.NEW:
            changes["status"] = TicketStatus.OPEN
        if ticket.first_response_at is None and (actor is None or actor.kind != "system"):
            changes["first_response_at"] = now
    save_checked(ticket, changes)
    return message


def add_note(*, ticket: Ticket, body: str) -> TicketNote:
    """Add an internal note; only staff write any, so that none can leave by a key."""
    facts = current()
    actor = facts.actor if facts else Actor()
    refuse_key(actor.kind)
    return save_checked(
        TicketNote(ticket=ticket, body=body, author=find_profile_of_actor(), author_name=actor.name[:200])
    )


def _name_of_author(ticket: Ticket, direction: str, actor_name: str) -> str:
    if direction == Direction.OUTBOUND:
        return actor_name[:200]
    return ticket.requester_name or (str(ticket.customer) if ticket.customer else ticket.requester_email)
