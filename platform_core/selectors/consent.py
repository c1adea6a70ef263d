"""Reading what customers have consented to."""

from __future__ import annotations

import uuid

from platform_core.selectors.customer import get_customer
from shared.platform_client.protocol import ContactDecision

SERVICE_PURPOSES = frozenset({"service", "transactional"})
"""Purposes that answer the customer or fulfil a contract: they need no consent."""


def may_contact(customer_id: uuid.UUID, *, channel: str, purpose: str) -> ContactDecision:
    """Whether a message of this purpose may go out by this channel; raises CustomerNotFound."""
    get_customer(customer_id)
    if purpose in SERVICE_PURPOSES:
        return ContactDecision(True, "Answering a customer needs no consent.")
    return ContactDecision(False, f"The customer has given no consent for {purpose} by {channel}.")
