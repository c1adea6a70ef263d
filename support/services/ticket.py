"""Opening and changing tickets."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.utils import timezone

from shared.errors import Conflict, InvalidInput
from shared.events import publish
from shared.platform_client.events import InteractionCreated
from shared.records.saving import save_checked, settle_custom_fields
from support.choices import Channel, TicketPriority, TicketStatus
from support.models import Agent, CustomerReference, Ticket
from support.selectors.agent import find_agent
from support.services.ticket_number import take_ticket_number
from support.states import FINISHED, NOBODY_WAITS, allowed_after


class TicketChanges(TypedDict, total=False):
    subject: str
    description: str
    status: str
    priority: str
    channel: str
    agent_id: uuid.UUID | None
    customer: CustomerReference | None
    requester_name: str
    requester_email: str
    tags: list[str]
    intent: str
    language: str
    custom_fields: dict[str, object]


def open_ticket(
    *,
    subject: str,
    description: str = "",
    channel: str = Channel.API,
    priority: str = TicketPriority.NORMAL,
    customer: CustomerReference | None = None,
    requester_name: str = "",
    requester_email: str = "",
    claimed_customer_id: uuid.UUID | None = None,
    agent_id: uuid.UUID | None = None,
    tags: list[str] | None = None,
    intent: str = "",
    language: str = "",
    custom_fields: dict[str, object] | None = None,
) -> Ticket:
    """Open a ticket for a customer.

    The customer's company and language are noted as they are now. ``claimed_customer_id`` is for a customer
    whom the platform could not be asked about; the ticket then has no customer until it was.
    """
    _check_agent(agent_id)
    now = timezone.now()
    ticket = Ticket(
        subject=subject.strip(),
        description=description,
        channel=channel,
        priority=priority,
        customer=customer,
        company_id=customer.company_id if customer else None,
        company_name=customer.company_name if customer else "",
        requester_name=requester_name,
        requester_email=requester_email,
        claimed_customer_id=claimed_customer_id,
        agent_id=agent_id,
        tags=_tidy(tags or []),
        intent=intent,
        language=language or (customer.language if customer else ""),
        custom_fields=custom_fields or {},
        created_at=now,
        waiting_since=now,
        number=1,  # replaced below, when nothing else can be refused any more
    )
    settle_custom_fields(ticket)
    _check_values(ticket)
    ticket.number = take_ticket_number()
    ticket.save(force_insert=True)
    _tell_of(ticket)
    return ticket


def update_ticket(*, ticket: Ticket, **changes: Unpack[TicketChanges]) -> Ticket:
    """Change a ticket; its status and agent change by the rules that they have."""
    values: dict[str, object] = dict(changes)
    if "status" in values:
        values |= _moved(ticket, str(values["status"]))
    if "agent_id" in values:
        _check_agent(changes["agent_id"])
    if "subject" in values:
        values["subject"] = str(values["subject"]).strip()
    if "tags" in values:
        values["tags"] = _tidy(changes["tags"])
    customer = changes.get("customer")
    if customer is not None and customer != ticket.customer:
        values |= {
            "company_id": customer.company_id,
            "company_name": customer.company_name,
            "claimed_customer_id": None,
        }
    met = customer is not None and ticket.customer_id is None
    saved = save_checked(ticket, values)
    if met:
        _tell_of(saved)
    return saved


def change_status(*, ticket: Ticket, status: str) -> Ticket:
    """Move a ticket to another status; raises Conflict naming the allowed ones when it may not go there."""
    return save_checked(ticket, _moved(ticket, status))


def assign_ticket(*, ticket: Ticket, agent_id: uuid.UUID | None) -> Ticket:
    """Give a ticket to an agent, or to nobody."""
    _check_agent(agent_id)
    return save_checked(ticket, {"agent_id": agent_id})


def delete_ticket(*, ticket: Ticket) -> None:
    """Hide a ticket with its messages and notes. Its number is not given again."""
    ticket.soft_delete()


def _tell_of(ticket: Ticket) -> None:
    """The platform counts what its customers ask."""
    if ticket.customer_id is None:
        return
    told = {"ticket_id": str(ticket.pk), "subject": ticket.subject, "priority": ticket.priority}
    publish(
        InteractionCreated(
            source_id=ticket.pk,
            customer_id=ticket.customer_id,
            interaction_type="ticket",
            channel=ticket.channel,
            timestamp=ticket.created_at,
            metadata=told,
        )
    )


def status_changes(ticket: Ticket, status: TicketStatus, at: dt.datetime) -> dict[str, object]:
    """What changes on a ticket that goes to ``status``, allowed or not."""
    changes: dict[str, object] = {"status": status}
    if status in FINISHED:
        changes["resolved_at"] = ticket.resolved_at or at
    elif ticket.status in FINISHED:
        changes |= {"resolved_at": None, "reopened_count": ticket.reopened_count + 1}
    if ticket.status in FINISHED | {TicketStatus.SPAM}:
        changes["waiting_since"] = at
    changes["closed_at"] = at if status == TicketStatus.CLOSED else None
    if status in NOBODY_WAITS:
        changes["waiting_since"] = None
    return changes


def _moved(ticket: Ticket, status: str) -> dict[str, object]:
    if status not in TicketStatus.values:
        raise InvalidInput({"status": f"Choose one of: {', '.join(TicketStatus.values)}."})
    if status == ticket.status:
        return {}
    allowed = allowed_after(ticket.status)
    if status not in allowed:
        if not allowed:
            message = f"The ticket is {ticket.status}: its status cannot change any more."
        else:
            message = (
                f"A ticket that is {ticket.status} cannot become {status}: choose {' or '.join(allowed)}."
            )
        raise Conflict(
            message,
            errors={"status": message},
            code="transition_not_allowed",
            allowed=[str(each) for each in allowed],
        )
    return status_changes(ticket, TicketStatus(status), timezone.now())


def _check_agent(agent_id: uuid.UUID | None) -> None:
    if agent_id is not None and find_agent(agent_id) is None:
        raise InvalidInput(
            {"agent_id": f"There is no such {Agent._meta.verbose_name} in your organization."},
            code="does_not_exist",
        )


def _check_values(ticket: Ticket) -> None:
    """Refuse bad values before the number is taken, so that a refusal holds nobody up."""
    try:
        ticket.clean_fields(exclude={"organization", "customer", "agent"})
    except ValidationError as error:
        raise InvalidInput(error.message_dict) from error


def _tidy(tags: list[str]) -> list[str]:
    """Tags without blanks around them, each once, in the order given."""
    return [tag for tag in dict.fromkeys(tag.strip() for tag in tags) if tag]
