"""The card beside a ticket: who the customer is, and what the platform knows of them."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils.formats import number_format
from django.utils.timesince import timesince

from shared.backoffice.past import moment_of_page
from shared.errors import DomainError
from shared.platform_client import (
    CustomerIntelligence,
    CustomerNotFound,
    PlatformUnavailable,
    platform_client,
)
from shared.session import acting
from shared.tenancy.choices import TenantStatus
from support.selectors.ticket import find_customer_of_ticket

LEVELS = ("l1", "l2", "l3")


@dataclass(frozen=True)
class CustomerCard:
    """What the template shows. ``notice`` says why there is no more to show."""

    notice: str = ""
    tier: str = ""
    archetypes: tuple[tuple[str, str], ...] = ()
    """Names from the widest level to the narrowest, each with its probability."""
    figures: tuple[tuple[str, str], ...] = field(default=())
    """What is known of the behaviour: label and value."""


def ask_for_card(request: HttpRequest, ticket_id: str) -> CustomerCard | None:
    """Before the page's unit opens: the card of the ticket's customer; None where the ticket has none.

    The page has not been guarded yet, so nothing is asked for those to whom it will not open.
    """
    staff = request.staff  # type: ignore[attr-defined]
    if not staff or staff.membership is None or staff.membership.tenant_status != TenantStatus.ACTIVE:
        return None
    try:
        identifier = uuid.UUID(ticket_id)
    except ValueError:
        return None
    request_id = request.request_id  # type: ignore[attr-defined]
    try:
        moment = moment_of_page(request, kept=True)
    except DomainError:
        return None  # the page itself says what is wrong with it
    with acting(
        domain="support",
        organization=staff.organization_id,
        actor=staff.actor,
        request_id=request_id,
        as_of=moment,
    ):
        customer_id = find_customer_of_ticket(identifier)
    if customer_id is None:
        return None
    platform = platform_client(
        organization=staff.organization_id,
        actor=staff.actor,
        request_id=request_id,
        domain="support",
        as_of=moment,
    )
    try:
        return card_of(platform.get_customer_intelligence(customer_id))
    except PlatformUnavailable:
        return CustomerCard(notice="The platform does not answer at the moment: reload the page later.")
    except CustomerNotFound:
        return CustomerCard(notice="The platform has no such customer any more.")


def card_of(known: CustomerIntelligence) -> CustomerCard:
    """What the platform said, as people read it."""
    archetypes = tuple(
        (str(found["name"]), _percent(found.get("probability")))
        for level in LEVELS
        if (found := (known.archetype or {}).get(level))
    )
    if known.profile is None:
        return CustomerCard(
            notice="Nothing is known of this customer's behaviour yet.",
            tier=known.tier,
            archetypes=archetypes,
        )
    return CustomerCard(tier=known.tier, archetypes=archetypes, figures=tuple(_figures(known.profile)))


def _figures(profile: dict[str, Any]) -> list[tuple[str, str]]:
    currency = profile.get("currency") or ""
    shown = [
        ("Interactions", _number(profile.get("interaction_count"))),
        ("Last interaction", _ago(profile.get("last_interaction_at"))),
        ("Purchases", _number(profile.get("frequency"))),
        ("Spent", _money(profile.get("monetary_value"), currency)),
        ("Lifetime value", _money(profile.get("lifetime_value"), currency)),
        ("Expected purchases", _number(profile.get("expected_purchases"))),
        ("Still active", _percent(profile.get("probability_alive"))),
        ("Churn risk", _percent(profile.get("churn_risk"))),
    ]
    return [(label, value) for label, value in shown if value]


def _number(value: Any) -> str:
    if value is None:
        return ""
    return str(number_format(round(value, 1) if isinstance(value, float) else value, force_grouping=True))


def _money(value: Any, currency: str) -> str:
    if value is None:
        return ""
    return f"{number_format(Decimal(str(value)), 2, force_grouping=True)} {currency}".strip()


def _percent(value: Any) -> str:
    return "" if value is None else f"{round(float(value) * 100)} %"


def _ago(value: Any) -> str:
    if not value:
        return ""
    moment = dt.datetime.fromisoformat(str(value))
    return f"{timesince(moment, depth=1)} ago"
