"""Rows of support for tests; call inside a unit of the domain support."""

from __future__ import annotations

from typing import Any

from shared.platform_client import CustomerSummary, platform_client
from shared.records import uuid7
from shared.session import acting
from shared.tenancy.models import UserProfile
from support.choices import Direction
from support.models import Agent, CustomerReference, Ticket, TicketMessage, TicketNote
from support.services.agent import create_agent
from support.services.conversation import add_message, add_note
from support.services.customer_reference import sync_customer_reference
from support.services.ticket import open_ticket


def summary(**fields: Any) -> CustomerSummary:
    """A customer as the platform would tell of them."""
    identifier = fields.pop("id", None) or uuid7()
    values: dict[str, Any] = {
        "id": identifier,
        "email": f"ada-{identifier.hex[-8:]}@example.com",
        "name": "Ada Lovelace",
        "phone": "",
        "account_tier": "premium",
        "preferred_language": "en",
        "timezone": "UTC",
        "company_id": uuid7(),
        "company_name": "Analytical Engines",
    }
    return CustomerSummary(**{**values, **fields})


def make_golden() -> CustomerSummary:
    """A customer whom the platform has."""
    return platform_client().find_or_create_customer(
        email=f"grace-{uuid7().hex[-12:]}@example.com", name="Grace Hopper"
    )


def make_reference(**fields: Any) -> CustomerReference:
    return sync_customer_reference(customer=summary(**fields))


def make_profile(**fields: Any) -> UserProfile:
    """A person of the organization; the platform writes those."""
    identifier = fields.pop("user_id", None) or uuid7()
    values = {"name": "Alan Turing", "email": f"alan-{identifier.hex[-8:]}@example.com"}
    with acting(domain="platform"):
        profile: UserProfile = UserProfile.objects.create(user_id=identifier, **{**values, **fields})
    return profile


def make_agent(**fields: Any) -> Agent:
    profile = fields.pop("profile", None) or make_profile()
    return create_agent(profile_id=profile.pk, **fields)


def make_ticket(**fields: Any) -> Ticket:
    return open_ticket(**{"subject": "The engine does not start", **fields})


def make_full_ticket(**fields: Any) -> Ticket:
    """A ticket with everything that refers to another record."""
    return make_ticket(customer=make_reference(), agent_id=make_agent().pk, **fields)


def make_message(ticket: Ticket | None = None, **fields: Any) -> TicketMessage:
    values = {"direction": Direction.INBOUND, "body": "Any news?", **fields}
    return add_message(ticket=ticket or make_ticket(), **values)


def make_note(ticket: Ticket | None = None, **fields: Any) -> TicketNote:
    return add_note(ticket=ticket or make_ticket(), **{"body": "Called them back.", **fields})
